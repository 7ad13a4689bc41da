"""Requests at recorded instants."""

from __future__ import annotations

import base64
import binascii
import functools
import struct
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, ClassVar, Literal

from pydantic import Field, GetJsonSchemaHandler, field_validator
from pydantic_core import CoreSchema

from sim.arrivals import Arrivals
from sim.laws import Law
from sim.laws.deterministic import Deterministic

SECOND = 1e9
MOST_INSTANTS = 1_000_000
WHERE = {
    "type": "object",
    "description": "which rows of the file are meant, by their cells: {metric_name: http_reqs}, several as a list; "
    "all rows if left out",
}
"""The schema of a filter of rows."""


class Replay(Arrivals):
    """Requests at the instants of a file: the first when the warm-up begins, the others as far apart as recorded."""

    example: ClassVar[dict[str, Any]] = {"kind": "replay", "times": "eNpjYGBgYEADDFApdHEAAjAABw=="}
    kind: Literal["replay"] = "replay"
    times: str = Field(
        description="the recorded instants, packed once they are read; a person writes file: web.csv (or .parquet) and "
        "column: at instead, and where: {metric_name: http_reqs} if only some of its rows are requests"
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A file and its column, as a person writes it, or the packed instants."""
        found = dict(handler.resolve_ref_schema(handler(schema)))
        found["properties"] = found["properties"] | {
            "file": {"type": "string", "description": "path of the recording, CSV or Parquet, beside the scenario"},
            "column": {"type": "string", "description": "its column of instants: seconds, ms, us or ns since 1970, "
                       "seconds from the start, durations, ISO 8601, or the form of access logs"},
            "where": WHERE,
        }  # fmt: skip
        found["required"] = [each for each in found.get("required", ()) if each != "times"]
        return found

    @field_validator("times")
    @classmethod
    def _readable(cls, times: str) -> str:
        unpacked(times)
        return times

    def gap(self) -> Law:
        """Gaps of exactly 1: each request brings its own instant."""
        return Deterministic(value=1.0)

    def rate(self, work: float) -> float | None:
        """The mean over the whole recording."""
        instants = unpacked(self.times)
        return (len(instants) - 1) * SECOND / max(1, instants[-1] - instants[0])

    def instants(self) -> Sequence[int] | None:
        """All of them."""
        return unpacked(self.times)


def packed(instants: Sequence[int]) -> str:
    """Instants in ns as text: their gaps in 8 bytes each, compressed; raises ValueError when they go back in time.

    >>> unpacked(packed([5, 10, 10, 20]))
    array('q', [0, 5, 5, 15])
    """
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    if not 1 <= len(gaps) < MOST_INSTANTS:
        raise ValueError(f"holds {len(instants):,} instants; allowed: 2 to {MOST_INSTANTS:,}")
    if min(gaps) < 0 or max(gaps) >= 2**62:
        raise ValueError("the instants do not grow from row to row")
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(gaps)}q", *gaps), 9)).decode("ascii")


@functools.lru_cache(maxsize=8)  # a study asks for the same few recordings in every replication
def unpacked(times: str) -> array[int]:
    """The instants of such a text in 8 bytes each, the first at 0; raises ValueError when it is none."""
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(times, validate=True), 8 * MOST_INSTANTS)
        gaps = struct.unpack(f"<{len(data) // 8}q", data)
        instants = array("q", accumulate(gaps, initial=0))
    except (binascii.Error, zlib.error, struct.error, OverflowError):
        raise ValueError("write file: and column: of a recording; these are no packed instants") from None
    if not gaps or min(gaps) < 0 or not inflate.eof:
        raise ValueError("write file: and column: of a recording; these are no packed instants")
    return instants
