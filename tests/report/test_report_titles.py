"""Titles state a finding and never more than the sample carries."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import sample

from sim.report import distributions, hangs, lanes, resources
from sim.study.findings import Estimate, Extreme, Findings, Spread, Swing


def spread(value: float, low: float, high: float, worst: float = 9000.0, untouched: float = 0.1) -> Spread:
    middle = sample.estimate(value / 3, 1.0)
    tail = Estimate(value=value, low=low, high=high, n=120, method="Woodruff")
    none = sample.estimate(untouched, 0.05)
    return Spread(n=120, half=middle, one_in_ten=tail, worst=worst, untouched=none)


def with_tails(**tails: tuple[float, float, float]) -> Findings:
    return sample.findings(
        spreads={("failed_requests", name.replace("_", "-"), "bad"): spread(*ends) for name, ends in tails.items()}
    )


def title(findings: Findings) -> str:
    chart = distributions.exposure(sample.frame(), findings)
    assert chart is not None
    return chart.title


def test_tails_whose_intervals_meet_are_not_said_to_differ() -> None:
    said = title(with_tails(rolling=(3200, 1500, 4100), canary_slow=(970, 730, 1600)))
    assert said == "Too few bad releases were played to compare the worst ones of each strategy"


def test_a_tail_without_an_upper_end_is_milder_than_no_other() -> None:
    said = title(with_tails(rolling=(3200, 2700, 4100), canary_slow=(970, 730, math.inf)))
    assert "Too few" in said


def test_tails_that_are_apart_are_told_with_both_intervals() -> None:
    said = title(with_tails(rolling=(3200, 2700, 4100), canary_slow=(970, 730, 1200)))
    assert "3,200 (2,700 to 4,100)" in said
    assert "under rolling, more than 970 (730 to 1,200) under canary-slow" in said


def swing(better: str | None, low: float = 40.0, high: float = 150.0) -> Swing:
    return Swing(
        input="how often releases are bad", low="4 %", high="15 %", chosen="canary-80-20", other="blue-green",
        at_low=sample.estimate(low, 9.0), at_high=sample.estimate(high, 30.0), better=better,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("better", "said"), [(None, "None of these inputs alone"), ("rolling", "can change the verdict")]
)
def test_the_verdict_turns_only_where_another_is_better_beyond_the_zone(better: str | None, said: str) -> None:
    chart = hangs.tornado(sample.findings(swings=(swing(better), swing(None, 60.0, 70.0))))
    assert chart is not None
    assert said in chart.title
    assert "40 ±9 at 4 %" in chart.words


def test_good_releases_that_cost_nothing_are_counted() -> None:
    calm = replace(spread(0.0, 0.0, 0.0, worst=0.0, untouched=1.0), n=20)
    bad = {("failed_requests", name, "bad"): spread(900, 700, 1200) for name in sample.STRATEGIES}
    good = {("failed_requests", name, "good"): calm for name in sample.STRATEGIES}
    whole = sample.findings(spreads={**bad, **good})
    assert lanes.title(whole) == "No request failed because of a good release (20 were played with each strategy)"
    chart = lanes.exposure_lanes(sample.frame(), whole)
    assert chart is not None
    assert "rolling, bad: 10 % of 120 releases fail no request" in chart.words


def test_the_scarcest_resource_comes_first_and_is_named() -> None:
    seen = {
        ("headroom.nodes", "rolling"): Extreme(value=0.3, case="good", index=0),
        ("headroom.slots", "blue-green"): Extreme(value=0.05, case="leak", index=4),
        ("peak_pods", "rolling"): Extreme(value=12.0, case="good", index=0),
    }
    whole = sample.findings(extremes=seen)
    assert [row.label for row in resources.needs(whole)][:2] == ["room in pods for requests", "room for pods on nodes"]
    assert "5 % left with blue-green at worst (defect leak)" in resources.scarcest(whole)
