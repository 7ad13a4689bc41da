"""``rollrisk capacity``: what a release needs at the planning peak, as a page that a review board can sign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, say, say_json, shown_path
from sim.cli.outputs import force_option
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.study.outputs import Kind
    from sim.whatif.capacity import Review


@click.command("capacity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--growth",
    default=None,
    help="Factors on today's peak, with commas: low, base, high. Else those of the file's review, or 1,1.25,1.5.",
)
@click.option(
    "--replications", type=click.IntRange(min=3), default=8, show_default=True, help="Most releases per fleet."
)
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes; all cores if left out.")
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write the page."
)
@force_option
@click.option("--json", "as_json", is_flag=True, help="The review as one JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    file: Path,
    growth: str | None,
    replications: int,
    workers: int | None,
    results: Path,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find the smallest fleet, node pool and surge per strategy that keep the SLO through a good release.

    At the planning peak and grown, with nothing lost, and with a node or a zone lost while the release is under way.
    Also: the rate at which today's fleet breaks, what runs out first, how many releases fit into a day, what it costs.
    Writes a page to sign (HTML, Markdown) and a CSV of the options. Says first about how long it takes.

    \b
    Examples:
      rollrisk capacity scenarios/textbook.yaml
      rollrisk capacity scenarios/textbook.yaml --growth 1,1.3,2
    """
    from sim.report.capacity_text import terminal
    from sim.scenario import load
    from sim.study.outputs import check
    from sim.whatif.capacity import review

    asked = None if growth is None else factors(growth)
    scenario = load(file)
    growths = asked or planned(scenario)
    for name, kind in _places(scenario).items():
        check(results / name, kind, inputs=[file], force=force)
    if not (quiet or as_json):
        log(f"{scenario.name}: {_how_long(scenario, growths, workers)}")
    found = review(
        scenario,
        growths=growths,
        replications=replications,
        confidence=scenario.study.confidence,
        workers=workers,
        on_progress=(lambda said: None) if quiet or as_json else log,
    )
    page = _write(found, results, force=force)
    if as_json:
        say_json(_plain(found, page))
    else:
        say(terminal(found, shown_path(page)).rstrip())


def factors(text: str) -> tuple[float, ...]:
    """Growth factors as written.

    >>> factors("1, 1.5")
    (1.0, 1.5)

    Raises :class:`UsageError` for what is no list of numbers above zero.
    """
    try:
        found = tuple(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError:
        found = ()
    if not found or not all(0 < factor < 1000 for factor in found):
        raise UsageError(f"--growth {text!r}: write factors on today's peak with commas, as in 1,1.25,1.5")
    return found


def planned(scenario: Scenario) -> tuple[float, ...]:
    """Low, base and high demand as the file says under ``review``, else the usual ones."""
    from sim.whatif.capacity import GROWTHS

    growth = (scenario.document.get("review") or {}).get("growth")
    return GROWTHS if growth is None else tuple(float(growth[name]) for name in ("low", "base", "high"))


def _how_long(scenario: Scenario, growths: tuple[float, ...], workers: int | None) -> str:
    """What a review will take, in words."""
    from sim.requests.parts import is_compiled
    from sim.study.machine import cores
    from sim.study.speed import COMPILING, slowness
    from sim.whatif.expecting import expected

    compiling = 0.0 if is_compiled(scenario) else COMPILING
    return expected(scenario, growths, workers or cores(), slow=slowness(), compiling=compiling).words()


def _places(scenario: Scenario) -> dict[str, Kind]:
    """The names of page, Markdown and CSV in the results folder."""
    from sim.study.folders import slug
    from sim.study.outputs import CAPACITY_TABLE, CAPACITY_TEXT, PAGE

    name = f"{slug(scenario.name)}-capacity"
    return {f"{name}.html": PAGE, f"{name}.md": CAPACITY_TEXT, f"{name}.csv": CAPACITY_TABLE}


def _write(found: Review, results: Path, *, force: bool) -> Path:
    """Page, Markdown and CSV beside each other, each whole or not at all; where the page lies."""
    from sim.report.capacity_page import page
    from sim.report.capacity_text import markdown, options_csv
    from sim.study.outputs import store

    places = _places(found.scenario)
    contents = (text.encode() for text in (page(found), markdown(found), options_csv(found)))
    store(results, {name: (places[name], content) for name, content in zip(places, contents, strict=True)}, force=force)
    return results / next(iter(places))


def _plain(found: Review, page: Path) -> dict[str, Any]:
    from dataclasses import asdict

    from sim.report.capacity_prose import ask, triggers
    from sim.report.capacity_warnings import warnings

    parts = ("fleets", "walls", "courses", "prices")
    return {
        "name": found.scenario.name,
        "peak_rate": found.peak_rate,
        "ask": ask(found),
        "warnings": list(warnings(found)),
        "triggers": list(triggers(found)),
        "page": str(page),
        **{name: [_finite(asdict(each)) for each in getattr(found, name)] for name in parts},
    }


def _finite(value: object) -> object:
    """Plain data without what JSON cannot say."""
    from enum import Enum

    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return float(value) if -1e300 < value < 1e300 else None
    return value
