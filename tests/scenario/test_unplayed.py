"""What only a real controller plays is refused or told in plain words, and nothing is said where it does not matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario import from_text, load
from sim.scenario.unplayed import unplayed

CASES = Path(__file__).parents[1] / "cases"


def told(case: str, *changes: tuple[str, str]) -> list[str]:
    text = (CASES / f"{case}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return list(unplayed(from_text(text, case)))


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("canary-scale", "pods of a canary always follow its weight here; it cannot be played yet"),
        ("dynamic-stable-scale", "the stable fleet keeps its size until the promotion here; it cannot be played yet"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(case: str, says: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(CASES / f"{case}.yaml")
    assert says in str(refused.value)


def test_pods_that_go_before_proxies_know_are_told_with_what_keeps_them() -> None:
    found = told("scale-down-delay")
    promotions = [each for each in found if "at the promotion" in each]
    assert [each.partition(":")[0] for each in promotions] == ["canary"]
    assert (
        "the old pods go at once when the router sends them nothing, but proxies hear of it up to 5s late" in found[0]
    )
    assert "scaleDownDelaySeconds); keep them as long: bake: 30s" in found[0]
    assert len([each for each in found if "abortScaleDownDelaySeconds" in each]) == 4


def test_where_proxies_know_at_once_nothing_is_said_of_it() -> None:
    assert told("scale-down-delay", ("route_lag: 5s", "route_lag: 0s")) == []


def test_a_primary_that_shrinks_is_told_of_flagger_with_an_autoscaler() -> None:
    (found,) = told("flagger-promotion-herd")
    assert "may be too small when all of it comes back at the promotion" in found


def test_without_an_autoscaler_or_with_a_gate_of_another_tool_nothing_is_said_of_it() -> None:
    hpa = "autoscaler: {kind: hpa, min: 3, max: 30, cpu: 70%, idle: 0%, starting: 0.5}"
    assert told("flagger-promotion-herd", (hpa, "autoscaler: none")) == []
    flagger = "{kind: flagger, success: 99%, threshold: 2, every: 1m, window: 1m, delay: 0s}"
    assert told("flagger-promotion-herd", (flagger, "{kind: threshold, success: 99%}")) == []


def test_a_cookie_that_holds_canary_users_only_is_told_where_users_are_sticky() -> None:
    (found,) = told("session-affinity-drift")
    assert "in the end nearly everybody is on the canary" in found
    assert told("session-affinity-drift", ("sticky: true", "sticky: false")) == []
