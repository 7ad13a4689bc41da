"""Columns of a table in a file, CSV or Parquet, as text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.named_files import Reach, UnreadableError
from sim.scenario.csv_rows import csv_rows
from sim.scenario.masked import column_names, is_name
from sim.scenario.model.parts import nearest
from sim.scenario.parquet_rows import parquet_rows
from sim.scenario.row_kinds import MOST_KINDS

MOST_BYTES = 200_000_000
"""Of a file of figures; it is held in memory while it is read."""
MOST_OTHERS = 40
"""Columns beside those that are asked for that may tell kinds of rows apart."""


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


def read_sheet(
    file: Path, reach: Reach, names: list[str], most: int, where: Mapping[str, Sequence[str]] | None = None
) -> Sheet:
    """The named columns of the rows whose cells are ``where`` as given; up to ``most`` rows.

    Raises ValueError that says what is wrong with the file, NoColumnError where a column is missing.
    """
    where = where or {}
    try:
        content = reach.read(file, MOST_BYTES).data
        wanted = [*names, *where]
        rows = parquet_rows(content, wanted) if file.suffix == ".parquet" else csv_rows(content, wanted)
        header = next(rows, (1, []))[1]
        for name in (*names, *where):
            if name not in header:
                raise NoColumnError(name, header)
            if header.count(name) > 1:
                raise UnreadableError(f"has {header.count(name)} columns named {name!r}; give each a name of its own")
        return _gathered(header, rows, names, most, where)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from None
    except UnreadableError as error:
        raise ValueError(f"{file} {error}") from None


def _gathered(
    header: list[str],
    rows: Iterator[tuple[int, list[str]]],
    names: list[str],
    most: int,
    where: Mapping[str, Sequence[str]],
) -> Sheet:
    places = {name: header.index(name) for name in (*names, *where)}
    beside = ((name, place) for place, name in enumerate(header) if name not in places and is_name(name))
    others = dict(itertools.islice(beside, MOST_OTHERS))
    columns: dict[str, list[str]] = {name: [] for name in names}
    kept: dict[str, list[str]] = {name: [] for name in others}
    distinct: dict[str, dict[str, str]] = {name: {} for name in others}
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
            raise UnreadableError(f"has more than {most:,} rows of figures; allowed: 1 to {most:,}")
        lines.append(line)
        for name in names:
            columns[name].append(cell(places[name]) if places[name] < width else "")
        for name in list(kept):
            text = cell(others[name]) if others[name] < width else ""
            same = distinct[name].setdefault(text, text)  # each text is kept once
            if len(distinct[name]) > MOST_KINDS:
                del kept[name]  # it does not tell a few kinds of rows apart
            else:
                kept[name].append(same)
    if not lines and any(passed.values()):
        raise UnreadableError(f"has no row left by where; {_had(passed)}")
    if not lines:
        raise UnreadableError(f"has no rows of figures; allowed: 1 to {most:,}")
    return Sheet(columns, lines, kept)


def _had(passed: Mapping[str, set[str]]) -> str:
    return "; ".join(f"column {name} holds {column_names(sorted(values))}" for name, values in passed.items() if values)
