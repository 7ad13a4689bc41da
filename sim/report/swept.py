"""What a sweep found, as the report of the same study shows it: how far each input moves each strategy's figure.

``rollrisk sweep`` leaves its findings beside the study's in ``sweep.json``. A study of another identity has another
folder, so what lies there is of these releases; but prices, the measure that decides and the program may have changed
since, and then the old sweep would stand beside new figures. So it carries what it rests on, and is shown only beside
a study that rests on the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report import wording
from sim.report.charts import INK, Chart, as_svg, colour, one_axes, style
from sim.scenario.identity import canonical
from sim.scenario.resolved import Scenario
from sim.study.digests import checked
from sim.study.findings import Estimate, Findings
from sim.study.folders import SWEEP

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAR = 30.0
"""From so many times the smallest figure on, the axis keeps the small and the terrible apart."""
Figures = Mapping[str, Estimate]
WEIGHED_BY = ("decide_by", "indifferent", "confidence")
"""What of a study's section its figures and verdict rest on, besides what the folder's name stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One input at its low and at its high end: each strategy's figure, and which strategy is recommended there."""

    path: str
    ends: tuple[tuple[str, Figures, str | None], tuple[str, Figures, str | None]]

    @property
    def size(self) -> float:
        """How far the figure moves, of the strategy of which it moves most."""
        (_, low, _), (_, high, _) = self.ends
        apart = (abs(high[name].value - low[name].value) for name in low if name in high)
        return max((each for each in apart if math.isfinite(each)), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A sweep of both ends of each input, the one that moves most first."""

    measure: str
    given: str
    replications: int
    recommended: str | None  # with the file's own values
    moved: tuple[Moved, ...]


def rests_on(scenario: Scenario, model: str) -> dict[str, Any]:
    """What a sweep, or a study, of this scenario rests on that may change while its folder stays, by name."""
    return {
        "the program": model,
        "prices": scenario.document.get("prices"),
        **{f"study.{name}": getattr(scenario.study, name) for name in WEIGHED_BY},
    }


def outdated(folder: Path, findings: Findings) -> str:
    """What has changed between a study and the sweep beside it; "" where nothing has, or no sweep is there."""
    try:
        told = json.loads(checked(folder, SWEEP)).get("rests_on")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return "the program"  # earlier ones did not say
    now = rests_on(findings.scenario, str((findings.provenance or {}).get("model")))
    return ", ".join(name for name in now if canonical(told.get(name)) != canonical(now[name]))


def read_sweep(folder: Path, findings: Findings) -> Swept | None:
    """What lies in a study's folder; None without a sweep of both ends, or where it is outdated or none of ours."""
    try:
        found = _swept(json.loads(checked(folder, SWEEP)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None if outdated(folder, findings) else found


def _swept(told: Mapping[str, Any]) -> Swept | None:
    points = told["points"]
    pairs = list(zip(points[::2], points[1::2], strict=True)) if told["design"] == "ends" else []
    moved = [Moved(path=next(iter(low["values"])), ends=(_end(low), _end(high))) for low, high in pairs]
    if not moved:
        return None
    return Swept(
        measure=told["measure"],
        given=told["given"],
        replications=max(each["n"] for each in told["as_written"]["figures"].values()),
        recommended=told["as_written"]["recommended"],
        moved=tuple(sorted(moved, key=lambda each: -each.size)),
    )


def _end(point: Mapping[str, Any]) -> tuple[str, Figures, str | None]:
    (value,) = point["values"].values()
    return str(value), {name: _estimate(each) for name, each in point["figures"].items()}, point["recommended"]


def _estimate(told: Mapping[str, Any]) -> Estimate:
    value, low, high = (_number(each) for each in (told["value"], *told["interval"]))
    return Estimate(value=value, low=low, high=high, n=int(told["n"]), method="sweep")


def _number(told: Any) -> float:
    """As :func:`sim.report.numbers.number` wrote it."""
    return math.nan if told is None else math.inf if told == "never" else float(told)


def chart(found: Swept, order: Sequence[str]) -> Chart:
    """A row per input, a bar per strategy from its figure at the low to that at the high end."""
    words = " ".join(sentences(found))
    note = (
        f"{found.measure.replace('_', ' ').capitalize()}, given {found.given}: the filled dot is the input's low "
        "value, the open dot its high value. One input is changed at a time. Thin lines are simulation noise."
    )
    with style():
        figure = draw(found, order).get_figure()
        assert figure is not None, "axes stand in a figure"
        return Chart(title=title(found), svg=as_svg(figure, "sweep", words), words=words, note=note)  # type: ignore[arg-type]


def title(found: Swept) -> str:
    """Whether an input that was swept turns the verdict, and which moves the figures most."""
    for each in found.moved:
        for value, _, recommended in each.ends:
            if recommended not in (None, found.recommended):
                instead = f" instead of {found.recommended}" if found.recommended else ""
                return f"At {each.path} = {value} the verdict changes: {recommended}{instead}"
    unsure = [each for each in found.moved if any(end[2] is None for end in each.ends)]
    if unsure and found.recommended:
        return f"No swept input changes the verdict; at one end of {unsure[0].path} no strategy is surely best"
    first = found.moved[0]
    span = f"{first.ends[0][0]} to {first.ends[1][0]}"
    return f"No input that was swept changes the verdict; {first.path} ({span}) changes the figures most"


def sentences(found: Swept) -> Iterator[str]:
    """One per input: every strategy's figure at both ends, and who is recommended there."""
    for each in found.moved:
        ends = []
        for value, figures, recommended in each.ends:
            told = ", ".join(f"{name} {wording.with_noise(figure)}" for name, figure in figures.items())
            ends.append(f"at {value} {told} ({recommended or 'none'} recommended)")
        yield f"{each.path}: {'; '.join(ends)}."


def draw(found: Swept, order: Sequence[str], ax: Axes | None = None) -> Axes:
    """The bars; strategies by the colours they have everywhere."""
    names = [name for name in order if name in found.moved[0].ends[0][1]]
    ax = one_axes(8.4, 1.0 + len(found.moved) * (0.3 + 0.17 * len(names)), ax)
    for row, each in enumerate(found.moved):
        for place, name in enumerate(names):
            y = row + 0.7 * ((place + 0.5) / len(names) - 0.5)
            paint = colour(list(order).index(name))
            low, high = (figures[name] for _, figures, _ in each.ends)
            if not (math.isfinite(low.value) and math.isfinite(high.value)):
                continue
            ax.plot([low.value, high.value], [y, y], color=paint, linewidth=3.5, solid_capstyle="butt", alpha=0.75)
            for end, filled in ((low, paint), (high, "none")):
                if math.isfinite(end.low) and math.isfinite(end.high):
                    ax.plot([end.low, end.high], [y, y], color=INK, linewidth=0.7)
                ax.plot(end.value, y, "o", markersize=5.5, markeredgecolor=paint, markerfacecolor=filled)
    for name in names:
        ax.plot([], [], color=colour(list(order).index(name)), linewidth=3.5, label=name)
    labels = [f"{each.path}\n{each.ends[0][0]} to {each.ends[1][0]}" for each in found.moved]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(found.moved) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    values = [end[1][name].value for each in found.moved for end in each.ends for name in names]
    known = [value for value in values if value > 0 and math.isfinite(value)]
    if known and max(known) > FAR * min(known):
        ax.set_xscale("symlog", linthresh=max(1e-9, min(known)), linscale=0.4)
    ax.set_xlim(left=min([0.0, *(value for value in values if math.isfinite(value))]))
    ax.xaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    ax.set_xlabel(f"{found.measure.replace('_', ' ')}, given {found.given}")
    ax.legend(frameon=False, ncols=4, loc="lower left", bbox_to_anchor=(0.0, 1.0), fontsize=9)
    return ax
