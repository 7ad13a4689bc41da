"""What is published, what a list of releases says and what both come to, beside each other as text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from itertools import pairwise

from scipy import stats

from sim.exchange.history.fits import PRIOR_SOURCE, Learnt, Rate, Spread
from sim.exchange.history.inputs import not_told
from sim.units import show_share, two_figures

CELLS, MOST = 40, 0.5
"""Width of a picture, and the largest share in it."""
BARS = " ▁▂▃▄▅▆▇█"


def told(found: Learnt, now: Mapping[str, str], width: int) -> str:
    """Prior, list and both, figure by figure."""
    bad, all_of_them = len(found.history.bad), len(found.history.releases)
    lines = ["change failure rate", *row("published", found.prior, PRIOR_SOURCE)]
    lines.append(
        f"  {'your list':<14}{show_share(two_figures(bad / all_of_them)):>7}  {bad} of {all_of_them} releases were bad"
    )
    lines += [*row("both", found.rate, "what a scenario should say"), *written("your scenario", now, "rate")]
    if found.causes:
        lines += ["", f"causes of the {sum(each.count for each in found.causes)} bad releases that have one"]
        for each in found.causes:
            low, high = each.share.ends()
            ends = f"{show_share(two_figures(low))} to {show_share(two_figures(high))}"
            lines.append(f"  {each.name:<14}{show_share(two_figures(each.share.mean)):>7}  {each.count}; {ends}")
        lines += written("your scenario", now, "causes")
    lines += _spread(
        "peak share of errors of the new version", found.errors, lambda each: show_share(two_figures(min(each, 1)))
    )
    lines += _spread("minutes until a person notices", found.noticed, lambda each: f"{two_figures(each):g}")
    lines += _spread("minutes from noticing to the end", found.reaction, lambda each: f"{two_figures(each):g}")
    if found.reaction is not None:
        lines += written("your scenario", now, "reaction")
    if found.a_year is not None:
        likely, fewest, most = (f"{two_figures(each):,.0f}" for each in found.a_year)
        lines += ["", f"releases a year: about {likely} ({fewest} to {most})"]
    lines += ["", "90 % sure of each range. What this list cannot say:"]
    lines += [textwrap.fill(each, width, initial_indent="  - ", subsequent_indent="    ") for each in not_told(found)]
    return "\n".join(lines)


def row(name: str, rate: Rate, note: str) -> list[str]:
    """A law of a share: its mean, range and note, and its density drawn below."""

    low, high = rate.ends()
    ends = f"{show_share(two_figures(low))} to {show_share(two_figures(high))}"
    return [
        f"  {name:<14}{show_share(two_figures(rate.mean)):>7}  {ends}; {note}",
        f"  {'':<14}     0 %{picture(rate)}{show_share(MOST)}",
    ]


def picture(rate: Rate) -> str:
    """How likely each share is, from 0 to :data:`MOST`, as a row of bars."""
    edges = [MOST * cell / CELLS for cell in range(CELLS + 1)]
    chances = [float(stats.beta.cdf(edge, rate.bad, rate.good)) for edge in edges]
    heights = [after - before for before, after in pairwise(chances)]
    most = max(heights)
    return "".join(BARS[round(each / most * (len(BARS) - 1))] for each in heights)


def written(name: str, now: Mapping[str, str], key: str) -> list[str]:
    """What a scenario says now of a figure; nothing where none was named."""
    return [f"  {name:<14}{'':>7}  {now[key]}"] if now.get(key) else []


def _spread(name: str, found: Spread | None, show: Callable[[float], str]) -> list[str]:
    if found is None:
        return []
    said = [f"half below {show(found.middle.value)} ({show(found.middle.low)} to {_most(found.middle.high, show)})"]
    said.append(
        f"one in twenty above {show(found.slow.value)} ({show(found.slow.low)} to {_most(found.slow.high, show)})"
    )
    return ["", f"{name}, of {found.seen} bad releases", *(f"  {each}" for each in said)]


def _most(value: float, show: Callable[[float], str]) -> str:
    return "any" if value == float("inf") else show(value)
