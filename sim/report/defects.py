"""What each defect costs under each strategy: where a strategy's loss comes from, and what the mean hides."""

from __future__ import annotations

from sim.report import wording
from sim.report.table import Cell, Row, deciding, span
from sim.study.findings import Estimate, Findings

GOOD = "good"


def by_defect(findings: Findings) -> tuple[Row, ...]:
    """One row per defect, the commonest first, then the good releases; by the measure that decides."""
    cases = [*sorted(findings.scenario.release.defects, key=lambda defect: -defect.share)]
    rows = [_row(findings, each.name, f"{wording.share(each.share)} of bad") for each in cases]
    rows.append(_row(findings, GOOD, ""))
    return tuple(row for row in rows if row is not None)


def heading(findings: Findings) -> str:
    """What the figures are."""
    return f"{deciding(findings)}, by defect"


def _row(findings: Findings, case: str, share: str) -> Row | None:
    measure = findings.ruling.measure
    found = {name: findings.estimates.get((measure, name, case)) for name in findings.strategies}
    played = {findings.replications.get((name, case), 0) for name in findings.strategies}
    if all(each is None for each in found.values()):
        return None
    n = f"n {max(played):,}"
    return Row(
        label=case,
        meaning=f"{share}, {n}" if share else n,
        cells={name: Cell(text="-") if each is None else _cell(each) for name, each in found.items()},
    )


def _cell(found: Estimate) -> Cell:
    figure = wording.rounded(found.value, found.half_width)
    return Cell(text=wording.with_noise(found), figure=figure, interval=wording.interval(found), span=span(found))
