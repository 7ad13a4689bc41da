"""Two versions that do not bear each other."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.doors import Kind
from sim.failures import Luck, bad_answers
from sim.laws import ShareLaw
from sim.quantities import Share, default
from sim.steps import Edit
from sim.versions import NEW, STABLE


class MixedVersions(Kind):
    """Mixed versions: answers of both versions fail while both serve users (a schema or session they do not share)."""

    kind: Literal["mixed_versions"] = "mixed_versions"
    example: ClassVar[dict[str, Any]] = {"kind": "mixed_versions", "rate": "2%"}

    rate: ShareLaw
    visible: Share = default("100%", origin="telemetry counts every bad answer", trust="low")
    streams: tuple[str, ...] = ()

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication and holds for both versions."""
        rate = self.rate.quantile(luck(0))
        return tuple(
            edit
            for version in (STABLE, NEW)
            for edit in bad_answers(rate=rate, visible=self.visible, streams=self.streams, version=version, mixed=True)
        )
