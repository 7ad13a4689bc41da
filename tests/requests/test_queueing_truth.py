"""Law 6: the request plane agrees with queueing theory, within intervals that fit the sample and no wider.

Each figure is a mean over independent runs of the compiled engine; the reference engine agrees with it to the bit (see
``test_engines_agree``) and is checked here on one short run of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, perform

from sim.laws.deterministic import Deterministic
from sim.laws.exponential import Exponential
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

WORK = 10 * MILLISECOND
RUNS, STANDARD_ERRORS = 12, 4.5  # one false alarm in 1,700 checks of twelve runs by Student's t
UNLIMITED = 10**9


def run(seed: int, *, servers: int, load: float, pods: int = 1, queue: int = UNLIMITED, **given: object) -> np.ndarray:
    """Finished requests after the warm-up: rows of the record. ``load`` is the use of one server."""
    stream: dict[str, object] = {"work": Exponential(mean=float(WORK))}
    stream |= {name: given.pop(name) for name in list(given) if name in StreamOfPlay.__dataclass_fields__}
    rate = load * servers * pods * SECOND / WORK
    play = Play(
        seed=seed,
        length=int(60_000 / rate) * SECOND,
        warm_up=int(20_000 / rate) * SECOND + SECOND,
        streams=(StreamOfPlay(rate=rate, **stream),),  # type: ignore[arg-type]
        pods=((0, servers, queue),) * pods,
        **given,  # type: ignore[arg-type]
    )
    seen = perform(play, CompiledEngine)
    record = seen["ledger.record"]
    return record[record[:, 2] >= 0]


def mean_response(record: np.ndarray) -> float:
    """Mean time in the system, in mean service times."""
    return float(np.mean(record[:, 3] - record[:, 2])) / WORK


def rejected(record: np.ndarray) -> float:
    """Share of requests turned away."""
    return float(np.mean(record[:, 4] == Outcome.REJECTED))


def assert_agrees(figure: Callable[[np.ndarray], float], truth: float, **given: object) -> None:
    """The mean over independent runs is within its own interval around the truth, and the interval is narrow."""
    values = np.array([figure(run(seed, **given)) for seed in range(RUNS)])  # type: ignore[arg-type]
    error = values.std(ddof=1) / math.sqrt(RUNS)
    assert error < 0.04 * truth, "the sample is too small to say anything"
    assert abs(values.mean() - truth) < STANDARD_ERRORS * error, f"{values.mean():.4f} against {truth:.4f}"


def erlang_b(servers: int, offered: float) -> float:
    """Blocking of M/M/c/c by Erlang's recursion."""
    blocking = 1.0
    for k in range(1, servers + 1):
        blocking = offered * blocking / (k + offered * blocking)
    return blocking


def erlang_c_response(servers: int, load: float) -> float:
    """Mean response of M/M/c in service times."""
    blocking = erlang_b(servers, servers * load)
    waits = blocking / (1 - load * (1 - blocking))
    return 1 + waits / (servers * (1 - load))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (4, 0.7), (10, 0.8)])
def test_mean_response_of_mmc_is_erlang_c(servers: int, load: float) -> None:
    assert_agrees(mean_response, erlang_c_response(servers, load), servers=servers, load=load)


@pytest.mark.parametrize(("servers", "load"), [(5, 1.0), (10, 0.8)])
def test_share_rejected_without_a_queue_is_erlang_b(servers: int, load: float) -> None:
    assert_agrees(rejected, erlang_b(servers, servers * load), servers=servers, load=load, queue=0)


def test_loss_is_insensitive_to_the_service_law() -> None:
    work = Deterministic(value=float(WORK))
    assert_agrees(rejected, erlang_b(10, 8.0), servers=10, load=0.8, queue=0, work=work)


def test_mean_response_of_md1_is_pollaczek_khinchine() -> None:
    work = Deterministic(value=float(WORK))
    assert_agrees(mean_response, 1 + 0.7 / (2 * 0.3), servers=1, load=0.7, work=work)


def test_share_rejected_of_mm1_with_five_places_is_the_birth_death_chain() -> None:
    load, places = 0.8, 5
    truth = (1 - load) * load**places / (1 - load ** (places + 1))
    assert_agrees(rejected, truth, servers=1, load=load, queue=places - 1)


def test_random_balancing_over_pods_is_so_many_separate_queues() -> None:
    assert_agrees(mean_response, 1 / (1 - 0.7), servers=1, load=0.7, pods=10, balancer="random")


def erlang_arrivals_response(phases: int, load: float) -> float:
    """Mean response of E_n/M/1 by its root: sigma is the transform of the gaps at 1 - sigma (Kleinrock, ch. 6)."""
    sigma = load
    for _ in range(1_000):
        sigma = (phases * load / (phases * load + 1 - sigma)) ** phases
    return 1 / (1 - sigma)


def test_round_robin_over_pods_makes_each_a_queue_with_erlang_arrivals() -> None:
    pods, load = 5, 0.7
    truth = erlang_arrivals_response(pods, load)
    assert_agrees(mean_response, truth, servers=1, load=load, pods=pods, balancer="round_robin")


def test_least_request_over_two_pods_is_the_shortest_queue() -> None:
    # 2.1082 is the exact mean of the chain of both queues' lengths, cut off at 40
    assert_agrees(mean_response, 2.1082, servers=1, load=0.7, pods=2, balancer="least_request")


def test_two_choices_over_many_pods_is_near_the_mean_field() -> None:
    # Mitzenmacher 2001: at load 0.7 the limit is 1.6145; with 100 pods and two different choices 1.62105 was simulated
    record = np.concatenate([run(seed, servers=1, load=0.7, pods=100, balancer="two_choices") for seed in range(6)])
    assert mean_response(record) == pytest.approx(1.621, rel=0.012)


def test_retries_of_independent_failures_are_a_truncated_geometric_sum() -> None:
    chance, tries = 0.3, 2
    given = {
        "retry_rule": "backoff",
        "retry_max": tries,
        "retry_on": 1 << Outcome.ERROR,
        "actions": ((-(10**12), "fail", (0.0, chance)),),
    }
    record = run(3, servers=1, load=0.2, pods=10, **given)
    attempts = (1 - chance ** (tries + 1)) / (1 - chance)
    assert record[:, 5].mean() == pytest.approx(attempts, rel=0.02)
    assert (record[:, 4] != Outcome.SUCCEEDED).mean() == pytest.approx(chance ** (tries + 1), rel=0.12)


def test_the_reference_engine_agrees_with_erlang_c_on_its_own() -> None:
    stream = StreamOfPlay(rate=150.0, work=Exponential(mean=float(WORK)))
    play = Play(seed=5, length=60 * SECOND, warm_up=5 * SECOND, streams=(stream,), pods=((0, 3, UNLIMITED),))
    record = perform(play, ReferenceEngine)["ledger.record"]
    assert mean_response(record) == pytest.approx(erlang_c_response(3, 0.5), rel=0.05)
