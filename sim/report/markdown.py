"""The answer as Markdown, fit for a pull request or a review document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sim.report import good, hangs, late, prose, wording
from sim.report.aspects import aspects
from sim.report.charts import Chart
from sim.report.defects import by_defect, heading
from sim.report.plots import FILES
from sim.report.resources import needs
from sim.report.rivals import candidate, rivals
from sim.report.table import Row, comparison
from sim.study.findings import Findings

SHOWN_DEFAULTS = 8


def summary(findings: Findings, *, fleet: str = "", charts: Mapping[str, Chart | None] | None = None) -> str:
    """Question, verdict, tables, what nobody sees, assumptions, how to reproduce; ``charts`` lie beside it as files.

    Text from the scenario is escaped, so that a name cannot break the table or smuggle markup in.
    """
    parts = (_head(findings), _table(findings), _pictures(charts or {}), _lists(findings), _foot(findings, fleet))
    return "\n".join(line for part in parts for line in part) + "\n"


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
    yield from (f"- **{question}:** {plain(' '.join(answer))}" for question, answer in aspects(findings))
    yield ""
    yield from _list("Why good releases fail requests", [f"- {plain(told)}" for told in good.sentences(findings)])
    yield from _list("What shows later", [f"- {plain(told)}" for told in late.sentences(findings)])
    yield from _list("How far to trust these figures", [f"- {plain(caution)}" for caution in findings.cautions])


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
    yield from _by_defect(findings, names)
    yield from _rows("at its worst", needs(findings), findings, names)
    yield from _list("What the verdict hangs on", [f"- {plain(each)}" for each in hangs.sentences(findings)])
    yield from _rivals(findings)


def _pictures(charts: Mapping[str, Chart | None]) -> Iterator[str]:
    """The pictures that lie beside the summary, each under what it shows."""
    for name, file in FILES.items():
        chart = charts.get(name)
        if chart is not None:
            yield from (f"**{plain(chart.title)}**", "", f"![{plain(chart.words)}]({file})", "")


def _by_defect(findings: Findings, names: Sequence[str]) -> Iterator[str]:
    rows = by_defect(findings)
    if len(rows) > 1:
        told = (replace(row, label=f"{row.label} ({row.meaning})") for row in rows)
        yield from _rows(heading(findings), tuple(told), findings, names)


def _rows(corner: str, rows: Sequence[Row], findings: Findings, names: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f"| {plain(corner)} | " + " | ".join(names) + " |"
        yield "|:---|" + "---:|" * len(names)
        for row in rows:
            cells = " | ".join(plain(row.cells[name].text) for name in findings.strategies)
            yield f"| {plain(row.label)} | {cells} |"
        yield ""


def _rivals(findings: Findings) -> Iterator[str]:
    """Pair by pair, and what pairing on common luck was worth."""
    found, chosen = rivals(findings), plain(candidate(findings))
    if found:
        yield f"| against {chosen} | per release | against its best rival | {chosen} wins, if bad | saved by pairing |"
        yield "|:---|---:|---:|---:|---:|"
        for each in found:
            cells = (each.difference, each.against_best, each.wins, each.saved)
            yield f"| {plain(each.name)}: {each.standing} | " + " | ".join(cell or "-" for cell in cells) + " |"
        yield ""
        yield from (prose.pairing(findings), "") if prose.pairing(findings) else ()


def _lists(findings: Findings) -> Iterator[str]:
    criteria = [f"- {each.status}: {plain(prose.criterion_line(findings, each))}" for each in findings.criteria]
    yield from _list("Acceptance criteria", criteria)
    yield from _list("What the gates cannot see", [f"- {plain(spot)}" for spot in findings.blind])
    defaults = prose.by_trust(findings)
    lines = [f"- guess: `{each.path}` = {plain(each.value)} ({plain(each.why)})" for each in findings.scenario.guesses]
    lines += [
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
