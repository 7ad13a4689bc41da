"""From what was found to HTML; text of a scenario or an address is escaped everywhere."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sim.errors import Problem
from sim.report import wording
from sim.scenario import identity
from sim.scenario.resolved import Scenario
from sim.serve.dials import Dial, dials
from sim.serve.ladder import rungs
from sim.serve.looks import Look
from sim.serve.state import RELEASES, State, sharper, usual
from sim.serve.studies import Sent, Studies

if TYPE_CHECKING:
    from jinja2 import Environment

OPEN_AT_FIRST = 2
"""Groups of knobs that stand open though nothing in them was moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A knob as the form shows it."""

    path: str
    label: str
    value: str
    written: str
    down: str
    up: str
    rungs: Sequence[str]
    moved: bool
    problem: str
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Knobs that belong together."""

    name: str
    dials: Sequence[tuple[int, Field]]
    moved: int
    open: bool


def address(name: str, state: State) -> str:
    """Where a state is found."""
    return f"/look/{quote(name)}?{state.query()}"


def look_page(
    name: str, scenario: Scenario, state: State, look: Look | None, problems: Sequence[Problem], *, sendable: bool
) -> str:
    """The page of a scenario; without a look the problems say why."""
    fields = [(number, _field(dial, name, state, problems)) for number, dial in enumerate(dials(scenario))]
    now = identity(scenario)
    return _render(
        "look.html.j2",
        title=scenario.name,
        name=name,
        scenario=scenario,
        state=state,
        query=state.query(),
        groups=list(_groups(scenario, fields)),
        moved=[field for _, field in fields if field.moved],
        look=look,
        problems=problems,
        choices=RELEASES,
        quick=usual(scenario),
        next=sharper(scenario, state.releases),
        changed_since=state.of != now,
        here_now=address(name, replace(state, of=now)),
        sendable=sendable,
        share=wording.share,
        ours=_ours,
    )


def scenarios_page(files: Sequence[tuple[str, str]]) -> str:
    """All scenarios that may be opened, with their questions."""
    return _render("scenarios.html.j2", title="Scenarios", files=files)


def studies_page(studies: Studies) -> str:
    """What was sent, and what lies in the results folder."""
    return _render("studies.html.j2", title="Full studies", sent=studies.all(), reports=list(studies.finished()))


def study_page(sent: Sent, studies: Studies) -> str:
    """How one study stands."""
    return _render(
        "study.html.j2",
        title=sent.scenario.name,
        sent=sent,
        has_report=sent.state == "done" and studies.has_report(sent.folder),
        place=str(studies.results / sent.folder),
        refresh=2 if sent.state in ("waiting", "playing") else 0,
    )


def message_page(title: str, words: str) -> str:
    """A page that says only why there is none."""
    return _render("message.html.j2", title=title, words=words)


def stylesheet() -> str:
    """The report's look, and what this page has beside it."""
    report = resources.files("sim.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return report + text_of("whatif.css")


@functools.cache
def text_of(name: str) -> str:
    """A file of this room."""
    return resources.files("sim.serve").joinpath("templates", name).read_text(encoding="utf-8")


def problem_of(dial: Dial, problems: Sequence[Problem]) -> str:
    """What is wrong with a knob, by the place a problem names."""
    return next((each.message for each in problems if each.path == dial.path), "")


def _field(dial: Dial, name: str, state: State, problems: Sequence[Problem]) -> Field:
    value = state.values.get(dial, dial.text)
    moved = dial in state.values
    rest = {other: text for other, text in state.values.items() if other != dial}
    return Field(
        path=dial.path,
        label=dial.label,
        value=value,
        written=dial.text,
        down=dial.next(value, -1),
        up=dial.next(value, 1),
        rungs=rungs(value),
        moved=moved,
        problem=problem_of(dial, problems),
        undo=address(name, replace(state, values=rest)) if moved else "",
    )


def _groups(scenario: Scenario, fields: Sequence[tuple[int, Field]]) -> Iterator[Group]:
    by_group: dict[str, list[tuple[int, Field]]] = {}
    for dial, pair in zip(dials(scenario), fields, strict=True):
        by_group.setdefault(dial.group, []).append(pair)
    for place, (group, inside) in enumerate(by_group.items()):
        moved = sum(field.moved for _, field in inside)
        wrong = any(field.problem for _, field in inside)
        yield Group(name=group, dials=inside, moved=moved, open=place < OPEN_AT_FIRST or moved > 0 or wrong)


def _ours(markup: str) -> str:
    """Markup made by :mod:`sim.report`, which the template must not escape again."""
    from markupsafe import Markup

    return Markup(markup)


def _render(template: str, **values: Any) -> str:
    given: Mapping[str, Any] = {"refresh": 0, **values}
    return _environment().get_template(template).render(given)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(text_of), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
