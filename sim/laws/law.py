"""What a law is: a quantile curve, a distribution function, a mean, and a form a person can write."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from sim.doors import Kind
from sim.laws.rules import Quantile, value
from sim.laws.tails import lower_tails

Write = Callable[[float], Any]
"""From a number in the unit of use to what a person writes."""


class Form(StrEnum):
    """What a field of a law holds, so that one reader and one schema serve all laws."""

    QUANTITY = "quantity"  # in the unit of use
    QUANTITIES = "quantities"
    NUMBER = "number"
    NUMBERS = "numbers"
    PERCENTILES = "percentiles"  # written as p50:, p95: …
    PARTS = "parts"  # a list of shares and laws


class Curve(NamedTuple):
    """A quantile function as one row of columns: what :data:`sim.laws.rules.QUANTILES` reads."""

    rule: tuple[int]
    a: tuple[float]
    b: tuple[float]
    start: tuple[int]
    values: tuple[float, ...]


def curve(rule: int, a: float, b: float = 0.0, values: Sequence[float] = ()) -> Curve:
    """One row; ``a``, ``b`` and ``values`` mean what the rule says."""
    return Curve((int(rule),), (float(a),), (float(b),), (0,), tuple(values))


class Law(Kind):
    """Base of all laws; its numbers are in the unit of use.

    A new law says its ``curve``, ``cdf`` and ``mean``; ``form`` says which of its fields, by the names a person writes,
    carry the unit. Frozen and hashable, so that its table is built once per process.
    """

    form: ClassVar[Mapping[str, Form]] = {}

    @abstractmethod
    def curve(self) -> Curve:
        """The quantile function as columns; may be slow, is asked once per process."""

    @abstractmethod
    def mean(self) -> float:
        """The expected value."""

    @abstractmethod
    def cdf(self, x: float) -> float:
        """The chance of a value of at most ``x``."""

    def below(self, x: float) -> float:
        """The chance of a value less than ``x``; differs from ``cdf`` where single values have a chance."""
        return self.cdf(x)

    def support(self) -> tuple[float, float]:
        """The least and the greatest value; infinity where there is no greatest."""
        return 0.0, float("inf")

    def knots(self) -> Sequence[float]:
        """Values between which the distribution function is as good as straight."""
        tails = lower_tails(128)
        return [self.quantile(t) for t in tails] + [self.quantile(1.0 - t) for t in tails]

    def mean_up_to(self, most: float) -> float:
        """The expected value where all above ``most`` counts as that, and all below 0 as 0.

        The area above the distribution function, by trapezia between the law's own knots.
        """
        knots = sorted({min(most, max(0.0, x)) for x in (0.0, most, *self.knots())})
        return sum((high - low) * (1.0 - (self.cdf(low) + self.below(high)) / 2) for low, high in pairwise(knots))

    def note(self) -> str:
        """What the author should know of how this law was read; empty if nothing."""
        return ""

    @property
    def deterministic(self) -> bool:
        """Whether every draw gives the same value."""
        low, high = self.support()
        return low == high

    def quantile(self, u: float) -> float:
        """The value at a uniform strictly between 0 and 1: the same bits as either engine draws."""
        return float(value(curve_of(self), 0, u))

    def written(self, write: Write) -> Any:
        """Plain data that reads back to an equal law."""
        given = {key: getattr(self, _field_of(type(self), key)) for key in self.form}
        fields = {key: _plain(self.form[key], item, write) for key, item in given.items() if item not in (None, ())}
        return {"kind": getattr(self, "kind", None)} | fields


@functools.lru_cache(maxsize=512)
def curve_of(law: Law) -> Curve:
    """The law's curve, built once per process."""
    return law.curve()


def draw_from(law: Law, u: float) -> float:
    """The value of a law at a uniform, for whoever draws seldom."""
    return law.quantile(u)


def fixed(number: float) -> Curve:
    """The curve of one value."""
    return curve(Quantile.CONSTANT, number)


def percent_key(probability: float) -> str:
    """The word of a percentile.

    >>> percent_key(0.5), percent_key(0.999)
    ('p50', 'p99.9')
    """
    text = f"{Decimal(repr(probability)) * 100:f}"
    return "p" + (text.rstrip("0").rstrip(".") if "." in text else text)


def _field_of(kind: type[Law], key: str) -> str:
    """The field a person's word stands for: ``mean`` is a method here, so a field called so has another name."""
    aliases = {field.alias: name for name, field in kind.model_fields.items() if field.alias}
    return aliases.get(key, key)


def _plain(form: Form, item: Any, write: Write) -> Any:
    if form is Form.QUANTITY:
        return write(item)
    if form is Form.QUANTITIES:
        return [write(each) for each in item]
    return list(item) if form is Form.NUMBERS else item
