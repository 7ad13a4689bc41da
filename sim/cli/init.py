"""``rollrisk init``: a first scenario from few questions, or from options without any."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from sim.cli.console import log, say, shown_path
from sim.cli.status import Status
from sim.errors import ScenarioError, UsageError


@click.command("init")
@click.argument("file", default="scenario.yaml", type=click.Path(path_type=Path))
@click.option("--name", help="What the service is called; the file's name if left out.")
@click.option("--replicas", help="Pods it runs.")
@click.option("--peak", help="Requests a second at the peak, as 100/s.")
@click.option("--median", help="How long the middle request takes, as 80ms.")
@click.option("--slow", help="What one request in twenty takes longer than, as 300ms.")
@click.option("--errors", help="Share of requests that fails on a quiet day, as 0.05%.")
@click.option("--bad", help="Share of releases that are bad, as 8% or 4-15%.")
@click.option("--concurrency", help="Requests a pod works on at once.")
@click.option("--start", help="How long a pod needs to start, as 15s.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(file: Path, force: bool, **given: str | None) -> int:
    """Write a commented scenario to FILE (scenario.yaml if left out), asking for what is not given as an option.

    Nothing is asked where there is no terminal: then what only you can know must be given.

    \b
    Examples:
      rollrisk init
      rollrisk init shop.yaml --replicas 8 --peak 100/s --median 80ms --slow 300ms --errors 0.05% --bad 4-15%
    """
    from sim.scenario import from_text
    from sim.scenario.answers import tidied
    from sim.scenario.starter import QUESTIONS, Answers, starter
    from sim.study.outputs import SCENARIO, write

    if file.is_dir():
        raise UsageError(f"{file} is a folder; name a file in it")
    if file.is_file() and file.stat().st_size and not force:
        raise UsageError(f"{file} is there already; give another name, or --force to write over it")
    known = {name: value for name, value in given.items() if value is not None}
    guesses = {each.field: each.guess for each in QUESTIONS} | {"name": file.stem}
    known = {name: tidied(name, value) for name, value in known.items()}
    answers = _asked(known, guesses) if sys.stdin.isatty() else _given(known, guesses)
    text = starter(Answers(**answers))
    try:
        from_text(text, str(file))
    except ScenarioError as error:
        log(str(error))
        log("nothing was written: correct the answers above")
        return Status.BAD_INPUT
    write(file, text.encode(), SCENARIO, force=True)
    say(f"{shown_path(file)} is written. Next:")
    say(f"  rollrisk check {shown_path(file)}    what the fleet carries, who is blind")
    say(f"  rollrisk run {shown_path(file)}      the answer, and a report")
    return Status.DONE


def _given(known: Mapping[str, str], guesses: Mapping[str, str]) -> dict[str, str]:
    """The answers without asking: guesses where they are allowed, a message where they are not."""
    from sim.scenario.starter import QUESTIONS

    missing = [each for each in QUESTIONS if each.field not in known and not guesses[each.field]]
    if missing:
        wanted = " ".join(f"--{each.field} {each.example}" for each in missing)
        raise UsageError(f"only you can know this, and there is no terminal to ask in; add e.g. {wanted}")
    _check_errors(known)
    return {each.field: known.get(each.field, guesses[each.field]) for each in QUESTIONS}


def _asked(known: Mapping[str, str], guesses: Mapping[str, str]) -> dict[str, str]:
    """The answers, asking for what is not known, and again where no scenario allows an answer or an option."""
    from sim.scenario.answers import objection, tidied
    from sim.scenario.starter import QUESTIONS

    answers = dict(known)
    for each in QUESTIONS:
        guess = guesses[each.field]
        hint = "" if guess else f" (e.g. {each.example})"
        wrong = objection(each.field, answers) if each.field in answers else "not answered yet"
        if each.field in answers and wrong:
            log(f"--{each.field} {answers[each.field]}: {wrong}")
        while wrong:
            written = click.prompt(f"{each.asks}{hint}", default=guess or None, err=True)
            answers[each.field] = tidied(each.field, written)
            wrong = objection(each.field, answers)
            if wrong:
                log(f"  {wrong}")
    return answers


def _check_errors(answers: Mapping[str, str]) -> None:
    """Refuse a success rate where the share that fails is asked for; all else the scenario's own reader finds."""
    from sim.scenario.answers import mostly

    if mostly(answers["errors"]):
        raise UsageError(f"--errors {answers['errors']}: write the share that fails, as 0.05%")
