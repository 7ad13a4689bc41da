"""The person on call on the test bench: when a release of graded badness would be taken back by hand.

The rules are those of ``sim/cluster/oncall.py``, on counts that were scraped in advance; a test holds the two against
each other. Where a window reaches back before the release, it is filled as if the running version had served all of it,
as it always has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.resolved import OnCall
from sim.units import SECOND
from sim.versions import NEVER
from sim.whatif.bench import Scraped
from sim.whatif.trials import Setting

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is paged, and by what rule."""

    rule: OnCall

    def acts_at(self, seen: Scraped, setting: Setting, luck: Callable[[int], float]) -> int:
        """When the person takes the release back, ns; NEVER where that is not before the last hold ends.

        ``luck`` gives the uniform of each page, by its number.
        """
        troubled = self._troubled(seen, setting)
        acting, last_trouble, pages = NEVER, 0, 0
        for look in [*(each for each in setting.times if each >= 0), setting.holds[-1].end + 1]:
            if acting < look:
                if acting - last_trouble <= self.rule.clears_after:
                    return acting
                acting = NEVER  # stands down
            if look in troubled:
                last_trouble = look
                if acting == NEVER:
                    acting, pages = look + int(self.rule.reacts.quantile(luck(pages))), pages + 1
        return NEVER

    def _troubled(self, seen: Scraped, setting: Setting) -> frozenset[int]:
        """The looks at which the worst series with enough requests is at or above the level."""
        looks = np.array([each for each in setting.times if each >= 0], dtype=np.int64)
        times = np.asarray(seen.times, dtype=np.int64)
        asked = np.array([seen.asked_at(int(look)) for look in looks], dtype=np.int64)
        newer = np.searchsorted(times, asked, side="right") - 1
        there = (newer > 0) & (times[newer] > 0)  # no page rests on the time before the release alone
        looks, newer, begins = looks[there], newer[there], asked[there] - self.rule.window
        requests, errors = self._in_windows(seen, setting, times, newer, begins)
        enough = requests >= max(1, self.rule.min_requests)
        bad = (errors >= self.rule.notices_at * requests) & enough
        return frozenset(looks[bad.any(axis=1)].tolist())

    def _in_windows(
        self,
        seen: Scraped,
        setting: Setting,
        times: NDArray[np.int64],
        newer: NDArray[np.int64],
        begins: NDArray[np.int64],
    ) -> tuple[Floats, Floats]:
        """Requests and errors of each look's window, by stream or of all."""
        older = np.minimum(np.searchsorted(times, begins, side="left"), newer)
        missing = np.maximum(0, times[0] - begins)[:, None] / SECOND
        before = missing * np.asarray(setting.rate(0), dtype=np.float64)
        requests = (seen.requests[newer] - seen.requests[older]).sum(axis=1) + before
        errors = (seen.errors[newer] - seen.errors[older]).sum(axis=1) + before * setting.errors
        if self.rule.per == "stream":
            return requests, errors
        return requests.sum(axis=1, keepdims=True), errors.sum(axis=1, keepdims=True)
