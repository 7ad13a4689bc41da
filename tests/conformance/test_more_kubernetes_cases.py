"""Further figures that Kubernetes' own unit tests assert (v1.28), beyond the cases kept beside this repository.

Only the numbers are taken: ``pkg/controller/deployment``, ``pkg/controller/replicaset``, ``pkg/controller`` and
``pkg/controller/podautoscaler``.
"""

import sys
from pathlib import Path

import pytest

from sim.cluster.deletion import Candidate, compare
from sim.cluster.proportional import Sized, Wanted, resized
from sim.cluster.replicasets import forgotten, slow_start
from sim.cluster.rolling import Counts, Limits, clean_up, grow_new, shrink_old, spare
from sim.hpa.calculator import for_average, for_utilisation, for_value, for_value_per_pod
from sim.hpa.limits import Policy, Rules
from sim.hpa.reconcile import Bounds, Memory, reconcile

sys.path.insert(0, str(Path(__file__).parent))
from hpa_cases import NOW, SECOND, TESTED_PATIENCE, metrics, pod

HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("surge", "unavailable", "old", "new", "expected"),
    [(0, 1, 10, 0, 0), (2, 0, 10, 0, 2), (2, 0, 5, 0, 7), (2, 0, 10, 2, 2), (2, 0, 2, 11, 10)],
)
def test_the_new_replicaset_grows_into_what_the_surge_leaves(
    surge: int, unavailable: int, old: int, new: int, expected: int
) -> None:
    assert grow_new(Counts(old, new, 0, 0), Limits(10, surge, unavailable)) == expected


@pytest.mark.parametrize(
    ("unavailable", "old", "old_available", "new", "new_available", "expected"),
    [(1, 10, 10, 0, 0, 9), (2, 10, 10, 0, 0, 8), (2, 10, 8, 0, 0, 8), (2, 10, 9, 0, 0, 8), (2, 8, 8, 2, 0, 8)],
)
def test_the_old_replicaset_shrinks_by_what_can_be_spared(
    unavailable: int, old: int, old_available: int, new: int, new_available: int, expected: int
) -> None:
    counts = Counts(old, new, old_available, new_available)
    assert shrink_old(counts, Limits(10, 0, unavailable)) == expected


@pytest.mark.parametrize(("available", "most", "cleaned"), [(8, 1, 1), (8, 3, 2), (8, 0, 0), (10, 3, 0)])
def test_unhealthy_pods_are_cleaned_up_within_the_budget(available: int, most: int, cleaned: int) -> None:
    assert clean_up(10, available, most) == cleaned


@pytest.mark.parametrize(
    ("unavailable", "available", "old", "left"),
    [(1, 10, 10, 9), (2, 10, 10, 8), (2, 8, 10, 10), (2, 10, 0, 0), (2, 1, 10, 10)],
)
def test_available_pods_go_down_to_the_least_that_must_stay(
    unavailable: int, available: int, old: int, left: int
) -> None:
    assert old - spare(old, available, Limits(10, 0, unavailable)) == left


