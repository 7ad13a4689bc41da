"""Requests of closed loops that nobody came to make, counted against the twin and beside those that failed."""

from __future__ import annotations

from typing import Any

import pytest
from releases import scenario_data, with_defect

from sim.errors import ScenarioError
from sim.measures.twin import net
from sim.replication import Record, replicate
from sim.scenario import from_data
from sim.scenario.resolved import Scenario

SECOND = 10**9
WARM_UP, HORIZON = 20 * SECOND, 120 * SECOND
WORK, THINK, USERS, TIMES = SECOND // 10, SECOND, 7, 11


def scenario(defect: dict[str, Any], **sections: Any) -> Scenario:
    """Seven users who think for a second and wait for 100 ms; blue/green switches every proxy at one instant."""
    loop = {"arrivals": {"kind": "closed", "users": USERS, "think": "1s"}, "work": "100ms"}
    data = scenario_data(
        service={"concurrency": 50, "endpoint_lag": "0s"},
        release={"baseline_errors": "0%", **with_defect(defect)},
        study={"horizon": "2m", "warm_up": "20s"},
        **{"strategies": {"switch": {"kind": "blue_green", "keep_old": "10m"}}, **sections},
    )
    data["traffic"] = {"streams": {"open": {"peak": "5/s", "work": "10ms"}, "loop": loop}}
    data["oncall"] = "none"
    return from_data(data)


def joined(given: Scenario) -> tuple[Record, dict[str, float]]:
    cell = replicate(given, strategy="switch", case="flaw", index=0, story=True)
    twin = replicate(given, strategy=None, case="flaw", index=0)
    return cell, net(cell.values, cell.down, twin.values, twin.down, given.study.window)


def made_by_pencil(switch: int, work: int) -> int:
    """Requests from the release on: all users are in step, and wait longer once they meet the new version."""
    at, count = THINK - WARM_UP, 0
    while at < HORIZON:
        count += at >= 0
        at += (work if at >= switch else WORK) + THINK
    return USERS * count


def test_users_who_wait_longer_ask_less_often_by_so_many_requests() -> None:
    cell, figures = joined(scenario({"kind": "latency", "factor": TIMES}))
    assert cell.journal is not None
    (switch,) = [
        each.at for each in cell.journal.events if each.kind == "step" and each.what == "everything to the new version"
    ]
    undisturbed, slow = made_by_pencil(HORIZON, WORK), made_by_pencil(switch, TIMES * WORK)
    assert figures["requests_made"] == slow
    assert figures["requests_never_made"] == undisturbed - slow > 200
    assert figures["failed_requests"] == 0


def test_users_who_are_refused_at_once_ask_more_often() -> None:
    _, figures = joined(scenario({"kind": "never_ready"}, strategies={"switch": {"kind": "recreate"}}))
    assert figures["failed_requests"] > 0
    assert figures["requests_never_made"] < 0


def test_a_release_without_a_closed_loop_has_no_such_figure() -> None:
    given = from_data(scenario_data())
    cell, twin = (replicate(given, strategy=name, case="good", index=0) for name in ("canary", None))
    figures = net(cell.values, cell.down, twin.values, twin.down, given.study.window)
    assert not {"requests_made", "requests_never_made"} & {*cell.values, *figures}


@pytest.mark.parametrize(
    "asking",
    [{"study": {"decide_by": "requests_never_made"}}, {"expect": [{"measure": "requests_never_made", "max": "< 5"}]}],
    ids=lambda asking: next(iter(asking)),
)
def test_the_figure_is_asked_for_only_where_there_is_a_closed_loop(asking: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="needs a stream that is a closed loop"):
        from_data(scenario_data(**asking))
