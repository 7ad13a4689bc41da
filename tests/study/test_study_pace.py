"""The pace of a study, from which the time left is told: neither compiling nor what others have played is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import imagined_studies as imagined
import pytest

from sim.study.cells import Job
from sim.study.collect import Collection, Progress
from sim.study.executors import Stop
from sim.study.play import Played, Work, play_job
from sim.study.rows import Table


@dataclass
class Clock:
    """The time that collecting sees."""

    now: float = 100.0


@dataclass
class Timed:
    """A runner whose tasks of one replication take as long as they are told to, the last length for all that come."""

    clock: Clock
    lengths: Sequence[float]
    workers: int = 1
    told: list[float] = field(default_factory=list)

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        for place, job in enumerate(jobs):
            length = self.lengths[min(place, len(self.lengths) - 1)]
            self.clock.now += length
            yield Played((play_job(work, job),), length)

    def close(self) -> None:
        """Nothing to let go of."""


def events(monkeypatch: pytest.MonkeyPatch, lengths: Sequence[float]) -> list[Progress]:
    clock, scenario = Clock(), imagined.scenario({"canary": "weight:0.2"}, cap=10)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    collection = Collection(
        scenario, Table(imagined.subtracted), runner=Timed(clock, lengths), work=imagined.work(scenario),
        keep=lambda rows: None, stop=lambda: False,
    )  # fmt: skip
    return list(collection)


def test_the_first_task_may_have_compiled_the_engine_and_tells_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    before, first, second, *_, last = events(monkeypatch, [30.0, 0.5])
    assert (before.pace, first.pace, second.pace) == (0.0, 0.0, 2.0)
    assert (last.pace, last.each) == (2.0, 0.5)
    assert last.per_second < 1.0


def test_what_another_study_has_played_tells_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, last = events(monkeypatch, [0.0, 0.0, 0.0, 30.0, 0.5])
    assert (last.pace, last.each) == (2.0, 0.5)