@pytest.mark.parametrize(
    ("size", "before", "surges", "sizes", "expected"),
    [
        (10, 5, (0, 0), (2, 3), (4, 6)),
        (3, 5, (0, 0), (2, 3), (1, 2)),
        (4, 9, (0, 0), (8, 1), (4, 0)),
        (10, 7, (0, 0), (2, 3, 2), (3, 4, 3)),
        (8, 13, (0, 0), (2, 8, 3), (1, 5, 2)),
        (4, 3, (0, 0), (1, 1, 1), (2, 1, 1)),  # the leftover goes to the newest
        (2, 3, (0, 0), (1, 1, 1), (1, 1, 0)),  # and is taken from the oldest
        (0, 6, (0, 0), (3, 2, 1), (0, 0, 0)),
        (6, 6, (0, 0), (0, 0, 0), (6, 0, 0)),
        (20, 10, (2, 2), (6, 6), (11, 11)),
        (50, 10, (6, 3), (5, 8), (22, 34)),
    ],
)
def test_replicasets_share_a_resize_newest_first(
    size: int, before: int, surges: tuple[int, int], sizes: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    now, then = surges
    sets = [Sized(f"{age}", each, age, largest=before + then, desired=before) for age, each in enumerate(sizes)]
    changes = resized(Wanted(size, now), sets[0], sets[1:])
    assert tuple(changes.get(each.name, each.size) for each in sets) == expected


@pytest.mark.parametrize(("size", "sizes", "before", "expected"), [(5, (2, 2), 4, (3, 2)), (14, (7, 3), 10, (10, 4))])
def test_old_replicasets_share_a_resize_without_a_new_one(
    size: int, sizes: tuple[int, ...], before: int, expected: tuple[int, ...]
) -> None:
    sets = [Sized(f"{age}", each, age, largest=before) for age, each in enumerate(sizes)]
    changes = resized(Wanted(size, 0), None, sets)
    assert tuple(changes.get(each.name, each.size) for each in sets) == expected


def test_a_new_replicaset_that_is_whole_but_broken_leaves_old_pods_alone() -> None:
    new, old = Sized("new", 2, 0, largest=3, desired=2, available=0), Sized("old", 1, 1, largest=3, desired=2)
    assert resized(Wanted(2, 1), new, [old]) == {}


@pytest.mark.parametrize(
    ("sizes", "limit", "expected"),
    [([(0, 0), (0, 1), (1, 0), (1, 1)], 0, [0]), ([(1, 1), (1, 1)], 0, []), ([(1, 1), (0, 0), (0, 0)], 1, [1])],
)
def test_only_empty_replicasets_are_forgotten(sizes: list[tuple[int, int]], limit: int, expected: list[int]) -> None:
    assert forgotten(sizes, limit) == expected


@pytest.mark.parametrize(("room", "made", "asked"), [(0, 0, 1), (10, 10, 10), (5, 5, 7)])
def test_a_replicaset_asks_in_batches_that_double(room: int, made: int, asked: int) -> None:
    calls: list[bool] = []

    def create() -> bool:
        calls.append(len(calls) < room)
        return calls[-1]

    assert (slow_start(10, create), len(calls)) == (made, asked)


def ready(*, since: int | None, created: int | None, **others: int) -> Candidate:
    return Candidate(assigned=True, phase="Running", ready=True, ready_since=since, created_at=created, **others)


JUST_NOW, LONG_AGO, UNKNOWN = (
    ready(since=NOW, created=NOW),
    ready(since=NOW - 720 * HOUR, created=NOW - 720 * HOUR),
    ready(since=None, created=None),
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Candidate(False, "Pending", False, doubled=1), Candidate(True, "Pending", False, doubled=2)),
        (Candidate(True, "Pending", False, doubled=1), Candidate(True, "Unknown", False, doubled=2)),
        (Candidate(True, "Unknown", False, doubled=1), Candidate(True, "Running", False, doubled=2)),
        (Candidate(True, "Running", False), UNKNOWN),
        (UNKNOWN, JUST_NOW),
        (JUST_NOW._replace(doubled=2), UNKNOWN._replace(doubled=1)),
        (JUST_NOW, LONG_AGO),
        (JUST_NOW._replace(restarts=9001), JUST_NOW),
        (JUST_NOW._replace(doubled=2), JUST_NOW._replace(doubled=1, restarts=9001)),
        (JUST_NOW, JUST_NOW._replace(created_at=NOW - 720 * HOUR)),
        (JUST_NOW._replace(cost=10, doubled=2), JUST_NOW._replace(cost=100, doubled=1)),
        (ready(since=NOW - 2 * HOUR, created=0), ready(since=NOW - 5 * HOUR, created=0)),
    ],
)
def test_one_pod_is_deleted_before_another(first: Candidate, second: Candidate) -> None:
    assert compare(first, second, NOW) < 0 < compare(second, first, NOW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ready(since=NOW - 5 * HOUR, created=0), ready(since=NOW - 8 * HOUR, created=0)),
        (
            Candidate(False, "Pending", False, created_at=NOW - 5 * HOUR),
            Candidate(False, "Pending", False, created_at=NOW - 8 * HOUR),
        ),
    ],
)
def test_times_of_one_power_of_two_leave_it_to_the_uid(one: Candidate, other: Candidate) -> None:
    assert compare(one, other, NOW) == 0
    assert compare(one._replace(uid=1), other._replace(uid=2), NOW) < 0


