"""Reports drawn beside the playing: in a process of its own, while the next study of a batch is played.

Drawing the pages took a quarter of the processor time of a batch of small studies, and all workers stood idle
meanwhile. Whatever goes wrong in that process, the report is drawn here instead, so that the press has no say in what
a batch ends with.
"""

from __future__ import annotations

import importlib
import threading
from collections import deque
from concurrent.futures import Executor, Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.study.findings import Findings

WORTH_A_PROCESS = 3
"""Studies from which on a process of its own is worth its start."""
WAITING = 4
"""Reports under way at once; with more of them the batch waits, for each keeps its findings in memory."""
DRAWING = ("pandas", "matplotlib.figure", "matplotlib.backends.backend_svg", "sim.report.story", "sim.report.write")
Sent: TypeAlias = tuple["Findings", str, Future[Path]]


class Press:
    """Draws the reports of a batch; a context manager that leaves when the last is drawn."""

    def __init__(self, studies: int, *, beside: bool) -> None:
        """``beside`` says whether more than one processor may be used."""
        self._parallel, self._beside = beside, beside and studies >= WORTH_A_PROCESS
        self._loading: threading.Thread | None = None
        self._pool: Executor | None = None
        self._sent: deque[Sent] = deque()
        self.refused: list[UsageError] = []  # of reports that were to be drawn beside, and that the disk did not take

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what was sent, unless the batch was broken off."""
        try:
            while kind is None and self._sent:
                self._take()
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def get_ready(self) -> None:
        """Load what draws while workers play, where this process will draw: afterwards they would stand idle."""
        if self._parallel and not self._beside and self._loading is None:
            self._loading = threading.Thread(target=_load, daemon=True)
            self._loading.start()

    def send(self, findings: Findings, engine: str, *, last: bool) -> Path:
        """Have a report drawn; gives back where its page lies, or will lie.

        The last one is drawn here, beside what is still under way, unless the press has been started and is free.

        Raises :class:`sim.errors.UsageError` naming the path where a report that is drawn here cannot be written.
        """
        from sim.report.write import PAGE

        if not self._beside or (last and not self._is_free()):
            return draw(findings, engine)
        while len(self._sent) >= WAITING:
            self._take()
        self._sent.append((findings, engine, self._ask(findings, engine)))
        return Path(findings.folder) / PAGE

    def _is_free(self) -> bool:
        """Whether there is a press that waits for work: it has loaded what draws, which takes as long as drawing."""
        return self._pool is not None and all(future.done() for _, _, future in self._sent)

    def _ask(self, findings: Findings, engine: str) -> Future[Path]:
        from concurrent.futures import BrokenExecutor

        from sim.study.processes import spawn_pool

        try:
            self._pool = self._pool or spawn_pool(1)
            return self._pool.submit(draw, findings, engine)
        except BrokenExecutor as error:
            failed: Future[Path] = Future()
            failed.set_exception(error)
            return failed

    def _take(self) -> None:
        """Wait for the oldest; what could not be drawn there is drawn here, or it is kept why not."""
        findings, engine, future = self._sent.popleft()
        try:
            if future.exception() is not None:
                draw(findings, engine)
        except UsageError as error:
            self.refused.append(error)


def _load() -> None:
    """Import what draws: it takes as long as drawing. The engine is left to those who play."""
    for name in DRAWING:
        importlib.import_module(name)


def draw(findings: Findings, engine: str) -> Path:
    """Draw and write the report of a study into its folder.

    Raises :class:`sim.errors.UsageError` naming the path where the disk does not take it.
    """
    from sim.report.story import bad_stories
    from sim.report.write import DRAWN, write_report
    from sim.study import frame

    stories = list(bad_stories(findings, engine=engine))
    return write_report(findings, frame(findings, DRAWN), stories, Path(findings.folder))
