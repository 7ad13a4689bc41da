"""The whole review of a rolling update over two zones: by pencil, by playing every edge again, as a page.

12 pods of 10 rps stand on 6 nodes in 2 zones; the peak is 45 rps and 1 % of requests may be bad. A pod starts in 20 s.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from browser import PATIENCE
from pencil import PENCIL

from sim import units
from sim.report.capacity import month, option_rows
from sim.report.capacity_page import page
from sim.report.capacity_prose import three_lines
from sim.report.capacity_text import options_csv
from sim.scenario import from_text
from sim.whatif import peak
from sim.whatif.capacity import Review, review
from sim.whatif.keeping import Reference, Sure, keeps
from sim.whatif.peak import Loss

ZONES = (
    PENCIL.replace("count: 3,", "count: 6, zones: 2,")
    .replace("start: 1s", "start: 20s")
    .replace("replicas: 9", "replicas: 12")
    .replace("at-once: {kind: blue_green, keep_old: 5m}", "careful: {kind: rolling, surge: 2, unavailable: 0}")
)


@pytest.fixture(scope="module")
def found() -> Review:
    return review(from_text(ZONES), growths=(1.0,), replications=3, workers=1)


def test_every_loss_there_is_goes_through_the_whole_review(found: Review) -> None:
    assert found.losses == (Loss.NONE, Loss.NODE, Loss.ZONE)
    assert [each.loss for each in found.fleets] == [each.loss for each in found.walls] == list(found.losses)
    assert [each.loss for each in found.courses] == list(found.losses)


def test_without_a_loss_the_smallest_fleet_and_surge_are_the_pencil_s(found: Review) -> None:
    """5 pods carry 50 of 45 rps. With a surge of 1 all 5 serve throughout; with 0 Kubernetes lets one be missing."""
    fleet = found.fleet("careful", 1.0, Loss.NONE)
    assert (fleet.replicas, fleet.written_surge, fleet.least_surge) == (5, 2, 1)


def test_a_larger_loss_never_takes_a_smaller_fleet(found: Review) -> None:
    pods = [found.fleet("careful", 1.0, loss).replicas or 0 for loss in found.losses]
    assert pods == sorted(pods)
    assert pods[-1] >= 9  # a zone takes up to half of them, and 45 rps keep 4.5 busy


def test_with_a_zone_lost_today_s_fleet_breaks_where_half_of_it_is_busy(found: Review) -> None:
    """6 of 12 pods are left, which carry 60 rps; nothing lost, 12 carry 120. The grid is a hundredth of that."""
    whole, lost = found.wall("careful", Loss.NONE), found.wall("careful", Loss.ZONE)
    assert whole.rate == pytest.approx(120, abs=1.3)
    assert lost.rate == pytest.approx(60, abs=1.3)


@pytest.mark.parametrize("loss", [Loss.NODE, Loss.ZONE])
def test_each_fleet_keeps_the_promise_at_every_moment_and_place_and_one_pod_less_does_not(
    found: Review, loss: Loss
) -> None:
    """Played again one by one, past the search: the smallest is enough, and it is the smallest."""
    scenario = found.scenario
    grown = peak.at_peak(scenario, scenario.strategies[0])
    reference, fleet = Reference.of(grown), found.fleet("careful", 1.0, loss)
    assert fleet.replicas is not None
    sure: dict[int, set[Sure]] = {}
    for pods, nodes in ((fleet.replicas, fleet.nodes), (fleet.replicas - 1, scenario.nodes.count)):
        smaller = peak.with_fleet(grown, pods, nodes)
        whole = keeps(smaller, "careful", reference, replications=3, confidence=0.95)
        strikes = peak.strikes(smaller, loss, whole.means["duration"] * units.SECOND)
        sure[pods] = {
            keeps(smaller, "careful", reference, loss=loss, strike=each, replications=3, confidence=0.95).sure
            for each in strikes
        }
    assert sure[fleet.replicas] == {Sure.KEPT}
    assert Sure.BROKEN in sure[fleet.replicas - 1]


def test_a_board_is_told_which_surge_it_has_and_which_would_do(found: Review) -> None:
    (option,) = option_rows(found)
    assert option[3].endswith("(surge 2; 1 would do)")
    assert "+2 (surge 2" not in option[3]  # pods that are leaving stand beside those that came
    row = next(csv.DictReader(io.StringIO(options_csv(found))))
    assert (row["written_surge"], row["least_surge"]) == ("2", "1")


def test_nodes_have_a_price_of_their_own(found: Review) -> None:
    """2 pods and a node more for a month of 730 hours, at 2 EUR a pod-hour and 0.5 a node-hour."""
    fleet = replace(found.fleet("careful", 1.0, Loss.NODE), replicas=14, nodes=7)
    priced = replace(found, scenario=from_text(ZONES.replace("pod_hour: 2", "pod_hour: 2, node_hour: 0.5")))
    assert month(priced, fleet) == "+1,460 pod-hours, +730 node-hours, +3,285 EUR"
    assert month(found, fleet) == "+1,460 pod-hours, +2,920 EUR"


def test_what_it_takes_all_the_time_is_said_in_words(found: Review) -> None:
    service = replace(found.scenario.service, replicas=6)
    nodes = replace(found.scenario.nodes, count=found.fleet("careful", 1.0, Loss.NODE).nodes + 2)
    small = replace(found, scenario=replace(found.scenario, service=service, nodes=nodes))
    assert three_lines(small)[1].startswith("Cost: 1 pod more and 2 nodes fewer all the time")


@pytest.fixture
def opened(chromium: Any, found: Review, tmp_path: Any) -> Iterator[Any]:
    """The page with its policy in force; at the end nothing was on the console."""
    file, console = tmp_path / "capacity.html", []
    file.write_text(page(found), encoding="utf-8")
    made = chromium.new_page()
    made.set_default_timeout(PATIENCE)
    made.on("console", lambda message: console.append(message.text))
    made.on("pageerror", lambda error: console.append(str(error)))
    made.goto(file.as_uri())
    yield made
    made.close()
    assert console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_can_be_read_by_everybody_on_any_screen(opened: Any, width: int, scheme: Any) -> None:
    from axe_check import found_wrong

    opened.set_viewport_size({"width": width, "height": 900})
    opened.emulate_media(color_scheme=scheme)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert found_wrong(opened) == []


def test_the_headroom_of_every_resource_is_read_under_the_pointer(opened: Any, found: Review) -> None:
    figure = opened.locator("figure")
    figure.scroll_into_view_if_needed()
    drawn = figure.locator("svg")
    box, wide = drawn.bounding_box(), drawn.evaluate("svg => svg.viewBox.baseVal.width")
    places = figure.locator(".picture").evaluate("each => JSON.parse(each.dataset.readings).map((part) => part.box)")
    left, top, right, bottom = places[-1]
    scale = box["width"] / wide
    opened.mouse.move(box["x"] + scale * (left + right) / 2, box["y"] + scale * (top + bottom) / 2)
    told = figure.locator(".reading").inner_text()
    assert "careful, zone lost, " in told
    for each in found.course("careful", Loss.ZONE).resources:
        assert each.name in told


def test_the_smallest_fleets_are_put_in_order(opened: Any) -> None:
    table = opened.get_by_role("region", name="Smallest fleets")
    table.get_by_role("button", name="1 x").click()
    table.get_by_role("button", name="1 x").click()
    assert "zone lost" in table.locator("tbody th").first.inner_text()
