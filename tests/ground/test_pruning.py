"""What stands behind a rule that answers False is cut out of a kernel before it is compiled."""

from __future__ import annotations

import os
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from sim import jit
from sim.jit import compiled, is_cached, rule
from sim.pruning import pruned


@rule
def is_rare(x: int) -> bool:
    return x > 100


@rule
def is_rare_and_odd(x: int) -> bool:
    """Never true where nothing is rare."""
    return is_rare(x) and x % 2 == 1


@rule
def of_the_rare(x: int) -> int:
    return 1000 * x


@rule
def priced(x: int) -> int:
    if is_rare_and_odd(x):
        return of_the_rare(x)
    elif x > 5:
        x += 1
    return -x if is_rare(x) else x


def lots(x: int) -> int:
    if is_rare(x) or x > 7:
        return 1
    if not is_rare(x):
        x = x + 1
    while x > 3 and not is_rare(x):
        x = x - 3
    for _ in range(2):
        if is_rare(x):
            x = 50
    return x


def as_it_is_without(function: Any, x: int) -> Any:
    code = pruned(function, ["is_rare"])
    assert isinstance(code, CodeType)
    assert "is_rare" not in code.co_names
    return FunctionType(code, function.__globals__)(x)


@pytest.mark.parametrize("x", range(12))
def test_what_is_left_does_the_same_where_the_rule_answers_false(x: int) -> None:
    assert as_it_is_without(lots, x) == lots(x)


def test_a_rule_that_can_only_answer_false_then_is_cut_out_with_it() -> None:
    assert pruned(is_rare_and_odd, ["is_rare"]) is None
    assert not {"of_the_rare", "is_rare_and_odd", "is_rare"} & set(jit._code_of(priced, frozenset({is_rare})).co_names)  # type: ignore[union-attr]


def test_lines_and_file_are_those_of_the_source() -> None:
    code = jit._code_of(priced, frozenset({is_rare}))
    assert code is not None
    assert code.co_filename == priced.__code__.co_filename
    lines = [line for *_, line in priced.__code__.co_lines() if line]
    assert code.co_firstlineno in range(lines[0], lines[-1])
    assert {line for *_, line in code.co_lines() if line} <= set(range(lines[0], lines[-1] + 1))


def test_kernels_with_and_without_a_part_do_not_meet_on_disk() -> None:
    whole, slim = compiled(priced), compiled(priced, without=[is_rare])
    assert [whole(x) for x in (3, 101, 102)] == [3, 101_000, -103]
    assert [slim(x) for x in (3, 101, 102)] == [3, 102, 103]
    assert whole.dispatcher.py_func.__qualname__ != slim.dispatcher.py_func.__qualname__


def test_whether_a_kernel_is_on_disk_is_asked_for_each_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jit, "cache_folder", lambda: tmp_path)
    assert not is_cached()
    (tmp_path / "loop.run_without_is_rare-76.py311.1.nbc").write_bytes(b"")
    assert is_cached()
    assert is_cached("run", without=[is_rare])
    assert not is_cached("run")
    os.rename(tmp_path / "loop.run_without_is_rare-76.py311.1.nbc", tmp_path / "loop.run-76.py311.1.nbc")
    assert is_cached("run")
    assert not is_cached("run", without=[is_rare])
