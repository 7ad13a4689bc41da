"""The service that examples and defaults of gates are meant for: no good release is stopped there, no bad one passes.

A gate that fits one service stops good releases of another: with fewer requests a window holds too few, with more
errors a bound is too tight. So each example stands beside the rate, the weight and the hold it is made for.
"""

from __future__ import annotations

from sim.laws.lognormal import Lognormal
from sim.units import MINUTE, SECOND, show_duration, show_share
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting

RATE, WEIGHT, HOLD, ERRORS = 100.0, 0.1, 45 * MINUTE, 0.0005
"""Requests per second of the whole service, the canary's share, how long it is held, and today's error ratio."""
REPLICAS = 10
"""Pods of the running version; one serves the canary's share."""


def meant_for() -> str:
    """The service in words.

    >>> meant_for()
    'a service with 100 requests/s and 0.05 % errors today, a canary at 10 % held for 45m'
    """
    return (
        f"a service with {RATE:g} requests/s and {show_share(ERRORS)} errors today, a canary at {show_share(WEIGHT)}"
        f" held for {show_duration(HOLD)}"
    )


def reference_setting(seed: int) -> Setting:
    """The service on the test bench."""
    return Setting(
        streams=("all",),
        rate=lambda _: (RATE,),
        holds=(Hold(start=0, end=HOLD, share=WEIGHT, pods=max(1, round(WEIGHT * REPLICAS))),),
        errors=ERRORS,
        scrape=15 * SECOND,
        seed=seed,
        work=(Lognormal(percentiles=((0.5, 60e6), (0.95, 200e6))),),
        lag=5 * SECOND,
        lead=10 * MINUTE,
    )
