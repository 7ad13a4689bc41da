"""``rollrisk report``: write the report of a study anew from its results folder; nothing of the study is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.console import log, say, shown_path
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.study.findings import Findings


@click.command("report")
@click.argument("results", nargs=-1, required=True, metavar="RESULT…", type=click.Path(path_type=Path))
@click.option("--quiet", "-q", is_flag=True, help="Only the path of each page.")
def command(results: tuple[Path, ...], quiet: bool) -> None:
    """Write report.html, report.md and report.json anew from a results folder.

    Only the releases shown as timelines are played again, and only where the same program played the study.

    \b
    Examples:
      rollrisk report results/textbook-1f2e3d
      rollrisk report results/*/
    """
    for result in results:
        page, told = rebuilt(folder_of(result))
        if told and not quiet:
            log(told)
        say(shown_path(page))


def folder_of(result: Path) -> Path:
    """A results folder, named by itself or by a file in it.

    Raises :class:`UsageError` where there is nothing.
    """
    if not result.exists():
        raise UsageError(f"{result} does not exist; give a folder that a run wrote, such as results/textbook-1f2e3d")
    return result if result.is_dir() else result.parent


def rebuilt(folder: Path, findings: Findings | None = None) -> tuple[Path, str]:
    """Write the report into its folder, of what lies there or of findings read from it; where it lies, and what must
    be said of it.
    """
    from sim.report.story import bad_stories
    from sim.report.write import DRAWN, write_report
    from sim.study import frame, read
    from sim.study.model import model_digest

    findings = findings or read(folder)
    same = (findings.provenance or {}).get("model") == model_digest()
    stories = list(bad_stories(findings)) if same else []
    return write_report(findings, frame(findings, DRAWN), stories, folder), "\n".join(_left_out(folder, findings, same))


def _left_out(folder: Path, findings: Findings, same: bool) -> Iterator[str]:
    from sim.report.swept import outdated

    if not same:
        yield f"{folder}: played by another version of the program, so its timelines are left out"
    changed = outdated(folder, findings)
    if changed:
        yield f"{folder}: its sweep is left out, for this has changed between the two: {changed}"
