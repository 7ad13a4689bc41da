"""Fits of what was measured: figures near the truth of made-up recordings, and intervals that hold as often as told."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.exchange.measured.data import Floats, Windows
from sim.exchange.measured.fits.errors import fit_errors
from sim.exchange.measured.fits.figure import CONFIDENCE, Figure
from sim.exchange.measured.fits.traffic import Traffic, fit_traffic
from sim.units import HOUR, MINUTE, SECOND

MONDAY = 1_772_409_600 * SECOND
PLAYS = [pytest.param(60, id="few"), pytest.param(600, id="many", marks=pytest.mark.verify)]


def recorded(requests: Floats, lasts: int, failed: Floats | None = None) -> Windows:
    began = MONDAY + lasts * np.arange(len(requests), dtype=np.int64)
    return Windows(began=began, lasts=np.full(len(requests), lasts, dtype=np.int64), requests=requests, failed=failed)


def held(find: Callable[[np.random.Generator], tuple[Figure, float]], plays: int) -> float:
    """The share of made-up recordings whose interval holds the truth."""
    found = [find(np.random.default_rng((play, 7))) for play in range(plays)]
    return sum(each.low <= truth <= each.high for each, truth in found) / plays


def least(plays: int) -> float:
    """What an interval of 90 % holds at least, but for three standard errors of the trial itself."""
    return CONFIDENCE - 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / plays)


def traffic_of(windows: Windows, horizon: int = HOUR) -> Traffic:
    found = fit_traffic({"web": windows}, horizon=horizon, dated=True)
    assert found is not None
    return found


def days_that_differ(luck: np.random.Generator) -> tuple[Figure, float]:
    """Two weeks of which each day is higher or lower than a typical one by a tenth or so."""
    hours = np.arange(14 * 24)
    shape = 100 + 60 * np.sin(2 * np.pi * (hours % 24 - 6) / 24)
    level = np.repeat(1 + 0.1 * luck.standard_normal(14), 24)
    return traffic_of(recorded(luck.poisson(shape * level * 3600).astype(float), HOUR)).peaks["web"], 160.0


def a_steady_hour(luck: np.random.Generator) -> tuple[Figure, float]:
    return traffic_of(recorded(luck.poisson(20.0 * 60, 60).astype(float), MINUTE)).peaks["web"], 20.0


@pytest.mark.parametrize("plays", PLAYS)
@pytest.mark.parametrize("world", [days_that_differ, a_steady_hour])
def test_the_peak_lies_in_its_interval_as_often_as_told(
    world: Callable[[np.random.Generator], tuple[Figure, float]], plays: int
) -> None:
    assert held(world, plays) >= least(plays)


def test_luck_makes_no_profile() -> None:
    """Of a steady hour no minute is higher than another but by chance, so that most profiles are flat, or nearly."""
    found = [
        traffic_of(recorded(np.random.default_rng(play).poisson(1200.0, 60).astype(float), MINUTE)).profile
        for play in range(50)
    ]
    assert float(np.mean([min(share for _, share in profile) for profile in found])) > 0.98


def test_a_profile_that_is_there_stays() -> None:
    """A sudden doubling is found where it is."""
    rates = np.r_[np.full(30, 600.0), np.full(30, 1200.0)]
    found = traffic_of(recorded(np.random.default_rng(4).poisson(rates).astype(float), MINUTE))
    assert found.peaks["web"].value == pytest.approx(20.0, rel=0.05)
    assert [share for at, share in found.profile if at < 25 * MINUTE] == pytest.approx(
        [0.5] * sum(at < 25 * MINUTE for at, _ in found.profile), rel=0.1
    )


def errors_by_chance(luck: np.random.Generator) -> tuple[Figure, float]:
    requests = np.full(240, 600.0)
    found = fit_errors([recorded(requests, MINUTE, luck.poisson(600 * 0.002, 240).astype(float))])
    assert found is not None
    return found.share, 0.002


def few_errors(luck: np.random.Generator) -> tuple[Figure, float]:
    requests = np.full(60, 100.0)
    found = fit_errors([recorded(requests, MINUTE, luck.poisson(0.05, 60).astype(float))])
    assert found is not None
    return found.share, 0.0005


def errors_in_clusters(luck: np.random.Generator) -> tuple[Figure, float]:
    """Each minute has a rate of its own, far apart, that stays for some minutes."""
    level = np.repeat(luck.gamma(0.5, 2.0, 240), 6)
    found = fit_errors([recorded(np.full(1440, 600.0), MINUTE, luck.poisson(600 * 0.001 * level).astype(float))])
    assert found is not None
    return found.share, 0.001


@pytest.mark.parametrize("plays", PLAYS)
@pytest.mark.parametrize("world", [errors_by_chance, few_errors, errors_in_clusters])
def test_the_share_of_errors_lies_in_its_interval_as_often_as_told(
    world: Callable[[np.random.Generator], tuple[Figure, float]], plays: int
) -> None:
    assert held(world, plays) >= least(plays)


def test_an_interval_that_takes_clusters_for_chance_is_caught() -> None:
    """The trial notices an interval that is too narrow."""

    def as_if_by_chance(luck: np.random.Generator) -> tuple[Figure, float]:
        level = np.repeat(luck.gamma(0.5, 2.0, 240), 6)
        failed = float(luck.poisson(600 * 0.001 * level).sum())
        half = 1.645 * math.sqrt(failed)
        of = 1440 * 600.0
        return Figure(value=failed / of, low=(failed - half) / of, high=(failed + half) / of), 0.001

    assert held(as_if_by_chance, 60) < least(60)
