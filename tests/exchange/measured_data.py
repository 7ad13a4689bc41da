"""Recordings of known truth, written as each tool writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sim.exchange.measured.asked import Asked
from sim.exchange.measured.data import Measured, Single, Windows
from sim.exchange.measured.readers.reading import read
from sim.exchange.measured.streams import Streams

START = 1_772_452_800
"""Monday 2 March 2026, 12:00 UTC, in seconds since 1970."""
PLANTED = "hunter2"
"""Stands where secrets and addresses stand."""


def web(**asked: Any) -> Asked:
    """A scenario of one stream."""
    return Asked(streams=Streams(("web",)), **asked)


def shop(*patterns: str, **asked: Any) -> Asked:
    """A scenario of two streams."""
    return Asked(streams=Streams.told(("browse", "pay"), patterns), **asked)


def measured(text: str | bytes, asked: Asked | None = None) -> Measured:
    """What a file with this text holds."""
    content = text.encode() if isinstance(text, str) else text
    return read("data/file", content, asked if asked is not None else web())


def single(found: Measured, stream: str = "web") -> Single:
    """The single requests of a stream."""
    (data,) = (each.data for each in found.series if each.stream == stream)
    assert isinstance(data, Single)
    return data


def windows(found: Measured, stream: str = "web") -> Windows:
    """The windows of a stream."""
    (data,) = (each.data for each in found.series if each.stream == stream)
    assert isinstance(data, Windows)
    return data


def answer(*series: dict[str, Any], kind: str = "matrix") -> str:
    """An answer of Prometheus."""
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": list(series)}})


def samples(values: Iterable[float | str], every: float = 60, **labels: str) -> dict[str, Any]:
    """A series of an answer to query_range; ``name`` is its metric's."""
    if "name" in labels:
        labels["__name__"] = labels.pop("name")
    return {"metric": labels, "values": [[START + every * at, str(each)] for at, each in enumerate(values)]}


def buckets(
    per_window: Sequence[Sequence[int]],
    ends: Sequence[str],
    name: str = "http_request_duration_seconds",
    **labels: str,
) -> list[dict[str, Any]]:
    """Series of a classic histogram as counters, from requests per bucket and window."""
    counts = np.vstack([np.zeros(len(ends)), np.array(per_window)]).cumsum(axis=0).cumsum(axis=1)
    return [samples(counts[:, place], name=f"{name}_bucket", le=end, **labels) for place, end in enumerate(ends)]


def log_line(at: int, *, path: str = "/api/pay/17?card=hunter2", status: int = 200, took: str = "0.123") -> str:
    """A line of nginx's Combined Log Format with $request_time, ended ``at`` seconds after the start."""
    minute, second = divmod(at, 60)
    when = f"02/Mar/2026:{12 + minute // 60:02d}:{minute % 60:02d}:{second:02d} +0000"
    request = f'"GET {path} HTTP/1.1" {status} 512 "https://{PLANTED}/" "{PLANTED} 1.5" {took}'
    return f"203.0.113.7 - {PLANTED} [{when}] {request}"


def point(at: float, took_ms: float, *, status: str = "200", name: str = "http://shop/pay") -> str:
    """A line of k6's JSON output."""
    second = START + at
    import datetime

    when = datetime.datetime.fromtimestamp(second, tz=datetime.UTC).isoformat()
    tags = {"status": status, "name": name, "url": f"{name}?token={PLANTED}", "expected_response": "true"}
    data = {"time": when, "value": took_ms, "tags": tags}
    return json.dumps({"type": "Point", "metric": "http_req_duration", "data": data})
