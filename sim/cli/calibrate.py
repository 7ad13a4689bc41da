"""``rollrisk calibrate``: what your data say, put into a scenario; each line says where it comes from."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.console import log, plain, say, shown_path, width
from sim.errors import ScenarioError, UsageError

if TYPE_CHECKING:
    from sim.exchange.drafts.lines import Tree


@click.command("calibrate")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--from", "file", required=True, type=click.Path(path_type=Path), help="Your releases: CSV or JSON.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The new file; stdout if left out.")
@click.option("--noticed-above", metavar="SHARE", help="Share of errors below which nobody would have noticed.")
@click.option(
    "--stopped-above", metavar="SHARE", help="Share of errors above which a gate would have stopped it first."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    scenario: Path,
    file: Path,
    output: Path | None,
    noticed_above: str | None,
    stopped_above: str | None,
    force: bool,
) -> None:
    """Write SCENARIO anew with what your past releases say: how often they are bad, how, and how fast people react.

    Only these lines change; all else, comments too, stays as it is. Each new line says what it rests on, and within
    which range it lies. What the list cannot say stays as it was, and is told.

    \b
    Examples:
      rollrisk calibrate shop.yaml --from releases.csv -o shop-calibrated.yaml
      rollrisk calibrate shop.yaml --from releases.csv --noticed-above 2% | diff shop.yaml -
    """
    from sim.cli.prior import learnt
    from sim.exchange.history.inputs import inputs, not_told
    from sim.scenario import from_text
    from sim.scenario.text import read_file
    from sim.study.outputs import SCENARIO, check, write

    before = "\n".join(read_file(scenario).lines[str(scenario)]).rstrip("\n") + "\n"  # read once: it may be a pipe
    loaded = from_text(before, str(scenario))
    if output is not None:
        if output.is_file() and output.stat().st_size and not force:
            raise UsageError(f"{output} is there already; give another name, or --force to write over it")
        check(output, SCENARIO, inputs=[scenario, file], force=force)
    found = learnt(file, noticed_above, stopped_above)
    defects = (loaded.document.get("release") or {}).get("defects") or {}
    tree = _wanted(inputs(found, defects), on_call=loaded.oncall is not None)
    text, remarks = _written(before, str(output or scenario), tree)
    if output is None:
        say(text.rstrip("\n"))
    else:
        write(output, text.encode(), SCENARIO, inputs=[scenario, file], force=force)
        say(f"{shown_path(output)} is {shown_path(scenario)} with what {shown_path(file)} says.")
    tell = log if output is None else say
    tell("New:")
    for line in _changed(tree):
        tell(textwrap.fill(plain(line), width(), initial_indent="  - ", subsequent_indent="    "))
    if open_questions := (*remarks, *not_told(found)):
        tell("What the list cannot say:")
    for each in open_questions:
        tell(textwrap.fill(plain(each), width(), initial_indent="  - ", subsequent_indent="    "))
    if output is not None:
        say(f"Then: rollrisk check {shown_path(output)}; rollrisk run {shown_path(output)}")


def _written(before: str, name: str, tree: Tree) -> tuple[str, list[str]]:
    """The new text, and remarks. Where other parts name defects that the list does not know, the scenario's own stay.

    Raises ScenarioError for what is not valid under its new name: a file that ``extends:`` names stands beside it.
    """
    from sim.exchange.patching import patched
    from sim.scenario import from_text

    text, release = patched(before, tree, name), tree["release"]
    try:
        from_text(text, name)
    except ScenarioError as error:
        if not isinstance(release, dict) or release.pop("defects", None) is None:
            raise
        text = patched(before, tree, name)
        from_text(text, name)
        reason = f"{error.problems[0].path}: {error.problems[0].message}"
        remark = f"The scenario's own defects stay, because other parts of it name them ({reason})."
        return text, [f"{remark} Write its names for them in the column 'cause'."]
    return text, []


def _wanted(tree: Tree, *, on_call: bool) -> Tree:
    """Where nobody is on call the list does not put somebody there."""
    return {section: part for section, part in tree.items() if section != "oncall" or on_call}


def _changed(tree: Tree) -> list[str]:
    from sim.exchange.drafts.lines import Line
    from sim.exchange.drafts.writing import flow

    def below(path: str, part: Tree | Line) -> list[str]:
        if isinstance(part, Line):
            return [f"{path}: {flow(part.value)}; {part.origin}"]
        return [line for key, value in part.items() for line in below(f"{path}.{key}" if path else key, value)]

    return below("", tree)
