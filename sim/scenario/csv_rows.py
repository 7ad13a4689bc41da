"""The rows of a CSV file as text, no line, cell or number of rows beyond its bound."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TextIO

from sim.named_files import UnreadableError

SEPARATORS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000
"""Characters. A cell may have 131,072 of them, the library's own bound."""
MOST_READ = 10_000_000
"""Rows that are looked at, those that ``where`` leaves out among them."""
_NOT_TEXT = (
    (b"\x1f\x8b", "is compressed with gzip; unpack it first, with gunzip"),
    (b"PK\x03\x04", "is a zip archive or a workbook; save the table as CSV (UTF-8)"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
    (
        b"{",
        "is JSON, perhaps an answer of Prometheus; write a CSV file with a line of column names and a row per sample",
    ),
    (b"[", "is JSON; write a CSV file with a line of column names and a row per sample"),
)


def csv_rows(content: bytes, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines' numbers and cells, the header first; the separator is the one by which ``names`` are found.

    Raises UnreadableError for what is not CSV, or goes beyond a bound.

    >>> list(csv_rows(b"at;count\\n0s;7\\n", ["count"]))
    [(1, ['at', 'count']), (2, ['0s', '7'])]
    """
    begin = content[:4096].lstrip()
    for mark, told in _NOT_TEXT:
        if begin.startswith(mark):
            raise UnreadableError(told)
    if b"\0" in content[:4096]:
        raise UnreadableError("holds NUL bytes, which no text has; save the table as CSV (UTF-8)")
    try:
        yield from _rows(io.TextIOWrapper(io.BytesIO(content), newline="", encoding="utf-8-sig"), names)
    except UnicodeError:
        raise UnreadableError("cannot be read: it is not UTF-8 text") from None


def _rows(stream: TextIO, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    separator = _separator(next(_lines(stream), ""), names)
    stream.seek(0)
    reader = csv.reader(_lines(stream), delimiter=separator)
    try:
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip() for cell in row] if reader.line_num == 1 else row
            if reader.line_num > MOST_READ:
                raise UnreadableError(f"has more than {MOST_READ:,} lines")
    except csv.Error as error:
        told = f"a cell has more than {csv.field_size_limit():,} characters" if "limit" in str(error) else str(error)
        raise UnreadableError(f"cannot be read: line {reader.line_num + 1}: {told}") from None


def _lines(stream: TextIO) -> Iterator[str]:
    number = 1
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableError(f"cannot be read: line {number} has more than {LONGEST_LINE:,} characters")
        yield line
        number += 1


def _separator(header: str, names: list[str]) -> str:
    def found(separator: str) -> int:
        try:
            cells = [cell.strip() for cell in next(csv.reader([header], delimiter=separator), [])]
        except csv.Error:
            return 0  # it is told when the rows are read
        return sum(name in cells for name in names) * 1000 + len(cells)

    return max(SEPARATORS, key=found)
