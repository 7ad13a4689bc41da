"""Everything a page shows, as an address: the same address is the same answer, wherever it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sim.errors import Problem
from sim.scenario import identity
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.serve.dials import Dial, dials
from sim.study.cells import cells_of

RELEASES = (2, 4, 8, 16, 32, 64)
"""Releases per case to choose from."""
QUICK = 8_000_000
"""Requests that two cores play in about two seconds: so many a first look plays at most, if it can."""
PATIENT = 40_000_000
"""Requests up to which a page sharpens its figures by itself while nothing moves."""
MOST_REQUESTS = 150_000_000
"""Requests of a look beyond which it is no quick look any more."""
LONGEST_VALUE = 60
OF, NUMBER, STRATEGY, CASE, INDEX = "of", "releases", "strategy", "case", "index"
WORDS = (OF, NUMBER, STRATEGY, CASE, INDEX)
HIGHEST_INDEX = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The values moved, how many releases are played, and whose timeline is shown.

    ``values`` holds only what differs from the file; ``problems`` what could not be understood.
    """

    of: str  # identity of the scenario when the address was made
    values: Mapping[Dial, str] = field(default_factory=dict)
    releases: int = 2
    strategy: str = ""  # "": the first whose knob was moved
    case: str = ""  # "": the likeliest defect
    index: int = 0
    problems: tuple[Problem, ...] = ()

    def query(self) -> str:
        """The address behind the question mark, in the one order."""
        parts = [(OF, self.of), (NUMBER, str(self.releases))]
        parts += [(STRATEGY, self.strategy)] if self.strategy else []
        parts += [(CASE, self.case)] if self.case else []
        parts += [(INDEX, str(self.index))] if self.index else []
        return urlencode([*parts, *((dial.path, text) for dial, text in self.values.items())])


def read(scenario: Scenario, given: Sequence[tuple[str, str]]) -> State:
    """The state in an address; of a word given twice the last counts, as a button stands behind its field."""
    words, problems = dict(given), []
    known, values = {dial.path: dial for dial in dials(scenario)}, {}
    for dial in known.values():
        text = words.get(dial.path, dial.text).strip()
        if len(text) > LONGEST_VALUE or not text.isprintable():
            problems.append(_problem(dial.path, f"write a value of at most {LONGEST_VALUE} plain signs"))
        elif text not in ("", dial.text):
            values[dial] = text
    for path in words:
        if path not in known and path not in WORDS:
            shown = path if len(path) <= LONGEST_VALUE and path.isprintable() else "a word of the address"
            problems.append(_problem(shown, f"is no knob of {scenario.name}; those on this page are all there are"))
    releases = _choice(words.get(NUMBER, ""), RELEASES)
    if words.get(NUMBER) and releases is None:
        problems.append(_problem(NUMBER, f"write one of {', '.join(map(str, RELEASES))}"))
    state = State(
        of=words.get(OF, "") or identity(scenario),
        values=values,
        releases=releases or usual(scenario),
        strategy=_named(words, STRATEGY, [each.name for each in scenario.strategies], problems),
        case=_named(words, CASE, [name for name, _ in scenario.cases()], problems),
        index=_index(words.get(INDEX, ""), problems),
        problems=tuple(problems),
    )
    return state if len(state.of) <= LONGEST_VALUE and state.of.isalnum() else _without_of(state, scenario)


def usual(scenario: Scenario) -> int:
    """As many releases per case as a first look can play in a second or two; never fewer than two."""
    return max((each for each in RELEASES[:4] if asked(scenario, each) <= QUICK), default=RELEASES[0])


def sharper(scenario: Scenario, releases: int) -> int:
    """The next number of releases that a page may ask for by itself; 0 where it is sharp enough, or too much."""
    more = next((each for each in RELEASES[:4] if each > releases), 0)
    return more if more and asked(scenario, more) <= PATIENT else 0


def asked(scenario: Scenario, releases: int) -> float:
    """Requests that a look plays when nothing is known yet."""
    study = scenario.study
    each = fleet_arithmetic(scenario).requests_played * (study.horizon + study.warm_up) / study.horizon
    return each * releases * len(cells_of(scenario))


def told_of(scenario: Scenario, state: State) -> tuple[str, str]:
    """The strategy and the case whose timeline is shown."""
    moved = [dial.trail[1] for dial in state.values if dial.trail[0] == "strategies"]
    defects = sorted(scenario.release.defects, key=lambda defect: -defect.share)
    strategy = state.strategy or str(moved[0] if moved else scenario.strategies[0].name)
    return strategy, state.case or (defects[0].name if defects else "good")


def _without_of(state: State, scenario: Scenario) -> State:
    from dataclasses import replace

    return replace(state, of=identity(scenario))


def _problem(path: str, message: str) -> Problem:
    return Problem(file="", path=path, message=message)


def _choice(text: str, allowed: tuple[int, ...]) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 5 and int(text) in allowed else None


def _named(words: Mapping[str, str], word: str, known: Sequence[str], problems: list[Problem]) -> str:
    name = words.get(word, "")
    if name and name not in known:
        problems.append(_problem(word, f"this scenario has: {', '.join(known)}"))
        return ""
    return name


def _index(text: str, problems: list[Problem]) -> int:
    if text and not (text.isdecimal() and text.isascii() and len(text) <= 4):
        problems.append(_problem(INDEX, f"write a whole number from 0 to {HIGHEST_INDEX}"))
        return 0
    return int(text or 0)
