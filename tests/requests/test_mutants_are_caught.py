"""The comparison of the engines is itself tested: small faults planted in the compiled engine must be noticed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
from requests_mutants import STEPS, EndlessError, Mutant, counting, load, mutants, source
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, differences, hard_play, perform

from sim.laws.deterministic import Deterministic
from sim.ledger import Ledger
from sim.requests.compiled.flight import FREE_ROWS, NOBODY, Flight, grown_flight
from sim.requests.contract import RequestEngine
from sim.requests.reference.engine import ReferenceEngine
from sim.world import World

LATE = StreamOfPlay(
    rate=50.0,
    gap=Deterministic(value=1.0),
    work=Deterministic(value=60.0 * MILLISECOND),
    timeout=50 * MILLISECOND,
    retry_rule="backoff",
    retry_max=1,
    retry_on=255 & ~1,
    retry_wait=50 * MILLISECOND,
)
"""Nobody is answered in time, and the clients of two such streams leave at the same instants."""

PLAYS = (
    Play(streams=(LATE, LATE), pods=((0, 1, 3), (0, 2, 2)), length=SECOND),
    *(hard_play(seed) for seed in range(12)),
)
TIMES_AS_MANY = 4
"""A mutant that takes so many times the steps of the unchanged kernel does not come back."""
FIRST_ROWS = 8
MOST_ROWS = 64 * FIRST_ROWS
CAUGHT_AT_LEAST = 0.9
FIRST_PLAYS, CAUGHT_BY_FIRST = 2, 0.6
"""What a few plays catch; the others need rarer events, and all plays are for ``make verify``."""

EQUIVALENT = {
    ("agenda", "", "Lt became LtE"),  # no two events have the same due time and order, so a tie between them cannot be
    ("agenda", "", "LtE became Lt"),
    ("agenda", "", "GtE became Gt"),  # the moved event is compared with its own old place and stays above it
    ("loop", "", "Lt became LtE"),  # no two attempts have one address; and room is asked for a little earlier or later
    ("loop", "", "Gt became GtE"),
    ("waits", "+ 2 > mask", "Gt became GtE"),  # room is asked for a little earlier
    ("waits", "+ 2 > mask", "2 became 3"),
}
"""Changes that cannot be seen by anyone, with the reason: the file, what stands in the line, the fault."""


@cache
def truth(place: int) -> dict[str, Any]:
    """What the reference engine makes of a play."""
    return perform(PLAYS[place], ReferenceEngine)


@cache
def without_fault(place: int) -> tuple[int, list[str]]:
    """The unchanged kernel on a play, as plain Python: the steps it takes, and what it makes of it otherwise."""
    made: list[Any] = []
    with TemporaryDirectory() as folder:
        make = maker(load(unchanged(), Path(folder), 20_000 + place), made)
        STEPS.begin(10**9)
        played = perform(PLAYS[place], make)
    steps = STEPS.taken
    return steps, differences(truth(place), played) + ([] if rows_are_kept(made[-1].flight) else ["rows"])


def unchanged() -> Mutant:
    """No fault at all."""
    return Mutant("loop", 0, "nothing", None)


def maker(engine: ModuleType, made: list[Any]) -> Callable[[World, Ledger], RequestEngine]:
    """Makes engines of a mutated package, played as plain Python, and keeps them."""

    def make(world: World, ledger: Ledger) -> RequestEngine:
        engine.compiled = lambda kernel, without=(): kernel  # type: ignore[attr-defined]
        engine.FIRST_ROWS = FIRST_ROWS  # type: ignore[attr-defined]
        engine.grown_flight = grown_flight_within_bounds  # type: ignore[attr-defined]
        made.append(engine.CompiledEngine(world, ledger))
        return made[-1]  # type: ignore[no-any-return]

    return make


def grown_flight_within_bounds(flight: Flight) -> Flight:
    """More room, up to what the plays can need: a mutant that asks for more and more does not come back either."""
    if len(flight.attempts) >= MOST_ROWS:
        raise EndlessError
    return grown_flight(flight)


def is_caught(engine: ModuleType, plays: int) -> bool:
    """Whether one of the first plays shows a difference, an error or no end."""

    made: list[Any] = []
    make = maker(engine, made)
    for place, play in enumerate(PLAYS[:plays]):
        expected, steps = truth(place), TIMES_AS_MANY * without_fault(place)[0]
        STEPS.begin(steps)
        try:
            if differences(expected, perform(play, make)) or not rows_are_kept(made[-1].flight):
                return True
        except (EndlessError, Exception):
            return True
    return False


def rows_are_kept(flight: Flight) -> bool:
    """Every row of attempts is free or in use, none is lost, and there are no more than the work in flight needs."""
    free = int((flight.attempts.address == NOBODY).sum())
    return free == flight.state[FREE_ROWS] and len(flight.attempts) <= MOST_ROWS


def survivors(chosen: list[Mutant], folder: Path, plays: int) -> list[str]:
    """The mutants that nothing has caught."""
    return [
        f"{mutant.file}.py:{mutant.line} {mutant.fault}"
        for number, mutant in enumerate(chosen)
        if not is_caught(load(mutant, folder, number), plays)
    ]


def visible_mutants() -> list[Mutant]:
    """All mutants but those that cannot make a difference."""
    return [mutant for mutant in mutants() if not is_equivalent(mutant)]


def is_equivalent(mutant: Mutant) -> bool:
    """Whether nobody can see this fault."""
    line = source(mutant.file).splitlines()[mutant.line - 1]
    return any((mutant.file, mutant.fault) == (file, fault) and code in line for file, code, fault in EQUIVALENT)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_few_plays_catch_six_of_ten_mutants_of_the_kernel(tmp_path: Path) -> None:
    chosen = visible_mutants()[::30]
    assert len(chosen) >= 12
    alive = survivors(chosen, tmp_path, FIRST_PLAYS)
    assert len(alive) <= (1 - CAUGHT_BY_FIRST) * len(chosen), "\n".join(alive)


@pytest.mark.verify
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_nine_of_ten_of_all_mutants_of_the_kernel_are_caught(tmp_path: Path) -> None:
    chosen = visible_mutants()
    alive = survivors(chosen, tmp_path, len(PLAYS))
    assert len(alive) <= (1 - CAUGHT_AT_LEAST) * len(chosen), "\n".join(alive)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("plays", [FIRST_PLAYS, pytest.param(len(PLAYS), marks=pytest.mark.verify)])
def test_the_unchanged_kernel_as_plain_python_is_not_caught(plays: int) -> None:
    assert [without_fault(place)[1] for place in range(plays)] == [[]] * plays


@pytest.mark.parametrize("endless", ["while True:\n    pass", "def more():\n    return True\nwhile more():\n    pass"])
def test_what_does_not_come_back_is_stopped_after_its_steps(endless: str) -> None:
    STEPS.begin(1000)
    with pytest.raises(EndlessError):
        exec(counting(endless), {})
    assert STEPS.taken == 1001
