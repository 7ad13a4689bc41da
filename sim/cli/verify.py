"""``rollrisk results verify``: read every stored file and compare it with its digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.console import log, say, say_json, shown_path
from sim.cli.status import Status

if TYPE_CHECKING:
    from sim.study.soundness import Looked


@click.command("verify")
@click.argument("studies", nargs=-1, metavar="[STUDY…]")
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where runs write."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what is wrong.")
def verify(studies: tuple[str, ...], results: Path, as_json: bool, quiet: bool) -> int:
    """Read every file of all studies, or of some, and compare it with its digest. Nothing is changed.

    Exits with 2 where a file is damaged or missing. The next run of the scenario sets a damaged file aside and plays
    anew what it held; "rollrisk report" writes a report anew. Without rollrisk: sha256sum -c rollrisk.sha256.

    \b
    Examples:
      rollrisk results verify
      rollrisk results verify textbook-1f2e3d --quiet
    """
    from sim.study.shelf import studies_in, study_named
    from sim.study.soundness import verified

    above = [] if studies else [results]
    folders = [study_named(results, study) for study in studies] or [each.folder for each in studies_in(results)]
    found = {folder: list(verified(folder)) for folder in (*above, *folders)}
    found = {folder: files for folder, files in found.items() if files or folder != results}
    if as_json:
        say_json([_plain(each) for files in found.values() for each in files])
    else:
        for line in _lines(found, quiet=quiet):
            say(line)
        if not found:
            say(f"no study in {shown_path(results)}")
    wrong = [each for files in found.values() for each in files if each.is_wrong]
    if wrong:
        log(f"{len(wrong)} file{'s are' if len(wrong) > 1 else ' is'} not as written; run the scenario again")
    return Status.BAD_INPUT if wrong else Status.DONE


def _lines(found: dict[Path, list[Looked]], *, quiet: bool) -> Iterator[str]:
    from sim.study.soundness import put_aside

    for folder, files in found.items():
        wrong = [each for each in files if each.is_wrong]
        yield from (f"{each.state.value:<8}{shown_path(each.path)}: {each.why}" for each in wrong)
        if not quiet:
            yield from (f"set aside {shown_path(path)}" for path in put_aside(folder))
            yield f"ok      {shown_path(folder)}: {_counted(files)}"


def _counted(files: Sequence[Looked]) -> str:
    from sim.study.soundness import State

    sound, unlisted = (sum(each.state == state for each in files) for state in (State.SOUND, State.UNLISTED))
    told = f"{sound} file{'' if sound == 1 else 's'} as written"
    return f"{told}, {unlisted} without a digest (an earlier version wrote them)" if unlisted else told


def _plain(each: Looked) -> dict[str, str]:
    return {"file": str(each.path), "state": each.state.value, "why": each.why}
