"""How far metrics can be trusted, as a scenario says it; what it does to them stands in ``sim/scraping.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How far metrics can be trusted; as it stands: wholly.

    ``missing`` is the chance of a scrape not to be there. About every ``stale_every`` ns (0: never) queries begin to
    answer with what was known at that moment, for ``stale_lasts`` ns. ``errors`` and ``latency`` are the relative
    standard deviations of what is counted from scrape to scrape, by version, around the truth; ``correlation`` is that
    of the deviation with the one a minute earlier.
    """

    missing: float = 0.0
    stale_every: int = 0
    stale_lasts: int = 0
    errors: float = 0.0
    latency: float = 0.0
    correlation: float = 0.0

    @property
    def any(self) -> bool:
        """Whether there is anything to reckon with."""
        return self.missing > 0 or self.stale_every > 0 or self.noisy

    @property
    def noisy(self) -> bool:
        """Whether counts swing around the truth."""
        return self.errors > 0 or self.latency > 0
