"""A command killed again and again, with its workers or without them, ends with the bytes of an undisturbed one."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cli_files
import pytest
import soak_kills
from pyarrow import parquet

KILLS = 30
PATIENCE = 3600.0
TABLE = "*/replications.parquet"
PARTS = "*/parts/*.parquet"
MUCH = cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 600, cap: 600")
"""Two cases of two strategies, and the twin: three thousand replications, half a dozen parts."""


def command(file: Path, results: Path) -> list[str]:
    return [
        sys.executable, "-m", "sim", "run", str(file), "--results", str(results), "--workers", "2",
        "--quiet", "--progress", "none",
    ]  # fmt: skip


def played_out(file: Path, results: Path) -> bytes:
    subprocess.run(command(file, results), check=True, capture_output=True, timeout=PATIENCE)
    (table,) = results.glob(TABLE)
    return table.read_bytes()


def rows_on_disk(results: Path) -> int:
    files = [*results.glob(TABLE), *results.glob(PARTS)]
    return sum(parquet.read_metadata(file).num_rows for file in files)


@pytest.mark.parametrize(
    "phases", [("flush",), pytest.param(("start", "flush", "settle"), marks=pytest.mark.verify)], ids=" ".join
)
def test_a_kill_in_each_phase_of_the_real_command_changes_no_byte(tmp_path: Path, phases: tuple[str, ...]) -> None:
    """The short form of ``make soak``."""
    soak = soak_kills.Soak(tmp_path, seed=5, phases=phases, lives_each=1)
    soak.run(len(phases), workers=False)
    assert soak.kills.total() == len(phases)
    assert soak.resumed >= 1


@pytest.mark.verify
def test_thirty_kills_at_random_instants_and_torn_parts_change_no_byte(tmp_path: Path) -> None:
    file, results, luck = tmp_path / "small.yaml", tmp_path / "a place with spaces", random.Random(6)
    file.write_text(MUCH)
    undisturbed = played_out(file, tmp_path / "undisturbed")
    kills = torn = 0
    while kills < KILLS:
        with group_of(command(file, results)) as process:
            wait_a_while(process, results, luck)
            if process.poll() is None:
                kills += 1
                kill(process, everybody=luck.random() < 0.5)
            else:  # it came to its end: begin anew, for a study that is whole cannot be killed
                assert process.returncode == 0
                assert next(results.glob(TABLE)).read_bytes() == undisturbed
                next(results.glob(TABLE)).unlink()
        parts = sorted(results.glob(PARTS))
        if parts and luck.random() < 0.4:
            torn += 1
            damage(luck.choice(parts), luck)
    assert torn
    assert played_out(file, results) == undisturbed
    assert rows_on_disk(results) == parquet.read_metadata(next(results.glob(TABLE))).num_rows, "no part is left over"
    assert len(list(results.glob("*/parts/*.quarantined"))) <= torn


def wait_a_while(process: subprocess.Popen[bytes], results: Path, luck: random.Random) -> None:
    """To any instant of its start, or to one soon after it has written a part or taken the parts in."""
    before, until = set(results.glob(PARTS)), time.monotonic() + PATIENCE
    if luck.random() < 0.3:
        until = time.monotonic() + luck.uniform(0.05, 3.0)
    while process.poll() is None and time.monotonic() < until and set(results.glob(PARTS)) == before:
        time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=luck.uniform(0.0, 0.5))


@contextlib.contextmanager
def group_of(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a group of its own, of which nobody is left afterwards."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill(process: subprocess.Popen[bytes], *, everybody: bool) -> None:
    """The power goes for all, or only the program dies: then its workers end by themselves."""
    if everybody:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return
    process.kill()
    process.wait()
    until = time.monotonic() + 600
    while somebody_is_left(process.pid):
        assert time.monotonic() < until, "workers outlive their program"
        time.sleep(0.05)


def somebody_is_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def damage(part: Path, luck: random.Random) -> None:
    """Cut short, emptied, or one bit turned."""
    content = bytearray(part.read_bytes())
    how = luck.choice(("cut", "emptied", "turned"))
    if how == "turned":
        content[luck.randrange(len(content))] ^= 1 << luck.randrange(8)
    part.write_bytes({"cut": content[: luck.randrange(len(content))], "emptied": b"", "turned": content}[how])
