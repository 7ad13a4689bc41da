"""Requests on the bench come as bursty as the stream's arrivals are."""

from dataclasses import replace

import numpy as np
import pytest

from sim.arrivals.gamma import Gamma
from sim.arrivals.poisson import Poisson
from sim.whatif.bursts import is_poisson, renewal_counts, variation_of
from sim.whatif.rehearsal import Hold, held_longer
from sim.whatif.trials import Setting, Trial

S = 10**9


def setting(variation: float) -> Setting:
    return Setting(
        streams=("all",),
        rate=lambda _: (10.0,),
        holds=(Hold(start=0, end=1800 * S, share=0.25),),
        errors=0.01,
        scrape=15 * S,
        seed=3,
        variations=(variation,),
    )


@pytest.mark.parametrize("cv", [0.5, 2.0, 3.0])
def test_the_variation_of_gamma_gaps_is_their_own(cv: float) -> None:
    assert variation_of(Gamma(cv=cv).gap()) == pytest.approx(cv * cv, rel=0.05)


def test_gaps_of_chance_are_known_for_such() -> None:
    assert is_poisson(variation_of(Poisson().gap()))


@pytest.mark.parametrize("variation", [0.25, 1.0, 4.0])
def test_counts_have_the_mean_and_the_dispersion_of_a_renewal_process(variation: float) -> None:
    counts = renewal_counts(np.full(20_000, 100.0), variation, np.random.default_rng(5))
    assert counts.mean() == pytest.approx(100.0, rel=0.01)
    assert counts.var() / counts.mean() == pytest.approx(variation, rel=0.1)


def test_counts_follow_the_rate() -> None:
    means = np.array([1000.0, 0.0, 4000.0])
    counts = renewal_counts(means, 2.0, np.random.default_rng(5))
    assert counts[1] == 0
    assert counts[2] / counts[0] == pytest.approx(4.0, rel=0.2)


def test_versions_share_the_bursts_and_have_their_share_of_requests() -> None:
    trials = [np.diff(Trial(setting(9.0), index).scraped(0.0).requests[:, :, 0], axis=0) for index in range(20)]
    counts = np.concatenate(trials)
    assert counts[:, 1].sum() / counts.sum() == pytest.approx(0.25, abs=0.01)
    assert counts.sum(axis=1).var() / counts.sum(axis=1).mean() == pytest.approx(9.0, rel=0.2)
    assert np.corrcoef(counts[:, 0], counts[:, 1])[0, 1] > 0.5


def test_a_bursty_release_is_the_same_up_to_the_hold_that_lasts_longer() -> None:
    trial = Trial(setting(4.0), 3)
    longer = trial.under(held_longer(trial.setting.holds, 0, 2000 * S))
    before, after = trial.scraped(0.1), longer.scraped(0.1)
    same = 1800 // 15 + 1
    assert (before.requests[:same] == after.requests[:same]).all()
    assert (before.errors[:same] == after.errors[:same]).all()


def test_poisson_streams_are_as_without_variations() -> None:
    plain, said = replace(setting(1.0), variations=()), setting(1.0)
    assert (Trial(plain, 1).scraped(0.1).requests == Trial(said, 1).scraped(0.1).requests).all()
