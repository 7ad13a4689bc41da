"""Work and concurrency from response times: near the truth of made-up services, with intervals that hold as told."""

from __future__ import annotations

import heapq
import json
import math
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.exchange.measured.data import Floats, Ints, Single
from sim.exchange.measured.fits.figure import CONFIDENCE
from sim.exchange.measured.fits.work import Spread, Work, fit_work, found_under_way, resolution

MEAN = 0.05
SERVICES = [
    pytest.param(4, 4, (0.3, 0.6, 0.8), 1.0, "random", id="random, up to 80 % busy"),
    pytest.param(10, 4, (0.3, 0.7), 0.5, "random", id="even work, up to 70 % busy"),
    pytest.param(4, 4, (0.3, 0.6, 0.85), 1.0, "emptiest", id="the emptiest pod, up to 85 % busy"),
    pytest.param(4, 4, (0.3, 0.6, 0.8), 1.0, "in turn", id="in turn, up to 80 % busy"),
]
SPREADS: dict[str, Spread] = {"random": "random", "emptiest": "even", "in turn": "even", "two draws": "between"}
PLAYS = [pytest.param(6, id="few"), pytest.param(200, id="many", marks=pytest.mark.verify)]


def served(
    luck: np.random.Generator, pods: int, slots: int, uses: tuple[float, ...], spread: float, choose: str, number: int
) -> tuple[Ints, Floats]:
    """When each request began (ns) and how long it took (ns): queues before slots, by hand."""
    scale = math.sqrt(math.log(1 + spread**2))
    gaps = np.concatenate([luck.exponential(MEAN / (use * pods * slots), number // len(uses)) for use in uses])
    began, work = np.cumsum(gaps), luck.lognormal(math.log(MEAN) - scale**2 / 2, scale, len(gaps))
    free = [[0.0] * slots for _ in range(pods)]
    inside: list[list[float]] = [[] for _ in range(pods)]
    took, drawn = np.empty(len(gaps)), luck.integers(0, pods, len(gaps))
    for place, at in enumerate(began):
        pod = int(drawn[place]) if choose == "random" else place % pods
        if choose in ("emptiest", "two draws"):
            for each in inside:
                while each and each[0] <= at:
                    heapq.heappop(each)
            among = range(pods) if choose == "emptiest" else (int(drawn[place]), int(luck.integers(pods)))
            pod = min(among, key=lambda one: len(inside[one]))
        end = max(at, free[pod][0]) + work[place]
        heapq.heapreplace(free[pod], end)
        heapq.heappush(inside[pod], end)
        took[place] = end - at
    return np.round(began * 1e9).astype(np.int64), took * 1e9


def fitted(seed: int, pods: int, slots: int, uses: tuple[float, ...], spread: float, choose: str) -> Work:
    began, took = served(np.random.default_rng(seed), pods, slots, uses, spread, choose, 12_000)
    found = fit_work({"web": Single(began=began, took=took, failed=None)}, pods=pods, spread=SPREADS[choose])
    assert found is not None
    return found


def truth(spread: float) -> dict[float, float]:
    scale = math.sqrt(math.log(1 + spread**2))
    middle = MEAN * math.exp(-(scale**2) / 2) * 1e9
    return {0.5: middle, 0.95: middle * math.exp(1.6449 * scale)}


@pytest.mark.parametrize("plays", PLAYS)
@pytest.mark.parametrize(("pods", "slots", "uses", "spread", "choose"), SERVICES)
def test_work_and_concurrency_are_found_though_requests_wait(
    pods: int, slots: int, uses: tuple[float, ...], spread: float, choose: str, plays: int
) -> None:
    found = [fitted(seed, pods, slots, uses, spread, choose) for seed in range(plays)]
    least = CONFIDENCE - 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / plays) - 0.03  # 0.03: those that waited a little
    held = [each.concurrency is not None and each.concurrency.low <= slots <= each.concurrency.high for each in found]
    assert np.mean(held) >= least
    assert np.mean([each.concurrency is not None and not math.isinf(each.concurrency.high) for each in found]) > 0.8
    for share, true in truth(spread).items():
        figures = [each.quantiles["web"][share] for each in found]
        assert np.mean([each.value for each in figures]) == pytest.approx(true, rel=0.02)
        assert np.mean([each.low <= true <= each.high for each in figures]) >= least


def test_of_two_draws_no_least_concurrency_is_told_and_what_is_told_is_near() -> None:
    found = [fitted(seed, 10, 8, (0.3, 0.7, 0.85), 1.0, "two draws") for seed in range(12)]
    told = [each.concurrency for each in found if each.concurrency is not None]
    assert told
    assert all(each.trust == "low" and 7 <= each.low <= 9 and each.high <= 12 for each in told)
    assert np.mean([each.quantiles["web"][0.5].value for each in found]) == pytest.approx(truth(1.0)[0.5], rel=0.03)


def test_as_measured_the_median_would_be_wrong() -> None:
    """What the fit leaves out matters: of all requests, with their waiting, the median is far off."""
    _, took = served(np.random.default_rng(1), 4, 4, (0.3, 0.6, 0.9), 1.0, "random", 12_000)
    assert float(np.median(took)) > 1.15 * truth(1.0)[0.5]


def test_where_nobody_waits_only_a_least_concurrency_is_told() -> None:
    found = fitted(3, 4, 8, (0.05, 0.15), 1.0, "random")
    assert found.concurrency is not None
    assert math.isinf(found.concurrency.high)
    assert 2 <= found.concurrency.low <= 8


@pytest.mark.parametrize("pods", [4, 20])
def test_no_concurrency_is_seen_where_nobody_waits_however_many_are_under_way(pods: int) -> None:
    """Every request is worked on at once: neither a concurrency, nor a least one far above what was under way."""
    for seed in range(8):
        luck = np.random.default_rng(seed)
        began = np.cumsum(np.concatenate([luck.exponential(1 / rate, 2_500) for rate in (50 * pods, 150 * pods)]))
        took = luck.lognormal(math.log(MEAN), 0.8, len(began))
        requests = Single(began=np.round(began * 1e9).astype(np.int64), took=took * 1e9, failed=None)
        found = fit_work({"web": requests}, pods=pods, spread="random")
        assert found is not None
        if found.concurrency is not None:
            assert math.isinf(found.concurrency.high)
            assert found.concurrency.low <= 3 * found.busiest


def test_failed_requests_and_small_streams_are_under_way_too() -> None:
    """Half of all requests fail and a few are another stream's: all hold slots, and the concurrency is found."""
    began, took = served(np.random.default_rng(1), 4, 4, (0.3, 0.6, 0.8), 1.0, "random", 24_000)
    luck = np.random.default_rng(2)
    small = luck.random(len(began)) < 0.005
    failed = luck.random(len(began)) < 0.5
    web = Single(began=began[~small], took=took[~small], failed=failed[~small])
    rare = Single(began=began[small], took=took[small], failed=failed[small])
    found = fit_work({"web": web, "rare": rare}, pods=4, spread="random")
    assert found is not None
    assert found.concurrency is not None
    assert found.concurrency.low <= 4 <= found.concurrency.high
    assert "rare" not in found.quantiles


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("balancer: random", "balancer: ring_hash"), "a hash ring gives some pods more"),
        (
            ("  replicas: 4", "  replicas: 4\n  autoscaler: {kind: hpa, min: 2, max: 8}"),
            "an autoscaler changes the number of pods",
        ),
    ],
)
def test_where_requests_under_way_say_nothing_of_one_pod_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], told: str
) -> None:
    began, took = served(np.random.default_rng(5), 4, 4, (0.3, 0.6, 0.8), 1.0, "random", 3_000)
    out, err = calibrated(tmp_path, as_json_lines(began, took), capsys, change=change)
    assert told in err
    assert "of the quietest third of the time" in out


