"""A sample of the requests of a replication: the same requests under every strategy and in every case.

Whether a request is in the sample hangs on the seed, the index, its stream and its number alone, so that samples are
paired as replications are, and a larger share holds the smaller one. The hash is the finalizer of SplitMix64 (Steele,
Lea and Flood, 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.ledger import RECORD_FIELDS
from sim.outcomes import Outcome
from sim.scenario.resolved import Scenario
from sim.study.series import SECOND, Columns

VERSIONS = ("stable", "new", "none")
_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def sample_of(record: Any, scenario: Scenario, share: float) -> Columns:
    """A share of the requests in a record whose ledger has a row for each, without the warm-up, by arrival."""
    rows = record.ledger.record[: int(record.ledger.finished[0])]
    field = {name: rows[:, place] for place, name in enumerate(RECORD_FIELDS)}
    chosen = is_chosen(scenario.study.seed, record.index, field["stream"], field["number"], share)
    chosen &= field["arrived"] >= 0
    order = np.lexsort((field["number"][chosen], field["stream"][chosen], field["arrived"][chosen]))
    kept = {name: column[chosen][order] for name, column in field.items()}
    streams = [stream.name for stream in scenario.traffic.played]
    return {
        "seconds": kept["arrived"] / SECOND,
        "stream": [streams[number] for number in kept["stream"]],
        "number": kept["number"],
        "latency": (kept["finished"] - kept["arrived"]) / SECOND,
        "outcome": [Outcome(number).name.lower() for number in kept["outcome"]],
        "attempts": kept["attempts"],
        "version": [VERSIONS[number] for number in kept["version"]],
        "pod": kept["pod"],
        "user": kept["user"],
    }


def is_chosen(seed: int, index: int, stream: Any, number: Any, share: float) -> Any:
    """Which requests are in the sample.

    >>> float(is_chosen(1, 0, 0, np.arange(100_000), 0.1).mean().round(2))
    0.1
    """
    mixed = _mixed(np.asarray(number, dtype=np.int64).astype(np.uint64) + _mixed(np.uint64(index)))
    mixed = _mixed(mixed + np.asarray(stream, dtype=np.int64).astype(np.uint64) + _mixed(np.uint64(seed % 2**64)))
    return (mixed >> np.uint64(11)) < round(share * 2**53)


def _mixed(number: Any) -> Any:
    with np.errstate(over="ignore"):
        number = number + _GOLDEN
        number = (number ^ (number >> np.uint64(30))) * _FIRST
        number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))
