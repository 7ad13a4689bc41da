"""``rollrisk run``: play the studies of one or many files, print each answer, write each report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import status
from sim.cli.console import log, say, say_json, shown_path
from sim.cli.overrides import overridden, study_options
from sim.cli.progress import Watch
from sim.cli.status import Status

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.study.findings import Findings


@click.command("run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes to play with.  [default: one per core]")
@study_options
@click.option("--fresh", is_flag=True, help="Do not use what earlier runs have played.")
@click.option("--engine", default="compiled", show_default=True, help="Request engine: compiled or reference.")
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="No progress, only the verdict and the criteria.")
def command(
    files: tuple[Path, ...],
    results: Path,
    workers: int | None,
    precision: str | None,
    until_best: bool | None,
    cap: int | None,
    seed: int | None,
    fresh: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Play releases by every strategy of a scenario and say which to choose.

    Many files are a batch: all are checked before the first is played, and a line per file stands at the end. What an
    earlier run has played is used again; a longer study (--precision 5%, a higher --cap) goes on where it ended.

    \b
    Examples:
      rollrisk run scenarios/textbook.yaml
      rollrisk run scenarios/*.yaml --quiet
      rollrisk run my.yaml --precision 5% --json
    """
    from sim.scenario import load_all

    asked = {"precision": precision, "until_best": until_best, "cap": cap, "seed": seed}
    scenarios = [overridden(scenario, **asked) for scenario in load_all(list(files))]
    answered: list[tuple[Findings, Path]] = []
    for scenario in scenarios:
        findings, page = _played(
            scenario, results=results, workers=workers, fresh=fresh, engine=engine, quiet=quiet or as_json
        )
        answered.append((findings, page))
        if quiet and len(scenarios) > 1 and not as_json:
            say(scenario.name)
        if not as_json:
            _tell(findings, page, quiet=quiet)
        if findings.interrupted:
            log(f"interrupted: {shown_path(findings.folder)} keeps what is done; the same command goes on from there")
            break
    if as_json:
        _tell_json(answered)
    elif len(scenarios) > 1:
        _tell_batch(files, answered)
    return status.gravest(status.of_findings(findings) for findings, _ in answered)


def _played(
    scenario: Scenario, *, results: Path, workers: int | None, fresh: bool, engine: str, quiet: bool
) -> tuple[Findings, Path]:
    """Play, and write the report."""
    from sim.report.story import bad_stories
    from sim.report.write import write_report
    from sim.study import frame, run

    with Watch(scenario.name, quiet=quiet) as watch:
        findings = run(scenario, results=results, workers=workers, fresh=fresh, engine=engine, on_progress=watch)
    for file in findings.set_aside:
        log(f"set aside, not trusted: {file}")
    stories = list(bad_stories(findings, engine=engine))
    return findings, write_report(findings, frame(findings), stories, Path(findings.folder))


def _tell(findings: Findings, page: Path, *, quiet: bool) -> None:
    from sim.report import fleet, terminal
    from sim.scenario.arithmetic import fleet_arithmetic

    if quiet:
        say("\n".join(terminal.short(findings)))
        return
    carried = fleet.sentence(fleet_arithmetic(findings.scenario), findings.scenario)
    say(terminal.answer(findings, page=shown_path(page), fleet=carried))


def _tell_json(answered: Sequence[tuple[Findings, Path]]) -> None:
    """One document: the study's, or with many files a list of them."""
    from sim.report.document import document

    documents = [document(findings, page=shown_path(page)) for findings, page in answered]
    say_json(documents[0] if len(documents) == 1 else documents)


def _tell_batch(files: Sequence[Path], answered: Sequence[tuple[Findings, Path]]) -> None:
    """A line per file."""
    from sim.report.terminal import batch_line

    for number, file in enumerate(files):
        if number < len(answered):
            findings = answered[number][0]
            say(batch_line(str(file), findings, _word(status.of_findings(findings))))
        else:
            say(f"{file}: not played")


def _word(code: Status) -> str:
    return {
        Status.DONE: "ok", Status.FAILED: "FAILED", Status.UNDECIDED: "undecided", Status.INTERRUPTED: "interrupted"
    }[code]  # fmt: skip
