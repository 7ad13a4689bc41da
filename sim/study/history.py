"""Who computed which rows, and when: a study is often the work of several runs, and the last may have played nothing.

Kept in the manifest and never beside the rows, so that the table has the same bytes whoever played it. Rows whose run
was killed before it could say so are known by elimination: they are those that no run has claimed.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.study.cells import Cell, Job
from sim.study.rows import Row, Table

TELLS = ("started", "ended", "command", "engine", "model", "python", "platform", "machine", "rollrisk", "numba")
"""What an entry says of its run."""
SHOWN = 3


class History:
    """The runs of a study: those of its manifest, and the one that goes on."""

    def __init__(self, manifest: Mapping[str, Any], found: Table, cells: Iterable[Cell]) -> None:
        """``found`` are the rows on disk when this run begins."""
        self._entries: list[dict[str, Any]] = list(manifest.get("history", []))
        self._played: dict[Cell, array[int]] = defaultdict(_indexes)
        self._taken: dict[str, dict[Cell, array[int]]] = defaultdict(lambda: defaultdict(_indexes))
        claimed = {cell: _claimed(self._entries, cell) for cell in cells}
        left = {cell: sorted(set(found.indexes(cell)) - indexes) for cell, indexes in claimed.items()}
        if any(left.values()):
            self._entries.append(_entry({**manifest.get("made", {}), "ended": "did not end"}, left))

    def note(self, rows: Iterable[Row], lent: Mapping[Job, str]) -> None:
        """Rows that this run has put there; ``lent`` says of those of other studies in which folder they were found."""
        for row in rows:
            folder = lent.get(Job(row.cell, row.index)) if lent else None
            (self._played if folder is None else self._taken[folder])[row.cell].append(row.index)

    def told(self, made: Mapping[str, str], there: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All entries for the manifest, this run's last; ``there`` is the manifest, perhaps of another run by now."""
        others = [entry for entry in there.get("history", []) if entry not in self._entries]
        taken = [{"taken_over_from": folder, **_entry(made, cells)} for folder, cells in sorted(self._taken.items())]
        return [*self._entries, *others, *taken, *([_entry(made, self._played)] if self._played else [])]


def _indexes() -> array[int]:
    """Whole numbers, eight bytes each."""
    return array("q")


def in_words(history: Sequence[Mapping[str, Any]]) -> str:
    """Who played how many rows, the latest runs first.

    >>> in_words([{"started": "2026-03-01T08:00:00+00:00", "engine": "compiled", "rows": {"a | good": "0-19,30"}}])
    '21 on 2026-03-01 08:00 (compiled)'
    """
    said = [
        f"{sum(map(_count, entry['rows'].values())):,} "
        + (f"taken over from {entry['taken_over_from']}" if "taken_over_from" in entry else _when(entry))
        for entry in reversed(history)
    ]
    return "; ".join(said[:SHOWN]) + (f"; and {len(said) - SHOWN} runs before" if len(said) > SHOWN else "")


def engines(history: Sequence[Mapping[str, Any]]) -> str:
    """The engines that have played the rows: those of the runs, not that of the last one."""
    return ", ".join(dict.fromkeys(str(entry["engine"]) for entry in history if entry.get("engine")))


def spans(indexes: Iterable[int]) -> str:
    """Numbers in short.

    >>> spans([3, 0, 1, 2, 9, 7, 8])
    '0-3,7-9'
    """
    parts: list[list[int]] = []
    for index in sorted(indexes):
        if parts and index <= parts[-1][1] + 1:
            parts[-1][1] = index
        else:
            parts.append([index, index])
    return ",".join(f"{first}-{last}" if first < last else f"{first}" for first, last in parts)


def numbers(written: str) -> set[int]:
    """The numbers again.

    >>> sorted(numbers("0-3,7"))
    [0, 1, 2, 3, 7]
    """
    return {index for first, last in _parts(written) for index in range(first, last + 1)}


def _count(written: str) -> int:
    return sum(last - first + 1 for first, last in _parts(written))


def _parts(written: str) -> list[tuple[int, int]]:
    pairs = [part.partition("-") for part in written.split(",") if part]
    return [(int(first), int(last or first)) for first, _, last in pairs]


def _entry(made: Mapping[str, str], cells: Mapping[Cell, Sequence[int]]) -> dict[str, Any]:
    told: dict[str, Any] = {name: made[name] for name in TELLS if name in made}
    return {**told, "rows": {_named(cell): spans(indexes) for cell, indexes in cells.items() if indexes}}


def _claimed(entries: Sequence[Mapping[str, Any]], cell: Cell) -> set[int]:
    return set().union(*(numbers(entry.get("rows", {}).get(_named(cell), "")) for entry in entries))


def _named(cell: Cell) -> str:
    return f"{cell.strategy} | {cell.case}"


def _when(entry: Mapping[str, Any]) -> str:
    started = str(entry.get("started", "an unknown day"))[:16].replace("T", " ")
    return f"on {started} ({entry.get('engine', 'engine unknown')})"
