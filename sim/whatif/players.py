"""Who plays the releases of a capacity review: processes that take one play each; what was played once is remembered.

Several questions are searched at once, each in a thread of its own that mostly waits; so no processor stands idle, and
no answer depends on how many there are.
"""

from __future__ import annotations

import functools
import pickle
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from sim.scenario.resolved import Scenario
from sim.study.processes import spawn_pool
from sim.whatif import peak, releases
from sim.whatif.peak import Loss, Strike
from sim.whatif.releases import Ample, Release
from sim.whatif.setting import Setting, scenario_of

Answer = TypeVar("Answer")


class Play(NamedTuple):
    """One release to be played."""

    strategy: str
    setting: Setting
    loss: Loss
    strike: Strike | None
    luck: int  # the index that names it


class Players:
    """Plays releases, in this process or in several; a context manager that lets go of them."""

    def __init__(self, scenario: Scenario, workers: int) -> None:
        self._pickled = pickle.dumps(scenario)
        self._workers = workers
        self._pool: Executor = ThreadPoolExecutor(1) if workers <= 1 else spawn_pool(workers)
        self._known: dict[object, Future[Any]] = {}
        self._lock = threading.Lock()
        self.played = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is under way; when broken off, drop what has not begun."""
        self._pool.shutdown(wait=kind is None or self._workers <= 1, cancel_futures=True)

    def stop(self) -> None:
        """Play nothing more; whoever waits for a play is told that it was cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def all(self, plays: Sequence[Play], until: Sequence[int | None]) -> list[Release]:
        """Play what is not known yet, side by side; ``until`` guesses when each will have ended, ns."""
        asked = [self._asked(play, end) for play, end in zip(plays, until, strict=True)]
        return [future.result() for future in asked]

    def ample(self, growth: float, length: int, index: int) -> Ample:
        """What fails anyway with an ample fleet at so many times today's peak."""
        return self.ask((growth, length, index), _ample, self._pickled, growth, length, index)

    def ask(self, key: object, what: Callable[..., Answer], *arguments: Any) -> Answer:
        """Anything else that is played; ``key`` tells it from all others."""
        with self._lock:
            if key not in self._known:
                self._known[key] = self._noted(self._pool.submit(what, *arguments))
            future = self._known[key]
        answer: Answer = future.result()
        return answer

    def _asked(self, play: Play, until: int | None) -> Future[Release]:
        with self._lock:
            if play not in self._known:
                self._known[play] = self._noted(self._pool.submit(_release, self._pickled, play, until))
            return self._known[play]

    def _noted(self, future: Future[Answer]) -> Future[Answer]:
        future.add_done_callback(self._count)
        return future

    def _count(self, future: object) -> None:
        self.played += 1


@functools.lru_cache(maxsize=2)
def _unpickled(pickled: bytes) -> Scenario:
    scenario: Scenario = pickle.loads(pickled)
    return scenario


def _release(pickled: bytes, play: Play, until: int | None) -> Release:
    """In the worker: the release that is asked for."""
    scenario = _unpickled(pickled)
    strategy = next(each for each in scenario.strategies if each.name == play.strategy)
    played = scenario_of(scenario, strategy, play.setting)
    return releases.released(played, play.strategy, play.luck, loss=play.loss, strike=play.strike, until=until)


def _ample(pickled: bytes, growth: float, length: int, index: int) -> Ample:
    """In the worker: what fails anyway."""
    scenario = _unpickled(pickled)
    grown = peak.at_peak(scenario, scenario.strategies[0], growth)
    return releases.ample(peak.ample(peak.lasting(grown, length)), index)
