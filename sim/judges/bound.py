"""What a gate with fixed bounds lets pass, for arithmetic before anything is played."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A fixed bound on windows that are looked at one after the other; what is not bounded is None."""

    window: int  # ns
    every: int  # ns between two looks
    stops_at: int  # failing looks that stop a release
    success: float | None = None  # the least share of good answers that passes
    slowest: tuple[float, int] | None = None  # a share of the answers, and the ns within which they have to be
    least: int = 1  # requests without which a window is not judged
    in_a_row: bool = False  # only failing looks in a row count
    tried_again: bool = False  # a look that fails is repeated, and its hold waits for it
    empty_fails: bool = False  # too few requests fail a look
    most: int | None = None  # looks at each hold at most
    anew: bool = False  # failing looks are counted anew at each hold
    lasts: int = 0  # ns that a hold lasts at least, whatever the strategy says
    per: str = "version"  # whose requests: "version", "stream" or "service"
