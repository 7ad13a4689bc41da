"""What belongs together: by name and namespace, by selector, and of several the nearest by file and folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from sim.exchange.fields import Field
from sim.exchange.manifests import Found, Manifest


def named(found: Found, near: Manifest, kinds: Iterable[str], name: str | None, group: str = "") -> Manifest | None:
    """The object of one of these kinds with this name in the namespace of another; of several the nearest to it."""
    if not name:
        return None
    wanted = [each for each in found.of(*kinds, group=group) if each.name == name and _together(each, near)]
    return nearest(wanted, near)


def selecting(found: Found, near: Manifest, labels: Mapping[str, str], kinds: Iterable[str]) -> tuple[Manifest, ...]:
    """The objects whose selector takes pods with these labels, those of files nearest first.

    An empty selector takes none here: a Service without one has its endpoints from elsewhere.
    """
    fitting = [each for each in found.of(*kinds) if _together(each, near) and _selects(each.spec["selector"], labels)]
    return tuple(sorted(fitting, key=lambda each: _distance(each, near)))


def nearest(manifests: Iterable[Manifest], near: Manifest) -> Manifest | None:
    """The first of those that stand nearest: the same document's neighbours, the same file, the same folder."""
    return min(manifests, key=lambda each: _distance(each, near), default=None)


def _together(one: Manifest, other: Manifest) -> bool:
    """Whether both can be in one namespace; one that names none goes where the other is."""
    return not one.namespace or not other.namespace or one.namespace == other.namespace


def _distance(one: Manifest, other: Manifest) -> tuple[int, int]:
    if one.spot.file == other.spot.file:
        return 0, abs(one.spot.document - other.spot.document)
    mine, its = (os.path.dirname(each.spot.file) for each in (one, other))
    if mine == its:
        return 1, 0
    common = os.path.commonpath([mine, its]) if os.path.isabs(mine) == os.path.isabs(its) else ""
    return 2, sum(len(each) - len(common) for each in (mine, its))


def _selects(selector: Field, labels: Mapping[str, str]) -> bool:
    wanted = selector["matchLabels"] if selector["matchLabels"].there else selector
    plain = {key: value for key, value in wanted.labels().items() if key != "matchExpressions"}
    if not plain and not selector["matchExpressions"].there:
        return False
    return all(labels.get(key) == value for key, value in plain.items()) and all(
        _meets(each, labels) for each in selector["matchExpressions"].items()
    )


def _meets(expression: Field, labels: Mapping[str, str]) -> bool:
    key, operator = expression["key"].text() or "", expression["operator"].text()
    values = {each.text() for each in expression["values"].items()}
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")
