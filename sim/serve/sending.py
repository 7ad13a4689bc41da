"""A full study in a process of its own, which yields to quick looks and outlives no server."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from sim.scenario.resolved import Scenario

POLITE = 10
"""How much a study gives way to the page, on systems that know niceness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a study's process says of itself."""

    done: int = 0
    wanted: int = 0
    reached: str = ""
    asked: str = ""
    ended: str = ""  # "", "done", "stopped" or what went wrong
    folder: str = ""


def play_study(scenario: Scenario, results: str, workers: int, line: Connection) -> None:
    """Play the study, write its report, and tell of both; anything said on the line asks it to stop."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(POLITE)
    asked = threading.Event()
    threading.Thread(target=_listen, args=(line, asked), daemon=True).start()
    try:
        _play(scenario, Path(results), workers, line, asked)
    except KeyboardInterrupt:
        _tell(line, Told(ended="stopped"))
    except Exception as error:
        _tell(line, Told(ended=f"{type(error).__name__}: {error}"))


def _play(scenario: Scenario, results: Path, workers: int, line: Connection, asked: threading.Event) -> None:
    from sim.report.story import bad_stories
    from sim.report.write import write_report
    from sim.study.studies import Options, Run, frame

    study = Run(scenario, results, Options(workers=workers, command="rollrisk serve", stop=asked.is_set))
    for progress in study:
        done = progress.played + progress.reused
        _tell(line, Told(done=done, wanted=progress.wanted, reached=progress.reached, asked=progress.asked))
    findings = study.findings()
    write_report(findings, frame(findings), list(bad_stories(findings)), study.folder)
    _tell(line, Told(ended="stopped" if findings.interrupted else "done", folder=study.folder.name))


def _tell(line: Connection, told: Told) -> None:
    """A server that has gone needs no news."""
    with contextlib.suppress(OSError, ValueError):
        line.send(told)


def _listen(line: Connection, asked: threading.Event) -> None:
    """Until a word, or the server's end."""
    with contextlib.suppress(EOFError, OSError):
        line.recv()
    asked.set()
