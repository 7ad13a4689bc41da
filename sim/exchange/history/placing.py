"""What a list of releases says, put into the text of a scenario."""

from __future__ import annotations

from sim.errors import ScenarioError
from sim.exchange.drafts.lines import Tree, leaves
from sim.exchange.drafts.writing import flow
from sim.exchange.history.fits import Learnt
from sim.exchange.history.inputs import inputs
from sim.exchange.patching import patched, settled
from sim.scenario import from_text
from sim.scenario.document import show_trail
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
    remarks: list[str] = []
    try:
        from_text(text, name)
    except ScenarioError as error:
        if not isinstance(release, dict) or release.pop("defects", None) is None:
            raise
        text = patched(before, tree, name)
        from_text(text, name)
        reason = f"{error.problems[0].path}: {error.problems[0].message}"
        remark = f"The scenario's own defects stay, because other parts of it name them ({reason})."
        remarks = [f"{remark} Write its names for them in the column 'cause'."]
    return settled(text, [trail for trail, _ in leaves(tree)], name), tree, remarks


def changed(tree: Tree) -> list[str]:
    """Each new line as a sentence."""
    return [f"{show_trail(trail)}: {flow(line.value)}; {line.origin}" for trail, line in leaves(tree)]
