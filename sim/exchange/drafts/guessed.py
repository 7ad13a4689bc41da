"""Which lines of a scenario are guesses, as its section ``guesses`` names them."""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.drafts.lines import GUESS, Line, Tree
from sim.scenario.document import Trail, show_trail
from sim.scenario.guesses import SECTION

FIRST = (
    "traffic.streams.",
    "service.concurrency",
    "release.change_failure_rate",
    "release.defects.",
    "release.baseline_errors",
    "oncall",
    "service.replicas",
    "nodes",
)
"""Paths in the order of how much usually hangs on them; all others come after."""


def with_guesses(tree: Tree) -> Tree:
    """The tree with the section that names its guesses, the reason behind each; without one where there are none.

    >>> tree: Tree = {"service": {"replicas": Line(3, "app.yaml"), "concurrency": Line(8, "GUESS, trust low: as is")}}
    >>> with_guesses(tree)["guesses"]
    {'service.concurrency': Line(value='as is', origin='', spots=())}
    """
    found = {show_trail(trail): why for trail, why in _guessed(tree, ())}
    told: Tree = {path: Line(found[path], "") for path in sorted(found, key=_rank)}
    return {**tree, SECTION: told} if told else tree


def _rank(path: str) -> int:
    return next((place for place, first in enumerate(FIRST) if path.startswith(first)), len(FIRST))


def _guessed(part: Tree | Line, trail: Trail) -> Iterator[tuple[Trail, str]]:
    if not isinstance(part, Line):
        for key, below in part.items():
            yield from _guessed(below, (*trail, key))
        return
    if GUESS in part.origin:
        yield trail, part.origin.partition(": ")[2] if part.origin.startswith(GUESS) else part.origin
    elif isinstance(part.value, list):
        for place, each in enumerate(part.value):
            yield from _guessed(each, (*trail, place)) if isinstance(each, Line) else ()
