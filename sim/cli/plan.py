"""``rollrisk plan``: what a run would play, how long it takes, and the scenario with every default marked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import say, say_json, shown_path, width
from sim.cli.overrides import overridden, study_options
from sim.units import show_share

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.study.planning import Plan

TRUST = ("low", "medium", "high")


@click.command("plan")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where runs write."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes to play with.  [default: one per core]")
@study_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="Only the plan, not the resolved scenario.")
def command(
    files: tuple[Path, ...],
    results: Path,
    workers: int | None,
    precision: str | None,
    until_best: bool | None,
    cap: int | None,
    seed: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what a run would do, before it is run. Nothing is simulated.

    Shows the resolved scenario with each default marked "(default)" and each guess "(guess)", where they come from,
    the cells and replications, how long it takes, and what earlier runs have played already.

    \b
    Examples:
      rollrisk plan scenarios/textbook.yaml
      rollrisk plan my.yaml --precision 5% --quiet
    """
    from sim.scenario import load_all
    from sim.study.planning import plan

    documents = []
    for file, scenario in zip(files, load_all(list(files)), strict=True):
        chosen = overridden(scenario, precision=precision, until_best=until_best, cap=cap, seed=seed)
        planned = plan(chosen, results=results, workers=workers, file=file)
        if as_json:
            documents.append(_plain(chosen, planned))
        else:
            _tell(chosen, planned, quiet=quiet)
    if as_json:
        say_json(documents[0] if len(documents) == 1 else documents)


def _tell(scenario: Scenario, planned: Plan, *, quiet: bool) -> None:
    if not quiet:
        for line in marked(scenario):
            say(line)
        say("")
        if scenario.guesses:
            say("Guesses: measure these first, and delete their line under guesses:")
            for guess in scenario.guesses:
                text = f"{guess.path}: {guess.value}  ({guess.why})"
                say(textwrap.fill(text, width(), initial_indent="  ", subsequent_indent=" " * 11))
            say("")
        say("Defaults, the least trusted first:")
        for default in sorted(scenario.defaults, key=lambda each: (TRUST.index(each.trust), each.path)):
            text = f"{default.trust:<6} {default.path}: {default.value}  ({default.origin})"
            say(textwrap.fill(text, width(), initial_indent="  ", subsequent_indent=" " * 11, break_long_words=False))
        say("")
    for line in in_words(scenario, planned):
        say(textwrap.fill(line, width(), subsequent_indent="  ", break_long_words=False))


def in_words(scenario: Scenario, planned: Plan) -> Iterator[str]:
    """The plan in a few lines."""
    strategies, cases = len(scenario.strategies), len(scenario.cases())
    yield (
        f"Plan: {planned.cells} cells ({strategies} strategies x {cases} release cases, and no release), "
        f"{planned.least:,} to {planned.most:,} replications of about {planned.requests_per_replication:,.0f} requests."
    )
    few, many = planned.settling
    if many:
        among = f"{few:,} to {many:,}" if few < many else f"{few:,}"
        allowed = show_share(scenario.study.false_aborts)
        yield (
            f"Among them {among} good releases are played until it is known whether they ship: as many as show that "
            f"a strategy fails to ship at most {allowed} of them (false_aborts), or until the cap."
        )
    yield f"Reused: {planned.reused:,} replications in {shown_path(planned.folder)}."
    basis = "as an earlier run took" if planned.from_earlier_run else "estimated"
    yield (
        f"Time: {planned.time.words()}, on {planned.workers} worker{'s' if planned.workers > 1 else ''} of a machine "
        f"that does nothing else ({basis}). The least is where the first look is precise enough, the most at the cap."
    )
    yield from (f"{reading[0].upper()}{reading[1:]}." for reading in scenario.readings.values())
    if scenario.ranges:
        yield "Given as ranges: " + "; ".join(
            f"{each.path} {each.low} to {each.high}, played at {each.likely}" for each in scenario.ranges
        )


def marked(scenario: Scenario) -> Iterator[str]:
    """The resolved document as YAML, a line at a time, with what the author did not write or guessed marked as such."""
    from sim.scenario.text import write

    marks = {default.path: "  # (default)" for default in scenario.defaults}
    marks |= {guess.path: "  # (guess)" for guess in scenario.guesses}
    trail: list[tuple[int, str]] = []
    for line in write(scenario.document).splitlines():
        indent, key = len(line) - len(line.lstrip()), line.strip().partition(":")[0].strip("'\"")
        trail = [*(each for each in trail if each[0] < indent), (indent, key)]
        path = ".".join(name for _, name in trail)
        yield f"{line}{marks.get(path, '')}"


def _plain(scenario: Scenario, planned: Plan) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "identity": planned.identity,
        "folder": str(planned.folder),
        "cells": planned.cells,
        "replications": [planned.least, planned.most],
        "settling": list(planned.settling),
        "requests_per_replication": planned.requests_per_replication,
        "reused": planned.reused,
        "workers": planned.workers,
        "seconds": list(planned.seconds),
        "seconds_likely": planned.time.likely,
        "seconds_compiling": planned.time.compiling,
        "seconds_from_earlier_run": planned.from_earlier_run,
        "defaults": [
            {"path": each.path, "value": each.value, "origin": each.origin, "trust": each.trust}
            for each in scenario.defaults
        ],
        "guesses": [{"path": each.path, "value": each.value, "why": each.why} for each in scenario.guesses],
        "scenario": dict(scenario.document),
    }
