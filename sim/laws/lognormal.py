"""The law of service times and repair times: many factors multiplied, a long tail."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import NormalDist
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.laws.law import Form, Write, percent_key
from sim.laws.table import Tabled
from sim.laws.tails import normal_scores

WIDEST = 10.0
"""The greatest standard deviation of the logarithm: a p95 of 14 million times the median."""


class Lognormal(Tabled):
    """Lognormal by two percentiles, {p50: 12s, p95: 30s}, or by mean and percentile, {mean: 100ms, p95: 400ms}.

    With ``mean`` and a percentile there may be two such laws; the one with the lighter tail is taken and ``note`` says
    so. ``percentiles`` holds pairs (probability, value).
    """

    kind: Literal["lognormal"] = "lognormal"
    average: float | None = Field(default=None, alias="mean", gt=0, allow_inf_nan=False)
    percentiles: tuple[tuple[float, float], ...] = ()

    form: ClassVar[Mapping[str, Form]] = {"mean": Form.QUANTITY, "percentiles": Form.PERCENTILES}
    example: ClassVar[dict[str, Any]] = {"kind": "lognormal", "p50": "12s", "p95": "30s"}

    @model_validator(mode="after")
    def _two_facts(self) -> Self:
        given = len(self.percentiles) + (self.average is not None)
        if given != 2 or not self.percentiles:
            raise ValueError(
                "a lognormal law needs two percentiles, as {p50: 12s, p95: 30s}, or the mean and one percentile, "
                f"as {{mean: 100ms, p95: 400ms}}; {'only one is' if given < 2 else f'{given} are'} given"
            )
        if any(x <= 0 for _, x in self.percentiles):
            raise ValueError("a lognormal law has only values above 0; write a greater percentile, or another law")
        if self.solved[1] > WIDEST:
            raise ValueError("these two facts are too far apart for a lognormal law; check their units")
        return self

    @cached_property
    def solved(self) -> tuple[float, float, float]:
        """Mean and standard deviation of the logarithm, and the standard deviation of the other solution (or nan)."""
        if self.average is None:
            return _through_two(*sorted(self.percentiles))
        return _through_mean(self.average, *self.percentiles[0])

    def points(self, cells: int) -> tuple[Sequence[float], Sequence[float]]:
        """Exponentials of normal quantiles, from either side."""
        mu, sigma, _ = self.solved
        scores = normal_scores(cells)
        return [math.exp(mu + sigma * z) for z in scores], [math.exp(mu - sigma * z) for z in scores]

    def mean(self) -> float:
        """As given, else exp(mu + sigma²/2)."""
        mu, sigma, _ = self.solved
        return self.average if self.average is not None else math.exp(mu + sigma * sigma / 2)

    def cdf(self, x: float) -> float:
        """The normal distribution function of the logarithm."""
        mu, sigma, _ = self.solved
        return 0.5 * math.erfc((mu - math.log(x)) / (sigma * math.sqrt(2))) if x > 0 else 0.0

    def note(self) -> str:
        """Names the solution not taken, if there is one."""
        _, sigma, other = self.solved
        if math.isnan(other):
            return ""
        key = percent_key(self.percentiles[0][0])
        return (
            f"two lognormal laws have this mean and {key}: the spread of the logarithm is {sigma:.3g} or {other:.3g}; "
            f"the first, with the lighter tail, is taken (write two percentiles to say which)"
        )

    def written(self, write: Write) -> Any:
        """The percentiles under their own keys."""
        mean = {} if self.average is None else {"mean": write(self.average)}
        return mean | {percent_key(p): write(x) for p, x in self.percentiles}


def _score(probability: float) -> float:
    """The standard normal quantile; probabilities outside (0, 1) are refused."""
    if not 0.0 < probability < 1.0:
        raise ValueError(f"{percent_key(probability)} is not between p0 and p100")
    return NormalDist().inv_cdf(probability)


def _through_two(lower: tuple[float, float], upper: tuple[float, float]) -> tuple[float, float, float]:
    (p, x), (q, y) = lower, upper
    if p == q or x >= y:
        raise ValueError(
            f"{percent_key(q)} must be greater than {percent_key(p)}; where nothing varies, write the value alone"
        )
    sigma = math.log(y / x) / (_score(q) - _score(p))
    return math.log(x) - sigma * _score(p), sigma, math.nan


def _through_mean(mean: float, probability: float, x: float) -> tuple[float, float, float]:
    """Solve sigma²/2 - z sigma + log(x / mean) = 0 for the smallest positive sigma."""
    z, key = _score(probability), percent_key(probability)
    room = z * z - 2 * math.log(x / mean)
    if room < 0:
        most = math.exp(z * z / 2)
        raise ValueError(f"no lognormal law has a {key} of more than {most:.3g} times its mean; write two percentiles")
    found = sorted(sigma for sigma in {z - math.sqrt(room), z + math.sqrt(room)} if sigma > 1e-9)
    if not found:
        raise ValueError(f"no lognormal law has a {key} that is not below its mean; write two percentiles")
    sigma, other = found[0], found[1] if len(found) > 1 else math.nan
    return math.log(mean) - sigma * sigma / 2, sigma, other
