"""Whose series a selector takes: the new version's, the old one's, or the whole service's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sim.exchange.promql.filling import CANARY, STABLE, UNKNOWN
from sim.exchange.promql.statuses import matches

Scope: TypeAlias = Literal["version", "stable", "service", "unknown"]

_NEW = re.compile(rf"{CANARY}|(^|[-_./]|\b)(canary|preview|green)(\b|[-_./]|$)", re.IGNORECASE)
_OLD = re.compile(rf"{STABLE}|(^|[-_./]|\b)(stable|primary|active|baseline|blue)(\b|[-_./]|$)", re.IGNORECASE)
_POD_HASH = re.compile(r"hash|revision|version|role|variant|track|subset", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """What the new version's series are called in one rollout, and the old one's: Services, workloads, subsets."""

    new: Collection[str] = ()
    old: Collection[str] = ()


def scope_of(matchers: Iterable[Any], names: Names) -> Scope:
    """Whose series these matchers take; ``unknown`` where a label that may tell has a value nobody gave."""
    found: Scope = "service"
    for each in matchers:
        told = _told(each, names)
        if told in ("version", "stable"):
            return told
        if told == "unknown":
            found = "unknown"
    return found


def _told(matcher: Any, names: Names) -> Scope:
    value = matcher.value.replace("\\", "")
    positive = str(matcher.op).rpartition(".")[2] in ("Equal", "Re")
    takes_new = any(_is_named(value, name, matcher) for name in names.new)
    takes_old = any(_is_named(value, name, matcher) for name in names.old)
    if takes_new != takes_old:
        return "version" if takes_new == positive else "stable"
    new, old = bool(_NEW.search(value)), bool(_OLD.search(value))
    if new != old:
        return "version" if new == positive else "stable"
    return "unknown" if UNKNOWN in value and _POD_HASH.search(matcher.name) else "service"


def _is_named(value: str, name: str, matcher: Any) -> bool:
    """Whether a value is a name, that name with its domain, or an expression that takes pods of that name."""
    if value == name or value.startswith(f"{name}."):
        return True
    if str(matcher.op).rpartition(".")[2] not in ("Re", "NotRe"):
        return False
    pods = (f"{name}-5f6d8b9c4d-x2x4z", f"{name}-5f6d8b9c4d", f"{name}.default.svc.cluster.local")
    positive = str(matcher.op).rpartition(".")[2] == "Re"
    return value.startswith(name) and any(matches(matcher, pod) == positive for pod in pods)
