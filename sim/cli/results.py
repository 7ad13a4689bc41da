"""``rollrisk results``: list, show, compare and remove the studies that runs have left."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, plain, say, say_json, shown_path
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.study.findings import Findings
    from sim.study.shelf import Kept

_WHERE = click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where runs write."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("results")
def command() -> None:
    """List, show, compare and remove the studies that runs have left.

    A study is named by its folder, or by the beginning of the folder's name or of its identity.

    \b
    Examples:
      rollrisk results list
      rollrisk results show textbook
      rollrisk results compare textbook-1f2e3d textbook-4a5b6c
      rollrisk results remove textbook-1f2e3d
    """


@command.command("list")
@_WHERE
@_JSON
def list_studies(results: Path, as_json: bool) -> None:
    """All studies, the latest first."""
    from sim.study.shelf import studies_in

    found = studies_in(results)
    if as_json:
        say_json([_plain(each) for each in found])
    elif not found:
        say(f"no study in {shown_path(results)}")
    else:
        _say_table([("STUDY", "REPLICATIONS", "SIZE", "LAST RUN", ""), *(_row(each) for each in found)])


@command.command("show")
@click.argument("study")
@_WHERE
@_JSON
def show(study: str, results: Path, as_json: bool) -> None:
    """The answer of a study, as its run told it, and with what it was made."""
    from sim.report import terminal
    from sim.report.document import document
    from sim.study import read
    from sim.study.shelf import study_named

    folder = study_named(results, study)
    findings, page = read(folder), folder / "report.html"
    if as_json:
        say_json(document(findings, page=shown_path(page)))
        return
    say(terminal.answer(findings, page=shown_path(page) if page.exists() else shown_path(folder)))
    for name, value in (findings.provenance or {}).items():
        say(f"{name:<9} {value}")


@command.command("compare")
@click.argument("first")
@click.argument("second")
@_WHERE
@_JSON
def compare(first: str, second: str, results: Path, as_json: bool) -> None:
    """What two studies were asked differently, and what came of it.

    Figures are those of each study by itself; "apart" stands where their intervals do not touch.
    """
    from sim.study import read
    from sim.study.shelf import study_named

    places = [study_named(results, name) for name in (first, second)]
    found = [read(folder) for folder in places]
    changed = list(_changed(places))
    if as_json:
        rows = [dict(zip(("strategy", "first", "second", "apart"), row, strict=True)) for row in _figures(found)]
        say_json({"folders": [str(place) for place in places], "scenario": changed, "figures": rows})
        return
    say(f"- {shown_path(places[0])}\n+ {shown_path(places[1])}")
    say("\n".join(changed) or "the scenarios are alike")
    say("")
    measure = found[0].ruling.measure
    heads = (f"{measure} per release", "first", "second", "")
    _say_table([heads, *((name, one, other, "apart" if apart else "") for name, one, other, apart in _figures(found))])
    for place, findings in zip(("first", "second"), found, strict=True):
        say(f"{place:<7} {plain(findings.ruling.sentence)}")


@command.command("remove")
@click.argument("studies", nargs=-1, required=True, metavar="STUDY…")
@_WHERE
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(studies: tuple[str, ...], results: Path, yes: bool) -> None:
    """Remove studies. What a run did not write stays."""
    from sim.study import shelf

    folders = [shelf.study_named(results, study) for study in studies]
    if not yes:
        _ask(folders)
    for folder in folders:
        left = shelf.remove(folder)
        say(f"removed {shown_path(folder)}")
        if left:
            log(f"{shown_path(folder)} keeps what no run wrote: {', '.join(left)}")


def _ask(folders: Sequence[Path]) -> None:
    """Raises :class:`UsageError` where nobody can be asked."""
    import sys

    if not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked; to remove without asking, say --yes")
    click.confirm(f"Remove {', '.join(shown_path(folder) for folder in folders)}?", abort=True, err=True)


def _changed(folders: Sequence[Path]) -> Iterator[str]:
    """The lines in which the resolved scenarios differ."""
    first, second = ((folder / "scenario.yaml").read_text(encoding="utf-8").splitlines() for folder in folders)
    for line in difflib.unified_diff(first, second, lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _figures(found: Sequence[Findings]) -> Iterator[tuple[str, str, str, bool]]:
    from sim.report.wording import with_noise

    key = (found[0].ruling.measure, "release")
    for strategy in dict.fromkeys(name for findings in found for name in findings.strategies):
        one, other = (findings.estimates.get((key[0], strategy, key[1])) for findings in found)
        apart = bool(one and other and (one.low > other.high or other.low > one.high))
        yield strategy, plain(with_noise(one)) if one else "-", plain(with_noise(other)) if other else "-", apart


def _row(each: Kept) -> tuple[str, ...]:
    notes = [] if each.same_model else ["another version of the program"]
    notes += [] if each.ended else ["did not end; the same command goes on"]
    notes += [f"{each.files_set_aside} files set aside"] if each.files_set_aside else []
    size = f"{each.bytes / 1e6:.1f} MB"
    return each.folder.name, f"{each.replications:,}", size, each.last_run[:16].replace("T", " "), "; ".join(notes)


def _plain(each: Kept) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(each), "folder": str(each.folder)}


def _say_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
