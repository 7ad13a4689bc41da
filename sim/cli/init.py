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
@click.option(
    "--from",
    "paths",
    multiple=True,
    metavar="PATH",
    help="Start from manifests: a file, a folder, or - for stdin; may be repeated.",
)
@click.option("--target", "-t", help="With --from: the Deployment, Rollout or Canary of this name.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(file: Path, force: bool, paths: tuple[str, ...], target: str | None, **given: str | None) -> int:
    """Write a commented scenario to FILE (scenario.yaml if left out), asking for what is not given as an option.

    Nothing is asked where there is no terminal: then what only you can know must be given. With --from, what manifests
    know is not asked, and what is not answered stays a guess that says so.

    \b
    Examples:
      rollrisk init
      rollrisk init shop.yaml --from k8s/ --target shop --peak 250/s
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
    known = {name: tidied(name, value) for name, value in known.items()}
    if paths:
        text = _from_manifests(paths, target, known)
    else:
        guesses = {each.field: each.guess for each in QUESTIONS} | {"name": file.stem}
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


def _from_manifests(paths: tuple[str, ...], target: str | None, known: Mapping[str, str]) -> str:
    """The text of a scenario from manifests; in a terminal with answers in the place of its guesses."""
    from sim.exchange.drafts.answers import GUESSES
    from sim.exchange.drafts.whole import draft
    from sim.exchange.manifests import gathered
    from sim.exchange.sources import sources
    from sim.exchange.workloads import targets

    found = gathered(sources(paths, sys.stdin.buffer if "-" in paths else None))
    there = list(targets(found))
    chosen = [each for each in there if target in (None, each.name)]
    if len(chosen) != 1:
        names = ", ".join(dict.fromkeys(each.name for each in there)) or "none; wanted: a Deployment, Rollout or Canary"
        raise UsageError(f"name one thing that is rolled out with --target; there are: {names}")
    for remark in found.remarks:
        log(str(remark))
    answers = dict(known)
    if "errors" in known:
        _check_errors(known)
    if sys.stdin.isatty() and "-" not in paths:
        asked = _asked(
            known,
            {**GUESSES, "name": chosen[0].name, "replicas": str(max(1, chosen[0].replicas[0]))},
            only=tuple(GUESSES),
        )
        answers |= {name: value for name, value in asked.items() if name in known or value != GUESSES.get(name)}
    return draft(chosen[0], answers).text


def _given(known: Mapping[str, str], guesses: Mapping[str, str]) -> dict[str, str]:
    """The answers without asking: guesses where they are allowed, a message where they are not."""
    from sim.scenario.starter import QUESTIONS

    missing = [each for each in QUESTIONS if each.field not in known and not guesses[each.field]]
    if missing:
        wanted = " ".join(f"--{each.field} {each.example}" for each in missing)
        raise UsageError(f"only you can know this, and there is no terminal to ask in; add e.g. {wanted}")
    _check_errors(known)
    return {each.field: known.get(each.field, guesses[each.field]) for each in QUESTIONS}


def _asked(known: Mapping[str, str], guesses: Mapping[str, str], only: tuple[str, ...] | None = None) -> dict[str, str]:
    """The answers, asking for what is not known, and again where no scenario allows an answer or an option.

    With ``only`` no other question is asked.
    """
    from sim.scenario.answers import objection, tidied
    from sim.scenario.starter import QUESTIONS

    answers = dict(known)
    for each in QUESTIONS:
        if only is not None and each.field not in (*only, *known):
            continue
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
