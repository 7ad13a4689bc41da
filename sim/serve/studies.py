"""The full studies that were sent from the page: one plays at a time, the others wait, all are kept as played.

Everything a study writes goes into its own folder in the results folder, under a name made here. What the page may read
back of it are the report's files, and those only as files of that folder.
"""

from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sim.errors import UsageError
from sim.named_files import Inside
from sim.report.write import DOCUMENT, PAGE, SUMMARY
from sim.scenario import identity
from sim.scenario.resolved import Scenario
from sim.serve.sending import Told, play_study
from sim.study.digests import DIFFERS, DIGESTS, compared, digest_of
from sim.study.folders import MANIFEST, folder_of

MOST_WAITING = 8
LARGEST = 20_000_000
FILES = {PAGE: "text/html; charset=utf-8", SUMMARY: "text/plain; charset=utf-8", DOCUMENT: "application/json"}


@dataclass(slots=True)
class Sent:
    """A study that was sent from the page."""

    folder: str
    scenario: Scenario
    address: str  # of the look it was sent from
    told: Told = field(default_factory=Told)
    process: BaseProcess | None = None
    line: Connection | None = None

    @property
    def state(self) -> str:
        """waiting, playing, done, stopped or failed."""
        if self.told.ended:
            return self.told.ended if self.told.ended in ("done", "stopped") else "failed"
        return "waiting" if self.process is None else "playing"


class Studies:
    """All studies of one server, and the results folder they go to."""

    def __init__(self, results: Path, workers: int) -> None:
        self.results, self._workers = results, workers
        self._sent: dict[str, Sent] = {}

    def send(self, scenario: Scenario, address: str) -> str:
        """Have a study played; its folder's name. One that is waiting or playing is not sent twice.

        Raises UsageError when too many wait, or the place it would write to leads elsewhere.
        """
        place = folder_of(self.results, scenario.name, identity(scenario))
        self.listen()
        known = self._sent.get(place.name)
        if known is not None and known.state in ("waiting", "playing"):
            return place.name
        if sum(each.state == "waiting" for each in self._sent.values()) >= MOST_WAITING:
            raise UsageError(f"{MOST_WAITING} studies are waiting already; send this one when some are done")
        if place.is_symlink():
            raise UsageError(f"{place} is a link; a study is written only into a folder of its own")
        self._sent[place.name] = Sent(place.name, scenario, address)
        self.listen()
        return place.name

    def stop(self, folder: str) -> None:
        """Ask one to end; what it has played is kept."""
        sent = self._sent.get(folder)
        if sent is None or sent.state not in ("waiting", "playing"):
            return
        if sent.line is None:
            sent.told = Told(ended="stopped")
        else:
            _say(sent.line)

    def get(self, folder: str) -> Sent | None:
        """One that was sent from this page, as it stands."""
        self.listen()
        return self._sent.get(folder)

    def all(self) -> list[Sent]:
        """Those sent since the server began, the latest first."""
        self.listen()
        return list(self._sent.values())[::-1]

    def listen(self) -> None:
        """Hear what the playing one says, and begin the next."""
        for sent in self._sent.values():
            _hear(sent)
        if not any(sent.state == "playing" for sent in self._sent.values()):
            waiting = next((sent for sent in self._sent.values() if sent.state == "waiting"), None)
            if waiting is not None:
                self._begin(waiting)

    def close(self) -> None:
        """Ask the playing one to end, and wait a little for it."""
        for sent in self._sent.values():
            if sent.process is not None and sent.line is not None and sent.process.is_alive():
                _say(sent.line)
                sent.process.join(timeout=60)
                if sent.process.is_alive():
                    sent.process.kill()  # its rows are on disk but for the last seconds', which are played again
                    sent.process.join()

    def finished(self) -> Iterator[str]:
        """Folders in the results folder that hold a report."""
        try:
            folders = sorted(each.name for each in os.scandir(self.results) if each.is_dir(follow_symlinks=False))
        except OSError:
            return
        yield from (name for name in folders if _is_plain(self.results / name / MANIFEST) and self.has_report(name))

    def has_report(self, folder: str) -> bool:
        """Whether there is a page to open."""
        return _is_plain(self.results / folder / PAGE)

    def read(self, folder: str, name: str) -> tuple[bytes, str] | None:
        """A report's file and what it is; None for anything that is not a report of the results folder.

        Raises UsageError where its bytes are not those that were written.
        """
        if name not in FILES or folder not in set(self.finished()):
            return None
        inside, digests = Inside.of([self.results]), self.results / folder / DIGESTS
        if os.path.lexists(digests) and not _is_plain(digests):
            return None
        try:
            found = compared(self.results / folder, name, lambda file: inside.read(file, LARGEST).data, digest_of)
        except (OSError, ValueError):
            return None
        if not found.sound:
            raise UsageError(f"{name}: {DIFFERS}; rollrisk report {folder} writes it anew")
        return found.content, FILES[name]

    def _begin(self, sent: Sent) -> None:
        context = multiprocessing.get_context("spawn")
        sent.line, theirs = context.Pipe()
        arguments = (sent.scenario, str(self.results), self._workers, theirs)
        sent.process = context.Process(target=play_study, args=arguments, name=f"study {sent.folder}")
        sent.process.start()
        theirs.close()


def _hear(sent: Sent) -> None:
    if sent.line is None or sent.told.ended:
        return
    try:
        while sent.line.poll():
            told: Told = sent.line.recv()
            sent.told = told if not told.ended else replace(told, done=sent.told.done, wanted=sent.told.wanted)
    except (EOFError, OSError):
        if not sent.told.ended:
            sent.told = replace(sent.told, ended="its process ended without a word; what it played is kept")


def _say(line: Connection) -> None:
    try:
        line.send("stop")
    except OSError:
        return


def _is_plain(path: Path) -> bool:
    """A file, and no link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False
