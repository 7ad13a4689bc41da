"""Why a strategy does not ship, as a clause that a verdict can say: from what was played, and by arithmetic."""

from __future__ import annotations

from sim.measures.shipping import APPROVAL, DEADLINE, GATE, HORIZON, ON_CALL, SMOKE_TEST
from sim.rollout_plan import plan_of
from sim.scenario.resolved import Scenario, Strategy
from sim.scenario.side_by_side import shortages
from sim.study.findings import Shipping
from sim.units import show_duration, show_share

ROOM = {"quota": "the quota", "nodes": "the nodes", "connections": "the connections"}


def clause(scenario: Scenario, strategy: Strategy, found: Shipping) -> str:
    """Why good releases were lost; empty where none was."""
    if not found.lost:
        return ""
    (cause, times), *others = found.causes
    told = _of_cause(scenario, strategy, cause, found.quote)
    return f"mostly because {told}" if others and times < found.lost else told


def _of_cause(scenario: Scenario, strategy: Strategy, cause: str, quote: str) -> str:
    if cause.startswith(GATE):
        return _gate(scenario, cause, quote)
    if cause in ROOM:
        short = next((each.told for each in shortages(scenario, strategy) if each.limit == cause), "")
        return f"its pods do not fit {ROOM[cause]} ({short or quote})"
    told = {
        ON_CALL: f"the person on call takes good releases back ({quote}; today's errors are {_today(scenario)})",
        SMOKE_TEST: f"its smoke test stops good releases ({quote})",
        DEADLINE: f"its pods are not available within the progress deadline of {_deadline(scenario)} ({quote})",
        APPROVAL: f"it waits for a person to let it go on, and {_who(scenario)}",
        HORIZON: f"it is not over after the {show_duration(scenario.study.horizon)} that are watched "
        f"({_length(scenario, strategy) or quote})",
    }
    return told.get(cause, quote)


def _deadline(scenario: Scenario) -> str:
    return show_duration(scenario.service.progress_deadline)


def _who(scenario: Scenario) -> str:
    if scenario.oncall is None:
        return "nobody is on call (oncall: none): say under oncall who reacts, and how fast"
    return "nobody does so in time"


def _length(scenario: Scenario, strategy: Strategy) -> str:
    holds = sum(hold.lasts for hold in plan_of(strategy.strategy, scenario.service.replicas).holds)
    return f"its holds alone take {show_duration(holds)}" if holds else ""


def _gate(scenario: Scenario, cause: str, quote: str) -> str:
    """What the gate said; and today's errors, where it judges these."""
    name = cause.removeprefix(GATE)
    today = f"; today's errors are {_today(scenario)}" if "success" in quote else ""
    return f"its gate {name} stops good releases ({quote}{today})"


def _today(scenario: Scenario) -> str:
    return show_share(scenario.release.baseline_errors)
