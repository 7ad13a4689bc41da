"""What a list of releases says, put into the text of a scenario."""

from __future__ import annotations

from sim.errors import ScenarioError
from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.drafts.writing import flow
from sim.exchange.history.fits import Learnt
from sim.exchange.history.inputs import inputs
from sim.exchange.patching import patched, settled
from sim.scenario import from_text
from sim.scenario.document import Trail
from sim.scenario.resolved import Scenario


def with_history(before: str, learnt: Learnt, scenario: Scenario, name: str) -> tuple[str, Tree, list[str]]:
    """The new text, the lines that are new in it, and what is to be said.

    Where nobody is on call the list does not put somebody there. Where other parts of the scenario name defects that
    the list does not know, the scenario's own stay, and it is said why.

    Raises ScenarioError for what is not valid under its new name: a file that ``extends:`` names stands beside it.
    """
    defects = (scenario.document.get("release") or {}).get("defects") or {}
    tree = inputs(learnt, defects)
    if scenario.oncall is None:
        tree.pop("oncall", None)
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
        return settled(text, trails(tree), name), tree, [f"{remark} Write its names for them in the column 'cause'."]
    return settled(text, trails(tree), name), tree, []


def trails(tree: Tree) -> list[Trail]:
    """Where each line stands."""

    def below(trail: Trail, part: Tree | Line) -> list[Trail]:
        return [trail] if isinstance(part, Line) else [each for key in part for each in below((*trail, key), part[key])]

    return below((), tree)


def changed(tree: Tree) -> list[str]:
    """Each new line as a sentence."""

    def below(path: str, part: Tree | Line) -> list[str]:
        if isinstance(part, Line):
            return [f"{path}: {flow(part.value)}; {part.origin}"]
        return [line for key, value in part.items() for line in below(f"{path}.{key}" if path else key, value)]

    return below("", tree)
