"""A disk that is full at one write or another: one sentence, an exit status, and nothing lost of what was stored."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cli_files
import imagined_studies as imagined
import pytest

from sim.errors import UsageError
from sim.study import Options, Run, disk, soundness
from sim.study import store as storing
from sim.study.rows import Table
from sim.study.store import TABLE, Store

DOORS = ("made", "put", "kept", "moved")
SIZES = ("16k", "64k", "100k", "200k", "400k", "600k")


class Full:
    """The disk takes so many steps and then no more, until it is emptied."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.hit = -1, ""
        for name in DOORS:
            monkeypatch.setattr(disk, name, self._behind(name, getattr(disk, name)))

    def after(self, steps: int) -> None:
        self.left, self.hit = steps, ""

    def emptied(self) -> None:
        self.left = -1

    def _behind(self, name: str, real: Any) -> Any:
        def door(*arguments: Any) -> Any:
            if self.left == 0:
                self.hit = self.hit or name
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.left -= self.left > 0
            return real(*arguments)

        return door


def study(results: Path, cap: int) -> Run:
    return Run(imagined.scenario(pilot=3, cap=cap), results, Options(workers=1, replicate=imagined.WORK))


def full_at_every_write(folder: Path, monkeypatch: pytest.MonkeyPatch, every: int = 1) -> dict[str, int]:
    """Fill the disk at each step, or at every nth, of a study that goes on; how often by what was being done."""
    monkeypatch.setattr(storing, "FLUSH_ROWS", 10)
    begun, hits, full = study(folder / "begun", 3), dict.fromkeys(DOORS, 0), Full(monkeypatch)
    list(begun)
    whole = study(folder / "undisturbed", 8)
    list(whole)
    undisturbed = (whole.folder / TABLE).read_bytes()
    for steps in range(0, 100_000, every):
        results = folder / str(steps)
        shutil.copytree(folder / "begun", results)
        run = study(results, 8)
        full.after(steps)
        said = refusal(run)
        assert said.startswith("cannot write ") or not full.hit, said
        assert said.endswith("No space left on device") or not full.hit, said
        full.emptied()
        assert not [each for each in soundness.verified(run.folder) if each.is_wrong], steps
        kept = rows_in(run)
        assert len(kept) >= len(begun.table), f"{len(begun.table) - len(kept)} rows were lost at step {steps}"
        again = study(results, 8)
        list(again)
        assert (again.quarantined, (again.folder / TABLE).read_bytes()) == ((), undisturbed), steps
        assert not list(results.rglob("*.tmp")), steps
        shutil.rmtree(results)
        if not full.hit:
            return hits
        hits[full.hit] += 1
    raise AssertionError("a study has no end")


def refusal(run: Run) -> str:
    """Why a run ended before its time."""
    try:
        list(run)
    except UsageError as error:
        return str(error)
    return ""


def rows_in(run: Run) -> list[Any]:
    table = Table(imagined.subtracted)
    Store(run.folder, run.identity).look_into(table)
    return list(table.canonical())


def really_full(folder: Path) -> list[str]:
    """A small file system filled by a run, enlarged, and the same command again; what happened at each size.

    Skips aloud where this user may not mount one.
    """
    (folder / "small.yaml").write_text(cli_files.SMALL)
    assert command(folder, folder / "undisturbed").returncode == 0
    expected = tables(folder / "undisturbed")
    told = []
    for size in SIZES:
        with mounted(folder / "disk", size) as place:
            first = command(folder, place / "results")
            assert "Traceback" not in first.stderr, first.stderr
            assert (first.returncode, "No space left on device" in first.stderr) in ((2, True), (0, False)), first
            subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
            assert command(folder, place / "results").returncode == 0
            found = tables(place / "results")
            assert found.keys() == expected.keys(), size
            assert [name for name in expected if found[name] != expected[name]] == [], size
            assert not list(place.rglob("*.tmp"))
            assert not list(place.rglob("*.quarantined"))
            told.append(f"{size}: exit {first.returncode}")
    return told


def command(folder: Path, results: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim", "run", "small.yaml", "--results", str(results), "--workers", "1", "--quiet",
         "--series", "--sample", "20%"],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def tables(results: Path) -> dict[str, bytes]:
    return {str(path.relative_to(results)): path.read_bytes() for path in sorted(results.rglob("*.parquet"))}


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"NOT TESTED, a disk that is really full: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
