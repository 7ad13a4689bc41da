"""Columns of a table in a file, CSV or Parquet, as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sim.scenario.masked import column_names, is_name
from sim.scenario.model.parts import nearest
from sim.scenario.row_kinds import MOST_KINDS

MOST_BYTES = 200_000_000
SEPARATORS = (",", ";", "\t", "|")
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


class NoColumnError(ValueError):
    """A file has no column of that name; says which it has."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        if any(map(is_name, names)):
            told = f"it has {column_names(list(names))}{nearest(name, [each for each in names if is_name(each)])}"
        else:
            shown = column_names(list(names), 3) or "nothing"
            told = f"its first line holds no names but {shown}: write the names of the columns there"
        super().__init__(f"the file has no column {name!r}; {told}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns asked for, each cell as text, with the line of the file of each row; and columns that tell kinds of
    rows apart, whole or not at all."""

    columns: dict[str, list[str]]
    lines: list[int]
    others: dict[str, list[str]]


def read_sheet(file: Path, names: list[str], most: int, where: Mapping[str, Sequence[str]] | None = None) -> Sheet:
    """The named columns of the rows whose cells are ``where`` as given; up to ``most`` rows.

    Raises ValueError that says what is wrong with the file, NoColumnError where a column is missing.
    """
    where = where or {}
    try:
        if file.is_file() and file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file} is larger than {MOST_BYTES:,} bytes")
        rows = _parquet(file) if file.suffix == ".parquet" else _csv(file, [*names, *where])
        header = next(rows, (1, []))[1]
        for name in (*names, *where):
            if name not in header:
                raise NoColumnError(name, header)
            if header.count(name) > 1:
                raise ValueError(f"{file} has {header.count(name)} columns named {name!r}; give each a name of its own")
        return _gathered(file, header, rows, names, most, where)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from None
    except (UnicodeError, csv.Error) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeError) else str(error)
        raise ValueError(f"{file} cannot be read: {why}") from None


def _gathered(
    file: Path,
    header: list[str],
    rows: Iterator[tuple[int, list[str]]],
    names: list[str],
    most: int,
    where: Mapping[str, Sequence[str]],
) -> Sheet:
    places = {name: header.index(name) for name in (*names, *where)}
    others = {name: place for place, name in enumerate(header) if name not in places and is_name(name)}
    columns: dict[str, list[str]] = {name: [] for name in names}
    kept: dict[str, list[str]] = {name: [] for name in others}
    distinct: dict[str, set[str]] = {name: set() for name in others}
    lines: list[int] = []
    passed: dict[str, set[str]] = {name: set() for name in where}
    for line, row in rows:
        cell = row.__getitem__
        width = len(row)
        for name in where:
            if len(passed[name]) <= MOST_KINDS:
                passed[name].add(cell(places[name]) if places[name] < width else "")
        if any((cell(places[name]) if places[name] < width else "") not in wanted for name, wanted in where.items()):
            continue
        if len(lines) == most:
            raise ValueError(f"{file} has more than {most:,} rows of figures; allowed: 1 to {most:,}")
        lines.append(line)
        for name in names:
            columns[name].append(cell(places[name]) if places[name] < width else "")
        for name in list(kept):
            text = cell(others[name]) if others[name] < width else ""
            distinct[name].add(text)
            if len(distinct[name]) > MOST_KINDS:
                del kept[name]  # it does not tell a few kinds of rows apart
            else:
                kept[name].append(text)
    if not lines and any(passed.values()):
        raise ValueError(f"{file} has no row left by where; {_had(passed)}")
    if not lines:
        raise ValueError(f"{file} has no rows of figures; allowed: 1 to {most:,}")
    return Sheet(columns, lines, kept)


def _had(passed: Mapping[str, set[str]]) -> str:
    return "; ".join(f"column {name} holds {column_names(sorted(values))}" for name, values in passed.items() if values)


def _csv(file: Path, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines' numbers and cells, the header first; the separator is the one by which its names are found."""
    with file.open("rb") as raw:
        begin = raw.read(4096)
    for mark, told in _NOT_TEXT:
        if begin.lstrip().startswith(mark):
            raise ValueError(f"{file} {told}")
    with file.open(newline="", encoding="utf-8-sig") as stream:
        separator = _separator(stream, names)
        reader = csv.reader(stream, delimiter=separator)
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip() for cell in row] if reader.line_num == 1 else row


def _separator(stream: TextIO, names: list[str]) -> str:
    header = stream.readline()
    stream.seek(0)

    def found(separator: str) -> int:
        cells = [cell.strip() for cell in next(csv.reader([header], delimiter=separator), [])]
        return sum(name in cells for name in names) * 1000 + len(cells)

    return max(SEPARATORS, key=found)


def _parquet(file: Path) -> Iterator[tuple[int, list[str]]]:
    import pyarrow
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(file)
        names = list(opened.schema_arrow.names)
        yield 1, names
        line = 1
        for batch in opened.iter_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield line, [_text(cell) for cell in row]
    except pyarrow.ArrowException as error:
        raise ValueError(f"{file} cannot be read as Parquet: {error}") from None


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
