"""The pods of one replication as lanes along the time axis: who waited, started, stood ready, failed and went when.

Read from the journal's words, as ``rollrisk trace`` shows them. Pods of which nothing is told have stood ready all
along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sim.journal import Event, Gauge, Journal
from sim.versions import NEW, STABLE


class State(StrEnum):
    """What a reader is shown of a pod."""

    PENDING = "pending"
    PULLING = "pulling images"
    STARTING = "starting"
    READY = "ready"
    NOT_READY = "not ready"
    CRASHED = "crashed, backing off"
    TERMINATING = "terminating"
    LOST = "lost"


_BEGINS: tuple[tuple[str, State], ...] = (
    ("pending", State.PENDING),
    ("scheduled to node", State.PULLING),
    ("pulling images", State.PULLING),
    ("ErrImage", State.CRASHED),
    ("ImagePullBackOff", State.CRASHED),
    ("initialising", State.STARTING),
    ("starting", State.STARTING),
    ("waits for connections", State.NOT_READY),
    ("asks a dependency", State.NOT_READY),
    ("serving", State.STARTING),
    ("ready", State.READY),
    ("not ready", State.NOT_READY),
    ("crashed", State.CRASHED),
    ("is killed", State.CRASHED),
    ("the container has exited", State.CRASHED),
    ("backs off", State.CRASHED),
    ("lost", State.LOST),
    ("told to go", State.TERMINATING),
    ("SIGTERM", State.TERMINATING),
    ("cut off", State.TERMINATING),
    ("SIGKILL", State.TERMINATING),
)
GONE = "gone"
REVISIONS = (("stable", STABLE, Gauge.PODS_STABLE), ("new", NEW, Gauge.PODS_NEW), ("fixed", STABLE, None))
"""What the journal calls the pods, the version as which they answer, and the gauge of those before the release."""


@dataclass(frozen=True, slots=True)
class Span:
    """A state from one moment to another, in seconds since the release."""

    start: float
    end: float
    state: State


@dataclass(slots=True)
class Lane:
    """One pod's spans in order, and the moments (s) at which its container ended by itself or was killed."""

    name: str
    version: int
    spans: list[Span] = field(default_factory=list)
    crashes: list[float] = field(default_factory=list)


def lanes(journal: Journal, end: float) -> list[Lane]:
    """A lane per pod from the release to ``end`` (s): stable pods, new ones, those of a fix, in order of creation."""
    told: dict[str, list[Event]] = {}
    for event in journal.events:
        if event.kind == "pod":
            told.setdefault(event.who, []).append(event)
    found = []
    for word, version, gauge in REVISIONS:
        own = [
            Lane(name=name, version=version, spans=_spans(events, end), crashes=_crashes(events, end))
            for name, events in told.items()
            if name.partition("/")[0] == word
        ]
        silent = _at_first(journal, gauge) - sum(_was_there(told[lane.name]) for lane in own) if gauge else 0
        found += [Lane(f"{word} {n}", version, [Span(0.0, end, State.READY)]) for n in range(max(0, silent))]
        found += [lane for lane in own if lane.spans]
    return found


def _was_there(events: Sequence[Event]) -> bool:
    """Whether a pod existed before the release: it is not first heard of as one that is created."""
    return not events[0].what.startswith(("pending", "scheduled to node", "pulling images"))


def _crashes(events: Iterable[Event], end: float) -> list[float]:
    found = []
    for event in events:
        if event.what.startswith(("told to go", "SIGTERM")):
            break
        if event.what.startswith(("crashed", "the container has exited")) and event.at / 1e9 <= end:
            found.append(event.at / 1e9)
    return found


def _at_first(journal: Journal, gauge: Gauge) -> int:
    """How many pods there were before the release; what it creates at once is told of."""
    return round(next((value for at, value in reversed(journal.gauges.get(gauge, [])) if at < 0), 0.0))


def _spans(events: Iterable[Event], end: float) -> list[Span]:
    """The spans of one pod; a pod first heard of when it is already there has been ready until then."""
    spans: list[Span] = []
    since, state = 0.0, None
    for at, heard in _states(events):
        if state is None:
            since, state = (at, heard) if heard in (State.PENDING, State.PULLING) else (0.0, State.READY)
        if heard is not state:
            spans += _span(since, at, state, end)
            since, state = at, heard
        if heard is None:
            return spans
    return [*spans, *_span(since, end, state, end)]


def _span(start: float, until: float, state: State | None, end: float) -> list[Span]:
    start, until = max(0.0, start), min(until, end)
    return [Span(start, until, state)] if state is not None and until > start else []


def _states(events: Iterable[Event]) -> Iterator[tuple[float, State | None]]:
    """When (s) and which state each word of the journal begins; None when the pod has gone."""
    leaving = was_ready = False
    for event in events:
        if event.what.startswith(GONE):
            yield event.at / 1e9, None
            return
        state = next((state for begin, state in _BEGINS if event.what.startswith(begin)), None)
        state = State.CRASHED if "CrashLoopBackOff" in event.what else state
        if state is None or (leaving and state is not State.LOST):
            continue
        if event.what.startswith("serving") and was_ready:
            continue  # a restart within its readiness: the probe will say
        leaving = state is State.TERMINATING
        was_ready = state is State.READY
        yield event.at / 1e9, state


def summary(found: Iterable[Lane]) -> str:
    """The lanes in words: how many pods, how many of them crashed or were lost.

    >>> summary([Lane("new/0", 1, [Span(0.0, 5.0, State.STARTING), Span(5.0, 9.0, State.CRASHED)])])
    '1 pod, of which 1 crashed'
    """
    pods = list(found)
    parts = []
    for state, word in ((State.CRASHED, "crashed"), (State.LOST, "lost"), (State.PENDING, "waited for room")):
        crashed = [bool(lane.crashes) and state is State.CRASHED for lane in pods]
        seen = [any(span.state is state for span in lane.spans) for lane in pods]
        many = sum(one or other for one, other in zip(crashed, seen, strict=True))
        parts += [f"{many} {word}"] if many else []
    return f"{len(pods)} pod{'s' if len(pods) != 1 else ''}" + (f", of which {', '.join(parts)}" if parts else "")
