"""``rollrisk run``: play the studies of one or many files, print each answer, write each report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import batch, status
from sim.cli.batch import Ended
from sim.cli.console import log, say, say_json, shown_path
from sim.cli.engines import engine_option
from sim.cli.outputs import force_option, inputs_of
from sim.cli.overrides import overridden, study_options
from sim.cli.press import Press
from sim.cli.progress import FORMS, SCHEMA, Watch, event
from sim.cli.status import Status
from sim.cli.whole import Whole
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.study.executors import Shared
    from sim.study.extras import Wanted
    from sim.study.findings import Findings

EXECUTORS = ("processes", "in-process", "dask")


@click.command("run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes to play with.  [default: one per core]")
@click.option("--executor", type=click.Choice(EXECUTORS), default="processes", show_default=True, help="Who plays.")
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster, as tcp://host:8786.")
@study_options
@click.option("--anyway", is_flag=True, help="Play also what is too much for this machine.")
@click.option("--fresh", is_flag=True, help="Do not use what earlier runs have played.")
@click.option("--series", is_flag=True, help="Also keep a time series of every replication, as Parquet.")
@click.option("--sample", metavar="SHARE", help="Also keep a share of the requests, as 1%, as Parquet.")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON document.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="XML", help="Write the criteria as JUnit XML, too.")
@click.option(
    "--progress", "form", type=click.Choice(FORMS), default="auto", show_default=True, help="On stderr; json: events."
)
@force_option
@click.option("--quiet", "-q", is_flag=True, help="No progress, only the verdict and the criteria.")
def command(
    files: tuple[Path, ...],
    results: Path,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    precision: str | None,
    until_best: bool | None,
    cap: int | None,
    seed: int | None,
    anyway: bool,
    fresh: bool,
    series: bool,
    sample: str | None,
    engine: str,
    as_json: bool,
    junit: Path | None,
    form: str,
    force: bool,
    quiet: bool,
) -> int:
    """Play releases by every strategy of a scenario and say which to choose.

    Many files are a batch: all are checked before the first is played, and a table of all of them stands at the end and
    in RESULTS/index.html. What an earlier run has played is used again: a longer study (--precision 5%, a higher
    --cap), or one with a strategy more, plays only what is missing.

    \b
    Examples:
      rollrisk run scenarios/textbook.yaml
      rollrisk run scenarios/*.yaml --quiet --junit risk.xml
      rollrisk run scenarios/*.yaml --executor dask --scheduler tcp://host:8786
      rollrisk run my.yaml --precision 5% --json
    """
    from sim.scenario import load_all
    from sim.study.machine import cores

    if (executor == "dask") != bool(scheduler):
        raise UsageError("--executor dask and --scheduler ADDRESS go together, as --scheduler tcp://host:8786")
    wanted = _wanted(series, sample)
    asked = {"precision": precision, "until_best": until_best, "cap": cap, "seed": seed}
    scenarios = [overridden(scenario, **asked) for scenario in load_all(list(files))]
    inputs = inputs_of(files)
    _check_outputs(files, results, junit, inputs, force=force)
    if executor != "dask" and not anyway:
        _refuse_too_much(files, scenarios, results, 1 if executor == "in-process" else workers)
    shown = "none" if form == "auto" and (quiet or as_json) else form
    if shown == "json":
        event({"type": "version", "schema": SCHEMA})
    ended: list[Ended] = []
    with (  # workers leave first, while the last reports are drawn
        Press(len(scenarios), beside=executor != "in-process" and workers != 1 and cores() > 1) as press,
        batch.workers_for_all(executor, workers, scheduler) as runner,
    ):
        playing = _Playing(files, results, runner, press, fresh, engine, shown, Whole(len(scenarios)), wanted)
        for each in batch.played(files, scenarios, playing.study):
            ended.append(each)
            _tell_one(each, quiet=quiet, as_json=as_json, several=len(files) > 1)
            if shown == "json":
                event(_ended_event(each))
    if as_json:
        _tell_json(ended)
    became = [_refused(error) for error in press.refused]
    became += [each.status for each in ended if each.status is not None]
    if len(ended) > 1:
        became.append(_written(lambda: _tell_batch(ended, results, quiet=quiet, as_json=as_json, force=force)))
    if junit is not None:
        became.append(_written(lambda: batch.write_junit(ended, junit, inputs=inputs, force=force)))
    return status.gravest(became)


def _refuse_too_much(files: Sequence[Path], scenarios: Sequence[Scenario], results: Path, workers: int | None) -> None:
    """Before anything is played; raises UsageError that says what to lower."""
    from sim.study.room import room_for, this_machine, too_much

    machine = this_machine(results)
    beyond = [
        f"{file}: {words}"
        for file, scenario in zip(files, scenarios, strict=True)
        for words in too_much(room_for(scenario, workers), machine, scenario)
    ]
    if beyond:
        raise UsageError("\n".join([*beyond, "or play it all the same, with --anyway"]))


def _check_outputs(
    files: Sequence[Path], results: Path, junit: Path | None, inputs: Sequence[Path], *, force: bool
) -> None:
    """Before anything is played.

    Raises :class:`UsageError` where what is to be written would destroy something.
    """
    from sim.study import outputs

    if results.exists() and not results.is_dir():
        raise UsageError(f"--results {results} is a file; name a folder")
    if junit is not None:
        outputs.check(junit, outputs.JUNIT, inputs=inputs, force=force)
    if len(files) > 1:
        for file in batch.check_overview(results, force=force):
            log(f"set aside, not trusted: {results / file}")


def _written(write: Callable[[], None]) -> Status:
    """Write a file after all has been said; that one cannot be written keeps no other from being written."""
    try:
        write()
    except UsageError as error:
        return _refused(error)
    return Status.DONE


def _refused(error: UsageError) -> Status:
    log(str(error))
    return Status.BAD_INPUT


def _wanted(series: bool, sample: str | None) -> Wanted:
    """What to keep beyond the rows.

    Raises :class:`UsageError` for a share that is none.
    """
    from sim.study.extras import Wanted
    from sim.units import share as share_of

    try:
        share = 0.0 if sample is None else share_of(sample)
    except ValueError as error:
        raise UsageError(f"--sample {sample}: {error}") from error
    return Wanted(series=series, sample=share)


@dataclass(frozen=True, slots=True)
class _Playing:
    """All studies of a command are played alike."""

    files: Sequence[Path]
    results: Path
    runner: Shared
    press: Press
    fresh: bool
    engine: str
    form: str
    whole: Whole
    wanted: Wanted

    def study(self, place: int, scenario: Scenario) -> tuple[Findings, Path | None]:
        """Play one, and have its report written; no place where that cannot be done, for the answer is there."""
        from sim.study import run

        self.press.get_ready()
        if self.form == "auto":
            log(f"{scenario.name}: {self._how_long(place, scenario)}")
        with Watch(scenario.name, form=self.form, whole=self.whole) as watch:
            findings = run(
                scenario,
                results=self.results,
                runner=self.runner,
                fresh=self.fresh,
                engine=self.engine,
                wanted=self.wanted,
                file=self.files[place - 1],
                on_progress=watch,
            )
        for file in findings.set_aside:
            log(f"set aside, not trusted: {file}")
        last = place == self.whole.studies or findings.interrupted
        if last:
            self.runner.dismiss()
        try:
            return findings, self.press.send(findings, self.engine, last=last)
        except UsageError as error:
            log(f"{error}; what was played is kept: rollrisk report {shown_path(findings.folder)} writes it later")
            return findings, None

    def _how_long(self, place: int, scenario: Scenario) -> str:
        """What the study will take, in words."""
        from sim.study.planning import plan

        file, workers = self.files[place - 1], self.runner.workers
        planned = plan(scenario, results=self.results, workers=workers, file=file, measure=True)
        return planned.time.words()


def _tell_one(each: Ended, *, quiet: bool, as_json: bool, several: bool) -> None:
    if each.broke is not None:
        log(f"{each.file}: {each.broke}\nThe other files go on. This is a fault of rollrisk; please report it.")
    if each.too_early:
        log(f"{each.file}: interrupted before there was anything to tell; the same command goes on from there")
    if each.findings is None:
        return
    if not as_json:
        if quiet and several:
            say(each.scenario.name)
        _tell(each.findings, _shown(each.page), quiet=quiet)
    if each.findings.interrupted:
        log(f"interrupted: {shown_path(each.findings.folder)} keeps what is done; the same command goes on from there")


def _ended_event(each: Ended) -> dict[str, object]:
    found = each.findings
    return {
        "type": "study",
        "study": each.scenario.name,
        "file": str(each.file),
        "status": each.word,
        "recommended": found.ruling.recommended if found else None,
        "folder": found.folder if found else None,
        "seconds": round(each.seconds, 3),
    }


def _shown(page: Path | None) -> str:
    return "" if page is None else shown_path(page)


def _tell(findings: Findings, page: str, *, quiet: bool) -> None:
    from sim.report import fleet, terminal
    from sim.scenario.arithmetic import fleet_arithmetic

    if quiet:
        say("\n".join(terminal.short(findings)))
        return
    carried = fleet.sentence(fleet_arithmetic(findings.scenario), findings.scenario)
    say(terminal.answer(findings, page=page, fleet=carried))


def _tell_json(ended: Sequence[Ended]) -> None:
    """One document: the study's, or with many files a list of them."""
    from sim.report.document import document

    documents = [document(each.findings, page=_shown(each.page)) for each in ended if each.findings]
    say_json(documents[0] if len(ended) == 1 and documents else documents)


def _tell_batch(ended: Sequence[Ended], results: Path, *, quiet: bool, as_json: bool, force: bool) -> None:
    """The table of all files; when quiet a line per file, for a machine to search."""
    from sim.report import overview
    from sim.report.terminal import batch_line

    lines = batch.lines_of(ended, results)
    if quiet and not as_json:
        for each in ended:
            say(batch_line(str(each.file), each.findings, each.word) if each.findings else f"{each.file}: {each.word}")
    elif not as_json:
        say("\n".join(overview.table(lines)))
    page = batch.write_overview(lines, results, force=force)
    if not quiet and not as_json:
        say(f"\noverview  {shown_path(page)}")
