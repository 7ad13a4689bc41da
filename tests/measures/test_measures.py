import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.journal import Gauge, Journal, Milestone
from sim.ledger import Ledger, empty_ledger, latency_bucket
from sim.measures import MEASURES, measure_named
from sim.measures.measuring import measure
from sim.measures.twin import net
from sim.outcomes import Outcome
from sim.steps import Decision, Detector
from sim.versions import NEVER, NEW, STABLE

S = 10**9
STREAMS = ("browse", "pay")
HOUR = 3600


def empty(windows: int) -> Ledger:
    return empty_ledger(windows=windows, streams=2, users=100, records=0, never=NEVER)


def measured(ledger: Ledger, journal: Journal | None = None, **words: Any) -> tuple[dict[str, float], dict[str, bytes]]:
    """The measures of a small service; ten-second windows, the horizon at the end of the last."""
    usual: dict[str, Any] = {
        "streams": STREAMS,
        "window": 10 * S,
        "horizon": len(ledger.requests) * 10 * S,
        "bad": True,
        "released": True,
        "per_pod_connections": 0,
        "connection_limit": 0,
        "node_count": 3,
        "concurrency": 2,
        "mean_work": [0.1 * S, 0.2 * S],
    }
    return measure(ledger=ledger, journal=journal or Journal(), **(usual | words))


def values(ledger: Ledger, journal: Journal | None = None, **words: Any) -> dict[str, float]:
    return measured(ledger, journal, **words)[0]


def book(
    ledger: Ledger, window: int, good: int, failed: int = 0, *, stream: int = 0, version: int = STABLE, how: int = 1
) -> None:
    ledger.requests[window, stream, version, Outcome.SUCCEEDED] += good
    ledger.requests[window, stream, version, how] += failed


def course(by: Detector = Detector.GATE, **milestones: int) -> Journal:
    """A journal with milestones in seconds."""
    journal = Journal(detected_by=by)
    for name, at in milestones.items():
        journal.reach(Milestone[name.upper()], at * S)
    return journal


def served_at(seconds: int | None, windows: int = 360) -> Ledger:
    """A ledger of an hour in which the new version served its first request at a moment."""
    ledger = empty(windows)
    book(ledger, 0, 1)
    if seconds is not None:
        ledger.first_served[NEW] = seconds * S
    return ledger


# Requests


def test_a_request_fails_by_error_rejection_timeout_or_lost_connection_seen_or_not() -> None:
    ledger = empty(1)
    for outcome in Outcome:
        ledger.requests[0, 0, STABLE, outcome] = 10**outcome
    found = values(ledger)
    assert found["requests"] == 11_111_111
    assert found["failed_requests"] == 11_111_110
    assert found["unseen_errors"] == 100


def test_failed_requests_are_counted_per_stream_too() -> None:
    ledger = empty(1)
    book(ledger, 0, 10, 3, stream=0)
    book(ledger, 0, 10, 4, stream=1, version=NEW)
    found = values(ledger)
    assert (found["failed_requests.browse"], found["failed_requests.pay"], found["failed_requests"]) == (3, 4, 7)


def test_touched_requests_are_those_that_got_into_a_pod_of_the_new_version() -> None:
    ledger = empty(1)
    book(ledger, 0, 10, 5, version=NEW)
    book(ledger, 0, 0, 3, version=NEW, how=Outcome.REFUSED)
    book(ledger, 0, 0, 2, version=NEW, how=Outcome.NO_ENDPOINT)
    book(ledger, 0, 100)
    assert values(ledger)["touched_requests"] == 15


def test_full_outage_minutes_are_failed_requests_over_arrivals_per_minute() -> None:
    ledger = empty(60)  # ten minutes
    for window in range(60):
        book(ledger, window, 90, 10)
    assert values(ledger)["outage_minutes"] == pytest.approx(1.0)  # 600 of 600 a minute


def test_users_hit_are_distinct_users() -> None:
    ledger = empty(1)
    ledger.users_hit[[3, 5, 99]] = 1
    assert values(ledger)["users_hit"] == 3


def test_slow_requests_are_summed_over_streams_and_versions() -> None:
    ledger = empty(2)
    ledger.slow[0, 0, STABLE], ledger.slow[1, 1, NEW] = 4, 5
    assert values(ledger)["slow_requests"] == 9


