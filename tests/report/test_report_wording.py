"""What a reader reads: no digit that the interval does not carry."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sim.report import wording
from sim.study.findings import Estimate


def _estimate(value: float, half: float) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, n=10, method="t")


@pytest.mark.parametrize(
    ("value", "half", "written"),
    [
        (2904.3, 210.0, "2,900 ±210"),
        (620.4, 48.2, "620 ±48"),
        (232.1, 17.4, "232 ±17"),
        (49.6, 3.8, "50 ±4"),
        (0.6042, 0.031, "0.60 ±0.03"),
        (16.0, 0.0, "16"),
        (4.0, math.nan, "4"),
        (-0.2, 3.0, "0 (-3 to 3)"),
        (280.0, 460.0, "280 (-180 to 740)"),
    ],
)
def test_a_figure_has_the_digits_of_its_half_width(value: float, half: float, written: str) -> None:
    assert wording.with_noise(_estimate(value, half)) == written


@given(some.floats(0.01, 1e6), some.floats(0.0, 1.0), some.floats(1.01, 5.0))
def test_a_positive_interval_never_reads_as_if_it_could_be_below_zero(low: float, place: float, wide: float) -> None:
    high = low * wide
    written = wording.with_noise(Estimate(value=low + place * (high - low), low=low, high=high, n=10, method="t"))
    figure, _, half = written.replace(",", "").partition(" ±")
    assert not half or float(figure) - float(half) >= 0
    assert "-" not in figure.partition("(")[2].replace("-", "", 1)


@given(some.floats(-1e9, 1e9), some.floats(0, 1e8))
def test_rounding_never_moves_a_figure_by_more_than_its_half_width(value: float, half: float) -> None:
    shown = wording.rounded(value, half)
    allowed = half if half > 0 else abs(value) * 0.01 + 1.0
    assert abs(float(shown.replace(",", "")) - value) <= allowed + 1e-4


@given(some.lists(some.floats(0.001, 1), min_size=2, max_size=5))
def test_whole_percents_still_sum_to_a_hundred(parts: list[float]) -> None:
    shares = [part / sum(parts) for part in parts]
    assert sum(wording.whole_percents(shares)) == 100


def test_nearly_all_is_not_written_as_all() -> None:
    assert wording.share(0.9995) == "99.95 %"
    assert wording.share(0.99999) == "99.999 %"
    assert wording.share(1.0) == "100 %"


def test_what_never_happens_is_called_never() -> None:
    assert wording.seconds(math.inf) == "never"
    assert wording.rounded(math.inf, 1.0) == "never"
    assert wording.seconds(math.nan) == "-"
