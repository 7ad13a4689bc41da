"""Columns of a table in a file, CSV or Parquet, as text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from sim.scenario.model.parts import nearest

MOST_BYTES = 200_000_000


class NoColumnError(ValueError):
    """A file has no column of that name; says which it has."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(f"the file has no column {name!r}; it has {', '.join(names)}{nearest(name, names)}")
        self.name = name


def read_columns(file: Path, names: list[str], most: int) -> dict[str, list[str]]:
    """The named columns, each cell as text; up to ``most`` rows.

    Raises ValueError that says what is wrong with the file, NoColumnError where one is missing.
    """
    try:
        if file.is_file() and file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file} is larger than {MOST_BYTES:,} bytes")
        columns = _parquet(file, names) if file.suffix == ".parquet" else _csv(file, names, most)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from None
    rows = len(columns[names[0]])
    if not 0 < rows <= most:
        raise ValueError(
            f"{file} has {f'more than {most:,}' if rows else 'no'} rows of figures; allowed: 1 to {most:,}"
        )
    return columns


def _csv(file: Path, names: list[str], most: int) -> dict[str, list[str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            places = _places(next(reader, []), names)
            rows = [row for row, _ in zip((row for row in reader if row), range(most + 1), strict=False)]
    except (UnicodeError, csv.Error) as error:
        raise ValueError(f"{file} cannot be read: {error}") from None
    return {name: [row[place] if place < len(row) else "" for row in rows] for name, place in places.items()}


def _places(header: list[str], names: list[str]) -> dict[str, int]:
    for name in names:
        if name not in header:
            raise NoColumnError(name, header)
    return {name: header.index(name) for name in names}


def _parquet(file: Path, names: list[str]) -> dict[str, list[str]]:
    import pyarrow
    from pyarrow import parquet

    try:
        header = parquet.read_schema(file).names
        _places(header, names)
        table = parquet.read_table(file, columns=names)
    except pyarrow.ArrowException as error:
        raise ValueError(f"{file} cannot be read as Parquet: {error}") from None
    return {name: [_text(cell) for cell in table.column(name).to_pylist()] for name in names}


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