def test_the_peak_share_on_the_new_version_is_that_of_the_router() -> None:
    journal = Journal()
    for at, share in ((-5, 0.0), (60 * S, 0.2), (90 * S, 0.5), (120 * S, 0.0)):
        journal.gauge(Gauge.NEW_SHARE, at, share)
    assert values(empty(30), journal)["touched_share_peak"] == 0.5


# Downtime


def test_a_window_is_down_when_its_success_ratio_is_below_the_level_and_not_at_it() -> None:
    ledger = empty(3)
    book(ledger, 0, 990, 10)  # exactly 99 %
    book(ledger, 1, 989, 11)
    book(ledger, 2, 1000, 0)
    assert values(ledger)["down_99"] == 10.0


def test_the_ladder_counts_each_level_by_itself() -> None:
    ledger = empty(4)
    for window, failed in enumerate((6000, 1000, 200, 20)):
        book(ledger, window, 10_000 - failed, failed)
    found = values(ledger)
    assert [found[f"down_{level}"] for level in ("50", "95", "99", "99.9")] == [10, 20, 30, 40]


def test_windows_widen_until_they_hold_enough_requests_for_the_level() -> None:
    ledger = empty(10)
    for window in range(10):
        book(ledger, window, 98 if window == 2 else 100, 2 if window == 2 else 0)
    # 99 % needs 500 requests: five windows each; 2 of 500 failed is up. 95 % needs 100: window 2 alone, 98 % is up.
    assert values(ledger)["down_99"] == 0.0
    ledger = empty(10)
    for window in range(10):
        book(ledger, window, 94 if window == 2 else 100, 6 if window == 2 else 0)
    found = values(ledger)
    assert found["down_99"] == 50.0  # 6 of 500: the whole widened window
    assert found["down_95"] == 10.0  # 6 of 100


def test_what_is_left_at_the_end_widens_the_last_window() -> None:
    ledger = empty(7)
    for window in range(7):
        book(ledger, window, 100)
    book(ledger, 6, 0, 20)
    assert values(ledger)["down_99"] == 70.0  # one window of 720 requests, 20 failed


def test_a_level_says_nothing_of_fewer_requests_than_it_needs() -> None:
    ledger = empty(4)
    for window in range(4):
        book(ledger, window, 0, 100)
    found = values(ledger)
    assert (found["down_95"], found["down_99"]) == (40.0, 0.0)


def test_windows_without_arrivals_are_left_out_even_inside_a_wide_one() -> None:
    ledger = empty(6)
    for window in (0, 1, 4, 5):
        book(ledger, window, 100, 50)
    assert values(ledger)["down_99"] == 40.0


def test_downtime_of_a_stream_looks_at_that_stream_alone() -> None:
    ledger = empty(1)
    book(ledger, 0, 9000, 0, stream=0)
    book(ledger, 0, 900, 100, stream=1)
    found = values(ledger)
    assert (found["down_95"], found["down_95.pay"], found["down_95.browse"]) == (0.0, 10.0, 0.0)


def test_down_windows_are_kept_as_packed_bits_by_level_and_stream() -> None:
    ledger = empty(10)
    for window in range(10):
        book(ledger, window, 0 if window in (0, 9) else 100, 100 if window in (0, 9) else 0)
    down = measured(ledger)[1]
    assert set(down) == {"50", "95", "99", "99.9"} | {f"{k}/{s}" for k in ("50", "95", "99", "99.9") for s in STREAMS}
    assert down["95"] == bytes([0b10000000, 0b01000000])


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 200)), min_size=1, max_size=60))
def test_downtime_agrees_with_a_naive_count_window_by_window(pairs: list[tuple[int, int]]) -> None:
    ledger = empty(len(pairs))
    for window, (good, failed) in enumerate(pairs):
        book(ledger, window, good, failed)
    found = values(ledger)
    for level, share, need in (("50", 500, 10), ("95", 950, 100), ("99", 990, 500), ("99.9", 999, 5000)):
        assert found[f"down_{level}"] == naive_downtime(pairs, share, need)


def naive_downtime(pairs: list[tuple[int, int]], share: int, need: int) -> float:
    groups: list[list[tuple[int, int]]] = [[]]
    for pair in pairs:
        if sum(pair):
            groups[-1].append(pair)
            if sum(good + failed for good, failed in groups[-1]) >= need:
                groups.append([])
    rest = groups.pop()
    if not groups:
        return 0.0
    groups[-1] += rest
    down = 0
    for group in groups:
        good, total = sum(good for good, _ in group), sum(good + failed for good, failed in group)
        down += len(group) if 1000 * good < share * total else 0
    return 10.0 * down


