"""Compiled code on disk: what is damaged is removed and made anew, and what others may have written is never run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from sim import kernel_cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache as it stands after a kernel has been compiled: an index, its code, and their digests."""
    where = tmp_path / "cache"
    assert kernel_cache.obstacle(where) == ""
    (where / "requests_1").mkdir()
    (where / "requests_1" / "run-41.py311.nbi").write_bytes(b"which code answers to which types")
    (where / "requests_1" / "run-41.py311.1.nbc").write_bytes(bytes(range(256)) * 40)
    kernel_cache.note_digests(where)
    return where


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.nb?"))


def looked_at(folder: Path) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        kernel_cache.drop_what_cannot_be_trusted(folder)
    return [str(each.message) for each in said]


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[random.Random(4).randrange(len(content))] ^= 8
    path.write_bytes(bytes(content))


def of_another_shape(path: Path) -> None:
    path.write_bytes(b"[1, 2]")


def test_what_is_as_it_was_compiled_stays(folder: Path) -> None:
    assert looked_at(folder) == []
    assert kept(folder) == ["run-41.py311.1.nbc", "run-41.py311.nbi"]


@pytest.mark.parametrize("damage", [emptied, cut_short, altered, of_another_shape, Path.unlink])
@pytest.mark.parametrize("name", ["*.nbi", "*.nbc", "digests.json"])
def test_what_is_damaged_is_removed_and_said_in_one_line(
    folder: Path, name: str, damage: Callable[[Path], None]
) -> None:
    (path,) = folder.rglob(name)
    damage(path)
    (said,) = looked_at(folder)
    assert "was damaged or incomplete: it is removed and compiled anew" in said
    assert kept(folder) == []
    assert looked_at(folder) == []


def test_a_file_that_nobody_wrote_down_is_removed(folder: Path) -> None:
    (folder / "requests_1" / "other.py311.1.nbc").write_bytes(b"laid here by somebody")
    assert looked_at(folder)
    assert kept(folder) == []


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_in_which_others_can_write_is_not_used(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    assert "can be written by other users" in kernel_cache.obstacle(folder)


def test_a_folder_that_is_made_is_closed_to_others(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_a_file_is_an_obstacle_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in kernel_cache.obstacle(tmp_path / "file")


def in_a_new_process(code: str, cache: Path) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], check=False, capture_output=True, text=True, env=variables
    )


def test_a_kernel_whose_files_were_emptied_is_compiled_anew_and_loaded_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "from sim.jit import compiled, rule\n\n@rule\ndef run(x):\n    return 10 * x\n\n"
        "k = compiled(run)\nprint(k(2), sum(k.dispatcher.stats.cache_hits.values()))\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import kernel"
    assert in_a_new_process(code, tmp_path / "cache").stdout == "20 0\n"
    for path in (tmp_path / "cache").rglob("*.nb?"):
        emptied(path)
    again = in_a_new_process(code, tmp_path / "cache")
    assert (again.stdout, again.stderr.count("RuntimeWarning: compiled code in")) == ("20 0\n", 1)
    assert in_a_new_process(code, tmp_path / "cache").stdout == "20 1\n"


def test_a_disk_that_is_full_when_the_kernel_is_kept_costs_only_the_keeping(tmp_path: Path) -> None:
    """The last step of each write, giving the file its name, is refused as a full disk would refuse it."""
    (tmp_path / "kernel.py").write_text(
        "import os\nfrom sim.jit import compiled, rule\n\n@rule\ndef run(x):\n    return 10 * x\n\n"
        "def full(*names):\n    raise OSError(28, 'No space left on device')\n\n"
        "os.replace = full\nprint(compiled(run)(2))\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import kernel"
    found = in_a_new_process(code, tmp_path / "cache")
    assert (found.stdout, found.returncode) == ("20\n", 0)
    assert "cannot be kept" in found.stderr
    assert "No space left on device" in found.stderr
    assert not list((tmp_path / "cache").rglob("*.tmp.*"))
