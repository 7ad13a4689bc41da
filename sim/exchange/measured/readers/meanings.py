"""What the columns of a table, or the keys of a log line, are called, by whoever wrote it; and their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.errors import UsageError, shown
from sim.exchange.history.words import squeezed
from sim.exchange.measured.asked import UNITS

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": (
        "time", "timestamp", "@timestamp", "ts", "at", "date", "datetime", "when", "time_iso8601", "time_local", "msec",
        "ended", "end", "finished", "period", "intended",
    ),
    "began": ("start_time", "startutc", "startlocal", "started", "start", "began", "starttime", "request_start"),
    "took": (
        "took", "duration", "latency", "response_time", "responsetime", "request_time", "elapsed", "time_taken",
        "service_time", "request_duration", "httprequest.latency", "total_time", "rt",
    ),
    "status": (
        "status", "status_code", "response_code", "code", "statuscode", "http_status", "downstreamstatus",
        "originstatus",
        "httprequest.status", "response.status", "elb_status_code", "http_status_code", "success", "ok", "result",
    ),
    "failed": ("failed", "is_error", "error", "failure"),
    "stream": (
        "stream", "endpoint", "route", "handler", "path", "uri", "request_uri", "url", "requestpath", "name",
        "operation",
        "request", "request.uri", "httprequest.requesturl", "label", "service",
    ),
    "requests": ("requests", "count", "hits", "calls", "request_count", "total", "samples"),
    "rate": ("rate", "rps", "qps", "requests_per_second", "req_per_s", "requests/s", "throughput"),
    "errors": ("errors", "failures", "failed_requests", "error_count", "failure_count", "5xx", "count_5xx"),
    "error_ratio": ("error_ratio", "error_rate", "failure_ratio", "errors_percent"),
    "p50": ("p50", "median", "q50", "p_50", "50%", "latency_p50"),
    "p90": ("p90", "q90", "90%", "latency_p90"),
    "p95": ("p95", "q95", "95%", "latency_p95"),
    "p99": ("p99", "q99", "99%", "latency_p99"),
}  # fmt: skip
"""Each meaning, and what columns with it are called; case, spaces, ``_`` and ``-`` make no difference, nor does a unit
at the end. The first of the names that a table has counts."""
PERCENTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_SUFFIX = re.compile(r"(.*?)[_ .(\[]+(ns|us|µs|ms|sec|secs|seconds|milliseconds|microseconds|nanoseconds|s)[)\]]?")
_LONG = {"sec": "s", "secs": "s", "seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns",
         "µs": "us"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place, and the unit its name says, a key of UNITS or empty."""

    place: int
    name: str
    unit: str = ""


def columns_in(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, Column]:
    """The column of each meaning: the one that was ``chosen`` by name, else one with a known name.

    >>> columns_in(["ts", "latency_ms", "code"], {})["took"]
    Column(place=1, name='latency_ms', unit='ms')
    """
    found: dict[str, Column] = {}
    for meaning, name in chosen.items():
        if name in header:
            found[meaning] = Column(header.index(name), name, _unit_of(name, unless=()))
    taken = {each.place for each in found.values()}
    for meaning, names in COLUMNS.items():
        if meaning not in found:
            column = next(_known(header, names, taken), None)
            if column is not None:
                found[meaning] = column
                taken.add(column.place)
    return found


def _known(header: Sequence[str], names: Sequence[str], taken: set[int]) -> Iterator[Column]:
    for wanted in map(squeezed, names):
        for place, name in enumerate(header):
            if place in taken:
                continue
            if squeezed(name) == wanted:
                yield Column(place, name)
            else:
                bare = _SUFFIX.fullmatch(name.strip().lower())
                if bare and squeezed(bare[1]) == wanted:
                    yield Column(place, name, _unit_of(name, unless=(wanted,)))


def _unit_of(name: str, *, unless: Sequence[str]) -> str:
    found = _SUFFIX.fullmatch(name.strip().lower())
    if not found or squeezed(name) in unless:
        return ""
    unit = _LONG.get(found[2], found[2])
    return unit if unit in UNITS else ""


def chosen(options: Sequence[str]) -> dict[str, str]:
    """``--column MEANING=NAME`` as typed; raises UsageError.

    >>> chosen(["took=elapsed"])
    {'took': 'elapsed'}
    """
    found: dict[str, str] = {}
    for option in options:
        meaning, sign, name = option.partition("=")
        if not sign or meaning not in COLUMNS or not name:
            raise UsageError(f"--column {shown(option)!r}: write MEANING=NAME; meanings: {', '.join(COLUMNS)}")
        found[meaning] = name
    return found
