"""The kernel looks up no row before the first or after the last, for then nothing but these tests would say so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.jit import compiled, rule

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


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a process prints in which every index is checked."""
    cache = tmp_path_factory.mktemp("cache")
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    variables = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "XDG_CACHE_HOME": str(cache), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", LOOK_UPS], capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_row_before_the_first_is_refused_where_indices_are_checked(checked: list[str]) -> None:
    assert checked[0] == "refused"


def test_the_kernel_stays_inside_its_tables_on_hard_plays(checked: list[str]) -> None:
    assert int(checked[1]) > 10_000


def test_look_ups_by_number_read_and_write_the_rows_that_python_does() -> None:
    def after(function: object) -> tuple[int, list[int], list[list[int]]]:
        table, square = np.arange(5) * 10, np.arange(20).reshape(4, 5)
        return function(table, square, 3, 1), table.tolist(), square.tolist()  # type: ignore[operator]

    assert after(compiled(swap)) == after(swap)
