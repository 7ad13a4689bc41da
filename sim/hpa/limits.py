"""How fast an autoscaler may go: policies of ``spec.behavior``, and the old rule where there is none.

A policy counts from the size its period began with: now, less what was added in the period, plus what was taken off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias

SECOND = 10**9


class Select(StrEnum):
    """Which of several policies holds."""

    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


class Policy(NamedTuple):
    """So many pods, or percent, per period (ns)."""

    value: int
    period: int
    percent: bool = False


class Rules(NamedTuple):
    """How an autoscaler goes in one direction."""

    policies: tuple[Policy, ...]
    window: int = 0  # ns of stabilisation
    select: Select = Select.MAX


UP = Rules((Policy(4, 15 * SECOND), Policy(100, 15 * SECOND, percent=True)))
"""Kubernetes' defaults for scaling up."""
DOWN = Rules((Policy(100, 15 * SECOND, percent=True),), window=300 * SECOND)
"""Kubernetes' defaults for scaling down."""


class Change(NamedTuple):
    """A change of size that was made; ``outdated`` once no policy looks back so far."""

    replicas: int
    at: int
    outdated: bool = False


Changes: TypeAlias = tuple[Change, ...]


class Limited(NamedTuple):
    """A size within its limits, and what limited it, in the controller's words."""

    replicas: int
    reason: str


WITHIN, MOST, FEWEST = "DesiredWithinRange", "TooManyReplicas", "TooFewReplicas"
UP_LIMIT, DOWN_LIMIT = "ScaleUpLimit", "ScaleDownLimit"


def limited_without_rules(current: int, wish: int, *, fewest: int, most: int) -> Limited:
    """Between the bounds, and at most the double or 4.

    >>> limited_without_rules(3, 1000, fewest=1, most=2000)
    Limited(replicas=6, reason='ScaleUpLimit')
    """
    fast = max(2 * current, 4)
    if wish < fewest:
        return Limited(fewest, FEWEST)
    if wish > min(most, fast):
        return Limited(fast, UP_LIMIT) if most > fast else Limited(most, MOST)
    return Limited(wish, WITHIN)


def limited(
    current: int,
    wish: int,
    *,
    fewest: int,
    most: int,
    now: int,
    up: Rules = UP,
    down: Rules = DOWN,
    added: Changes = (),
    removed: Changes = (),
) -> Limited:
    """As far towards the wish as bounds and policies allow now."""
    if wish > current:
        fast = max(current, up_limit(current, up, added=added, removed=removed, now=now))
        if wish > min(most, fast):
            return Limited(fast, UP_LIMIT) if most > fast else Limited(most, MOST)
    elif wish < current:
        fast = min(current, down_limit(current, down, added=added, removed=removed, now=now))
        if wish < max(fewest, fast):
            return Limited(fast, DOWN_LIMIT) if fewest < fast else Limited(fewest, FEWEST)
    return Limited(wish, WITHIN)


def up_limit(current: int, rules: Rules, *, added: Changes = (), removed: Changes = (), now: int = 0) -> int:
    """The largest size the policies allow; a percentage is rounded up, so that 1 % of 3 is a step."""

    def reach(start: int, policy: Policy) -> int:
        return math.ceil(start * (1 + policy.value / 100)) if policy.percent else start + policy.value

    return _selected(current, rules, reach, added, removed, now)


def down_limit(current: int, rules: Rules, *, added: Changes = (), removed: Changes = (), now: int = 0) -> int:
    """The smallest size the policies allow; a percentage of what remains is rounded down."""

    def reach(start: int, policy: Policy) -> int:
        return int(start * (1 - policy.value / 100)) if policy.percent else start - policy.value

    return _selected(current, rules, reach, added, removed, now, falling=True)


def _selected(
    current: int,
    rules: Rules,
    reach: Callable[[int, Policy], int],
    added: Changes,
    removed: Changes,
    now: int,
    *,
    falling: bool = False,
) -> int:
    """The reach of the policy that holds: ``Max`` is the greatest change, whichever way it goes."""
    if rules.select is Select.DISABLED or not rules.policies:
        return current
    reaches = []
    for policy in rules.policies:
        changed = changed_within(added, policy.period, now) - changed_within(removed, policy.period, now)
        reaches.append(reach(current - changed, policy))
    greatest = rules.select is Select.MAX
    return max(reaches) if greatest is not falling else min(reaches)


def changed_within(changes: Sequence[Change], period: int, now: int) -> int:
    """Replicas changed in the period that ends now.

    >>> changed_within((Change(7, 2), Change(6, 61)), 60, 62)
    6
    """
    return sum(change.replicas for change in changes if change.at > now - period)


def noted(changes: Changes, replicas: int, rules: Rules | None, *, now: int) -> Changes:
    """The changes with one more, in the place of the last that no policy looks back to; none without rules."""
    if rules is None:
        return changes
    longest = max((policy.period for policy in rules.policies), default=0)
    marked = [change._replace(outdated=change.outdated or change.at < now - longest) for change in changes]
    places = [place for place, change in enumerate(marked) if change.outdated]
    newest = Change(replicas, now)
    if places:
        marked[places[-1]] = newest
    else:
        marked.append(newest)
    return tuple(marked)
