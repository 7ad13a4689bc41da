"""Damage that a rollback does not undo."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from sim.failures import Failure, Luck
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Damage, Edit, Effect
from sim.versions import NEVER, NEW, STABLE


class StateDamage(Failure):
    """State damage: the new version spoils stored data as it serves; both versions stumble over it, rollback or not.

    The damage grows with the traffic the new version got: serving everybody for ``takes`` spoils 63 % of the data that
    is still whole, so a canary spoils less. Where all is spoilt, answers are bad at ``rate``. ``repair`` is how long
    after the new version has gone the data is whole again; left out, it never is.
    """

    kind: Literal["state_damage"] = "state_damage"
    example: ClassVar[dict[str, Any]] = {"kind": "state_damage", "rate": "20%", "takes": "30m"}

    rate: ShareLaw = Field(description="share of requests that fail once all data are spoilt; in proportion before")
    takes: Duration = default(
        "30m",
        origin="until most of the data in use has been written once",
        trust="low",
        means="time in which the new version, serving everybody, spoils 63 % of the data that is still whole",
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
        origin="the spoilt data are read again",
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
        """The rate is drawn once per replication and holds for both versions."""
        repair = NEVER if self.repair is None else self.repair
        damage = Damage(
            rate=self.rate.quantile(luck(0)),
            takes=self.takes,
            visible=self.visible,
            repair=repair,
            repeats=self.repeats,
        )
        return tuple(
            Edit(effect=Effect.STATE_DAMAGE, value=damage, version=version, streams=self.streams)
            for version in (STABLE, NEW)
        )
