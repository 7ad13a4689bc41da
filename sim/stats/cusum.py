"""CUSUM of error counts: the evidence for a bad against a good error rate, since it last was nil.

E. Page, "Continuous inspection schemes", Biometrika 41 (1954). The past of a process that has long been good counts for
nothing: a change that comes late is found as soon as one that is there from the start. There is no chance of ever
raising a false alarm, only a rate: given for ever, it raises one for sure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum:
    """A good and a bad error ratio, and the sum (natural logarithms of odds) at which the alarm is raised."""

    good: float
    bad: float
    alarm_at: float

    def gain(self, requests: int, errors: int) -> float:
        """What so many requests and errors add to the sum.

        >>> test = Cusum(good=0.001, bad=0.01, alarm_at=5.0)
        >>> round(test.gain(1, 1), 6), round(test.gain(1, 0), 8)
        (2.302585, -0.00904984)
        """
        each_good = math.log((1 - self.bad) / (1 - self.good))
        return errors * math.log(self.bad / self.good) + (requests - errors) * each_good

    def after(self, total: float, requests: int, errors: int) -> float:
        """The sum after a batch, whose order within is not known; it never falls below zero."""
        return max(0.0, total + self.gain(requests, errors))

    def chance_of_alarm(self, batches: list[int], ratio: float, *, cells: int = 1000) -> float:
        """The chance of an alarm within batches of so many requests at an error ratio.

        The sum is followed on a grid of so many cells up to the alarm, what falls between two is shared out.
        """
        import numpy as np
        from scipy.stats import binom

        places = np.arange(cells, dtype=np.float64)
        going, alarms = np.zeros(cells), 0.0
        going[0] = 1.0
        for requests in batches:
            most = int(binom.isf(1e-12, requests, ratio)) + 1 if 0 < ratio < 1 else requests
            after = np.zeros(cells)
            for errors in range(most + 1):
                chance = float(binom.pmf(errors, requests, ratio))
                moved = np.maximum(0.0, places + self.gain(requests, errors) * cells / self.alarm_at)
                stays = moved < cells
                alarms += chance * float(going[~stays].sum())
                below = moved[stays].astype(np.int64)
                above, mass = moved[stays] - below, chance * going[stays]
                np.add.at(after, below, mass * (1.0 - above))
                np.add.at(after, np.minimum(below + 1, cells - 1), mass * above)
            going = after
        return alarms
