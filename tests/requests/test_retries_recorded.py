"""A proxy's retries against recordings of a real one.

HAProxy 2.6 before real server processes: 150 requests a second, five pods of four slots that work on when nobody
waits, lognormal work with a mean of 60 ms and a sigma of 0.6. From 5 s to 20 s all requests go to a version whose mean
is 126 ms. ``timeout server 400ms``, ``retry-on response-timeout``, ``retries 2``, ``option redispatch 1``; the client
waits 2 s. Three runs with seeds of their own gave the numbers of failed requests below.
"""

from __future__ import annotations

import math
from typing import Any

from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, perform

from sim.laws.lognormal import Lognormal
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine

RECORDED = (1876, 1059, 1584)
SIGMA = 0.6
MEDIAN = 60 * MILLISECOND / math.exp(SIGMA**2 / 2)
WORK = Lognormal(percentiles=((0.5, MEDIAN), (0.95, MEDIAN * math.exp(1.6448536 * SIGMA))))
PROXY: dict[str, Any] = {
    "timeout": 400 * MILLISECOND,
    "proxy_max": 2,
    "proxy_on": 1 << Outcome.TIMEOUT,
    "call_limit": 2 * SECOND,
    "keeps": 1,
    "elsewhere": 1,
}


def failed(seed: int, fresh: int) -> int:
    """Requests that failed in forty seconds."""
    stream = StreamOfPlay(rate=150.0, work=WORK, retry_rule="backoff", fresh=fresh, **PROXY)
    actions = (
        (-(10**12), "fail", (0.0, 0.002)),
        (5 * SECOND, "all to new", (1.0, 2.1)),
        (20 * SECOND, "all to new", (0.0, 2.1)),
    )
    play = Play(
        seed=seed,
        length=40 * SECOND,
        warm_up=2 * SECOND,
        balancer="two_choices",
        streams=(stream,),
        pods=tuple((version, 4, 10**6) for version in (0, 1) for _ in range(5)),
        actions=actions,
    )
    rows = perform(play, CompiledEngine)["ledger.record"]
    return int((rows[rows[:, 2] >= 0][:, 4] != Outcome.SUCCEEDED).sum())


def test_the_failures_of_a_real_proxy_that_retries_timeouts_lie_in_the_spread_of_plays() -> None:
    played = sorted(failed(seed, fresh=1) for seed in range(10))
    assert played[0] < min(RECORDED)
    assert max(RECORDED) <= played[-1]
    assert played[0] < sum(RECORDED) / 3 < played[-1]


def test_a_retry_that_kept_its_work_would_fail_more_often_than_the_mildest_recording() -> None:
    assert min(failed(seed, fresh=0) for seed in range(10)) > min(RECORDED)
