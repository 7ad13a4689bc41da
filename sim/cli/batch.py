"""The studies of several files after one another on the same workers, and what is written when the last has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli import status
from sim.cli.status import Status
from sim.errors import ModelError

if TYPE_CHECKING:
    from sim.report.overview import Line
    from sim.scenario.resolved import Scenario
    from sim.study.executors import Runner, Shared
    from sim.study.findings import Findings

INDEX, TABLE, MEMORY = "index.html", "overview.csv", "overview.json"
WORDS = {
    Status.DONE: "ok",
    Status.FAILED: "FAILED",
    Status.UNDECIDED: "undecided",
    Status.NONE_SHIPS: "none ships",
    Status.INTERRUPTED: "interrupted",
    Status.UNEXPECTED: "broke",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one file of a batch ended; without findings it was not played, or ``broke``; with findings and no page its
    report could not be written.
    """

    file: Path
    scenario: Scenario
    findings: Findings | None = None
    page: Path | None = None
    seconds: float = 0.0
    broke: ModelError | None = None
    too_early: bool = False  # interrupted before there was anything to tell

    @property
    def status(self) -> Status | None:
        """None where it was not played."""
        if self.broke is not None:
            return Status.UNEXPECTED
        if self.too_early:
            return Status.INTERRUPTED
        if self.findings is None:
            return None
        found = status.of_findings(self.findings)
        return found if self.page is not None else status.gravest([found, Status.BAD_INPUT])

    @property
    def word(self) -> str:
        """For a table how it was played, whether or not its report could be written."""
        if self.findings is not None and self.broke is None:
            return WORDS[status.of_findings(self.findings)]
        return "not played" if self.status is None else WORDS[self.status]


def played(
    files: Sequence[Path], scenarios: Sequence[Scenario], play: Callable[[int, Scenario], tuple[Findings, Path | None]]
) -> Iterator[Ended]:
    """Play one after the other. One that breaks does not take the others with it; an interrupt ends them all."""
    from sim.study.interrupt import TooEarlyError

    over = False
    for place, (file, scenario) in enumerate(zip(files, scenarios, strict=True), start=1):
        if over:
            yield Ended(file=file, scenario=scenario)
            continue
        began = time.monotonic()
        try:
            findings, page = play(place, scenario)
        except ModelError as error:
            if len(files) == 1:
                raise
            yield Ended(file=file, scenario=scenario, broke=error, seconds=time.monotonic() - began)
            continue
        except TooEarlyError:
            over = True
            yield Ended(file=file, scenario=scenario, too_early=True, seconds=time.monotonic() - began)
            continue
        over = findings.interrupted
        yield Ended(file=file, scenario=scenario, findings=findings, page=page, seconds=time.monotonic() - began)


@contextmanager
def workers_for_all(executor: str, workers: int | None, scheduler: str | None) -> Iterator[Shared]:
    """A runner that stays up from the first study to the last; when stopped at once its workers are, too."""
    from sim.study.executors import InProcess, Shared
    from sim.study.processes import LocalProcesses, kill_workers

    made: Runner
    if executor == "dask":
        from sim.study.clustered import DaskWorkers

        made = DaskWorkers(scheduler or "")
    else:
        made = InProcess() if executor == "in-process" or workers == 1 else LocalProcesses(workers)
    shared = Shared(made)
    try:
        yield shared
    except KeyboardInterrupt:
        kill_workers()
        raise
    finally:
        shared.end()


def lines_of(ended: Sequence[Ended], results: Path) -> list[Line]:
    """A line for each file of a batch, with what has changed since the last one."""
    before = _remembered(results)
    return [_line(each, results, before) for each in ended]


def write_overview(lines: Sequence[Line], results: Path, *, force: bool = False) -> Path:
    """Write page and table of a batch; where the page lies.

    Raises :class:`sim.errors.UsageError` naming the path where the disk does not take it, or where it would replace
    what is no overview.
    """
    from sim.report import overview
    from sim.study.outputs import OVERVIEW_MEMORY, OVERVIEW_TABLE, PAGE, store
    from sim.study.provenance import now, version

    made = f"rollrisk {version('rollrisk')}, {now()}"
    kept = overview.kept(lines, _remembered(results))
    memory = json.dumps(kept, indent=2, ensure_ascii=False, allow_nan=False)
    files = {
        INDEX: (PAGE, overview.page(lines, made=made).encode()),
        TABLE: (OVERVIEW_TABLE, overview.csv_text(lines).encode()),
        MEMORY: (OVERVIEW_MEMORY, memory.encode() + b"\n"),
    }
    store(results, files, force=force)
    return results / INDEX


def check_overview(results: Path, *, force: bool) -> list[str]:
    """Before anything is played: what was damaged of the last overview and is set aside now.

    Raises :class:`sim.errors.UsageError` where the overview would replace what is not one.
    """
    from sim.study.outputs import OVERVIEW_MEMORY, OVERVIEW_TABLE, PAGE, check
    from sim.study.soundness import cleared_of_damage

    aside = cleared_of_damage(results)
    for name, kind in ((INDEX, PAGE), (TABLE, OVERVIEW_TABLE), (MEMORY, OVERVIEW_MEMORY)):
        check(results / name, kind, force=force)
    return aside


def write_junit(ended: Sequence[Ended], place: Path, *, inputs: Sequence[Path], force: bool) -> None:
    """Write the criteria of a batch as JUnit XML.

    Raises :class:`sim.errors.UsageError` naming the path where it cannot be written or would destroy something.
    """
    from sim.report.junit import Suite, junit
    from sim.study.outputs import JUNIT, write

    suites = [
        Suite(
            file=str(each.file),
            name=each.scenario.name,
            findings=each.findings,
            seconds=each.seconds,
            reason=_reason(each),
            broke=each.broke is not None,
        )
        for each in ended
    ]
    write(place, junit(suites).encode(), JUNIT, inputs=inputs, force=force)


def _reason(each: Ended) -> str:
    if each.broke is not None:
        return str(each.broke)
    what = "interrupted" if each.too_early else "not played: the batch was interrupted before"
    return f"{what}; the same command goes on"


def _line(each: Ended, results: Path, before: dict[str, Any]) -> Line:
    from sim.report import overview

    if each.findings is None:
        return overview.Line(file=str(each.file), name=each.scenario.name, became=each.word)
    page = each.page.relative_to(results).as_posix() if each.page else ""
    return overview.line(str(each.file), each.findings, each.word, page, before.get(each.scenario.name))


def _remembered(results: Path) -> dict[str, Any]:
    from sim.study.digests import checked

    try:
        found = json.loads(checked(results, MEMORY))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
