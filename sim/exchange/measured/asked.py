"""What a person said about a file that the file does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from sim.errors import UsageError, shown
from sim.exchange.measured.streams import Streams

Meaning: TypeAlias = Literal["requests", "errors", "error_ratio", "p50", "p90", "p95", "p99"]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)
"""What the values of a query may be: requests or errors per second, a share of errors, a percentile in seconds."""

UNITS: Mapping[str, int] = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Of a column of latencies, in ns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The streams of the scenario, and what was said of one file."""

    streams: Streams
    meaning: Meaning | None = None
    unit: str | None = None
    """A key of :data:`UNITS`, for latencies that say none."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Names of columns by what they mean, as {"took": "elapsed"}."""


def meaning_and_file(written: str) -> tuple[Meaning | None, str]:
    """``--from`` as typed: a file, or what its values are and the file; raises UsageError.

    >>> meaning_and_file("errors=5xx.json"), meaning_and_file("access.log")
    (('errors', '5xx.json'), (None, 'access.log'))
    """
    word, sign, file = written.partition("=")
    for meaning in MEANINGS:
        if sign and word == meaning:
            return meaning, file
    if sign and word.replace("_", "").isalpha() and "/" not in word and file:
        raise UsageError(
            f"--from {shown(written)!r}: values cannot be {shown(word)!r}; allowed: {', '.join(MEANINGS)}; "
            "a file whose name has a '=' is written with its folder, as ./a=b.json"
        )
    return None, written
