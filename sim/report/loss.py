"""Expected cost of a release over how often releases are bad: the input nobody knows well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.report import wording
from sim.report.charts import FAINT, Chart, as_svg, colour, dashes, one_axes, style
from sim.report.prose import holds_over_range
from sim.report.readings import read
from sim.report.table import deciding, rate_range
from sim.study.findings import Findings, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def expected_loss(findings: Findings) -> Chart | None:
    """The lines of all strategies, with the likely rate and the break-even marked; none for a single rate."""
    if len(findings.ruling.over_range) < 2:
        return None
    words = _words(findings)
    known = [
        name for name in findings.strategies if name in findings.ruling.over_range[min(findings.ruling.over_range)]
    ]
    with style():
        axes = draw_loss(findings)
        figure = axes.get_figure()
        assert figure is not None, "axes stand in a figure"
        svg = as_svg(figure, "loss", words)  # type: ignore[arg-type]
        pointed = read(axes, lambda percent: f"{percent:.2g} % bad:", {name: _at(findings, name) for name in known})
        return Chart(title=_title(findings), svg=svg, words=words, readings=(pointed,))


def _at(findings: Findings, strategy: str) -> Callable[[float], str]:
    """Reads a strategy's line: the expectation is a straight line over how often releases are bad."""
    over = findings.ruling.over_range
    rates = sorted(over)
    losses = [over[rate][strategy] for rate in rates]

    def say(percent: float) -> str:
        value = float(np.interp(percent / 100, rates, losses))
        return wording.rounded(value, abs(value) / 20)

    return say


def draw_loss(findings: Findings, ax: Axes | None = None) -> Axes:
    """One line per strategy."""
    ax = one_axes(8.4, 3.2, ax)
    over = findings.ruling.over_range
    rates = sorted(over)
    for place, strategy in enumerate(findings.strategies):
        losses = [over[rate].get(strategy, float("nan")) for rate in rates]
        shown = [rate * 100 for rate in rates]
        ax.plot(shown, losses, color=colour(place), linestyle=dashes(place), label=strategy)
    ax.axvline(findings.scenario.release.change_failure_rate * 100, color=FAINT, linewidth=1, linestyle=(0, (3, 2)))
    ax.text(
        findings.scenario.release.change_failure_rate * 100, 0.98, " your likely value", color=FAINT, fontsize=8.5,
        transform=ax.get_xaxis_transform(), va="top",
    )  # fmt: skip
    ax.set(xlabel="releases that are bad, %", ylabel=f"{deciding(findings)}\nper release")
    ax.set_xlim(rates[0] * 100, rates[-1] * 100)
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    ax.yaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, 0.93))
    return ax


def _title(findings: Findings) -> str:
    ruling = findings.ruling
    best = [min(losses, key=lambda name: losses[name]) for _, losses in sorted(ruling.over_range.items())]
    written = rate_range(findings)
    spread = f"from {written[0]} to {written[1]} bad releases" if written else "over the whole range"
    if len(set(best)) == 1 and ruling.recommended in (None, best[0]):
        surely = all(standing in (Standing.BEST, Standing.WORSE) for standing in ruling.standings.values())
        return f"{best[0]} costs least {spread}" + ("" if surely else ", on average; it may be simulation noise")
    if ruling.recommended and holds_over_range(findings):
        zone = f"{wording.rounded(ruling.indifferent, 0.0)} {deciding(findings)}"
        return f"On average {ruling.recommended} costs at most {zone} more than the cheapest strategy {spread}"
    ends = f"{best[0]} at the low end of the range, {best[-1]} at the high end"
    return f"Which strategy costs least depends on how many releases are bad: on average {ends}"


def _words(findings: Findings) -> str:
    over = findings.ruling.over_range
    low, high = min(over), max(over)
    parts = [
        f"{strategy}: {wording.rounded(over[low][strategy], over[low][strategy] / 20)} at {wording.share(low)} bad, "
        f"{wording.rounded(over[high][strategy], over[high][strategy] / 20)} at {wording.share(high)}"
        for strategy in findings.strategies
        if strategy in over[low]
    ]
    return f"{deciding(findings)} per release. " + "; ".join(parts) + "."
