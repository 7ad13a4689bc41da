"""Data in a form that only the new version reads."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import StoredData
from sim.laws import ShareLaw
from sim.quantities import Duration, default
from sim.versions import STABLE


class UnreadableData(StoredData):
    """Unreadable data: the old version fails at what the new one has written, beside it and after a rollback.

    It grows with the traffic the new version gets: serving everybody for ``takes`` writes 63 % of the data anew that is
    still in the old form. The new version reads both forms. ``repair`` is how long after the new version has gone all
    data can be read again; left out, never.
    """

    kind: Literal["unreadable_data"] = "unreadable_data"
    example: ClassVar[dict[str, Any]] = {"kind": "unreadable_data", "rate": "50%", "takes": "30m"}
    stumble: ClassVar[tuple[int, ...]] = (STABLE,)

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
