"""Recommendations of the recent past hold a new one back (``stabilizeRecommendation`` and ``…WithBehaviors``).

What is remembered is a tuple; a slot that has grown old is used again, as the real controller does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

DOWN_WINDOW = 300 * 10**9


class Recommendation(NamedTuple):
    """A wish as it was before it was held back."""

    replicas: int
    at: int


History: TypeAlias = tuple[Recommendation, ...]


def highest_recent(history: History, wish: int, *, now: int, window: int = DOWN_WINDOW) -> tuple[int, History]:
    """The highest wish of the window, this one among them, and what to remember (autoscalers without ``behavior``).

    >>> highest_recent((Recommendation(5, 0),), 3, now=10, window=60)[0]
    5
    """
    old = [place for place, known in enumerate(history) if known.at < now - window]
    recent = [known.replicas for known in history if known.at >= now - window]
    return max([wish, *recent]), remember(history, Recommendation(wish, now), old)


def between_windows(
    history: History, wish: int, *, current: int, now: int, up_window: int, down_window: int
) -> tuple[int, History]:
    """The current size, moved no further than all wishes of the up and of the down window agree on."""
    up = min([wish, *(known.replicas for known in history if known.at > now - up_window)])
    down = max([wish, *(known.replicas for known in history if known.at > now - down_window)])
    longest = max(up_window, down_window)
    old = [place for place, known in enumerate(history) if known.at < now - longest]
    return min(max(current, up), down), remember(history, Recommendation(wish, now), old)


def remember(history: History, newest: Recommendation, old: Sequence[int]) -> History:
    """The history with one more entry, in the place of the last one that is old."""
    if not old:
        return (*history, newest)
    return (*history[: old[-1]], newest, *history[old[-1] + 1 :])
