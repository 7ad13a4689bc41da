"""What share of bad answers repeats when a request is tried again; said only where somebody retries on errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.scenario.document import Trail
from sim.scenario.model.written import Written
from sim.scenario.resolved import Condition, Defect, Planned, Scenario, Stream
from sim.scenario.retriers import most_attempts, retriers_of, retries_errors, waits_of
from sim.units import show_duration, show_share


def idle_repeats(written: Written) -> tuple[Trail, ...]:
    """Where a share that repeats stands by default and changes nothing, for nobody retries on errors."""
    if retries_errors(written.traffic.streams):
        return ()
    places: list[tuple[Trail, Any]] = [(("release", "baseline_repeats"), written.release)]
    sections: tuple[tuple[Trail, Mapping[str, Any]], ...] = (
        (("release", "defects"), written.release.defects),
        (("release", "effects"), written.release.effects),
        (("conditions",), written.conditions),
    )
    for above, holders in sections:
        places += [((*above, name, "repeats"), each.failure) for name, each in holders.items()]
    return tuple(
        trail
        for trail, part in places
        if str(trail[-1]) in type(part).model_fields and trail[-1] not in part.model_fields_set
    )


def retry_facts(scenario: Scenario) -> Iterator[str]:
    """Who tries what again, and what a retry meets, in a line each; nothing where nobody does."""
    for stream in scenario.traffic.streams:
        who = [
            f"{'proxy' if each.is_proxy() else 'client'} {each.tries()} more on {', '.join(getattr(each, 'on', ()))}"
            for each in retriers_of(stream)
            if each.tries() > 0
        ]
        if who:
            yield f"{stream.name} is tried up to {most_attempts(stream)} times ({'; '.join(who)}), {_waited(stream)}"
    if retries_errors({stream.name: stream for stream in scenario.traffic.streams}):
        yield from _repeating(scenario)


def _waited(stream: Stream) -> str:
    """How long who waits."""
    waits = waits_of(stream)
    words = ((waits.attempt, "for a try"), (waits.call, "for a call of the client"), (waits.request, "in all"))
    found = [f"{show_duration(wait)} {what}" for wait, what in words if wait]
    return f"waiting {', '.join(found)}" if found else "waiting for ever"


def _repeating(scenario: Scenario) -> Iterator[str]:
    """What share of bad answers repeats, and that it is assumed where it is."""
    release = scenario.release
    shares = [("today's errors", release.baseline_repeats, "release.baseline_repeats")]
    shares = shares if release.baseline_errors else []
    failures: list[tuple[Defect | Planned | Condition, str]] = []
    failures += [(each, f"release.defects.{each.name}") for each in release.defects]
    failures += [(each, f"release.effects.{each.name}") for each in release.effects]
    failures += [(each, f"conditions.{each.name}") for each in scenario.conditions]
    for each, path in failures:
        if hasattr(each.failure, "repeats"):
            shares.append((each.name, each.failure.repeats, f"{path}.repeats"))
    assumed = {each.path for each in scenario.defaults}
    told = [
        f"{name} {show_share(share)}" + (" (default, trust: low)" if path in assumed else "")
        for name, share, path in shares
    ]
    if told:
        yield f"bad answers that repeat when tried again: {', '.join(told)}"
