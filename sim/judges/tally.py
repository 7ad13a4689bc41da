"""Counts of both versions added up look by look: the memory of gates that judge all there has been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.units import show_count
from sim.versions import NEW, STABLE

if TYPE_CHECKING:
    from sim.observation import Observation, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Requests and errors since a gate began; ``watched`` is how many ns of metrics that is."""

    until: int = 0  # ns, the newest scrape that is counted
    watched: int = 0
    new: tuple[int, int] = (0, 0)
    stable: tuple[int, int] = (0, 0)

    def plus(self, seen: Observation) -> Tally:
        """With one more window."""
        new, stable = arms(seen)
        return Tally(
            until=seen.until,
            watched=self.watched + seen.until - seen.since,
            new=(self.new[0] + new[0], self.new[1] + new[1]),
            stable=(self.stable[0] + stable[0], self.stable[1] + stable[1]),
        )

    def next(self, view: View) -> Observation | None:
        """What has been scraped since; None when that is nothing."""
        return view.since(self.until)


def arms(seen: Observation) -> tuple[tuple[int, int], tuple[int, int]]:
    """Requests and errors of the new and of the stable version."""
    new, stable = seen.of(version=NEW), seen.of(version=STABLE)
    return (new.requests, new.errors), (stable.requests, stable.errors)


def counted(arm: tuple[int, int]) -> str:
    """Errors in requests, in words.

    >>> counted((578, 1)), counted((1072, 0))
    ('1 error in 578 requests', '0 errors in 1,072 requests')
    """
    requests, errors = arm
    return f"{show_count(errors)} error{'' if errors == 1 else 's'} in {show_count(requests)} requests"


def figures_of(tally: Tally, **more: float) -> dict[str, Any]:
    """The counts as a verdict's figures."""
    counts = {"new: requests": tally.new[0], "new: errors": tally.new[1]}
    counts |= {"stable: requests": tally.stable[0], "stable: errors": tally.stable[1]}
    return {name: float(value) for name, value in counts.items()} | more
