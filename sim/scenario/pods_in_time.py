"""Pods that take longer to become available than the progress deadline lets them: a rollout nobody can finish."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.rollout_plan import plan_of
from sim.scenario.resolved import Container, Scenario, Strategy


def too_slow(scenario: Scenario) -> Iterator[str]:
    """A sentence for each strategy that takes back more good releases than may be lost, since its pods come too late.

    The deadline (``progressDeadlineSeconds``) passes where no pod becomes ready or available for so long. Images are
    taken to be on the nodes, and all pods of the fleet to start at once: what is left out makes pods later, not sooner.
    """
    lost = _misses(scenario)
    if lost <= scenario.study.false_aborts:
        return
    for strategy in scenario.strategies:
        if _takes_back(scenario, strategy):
            taken_back = units.show_share(units.two_figures(lost))
            yield (
                f"{strategy.name} takes back at least {taken_back} of good releases: its pods "
                f"{_take(scenario)}, and the progress deadline is "
                f"{units.show_duration(scenario.service.progress_deadline)}; write service.progress_deadline: "
                f"{units.show_duration(_ample(scenario))} or longer"
            )


def _takes_back(scenario: Scenario, strategy: Strategy) -> bool:
    """Whether a passed deadline ends this rollout; a Deployment only reports it and goes on."""
    plan = plan_of(strategy.strategy, scenario.service.replicas)
    return plan.ships and getattr(strategy.strategy, "on_deadline", "rollback") != "stop"


def _misses(scenario: Scenario) -> float:
    """No more than the chance that the deadline passes before any pod of a new fleet is ready, or available."""
    service = scenario.service
    if service.min_ready > service.progress_deadline:
        return 1.0
    by_then = [float(each.start.cdf(float(service.progress_deadline))) for each in _waited_for(scenario)]
    return float((1.0 - min(by_then, default=1.0)) ** service.replicas)


def _waited_for(scenario: Scenario) -> tuple[Container, ...]:
    """Containers whose start a pod's readiness waits for."""
    return tuple(each for each in scenario.release.containers if not each.sidecar or each.probed)


def _take(scenario: Scenario) -> str:
    """How long pods take: the slowest container, half of the time, or how long they have to be ready."""
    if scenario.service.min_ready > scenario.service.progress_deadline:
        return f"have to be ready for {units.show_duration(scenario.service.min_ready)} (min_ready)"
    slowest = max(round(each.start.quantile(0.5)) for each in _waited_for(scenario))
    return f"take about {units.show_duration(slowest, units.SECOND)} to start"


def _ample(scenario: Scenario) -> int:
    """A deadline that leaves room: thrice what pods take, in whole minutes, and no less than Kubernetes' default."""
    slowest = max(round(each.start.quantile(0.95)) for each in _waited_for(scenario)) + scenario.service.min_ready
    minutes = -(-3 * slowest // units.MINUTE)
    return int(max(minutes, 10) * units.MINUTE)
