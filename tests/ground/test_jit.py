"""The door to numba: rules are plain functions until a kernel is asked for, and no stale code is ever run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import jit
from sim.jit import Choice, compiled, rule

ROOT = Path(__file__).parents[2]


@rule
def twice(x: int) -> int:
    return 2 * x


@rule
def thrice(x: int) -> int:
    return 3 * x


TIMES = Choice([twice, thrice])


@rule
def twice_and_one(number: int, x: int) -> int:
    return TIMES(number, twice(x)) + 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_kernel_calls_the_compiled_forms_of_rules_and_choices(number: int) -> None:
    kernel = compiled(twice_and_one)
    assert [kernel(number, x) for x in range(5)] == [twice_and_one(number, x) for x in range(5)]


def test_a_rule_stays_a_plain_function() -> None:
    assert twice.__name__ == "twice"
    assert type(twice).__name__ == "function"


def in_a_new_process(code: str, folder: Path, **environment: str) -> str:
    """Run code in a fresh Python whose package is the copy in the folder; gives its last line."""
    variables = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "default", **environment}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=variables, cwd=folder, check=True
    )
    return result.stdout.strip().splitlines()[-1] + ("\nwarned" if "RuntimeWarning" in result.stderr else "")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a small package that has our jit.py and a kernel over two files."""
    rooms = tmp_path / "sim" / "balancers"
    rooms.mkdir(parents=True)
    for name in ("jit.py", "indices.py", "kernel_cache.py", "pruning.py"):
        shutil.copy(ROOT / "sim" / name, tmp_path / "sim" / name)
    (tmp_path / "sim" / "__init__.py").write_text("")
    (rooms / "__init__.py").write_text("")
    (rooms / "helper.py").write_text("from sim.jit import rule\n\n@rule\ndef step(x):\n    return x + 1\n")
    (rooms / "kernel.py").write_text(
        "from sim.jit import rule\nfrom sim.balancers.helper import step\n\n"
        "@rule\ndef run(x):\n    return step(x) * 10\n"
    )
    return tmp_path


RUN = (
    "from sim.jit import compiled; from sim.balancers.kernel import run; k = compiled(run); "
    "a = k(1); print(a, sum(k.dispatcher.stats.cache_hits.values()))"
)


def test_a_second_process_loads_the_kernel_from_disk(package: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(package / "cache")}
    assert in_a_new_process(RUN, package, **cache) == "20 0"
    assert in_a_new_process(RUN, package, **cache) == "20 1"


def test_an_edited_rule_in_another_file_is_never_stale(package: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(package / "cache")}
    assert in_a_new_process(RUN, package, **cache) == "20 0"
    helper = package / "sim" / "balancers" / "helper.py"
    helper.write_text(helper.read_text().replace("x + 1", "x + 100"))
    assert in_a_new_process(RUN, package, **cache) == "1010 0"


def test_a_folder_that_cannot_be_written_is_said_once_and_compiles_in_memory(package: Path) -> None:
    blocked = package / "blocked"
    blocked.write_text("a file where a folder should be")
    assert in_a_new_process(RUN, package, XDG_CACHE_HOME=str(blocked)) == "20 0\nwarned"


def test_many_processes_that_start_at_once_agree(package: Path) -> None:
    variables = {**os.environ, "PYTHONPATH": str(package), "XDG_CACHE_HOME": str(package / "cache")}
    crowd = [
        subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, env=variables, cwd=package)
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=1200)[0].split()[0] for process in crowd]
    assert answers == ["20"] * 4


def test_the_digest_covers_every_room_that_holds_a_rule() -> None:
    sources = (ROOT / "sim").rglob("*.py")
    with_rules = {path for path in sources if "\n@rule\n" in path.read_text(encoding="utf-8")}
    covered = {path for room in jit.RULE_ROOMS for path in jit._sources(ROOT / "sim" / room)}
    assert with_rules <= covered | {ROOT / "sim" / "jit.py"}
