"""Which of several is best: intervals for all pairs at once, and for each against the best of the others.

Whoever is compared with the leader has to account for the leader having been picked by the same data. Intervals that
hold for all pairs together do: whichever pair is looked at, and for whatever reason, its interval holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from sim.stats.intervals import Interval, Sample
from sim.stats.paired import Comparison, stratified_difference

Pairs = Mapping[tuple[str, str], Comparison]
"""(first, second) -> first minus second, both ways round."""


def all_pairs(
    weights: Sequence[float], contestants: Mapping[str, Sequence[Sample]], confidence: float = 0.95
) -> dict[tuple[str, str], Comparison]:
    """Every difference on common luck, with intervals that hold all together (Bonferroni)."""
    count = len(contestants) * (len(contestants) - 1) // 2
    level = 1 - (1 - confidence) / max(1, count)
    return {
        (first, second): stratified_difference(weights, contestants[first], contestants[second], level)
        for first, second in permutations(contestants, 2)
    }


def against_the_best(pairs: Pairs) -> dict[str, Interval]:
    """Each one's expected loss minus that of the best of the others, all together with the pairs' confidence.

    Less is better: wholly below 0, it is the best; wholly above 0, it is not. The difference to the best of the others
    is the greatest of the differences to each, and so lies between the greatest lower and the greatest upper bound (Y.
    Edwards and J. Hsu, Multiple comparisons with the best treatment, 1983).
    """
    found: dict[str, Interval] = {}
    for name in dict.fromkeys(first for first, _ in pairs):
        apart = [each.estimate for (first, _), each in pairs.items() if first == name]
        found[name] = Interval(
            value=max(each.value for each in apart),
            low=max(each.low for each in apart),
            high=max(each.high for each in apart),
            n=max(each.n for each in apart),
            method=f"against the best, {apart[0].method}",
        )
    return found
