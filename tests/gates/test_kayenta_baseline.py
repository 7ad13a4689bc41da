"""A baseline of the canary's size: drawn from the running version, and what it is worth."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gate_bench import MINUTE, gate_of
from scipy import stats

from sim.fresh_group import fresh_group
from sim.observation import Observation
from sim.versions import NEW, STABLE
from sim.whatif.power import Watch, try_gates
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting

S = 10**9
GATES_PAGE = Path(__file__).parents[2] / "docs" / "gates.md"
RELEASES = 60


def window(new: int, stable: int, errors: int) -> Observation:
    counts = np.array([[stable, stable // 10], [new, new // 10], [0, 0]])
    latency = np.zeros((3, 2, 4), dtype=np.int64)
    latency[STABLE, 0, 1], latency[STABLE, 1, 3] = stable, stable // 10
    bad = np.array([[errors, errors // 10], [0, 0], [0, 0]])
    return Observation(at=0, since=0, until=MINUTE, streams=("a", "b"), requests=counts, errors=bad, latency=latency)


def drawn(what: str, *, times: int = 400) -> np.ndarray:
    whole = window(new=300, stable=5700, errors=570)
    groups = [fresh_group(whole, luck=0.3, address=place) for place in range(times)]
    return np.array([getattr(group, what)[STABLE].sum() for group in groups])


def test_the_group_has_about_as_many_requests_as_the_canary() -> None:
    counts = drawn("requests")
    assert counts.mean() == pytest.approx(330, abs=3)  # of both streams
    assert counts.std() == pytest.approx(np.sqrt(330 * (1 - 1 / 19)), rel=0.1)


def test_errors_and_answers_are_drawn_alike() -> None:
    assert drawn("errors").mean() == pytest.approx(33, abs=0.8)
    assert drawn("latency").mean() == pytest.approx(330, abs=3)


def test_no_more_errors_than_requests_and_none_of_the_canarys_counts_are_touched() -> None:
    whole = window(new=300, stable=5700, errors=5700)
    group = fresh_group(whole, luck=0.9, address=7)
    assert (group.errors <= group.requests).all()
    for counts in ("requests", "errors", "latency"):
        assert (getattr(group, counts)[NEW] == getattr(whole, counts)[NEW]).all()


def test_the_same_window_of_the_same_release_gives_the_same_group_and_another_another() -> None:
    whole = window(new=300, stable=5700, errors=570)
    one, again = (fresh_group(whole, luck=0.3, address=5).requests for _ in range(2))
    assert (one == again).all()
    assert (one != fresh_group(whole, luck=0.3, address=6).requests).any()
    assert (one != fresh_group(whole, luck=0.31, address=5).requests).any()


@pytest.mark.parametrize(("new", "stable"), [(0, 5700), (5700, 300), (300, 300)])
def test_what_is_not_larger_than_the_canary_stays_as_it_is(new: int, stable: int) -> None:
    whole = window(new, stable, errors=10)
    assert fresh_group(whole, luck=0.3, address=5) is whole


def shares(**words: Any) -> list[float]:
    """Good and bad releases stopped, at 5 % of 100 requests a second."""
    hold = Hold(start=0, end=41 * MINUTE, share=0.05)
    where = Setting(streams=("all",), rate=lambda _: (100.0,), holds=(hold,), errors=0.001, scrape=MINUTE, seed=4)
    gate = gate_of({"kind": "kayenta", "metrics": {"errors": {"direction": "either"}}, "every": "40m"} | words)
    grades = try_gates({"g": gate}, where, (0.001, 0.01), releases=RELEASES)[Watch("g")]
    return [grade.stopped.value for grade in grades]


def test_with_a_group_of_its_size_good_canaries_pass_that_the_whole_fleet_fails() -> None:
    (whole, _), (fresh, bad) = shares(baseline="whole"), shares(baseline="fresh")
    assert whole > 0.3
    assert stats.binom.sf(round(RELEASES * fresh) - 1, RELEASES, 0.02) > 0.001  # compatible with the judge's 98 %
    assert bad > 0.95
    told = re.search(rf"calls (\d+) of {RELEASES} good\s+canaries different .*?the fresh group none", page(), re.DOTALL)
    assert told is not None
    assert int(told[1]) == pytest.approx(RELEASES * whole, abs=1)
    assert fresh == 0.0


def page() -> str:
    return GATES_PAGE.read_text(encoding="utf-8")
