"""The capacity review: what a pencil knows for certain, found by search and by playing the loss."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pencil import PENCIL

from sim.cli.main import ended
from sim.replication import replicate
from sim.report import capacity as layout
from sim.report import capacity_prose as prose
from sim.report.capacity_chart import headroom
from sim.report.capacity_page import page
from sim.report.capacity_text import markdown, options_csv, terminal
from sim.report.capacity_warnings import warnings
from sim.scenario import from_text
from sim.whatif import peak
from sim.whatif.capacity import Review, review
from sim.whatif.keeping import Reference, Sure, keeps
from sim.whatif.peak import Loss, Strike
from sim.whatif.search import largest, nearer, smallest

SECOND = 10**9


@pytest.fixture(scope="module")
def found() -> Review:
    return review(from_text(PENCIL), growths=(1.0,), replications=3, workers=1)


@given(some.integers(1, 300), some.integers(1, 50), some.integers(300, 400))
def test_the_search_finds_the_very_number(edge: int, above: int, most: int) -> None:
    assert smallest(lambda pods: pods >= edge, above=above, most=most) == max(edge, above)
    assert largest(lambda pods: pods <= edge, below=most) == min(edge, most)


@given(
    some.integers(1, 300), some.integers(1, 50), some.integers(300, 400), some.integers(-9, 500), some.integers(1, 9)
)
def test_a_guess_has_no_say_in_what_is_found(edge: int, above: int, most: int, guess: int, stride: int) -> None:
    right = max(edge, above)
    assert smallest(lambda pods: pods >= edge, above=above, most=most, guess=guess, stride=stride) == right
    assert smallest(lambda pods: False, above=above, most=most, guess=guess, stride=stride) is None


@given(some.integers(1, 300), some.integers(1, 300), some.integers(1, 50), some.integers(1, 400))
def test_a_glance_that_is_wrong_has_no_say_in_what_is_found(edge: int, seen: int, above: int, guess: int) -> None:
    found = nearer(lambda pods: pods >= seen, lambda pods: pods >= edge, above=above, most=300, guess=guess)
    assert found == max(edge, above)


def test_a_look_costs_two_numbers_where_the_glance_was_right() -> None:
    looked: list[int] = []
    nearer(lambda pods: pods >= 37, lambda pods: looked.append(pods) or pods >= 37, above=1, most=300, guess=30)  # type: ignore[func-returns-value]
    assert looked == [37, 36]


@given(some.integers(1, 10**6))
def test_the_search_asks_about_few_numbers_and_about_none_twice(edge: int) -> None:
    asked: list[int] = []
    smallest(lambda pods: asked.append(pods) or pods >= edge, above=1, most=10**6)  # type: ignore[func-returns-value]
    assert len(asked) == len(set(asked)) <= 2 * edge.bit_length() + 2


def test_the_smallest_fleet_is_the_pencil_s(found: Review) -> None:
    """45 rps of 100 ms keep 4.5 slots busy: 5 pods of one slot."""
    fleet = found.fleet("at-once", 1.0, Loss.NONE)
    assert (fleet.replicas, fleet.nodes, fleet.surge, fleet.below) == (5, 2, 5, None)


def test_with_a_node_lost_the_fleet_is_the_pencil_s(found: Review) -> None:
    """Of 8 pods on 3 nodes 5 are left, of 7 only 4, which carry 40 of 45 rps."""
    fleet = found.fleet("at-once", 1.0, Loss.NODE)
    assert (fleet.replicas, fleet.nodes, fleet.below, fleet.why) == (8, 3, Sure.BROKEN, "queues are full")


def test_today_s_fleet_breaks_where_its_slots_are_all_busy(found: Review) -> None:
    """9 pods carry 90 rps, 6 carry 60; the grid is a hundredth of 90, the promise lets 1 % be bad."""
    whole, lost = found.wall("at-once", Loss.NONE), found.wall("at-once", Loss.NODE)
    assert whole.rate == pytest.approx(90, abs=0.9)
    assert lost.rate == pytest.approx(60, abs=0.9)
    assert whole.rate < whole.broken < 90 * 1.03
    assert lost.rate < lost.broken < 60 * 1.04


def test_what_is_left_of_each_resource_is_the_pencil_s(found: Review) -> None:
    """4.5 of 9 slots are busy, 18 pods stand on nodes for 24, and hold 180 of 200 connections."""
    left = {each.name: each.least for each in found.course("at-once", Loss.NONE).resources}
    assert left["pods"] == pytest.approx(0.5)
    assert left["node cpu"] == pytest.approx(1 - 18 / 24)
    assert left["db connections"] == pytest.approx(0.1)
    assert found.course("at-once", Loss.NONE).first.name == "db connections"


def test_with_a_node_lost_a_quarter_of_the_slots_is_left_and_the_nodes_are_too_few(found: Review) -> None:
    """4.5 of 6 slots are busy; 18 pods would have to stand on nodes for 16."""
    course = found.course("at-once", Loss.NODE)
    left = {each.name: each.least for each in course.resources}
    assert left["pods"] == pytest.approx(0.25)
    assert left["node cpu"] == pytest.approx(1 - 18 / 16)
    assert course.first.name == "node cpu"


def test_until_the_loss_is_noticed_a_third_of_the_requests_fails_whatever_the_fleet(found: Review) -> None:
    """50 s at 45 rps, a third of it to pods that are gone: 750 requests, and one that was under way."""
    assert found.course("at-once", Loss.NODE).kept.blind == pytest.approx(750, abs=3)


def test_a_release_costs_what_the_pencil_says(found: Review) -> None:
    """1 s of start and 5 minutes of both fleets: 9 pods more for 301 s, at 2 EUR an hour."""
    (price,) = found.prices
    assert price.duration == pytest.approx(301, abs=1)
    assert price.releases_per_day == 287
    assert price.extra_pod_hours == pytest.approx(9 * 301 / 3600, rel=0.01)
    assert price.cost == pytest.approx(2 * 9 * 301 / 3600, rel=0.01)


def test_the_loss_is_played_by_the_simulator_and_not_by_taking_pods_away() -> None:
    scenario = from_text(PENCIL)
    played = peak.struck(peak.at_peak(scenario, scenario.strategies[0]), Loss.NODE, Strike(at=50 * SECOND, place=0))
    assert played.service.replicas == scenario.service.replicas
    story = replicate(played, strategy="at-once", case="good", index=0, story=True).journal
    assert story is not None
    said = [event.what for event in story.events if event.who == "node 0"]
    assert said == ["lost: nothing answers", "not ready: the cluster has noticed", "its pods are told to go"]


def test_a_zone_lost_takes_more_than_a_node() -> None:
    """6 nodes in 2 zones, 12 pods: 6 are left of 12, and 5 are enough for 45 rps; of 8 only 4 would be."""
    text = PENCIL.replace("count: 3", "count: 6, zones: 2").replace("replicas: 9", "replicas: 12")
    scenario = from_text(text)
    assert peak.losses(scenario) == (Loss.NONE, Loss.NODE, Loss.ZONE)
    assert [peak.spared(scenario, loss, 6) for loss in Loss] == [6, 5, 3]
    grown = peak.at_peak(scenario, scenario.strategies[0])
    strike = Strike(at=60 * SECOND, place=0)
    sure = {}
    for pods in (12, 8):
        smaller = peak.with_fleet(grown, pods, 6)
        sure[pods] = keeps(
            smaller, "at-once", Reference.of(grown), loss=Loss.ZONE, strike=strike, replications=3, confidence=0.95
        ).sure
    assert sure == {12: Sure.KEPT, 8: Sure.BROKEN}


def test_the_only_canary_pod_on_a_lost_node_breaks_the_promise_and_is_named() -> None:
    """A weight of 10 % on one pod of nine: with its node gone a tenth of the traffic finds nobody, by any queue."""
    text = PENCIL.replace("{kind: blue_green, keep_old: 5m}", "{kind: canary, steps: [{weight: 10%, hold: 8m}]}")
    scenario = from_text(text)
    grown = peak.at_peak(scenario, scenario.strategies[0])
    kept = keeps(
        grown,
        "at-once",
        Reference.of(grown),
        loss=Loss.NODE,
        strike=Strike(at=60 * SECOND, place=0),
        replications=3,
        confidence=0.95,
    )
    assert (kept.sure, kept.why) == (Sure.BROKEN, "no pod is known")


def test_errors_of_today_s_version_count_by_their_rate_and_not_by_their_luck() -> None:
    scenario = from_text(PENCIL.replace("baseline_errors: 0%", "baseline_errors: 0.3%"))
    grown = peak.at_peak(scenario, scenario.strategies[0])
    kept = keeps(grown, "at-once", Reference.of(grown), replications=3, confidence=0.95)
    assert kept.share.value == pytest.approx(0.003, abs=1e-12)
    assert kept.surely


def test_a_promise_that_today_s_errors_leave_nothing_of_is_said_and_judged_on_top() -> None:
    scenario = from_text(PENCIL.replace("baseline_errors: 0%", "baseline_errors: 1%"))
    reference = Reference.of(peak.at_peak(scenario, scenario.strategies[0]))
    assert reference.up_to(1).allowed == pytest.approx(0.02)


def test_few_requests_leave_the_promise_open_instead_of_certain() -> None:
    """Nothing fails in a few hundred requests: that is no proof of 99.99 %."""
    text = PENCIL.replace("success: 99%", "success: 99.99%").replace("peak: 45/s", "peak: 1/s")
    scenario = from_text(text)
    grown = peak.at_peak(scenario, scenario.strategies[0])
    kept = keeps(grown, "at-once", Reference.of(grown), replications=3, confidence=0.95)
    assert kept.share.value == 0.0
    assert kept.sure is Sure.CANNOT_TELL


def test_a_pool_that_holds_no_second_fleet_holds_the_release_up() -> None:
    scenario = from_text(PENCIL)
    grown = peak.with_fleet(peak.at_peak(scenario, scenario.strategies[0]), 9, 2)
    assert peak.nodes_for(scenario, 18) == 3
    kept = keeps(grown, "at-once", Reference.of(grown), replications=3, confidence=0.95)
    assert (kept.held_up, kept.sure) == (True, Sure.BROKEN)


def test_the_page_has_what_a_board_asks_for(found: Review) -> None:
    asked = ("The ask", "Demand", "Options", "breaks", "first", "Triggers", "Assumptions", "Evidence", "Sign-off")
    written = markdown(found)
    for part in asked:
        assert part in written
        assert part in page(found).replace("aria-label=", "")
    tables = [line.replace("\\|", "").count("|") for line in written.splitlines() if line.startswith("|")]
    assert min(tables) > 2


def test_the_ask_asks_for_nothing_where_today_s_fleet_is_enough(found: Review) -> None:
    assert prose.ask(found).startswith("No change: today's 9 pods on 3 nodes")


def test_the_ask_names_pods_nodes_and_strategy_where_more_is_needed(found: Review) -> None:
    service = replace(found.scenario.service, replicas=7)
    small = replace(found, scenario=replace(found.scenario, service=service))
    assert prose.ask(small).startswith("8 pods on 3 nodes (today 7 on 3), to carry 1 x today's peak (45.0 rps)")
    assert "+730 pod-hours, +1,460 EUR a month" in prose.three_lines(small)[1]


def test_the_autoscaler_s_max_below_the_fleet_is_warned_of(found: Review) -> None:
    text = PENCIL.replace("  balancer:", "  autoscaler: {kind: hpa, min: 4, max: 6}\n  balancer:")
    text = text.replace("replicas: 9", "replicas: 6").replace("warm_up: 30s", "warm_up: 5m")
    said = list(warnings(replace(found, scenario=from_text(text))))
    assert any("max of 6 is below the 8 pods that at-once needs" in line for line in said)


def test_each_of_several_dependencies_is_counted_by_the_processes_that_hold_it(found: Review) -> None:
    """16 processes at once hold 160 connections of the one that runs out first, and 1,600 of the wide one."""
    wide = PENCIL.replace("{db: {", "{wide: {connections: 1500, per_pod: 100}, db: {").replace(
        "connections: 200", "connections: 140"
    )
    said = " ".join(warnings(replace(found, scenario=from_text(wide))))
    assert "160 connections to db at once, it takes 140" in said
    assert "1600 connections to wide at once, it takes 1500" in said


def test_connections_and_quota_beyond_their_limit_are_warned_of(found: Review) -> None:
    text = PENCIL.replace("connections: 200", "connections: 150").replace(
        "  balancer:", "  quota: {pods: 12}\n  balancer:"
    )
    said = " ".join(warnings(replace(found, scenario=from_text(text))))
    assert "160 connections to db at once, it takes 150" in said
    assert "16 pods at once, the quota allows 12" in said


def test_a_scarce_resource_is_a_trigger_now(found: Review) -> None:
    first = next(prose.triggers(found))
    assert first.startswith("Now: of node cpu")
    assert "-12 %" in first


def test_the_options_as_csv_say_the_same_as_the_review(found: Review) -> None:
    rows = list(csv.DictReader(io.StringIO(options_csv(found))))
    assert [(row["loss"], row["pods"], row["nodes"]) for row in rows] == [
        ("no loss", "5", "2"),
        ("node lost", "8", "3"),
    ]
    assert rows[1]["one_pod_less"] == "broken"


def test_the_terminal_holds_to_eighty_columns(found: Review) -> None:
    assert max(len(line) for line in terminal(found).splitlines()) <= 80


def test_the_chart_says_its_finding_and_has_it_in_words(found: Review) -> None:
    chart = headroom(found)
    assert chart.title == "Least is left of node cpu: -12 %, by at-once, node lost"
    assert "db connections 10 %" in chart.words


def test_a_scenario_named_like_a_script_runs_nothing(found: Review) -> None:
    nasty = replace(found, scenario=replace(found.scenario, name="<script>alert(1)</script>"))
    assert "<script>alert" not in page(nasty)


def test_who_signs_until_when_and_for_what_demand_comes_from_the_file(found: Review) -> None:
    text = (
        PENCIL + "review: {owner: Ada, approvers: [Grace], decision_by: 1 March, growth: {low: 1, base: 2, high: 3}}\n"
    )
    signed = replace(found, scenario=from_text(text))
    assert [row[:2] for row in prose.signers(signed)] == [("owner", "Ada"), ("approver", "Grace")]
    assert "1 March" in page(signed)


def test_the_command_writes_page_markdown_and_csv_and_answers_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pencil.yaml"
    file.write_text(PENCIL)
    options = ["--growth", "1", "--replications", "3", "--results", str(tmp_path), "--workers", "1", "--json"]
    assert ended(["capacity", str(file), *options]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [fleet["replicas"] for fleet in answer["fleets"]] == [5, 8]
    for suffix in (".html", ".md", ".csv"):
        assert (tmp_path / f"pencil-capacity{suffix}").stat().st_size > 100


@pytest.mark.parametrize("growth", ["", "0", "much", "1,-2"])
def test_a_growth_that_is_none_is_refused_in_words(
    growth: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["capacity", str(tmp_path / "x.yaml"), "--growth", growth]) == 2
    assert "--growth" in capsys.readouterr().err


def test_growth_that_falls_is_refused_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pencil.yaml"
    file.write_text(PENCIL + "review: {growth: {low: 2, base: 1.5, high: 3}}\n")
    assert ended(["capacity", str(file)]) == 2
    assert "must not fall" in capsys.readouterr().err


def test_rates_are_written_with_three_figures() -> None:
    assert layout.left(math.nan) == "-"
    assert layout.count(1, "pod") == "1 pod"
