"""Tables with named columns, from CSV, Parquet or a JSON object per line: a row per request, or per interval."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from sim import units
from sim.exchange.measured.asked import UNITS, Asked
from sim.exchange.measured.data import ALL, Floats, Measured, Series, Windows
from sim.exchange.measured.endings import BAD_WORDS, RULE, failed
from sim.exchange.measured.readers.access_log import nobodys, path_of
from sim.exchange.measured.readers.gathering import Gathering
from sim.exchange.measured.readers.meanings import PERCENTILES, Column, columns_in
from sim.named_files import UnreadableError
from sim.scenario.masked import column_names, masked
from sim.scenario.moments import read_moments

Rows = Sequence[tuple[int, Sequence[str]]]
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_HABITS: Sequence[tuple[str, frozenset[str], str, str]] = (
    ("request_time", frozenset(), "s", "nginx"),
    ("Duration", frozenset(["StartUTC", "StartLocal"]), "ns", "Traefik"),
    ("duration", frozenset(["response_code"]), "ms", "Envoy"),
    ("duration", frozenset(["request.uri"]), "s", "Caddy"),
)
"""Columns without a unit in their name, those beside them by which a log is known, the unit, and whose log it is."""
_COUNTS = ("requests", "rate", "errors", "error_ratio", *PERCENTILES)


def read(file: str, form: str, header: Sequence[str], rows: Rows, asked: Asked) -> Measured:
    """What a table holds; raises UnreadableError that says which column is missing, or the line that cannot be read."""
    for meaning, name in asked.columns.items():
        if name not in header:
            raise UnreadableError(f"has no column {name!r} ({meaning}); it has {column_names(list(header))}")
    columns = columns_in(header, asked.columns)
    at = columns.get("time") or columns.get("began")
    if at is None or not rows:
        lacks = "no column of times" if at is None else "no rows"
        raise UnreadableError(
            f"has {lacks}; it has {column_names(list(header))}; say which is meant, as --column time=…"
        )
    if asked.meaning is not None and not set(_COUNTS) & columns.keys():
        columns = _only_column(header, columns, asked)
    if "requests" in columns or "rate" in columns or (set(_COUNTS) & columns.keys() and "took" not in columns):
        return _intervals(file, form, columns, rows, asked)
    if asked.columns.get("began") or "took" in columns or "status" in columns or "failed" in columns:
        return _requests(file, form, columns, rows, asked)
    raise UnreadableError(
        f"has no column that is known to hold requests, latencies or errors; it has {column_names(list(header))}; "
        "say which is meant, as --column requests=… (a number per row) or --column took=…; where a row is a request, "
        "--column began=…"
    )


def _only_column(header: Sequence[str], columns: dict[str, Column], asked: Asked) -> dict[str, Column]:
    """Where somebody said what the values are, they stand in the column called value, or the one that is no time."""
    assert asked.meaning is not None
    taken = {each.place for each in columns.values()}
    left = [place for place in range(len(header)) if place not in taken]
    named = [place for place in left if header[place].strip().lower() == "value"] or left
    if len(named) != 1:
        raise UnreadableError(
            f"has several columns; say which holds the {asked.meaning}, as --column {asked.meaning}=…"
        )
    meaning = "rate" if asked.meaning == "requests" else asked.meaning
    return columns | {meaning: Column(named[0], header[named[0]])}


def _requests(file: str, form: str, columns: Mapping[str, Column], rows: Rows, asked: Asked) -> Measured:
    """A row per request."""
    at = columns.get("began") or columns["time"]
    moments, dated, said = _moments(rows, at)
    took, how = _latencies(rows, columns.get("took"), asked, columns)
    said += how
    is_end = "began" not in columns and ("took" in columns) and not asked.columns.get("began")
    if is_end:
        said.append(
            f"the column {at.name} is taken for the time at which a request ended; else write --column began={at.name}"
        )
    gathering = Gathering(asked.streams)
    status, bad, stream = columns.get("status"), columns.get("failed"), columns.get("stream")
    for place, ((line, cells), moment) in enumerate(zip(rows, moments, strict=True)):
        failing = _failed(line, _cell(cells, status), _cell(cells, bad)) if status or bad else None
        began = moment - round(took[place]) if is_end and not math.isnan(took[place]) else moment
        text = _cell(cells, stream)
        gathering.take((path_of(text) if "/" in text else text,), began, float(took[place]), failed=failing)
    said += [RULE] if status else []
    return Measured(
        file=file,
        form=form,
        series=gathering.series(),
        unplaced=gathering.nobodys,
        dated=dated,
        said=tuple(said),
        lost=tuple(nobodys(gathering, asked)),
    )


def _failed(line: int, status: str, bad: str) -> bool:
    if not status:
        return bad.strip().lower() not in ("", "0", "0.0", "false", "no", "none", "null", "-")
    found = failed(status)
    if found is None:
        if status.strip().lower() in BAD_WORDS:
            return True
        raise UnreadableError(f"line {line}: {masked(status)} is no status; write 200, 503, ok or error")
    return found


def _intervals(file: str, form: str, columns: Mapping[str, Column], rows: Rows, asked: Asked) -> Measured:
    """A row per interval, by stream where there is a column of streams."""
    at = columns.get("time") or columns["began"]
    moments, dated, said = _moments(rows, at)
    stream = columns.get("stream")
    whose: dict[str, list[int]] = {}
    nobody = 0
    for place, (_, cells) in enumerate(rows):
        name = asked.streams.of([_cell(cells, stream)]) if stream else None
        if name is None and (stream is None or not _cell(cells, stream)):
            name = asked.streams.names[0] if len(asked.streams.names) == 1 else ALL
        if name is None:
            nobody += 1
        else:
            whose.setdefault(name, []).append(place)
    series = tuple(
        Series(
            stream=name,
            data=_windows([rows[place] for place in places], [moments[place] for place in places], columns, asked),
        )
        for name, places in whose.items()
    )
    said.append(f"the column {at.name} is taken for the beginning of an interval, which lasts until the next row")
    lost = (
        (f"{nobody:,} rows belong to no stream of the scenario; say whose, as --stream NAME=PATTERN",) if nobody else ()
    )
    return Measured(file=file, form=form, series=series, dated=dated, said=tuple(said), lost=lost)


def _windows(rows: Rows, moments: Sequence[int], columns: Mapping[str, Column], asked: Asked) -> Windows:
    order = np.argsort(np.array(moments), kind="stable")
    began = np.array(moments, dtype=np.int64)[order]
    steps = np.diff(began)
    usual = int(np.median(steps)) if len(steps) else 0
    if len(steps) and int(steps.min()) <= 0:
        line = rows[int(order[int(np.argmin(steps)) + 1])][0]
        raise UnreadableError(f"line {line}: its time comes twice; where rows are of several streams, name their "
                              "column, as --column stream=…")  # fmt: skip
    lasts = np.full(len(began), usual, dtype=np.int64)

    def column(meaning: str) -> Floats | None:
        if meaning not in columns:
            return None
        return np.array([_number(line, _cell(cells, columns[meaning])) for line, cells in rows])[order]

    requests, rate = column("requests"), column("rate")
    if requests is None:
        requests = rate * usual / units.SECOND if rate is not None else np.full(len(began), np.nan)
    failing = column("error_ratio")
    if failing is not None and np.nanmax(failing) > 1.0:
        failing = failing / 100
    quantiles = {
        share: _latencies(rows, columns[name], asked, columns)[0][order]
        for name, share in PERCENTILES.items()
        if name in columns
    }
    return Windows(
        began=began, lasts=lasts, requests=requests, failed=column("errors"), failing=failing,
        quantiles=MappingProxyType(quantiles),
    )  # fmt: skip


def _moments(rows: Rows, at: Column) -> tuple[list[int], bool, list[str]]:
    texts = [_cell(cells, at) for _, cells in rows]
    try:
        found = read_moments(texts, [line for line, _ in rows])
    except ValueError as error:
        raise UnreadableError(str(error).replace(" of the file", "")) from None
    dated = found.read_as != "seconds from the start"
    return found.times, dated, [f"the column {at.name} is read as {found.read_as}"]


def _latencies(
    rows: Rows, column: Column | None, asked: Asked, columns: Mapping[str, Column]
) -> tuple[Floats, list[str]]:
    """ns of each row, nan where a cell is empty; and how the unit was chosen where the name does not tell."""
    if column is None:
        return np.full(len(rows), np.nan), []
    size, how = _size_of(column, asked, columns)
    values = np.empty(len(rows))
    for place, (line, cells) in enumerate(rows):
        text = _cell(cells, column).strip()
        if not text or text in ("-", "N/A"):
            values[place] = math.nan
        elif _NUMBER.fullmatch(text):
            if not size:
                raise UnreadableError(
                    f"does not say in which unit its column {column.name} is; say it, as --took-in ms "
                    f"(allowed: {', '.join(UNITS)})"
                )
            values[place] = float(text) * size
        else:
            try:
                values[place] = units.duration(text)
            except ValueError:
                told = f"line {line}: {masked(text)} is no latency; write a number, or a duration as 250ms"
                raise UnreadableError(told) from None
    return values, how


def _size_of(column: Column, asked: Asked, columns: Mapping[str, Column]) -> tuple[int, list[str]]:
    """ns of one of its units, and by whose habit; 0 where nobody says."""
    if asked.unit or column.unit:
        return UNITS[asked.unit or column.unit], []
    beside = {each.name for each in columns.values()}
    for name, others, unit, whose in _HABITS:
        if column.name == name and (not others or others & beside):
            return UNITS[unit], [f"{name} is taken to be in {unit}, as {whose} has it"]
    return 0, []


def _number(line: int, text: str) -> float:
    text = text.strip()
    if text in ("", "-", "N/A") or text.lower() in ("nan", "null", "none"):
        return math.nan
    bare = text.removesuffix("%")
    if not _NUMBER.fullmatch(bare):
        raise UnreadableError(f"line {line}: cannot read {masked(text)} as a number")
    return float(bare) / (100 if bare != text else 1)


def _cell(cells: Sequence[str], column: Column | None) -> str:
    return cells[column.place] if column is not None and column.place < len(cells) else ""
