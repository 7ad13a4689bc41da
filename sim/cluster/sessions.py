"""How many requests meet another version than the one that answered their session last.

Each user is drawn to a version by the split, anew for every request unless something keeps users: then users who were
on a version stay there as long as the split does not take them away (sets of a growing share are nested).
"""

from __future__ import annotations

from sim.steps import Split
from sim.versions import NEW, STABLE


def meets_other(now: Split, before: Split, *, kept: bool) -> dict[int, float]:
    """By version, the share of its requests whose session was answered by the other version under the split before.

    Of a split that stays at w, 2 w (1 - w) of all requests; none where users are kept.

    >>> meets_other(Split(weight=0.25), Split(weight=0.25), kept=False)
    {0: 0.25, 1: 0.75}
    >>> meets_other(Split(weight=0.25), Split(weight=0.25), kept=True)
    {0: 0.0, 1: 0.0}
    >>> meets_other(Split(weight=0.5), Split(weight=0.25), kept=True)
    {0: 0.0, 1: 0.5}
    """
    both = max(now.cohort, before.cohort)
    if kept:
        stays = (1.0 - both) * (1.0 - max(now.weight, before.weight))
        to_new, to_stable = _stable(before) - stays, _stable(now) - stays
    else:
        came, left = max(0.0, now.cohort - before.cohort), max(0.0, before.cohort - now.cohort)
        to_new = (came + (1.0 - both) * now.weight) * (1.0 - before.weight)
        to_stable = (1.0 - now.weight) * (left + (1.0 - both) * before.weight)
    stable = _stable(now)
    return {
        STABLE: min(1.0, max(0.0, to_stable / stable)) if stable > 0.0 else 0.0,
        NEW: min(1.0, max(0.0, to_new / (1.0 - stable))) if stable < 1.0 else 0.0,
    }


def _stable(split: Split) -> float:
    """The share of all requests that the stable version answers."""
    return (1.0 - split.cohort) * (1.0 - split.weight)


class Course:
    """The split over time, as long as somebody may ask for it."""

    def __init__(self) -> None:
        self._turns: list[tuple[int, Split, bool]] = []  # since when, ns; the split, and whether users are kept

    def turn(self, now: int, split: Split, *, kept: bool) -> bool:
        """Users are split so from now on; whether that is anything new."""
        if self._turns and self._turns[-1][1:] == (split, kept):
            return False
        self._turns.append((now, split, kept))
        return True

    def meets_other(self, version: int, now: int, pause: int) -> float:
        """The share of a version's requests whose session had its last answer from the other, ``pause`` ns ago."""
        if not self._turns:
            return 0.0
        _, split, kept = self._turns[-1]
        before = next((each for since, each, _ in reversed(self._turns) if since <= now - pause), Split())
        return meets_other(split, before, kept=kept)[version]
