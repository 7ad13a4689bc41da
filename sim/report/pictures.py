"""Small pictures inside a table: an interval on a scale shared by its row, and a bar of shares. No library needed."""

from __future__ import annotations

import math

from sim.report.table import Cell, Row
from sim.study.findings import Findings

WIDTH, HEIGHT, MARGIN = 104, 14, 4


def interval_pictures(row: Row) -> dict[str, str]:
    """An SVG per strategy whose interval can be drawn; the scale starts at zero unless something is below."""
    spans = {name: cell.span for name, cell in row.cells.items() if cell.span is not None}
    if len(spans) < 2 or all(span == (0.0, 0.0, 0.0) for span in spans.values()):
        return {}
    low = min(0.0, *(span[0] for span in spans.values()))
    high = max(span[2] for span in spans.values())
    return {name: _picture(row.cells[name], low, high) for name in spans}


def _picture(cell: Cell, low: float, high: float) -> str:
    assert cell.span is not None, "only cells with a span are drawn"
    left, middle, right = (_place(value, low, high) for value in cell.span)
    zero = _place(0.0, low, high)
    line = HEIGHT / 2
    return (
        f'<svg class="interval" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<line class="scale" x1="{zero:.1f}" x2="{middle:.1f}" y1="{line}" y2="{line}"/>'
        f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="1" y2="{HEIGHT - 1}"/>'
        f'<line class="noise" x1="{left:.1f}" x2="{max(right, left + 0.5):.1f}" y1="{line}" y2="{line}"/>'
        f'<circle class="dot" cx="{middle:.1f}" cy="{line}" r="3.2"/></svg>'
    )


def _place(value: float, low: float, high: float) -> float:
    return MARGIN + (value - low) / ((high - low) or 1.0) * (WIDTH - 2 * MARGIN)


def who_stopped(findings: Findings) -> list[tuple[str, list[tuple[str, str, float]]]]:
    """Per strategy the parts of a bar: class, words, share."""
    bars = []
    for strategy in findings.strategies:
        who = findings.stopped.get(strategy)
        if who is None or math.isnan(who.gate):
            continue
        parts = [
            ("early", "before any user", who.before_users),
            ("gate", "by the gate", who.gate),
            ("oncall", "by the person on call", who.on_call),
            ("nobody", "by nobody, and it did harm", max(0.0, who.nobody - _known(who.harmless) - _known(who.asleep))),
            ("asleep", "by nobody, for its defect had not shown yet", _known(who.asleep)),
            ("harmless", "by nobody, but it did no harm", _known(who.harmless)),
        ]
        bars.append((strategy, parts))
    return bars


def _known(share: float) -> float:
    return 0.0 if math.isnan(share) else share