# Notice, stop, decision


def test_time_to_detect_runs_from_the_first_request_the_bad_version_served() -> None:
    found = values(served_at(100), course(detected=400, mitigated=460, restored=700))
    assert (found["detected"], found["time_to_detect"]) == (1.0, 300.0)
    assert (found["time_to_mitigate"], found["time_to_restore"]) == (360.0, 600.0)


def test_never_detected_is_infinite() -> None:
    found = values(served_at(100))
    assert found["detected"] == 0.0
    assert math.isinf(found["time_to_detect"])
    assert math.isinf(found["time_to_mitigate"])


def test_what_is_noticed_after_the_horizon_was_not_noticed() -> None:
    found = values(served_at(100), course(detected=3601, rollback=3601))
    assert (found["detected"], found["stopped_nobody"]) == (0.0, 1.0)


@pytest.mark.parametrize("by", [Detector.SMOKE_TEST, Detector.DEADLINE])
def test_found_before_any_user_was_served_is_a_class_of_its_own(by: Detector) -> None:
    found = values(served_at(None), course(by, detected=120, rollback=120, restored=120))
    assert (found["detected_before_users"], found["time_to_detect"], found["time_to_mitigate"]) == (1.0, 0.0, 0.0)
    assert found["stopped_before_users"] == 1.0


def test_a_deadline_after_users_were_served_is_late_and_stops_as_a_gate_does() -> None:
    found = values(served_at(60), course(Detector.DEADLINE, detected=660, rollback=660))
    assert (found["detected_before_users"], found["time_to_detect"]) == (0.0, 600.0)
    assert found["stopped_gate"] == 1.0


def test_a_page_before_the_new_version_served_anybody_counts_from_the_first_blackout() -> None:
    journal = course(Detector.ON_CALL, detected=90, rollback=600, restored=650)
    journal.gauge(Gauge.BLACKOUT, 0, 0.0)
    journal.gauge(Gauge.BLACKOUT, 10 * S, 1.0)
    journal.gauge(Gauge.BLACKOUT, 640 * S, 0.0)
    found = values(served_at(None), journal)
    assert (found["time_to_detect"], found["time_to_restore"], found["blackout"]) == (80.0, 640.0, 630.0)
    assert found["detected_before_users"] == 0.0


def test_a_rollout_that_hangs_at_its_deadline_and_served_nobody_is_stopped_before_users() -> None:
    journal = course(Detector.DEADLINE, detected=600, decided=600)
    journal.decision = Decision.STUCK
    found = values(served_at(None), journal)
    assert (found["stopped_before_users"], found["stuck"]) == (1.0, 1.0)


def test_the_one_who_had_it_taken_back_is_who_stopped_it_whoever_noticed_first() -> None:
    journal = course(Detector.ON_CALL, detected=200, rollback=300)
    journal.stopped_by = Detector.GATE
    assert values(served_at(100), journal)["stopped_gate"] == 1.0
    journal.stopped_by = Detector.NOBODY
    assert values(served_at(100), journal)["stopped_oncall"] == 1.0


def test_a_page_that_leads_to_nothing_leaves_the_release_stopped_by_nobody() -> None:
    found = values(served_at(100), course(Detector.ON_CALL, detected=200))
    assert (found["detected"], found["stopped_nobody"]) == (1.0, 1.0)


def test_a_rollout_taken_back_by_its_own_plan_was_stopped_by_nobody() -> None:
    assert values(served_at(100), course(Detector.NOBODY, rollback=700))["stopped_nobody"] == 1.0


def test_alarms_about_a_good_release_are_false() -> None:
    journal = course(Detector.GATE, detected=200, rollback=200)
    journal.pages = 2
    good = values(served_at(100), journal, bad=False)
    assert (good["false_alarms"], good["detected"], good["stopped_gate"]) == (3.0, 0.0, 0.0)
    assert values(served_at(100), journal)["false_alarms"] == 0.0


