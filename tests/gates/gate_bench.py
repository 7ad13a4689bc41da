"""A gate put to counts a test writes by hand."""

from typing import Any

import numpy as np

from sim.doors import kinds
from sim.gates import Gate, Judgement
from sim.versions import NEW, STABLE
from sim.whatif.bench import Scraped, Verdicts, judge_release

S = 10**9
MINUTE = 60 * S

Counts = tuple[int, int]
"""Requests and errors."""


def gate_of(written: dict[str, Any]) -> Gate:
    """A gate as a scenario writes it, without delay unless it says so."""
    gate: Gate = kinds("gates")[written["kind"]].model_validate({"delay": "0s"} | written)
    return gate


def minutes(new: list[Counts], stable: list[Counts] | None = None, *, every: int = MINUTE) -> Scraped:
    """Scrapes once a minute, each with so much more than the one before."""
    stable = stable or [(0, 0)] * len(new)
    counts = np.zeros((len(new) + 1, 3, 1, 2), dtype=np.int64)
    counts[1:, NEW, 0], counts[1:, STABLE, 0] = new, stable
    total = counts.cumsum(axis=0)
    times = [place * every for place in range(len(new) + 1)]
    return Scraped(times=times, requests=total[..., 0], errors=total[..., 1], streams=("all",))


def judged(written: dict[str, Any], scraped: Scraped, *holds: tuple[int, int]) -> Verdicts:
    """The gate's verdicts on one hold over all of it, or on these (in minutes)."""
    spans = [(start * MINUTE, end * MINUTE) for start, end in holds] or [(0, scraped.times[-1])]
    return judge_release(gate_of(written), scraped, spans)


def stopped_minute(written: dict[str, Any], scraped: Scraped, *holds: tuple[int, int]) -> float | None:
    """The minute in which the gate stopped the release, rounded to the second; None if it did not."""
    at = judged(written, scraped, *holds).stopped_at
    return round(at / S) / 60 if at <= scraped.times[-1] + S else None


def last(verdicts: Verdicts) -> Judgement:
    return verdicts.judgements[-1][1]


def answers(verdicts: Verdicts) -> str:
    """First letters: pass, fail, wait, inconclusive."""
    return "".join(judgement.verdict.answer[0] for _, judgement in verdicts.judgements)
