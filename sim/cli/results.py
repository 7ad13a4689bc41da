"""``rollrisk results``: list, show, compare, verify and remove the studies that runs have left."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, plain, say, say_json, shown_path, width
from sim.cli.verify import verify
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.study.findings import Findings
    from sim.study.shelf import Kept

SIDES = ("first", "second")
GIVEN = {"release": "per release", "bad": "if bad"}
LONGEST = 60
"""Signs of a value that are shown."""

_WHERE = click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where runs write."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("results")
def command() -> None:
    """List, show, compare, verify and remove the studies that runs have left.

    A study is named by its folder, or by the beginning of the folder's name or of its identity.

    \b
    Examples:
      rollrisk results list
      rollrisk results show textbook
      rollrisk results compare textbook-1f2e3d textbook-4a5b6c
      rollrisk results verify
      rollrisk results remove textbook-1f2e3d
    """


command.add_command(verify)


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
        _say_table([("STUDY", "ROWS", "SIZE", "LAST RUN, UTC", ""), *(_row(each) for each in found)])
        if not all(each.same_model for each in found):
            say("*  played by another version of the program; the next run plays it anew")
        if not all(each.ended for each in found):
            say("** was killed, or is under way: the same command goes on from there")


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
    changed = list(_changed(found[0].scenario.document, found[1].scenario.document))
    figures = list(_figures(found))
    if as_json:
        say_json({"folders": [str(place) for place in places], "scenario": changed, "figures": figures})
        return
    for word, place in zip(SIDES, places, strict=True):
        say(f"{word:<7} {shown_path(place)}")
    say("\nasked differently" if changed else "\nthe scenarios are alike")
    for each in changed:
        _say_folded(f"{each['where']}: {_apart(each['first'], each['second'])}", "  ", "      ")
    say("")
    for given in dict.fromkeys(each["given"] for each in figures):
        rows = [each for each in figures if each["given"] == given]
        heads = (f"{rows[0]['measure']} {GIVEN[given]}", *SIDES, "")
        _say_table([heads, *((each["strategy"], *_sides(each), "apart" if each["apart"] else "") for each in rows)])
        say("")
    for word, findings in zip(SIDES, found, strict=True):
        _say_folded(plain(findings.ruling.sentence), f"{word:<8}", " " * 8)


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


def _changed(first: Any, second: Any, where: str = "") -> Iterator[dict[str, Any]]:
    """Where two resolved scenarios differ, with what stands there in each; null where nothing does."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in dict.fromkeys([*first, *second]):
            yield from _changed(first.get(key), second.get(key), f"{where}.{key}" if where else str(key))
    elif first != second:
        yield {"where": where, "first": first, "second": second}


def _apart(first: Any, second: Any) -> str:
    if first is None or second is None:
        return f"only in the {SIDES[1] if first is None else SIDES[0]}"
    return f"{_value(first)} -> {_value(second)}"


def _value(value: Any) -> str:
    """What stands in a scenario, short."""
    plainly = isinstance(value, str | int | float) and not isinstance(value, bool)
    text = str(value) if plainly else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _figures(found: Sequence[Findings]) -> Iterator[dict[str, Any]]:
    """The deciding measure of each study's strategies, over all releases and over bad ones."""
    from sim.report.wording import with_noise

    measure = found[0].ruling.measure
    for given in GIVEN:
        for strategy in dict.fromkeys(name for findings in found for name in findings.strategies):
            one, other = (findings.estimates.get((measure, strategy, given)) for findings in found)
            apart = bool(one and other and (one.low > other.high or other.low > one.high))
            words = [plain(with_noise(each)) if each else "-" for each in (one, other)]
            yield {"strategy": strategy, **dict(zip(SIDES, words, strict=True)), "apart": apart,
                   "measure": measure, "given": given}  # fmt: skip


def _sides(figure: Mapping[str, Any]) -> tuple[str, str]:
    return figure[SIDES[0]], figure[SIDES[1]]


def _say_folded(text: str, first: str, other: str) -> None:
    """A sentence over as many lines as it needs."""
    lines = textwrap.wrap(text, width(), initial_indent=first, subsequent_indent=other, break_on_hyphens=False)
    say("\n".join(lines))


def _row(each: Kept) -> tuple[str, ...]:
    notes = [] if each.same_model else ["other version *"]
    notes += [] if each.ended else ["did not end **"]
    notes += [f"{each.files_set_aside} set aside"] if each.files_set_aside else []
    size = f"{each.bytes / 1e6:.1f} MB"
    return each.folder.name, f"{each.replications:,}", size, each.last_run[:16].replace("T", " "), "; ".join(notes)


def _plain(each: Kept) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(each), "folder": str(each.folder)}


def _say_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
