"""Arrivals: every kind keeps the profile's rate, and is as bursty as it says."""

from __future__ import annotations

import numpy as np
import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, perform

from sim.arrivals import Arrivals
from sim.arrivals.constant import Constant
from sim.arrivals.gamma import Gamma
from sim.arrivals.poisson import Poisson
from sim.laws.deterministic import Deterministic
from sim.requests.compiled.engine import CompiledEngine

RATE, LENGTH = 100.0, 1_000 * SECOND


def arrivals(kind: Arrivals) -> np.ndarray:
    """Arrival times in ns at 100 a second for 1,000 s."""
    work = Deterministic(value=float(MILLISECOND))
    play = Play(length=LENGTH, streams=(StreamOfPlay(rate=RATE, gap=kind.gap(), work=work),), pods=((0, 1000, 0),))
    record = perform(play, CompiledEngine)["ledger.record"]
    times: np.ndarray = np.sort(record[:, 2])
    return times[times >= 0]


@pytest.mark.parametrize(("kind", "dispersion"), [(Poisson(), 1.0), (Gamma(cv=3), 9.0), (Gamma(cv=0.5), 0.25)])
def test_counts_are_as_dispersed_as_the_gaps_say(kind: Arrivals, dispersion: float) -> None:
    """A renewal process has var/mean of counts near the squared cv of its gaps (Cox, Renewal Theory, 1962, ch. 4)."""
    counts = np.histogram(arrivals(kind), bins=100, range=(0, LENGTH))[0]
    assert counts.mean() == pytest.approx(RATE * 10, rel=5 * np.sqrt(dispersion / (RATE * LENGTH / SECOND)))
    assert counts.var() / counts.mean() == pytest.approx(dispersion, rel=0.6)


def test_constant_arrivals_keep_one_gap() -> None:
    gaps = np.diff(arrivals(Constant()))
    assert set(gaps) <= {SECOND // 100 - 1, SECOND // 100, SECOND // 100 + 1}
