"""``trace --pods`` tells of pods what ``kubectl get pods -w`` would."""

import sys
from pathlib import Path

from sim.cli.pods import watched
from sim.failures.crash import Crash
from sim.strategies.blue_green import BlueGreen

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, SECOND, Scene, after, scenario, service


def test_a_crashing_pod_is_seen_running_failing_waiting_and_running_again() -> None:
    scene = Scene(scenario(running=service(1)), strategy=BlueGreen(), failure=Crash(every=after("30s")))
    scene.play(2 * MINUTE)
    seen = [
        (at // SECOND, ready, status, restarts)
        for at, (name, ready, status, restarts, _) in watched(scene.journal.events)
        if name == "new/0"
    ]
    assert seen[:10] == [
        (0, "0/1", "ContainerCreating", "0"),
        (0, "0/1", "Running", "0"),
        (10, "1/1", "Running", "0"),
        (35, "0/1", "Error", "0"),
        (35, "0/1", "Running", "1"),
        (45, "1/1", "Running", "1"),
        (70, "0/1", "Error", "1"),
        (70, "0/1", "CrashLoopBackOff", "1"),
        (80, "0/1", "Running", "2"),
        (90, "1/1", "Running", "2"),
    ]


def test_an_old_pod_is_seen_going() -> None:
    scene = Scene(scenario(running=service(1)), strategy=BlueGreen())
    scene.play(2 * MINUTE)
    seen = [cells[1:3] for _, cells in watched(scene.journal.events) if cells[0] == "stable/0"]
    assert seen == [("1/1", "Terminating"), ("0/1", "Gone")]
