"""Which knobs might cure what a good release fails: guessed from what was seen, and then played.

A guess costs a few short releases and nothing else, so guesses may be generous: what does not help is not named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim import units
from sim.outcomes import Outcome
from sim.scenario.resolved import Scenario, Strategy

SURE = 0.99
"""Of proxies that have heard of a change, or of requests that are through: what a pod that goes waits for."""
CUT_OFF = (Outcome.REFUSED, Outcome.LOST)
CROWDED = (Outcome.REJECTED, Outcome.TIMEOUT, Outcome.NO_ENDPOINT)
WARM = "1m"
"""How long a new endpoint's share is tried to grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Other values at some paths, as a file would have them; ``strategy`` is the only one it changes, "" all."""

    why: str
    values: Mapping[str, Any]
    strategy: str = ""

    @property
    def change(self) -> str:
        """What to write."""
        return ", ".join(f"{path}: {_written(value)}" for path, value in self.values.items())


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_written(each)}" for name, each in value.items()) + "}"
    return str(value)


def guesses(scenario: Scenario, strategy: Strategy, seen: Mapping[tuple[Outcome, str], float]) -> Iterator[Guess]:
    """What might help a strategy of whose good releases so many fail, by outcome and version ("old", "new", "none")."""
    cut_old = sum(seen.get((outcome, "old"), 0.0) for outcome in CUT_OFF)
    cut_new = sum(seen.get((outcome, "new"), 0.0) for outcome in CUT_OFF)
    crowded = sum(count for (outcome, _), count in seen.items() if outcome in CROWDED)
    if cut_old + cut_new >= 0.5:
        yield from _longer_end(scenario)
    if seen.get((Outcome.LOST, "old"), 0.0) >= 0.5:
        yield from _longer_grace(scenario)
    if cut_old >= 0.5 or crowded >= 0.5:
        yield from _of_strategy(scenario, strategy)
    if crowded >= 0.5 or cut_new >= 0.5:
        yield from _more_room(scenario)


def _longer_end(scenario: Scenario) -> Iterator[Guess]:
    """A pod serves on until proxies know that it goes, and finishes what it has."""
    service = scenario.service
    known = _seconds(service.endpoint_lag.quantile(SURE)) + 1
    if service.shutdown.pre_stop < known * units.SECOND:
        values: dict[str, Any] = {"service.shutdown.pre_stop": f"{known}s"}
        left = service.shutdown.grace - known * units.SECOND
        if left < 10 * units.SECOND:
            values["service.shutdown.grace"] = f"{known + 30}s"
        yield Guess(why="a preStop hook lets a pod serve on until the proxies know that it goes", values=values)
    if service.shutdown.on_sigterm != "drain":
        yield Guess(
            why="a server that finishes the requests it has when it gets SIGTERM",
            values={"service.shutdown.on_sigterm": "drain"},
        )


def _longer_grace(scenario: Scenario) -> Iterator[Guess]:
    """The kubelet waits for the longest requests."""
    shutdown = scenario.service.shutdown
    longest = max(_seconds(stream.work.quantile(0.999)) for stream in scenario.traffic.streams)
    wanted = _seconds(shutdown.pre_stop) + longest + 5
    if shutdown.grace < wanted * units.SECOND:
        yield Guess(
            why="a grace period (terminationGracePeriodSeconds) as long as the longest requests",
            values={"service.shutdown.grace": f"{wanted}s"},
        )


def _of_strategy(scenario: Scenario, strategy: Strategy) -> Iterator[Guess]:
    """The strategy's own knobs, by the fields it has."""
    written: Mapping[str, Any] = scenario.document["strategies"][strategy.name]
    at = f"strategies.{strategy.name}"
    kind, known = written.get("kind"), _seconds(scenario.service.endpoint_lag.quantile(SURE))
    if kind == "rolling" and written.get("unavailable") not in (0, "0%"):
        surge = written.get("surge")
        values: dict[str, Any] = {f"{at}.unavailable": 0} | ({f"{at}.surge": 1} if surge in (0, "0%") else {})
        yield Guess(why="maxUnavailable 0: no pod goes before another is ready", values=values, strategy=strategy.name)
    if kind == "recreate":
        values = {at: {"kind": "rolling", "surge": "25%", "unavailable": 0}}
        yield Guess(why="a rolling update instead of recreate", values=values, strategy=strategy.name)
    kept = getattr(strategy.strategy, "keep_old", None)
    if kept is not None and kept < 2 * known * units.SECOND:
        values = {f"{at}.keep_old": f"{max(30, 2 * known)}s"}
        yield Guess(why="the old fleet is kept until no proxy sends to it", values=values, strategy=strategy.name)
    if written.get("preview") is False:
        yield Guess(
            why="a preview Service, so that proxies know the new pods before the switch",
            values={f"{at}.preview": True},
            strategy=strategy.name,
        )


def _more_room(scenario: Scenario) -> Iterator[Guess]:
    """New pods get their share slowly, or are watched before the next old one goes; or there are more pods."""
    service = scenario.service
    if service.slow_start == 0 and not getattr(service.balancer, "keeps_users", False):
        yield Guess(why="slow start: a new pod gets its share of requests little by little", values=_slow_start())
    if service.min_ready < 30 * units.SECOND:
        why = "minReadySeconds: a new pod is ready for a while before the next old one goes"
        yield Guess(why=why, values={"service.min_ready": "30s"})
    if service.autoscaler is None or service.autoscaler.kind == "none":
        more = service.replicas + max(1, math.ceil(service.replicas * 0.2))
        yield Guess(why="more pods", values={"service.replicas": more})
    if service.publish_not_ready:
        yield Guess(why="only ready pods are published", values={"service.publish_not_ready": False})


def _slow_start() -> dict[str, Any]:
    return {"service.slow_start": WARM}


def _seconds(length: float) -> int:
    return math.ceil(length / units.SECOND)


def together(helpful: Sequence[Guess]) -> Guess | None:
    """All that helped a little, at once; None where there are not several."""
    if len(helpful) < 2:
        return None
    values: dict[str, Any] = {}
    for each in helpful:
        values |= {path: value for path, value in each.values.items() if path not in values}
    named = next((each.strategy for each in helpful if each.strategy), "")
    return Guess(why="; and ".join(each.why for each in helpful), values=values, strategy=named)
