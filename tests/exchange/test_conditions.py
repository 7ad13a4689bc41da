"""What a condition of Argo's does is told, however it is written."""

from __future__ import annotations

import pytest

from sim.exchange.conditions import CannotReadError, read_condition


@pytest.mark.parametrize(
    ("text", "sign", "bound", "indexed", "empty", "nan"),
    [
        ("result[0] >= 0.95", ">=", 0.95, True, "error", "false"),
        ("0.95 <= result[0]", ">=", 0.95, True, "error", "false"),
        ("!(result[0] < 0.95)", ">=", 0.95, True, "error", "true"),
        ("len(result) > 0 && result[0] >= 0.95", ">=", 0.95, True, "false", "false"),
        ("len(result) == 0 || result[0] >= 0.95", ">=", 0.95, True, "true", "false"),
        ("result[0] >= 0.95 || len(result) == 0", ">=", 0.95, True, "error", "false"),
        ("isNaN(result[0]) || result[0] <= 0.05", "<=", 0.05, True, "error", "true"),
        ("result < 500", "<", 500.0, False, "error", "false"),
        ("default(result, 0) < 0.05", "<", 0.05, False, "true", "false"),
        ("result[0] * 100 > 99", ">", 0.99, True, "error", "false"),
        ("asFloat(result[0]) == 0", "==", 0.0, True, "error", "false"),
        ("len(result) > 0 and not (result[0] > -1.5)", "<=", -1.5, True, "false", "true"),
    ],
)
def test_a_condition_is_told_by_what_it_does(
    text: str, sign: str, bound: float, indexed: bool, empty: str, nan: str
) -> None:
    found = read_condition(text)
    assert (found.sign, found.indexed, found.empty, found.nan) == (sign, indexed, empty, nan)
    assert found.bound == pytest.approx(bound)


@pytest.mark.parametrize(
    "text",
    [
        "result[0] > 1 && result[0] < 3", "result == 'ok'",
        "result.successRate > 0.9", "all(result, # < 1)", "result[1] > 2",
        "isInf(result)", "len(result) > 0",
        "result[0] >=", "(result > 1", "result[0] > 1 2", "foo(result) > 1", "true", "",
        "result > result", "x" * 600, "result[0] > 1 ? 2 : 3",
    ],
)  # fmt: skip
def test_what_is_more_than_one_comparison_is_given_up_with_a_reason(text: str) -> None:
    with pytest.raises(CannotReadError):
        read_condition(text)
