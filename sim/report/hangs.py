"""What the verdict hangs on: how far the advantage moves as one input goes from one end to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.report import wording
from sim.report.charts import BAD, FAINT, INK, SERIES, Chart, as_svg, one_axes, style
from sim.report.table import deciding
from sim.study.findings import Findings, Swing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTE = (
    "These inputs need no further simulation: they only weigh the releases that were played anew. Thin lines are "
    "simulation noise. For every other input run: rollrisk sweep FILE."
)


def tornado(findings: Findings) -> Chart | None:
    """The swings as bars, the widest first; None where there is nothing to swing."""
    if not findings.swings:
        return None
    words = " ".join(sentences(findings))
    with style():
        figure = draw(findings).get_figure()
        assert figure is not None, "axes stand in a figure"
        return Chart(title=title(findings), svg=as_svg(figure, "hangs", words), words=words, note=NOTE)  # type: ignore[arg-type]


def title(findings: Findings) -> str:
    """Whether any of these inputs turns the verdict, and which moves it most."""
    turning = [each for each in findings.swings if each.better]
    first = (turning or findings.swings)[0]
    if not turning:
        return (
            f"None of these inputs alone changes the verdict; {first.input} ({first.low} to {first.high}) matters most"
        )
    return f"{first.input} ({first.low} to {first.high}) can change the verdict: {first.better} is better at one end"


def sentences(findings: Findings) -> Iterator[str]:
    """One per input: the advantage at both ends, and who is better where the verdict turns."""
    measure = deciding(findings)
    for place, each in enumerate(findings.swings):
        ends = f"{wording.with_noise(each.at_low)} at {each.low}, {wording.with_noise(each.at_high)} at {each.high}"
        whose = f"{each.chosen} saves against {each.other} ({measure} per release)" if not place else "it saves"
        turns = f"; there {each.better} is better" if each.better else ""
        yield f"{each.input}: {whose} {ends}{turns}."


def draw(findings: Findings, ax: Axes | None = None) -> Axes:
    """A bar per input from the advantage at its low to that at its high end, both ends written beside it."""
    swings: Sequence[Swing] = findings.swings
    ax = one_axes(8.4, 0.8 + 0.42 * len(swings), ax)
    for place, each in enumerate(swings):
        low, high = each.at_low, each.at_high
        ax.plot([low.value, high.value], [place, place], color=SERIES[0], linewidth=9, solid_capstyle="butt", alpha=0.8)
        for end, written, away in ((low, each.low, -1), (high, each.high, 1)):
            ax.plot([end.low, end.high], [place, place], color=INK, linewidth=1)
            side = away if high.value >= low.value else -away
            edge = end.low if side < 0 else end.high
            ax.annotate(
                written, (edge, place), xytext=(5 * side, 0), textcoords="offset points",
                ha="right" if side < 0 else "left", va="center", fontsize=8.5, color=FAINT,
            )  # fmt: skip
    ax.axvline(0, color=BAD, linewidth=1.2)
    ax.set_yticks(range(len(swings)), [each.input for each in swings])
    ax.set_ylim(len(swings) - 0.4, -0.6)
    ax.margins(x=0.12)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    first = swings[0]
    ax.set_xlabel(f"{deciding(findings)} per release that {first.chosen} saves against {first.other}")
    return ax
