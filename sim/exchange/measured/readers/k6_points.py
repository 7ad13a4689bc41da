"""k6's points: a line of JSON, or a row of CSV, for each figure of each request.

A request's ``http_req_duration`` is told when it has ended, in milliseconds, without the time to open a connection
(grafana.com/docs/k6, "Results output"). Requests without an answer have the status 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.exchange.measured.asked import Asked
from sim.exchange.measured.data import Measured
from sim.exchange.measured.endings import RULE, failed
from sim.exchange.measured.readers.gathering import Gathering
from sim.exchange.measured.streams import advice
from sim.named_files import UnreadableError
from sim.scenario.moments import read_moments
from sim.units import MILLISECOND

DURATION = "http_req_duration"
CSV_COLUMNS = ("metric_name", "timestamp", "metric_value")


def is_json_lines(first: str) -> bool:
    """Whether the first line of a file is one of k6's JSON output."""
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("type") in ("Metric", "Point") and "metric" in found


def is_csv(header: Sequence[str]) -> bool:
    """Whether the names of columns are those of k6's CSV output."""
    return set(CSV_COLUMNS) <= set(header)


def read_json_lines(file: str, lines: Iterable[tuple[int, str]], asked: Asked) -> Measured:
    """Requests of ``--out json=FILE``; raises UnreadableError with the line that cannot be read."""
    rows: list[tuple[int, str, float, Mapping[str, Any]]] = []
    for number, line in lines:
        if DURATION not in line:
            continue
        try:
            found = json.loads(line)
            if found["type"] != "Point" or found["metric"] != DURATION:
                continue
            data = found["data"]
            rows.append((number, str(data["time"]), float(data["value"]), data.get("tags") or {}))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UnreadableError(f"line {number}: cannot be read as a point of k6") from None
    return _measured(file, "k6's points (JSON lines)", rows, asked)


def read_csv(file: str, header: Sequence[str], cells: Iterable[tuple[int, Sequence[str]]], asked: Asked) -> Measured:
    """Requests of ``--out csv=FILE``; raises UnreadableError with the line that cannot be read."""
    places = {name: place for place, name in enumerate(header)}
    metric, at, value = (places[name] for name in CSV_COLUMNS)
    rows: list[tuple[int, str, float, Mapping[str, Any]]] = []
    for line, row in cells:
        if len(row) <= max(metric, at, value) or row[metric] != DURATION:
            continue
        try:
            took = float(row[value])
        except ValueError:
            raise UnreadableError(f"line {line}: the metric_value of {DURATION} is no number") from None
        tags = {name: row[place] for name, place in places.items() if place < len(row)}
        rows.append((line, row[at], took, tags))
    return _measured(file, "k6's points (CSV)", rows, asked)


def _measured(
    file: str, form: str, rows: Sequence[tuple[int, str, float, Mapping[str, Any]]], asked: Asked
) -> Measured:
    if not rows:
        raise UnreadableError(f"holds no {DURATION}, so no request of k6 is in it")
    try:
        ended = read_moments([at for _, at, _, _ in rows], [line for line, _, _, _ in rows]).times
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    gathering = Gathering(asked.streams)
    for at, (_, _, took, tags) in zip(ended, rows, strict=True):
        bad = failed(str(tags.get("status", "")))
        if bad is None:
            bad = str(tags.get("expected_response", "true")) == "false"
        marks = tuple(str(tags.get(tag, "")) for tag in ("name", "url", "group", "scenario"))
        nanoseconds = took * MILLISECOND
        gathering.take(marks, at - round(nanoseconds) if math.isfinite(took) else at, nanoseconds, failed=bad)
    lost = (
        [f"{gathering.nobodys:,} requests belong to no stream of the scenario; {advice(asked.streams)}"]
        if gathering.nobodys
        else []
    )
    return Measured(
        file=file,
        form=form,
        series=gathering.series(),
        unplaced=gathering.nobodys,
        dated=True,
        load_test=True,
        said=(RULE,),
        lost=tuple(lost),
    )
