"""What a user keeps is written through ``sim/study/disk.py`` alone, where a full disk and a kill are provided for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SIM = Path(__file__).parents[2] / "sim"
DOOR = "study/disk.py"
NOTHING_KEPT = {
    "cli/console.py": "output that nobody reads any more leads nowhere",
    "cli/doctor.py": "tries whether a folder can be written, and leaves nothing",
    "cli/signals.py": "streams that are not there lead nowhere",
    "kernel_cache.py": "compiled code, made anew when it is lost, and its lock",
    "scenario/parquet_rows.py": "hands what was read to the process that decodes it",
    "study/alone.py": "a lock, which nothing is written to",
    "study/outputs.py": "pipes and devices that a command is told to write to; files go through the door",
    "study/spill.py": "rows that wait for their part, gone with the process",
}
"""Who opens a file to write all the same, and why nothing of a user's can be lost there."""
WRITERS = {
    "write_text",
    "write_bytes",
    "touch",
    "NamedTemporaryFile",
    "TemporaryFile",
    "SpooledTemporaryFile",
    "mkstemp",
}
MOVERS = {"replace", "rename", "link", "symlink", "copy", "copy2", "copyfile", "copytree", "move", "truncate"}
FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"}


def writes(source: str) -> Iterator[int]:
    """The lines in which a file is opened to write, or made."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        words = [each.value for each in (*node.args, *(word.value for word in node.keywords)) if _is_text(each)]
        flags = {each.attr for part in node.args for each in ast.walk(part) if isinstance(each, ast.Attribute)}
        is_open = name in ("open", "fdopen") and any(
            set(word) & set("wax+") and set(word) <= set("wax+rbt") for word in words
        )
        moves = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in ("os", "shutil")
        if name in WRITERS or (moves and name in MOVERS) or is_open or (name == "open" and flags & FLAGS):
            yield node.lineno


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_only_one_module_opens_files_that_users_keep() -> None:
    found = {str(path.relative_to(SIM)) for path in SIM.rglob("*.py") if list(writes(path.read_text(encoding="utf-8")))}
    assert found - {DOOR} == set(NOTHING_KEPT)


@pytest.mark.parametrize(
    "source",
    [
        "open(place, 'w')",
        "path.open('ab')",
        "open(place, mode='x')",
        "path.write_text(text)",
        "os.open(place, os.O_WRONLY | os.O_CREAT)",
        "tempfile.NamedTemporaryFile(dir=place)",
        "os.replace(one, other)",
        "shutil.copyfile(one, other)",
    ],
)
def test_a_file_that_is_opened_to_write_is_found(source: str) -> None:
    assert list(writes(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "text.replace('a', 'b')",
        "open(place)",
        "open(place, 'rb')",
        "path.read_text('utf-8')",
        "os.open(place, os.O_RDONLY)",
    ],
)
def test_one_that_is_read_is_not(source: str) -> None:
    assert list(writes(source)) == []
