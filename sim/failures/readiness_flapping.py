"""Pods that are ready, and not, and ready again."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from sim.failures import Failure, Luck
from sim.laws import DurationLaw
from sim.quantities import Duration, Share, default
from sim.steps import Edit, Effect

MOST = 500
"""Spells of a replication; later ones do not happen."""


class ReadinessFlapping(Failure):
    """Readiness flapping: now and then the readiness probe of some pods fails for a spell, and nothing else is wrong.

    ``every`` is the law of the time between spells, ``lasts`` of their length; each spell hits its own share of pods. A
    spell shorter than the probe needs to fail is not noticed.
    """

    kind: Literal["readiness_flapping"] = "readiness_flapping"
    example: ClassVar[dict[str, Any]] = {"kind": "readiness_flapping", "every": "3m", "lasts": "45s", "pods": "50%"}

    every: DurationLaw = default(
        "3m",
        origin="a probe that also asks a busy dependency",
        trust="low",
        means="time between two losses of readiness of a pod",
    )
    lasts: DurationLaw = default(
        "45s", origin="longer than three probes of 10 s", trust="low", means="how long a pod is then not ready"
    )
    pods: Share = default(
        "50%", origin="half of the pods at a time", trust="low", means="share of the pods that lose readiness"
    )
    over: Duration = default(
        "2h", origin="longer than a release is watched", trust="medium", means="how long pods go on flapping"
    )

    @model_validator(mode="after")
    def _not_without_end(self) -> ReadinessFlapping:
        if self.every.mean() + self.lasts.mean() < self.over / MOST:
            raise ValueError(f"would be more than {MOST} spells; make every longer or over shorter")
        return self

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Spell after spell; the n-th draws its gap and its length with numbers of its own."""
        found: list[Edit] = []
        end = 0
        for spell in range(MOST):
            start = end + max(1, round(self.every.quantile(luck(2 * spell))))
            end = start + max(1, round(self.lasts.quantile(luck(2 * spell + 1))))
            if start >= self.over:
                break
            found.append(Edit(effect=Effect.NEVER_READY, value=1.0, cohort=self.pods, start=start, end=end))
        return tuple(found)
