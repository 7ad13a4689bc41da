import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.backoff import FORGOTTEN_AFTER, LONGEST_WAIT, NOTHING_KNOWN, after_crash

SECOND = 10**9
PEER_CASES = Path(__file__).parents[3] / "shared" / "peer_cases" / "k8s_backoff.json"


def waits(lived: list[int]) -> list[int]:
    """Seconds of back-off after each crash of a process that lives so many seconds after each restart."""
    known, now, seen = NOTHING_KNOWN, 0, []
    for seconds in lived:
        now += seconds * SECOND
        wait, known = after_crash(known, now)
        now += wait
        seen.append(wait // SECOND)
    return seen


def test_the_first_restart_is_immediate_and_the_waits_double_up_to_five_minutes() -> None:
    assert waits([1] * 9) == [0, 10, 20, 40, 80, 160, 300, 300, 300]


def test_ten_good_minutes_are_not_enough_to_be_forgiven_but_a_moment_more_is() -> None:
    assert waits([1, 1, 1, 600]) == [0, 10, 20, 40]
    assert waits([1, 1, 1, 601, 1]) == [0, 10, 20, 0, 10]


@given(st.lists(st.integers(min_value=0, max_value=2000), max_size=30))
def test_back_off_never_shrinks_without_a_reset(lived: list[int]) -> None:
    seen = waits(lived)
    for place in range(1, len(seen)):
        forgiven = lived[place] * SECOND > FORGOTTEN_AFTER
        assert seen[place] == 0 if forgiven else seen[place] >= seen[place - 1]
    assert max(seen, default=0) * SECOND <= LONGEST_WAIT


def test_the_row_of_waits_is_the_kubelets() -> None:
    if not PEER_CASES.exists():
        pytest.skip("the cases of the real controllers are not beside this repository")
    case = next(each for each in json.loads(PEER_CASES.read_text())["cases"] if each.get("reset_after_s") == 600)
    assert waits([1] * (len(case["expected_sequence"]) + 1))[1:] == case["expected_sequence"]