@given(
    st.sampled_from(Detector),
    st.sampled_from(Detector),
    st.sampled_from(Decision),
    st.lists(st.tuples(st.sampled_from(Milestone), st.integers(0, 4000))),
    st.one_of(st.none(), st.integers(0, 3599)),
)
def test_somebody_or_nobody_stopped_a_bad_release_and_one_thing_became_of_it(
    detected_by: Detector,
    stopped_by: Detector,
    decision: Decision,
    milestones: list[tuple[Milestone, int]],
    served: int | None,
) -> None:
    journal = Journal(detected_by=detected_by, stopped_by=stopped_by, decision=decision)
    for milestone, at in milestones:
        journal.reach(milestone, at * S)
    found = values(served_at(served), journal)
    assert sum(found[f"stopped_{who}"] for who in ("gate", "oncall", "before_users", "nobody")) == 1.0
    assert sum(found[str(each)] for each in Decision) == 1.0
    assert min(found[f"time_to_{what}"] for what in ("detect", "mitigate", "restore")) >= 0.0


def test_a_twin_decides_nothing_and_takes_no_time() -> None:
    found = values(served_at(None), released=False, bad=False)
    assert sum(found[str(each)] for each in Decision) == 0.0
    assert found["duration"] == 0.0


def test_duration_runs_from_the_start_to_the_decision_or_to_the_horizon() -> None:
    journal = course(started=0, decided=900)
    journal.decision = Decision.PROMOTED
    assert values(served_at(10), journal)["duration"] == 900.0
    assert values(served_at(10), course(started=0))["duration"] == HOUR


def test_a_decision_after_the_horizon_is_unfinished() -> None:
    journal = course(started=0, decided=3700)
    journal.decision = Decision.PROMOTED
    found = values(served_at(10), journal)
    assert (found["promoted"], found["unfinished"], found["duration"]) == (0.0, 1.0, HOUR)


def test_damage_per_further_hour_is_that_of_the_last_tenth_when_nobody_stopped_it() -> None:
    ledger = served_at(100)  # an hour: the last tenth is 36 windows, 6 minutes
    for window in range(360):
        book(ledger, window, 100, 2)
    assert values(ledger)["failed_per_hour_at_end"] == 36 * 2 * 10
    assert values(ledger, course(detected=200, rollback=200))["failed_per_hour_at_end"] == 0.0


# Capacity


def test_peaks_and_pod_hours_run_from_the_release_to_the_horizon() -> None:
    journal = Journal()
    for at, pods in ((-900, 12.0), (-600, 8.0), (600, 16.0), (1800, 8.0), (3700, 99.0)):
        journal.gauge(Gauge.PODS, at * S, pods)
    found = values(empty(360), journal)
    assert found["peak_pods"] == 16.0
    assert found["pod_hours"] == pytest.approx((8 * 2400 + 16 * 1200) / 3600)


def fleet(*, stable: float = 4.0, new: float = 0.0) -> Journal:
    journal = Journal()
    for gauge, pods in ((Gauge.PODS, stable + new), (Gauge.LISTED_STABLE, stable), (Gauge.LISTED_NEW, new)):
        journal.gauge(gauge, -S, pods)
    return journal


def test_slots_left_are_those_of_the_busiest_minute() -> None:
    ledger = empty(12)  # two minutes; 4 pods of 2 slots offer 480 s of slot time a minute
    book(ledger, 0, 1200, stream=0)  # 120 s
    book(ledger, 6, 600, stream=1)  # 120 s, and in the same minute …
    book(ledger, 7, 1200, stream=0)  # … 120 s more
    assert values(ledger, fleet())["headroom.slots"] == pytest.approx(0.5)


def test_a_small_canary_can_be_the_one_without_slots_left() -> None:
    ledger = empty(6)
    book(ledger, 0, 1200)
    book(ledger, 0, 960, version=NEW)  # 96 s on one pod, which offers 120 s
    found = values(ledger, fleet(new=1.0))
    assert found["headroom.slots"] == pytest.approx(0.2)


def test_requests_that_got_into_no_pod_take_no_slot() -> None:
    ledger = empty(6)
    book(ledger, 0, 0, 10_000, how=Outcome.NO_ENDPOINT)
    assert values(ledger, fleet())["headroom.slots"] == 1.0


def test_a_minute_in_which_a_version_was_not_listed_throughout_is_not_judged() -> None:
    journal = fleet()
    journal.gauge(Gauge.LISTED_NEW, 59 * S, 1.0)
    ledger = empty(12)
    book(ledger, 5, 100, version=NEW)
    book(ledger, 7, 300, version=NEW)
    assert values(ledger, journal)["headroom.slots"] == pytest.approx(1 - 30 / 120)


