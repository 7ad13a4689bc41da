"""What a real rollout controller does and a scenario cannot say yet: told where it changes what a reader should do.

Sources: Argo Rollouts' scaleDownDelaySeconds and abortScaleDownDelaySeconds (30 s by default with traffic routing; its
issues 478, 587, 1160), Flagger's autoscalerRef with an autoscaler of the primary's own (1600, 381) and its
sessionAffinity.cookieName (1532, 1655).
"""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.rollout_plan import lingers, plan_of
from sim.scenario.resolved import Scenario, Strategy
from sim.versions import NEW, STABLE

LATE = 0.99
"""Of proxies that have heard of a new route: the pods are safe to go when these have."""


def unplayed(scenario: Scenario) -> Iterator[str]:
    """A sentence for each strategy and each such thing."""
    for strategy in scenario.strategies:
        yield from _gone_too_soon(scenario, strategy)
        yield from _autoscaled_apart(scenario, strategy)
        yield from _drawn_anew(scenario, strategy)


def _gone_too_soon(scenario: Scenario, strategy: Strategy) -> Iterator[str]:
    """Pods that go while proxies still send them requests."""
    law, replicas = scenario.service.route_lag, scenario.service.replicas
    lag = 0 if law is None else law.quantile(LATE)
    plan = strategy.strategy
    ways = (
        ("promotion", "the old pods go", lingers(plan.rollout(replicas), STABLE, replicas), "scaleDownDelaySeconds",
         "keep them as long: bake: 30s of a canary, keep_old: 30s of blue/green"),
        ("rollback", "the new pods go", lingers(plan.rollback(replicas), NEW, replicas), "abortScaleDownDelaySeconds",
         "that cannot be said here yet"),
    )  # fmt: skip
    for when, who, stays, field, advice in ways:
        if stays is not None and stays < lag:
            soon = f"{_shown(stays)} after" if stays else "at once when"
            yield (
                f"{strategy.name}: at the {when} {who} {soon} the router sends them nothing, but proxies hear of it up "
                f"to {_shown(lag)} late (route_lag): requests fail. Argo Rollouts waits 30 s ({field}); {advice}"
            )


def _autoscaled_apart(scenario: Scenario, strategy: Strategy) -> Iterator[str]:
    """Flagger's two workloads, each with an autoscaler of its own."""
    gate, scaler = scenario.gates.get(strategy.gate or ""), scenario.service.autoscaler
    grows = scaler is not None and getattr(scaler, "kind", "none") != "none"
    if gate is not None and gate.tool == "Flagger" and grows:
        yield (
            f"{strategy.name}: Flagger scales primary and canary by an autoscaler each; the primary shrinks while the "
            "canary takes its traffic, and may be too small when all of it comes back at the promotion. That is not "
            "played yet: here the stable fleet keeps its size, so expect more failed requests than are shown"
        )


def _drawn_anew(scenario: Scenario, strategy: Strategy) -> Iterator[str]:
    """Cookies that hold only the users of the canary."""
    replicas = scenario.service.replicas
    routed = lingers(strategy.strategy.rollback(replicas), NEW, replicas) is not None
    shared = any(0.0 < held.share < 1.0 for held in plan_of(strategy.strategy, replicas).holds)
    if scenario.traffic.sticky and routed and shared:
        yield (
            f"{strategy.name}: sticky users stay with either version here. If it is Flagger's session affinity that "
            "keeps yours: it keeps only those of the canary and draws all others anew at every request, and in the end "
            "nearly everybody is on the canary. That is not played yet; a bad release then costs more than is shown"
        )


def _shown(length: float) -> str:
    return units.show_duration(round(length), nearest=units.MILLISECOND)
