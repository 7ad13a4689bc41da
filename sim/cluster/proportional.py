"""Resizing a Deployment in the middle of a rollout: every ReplicaSet keeps its share.

Source: the Deployment controller (``sync.go`` ``scale``, ``deployment_util.go`` ``GetProportion``). An autoscaler that
resizes half-way keeps the ratio of bad to good pods; it does not help the good side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Sized(NamedTuple):
    """A ReplicaSet as the resize sees it."""

    name: str
    size: int  # spec.replicas
    age: int  # 0 is the newest
    largest: int | None = None  # replicas + surge when it was last resized; None: not annotated
    desired: int | None = None  # replicas of the Deployment at that time
    available: int = 0


class Wanted(NamedTuple):
    """The Deployment's size now."""

    replicas: int
    surge: int
    rolling: bool = True  # false: Recreate
    now: int = 0  # status.replicas, which stands in for a missing annotation

    @property
    def allowed(self) -> int:
        """Pods that may be asked for in all."""
        return self.replicas + self.surge if self.replicas > 0 else 0


def resized(wanted: Wanted, new: Sized | None, old: Sequence[Sized]) -> dict[str, int]:
    """The sizes after one resize, by name; those that do not change are left out.

    >>> resized(Wanted(50, 6), Sized("new", 5, 0, largest=13), [Sized("old", 8, 1, largest=13)])
    {'old': 34, 'new': 22}
    """
    everybody = [*old, *([new] if new else [])]
    active = [each for each in everybody if each.size > 0]
    if len(active) <= 1:
        alone = active[0] if active else new or min(old, key=lambda each: each.age, default=None)
        return _changes([(alone, wanted.replicas)]) if alone else {}
    if new and _is_saturated(wanted, new):
        return _changes([(each, 0) for each in old])
    return _changes(_shared_out(wanted, active)) if wanted.rolling else {}


def _shared_out(wanted: Wanted, active: Sequence[Sized]) -> list[tuple[Sized, int]]:
    """Largest first, each its share; what rounding leaves goes to the first."""
    delta = wanted.allowed - sum(each.size for each in active)
    older_first = -1 if delta < 0 else 1
    ordered = sorted(active, key=lambda each: (-each.size, older_first * each.age))
    left, sizes = delta, []
    for each in ordered:
        part = proportion(each, wanted, left) if delta else 0
        left -= part
        sizes.append(each.size + part)
    if delta:
        sizes[0] = max(0, sizes[0] + left)
    return list(zip(ordered, sizes, strict=True))


def proportion(each: Sized, wanted: Wanted, left: int) -> int:
    """How much one ReplicaSet grows (or shrinks, below 0) when so much is left to share out."""
    if each.size == 0 or left == 0:
        return 0
    share = _fraction(each, wanted)
    return min(share, left) if left > 0 else max(share, left)


def _fraction(each: Sized, wanted: Wanted) -> int:
    if wanted.replicas == 0:
        return -each.size
    before = each.largest or wanted.now
    if not before:
        return 0
    return _half_away(each.size * wanted.allowed, before) - each.size


def _half_away(part: int, whole: int) -> int:
    """A quotient of numbers that are not negative, halves rounded up."""
    return (2 * part + whole) // (2 * whole)


def _is_saturated(wanted: Wanted, new: Sized) -> bool:
    """Whether the new ReplicaSet alone is all that is wanted, and available."""
    return new.size == new.desired == new.available == wanted.replicas


def _changes(sizes: Sequence[tuple[Sized, int]]) -> dict[str, int]:
    return {each.name: size for each, size in sizes if size != each.size}
