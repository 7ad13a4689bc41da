"""``rollrisk import``: scenarios from manifests, one for each thing that is rolled out."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, plain, say, say_json, shown_path, width
from sim.cli.status import Status
from sim.errors import ModelError, ScenarioError, UsageError

if TYPE_CHECKING:
    from sim.exchange.drafts.whole import Draft
    from sim.exchange.spots import Remark

MOST_TOLD = 20
"""Remarks that are said one by one."""


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--output", "-o", help="A new file; or a folder for several scenarios, which ends with / or is there.")
@click.option("--target", "-t", help="Only the Deployment, Rollout or Canary of this name.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: texts, what is not played, what to answer.")
def command(paths: tuple[str, ...], output: str | None, target: str | None, force: bool, as_json: bool) -> int:
    """Write a scenario for each Deployment, Argo Rollout and Flagger Canary in PATH…: files, folders, - for stdin.

    Each line says which file, path and line it comes from, or that it is a guess and how far to trust it. What matters
    for a rollout and is not played stands at the top. A single scenario without --output goes to stdout.

    \b
    Examples:
      rollrisk import k8s/ -o shop.yaml
      helm template shop chart/ | rollrisk import - -o shop.yaml
      kubectl kustomize overlays/prod | rollrisk import - --target checkout
    """
    from sim.exchange.drafts.whole import draft
    from sim.exchange.kinds import remarks_of
    from sim.exchange.manifests import gathered
    from sim.exchange.sources import sources
    from sim.exchange.workloads import targets

    found = gathered(sources(paths, sys.stdin.buffer if "-" in paths else None))
    there = list(targets(found))
    chosen = [each for each in there if target in (None, each.name)]
    drafts = [draft(each) for each in chosen]
    remarks = remarks_of(found)
    if not as_json:
        _tell_remarks(remarks)
    if not chosen:
        names = ", ".join(dict.fromkeys(each.name for each in there))
        missing = f"there is no target {target!r}; targets: {names}" if there else _nothing(len(found.manifests))
        raise UsageError(missing)
    for each in drafts:
        _checked(each)
    if as_json:
        say_json({"scenarios": [_plain(each) for each in drafts], "remarks": [str(each) for each in remarks]})
    elif output is None:
        _to_stdout(drafts)
    else:
        _write(drafts, output, read=paths, force=force)
    return Status.DONE


def _nothing(manifests: int) -> str:
    read = f"{manifests:,} manifests hold none" if manifests else "no manifest was found"
    return f"{read}; wanted: a Deployment, an Argo Rollout (argoproj.io) or a Flagger Canary (flagger.app)"


def _tell_remarks(remarks: list[Remark]) -> None:
    for each in remarks[:MOST_TOLD]:
        log(str(each))
    if len(remarks) > MOST_TOLD:
        log(f"and {len(remarks) - MOST_TOLD} more remarks; --json has all")


def _checked(draft: Draft) -> None:
    """What is written must pass ``check``; what does not is a fault of ours."""
    from sim.scenario import from_text

    try:
        from_text(draft.text, f"{draft.name}.yaml")
    except ScenarioError as error:
        raise ModelError(f"{draft.target.owner.spot}: the scenario written from it is not valid: {error}") from None


def _to_stdout(drafts: list[Draft]) -> None:
    if len(drafts) > 1:
        listed = ", ".join(dict.fromkeys(each.target.name for each in drafts))
        raise UsageError(f"{len(drafts)} targets: {listed}; choose one with --target, or write all with -o FOLDER/")
    say(drafts[0].text.rstrip("\n"))
    log(_next_words(drafts[0]))


def _write(drafts: list[Draft], output: str, *, read: tuple[str, ...], force: bool) -> None:
    from sim.study.outputs import SCENARIO, check, write

    folder = output.endswith(("/", os.sep)) or os.path.isdir(output)
    if len(drafts) > 1 and not folder:
        raise UsageError(f"{len(drafts)} targets do not go into one file; write -o {output}/ for a folder, or --target")
    files: dict[Path, Draft] = {}
    for each in drafts:
        file = Path(output) / f"{each.name}.yaml" if folder else Path(output)
        number = 2
        while file in files:
            file = Path(output) / f"{each.name}-{number}.yaml"
            number += 1
        files[file] = each
    taken = [str(file) for file in files if file.is_file() and file.stat().st_size]
    if taken and not force:
        raise UsageError(f"{', '.join(taken)}: there already; give another name, or --force to write over it")
    inputs = [Path(each) for each in read]
    inputs += [file for each in inputs if each.is_dir() for file in each.rglob("*") if file.is_file()]
    for file in files:
        check(file, SCENARIO, inputs=inputs, force=True)
    for file, each in files.items():
        write(file, each.text.encode(), SCENARIO, inputs=inputs, force=True)
        say(f"{shown_path(file)} is written from {each.target.owner}. {_next_words(each)}")
        if len(files) == 1:
            _tell_questions(each, file)


def _next_words(draft: Draft) -> str:
    guesses = draft.text.count("# GUESS")
    grave = sum(each.matter == "high" for each in draft.missed)
    count = len(draft.missed)
    lost = f"{count} thing{'s are' if count > 1 else ' is'} not played" if count else "all of it is played"
    much = f", {grave} of which matter much" if grave else ""
    return f"{guesses} values are guesses to correct; {lost}{much} (see its top)."


def _tell_questions(draft: Draft, file: Path) -> None:
    say("Only you can answer:")
    for question in draft.questions:
        say(textwrap.fill(plain(question), width(), initial_indent="  - ", subsequent_indent="    "))
    say(f"Then: rollrisk check {shown_path(file)}; rollrisk run {shown_path(file)}")


def _plain(draft: Draft) -> dict[str, Any]:
    return {
        "target": draft.target.name,
        "kind": draft.target.tool,
        "file": draft.target.owner.spot.file,
        "line": draft.target.owner.spot.line,
        "scenario": draft.text,
        "missed": [
            {
                "matter": each.matter, "message": each.message, "question": each.question, "file": each.spot.file,
                "document": each.spot.document, "line": each.spot.line, "path": each.spot.path,
            }
            for each in draft.missed
        ],
        "questions": list(draft.questions),
    }  # fmt: skip
