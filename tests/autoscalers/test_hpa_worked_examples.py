"""Worked by hand from the published algorithm, for when Kubernetes' own cases are not at hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hpa.calculator import NoMetricError, for_utilisation
from sim.hpa.limits import DOWN, UP, Change, Policy, Rules, Select, changed_within, down_limit, limited, up_limit
from sim.hpa.pods import Metric, PodSeen
from sim.hpa.reconcile import Bounds, Memory, first_sight, reconcile
from sim.hpa.stabilise import between_windows, highest_recent

SECOND = 10**9


def pods(*requests: int, ready: bool = True) -> list[PodSeen]:
    return [PodSeen(f"{place}", request, ready=ready) for place, request in enumerate(requests)]


def used(*values: int) -> dict[str, Metric]:
    return {f"{place}": Metric(value) for place, value in enumerate(values)}


def test_utilisation_is_cut_to_a_whole_percent_before_the_ratio() -> None:
    """104.9 % of 95 % would be 1.104, beyond the tolerance; 104 % is 1.095, within it."""
    assert for_utilisation(pods(1000), used(1049), current=1, target=95).replicas == 1
    assert for_utilisation(pods(1000), used(1050), current=1, target=95).replicas == 2


def test_a_missing_pod_counts_full_on_the_way_down_and_nothing_on_the_way_up() -> None:
    """Down: (100 + 1000) of 2000 is 55 %, over 50 % by a tenth: stay. Up: 900 of 2000 is 45 %: stay."""
    assert for_utilisation(pods(1000, 1000), used(100), current=2, target=50).replicas == 2
    assert for_utilisation(pods(1000, 1000), used(900), current=2, target=50).replicas == 2


def test_a_pod_without_a_request_makes_the_metric_useless() -> None:
    with pytest.raises(NoMetricError):
        for_utilisation([PodSeen("0", None)], used(1), current=1, target=50)


def test_load_that_divides_among_pods_is_not_diluted_by_extra_pods() -> None:
    """Ten pods at 80 %, then the same load on fifteen: the size asked for is the same ten."""
    assert for_utilisation(pods(*[100] * 15), used(*[53] * 15), current=10, target=80).replicas == 10


def test_a_policy_counts_from_the_start_of_its_period() -> None:
    """10 pods now, of which 4 came in the last minute: 6 at its start, 100 % more are 12."""
    rules = Rules((Policy(100, 60 * SECOND, percent=True),))
    added = (Change(4, 70 * SECOND),)
    assert up_limit(10, rules, added=added, now=100 * SECOND) == 12
    assert up_limit(10, rules._replace(select=Select.DISABLED), added=added, now=100 * SECOND) == 10


def test_the_smaller_policy_holds_where_min_is_selected() -> None:
    rules = Rules((Policy(10, SECOND, percent=True), Policy(4, SECOND)), select=Select.MIN)
    assert (up_limit(100, rules), down_limit(100, rules)) == (104, 96)


def test_a_target_outside_its_bounds_is_brought_inside_without_metrics() -> None:
    assert reconcile(Memory(), Bounds(3, 5), [], current=10, now=0).replicas == 5
    assert reconcile(Memory(), Bounds(3, 5), [], current=1, now=0).replicas == 3


def test_a_target_at_zero_is_left_alone() -> None:
    assert reconcile(Memory(), Bounds(3, 5), [], current=0, now=0).replicas == 0


def test_nothing_shrinks_in_the_first_five_minutes() -> None:
    def idle() -> int:
        found = for_utilisation(pods(1000, 1000, 1000, 1000), used(0, 0, 0, 0), current=4, target=50)
        return found.replicas

    assert idle() == 0
    memory, size = first_sight(4, 0), 4
    for now in range(15 * SECOND, 330 * SECOND, 15 * SECOND):
        found = reconcile(
            memory,
            Bounds(2, 9),
            [lambda: for_utilisation(pods(*[1000] * 4), used(*[0] * 4), current=4, target=50)],
            current=size,
            now=now,
        )
        memory, size = found.memory, found.replicas
        assert size == (4 if now <= 300 * SECOND else 2)


@given(
    current=st.integers(1, 100), wish=st.integers(0, 300), fewest=st.integers(1, 20), span=st.integers(0, 100),
    changes=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 100)), max_size=5),
)  # fmt: skip
def test_a_limited_size_never_overshoots_the_wish_nor_turns_round(
    current: int, wish: int, fewest: int, span: int, changes: list[tuple[int, int]]
) -> None:
    past = tuple(Change(count, at * SECOND) for count, at in changes)
    found = limited(current, wish, fewest=fewest, most=fewest + span, now=100 * SECOND, up=UP, down=DOWN, added=past)
    if fewest <= current <= fewest + span and fewest <= wish <= fewest + span:
        assert min(current, wish) <= found.replicas <= max(current, wish)
    assert changed_within(past, 50 * SECOND, 100 * SECOND) <= sum(count for count, _ in changes)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 600)), max_size=30), st.integers(1, 50))
def test_stabilised_wishes_lie_among_the_wishes_and_the_size(past: list[tuple[int, int]], wish: int) -> None:
    history, now = (), 0
    for earlier, gap in past:
        now += gap * SECOND
        _, history = highest_recent(history, earlier, now=now)
    wishes = [wish, *(earlier for earlier, _ in past)]
    assert highest_recent(history, wish, now=now)[0] in wishes
    steady, _ = between_windows(history, wish, current=7, now=now, up_window=60 * SECOND, down_window=300 * SECOND)
    assert min(*wishes, 7) <= steady <= max(*wishes, 7)
