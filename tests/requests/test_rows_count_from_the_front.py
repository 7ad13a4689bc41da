"""The kernel looks up no row before the first or after the last, for then nothing but these tests would say so.

The whole proof compiles the kernel once more with every index checked, for ``make verify``; here a few hard plays run
as plain Python over tables that refuse such a row.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from requests_plays import hard_play, perform

from sim.jit import compiled, rule
from sim.requests.compiled import engine

HERE = Path(__file__).parent
LOOK_UPS = """
import numpy as np
from requests_plays import hard_play, perform
from sim.jit import compiled
from sim.requests.compiled.engine import CompiledEngine
from test_rows_count_from_the_front import neighbour

try:
    print(compiled(neighbour)(np.arange(5), 0))
except IndexError:
    print("refused")
print(sum(len(perform(hard_play(seed), CompiledEngine)["ledger.record"]) for seed in range(60)))
"""


@rule
def neighbour(table: np.ndarray, row: int) -> int:
    return int(table[row - 1])


@rule
def swap(table: np.ndarray, square: np.ndarray, row: int, column: int) -> int:
    square[row, column] += table[row]
    table[column], table[row] = table[row], table[column]
    return int(square[row][column])


class Guarded(np.ndarray):  # type: ignore[type-arg]
    """An array that refuses a row before its first."""

    def __getitem__(self, key: Any) -> Any:
        if any(isinstance(each, int | np.integer) and each < 0 for each in (key if type(key) is tuple else (key,))):
            raise IndexError(f"row {key} of a table of {self.shape}")
        return np.ndarray.__getitem__(self, key)


class GuardedTable(np.recarray):  # type: ignore[type-arg]
    """A table whose columns refuse a row before their first."""

    __getitem__ = Guarded.__getitem__

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value.view(Guarded) if type(value) is np.ndarray else value


def guarded(value: Any) -> Any:
    """The same memory, whose rows are refused before the first."""
    if isinstance(value, np.ndarray):
        return value.view(GuardedTable if isinstance(value, np.recarray) else Guarded)
    if isinstance(value, tuple):
        return type(value)(*map(guarded, value)) if hasattr(value, "_fields") else tuple(map(guarded, value))
    return value


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_few_hard_plays_look_up_no_row_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(kernel: Any, without: Any = ()) -> Any:
        return lambda *tables: kernel(*map(guarded, tables))

    monkeypatch.setattr(engine, "compiled", plain)
    assert sum(len(perform(hard_play(seed), engine.CompiledEngine)["ledger.record"]) for seed in range(5)) > 2_000


@pytest.mark.parametrize("table", [np.arange(5), np.rec.fromarrays([np.arange(5)], names=["row"])])
def test_such_tables_refuse_a_row_before_the_first(table: Any) -> None:
    (kept,) = guarded((table,))
    columns = [kept, kept.row] if isinstance(table, np.recarray) else [kept]
    for column in columns:
        with pytest.raises(IndexError):
            neighbour(column, 0)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a process prints in which every index is checked."""
    cache = tmp_path_factory.mktemp("cache")
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    variables = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "XDG_CACHE_HOME": str(cache), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", LOOK_UPS], capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.verify
def test_a_row_before_the_first_is_refused_where_indices_are_checked(checked: list[str]) -> None:
    assert checked[0] == "refused"


@pytest.mark.verify
def test_the_kernel_stays_inside_its_tables_on_hard_plays(checked: list[str]) -> None:
    assert int(checked[1]) > 10_000


def test_look_ups_by_number_read_and_write_the_rows_that_python_does() -> None:
    def after(function: object) -> tuple[int, list[int], list[list[int]]]:
        table, square = np.arange(5) * 10, np.arange(20).reshape(4, 5)
        return function(table, square, 3, 1), table.tolist(), square.tolist()  # type: ignore[operator]

    assert after(compiled(swap)) == after(swap)
