"""How often a bad release costs more than so much: exceedance curves of failed requests and of downtime."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report import wording
from sim.report.charts import Chart, as_svg, colour, dashes, one_axes, style, time_ticks
from sim.report.readings import held, read
from sim.stats.exceedance import exceedance
from sim.study.findings import Estimate, Findings
from sim.units import two_figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeded:
    """For each value seen (rising) the share of bad releases that cost more, with its band."""

    strategy: str
    values: Floats
    above: Floats
    sure_within: float  # the whole true curve lies within so much of this one, with the study's confidence

    def by(self, part: float) -> float:
        """The value that only ``part`` of the bad releases exceed."""
        below = np.flatnonzero(self.above <= part + 1e-12)
        return float(self.values[below[0]]) if below.size else float(self.values[-1])


def curves(frame: pd.DataFrame, findings: Findings, measure: str) -> Iterator[Exceeded]:
    """One curve per strategy over its bad releases, each case with its share of them."""
    defects = findings.scenario.release.defects
    for strategy in findings.strategies:
        rows = frame[frame["strategy"] == strategy]
        samples = [rows.loc[rows["case"] == defect.name, measure].to_numpy(dtype=np.float64) for defect in defects]
        weights = [defect.share for defect in defects]
        if defects and all(len(sample) for sample in samples):
            found = exceedance(weights, samples, confidence=findings.scenario.study.confidence)
            band = float(np.max(np.maximum(found.high - found.chances, found.chances - found.low)))
            yield Exceeded(strategy=strategy, values=found.thresholds, above=found.chances, sure_within=band)


def exposure(frame: pd.DataFrame, findings: Findings) -> Chart | None:
    """Failed requests of bad releases."""
    found = list(curves(frame, findings, "failed_requests"))
    if not found:
        return None
    return _chart(found, findings, "failed_requests", "failed requests because of the release", _count, draw_exposure)


def downtime(frame: pd.DataFrame, findings: Findings) -> Chart | None:
    """Time below 99 % success in bad releases."""
    found = list(curves(frame, findings, "down_99"))
    if not found:
        return None
    what = "below 99 % success because of the release"
    return _chart(found, findings, "down_99", what, wording.seconds, draw_downtime)


def draw_exposure(found: Sequence[Exceeded], order: Sequence[str], ax: Axes | None = None) -> Axes:
    """Exceedance curves over failed requests, on a scale that keeps the small and the terrible apart."""
    ax = _draw(found, order, ax)
    ax.set_xscale("symlog", linthresh=10.0, linscale=0.6)
    ax.set_xlim(left=0, right=max(100.0, max(float(curve.values[-1]) for curve in found) * 1.3))
    ax.xaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    ax.set_xlabel("failed requests because of the release")
    return ax


def draw_downtime(found: Sequence[Exceeded], order: Sequence[str], ax: Axes | None = None) -> Axes:
    """Exceedance curves over time spent below 99 %."""
    ax = _draw(found, order, ax)
    longest = max(float(curve.values[-1]) for curve in found)
    ax.set_xlim(left=0, right=max(60.0, longest * 1.03))
    time_ticks(ax, max(60.0, longest * 1.03))
    ax.set_xlabel("time below 99 % success because of the release")
    return ax


def _draw(found: Sequence[Exceeded], order: Sequence[str], ax: Axes | None) -> Axes:
    ax = one_axes(8.4, 3.5, ax)
    for curve in found:
        place = list(order).index(curve.strategy)
        values = np.concatenate([[0.0], np.maximum(curve.values, 0.0)])
        above = np.concatenate([[100.0], curve.above * 100])
        ax.step(values, above, where="post", color=colour(place), linestyle=dashes(place), label=curve.strategy)
    ax.set(ylabel="bad releases that cost more, %", ylim=(0, 102))
    ax.legend(frameon=False, loc="upper right")
    return ax


def _chart(
    found: Sequence[Exceeded],
    findings: Findings,
    name: str,
    what: str,
    show: Callable[[float], str],
    draw: Callable[[Sequence[Exceeded], Sequence[str]], Axes],
) -> Chart:
    tails = {strategy: each.one_in_ten for (measure, strategy, given), each in findings.spreads.items()
             if (measure, given) == (name, "bad")}  # fmt: skip
    words = "; ".join(
        f"{curve.strategy}: half of the bad releases that were played cost more than {show(curve.by(0.5))}, "
        f"one in ten more than {show(curve.by(0.1))}{_sure(tails.get(curve.strategy), show)}"
        for curve in found
    )
    band = max(curve.sure_within for curve in found) * 100
    note = f"The true curves lie within {band:.0f} percentage points of these; more releases would narrow that."
    with style():
        axes = draw(found, findings.strategies)
        figure = axes.get_figure()
        assert figure is not None, "axes stand in a figure"
        svg = as_svg(figure, name, words)  # type: ignore[arg-type]
        pointed = read(
            axes,
            lambda at: f"more than {_finely(max(0.0, at)) if show is _count else show(max(0.0, at))}:",
            {curve.strategy: _chance_above(curve) for curve in found},
        )
    return Chart(title=_title(tails, what, show), svg=svg, words=words + ".", note=note, readings=(pointed,))


def _chance_above(curve: Exceeded) -> Callable[[float], str]:
    """Reads the share of bad releases that cost more; of releases that were played, so in whole percents."""
    values, above = np.concatenate([[-math.inf], curve.values]), np.concatenate([[1.0], curve.above])
    return held(values, above, lambda share: f"{100 * share:.0f} %")


def _title(tails: Mapping[str, Estimate], what: str, show: Callable[[float], str]) -> str:
    """What one bad release in ten exceeds, where the sample tells two strategies apart in that; else that it does not.

    Two are apart where their intervals do not meet, so that the better of a few curves is not taken for better.
    """
    known = {name: each for name, each in tails.items() if math.isfinite(each.low)}
    if not known:
        return f"How many bad releases have more than a given amount of {what}"
    if len(known) == 1:
        each = next(iter(known.values()))
        return f"One bad release in ten has more than {show(each.value)} {what}{_sure(each, show)}"
    hardest = max(known, key=lambda name: known[name].low)
    milder = [name for name in known if known[name].high < known[hardest].low]
    if not milder:
        return "Too few bad releases were played to compare the worst ones of each strategy"
    mildest = min(milder, key=lambda name: known[name].value)
    ours, theirs = (f"{show(known[name].value)}{_sure(known[name], show)}" for name in (hardest, mildest))
    return f"One bad release in ten has more than {ours} {what} under {hardest}, more than {theirs} under {mildest}"


def _sure(found: Estimate | None, show: Callable[[float], str]) -> str:
    """Both ends of an interval in brackets; an end the sample does not reach is said to be open."""
    if found is None or not math.isfinite(found.low):
        return ""
    high = f"to {show(found.high)}" if math.isfinite(found.high) else "or far more"
    return f" ({show(found.low)} {high})"


def _finely(value: float) -> str:
    return wording.rounded(float(f"{value:.3g}"), 0.0)


def _count(value: float) -> str:
    return wording.rounded(two_figures(value), 0.0)
