"""Data in a form that only the new version reads."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from sim.failures import Failure, Luck
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Damage, Edit, Effect
from sim.versions import NEVER, STABLE


class UnreadableData(Failure):
    """Unreadable data: the old version fails at what the new one has written, beside it and after a rollback.

    It grows with the traffic the new version gets: serving everybody for ``takes`` writes 63 % of the data anew that is
    still in the old form. The new version reads both forms. ``repair`` is how long after the new version has gone all
    data can be read again; left out, never.
    """

    kind: Literal["unreadable_data"] = "unreadable_data"
    example: ClassVar[dict[str, Any]] = {"kind": "unreadable_data", "rate": "50%", "takes": "30m"}

    rate: ShareLaw = default(
        "100%",
        origin="every request reads stored data",
        trust="low",
        means="share of requests that fail once all data are in the new form; in proportion before",
    )
    takes: Duration = default(
        "30m",
        origin="until most of the data in use has been written once",
        trust="low",
        means="time in which the new version, serving everybody, writes 63 % of the old data in the new form",
    )
    visible: Share = default(
        "100%",
        origin="telemetry counts every bad answer",
        trust="low",
        means="share of its bad answers that telemetry counts as errors; the others look like successes",
    )
    repair: Duration | None = Field(
        default=None,
        description="time from the end of the new version until all data can be read again; never if left out",
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    repeats: Share = default(
        "100%",
        origin="the same data are read again",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    @field_validator("takes")
    @classmethod
    def _takes_time(cls, takes: int) -> int:
        if takes <= 0:
            raise ValueError("must be longer than 0")
        return takes

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication; only the old version cannot read."""
        repair = NEVER if self.repair is None else self.repair
        damage = Damage(
            rate=self.rate.quantile(luck(0)),
            takes=self.takes,
            visible=self.visible,
            repair=repair,
            repeats=self.repeats,
        )
        return (Edit(effect=Effect.STATE_DAMAGE, value=damage, version=STABLE, streams=self.streams),)
