"""The overview of a batch: a line per file, for whoever has fifty services and asks which one first.

"Today" is the first strategy a file names, as in the comparison of each report; what it loses more than the recommended
one is what a change of strategy would save per release, and the lines stand in this order.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sim.report import wording
from sim.report.numbers import number
from sim.study.findings import Estimate, Findings

NOT_PLAYED = "not played"
HEADS = {
    "became": "expect",
    "name": "scenario",
    "today": "today",
    "recommended": "recommended",
    "measure": "loss in",
    "loss_today": "today loses",
    "loss_recommended": "recommended loses",
    "saved": "saves per release",
    "headroom": "headroom",
    "change": "since the last run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One file of a batch; figures are expected values per release, nan where there is none."""

    file: str
    name: str
    became: str  # ok, FAILED, undecided, interrupted, not played, or "-" where nothing is expected
    today: str = ""
    recommended: str = ""  # "" where the study cannot tell
    measure: str = ""
    loss_today: float = math.nan
    loss_recommended: float = math.nan
    low: float = math.nan  # of the recommended one's loss
    high: float = math.nan
    saved: float = math.nan
    headroom: float = math.nan
    page: str = ""  # the report, seen from the overview
    identity: str = ""
    change: str = ""


def line(file: str, findings: Findings, became: str, page: str, before: Mapping[str, Any] | None = None) -> Line:
    """The line of a study; ``before`` is the line of the last run, as :func:`kept` wrote it."""
    today, chosen = findings.scenario.strategies[0].name, findings.ruling.recommended
    loss = {name: findings.estimates.get((findings.ruling.measure, name, "release")) for name in findings.strategies}
    best = loss.get(chosen or today)
    told = Line(
        file=file,
        name=findings.scenario.name,
        became=became if findings.criteria or findings.interrupted else "-",
        today=today,
        recommended=chosen or "",
        measure=findings.ruling.measure,
        loss_today=_value(loss[today]),
        loss_recommended=_value(best) if chosen else math.nan,
        low=best.low if best and chosen else math.nan,
        high=best.high if best and chosen else math.nan,
        saved=abs(_value(loss[today]) - _value(best)) if chosen else math.nan,
        headroom=_value(findings.estimates.get(("headroom", chosen or today, "release"))),
        page=page,
        identity=findings.identity,
    )
    return Line(**{**asdict(told), "change": _change(told, before)})


def ordered(lines: Iterable[Line]) -> list[Line]:
    """Where most is to be saved first; what was not played last."""
    return sorted(
        lines, key=lambda each: (-each.saved if math.isfinite(each.saved) else math.inf, each.name, each.file)
    )


def kept(lines: Iterable[Line], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the next run compares itself with: the last line of every scenario ever overviewed here."""
    new = {each.name: {key: _plain(value) for key, value in asdict(each).items()} for each in lines if each.identity}
    return {**before, **new}


def texts(each: Line) -> dict[str, str]:
    """The columns of :data:`HEADS` as text."""
    return {
        "became": each.became,
        "name": each.name,
        "today": each.today,
        "recommended": each.recommended or ("cannot tell" if each.identity else ""),
        "measure": each.measure,
        "loss_today": _figure(each.loss_today),
        "loss_recommended": _figure(each.loss_recommended),
        "saved": _figure(each.saved),
        "headroom": wording.share(each.headroom),
        "change": each.change,
    }


def table(lines: Sequence[Line]) -> list[str]:
    """The overview as lines of text; as wide as its longest words, for it is also there to be searched."""
    rows = [dict(HEADS), *(texts(each) for each in ordered(lines))]
    shown = [name for name in HEADS if name != "measure"]
    widths = {name: max(len(row[name]) for row in rows) for name in shown}
    right = {"loss_today", "loss_recommended", "saved", "headroom"}
    return [
        "  ".join(row[name].rjust(widths[name]) if name in right else row[name].ljust(widths[name]) for name in shown)
        .rstrip()
        .replace("\N{NO-BREAK SPACE}", " ")
        for row in rows
    ]


def csv_text(lines: Sequence[Line]) -> str:
    """The overview for a spreadsheet: plain numbers, empty where there is none."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([field.name for field in fields(Line)])
    for each in ordered(lines):
        writer.writerow([_plain(value) for value in asdict(each).values()])
    return sink.getvalue()


def page(lines: Sequence[Line], *, made: str) -> str:
    """The overview as one HTML file, sortable by its heads; ``made`` says when and by what it was made."""
    from sim.report.page import _environment, _text

    rows = [(each, texts(each), {name: _plain(getattr(each, name)) for name in HEADS}) for each in ordered(lines)]
    return _environment().get_template("overview.html.j2").render(
        rows=rows, heads=HEADS, css=_text("report.css"), made=made, first=next(iter(_worth(lines)), None)
    )  # fmt: skip


def _worth(lines: Sequence[Line]) -> list[Line]:
    """Lines whose strategy of today should change, the most rewarding first."""
    return [each for each in ordered(lines) if each.recommended and each.recommended != each.today and each.saved > 0]


def _change(now: Line, before: Mapping[str, Any] | None) -> str:
    if before is None:
        return "new"
    changes = []
    if before.get("became") != now.became:
        changes.append(f"expect was {before.get('became')}")
    if before.get("recommended") != now.recommended:
        changes.append(f"recommended was {before.get('recommended') or 'cannot tell'}")
    elif before.get("measure") == now.measure and _apart(now, before):
        changes.append(f"lost {_figure(float(before['loss_recommended']))}")
    return "; ".join(changes) or "same"


def _apart(now: Line, before: Mapping[str, Any]) -> bool:
    """Whether the two intervals of the recommended strategy's loss do not touch."""
    low, high = before.get("low"), before.get("high")
    if not isinstance(low, float | int) or not isinstance(high, float | int):
        return False
    return now.low > high or now.high < low


def _value(estimate: Estimate | None) -> float:
    return math.nan if estimate is None else estimate.value


def _figure(value: float) -> str:
    """Three figures are enough to choose where to look."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else "never"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _plain(value: Any) -> Any:
    return number(value) if isinstance(value, float) else value
