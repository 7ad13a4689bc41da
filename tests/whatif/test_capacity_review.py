"""The capacity review: what the arithmetic knows for certain, found by search; and a page that can be signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sim.cli.main import ended
from sim.report import capacity as layout
from sim.scenario import from_text
from sim.whatif.capacity import Review, review
from sim.whatif.keeping import keeps, slow_anyway
from sim.whatif.peak import Loss, after, at_peak, with_fleet
from sim.whatif.search import largest, smallest

BUSY = """
rollrisk: 1
name: busy service
service:
  replicas: 6
  concurrency: 1
  queue: 4
  balancer: least_request
  pod: {app: {image: 10MB, cpu: 500m, memory: 256Mi, start: 2s}}
nodes: {count: 3, cpu: 4, memory: 8Gi}
dependencies: {db: {connections: 130, per_pod: 10}}
traffic:
  users: {count: 100}
  profile: {0m: 50%, 10m: 100%}
  streams: {web: {peak: 40/s, work: 50ms}}
release:
  baseline_errors: 0%
  change_failure_rate: 20%
  defects: {errors: {share: 100%, kind: error_rate, rate: 20%}}
oncall: none
strategies:
  at-once: {kind: blue_green, keep_old: 1m}
slo: {success: 99%}
study: {horizon: 20m, warm_up: 30s, pilot: 3, cap: 4}
"""


@pytest.fixture(scope="module")
def found() -> Review:
    return review(from_text(BUSY), growths=(1.0, 2.0), replications=4)


@given(some.integers(1, 300), some.integers(1, 50), some.integers(300, 400))
def test_the_search_finds_the_very_number(edge: int, above: int, most: int) -> None:
    assert smallest(lambda pods: pods >= edge, above=above, most=most) == max(edge, above)
    assert largest(lambda pods: pods <= edge, below=most) == min(edge, most)


@given(some.integers(1, 10**6))
def test_the_search_asks_about_few_numbers_and_about_none_twice(edge: int) -> None:
    asked: list[int] = []
    smallest(lambda pods: asked.append(pods) or pods >= edge, above=1, most=10**6)  # type: ignore[func-returns-value]
    assert len(asked) == len(set(asked)) <= 2 * edge.bit_length() + 2


def test_a_fleet_smaller_than_the_work_never_keeps_the_promise(found: Review) -> None:
    """40 requests a second of 50 ms keep two slots busy all the time, so two pods of one slot cannot do."""
    replicas = found.fleet("at-once", 1.0, Loss.NONE).replicas
    assert replicas is not None
    assert replicas >= 3


def test_the_fleet_found_keeps_the_promise_and_one_pod_less_does_not(found: Review) -> None:
    scenario, fleet = from_text(BUSY), found.fleet("at-once", 1.0, Loss.NONE)
    assert fleet.replicas is not None
    kept = [
        keeps(with_fleet(at_peak(scenario, scenario.strategies[0]), pods), "at-once", replications=4, confidence=0.95)
        for pods in (fleet.replicas, fleet.replicas - 1)
    ]
    assert [each.surely for each in kept] == [True, False]


def test_growth_and_loss_never_need_fewer_pods(found: Review) -> None:
    pods = {(each.growth, each.loss): each.replicas or 0 for each in found.fleets}
    assert pods[1.0, Loss.NONE] <= pods[2.0, Loss.NONE] <= pods[2.0, Loss.NODE]
    assert pods[1.0, Loss.NONE] < pods[1.0, Loss.NODE]


def test_the_file_s_fleet_breaks_below_what_its_slots_can_carry(found: Review) -> None:
    """Six slots carry 120 requests of 50 ms a second, and not one more."""
    whole, lost = found.walls
    assert whole.rate is not None
    assert lost.rate is not None
    assert lost.rate < whole.rate < 120
    assert lost.rate < 80


def test_what_runs_out_first_is_the_resource_of_which_least_is_left(found: Review) -> None:
    """Two fleets of six hold 120 of 130 connections: 8 % left, less than of slots or nodes."""
    assert found.walls[0].first == "connections"
    assert found.walls[0].headroom["connections"] == pytest.approx(10 / 130)


def test_a_lost_node_takes_its_even_share_of_pods() -> None:
    scenario = from_text(BUSY)
    left = after(scenario, Loss.NODE)
    assert left is not None
    assert (left.service.replicas, left.nodes.count) == (4, 2)
    assert after(from_text(BUSY.replace("replicas: 6", "replicas: 1")), Loss.NODE) is None


def test_work_longer_than_its_objective_is_no_fault_of_the_fleet() -> None:
    text = BUSY.replace("work: 50ms", "work: {p50: 60ms, p95: 200ms}, timeout: none")
    scenario = from_text(text + "\n").traffic.streams[0]
    with_objective = from_text(text.replace("slo: {success: 99%}", "slo: {success: 99%, latency: {web: 200ms}}"))
    assert scenario.objective == 0
    assert slow_anyway(from_text(text)) == 0.0
    assert slow_anyway(with_objective) == pytest.approx(0.05, abs=1e-3)


def test_the_page_has_what_a_board_asks_for(found: Review) -> None:
    page = layout.markdown(found)
    for part in ("The ask", "Demand", "Options", "breaks", "first", "Triggers", "Assumptions", "Evidence", "Sign-off"):
        assert part in page
    tables = [line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("|")]
    assert min(tables) > 2


def test_the_command_answers_in_eighty_columns_and_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "busy.yaml"
    file.write_text(BUSY)
    options = ["--growth", "1", "--replications", "3", "--results", str(tmp_path), "-q"]
    assert ended(["capacity", str(file), *options]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.split("ASK")[0].splitlines()) <= 80
    assert (tmp_path / "busy-service-capacity.md").read_text().startswith("# Capacity review: busy service")
    assert ended(["capacity", str(file), *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fleets"][0]["replicas"] >= 3


@pytest.mark.parametrize("growth", ["", "0", "much", "1,-2"])
def test_a_growth_that_is_none_is_refused_in_words(
    growth: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["capacity", str(tmp_path / "x.yaml"), "--growth", growth]) == 2
    assert "--growth" in capsys.readouterr().err
