"""Rules on what happens anyway: conditions, and what is for conditions only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.failures.surge import Surge
from sim.scenario.model.release import Condition
from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, reads
from sim.steps import ON_MACHINES


def swollen(written: Written, condition: Condition) -> list[str]:
    """The streams that a condition swells; none where it is no surge."""
    surge = condition.failure
    if not isinstance(surge, Surge):
        return []
    streams = written.traffic.streams.items()
    return [name for name, stream in streams if surge.swells(name, has_peak=stream.peak is not None)]


@reads("release")
def what_happens_anyway_is_brought_by_no_release(written: Written) -> Iterator[Breach]:
    """Booked to a release it would make every release guilty of the weather."""
    for section in ("defects", "effects"):
        for name, part in getattr(written.release, section).items():
            kind = part.failure.kind
            if getattr(part.failure, "condition_only", False):
                why = f"no release brings a {kind}; write it under conditions, with at: and a time, as 30m"
                yield ("release", section, name, "kind"), why
            elif _strikes_machines(part.failure) and (section == "effects" or part.at != "start" or part.on != "new"):
                why = f"{kind} strikes machines, whatever is released; write it under conditions, with at: and a time"
                yield ("release", section, name, "kind"), why


def _strikes_machines(failure: Any) -> bool:
    """Whether a failure is one of machines rather than of a version."""
    return any(edit.effect in ON_MACHINES for edit in failure.edits(lambda _: 0.5))


@reads("traffic", "conditions")
def a_surge_swells_streams_with_a_peak(written: Written) -> Iterator[Breach]:
    """A closed loop asks when it is answered, and a recording holds what came."""
    streams = written.traffic.streams
    for name, condition in written.conditions.items():
        surge = condition.failure
        if not isinstance(surge, Surge):
            continue
        if len(set(surge.streams)) < len(surge.streams):
            yield ("conditions", name, "streams"), "names a stream twice"
        for place, stream in enumerate(surge.streams):
            if stream in streams and streams[stream].peak is None:
                kind = streams[stream].arrivals.kind
                found = f"stream {stream} has no peak to be multiplied: its arrivals are of kind {kind}"
                yield ("conditions", name, "streams", place), f"{found}; name streams with a peak"
        if not surge.streams and not swollen(written, condition):
            yield ("conditions", name), "no stream has a peak to be multiplied; write peak: for one"


RULES: tuple[Rule, ...] = (what_happens_anyway_is_brought_by_no_release, a_surge_swells_streams_with_a_peak)