@pytest.mark.parametrize(
    ("current", "target", "usage", "ready", "hot", "deleted", "expected"),
    [
        (3, 30, (600, 1000, 1400), "rrr", "100", "000", (4, 60)),  # the hot pod counts nothing on the way up
        (3, 30, (800, 1000, 1400), "ruu", "011", "000", (3, 40)),
        (2, 30, (1000, 1400), "rruu", "0000", "0011", (4, 60)),
        (5, 50, (200, 600, 1000, 500, 500), "rrrrr", "00000", "00000", (3, 28)),
        (5, 50, (200, 600, 1000, 500, 500), "rrrrruu", "0000000", "0000011", (3, 28)),
        (4, 100, (8000, 19000, 6000, 14000, 6400, 4000), "rrrr", "0000", "0000", (24, 587)),
        (2, 100, (2000,), "rr", "00", "00", (2, 100)),
        (2, 100, (1200,), "rr", "00", "00", (2, 60)),
        (3, 50, (200, 4000), "urr", "100", "000", (4, 200)),
        (4, 50, (200, 200, 200), "urrr", "1000", "0000", (3, 10)),
    ],
)
def test_cpu_in_percent_asks_for_replicas(
    current: int, target: int, usage: tuple[int, ...], ready: str, hot: str, deleted: str, expected: tuple[int, int]
) -> None:
    pods = [
        pod(f"pod-{place}", request=2000, hot=warm == "1" or state == "u", ready=state == "r", deleted=gone == "1")
        for place, (state, warm, gone) in enumerate(zip(ready, hot, deleted, strict=True))
    ]
    found = for_utilisation(
        pods, metrics(list(usage)), current=current, target=target, now=NOW, patience=TESTED_PATIENCE
    )
    assert found[:2] == expected


def test_other_metrics_ask_for_replicas() -> None:
    three = [pod(f"pod-{place}", request=None) for place in range(3)]
    assert for_average(three, metrics([20000, 10000, 30000]), current=3, target=15000)[:2] == (4, 20000)
    assert for_average(three, metrics([20000, 21000, 21000]), current=3, target=20000)[:2] == (3, 20666)
    assert for_average(three, metrics([10000, 10000]), current=2, target=17000)[:2] == (2, 10000)
    unready = [each._replace(ready=place == 1) for place, each in enumerate(three)]
    assert for_value(unready, 50000, current=3, target=10000)[:2] == (5, 50000)
    assert for_value([*three, *three[:2]], 8600, current=5, target=14334)[:2] == (3, 8600)
    assert for_value_per_pod(6000, current=5, target=2000)[:2] == (3, 1200)
    assert for_value_per_pod(20166, current=4, target=5000)[:2] == (4, 5042)


@pytest.mark.parametrize(
    ("fewest", "most", "current", "target", "usage", "requests", "expected"),
    [
        (2, 5, 3, 90, (8000, 9500, 1000), (900, 1000, 1100), 5),
        (0, 5, 3, 90, (0, 0, 0), (900, 1000, 1100), 0),
        (3, 5, 2, 90, (), (), 3),
        (2, 6, 4, 100, (), (1000, 1000, 1000, 1000), 4),
        (1, 5, 3, 100, (1010, 1030, 1020), (900, 1000, 1100), 3),
        (1, 5, 1, 50, (200,), (200,), 2),
        (1, 8, 4, 50, (500, 500, 500, 500, 500), (1000, 1000, 1000, 1000, 1000), 4),
    ],
)
def test_a_pass_ends_within_its_bounds(
    fewest: int, most: int, current: int, target: int, usage: tuple[int, ...], requests: tuple[int, ...], expected: int
) -> None:
    pods = [pod(f"pod-{place}", request=request) for place, request in enumerate(requests)]
    found = reconcile(
        Memory(),
        Bounds(fewest, most),
        [lambda: for_utilisation(pods, metrics(list(usage)), current=current, target=target, now=NOW)],
        current=current,
        now=NOW,
    )
    assert found.replicas == expected


def test_a_policy_of_seven_hundred_percent_caps_a_leap_at_eightfold() -> None:
    pods = [pod(f"pod-{place}", request=100) for place in range(3)]
    found = reconcile(
        Memory(),
        Bounds(1, 100, up=Rules((Policy(700, 60 * SECOND, percent=True),))),
        [lambda: for_utilisation(pods, metrics([100, 200, 300]), current=3, target=10, now=NOW)],
        current=3,
        now=NOW,
    )
    assert (found.replicas, found.reason) == (24, "ScaleUpLimit")
