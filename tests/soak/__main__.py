"""``make soak``: what takes too long for ``make test``. Every figure is printed, and the seed that gives it again."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import soak_disk
import soak_flips
import soak_kills


def main() -> None:
    asked = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    asked.add_argument("--kills", type=int, default=1000, help="of runs and workers, over random studies")
    asked.add_argument("--flips", type=int, default=1000, help="of single bits, in one process")
    asked.add_argument("--commands", type=int, default=50, help="of single bits, judged by the commands")
    asked.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    asked.add_argument("--no-disk", action="store_true", help="leave the full disk out")
    given = asked.parse_args()
    say(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="rollrisk-soak-") as folder:
        flips(Path(folder) / "flips", given.flips, given.commands, given.seed)
        if not given.no_disk:
            disk(Path(folder) / "disk")
        kills(Path(folder) / "kills", given.kills, given.seed)


def flips(folder: Path, number: int, commands: int, seed: int) -> None:
    if not number and not commands:
        return
    began, found = time.monotonic(), soak_flips.Flips(folder / "results", seed)
    for nth in range(number):
        found.in_process(play=nth % 5 == 0)
    say(
        f"bits turned in process: {found.turned}, all noticed, no other number; {found.played_again} runs afterwards, "
        f"in {found.kept_rows} of them the rows proved themselves and were kept; {told(found.by_file)}; {since(began)}",
    )
    began = time.monotonic()
    for _ in range(commands):
        found.by_command()
    say(f"bits turned before commands: {commands}, all noticed, no other number; {since(began)}")


def disk(folder: Path) -> None:
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        hits = soak_disk.full_at_every_write(folder / "injected", patch)
    say(f"disk full at each of {sum(hits.values())} steps of a study: {told(hits)}; {since(began)}")
    began = time.monotonic()
    try:
        (folder / "real").mkdir()
        say(f"file system really full: {'; '.join(soak_disk.really_full(folder / 'real'))}; {since(began)}")
    except pytest.skip.Exception as skipped:
        say(str(skipped))


def kills(folder: Path, number: int, seed: int) -> None:
    began, soak = time.monotonic(), soak_kills.Soak(folder, seed)
    while soak.kills.total() < number:
        soak.run(min(number, soak.kills.total() + 50))
        say(f"  {soak.kills.total()} kills so far: {told(soak.by_phase())}; {since(began)}")
    shutil.rmtree(folder)
    signals = Counter[str]()
    for (_, name, whom), count in soak.kills.items():
        signals[f"{name} of a {whom}"] += count
    say(
        f"kills: {soak.kills.total()} over {soak.studies} studies, {soak.resumed} times to the end with the bytes of a "
        f"study that nobody disturbed; no process, lock or temporary left; {soak.missed} came too late; "
        f"slowest end after a second signal {soak.slowest_second:.2f} s\n"
        f"  by phase: {told(soak.by_phase())}\n  by signal: {told(signals)}\n  {since(began)}",
    )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def since(began: float) -> str:
    return f"{time.monotonic() - began:.0f} s"


if __name__ == "__main__":
    main()