def test_where_many_requests_belong_to_no_stream_they_are_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began, took = served(np.random.default_rng(5), 4, 4, (0.3, 0.6, 0.8), 1.0, "random", 3_000)
    lines = as_json_lines(began, took).splitlines()
    paths = ["/web/1" if place % 10 else "/health" for place in range(len(lines))]
    rows = "\n".join(f'{{"path": "{path}", {line[1:]}' for path, line in zip(paths, lines, strict=True))
    two = (
        "streams: {web: {peak: 40/s, work: 10ms}}",
        "streams: {web: {peak: 40/s, work: 10ms}, pay: {peak: 1/s, work: 1ms}}",
    )
    _, err = calibrated(tmp_path, rows, capsys, change=two)
    assert "a part of the requests belongs to no stream" in err


def test_a_service_that_is_always_busy_does_not_tell_its_work() -> None:
    found = fitted(3, 4, 4, (0.93,), 1.0, "random")
    assert found.waits
    assert found.quantiles == {}


def test_of_requests_under_way_those_that_ended_are_not() -> None:
    assert found_under_way(np.array([0, 3, 5, 10]), np.array([4.0, 7.0, 1.0, 1.0])).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("step", "told"), [(10**9, 10**9), (10**6, 10**6), (1, 1)])
def test_the_clock_of_a_log_is_seen(step: int, told: int) -> None:
    luck = np.random.default_rng(2)
    took = luck.uniform(1e7, 2e8, 500)
    ends = luck.integers(0, 10**12, 500) // step * step
    assert resolution(ends - np.round(took).astype(np.int64), took) == told


