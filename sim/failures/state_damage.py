"""Damage that a rollback does not undo."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import StoredData
from sim.laws import ShareLaw
from sim.quantities import Duration, default


class StateDamage(StoredData):
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
