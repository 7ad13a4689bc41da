"""Evidence that may be looked at as often as one likes: e-processes for error counts.

Each function gives the logarithm of a bet against "no worse": a number that starts at 0 and, whenever there is nothing
to find, is expected not to grow. By Ville's inequality it ever reaches ln(1/alpha) with a chance of at most alpha, at
whatever moment one looks and for however long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

RATIOS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
"""How many times worse the two-arm bet supposes the new version to be, each with an equal share of the stake."""


def against_known_rate(errors: int, requests: int, *, rate: float, a: float, b: float) -> float:
    """Log evidence that the error rate is above a known one: a Beta(a, b) prior on what lies above it.

    The method of mixtures (H. Robbins, 1970; H. Robbins and D. Siegmund, 1974). Valid for true rates up to ``rate``.

    >>> round(against_known_rate(3, 300, rate=0.001, a=1, b=199), 5)
    3.46448
    """
    good = requests - errors
    return (
        _log_beta_above(rate, a + errors, b + good)
        - _log_beta_above(rate, a, b)
        - errors * math.log(rate)
        - good * math.log1p(-rate)
    )


def _log_beta_above(point: float, a: float, b: float) -> float:
    """Logarithm of the beta function's part above a point."""
    from scipy.special import betaincc, betaln

    above = float(betaincc(a, b, point))
    return float(betaln(a, b)) + math.log(above) if above > 0 else -math.inf


def begin_two_arms() -> tuple[float, ...]:
    """The log stakes before anything is seen."""
    return tuple(-math.log(len(RATIOS)) for _ in RATIOS)


def bet_on_two_arms(stakes: Sequence[float], *, new: tuple[int, int], stable: tuple[int, int]) -> tuple[float, ...]:
    """The log stakes after a further window, of which (requests, errors) of both versions are known.

    Given how many errors there were in all, each is the new version's with the chance of its share of the requests, if
    it is no worse; if it is d times worse, with d times the odds (M. Lindon, A. Malek, "Anytime-valid inference for
    multinomial count data", NeurIPS 2022). No base rate is needed, and neither a constant rate nor a constant weight:
    each window brings its own share. Errors of one window are drawn without replacement from its requests, which makes
    the bet only smaller (W. Hoeffding, 1963, theorem 4).

    >>> round(math.exp(two_arm_evidence(bet_on_two_arms(begin_two_arms(), new=(300, 6), stable=(5700, 5)))))
    7550
    """
    requests = new[0] + stable[0]
    share = new[0] / requests if requests else 0.0
    if not 0.0 < share < 1.0:
        return tuple(stakes)
    moved = []
    for stake, ratio in zip(stakes, RATIOS, strict=True):
        total = math.log(share * ratio + 1.0 - share)
        moved.append(stake + new[1] * (math.log(ratio) - total) - stable[1] * total)
    return tuple(moved)


def two_arm_evidence(stakes: Sequence[float]) -> float:
    """Log evidence that the new version is worse: the logarithm of all stakes together."""
    most = max(stakes)
    return most + math.log(sum(math.exp(stake - most) for stake in stakes))


def share_of_errors(new_errors: int, stable_errors: int, *, share: float, k: float, one_sided: bool = False) -> float:
    """Log evidence for a constant share of the requests: the Bayes factor of Lindon and Malek for two arms.

    ``k`` is the weight of the prior in errors; ``one_sided`` keeps only shares above the null's.

    >>> round(share_of_errors(6, 5, share=0.05, k=10), 5)
    5.9607
    """
    from scipy.special import betaln

    a, b = k * share, k * (1 - share)
    null = new_errors * math.log(share) + stable_errors * math.log1p(-share)
    if one_sided:
        return _log_beta_above(share, a + new_errors, b + stable_errors) - _log_beta_above(share, a, b) - null
    return float(betaln(a + new_errors, b + stable_errors)) - float(betaln(a, b)) - null
