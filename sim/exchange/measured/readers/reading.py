"""Which reader knows a file, and what it reads."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.exchange.measured.asked import Asked
from sim.exchange.measured.data import Measured
from sim.exchange.measured.readers import access_log, json_lines, k6_points, k6_summary, prometheus, table
from sim.named_files import ANYWHERE, UnreadableError
from sim.scenario.csv_rows import csv_rows
from sim.scenario.parquet_rows import parquet_rows

LARGEST_FILE = 400_000_000
"""Bytes; a file is held in memory while it is read."""
LONGEST_LINE = 1_000_000
"""Characters."""
KNOWN = (
    "an answer of Prometheus (query_range or query, JSON), k6's summary or points, an access log with request times, "
    "a JSON object per line, or CSV or Parquet with named columns"
)


def content_of(file: str | Path) -> bytes:
    """All bytes of a file; raises ScenarioError that says why it is not read."""
    try:
        return ANYWHERE.read(file, LARGEST_FILE).data
    except (OSError, UnreadableError) as error:
        raise _refused(str(file), error) from None


def read(file: str, content: bytes, asked: Asked) -> Measured:
    """What the bytes of a file hold; raises ScenarioError that says why they are not read and what would be."""
    try:
        return _read(file, content, asked)
    except UnreadableError as error:
        raise _refused(file, error) from None


def _refused(file: str, error: Exception) -> ScenarioError:
    told = getattr(error, "strerror", None) or str(error)
    return ScenarioError([Problem(file=file, message=told)])


def _read(file: str, content: bytes, asked: Asked) -> Measured:
    if not content.strip():
        raise UnreadableError(f"is empty; give {KNOWN}")
    first = _first_line(content)
    if content[:4] == b"PAR1":
        rows = parquet_rows(content, tuple(asked.columns.values()))
        return table.read(file, "a Parquet table", next(rows, (1, []))[1], list(rows), asked)
    if first[:1] in ("{", "["):
        return _read_json(file, content, first, asked)
    if access_log.is_line(first):
        return access_log.read(file, _lines(content), asked)
    rows = csv_rows(content, [*asked.columns.values(), *k6_points.CSV_COLUMNS, "timestamp", "time"])
    header = next(rows, (1, []))[1]
    if k6_points.is_csv(header):
        return k6_points.read_csv(file, header, rows, asked)
    return table.read(file, "a CSV table", header, list(rows), asked)


def _read_json(file: str, content: bytes, first: str, asked: Asked) -> Measured:
    """One document, or one per line."""
    document = _document(content, first)
    if prometheus.is_answer(document):
        return prometheus.read(file, document, asked)
    if k6_summary.is_summary(document):
        return k6_summary.read(file, document, asked)
    if document is not None and not _is_one_line(first):
        raise UnreadableError(f"is JSON that is not known; known are {KNOWN}")
    if k6_points.is_json_lines(first):
        return k6_points.read_json_lines(file, _lines(content), asked)
    header, rows = json_lines.rows(_lines(content))
    return table.read(file, "a JSON object per line", header, rows, asked)


def _document(content: bytes, first: str) -> Any:
    """The one JSON document that a file is; None for a file of a document per line."""
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"\n" in head.rstrip() and _is_one_line(first):
        return None
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeError:
        raise UnreadableError("cannot be read: it is not UTF-8 text") from None
    except RecursionError:
        raise UnreadableError("is JSON nested too deeply to be read") from None
    except ValueError as error:
        where = getattr(error, "lineno", 0)
        raise UnreadableError(f"line {where}: is JSON that breaks off or cannot be read") from None


def _is_one_line(first: str) -> bool:
    """Whether the first line is a JSON object by itself."""
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _first_line(content: bytes) -> str:
    begin = content[: LONGEST_LINE + 4].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.split(b"\n", 1)[0].decode("utf-8", errors="replace")


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; raises UnreadableError for one that is too long, or no text."""
    for number, line in enumerate(io.BytesIO(content), start=1):
        if len(line) > LONGEST_LINE:
            raise UnreadableError(f"line {number} has more than {LONGEST_LINE:,} characters")
        yield number, line.decode("utf-8", errors="replace").strip("\ufeff\r\n")
