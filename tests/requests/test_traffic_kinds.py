"""Closed loops, bursts and recordings, from the scenario file to the requests that were played."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from sim.errors import ScenarioError
from sim.replication import replicate
from sim.scenario import load

SECOND = 10**9
TEXT = """
rollrisk: 1
name: traffic
service: {replicas: 1, concurrency: %(slots)s, queue: 1000, proxies: 1, pod: {app: {start: 1s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic:
  users: {count: 1000}
  streams:
    web: {%(peak)s work: {kind: exponential, mean: %(work)s}, arrivals: %(arrivals)s}
release:
  baseline_errors: 0%%
  change_failure_rate: 10%%
  defects: {errors: {share: 100%%, kind: error_rate, rate: 5%%}}
oncall: none
strategies: {switch: {kind: blue_green}}
slo: {success: 99%%, window: 30d}
study: {horizon: %(horizon)s, warm_up: 1m}
"""


def scenario_file(
    folder: Path, arrivals: str, *, peak: str = "", work: str = "10ms", slots: int = 100, horizon: str = "20m"
) -> Path:
    words = {"arrivals": arrivals, "peak": peak, "work": work, "slots": slots, "horizon": horizon}
    file = folder / "traffic.yaml"
    file.write_text(TEXT % words, encoding="utf-8")
    return file


def requests_of(file: Path, index: int = 0, engine: str = "compiled") -> np.ndarray:
    """Rows of the requests that arrive after t = 0 where nothing is released, in the order of their arrival."""
    ledger = replicate(
        load(file), strategy=None, case="good", index=index, engine=engine, story=True, requests=True
    ).ledger
    assert ledger is not None
    rows: np.ndarray = ledger.record[: int(ledger.finished[0])]
    rows = rows[rows[:, 2] >= 0]
    return rows[np.argsort(rows[:, 2], kind="stable")]


def throughput_of_a_closed_loop(users: int, think: float, work: float) -> float:
    """Requests per second of M/M/1 with a finite population, the machine repairman (Kleinrock, vol. 1, sec. 3.8)."""
    load = work / think
    states = [math.factorial(users) / math.factorial(users - n) * load**n for n in range(users + 1)]
    return (1.0 - 1.0 / sum(states)) / work


def test_a_closed_loop_is_the_machine_repairman(tmp_path: Path) -> None:
    file = scenario_file(
        tmp_path, "{kind: closed, users: 5, think: {kind: exponential, mean: 1s}}", work="200ms", slots=1, horizon="2h"
    )
    found = len(requests_of(file)) / 7200
    assert found == pytest.approx(throughput_of_a_closed_loop(5, 1.0, 0.2), rel=0.015)


def test_a_user_of_a_closed_loop_has_one_request_at_a_time(tmp_path: Path) -> None:
    rows = requests_of(scenario_file(tmp_path, "{kind: closed, users: 20, think: 1s}", work="300ms", slots=2))
    for user in range(20):
        own = rows[rows[:, 8] == user]
        assert (own[1:, 2] >= own[:-1, 3] + SECOND).all()


def test_both_engines_play_a_closed_loop_alike(tmp_path: Path) -> None:
    file = scenario_file(tmp_path, "{kind: closed, users: 9, think: 1s}", work="300ms", slots=2, horizon="1m")
    assert np.array_equal(requests_of(file), requests_of(file, engine="reference"))


def test_a_user_who_thinks_for_no_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="at least 1ms"):
        load(scenario_file(tmp_path, "{kind: closed, users: 9, think: 0s}"))


def test_bursts_keep_the_mean_rate_and_swing_as_they_say(tmp_path: Path) -> None:
    """With factor 9 for a tenth of the time the rates are 50 / 1.8 and 9 times that, 5 a second on average 50."""
    arrivals = "{kind: mmpp, factor: 9, share: 10%, lasts: 5s}"
    file = scenario_file(tmp_path, arrivals, peak="peak: 50/s,", horizon="3h")
    seconds = np.concatenate(
        [np.bincount(requests_of(file, index)[:, 2] // SECOND, minlength=10800)[:10800] for index in range(4)]
    )
    assert seconds.mean() == pytest.approx(50, rel=0.1)
    calm, burst = 50 / 1.8, 250.0
    assert np.median(seconds) == pytest.approx(calm, rel=0.05)
    assert (seconds > (calm + burst) / 2).mean() == pytest.approx(0.1, abs=0.025)
    assert np.percentile(seconds, 97) == pytest.approx(burst, rel=0.1)


def test_the_bursts_of_an_index_are_the_same_in_every_cell(tmp_path: Path) -> None:
    file = scenario_file(tmp_path, "{kind: mmpp, factor: 9, share: 10%, lasts: 5s}", peak="peak: 50/s,")
    scenario = load(file)
    twin = requests_of(file)
    released = replicate(scenario, strategy="switch", case="errors", index=0, story=True, requests=True).ledger
    assert released is not None
    rows = released.record[: int(released.finished[0])]
    assert sorted(rows[rows[:, 2] >= 0][:, 2]) == sorted(twin[:, 2])


INSTANTS = [0.0, 60.5, 61.0, 61.0, 75.25, 600.0]
PLAYED = [0.5, 1.0, 1.0, 15.25, 540.0]
"""The recording begins with the warm-up, a minute before the release."""


def test_a_recording_is_replayed_to_the_nanosecond_from_csv(tmp_path: Path) -> None:
    lines = ["at,other", *(f"{each},x" for each in INSTANTS)]
    (tmp_path / "web.csv").write_text("\n".join(lines), encoding="utf-8")
    file = scenario_file(tmp_path, "{kind: replay, file: web.csv, column: at}")
    assert (requests_of(file)[:, 2] / SECOND).tolist() == PLAYED
    assert np.array_equal(requests_of(file), requests_of(file, engine="reference"))


def test_a_recording_of_timestamps_is_replayed_from_parquet(tmp_path: Path) -> None:
    began = np.datetime64("2026-03-01T20:00:00", "us")
    stamps = [began + np.timedelta64(round(each * 1e6), "us") for each in INSTANTS]
    parquet.write_table(pa.table({"at": pa.array(stamps, pa.timestamp("us"))}), tmp_path / "web.parquet")
    file = scenario_file(tmp_path, "{kind: replay, file: web.parquet, column: at}")
    assert (requests_of(file)[:, 2] / SECOND).tolist() == PLAYED


def test_the_resolved_scenario_carries_the_recording_itself(tmp_path: Path) -> None:
    (tmp_path / "web.csv").write_text("at\n0\n61\n62\n", encoding="utf-8")
    scenario = load(scenario_file(tmp_path, "{kind: replay, file: web.csv, column: at}"))
    assert "file" not in scenario.document["traffic"]["streams"]["web"]["arrivals"]
    assert list(scenario.traffic.streams[0].arrivals.instants()) == [0, 61 * SECOND, 62 * SECOND]


@pytest.mark.parametrize(
    ("arrivals", "words"),
    [
        ("{kind: replay, file: none.csv, column: at}", "cannot be read"),
        ("{kind: replay, file: web.csv, column: when}", "no column 'when'"),
        ("{kind: replay, file: web.csv}", "does not say which column"),
        ("{kind: replay, file: bad.csv, column: at}", "line 3 of the file"),
        ("{kind: replay, file: web.csv, column: at, every: 1s}", "unknown key"),
        ("{kind: replay, times: nonsense}", "no packed instants"),
        ("{kind: mmpp, factor: 9, share: 10%, lasts: 5s}", "peak"),
    ],
)
def test_a_mistake_in_a_kind_of_arrivals_is_told(tmp_path: Path, arrivals: str, words: str) -> None:
    (tmp_path / "web.csv").write_text("at\n0\n61\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("at\n0\nsoon\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        load(scenario_file(tmp_path, arrivals))
    assert words in str(raised.value)


def test_a_peak_beside_a_closed_loop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="leave peak out"):
        load(scenario_file(tmp_path, "{kind: closed, users: 9, think: 1s}", peak="peak: 5/s,"))