SHOP = """
rollrisk: 1
name: shop
service:
  replicas: 4
  concurrency: CONCURRENCY
  balancer: random
  pod: {app: {image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic: {users: {count: 1000}, streams: {web: {peak: 40/s, work: 10ms}}}
release: {baseline_errors: 0.1%, change_failure_rate: 10%, defects: {errors: {share: 100%, kind: error_rate, rate: 5%}}}
oncall: none
strategies: {rolling: {kind: rolling, surge: 25%, unavailable: 0}}
"""


def calibrated(
    folder: Path, lines: str, capsys: pytest.CaptureFixture[str], change: tuple[str, str] = ("shop", "shop")
) -> tuple[str, str]:
    (folder / "shop.yaml").write_text(SHOP.replace("CONCURRENCY", "16").replace(*change))
    (folder / "requests.jsonl").write_text(lines)
    asked = ["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "requests.jsonl"), "--took-in", "ms"]
    assert ended(asked) == Status.DONE
    out, err = capsys.readouterr()
    return out, " ".join(err.split())


def as_json_lines(began: Ints, took: Floats, step: int = 1) -> str:
    ends = (1_772_452_800 * 10**9 + began + np.round(took).astype(np.int64)) // step * step
    rows = zip(ends / 1e9, took / 1e6, strict=True)
    return "\n".join(json.dumps({"time": round(end, 6), "status": 200, "took": round(each, 6)}) for end, each in rows)


def test_a_log_of_a_busy_hour_puts_work_and_concurrency_into_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began, took = served(np.random.default_rng(5), 4, 4, (0.3, 0.6, 0.8), 1.0, "random", 12_000)
    out, _ = calibrated(tmp_path, as_json_lines(began, took), capsys)
    assert "concurrency: 4 " in out
    assert "requests that hardly waited" in out


def test_a_quiet_log_leaves_the_concurrency_and_says_which_load_would_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began, took = served(np.random.default_rng(5), 4, 16, (0.02, 0.04), 1.0, "random", 3_000)
    out, err = calibrated(tmp_path, as_json_lines(began, took), capsys)
    assert "concurrency: 16\n" in out
    assert "The concurrency stayed at 16" in err
    assert "requests under way for each pod would tell" in err


def test_a_log_of_whole_seconds_tells_work_of_its_quietest_time_and_no_concurrency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began, took = served(np.random.default_rng(5), 4, 4, (0.2, 0.5, 0.8), 1.0, "random", 12_000)
    out, err = calibrated(tmp_path, as_json_lines(began, took, 10**9), capsys)
    assert "of the quietest third of the time" in out
    assert "too coarse to count requests under way" in err