def test_headroom_is_that_of_the_scarcest_resource_and_leaves_out_the_unknown() -> None:
    journal = fleet(stable=4.0, new=4.0)
    journal.gauge(Gauge.CONNECTIONS, 0, 80.0)
    found = values(empty(6), journal, pods_per_node=3, per_pod_connections=10, connection_limit=100)
    assert found["headroom.nodes"] == pytest.approx(1 - 8 / 9)
    assert found["headroom.connections"] == pytest.approx(0.2)
    assert found["headroom"] == found["headroom.nodes"]
    unknown = values(empty(6), journal)
    assert math.isnan(unknown["headroom.nodes"])
    assert unknown["headroom"] == 1.0


# Latency


def test_latency_quantiles_are_within_one_percent_per_service_and_per_version() -> None:
    ledger = empty(1)
    for milliseconds in range(1, 1001):
        ledger.latency[1, NEW, latency_bucket(milliseconds * 1_000_000)] += 1
    found = values(ledger)
    for name, second in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)):
        assert found[f"latency_{name}"] == pytest.approx(second, rel=0.01)
        assert found[f"latency_{name}.pay.new"] == pytest.approx(second, rel=0.01)
    assert math.isnan(found["latency_p50.browse.stable"])


# Net


@st.composite
def ledgers(draw: Any) -> Ledger:
    windows = draw(st.integers(1, 12))
    ledger = empty(windows)
    cell = st.integers(0, 700)
    for window in range(windows):
        for stream in (0, 1):
            book(ledger, window, draw(cell), draw(cell) // 10, stream=stream, version=draw(st.sampled_from((0, 1))))
    ledger.users_hit[: draw(st.integers(0, 100))] = 1
    ledger.slow[0, 0, 0] = draw(st.integers(0, 5))
    return ledger


@given(ledgers())
def test_a_cell_equal_to_its_twin_has_a_net_of_exactly_zero(ledger: Ledger) -> None:
    cell, down = measured(ledger)
    twin, twin_down = measured(ledger, released=False, bad=False)
    joined = net(cell, down, twin, twin_down, 10 * S)
    assert all(value == 0.0 for name, value in joined.items() if measure_named(name).net)
    assert all(value == 0.0 for name, value in joined.items() if "_added" in name or "_removed" in name)


@given(ledgers())
def test_requests_are_the_succeeded_and_the_failed_of_all_streams(ledger: Ledger) -> None:
    found = values(ledger)
    succeeded = int(ledger.requests[..., Outcome.SUCCEEDED].sum())
    assert found["requests"] == succeeded + found["failed_requests"]
    assert found["failed_requests"] == sum(found[f"failed_requests.{stream}"] for stream in STREAMS)


@given(st.data())
def test_net_downtime_is_its_added_part_minus_its_removed_part(data: Any) -> None:
    first = data.draw(ledgers())
    second = empty(len(first.requests))
    second.requests[:] = np.roll(first.requests, data.draw(st.integers(0, 11)), axis=0)
    cell, down = measured(first)
    twin, twin_down = measured(second)
    joined = net(cell, down, twin, twin_down, 10 * S)
    for part in ("", ".pay"):
        for level in ("50", "95", "99", "99.9"):
            added, removed = joined[f"down_{level}_added{part}"], joined[f"down_{level}_removed{part}"]
            assert joined[f"down_{level}{part}"] == added - removed


def test_net_may_be_negative_and_leaves_gross_measures_alone() -> None:
    cell, twin = served_at(10), served_at(None)
    book(twin, 5, 100, 50)
    book(cell, 5, 140, 10)
    gross, down = measured(cell, course(started=0, decided=60))
    joined = net(gross, down, *measured(twin, released=False, bad=False), 10 * S)
    assert joined["failed_requests"] == -40.0
    assert joined["duration"] == 60.0
    assert joined["down_95_removed"] - joined["down_95_added"] == -joined["down_95"]


def test_every_measure_of_a_replication_and_of_its_net_is_in_the_catalogue() -> None:
    cell, down = measured(served_at(10))
    for name in net(cell, down, cell, down, 10 * S):
        assert measure_named(name).meaning


def test_every_entry_of_the_catalogue_is_measured_but_what_needs_the_whole_scenario_or_study() -> None:
    cell, down = measured(served_at(10), user_cutoff=60 * S, loops=[0], retried=True, long_lived=[0], long=True)
    assert set(MEASURES) - set(net(cell, down, cell, down, 10 * S)) == {"budget_burnt", "loss", "not_shipped"}


def test_a_name_that_no_measure_begins_is_unknown() -> None:
    with pytest.raises(KeyError):
        measure_named("failed_request")
