"""A baseline of the canary's size, as Kayenta asks for: fresh pods of the running version, as many as the canary has.

Such a group meets as many requests as the canary, chosen by a balancer that does not look at what comes of them. So
each request of the running version is in it with the same chance, and what the group counts is drawn from the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.draws import Purpose, block, uniform
from sim.versions import NEW, STABLE

if TYPE_CHECKING:
    from sim.observation import Observation

_WORDS = 2**32


def fresh_group(seen: Observation, luck: float, address: int) -> Observation:
    """The window with the running version cut down to about as many requests as the new version has.

    ``luck`` is the gate's uniform in this release, ``address`` tells windows apart. Unchanged where the running version
    has no more requests than the new one, or that has none.
    """
    new, stable = int(seen.requests[NEW].sum()), int(seen.requests[STABLE].sum())
    if not 0 < new < stable:
        return seen
    latency = np.zeros(0, dtype=np.int64) if seen.latency is None else seen.latency[STABLE]
    bad, good = seen.errors[STABLE], seen.requests[STABLE] - seen.errors[STABLE]
    drawn = _drawn(np.concatenate([bad, good, latency.ravel()]), new / stable, luck, address)
    errors, requests = seen.errors.copy(), seen.requests.copy()
    errors[STABLE] = drawn[: len(bad)]
    requests[STABLE] = drawn[: len(bad)] + drawn[len(bad) : 2 * len(bad)]
    if seen.latency is None:
        return replace(seen, requests=requests, errors=errors)
    shown = seen.latency.copy()
    shown[STABLE] = drawn[2 * len(bad) :].reshape(latency.shape)
    return replace(seen, requests=requests, errors=errors, latency=shown)


def _drawn(counts: NDArray[np.int64], share: float, luck: float, address: int) -> NDArray[np.int64]:
    """Of each count the part that is in the group; each has its own luck."""
    from scipy.stats import binom

    places = np.arange(len(counts), dtype=np.int64)
    words = block(int(luck * _WORDS), 0, int(Purpose.FRESH_GROUP), address, places)
    return np.asarray(binom.ppf(np.asarray(uniform(words[0])), counts, share)).astype(np.int64)
