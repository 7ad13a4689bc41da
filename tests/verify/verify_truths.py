"""Figures that are known, figures that are measured, and when the two agree.

The known ones come from ``reference_numbers.json``, which lies beside the repository and names a source for each block;
what it quotes from memory is never asked here. A measured one is the mean over independent runs, with the interval that
holds its expectation in all but one of ten thousand such samples (Student's t). The truth must lie inside, and the
interval must be narrow: one that cannot fail proves nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench_ours
import numpy as np
import pytest
from bench_ours import Make
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay
from scipy import stats

from sim.laws import Law
from sim.laws.exponential import Exponential
from sim.ledger import RECORD_FIELDS
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference_numbers.json"
WORK = 10 * MILLISECOND
UNLIMITED = 10**9
CONFIDENCE = 0.9999
ARRIVED, FINISHED, OUTCOME, ATTEMPTS = (
    RECORD_FIELDS.index(name) for name in ("arrived", "finished", "outcome", "attempts")
)

Figure = Callable[[np.ndarray], float]
Note = Callable[[str, Any], None]


def figures_of(block: str) -> list[dict[str, Any]]:
    """The known figures of a block; the module is skipped where the file is not there.

    Raises :class:`AssertionError` for a block that was written from memory: it must gate nothing.
    """
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE.name} is not beside the repository", allow_module_level=True)
    found = json.loads(REFERENCE.read_text(encoding="utf-8"))["blocks"][block]
    assert "from memory" not in found["how"], f"{block} was written from memory"
    return list(found["values"])


@dataclass(frozen=True, kw_only=True)
class System:
    """A queueing system; rates and times in mean service times, ``rate`` over all pods together."""

    rate: float
    servers: int = 1  # of each pod
    pods: int = 1
    queue: int = UNLIMITED
    balancer: str = "random"
    work: Law = field(default_factory=lambda: Exponential(mean=float(WORK)))
    gap: Law = field(default_factory=lambda: Exponential(mean=1.0))
    stream: dict[str, Any] = field(default_factory=dict)
    play: dict[str, Any] = field(default_factory=dict)
    bad_answers: float = 0.0

    def run(self, seed: int, requests: int, make: Make) -> np.ndarray:
        """Rows of all requests that arrived after a tenth of them had warmed the system up."""
        rate = self.rate * SECOND / WORK
        warm_up = max(1, round(requests / 10 / rate * SECOND))
        stream = StreamOfPlay(rate=rate, work=self.work, gap=self.gap, **self.stream)
        play = Play(
            seed=seed,
            length=round(requests / rate * SECOND),
            warm_up=warm_up,
            balancer=self.balancer,
            streams=(stream,),
            pods=((0, self.servers, self.queue),) * self.pods,
            **self.play,
        )
        made = bench_ours.scene(play, make, records=round(1.1 * requests + 10 * math.sqrt(requests) + 1000))
        versions = made.world.columns.versions
        versions.error_chance[:], versions.seen_chance[:] = self.bad_answers, self.bad_answers
        made.finish()
        record = made.ledger.record[: int(made.ledger.finished[0])]
        return record[record[:, ARRIVED] >= 0]


def mean_response(record: np.ndarray) -> float:
    """Mean time in the system of those who were served, in mean service times."""
    served = record[record[:, OUTCOME] == Outcome.SUCCEEDED]
    return float(np.mean(served[:, FINISHED] - served[:, ARRIVED])) / WORK


def share_rejected(record: np.ndarray) -> float:
    """Share of requests turned away."""
    return float(np.mean(record[:, OUTCOME] == Outcome.REJECTED))


def attempts_per_request(record: np.ndarray) -> float:
    """Mean number of tries."""
    return float(np.mean(record[:, ATTEMPTS]))


def share_failed(record: np.ndarray) -> float:
    """Share of requests whose last try failed."""
    return float(np.mean(record[:, OUTCOME] != Outcome.SUCCEEDED))


def quantile_of_response(probability: float) -> Figure:
    """The figure that is a quantile of the time in the system, in mean service times."""

    def figure(record: np.ndarray) -> float:
        return float(np.quantile(record[:, FINISHED] - record[:, ARRIVED], probability)) / WORK

    return figure


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How much is played: independent runs of so many requests."""

    runs: int = 20
    requests: int = 150_000
    make: Make = CompiledEngine
    widest: float = 0.01  # the largest standard error that still says something, as a share of the truth

    def values(self, system: System, figures: Sequence[Figure]) -> np.ndarray:
        """Each figure in each run: [run, figure]."""

        def one(seed: int) -> list[float]:
            record = system.run(seed, self.requests, self.make)
            return [figure(record) for figure in figures]

        return np.array([one(seed) for seed in range(self.runs)])


NORMAL = Sample()


def sample_for(load: float) -> Sample:
    """More is played the heavier the load, for a loaded queue forgets slowly."""
    if load > 0.93:
        return Sample(runs=60, requests=500_000)
    return Sample(runs=40, requests=200_000) if load > 0.85 else NORMAL


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One line of the table: what is known, and how far it may be off for reasons of its own."""

    group: str
    case: str
    truth: float
    source_error: float = 0.0  # standard error of a truth that was itself simulated
    allowance: float = 0.0  # of a truth that is a limit


def confirm(note: Note, claim: Claim, values: np.ndarray, sample: Sample) -> None:
    """The truth is inside the interval, and the interval is narrow; the line goes into ``docs/validation.md``."""
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    assert error < sample.widest * claim.truth, f"the sample is too small: {mean:.6g} with an error of {error:.2g}"
    error = math.hypot(error, claim.source_error)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error + claim.allowance
    note(
        "validation",
        [
            claim.group,
            claim.case,
            f"{claim.truth:.5g}",
            f"{mean:.5g}",
            f"{reach:.2g}",
            f"{100 * (mean / claim.truth - 1):+.2f} %",
            f"{sample.runs} × {sample.requests:,}",
        ],
    )
    assert abs(mean - claim.truth) <= reach, f"{claim.case}: {mean:.6g} ± {reach:.2g} against {claim.truth:.6g}"


def named(rows: Sequence[dict[str, Any]], *fields: str) -> list[Any]:
    """Parameters of a test, one per row, with a readable name."""
    return [pytest.param(row, id=" ".join(f"{name} {row[name]}" for name in fields)) for row in rows]
