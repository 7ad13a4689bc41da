"""``rollrisk check``: every problem of a file at once, or OK with the fleet's arithmetic. Nothing is simulated."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from sim.cli.console import log, plain, say, say_json, width
from sim.cli.status import Status
from sim.errors import Problem, ScenarioError


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document for all files.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what is wrong.")
def command(files: tuple[Path, ...], as_json: bool, quiet: bool) -> int:
    """Check scenario files: all problems with line and column, or OK and what the fleet can carry.

    \b
    Examples:
      rollrisk check scenarios/*.yaml
      rollrisk check my.yaml --json
    """
    outcomes = [_check(file) for file in files]
    if as_json:
        say_json([_plain(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            _tell(outcome, quiet=quiet)
    return Status.BAD_INPUT if any(outcome.problems for outcome in outcomes) else Status.DONE


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file."""

    file: str
    name: str = ""
    problems: tuple[Problem, ...] = ()
    facts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _check(file: Path) -> Outcome:
    from sim.report import fleet
    from sim.scenario import load
    from sim.scenario.arithmetic import fleet_arithmetic
    from sim.scenario.first_verdicts import told_verdicts
    from sim.scenario.repeating import retry_facts
    from sim.study.room import room_for, this_machine, too_much

    try:
        scenario = load(file)
    except ScenarioError as error:
        return Outcome(file=str(file), problems=error.problems)
    found = fleet_arithmetic(scenario)
    room = room_for(scenario)
    lines = (
        *scenario.readings.values(),
        *fleet.lines(found, scenario),
        *retry_facts(scenario),
        *told_verdicts(scenario),
        room.words(),
    )
    facts = tuple(plain(line) for line in lines)
    beyond = too_much(room, this_machine(Path("results")), scenario)
    return Outcome(file=str(file), name=scenario.name, facts=facts, warnings=(*found.warnings, *beyond))


def _tell(outcome: Outcome, *, quiet: bool) -> None:
    for problem in outcome.problems:
        log(str(problem))
    if outcome.problems:
        log(f"{outcome.file}: {len(outcome.problems)} problem{'s' if len(outcome.problems) > 1 else ''}")
    elif not quiet:
        say(f"{outcome.file}: OK, {outcome.name}")
        for line in (*outcome.facts, *(f"warning: {warning}" for warning in outcome.warnings)):
            say(_wrapped(line))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width(), initial_indent="  ", subsequent_indent="    ")


def _plain(outcome: Outcome) -> dict[str, Any]:
    found = {"file": outcome.file, "ok": not outcome.problems}
    if outcome.problems:
        return found | {"problems": [asdict(problem) for problem in outcome.problems]}
    return found | {"name": outcome.name, "facts": list(outcome.facts), "warnings": list(outcome.warnings)}
