"""Streams of hours need no warm-up of hours: from the file to the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.replication import replicate
from sim.scenario import load

TEXT = """
rollrisk: 1
name: streams of hours
service:
  replicas: 4
  concurrency: 2000
  queue: 0
  balancer: least_request
  %(room)s
  pod: {app: {image: 0, cpu: 500m, memory: 256Mi, start: 5s}}
  shutdown: {pre_stop: 0s, grace: 5s}
nodes: {count: 4, cpu: 4, memory: 16Gi}
traffic:
  users: {count: 1000}
  streams: {socket: {%(stream)s}}
release: {baseline_errors: 0%%, change_failure_rate: 0%%}
oncall: none
strategies: {rolling: {kind: rolling}}
study: {horizon: 10m, warm_up: %(warm_up)s, pilot: 2, cap: 2}
"""
INFERENCE = "peak: 1/s, work: {kind: exponential, mean: 30m}"
SOCKETS = "peak: 1/s, work: 20ms, long_lived: {length: {kind: exponential, mean: 30m}}"


def scenario(folder: Path, stream: str, *, warm_up: str = "1m", room: str = "") -> Path:
    file = folder / "hours.yaml"
    file.write_text(TEXT % {"stream": stream, "warm_up": warm_up, "room": room}, encoding="utf-8")
    return file


@pytest.mark.parametrize("stream", [INFERENCE, SOCKETS])
def test_as_many_are_open_after_a_warm_up_of_a_minute_as_on_any_other_day(tmp_path: Path, stream: str) -> None:
    twin = replicate(load(scenario(tmp_path, stream)), strategy=None, case="good", index=0)
    assert twin.values["open_at_horizon"] == pytest.approx(1800, abs=170)
    assert twin.values["requests"] == pytest.approx(600, abs=100)  # as many end as are opened
    assert twin.values["failed_requests"] == 0


def test_a_release_cuts_those_of_hours_that_the_grace_does_not_wait_for(tmp_path: Path) -> None:
    cell = replicate(load(scenario(tmp_path, INFERENCE)), strategy="rolling", case="good", index=0)
    assert cell.values["cut_off"] == pytest.approx(1800, rel=0.12)


def test_both_engines_play_streams_of_hours_alike(tmp_path: Path) -> None:
    for stream in (INFERENCE, SOCKETS):
        read = load(scenario(tmp_path, stream))
        ours, theirs = (
            replicate(read, strategy="rolling", case="good", index=0, engine=engine)
            for engine in ("compiled", "reference")
        )
        assert ours.digest == theirs.digest


def test_a_warm_up_that_is_long_enough_begins_with_an_empty_service(tmp_path: Path) -> None:
    short = load(scenario(tmp_path, "peak: 20/s, work: 1s", warm_up="1m"))
    assert "open_at_horizon" not in replicate(short, strategy=None, case="good", index=0).values


@pytest.mark.parametrize(
    ("stream", "room", "words"),
    [
        (SOCKETS, "max_connections: 100", "need at least 450 each"),
        (INFERENCE, "max_connections: 100", "no stream has long-lived connections"),
        (SOCKETS + ", retries: {max: 2}", "", "long_lived.reconnect"),
        (SOCKETS.replace("peak: 1/s", "arrivals: {kind: closed, users: 3, think: 1s}"), "", "come from outside"),
        (SOCKETS.replace("1/s", "1000/s"), "", "would be open at once"),
    ],
)
def test_what_cannot_be_played_is_told(tmp_path: Path, stream: str, room: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        load(scenario(tmp_path, stream, room=room))
