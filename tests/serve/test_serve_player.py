"""Quick releases are the study's own releases, and what takes too long ends its worker, not the page."""

from __future__ import annotations

import subprocess
import sys

import cli_files
import pytest

from sim.errors import UsageError
from sim.replication import replicate
from sim.scenario import from_text
from sim.serve.app import Server
from sim.serve.player import LONGEST, DroppedError, Player
from sim.study.cells import Cell, Job

SMALL = from_text(cli_files.SMALL)


def test_a_quick_look_plays_the_very_releases_of_a_full_study(server: Server) -> None:
    table = server.player.table(SMALL, 2, lambda: False)
    record = replicate(SMALL, strategy="step-by-step", case="errors", index=1)
    found = table[Job(Cell("step-by-step", "errors"), 1)].values
    assert found == pytest.approx(dict(record.values), nan_ok=True)


def test_one_who_stops_gets_nothing_and_the_player_goes_on(server: Server) -> None:
    other = from_text(cli_files.SMALL.replace("queue: 20", "queue: 17"))
    with pytest.raises(DroppedError):
        server.player.table(other, 2, lambda: True)
    assert len(server.player.table(other, 2, lambda: False)) == 10


def test_a_release_without_end_is_told_and_harms_nobody_after() -> None:
    player = Player(1, longest=0.0)
    with pytest.raises(UsageError, match="more time or memory"):
        player.table(SMALL, 2, lambda: False)
    player._longest = LONGEST
    assert len(player.table(SMALL, 2, lambda: False)) == 10
    player.close()


def test_workers_are_made_ready_before_anybody_waits() -> None:
    """A first release is played on each, however long compiling takes; nobody's look pays for it."""
    player = Player(2)
    assert player.warm(SMALL) == 2
    player.close()


def test_waiting_for_a_busy_machine_is_not_computing() -> None:
    """Only what a worker computes itself counts; this one has a tenth of a second, and sleeps for longer."""
    code = (
        "import time; from sim.serve.player import _watched; done = _watched(0.1); time.sleep(0.6); done.set(); "
        "print('alive', flush=True); _watched(0.1); exec('while True: pass')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600)
    assert (run.stdout, run.returncode) == ("alive\n", 1)
