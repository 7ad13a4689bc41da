"""The answer as Markdown, fit for a pull request or a review document."""

from __future__ import annotations

from collections.abc import Iterator

from sim.report import prose, wording
from sim.report.table import comparison
from sim.study.findings import Findings

SHOWN_DEFAULTS = 8


def summary(findings: Findings, *, fleet: str = "") -> str:
    """Question, verdict, table, what nobody sees, assumptions, how to reproduce.

    Text from the scenario is escaped, so that a name cannot break the table or smuggle markup in.
    """
    return "\n".join([*_head(findings), *_table(findings), *_lists(findings), *_foot(findings, fleet)]) + "\n"


def plain(text: str) -> str:
    """Text with everything that Markdown or HTML would read as markup made harmless.

    >>> plain("a|b <script> *x*")
    'a\\\\|b &lt;script&gt; \\\\*x\\\\*'
    """
    text = " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
    for sign in ("\\", "|", "*", "_", "`", "[", "]", "#"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _head(findings: Findings) -> Iterator[str]:
    yield f"## Release risk: {plain(findings.scenario.name)}"
    yield ""
    if findings.scenario.question:
        yield from (f"*{plain(findings.scenario.question)}*", "")
    for check in findings.checks:
        if not check.fits:
            yield from (f"> **Caution:** the model's {check.name} does not reproduce today's dashboard.", "")
    yield f"**{plain(findings.ruling.sentence)}**"
    yield ""
    yield from (f"- {plain(sentence)}" for sentence in (*prose.certainty(findings), prose.weakest(findings)))
    yield ""


def _table(findings: Findings) -> Iterator[str]:
    horizon = wording.seconds(findings.scenario.study.horizon / 1e9)
    names = [
        f"**{plain(name)}**" if name == findings.ruling.recommended else plain(name) for name in findings.strategies
    ]
    yield f"| per release, over {horizon} | " + " | ".join(names) + " |"
    yield "|:---|" + "---:|" * len(names)
    for row in comparison(findings):
        label = "&nbsp;&nbsp;" + plain(row.label) if row.label.startswith(" ") else plain(row.label)
        yield f"| {label} | " + " | ".join(plain(row.cells[name].text) for name in findings.strategies) + " |"
    yield ""
    yield "± and the ranges in brackets are the noise of the simulation."
    yield ""


def _lists(findings: Findings) -> Iterator[str]:
    criteria = [f"- {each.status}: {plain(prose.criterion_line(findings, each))}" for each in findings.criteria]
    yield from _list("Acceptance criteria", criteria)
    yield from _list("What the gates cannot see", [f"- {plain(spot)}" for spot in findings.blind])
    defaults = prose.by_trust(findings)
    lines = [
        f"- {each.trust} trust: `{each.path}` = {plain(each.value)} ({plain(each.origin)})"
        for each in defaults[:SHOWN_DEFAULTS]
    ]
    if len(defaults) > SHOWN_DEFAULTS:
        lines.append(f"- and {len(defaults) - SHOWN_DEFAULTS} more, in the report")
    yield from _list("Assumed, the least trusted first", lines)
    yield from _list("Limits", [f"- {plain(limit)}" for limit in prose.limits(findings)])


def _list(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (f"### {title}", "", *lines, "")


def _foot(findings: Findings, fleet: str) -> Iterator[str]:
    if fleet:
        yield from (f"Fleet: {plain(fleet)}", "")
    yield "### How to get the same figures again"
    yield ""
    yield from (f"- {name}: {plain(value)}" for name, value in prose.facts(findings))
