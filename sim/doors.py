"""How a family of kinds finds its members: the files of its folder, then entry points of installed packages.

One kind, one file, no registration line. A kind is a frozen pydantic model with a ``kind`` word; its first docstring
line is what ``rollrisk kinds`` shows. An outside package adds a kind through the entry-point group
``rollrisk.<family>``.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from sim.errors import ModelError

FAMILIES = ("strategies", "gates", "failures", "laws", "balancers", "retries", "arrivals", "autoscalers")


class Kind(BaseModel):
    """Base of all kinds: frozen, typed, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, defer_build=True)


def word_of(kind: type[Any]) -> str:
    """The word a kind goes by in a scenario."""
    return str(kind.model_fields["kind"].default)


@functools.cache
def kinds(family: str) -> Mapping[str, type[Any]]:
    """All kinds of a family by their word, sorted.

    >>> "canary" in kinds("strategies")
    True
    """
    found: dict[str, type[Any]] = {}
    package = importlib.import_module(f"sim.{family}")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        _enrol(found, importlib.import_module(f"sim.{family}.{module}"))
    for entry in _entry_points().select(group=f"rollrisk.{family}"):
        _enrol(found, importlib.import_module(entry.module))
    return dict(sorted(found.items()))


@functools.cache
def kind_named(family: str, word: str) -> type[Any] | None:
    """The kind that goes by a word, None when nobody does. Of our own kinds only the file that bears the word is read.

    >>> kind_named("strategies", "canary").__name__, kind_named("strategies", "cannery")
    ('Canary', None)
    """
    package = importlib.import_module(f"sim.{family}")
    if word in {info.name for info in pkgutil.iter_modules(package.__path__)}:
        found: dict[str, type[Any]] = {}
        _enrol(found, importlib.import_module(f"sim.{family}.{word}"))
        if word in found:
            return found[word]
    return kinds(family).get(word)


@functools.cache
def _entry_points() -> Any:
    """What installed packages offer; asked once, since every question reads the metadata of them all."""
    from importlib import metadata

    return metadata.entry_points()


def _enrol(found: dict[str, type[Any]], module: Any) -> None:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, Kind) and member.__module__ == module.__name__ and "kind" in member.model_fields:
            word = word_of(member)
            if word in found:
                raise ModelError(f"two files call themselves {word}: {found[word].__module__} and {module.__name__}")
            found[word] = member
