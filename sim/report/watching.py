"""One moment of one replication as a terminal shows it: versions and their pods, weights, errors, the last verdicts.

What is shown at a moment is what had happened by then: the tree of
``kubectl argo rollouts get rollout --watch``, with the true share of failed requests beside it, which no operator sees
at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.journal import Event, Gauge, Journal
from sim.measures.stairs import stairs
from sim.outcomes import FAILURES
from sim.replication import Record
from sim.report import wording
from sim.report.story import story_of
from sim.scenario.resolved import Scenario
from sim.steps import Answer
from sim.units import SECOND, show_duration
from sim.versions import NEW, STABLE

BARS = "▁▂▃▄▅▆▇█"
SHOWN = 40
"""Windows a sparkline shows."""
VERDICTS = 3
VERSIONS = (
    ("stable", STABLE, Gauge.PODS_STABLE, Gauge.READY_STABLE, Gauge.LISTED_STABLE),
    ("new", NEW, Gauge.PODS_NEW, Gauge.READY_NEW, Gauge.LISTED_NEW),
)
MARKS = {Answer.PASS: "passes", Answer.FAIL: "FAILS", Answer.WAIT: "waits", Answer.INCONCLUSIVE: "cannot say"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A replication to look at; ``record`` was played with its story."""

    record: Record
    scenario: Scenario

    @property
    def journal(self) -> Journal:
        """The story."""
        assert self.record.journal is not None, "a story was asked for"
        return self.record.journal

    @property
    def end(self) -> int:
        """When nothing more is to be seen, ns."""
        return round(story_of(self.record, self.scenario).end * SECOND)


def picture(watched: Watched, now: int, *, width: int = 80) -> list[str]:
    """The moment ``now`` (ns since the release) as lines."""
    record, journal = watched.record, watched.journal
    head = f"{watched.scenario.name}: {record.strategy}, case {record.case}, index {record.index}"
    lines = [
        head,
        f"{clock(now):<10}{_step(journal, now)}",
        f"{'':<10}{_bar(_value(journal, Gauge.NEW_SHARE, now, watched))} to the new version",
        *_versions(watched, now),
        *_weather(journal, now),
        *_sparklines(watched, now),
        *_verdicts(journal, now),
        *_moments(journal, now),
    ]
    return [line[:width].rstrip() for line in lines]


def clock(at: int) -> str:
    """The time since the release, to the second."""
    return show_duration(at, nearest=SECOND)


def sparkline(shares: list[float], full: float) -> str:
    """Shares as bars, ``full`` the highest; a window without requests is left blank, none above zero a low bar.

    >>> sparkline([0.0, 0.5, 1.0, float("nan")], 1.0)
    '▁▅█ '
    """
    top = full or 1.0
    return "".join(
        " " if math.isnan(share) else BARS[round(min(share / top, 1.0) * (len(BARS) - 1))] for share in shares
    )


def _value(journal: Journal, gauge: Gauge, now: int, watched: Watched) -> float:
    found = stairs(journal, gauge, watched.scenario.study.horizon)
    return float(found.value[int(np.searchsorted(found.at, now, side="right")) - 1])


def _step(journal: Journal, now: int) -> str:
    """The last step of the strategy."""
    steps = [event for event in journal.events if event.kind == "step" and event.at <= now]
    return steps[-1].what if steps else "before the release"


def _bar(share: float, length: int = 20) -> str:
    full = round(share * length)
    return f"[{'#' * full}{'.' * (length - full)}] {wording.share(share)}"


def _versions(watched: Watched, now: int) -> Iterator[str]:
    states = _pod_states(watched.journal, now)
    for name, _, pods, ready, listed in VERSIONS:
        there, good, routed = (round(_value(watched.journal, gauge, now, watched)) for gauge in (pods, ready, listed))
        yield f"{name:<10}{there} pod{'s' if there != 1 else ''}, {good} ready, {routed} in rotation"
        words = (name, "fixed") if name == "stable" else (name,)  # a fix answers as the stable version
        own = [(pod, what) for pod, what in states if pod.partition("/")[0] in words]
        for place, (pod, what) in enumerate(own):
            branch = "└─" if place == len(own) - 1 else "├─"
            yield f"{'':<10}{branch} {pod:<12}{what}"


def _weather(journal: Journal, now: int) -> Iterator[str]:
    """The conditions under way, each since when."""
    last = {event.who: event for event in journal.events if event.kind in ("weather", "calm") and event.at <= now}
    for name, event in last.items():
        if event.kind == "weather":
            yield f"{'weather':<10}{name} since {clock(event.at)}: {event.what}"


def _pod_states(journal: Journal, now: int) -> list[tuple[str, str]]:
    """The pods of which something has been told, with the last of it; those that have gone are left out."""
    last: dict[str, Event] = {}
    for event in journal.events:
        if event.kind == "pod" and event.at <= now:
            last[event.who] = event
    return [(pod, event.what) for pod, event in last.items() if event.what != "gone"]


def _sparklines(watched: Watched, now: int) -> Iterator[str]:
    """Failed and slow requests of the last windows that had ended."""
    ledger, window = watched.record.ledger, watched.scenario.study.window
    assert ledger is not None, "a story was asked for"
    ended = max(0, min(now // window, len(ledger.requests)))
    first = max(0, ended - SHOWN)
    for name, version, *_ in VERSIONS:
        arrived = ledger.requests[first:ended, :, version].sum(axis=(1, 2))
        failed = ledger.requests[first:ended, :, version][:, :, list(FAILURES)].sum(axis=(1, 2))
        slow = ledger.slow[first:ended, :, version].sum(axis=1)
        for what, count in (("failed", failed), ("slow", slow)):
            if count.any():
                shares = [many / all_ if all_ else math.nan for many, all_ in zip(count, arrived, strict=True)]
                peak = max(share for share in shares if not math.isnan(share))
                yield f"{what:<10}{sparkline(shares, peak)}  {name}, up to {wording.share(peak)}"


def _verdicts(journal: Journal, now: int) -> Iterator[str]:
    """The last verdicts of the gates."""
    fallen = [each for each in journal.verdicts if each[0] <= now][-VERDICTS:]
    for number, (at, gate, verdict) in enumerate(fallen):
        yield f"{'' if number else 'gate':<10}{clock(at)} {gate} {MARKS[verdict.answer]}: {verdict.reason}"


def _moments(journal: Journal, now: int) -> Iterator[str]:
    reached = sorted((at, name.value) for name, at in journal.milestones.items() if 0 < at <= now)
    if reached:
        yield f"{'reached':<10}" + ", ".join(f"{name} {clock(at)}" for at, name in reached)
