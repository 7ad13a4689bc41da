"""How a cost is spread over the releases of each strategy, the good and the bad in lanes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.report import wording
from sim.report.charts import FAINT, INK, Chart, as_svg, colour, one_axes, style
from sim.study.findings import Findings, Spread
from sim.study.spread import marks
from sim.study.wording import listed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MEASURE = "failed_requests"
MARKS = 50
"""Marks of a lane; each stands for an equal share of the releases."""
LANES = ("good", "bad")


def exposure_lanes(frame: pd.DataFrame, findings: Findings) -> Chart | None:
    """Failed requests of good and of bad releases; None where they are not all known."""
    if not all((MEASURE, name, "bad") in findings.spreads for name in findings.strategies):
        return None
    words = " ".join(sentences(findings))
    with style():
        figure = draw(frame, findings).get_figure()
        assert figure is not None, "axes stand in a figure"
        svg = as_svg(figure, "lanes", words)  # type: ignore[arg-type]
    note = (
        f"Each tick is one release in {MARKS}, each defect with its share; the dot is the median, the circle the worst "
        "release that was played. A tick left of the first line failed no request."
    )
    return Chart(title=title(findings), svg=svg, words=words, note=note)


def title(findings: Findings) -> str:
    """What the good releases that were played cost; the bad ones have a picture of their own."""
    good = {name: findings.spreads.get((MEASURE, name, "good")) for name in findings.strategies}
    known = {name: each for name, each in good.items() if each is not None}
    costly = [name for name, each in known.items() if each.worst > 0]
    if not known:
        return "Failed requests of each release, by strategy"
    n = min(each.n for each in known.values())
    if not costly:
        return f"No request failed because of a good release ({n:,} were played with each strategy)"
    told = listed([f"{wording.share(1 - known[name].untouched.value)} with {name}" for name in costly])
    return f"Some good releases fail requests: {told} ({n:,} were played with each strategy)"


def sentences(findings: Findings) -> Iterator[str]:
    """The same in words, a sentence per strategy and lane."""
    for name in findings.strategies:
        for given in LANES:
            found = findings.spreads.get((MEASURE, name, given))
            if found is not None:
                yield f"{name}, {given}: {_told(found)}."


def _told(found: Spread) -> str:
    half, rare, worst = (
        wording.rounded(value, 0.0) for value in (found.half.value, found.one_in_ten.value, found.worst)
    )
    none = wording.share(found.untouched.value)
    return (
        f"{none} of {found.n:,} releases fail no request, half fail more than {half}, one in ten more than {rare}, "
        f"the worst {worst}"
    )


def draw(frame: pd.DataFrame, findings: Findings, ax: Axes | None = None) -> Axes:
    """Two lanes per strategy."""
    ax = one_axes(8.4, 0.9 + 0.62 * len(findings.strategies), ax)
    ticks, labels, most = [], [], 10.0
    for place, name in enumerate(findings.strategies):
        for step, given in enumerate(LANES):
            values = _marks(frame, findings, name, given)
            if not len(values):
                continue
            height = 2.4 * place + step
            ink = FAINT if given == "good" else colour(place)
            worst = findings.spreads[MEASURE, name, given].worst if (MEASURE, name, given) in findings.spreads else 0.0
            ax.plot(
                values, np.full(len(values), height), "|", color=ink, markersize=11, markeredgewidth=1.3, alpha=0.75
            )
            ax.plot(values[len(values) // 2], height, "o", color=INK, markersize=5)
            ax.plot(worst, height, "o", markerfacecolor="none", markeredgecolor=ink, markersize=8)
            ticks.append(height)
            labels.append(f"{name}, {given}")
            most = max(most, worst)
    ax.set_yticks(ticks, labels)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xscale("symlog", linthresh=10.0, linscale=0.6)
    ax.set_xlim(left=-1.5, right=most * 1.5)
    ax.set_xticks([0, *(10.0**power for power in range(1, 9) if 10.0**power < most * 1.5)])
    ax.minorticks_off()
    ax.xaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    ax.set_xlabel("failed requests because of the release")
    return ax


def _marks(frame: pd.DataFrame, findings: Findings, strategy: str, given: str) -> NDArray[np.float64]:
    shares = {"good": 1.0} if given == "good" else {each.name: each.share for each in findings.scenario.release.defects}
    own = frame[frame["strategy"] == strategy]
    samples = [own.loc[own["case"] == case, MEASURE].to_numpy(dtype=np.float64) for case in shares]
    if not samples or not all(len(sample) for sample in samples):
        return np.zeros(0)
    return np.maximum(marks(list(shares.values()), samples, MARKS), 0.0)
