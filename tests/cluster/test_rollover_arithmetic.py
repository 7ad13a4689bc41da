"""A release that overtakes another: several old ReplicaSets, shrunk by the real controller's rule."""

from hypothesis import assume, given
from hypothesis import strategies as st

from sim.cluster.rolling import Counts, Limits, Sized, shrink_each, shrink_old

LIMITS = Limits(replicas=10, surge=3, unavailable=2)


def test_pods_of_the_overtaken_release_that_never_came_up_go_first_whatever_their_age() -> None:
    assert shrink_each([Sized(8, 8), Sized(5, 0)], Sized(0, 0), LIMITS) == [8, 0]


def test_among_available_pods_the_oldest_replicaset_goes_first() -> None:
    assert shrink_each([Sized(5, 5), Sized(5, 5)], Sized(3, 3), LIMITS) == [0, 5]


def test_broken_pods_of_the_oldest_are_cleaned_before_those_of_the_next() -> None:
    assert shrink_each([Sized(4, 0), Sized(9, 5)], Sized(0, 0), LIMITS) == [0, 8]


def test_a_new_replicaset_that_does_not_come_up_freezes_all_old_ones() -> None:
    assert shrink_each([Sized(5, 5), Sized(3, 3)], Sized(5, 0), LIMITS) == [5, 3]


sets = st.lists(
    st.integers(0, 30).flatmap(lambda asked: st.builds(Sized, st.just(asked), st.integers(0, asked))), max_size=4
)


@given(old=sets, new=st.integers(0, 30), up=st.integers(0, 30), surge=st.integers(0, 9), missing=st.integers(0, 9))
def test_no_shrinking_takes_more_available_pods_than_the_bounds_spare(
    old: list[Sized], new: int, up: int, surge: int, missing: int
) -> None:
    assume(up <= new)
    limits = Limits(20, surge, missing)
    left = shrink_each(old, Sized(new, up), limits)
    assert all(0 <= size <= each.asked for size, each in zip(left, old, strict=True))
    kept = sum(min(size, each.available) for size, each in zip(left, old, strict=True)) + up
    before = sum(each.available for each in old) + up
    assert kept >= min(before, limits.least_available)


@given(asked=st.integers(0, 30), up=st.integers(0, 30), new=st.integers(0, 30), new_up=st.integers(0, 30))
def test_one_old_replicaset_is_a_case_of_many(asked: int, up: int, new: int, new_up: int) -> None:
    assume(up <= asked and new_up <= new)
    empty = Sized(0, 0)
    alone = shrink_old(Counts(asked, new, up, new_up), LIMITS)
    assert shrink_each([empty, Sized(asked, up), empty], Sized(new, new_up), LIMITS) == [0, alone, 0]
