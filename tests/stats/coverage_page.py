"""The page that tells what was measured of every interval: docs/validation-statistics.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation-statistics.md"
INTRODUCTION = """\
# Holds what it promises, as often as it says

An interval is a promise: in 95 of 100 studies it holds the truth. `make verify` tests that promise on worlds whose
truth is known, and writes this page: samples are drawn, the interval is made as the product makes it, and it is counted
how often it held the truth. The tables give that share in percent; 95 was asked, and the counting error is ±1.4 in the
first and fourth table, ±1.9 in the second and third.

A world has good releases (nine of ten) and two defects with shared luck and samples of unequal length: n of the first
defect, half of that of the second, a fifth of good ones. *Skewed* losses are lognormal with a log standard deviation of
0.5 (a little), 1 and 1.5 (very much), *gamma* ones of shape 1/2, *Pareto* ones of 2.5, without a third moment;
*bounded* ones are beta of 0.5 and 1, and of 0.3 and 0.3. `tests/stats/coverage_worlds.py` has them all.

What follows for the product:

- The symmetric t interval misses skewed losses on the high side. The product's intervals *lean*: each side is the
  wider of the t interval's and of P. Hall's transformation of it (1992). They hold as often as the bootstrap-t
  interval or more often, and cost no resampling. Equal strategies have a winner in no more than 5 % of experiments by
  them, as `tests/study/test_study_ruling.py` holds.
- From 50 replications of each defect on they hold in 89 % of studies or more even where losses are skewed very much,
  and in 93 % where they are skewed as lognormal losses with a log standard deviation of 1. The default pilot is
  therefore 50, and a study with less says so beside its verdict. A few hundred more gain one or two points.
- A study that stops at the first narrow interval may stop too early: with a pilot of 10 and rare harm its interval
  held in fewer than half of the studies; with a pilot of 50 in 87 % or more in every world (second table).
- The mean of the worst tenth is told from 70 bad releases on. It is weakest where losses pile up at the worst there can
  be: 89 % at n = 50 and 100, and 93 % at 300.
- What one year in twenty exceeds is computed, not drawn (third table). It holds in 87 % or more from n = 50 on, in 93 %
  or more at 300, and mostly in more than it promises; least where the tail is long and a year has many releases, so
  that one year in twenty hangs on losses that were never played.
- Ratios are the weakest: below 100 replications of a skewed loss they hold in 82 to 93 %, of rare harm in fewer.
- The break-even lies between two rates of which nothing more is claimed than of a difference: at the true one the
  difference is zero, and its interval holds that as often as the table says.
- A mean time (to notice, to stop, to restore) is that of what is at most the horizon, and so is of a bounded number.

Not used, and why: *control variates*. A bad release's own draw and the reaction time of the person on call come from
numbers whose mean is known exactly, and regression on such numbers leaves about half of the width of an interval. But
regression learns from the same few releases, and its intervals then hold less often than they promise (fourth table):
with the pilot of 50 in as few as eight of ten studies of very skewed losses. Narrow and wrong is no gain, and the
figures would no longer be plain means of the rows that are stored beside them.
"""


def page(intervals: Iterable[str], stopping: Iterable[str], years: Iterable[str], controls: Iterable[str]) -> str:
    """The whole page from its four tables."""
    parts = (
        INTRODUCTION,
        "## Every interval, by the number of replications\n",
        "\n".join(intervals) + "\n",
        "## At the end of a study that stops by itself\n",
        "By the asked half-width and the pilot per defect.\n",
        "\n".join(stopping) + "\n",
        "## What one year in twenty exceeds\n",
        "By the releases of a year and the number of replications.\n",
        "\n".join(years) + "\n",
        "## With control variates, which are not used\n",
        "Loss per release, leaning, as in the first table, and what is left of the width of the interval.\n",
        "\n".join(controls) + "\n",
    )
    return "\n".join(parts)
