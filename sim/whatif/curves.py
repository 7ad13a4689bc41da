"""The operating characteristic drawn: the chance to stop a release against its true error ratio, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import UsageError
from sim.whatif.power import Power

FORMATS = (".svg", ".png", ".pdf")


def draw(powers: Sequence[Power], path: Path) -> None:
    """Draw one panel for each strategy into a file; raises UsageError for a kind of file we do not write."""
    if path.suffix not in FORMATS:
        raise UsageError(f"cannot draw into {path.name}; the name must end in {', '.join(FORMATS)}")
    from matplotlib.figure import Figure

    strategies = list(dict.fromkeys(power.strategy for power in powers))
    figure = Figure(figsize=(6.4, 3.4 * len(strategies)), layout="constrained")
    panels = figure.subplots(len(strategies), 1, squeeze=False)[:, 0]
    for panel, strategy in zip(panels, strategies, strict=True):
        for power in (each for each in powers if each.strategy == strategy):
            grades = [grade for grade in power.grades if grade.ratio > 0 and grade.slower == 1.0]
            ratios = [100 * grade.ratio for grade in grades]
            values = [100 * grade.stopped.value for grade in grades]
            below = [100 * (grade.stopped.value - grade.stopped.low) for grade in grades]
            above = [100 * (grade.stopped.high - grade.stopped.value) for grade in grades]
            line = panel.errorbar(ratios, values, yerr=[below, above], marker="o", capsize=3, label=power.gate)
            closed = [(100 * g.ratio, 100 * g.by_arithmetic) for g in grades if g.by_arithmetic is not None]
            if closed:
                colour = line.lines[0].get_color()
                panel.plot(*zip(*closed, strict=True), linestyle=":", color=colour, label=f"{power.gate}, by formula")
        panel.set(xscale="log", ylim=(-3, 103), title=strategy)
        panel.set(xlabel="true error ratio of the new version, %", ylabel="releases stopped, %")
        panel.legend(frameon=False, fontsize="small")
    figure.savefig(path)
