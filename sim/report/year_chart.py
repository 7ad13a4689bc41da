"""How often a year of releases costs more than so much money, by strategy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.report import wording
from sim.report.charts import FAINT, Chart, as_svg, colour, dashes, one_axes, style
from sim.report.readings import NOTHING, read
from sim.study.findings import Estimate, Findings, YearFound

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ONE_IN_TWENTY = 5.0
FAR = 50.0
"""From so many times the smallest cost that happens on, the axis keeps the small and the terrible apart."""


def year_of_releases(findings: Findings) -> Chart | None:
    """The curves of all strategies; None where the price list does not say how many releases a year has."""
    if not findings.year:
        return None
    words = "; ".join(
        f"{name}: {wording.with_noise(found.expected)} {_currency(findings)} a year, one year in twenty more than "
        f"{_both_ends(found.one_in_twenty)}"
        for name, found in findings.year.items()
    )
    releases = next(iter(findings.year.values())).releases
    note = f"{releases:,} releases a year, good and bad as often as said. The dashed line is one year in twenty."
    with style():
        axes = draw(findings)
        figure = axes.get_figure()
        assert figure is not None, "axes stand in a figure"
        svg = as_svg(figure, "year", words)  # type: ignore[arg-type]
        pointed = read(
            axes,
            lambda at: f"more than {_money(max(0.0, at), 3)} {_currency(findings)}:",
            {name: _chance(found) for name, found in findings.year.items()},
        )
    return Chart(title=title(findings), svg=svg, words=words + ".", note=note, readings=(pointed,))


def title(findings: Findings) -> str:
    """What one year in twenty exceeds, of two strategies that the sample tells apart in that; else that it does not."""
    found = {name: each.one_in_twenty for name, each in findings.year.items()}
    hardest = max(found, key=lambda name: found[name].value)
    apart = [name for name, each in found.items() if each.high < found[hardest].low]
    currency = _currency(findings)
    if not apart:
        told = "is not told apart by strategy" if len(found) > 1 else f"is {_both_ends(found[hardest])} {currency}"
        return f"What one year in twenty costs more than {told}"
    mildest = min(apart, key=lambda name: found[name].value)
    return (
        f"One year in twenty costs more than {_both_ends(found[hardest])} {currency} under {hardest}, "
        f"more than {_both_ends(found[mildest])} under {mildest}"
    )


def draw(findings: Findings, ax: Axes | None = None) -> Axes:
    """The curves, falling from all years to none."""
    ax = one_axes(8.4, 3.3, ax)
    for name, found in findings.year.items():
        place = list(findings.strategies).index(name)
        shown = np.array(found.chances) * 100
        ax.plot(found.thresholds, shown, color=colour(place), linestyle=dashes(place), label=name)
    ax.axhline(ONE_IN_TWENTY, color=FAINT, linewidth=1, linestyle=(0, (3, 2)))
    costs = [cost for found in findings.year.values() for cost in found.thresholds if cost > 0]
    likely = [each.expected.value for each in findings.year.values() if each.expected.value > 0]
    if likely and max(costs) > FAR * min(likely):
        ax.set_xscale("symlog", linthresh=min(likely) / 2, linscale=0.5)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: _money(value))
    ax.set(xlabel=f"{_currency(findings)} a year", ylabel="years that cost more, %", ylim=(0, 102))
    ax.legend(frameon=False, loc="upper right")
    return ax


def _chance(found: YearFound) -> Callable[[float], str]:
    """Reads a curve, with both ends of what it may be."""
    costs = np.array(found.thresholds)

    def say(at: float) -> str:
        if at > costs[-1]:
            return NOTHING
        share, low, high = (100 * float(np.interp(at, costs, part)) for part in (found.chances, found.low, found.high))
        ends = f" ({low:.0f}-{high:.0f})" if math.isfinite(low + high) else ""
        return f"{share:.0f}{ends} %"

    return say


def _both_ends(found: Estimate) -> str:
    ends = wording.interval(found)
    return wording.rounded(found.value, found.half_width) + (f" ({ends})" if ends else "")


def _money(value: float, figures: int = 2) -> str:
    return wording.rounded(float(f"{value:.{figures}g}"), 0.0)


def _currency(findings: Findings) -> str:
    prices = findings.scenario.prices
    return prices.currency if prices else "money"
