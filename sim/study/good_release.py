"""One good release in detail: which requests fail because of it, when, and cut off by what.

A worker plays it with its twin, so that what would have failed anyway is taken out window by window. What fails is
named by stream, by what became of the last attempt, and by whose pod that was: ``cut/web/REFUSED/old``. What fails
while a step was under way is ``during/TEXT``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.outcomes import FAILURES
from sim.replication import GOOD, Record, replicate
from sim.rows import Ints
from sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    from sim.journal import Journal

LINE = "sim.study.good_release:detailed"
VERSIONS = ("old", "new", "none")
CUT, DURING, FROM, UNTIL, WORST, TOTAL = "cut/", "during/", "from", "until", "worst", "total"
LOUD = 0.05
"""Of the loudest window's failures: windows with fewer do not belong to the time in which requests fail."""


@dataclass(frozen=True, slots=True)
class Detailed:
    """What a row is made of."""

    values: Mapping[str, float]
    down: Mapping[str, bytes]
    why: str = ""


def detailed(
    scenario: Scenario, *, strategy: str | None, case: str, index: int, engine: str = "compiled", **_: Any
) -> Detailed:
    """Play a good release and its twin, and take the one from the other."""
    release = replicate(scenario, strategy=strategy, case=GOOD, index=index, engine=engine, story=True)
    twin = replicate(scenario, strategy=None, case=GOOD, index=index, engine=engine, story=True)
    return Detailed(dict(release.values) | dict(_told(release, twin, scenario)), release.down, release.why)


def _told(release: Record, twin: Record, scenario: Scenario) -> Iterator[tuple[str, float]]:
    ledger, without, journal = release.ledger, twin.ledger, release.journal
    assert ledger is not None
    assert without is not None
    assert journal is not None
    net: Ints = ledger.requests - without.requests
    yield TOTAL, float(net[:, :, :, list(FAILURES)].sum())
    for place, stream in enumerate(scenario.traffic.streams):
        for version, word in enumerate(VERSIONS):
            for outcome in FAILURES:
                count = int(net[:, place, version, outcome].sum())
                if count:
                    yield f"{CUT}{stream.name}/{outcome.name}/{word}", float(count)
    by_window = net[:, :, :, list(FAILURES)].sum(axis=(1, 2, 3))
    yield from _when(by_window, ledger.requests.sum(axis=(1, 2, 3)), journal, scenario.study.window)


def _when(failed: Ints, arrived: Ints, journal: Journal, window: int) -> Iterator[tuple[str, float]]:
    """From when to when (s), how bad the worst window was, and which step was under way."""
    loud = np.flatnonzero(failed > LOUD * max(1, int(failed.max(initial=0))))
    if not loud.size:
        return
    yield FROM, float(loud[0]) * window / 1e9
    yield UNTIL, float(loud[-1] + 1) * window / 1e9
    yield WORST, float((failed / np.maximum(arrived, 1)).max())
    steps = [(event.at, event.what) for event in journal.events if event.kind == "step"]
    moments = [at for at, _ in steps]
    for place in loud:
        under_way = bisect_right(moments, int(place) * window + window - 1) - 1
        if under_way >= 0:
            yield f"{DURING}{int(place)}/{steps[under_way][1]}", float(failed[place])
