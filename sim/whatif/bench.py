"""A test bench for gates: the looks of a release, on counts that were scraped in advance.

Shows a gate exactly what ``sim/cluster/judging.py`` would, hold by hold; a test holds the two against each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.gates import Gate, Judgement
from sim.observation import Observation, Reads, View
from sim.scraping import Course
from sim.versions import NEVER

Ints = NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class Scraped:
    """All scrapes of one release, cumulative; ``now`` is the moment at which somebody looks."""

    times: Sequence[int]  # ns, increasing
    requests: Ints  # [scrape, version, stream]
    errors: Ints  # [scrape, version, stream]
    streams: tuple[str, ...]
    latency: Ints | None = None  # [scrape, version, stream, bucket]
    good: Ints | None = None  # [scrape, version, stream] how often series of good answers had two samples in a row
    bad: Ints | None = None  # [scrape, version, stream] … of bad answers; None: wherever there are requests
    now: int = 0
    lag: int = 0  # ns until a scrape can be queried
    course: Course | None = None  # when the store's answers are old; None: never

    def asked_at(self, now: int) -> int:
        """As an observer's."""
        return (now if self.course is None else self.course.asked_at(now)) - self.lag

    def seen(self, window: int, delay: int) -> Observation | None:
        """As an observer's, which began to scrape with the first of these."""
        until = self.asked_at(self.now) - delay
        return self.counted(until - window, until)

    def counted(self, since: int, until: int) -> Observation | None:
        """As an observer's."""
        older, newer = bisect_left(self.times, since), bisect_right(self.times, min(until, self.now)) - 1
        return None if older >= newer else self._between(older, newer)

    def _between(self, older: int, newer: int) -> Observation:
        return Observation(
            at=self.now,
            since=self.times[older],
            until=self.times[newer],
            streams=self.streams,
            requests=self.requests[newer] - self.requests[older],
            errors=self.errors[newer] - self.errors[older],
            latency=None if self.latency is None else self.latency[newer] - self.latency[older],
            good=None if self.good is None else self.good[newer] > self.good[older],
            bad=None if self.bad is None else self.bad[newer] > self.bad[older],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What a gate made of one release: when it had it stopped (NEVER: it did not), and every judgement."""

    stopped_at: int = NEVER
    decided_at: int = NEVER  # when it had made up its mind and looked no more
    longer: tuple[int, int] | None = None  # a hold (its number) that it wants to last longer, and until when, ns
    judgements: tuple[tuple[int, Judgement], ...] = field(default=())


def judge_release(
    gate: Gate,
    scraped: Scraped,
    holds: Sequence[tuple[int, int]],
    *,
    reads: Reads = "new",
    luck: float = 0.5,
    lengths: Sequence[int] | None = None,
) -> Verdicts:
    """Let a gate judge a release with these holds (start, end; ns), until it stops it or decides otherwise.

    With ``lengths``, those the holds were planned to have, a gate may hold the weight for longer: where the counts end
    a hold before that, the verdicts say so in ``longer``. Nobody resumes a rollout that a gate has paused.
    """
    memory: Any = gate.begin()
    judgements: list[tuple[int, Judgement]] = []
    decided, at, started = NEVER, NEVER, holds[0][0]
    for number, (start, end) in enumerate(holds):
        if not gate.goes_on:
            memory, decided, started = gate.begin(), NEVER, start
        if number == 0 or not gate.looks_between_holds:
            at = start + gate.first_in
        looks_until = holds[number + 1][0] - 1 if gate.looks_between_holds and number + 1 < len(holds) else end
        prolonged, until = 0, start + gate.least_hold * (decided == NEVER)
        while at <= looks_until and decided == NEVER:
            scraped.now = at
            view = View(at=at, started=started, delay=gate.delay, metrics=scraped, reads=reads, luck=luck)
            judgement = gate.look(view, memory)
            judgements.append((at, judgement))
            if judgement.stop:
                return Verdicts(stopped_at=at, decided_at=at, judgements=tuple(judgements))
            memory = judgement.memory
            prolonged += judgement.prolong
            until = at + judgement.at_least
            if judgement.next_in is None:
                decided = at
            else:
                at += judgement.next_in
        if lengths is not None and max(start + lengths[number] + prolonged, until) > end:
            longer = (number, max(start + lengths[number] + prolonged, until))
            return Verdicts(judgements=tuple(judgements), longer=longer)
    return Verdicts(decided_at=decided, judgements=tuple(judgements))
