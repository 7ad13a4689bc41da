"""One pass of the autoscaler: from the pods it sees to the size it asks for (``reconcileAutoscaler``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sim.hpa.calculator import NoMetricError, Wish
from sim.hpa.limits import DOWN, FEWEST, MOST, UP, Changes, Limited, Rules, limited, limited_without_rules, noted
from sim.hpa.stabilise import DOWN_WINDOW, History, Recommendation, between_windows, highest_recent


class Bounds(NamedTuple):
    """What an autoscaler is told: its bounds, and its behaviour; both rules None is ``behavior`` left out."""

    fewest: int
    most: int
    up: Rules | None = None
    down: Rules | None = None
    down_window: int = DOWN_WINDOW  # ns, where no behaviour says otherwise

    @property
    def rules(self) -> tuple[Rules, Rules] | None:
        """The rules of both directions, the one left out at its default; None where both are."""
        if self.up is None and self.down is None:
            return None
        return self.up or UP, self.down or DOWN._replace(window=self.down_window)


class Memory(NamedTuple):
    """What an autoscaler remembers from pass to pass."""

    history: History = ()
    added: Changes = ()
    removed: Changes = ()


class Pass(NamedTuple):
    """What came of a pass: the size, why, and what to remember."""

    replicas: int
    reason: str
    memory: Memory
    wish: Wish | None = None


def first_sight(current: int, now: int) -> Memory:
    """What an autoscaler remembers when it first sees its target: the size it has, so nothing shrinks at once."""
    return Memory(history=(Recommendation(current, now),))


def reconcile(memory: Memory, bounds: Bounds, wishes: Sequence[Callable[[], Wish]], *, current: int, now: int) -> Pass:
    """Ask every metric, take the highest wish, hold it back.

    A target at 0 is left alone; one outside its bounds is brought inside without asking. Where a metric cannot be
    judged, the others may raise the size and not lower it.

    >>> reconcile(Memory(), Bounds(2, 6), [lambda: Wish(9, 150, 0)], current=3, now=0)[:2]
    (6, 'TooManyReplicas')
    """
    if current == 0 and bounds.fewest != 0:
        return Pass(0, "ScalingDisabled", memory)
    if current > bounds.most:
        return _changed(memory, bounds, current, Limited(bounds.most, MOST), now, None)
    if current < bounds.fewest:
        return _changed(memory, bounds, current, Limited(bounds.fewest, FEWEST), now, None)
    wish = _highest(wishes, current)
    if wish is None:
        return Pass(current, "FailedGetMetric", memory)
    found, history = _held_back(memory, bounds, wish.replicas, current, now)
    return _changed(memory._replace(history=history), bounds, current, found, now, wish)


def _highest(wishes: Sequence[Callable[[], Wish]], current: int) -> Wish | None:
    """The highest wish; None where no metric can be judged, or one cannot and the others would shrink."""
    known, refused = [], 0
    for ask in wishes:
        try:
            known.append(ask())
        except NoMetricError:
            refused += 1
    highest = max(known, key=lambda wish: wish.replicas, default=None)
    if highest is None or (refused and highest.replicas < current):
        return None
    return highest


def _held_back(memory: Memory, bounds: Bounds, wish: int, current: int, now: int) -> tuple[Limited, History]:
    if bounds.rules is None:
        steady, history = highest_recent(memory.history, wish, now=now, window=bounds.down_window)
        return limited_without_rules(current, steady, fewest=bounds.fewest, most=bounds.most), history
    up, down = bounds.rules
    steady, history = between_windows(
        memory.history, wish, current=current, now=now, up_window=up.window, down_window=down.window
    )
    found = limited(
        current,
        steady,
        fewest=bounds.fewest,
        most=bounds.most,
        now=now,
        up=up,
        down=down,
        added=memory.added,
        removed=memory.removed,
    )
    return found, history


def _changed(memory: Memory, bounds: Bounds, current: int, found: Limited, now: int, wish: Wish | None) -> Pass:
    """Note the change that is made."""
    up, down = bounds.rules or (None, None)
    if found.replicas > current:
        memory = memory._replace(added=noted(memory.added, found.replicas - current, up, now=now))
    elif found.replicas < current:
        memory = memory._replace(removed=noted(memory.removed, current - found.replicas, down, now=now))
    return Pass(found.replicas, found.reason, memory, wish)
