"""What belongs together: by name and namespace, by selector, and of several the nearest by file and folder."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping

from sim.exchange.fields import Field
from sim.exchange.manifests import Found, Manifest, plain_selector


def named(
    found: Found, near: Manifest, kinds: Iterable[str], name: str | None, namespace: str | None = None
) -> Manifest | None:
    """The object of one of these kinds with this name in the namespace of another; of several the nearest to it.

    Where the reference says a ``namespace``, it is looked for there.
    """
    if not name:
        return None
    called = [each for kind in kinds for each in found.called(kind, name)]
    if namespace:
        return nearest([each for each in called if each.namespace in ("", namespace)], near)
    return nearest([each for each in called if _together(each, near)], near)


def selecting(found: Found, near: Manifest, labels: Mapping[str, str], kinds: Iterable[str]) -> tuple[Manifest, ...]:
    """The objects whose selector takes pods with these labels, those of files nearest first.

    An empty selector takes none here: a Service without one has its endpoints from elsewhere.
    """
    candidates = [each for kind in kinds for each in found.selecting(kind, labels)]
    fitting = [each for each in candidates if _together(each, near) and _selects(each.spec["selector"], labels)]
    return tuple(sorted(fitting, key=lambda each: _distance(each, near)))


def nearest(manifests: Iterable[Manifest], near: Manifest) -> Manifest | None:
    """The first of those that stand nearest: the same document's neighbours, the same file, the same folder."""
    manifests = list(manifests)
    manifests = [each for each in manifests if each.root.file == near.root.file] or manifests
    if len(manifests) < 2:
        return manifests[0] if manifests else None
    return min(manifests, key=lambda each: _distance(each, near), default=None)


def _together(one: Manifest, other: Manifest) -> bool:
    """Whether both can be in one namespace; one that names none goes where the other is."""
    return not one.namespace or not other.namespace or one.namespace == other.namespace


def _distance(one: Manifest, other: Manifest) -> tuple[int, int]:
    mine, its = one.root.file, other.root.file
    if mine == its:
        return 0, abs(one.root.document - other.root.document)
    folders = os.path.dirname(mine), os.path.dirname(its)
    if folders[0] == folders[1]:
        return 1, 0
    steps = [folder.split(os.sep) for folder in folders]
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*steps, strict=False)))
    return 2, sum(len(each) - shared for each in steps)


def _selects(selector: Field, labels: Mapping[str, str]) -> bool:
    plain = plain_selector(selector)
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
