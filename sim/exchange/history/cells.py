"""What stands in the cells of a list of releases: times, shares, counts; each fault with what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sim import units
from sim.errors import shown
from sim.exchange.history.words import NEW_VERSION, WHOLE_SERVICE, squeezed

_AT_LEAST = re.compile(r"[>≥]=?\s*(.+)|(.+)\+")


class CellError(ValueError):
    """A cell that cannot be read, and its column."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Lasted:
    """Minutes from the release; ``open``: at least so many, for nobody waited for the end."""

    minutes: float
    open: bool = False


def new_versions_errors(row: Mapping[str, str]) -> float | None:
    """The peak error ratio among the new version's requests: of the whole service's, as if all came from it."""
    ratio, weight = _share(row, "peak_error_ratio"), _share(row, "weight")
    if ratio is None:
        return None
    of = squeezed(row.get("ratio_of", ""))
    if of not in NEW_VERSION | WHOLE_SERVICE:
        raise CellError("ratio_of", f"{shown(row['ratio_of'][:40])!r}: write 'service' or 'new version'")
    if of in NEW_VERSION or weight is None:
        return ratio
    if weight == 0.0:
        raise CellError("weight", "at 0 % the new version answers nobody; leave it empty where it is not known")
    return min(1.0, ratio / weight)


def lasted(row: Mapping[str, str], name: str) -> Lasted | None:
    """Minutes, a duration, or at least so much; raises CellError.

    >>> lasted({"ttd": "1h30m"}, "ttd"), lasted({"ttd": "> 90"}, "ttd")
    (Lasted(minutes=90.0, open=False), Lasted(minutes=90.0, open=True))
    """
    text = row.get(name, "")
    if not text:
        return None
    at_least = _AT_LEAST.fullmatch(text)
    bare = (at_least[1] or at_least[2]).strip() if at_least else text
    try:
        minutes = float(bare) if re.fullmatch(r"[0-9.]+", bare) else units.duration(bare) / units.MINUTE
    except ValueError:
        told = f"{shown(text[:40])!r}: write minutes as 12, a duration as 1h30m, or '>90' where nobody knows the end"
        raise CellError(name, told) from None
    return Lasted(minutes, at_least is not None)


def _share(row: Mapping[str, str], name: str) -> float | None:
    text = row.get(name, "").replace(" ", "")
    if not text:
        return None
    try:
        if text.endswith("%"):
            found = float(text[:-1]) / 100
        elif re.fullmatch(r"0?\.[0-9]+|0|0\.0*", text):
            found = float(text)
        else:
            raise ValueError
    except ValueError:
        told = f"{shown(text[:40])!r}: write percent with its sign, as 12%, or a ratio below 1, as 0.12"
        raise CellError(name, told) from None
    if not 0.0 <= found <= 1.0:
        raise CellError(name, f"{shown(text[:40])!r} is no share; allowed: 0 % to 100 %")
    return found


def count_in(row: Mapping[str, str], name: str) -> float | None:
    """A count of requests; raises CellError."""
    text = row.get(name, "").replace(",", "").replace("_", "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", text):
        raise CellError(name, f"{shown(text[:40])!r} is no count; write digits, as 1200")
    return float(text)
