"""``rollrisk watch``: see one release happen in the terminal, faster than it would."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.console import say, width
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.report.watching import Watched

FRAMES_PER_SECOND = 8


@click.command("watch")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strategy", "-s", required=True, help="A strategy's name in the scenario.")
@click.option("--case", "-c", default="good", show_default=True, help="'good' or a defect's name.")
@click.option("--index", "-i", type=click.IntRange(min=0), default=0, show_default=True, help="Which luck.")
@click.option(
    "--speed", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Simulated seconds per second."
)
@click.option("--at", "moment", help="Show this one moment, as 3m20s, and end.")
def command(file: Path, strategy: str, case: str, index: int, speed: float, moment: str | None) -> None:
    """Replay one release: versions and pods, weights, failed and slow requests, verdicts as they fall.

    In a pipe, or with --at, it prints one moment; without --at that is the last.

    \b
    Examples:
      rollrisk watch scenarios/textbook.yaml -s canary-80-20 -c errors -i 3
      rollrisk watch scenarios/textbook.yaml -s blue-green -c errors --speed 120
      rollrisk watch scenarios/textbook.yaml -s blue-green -c errors --at 4m
    """
    from sim.replication import replicate
    from sim.report.watching import Watched, picture
    from sim.scenario import load

    at = None if moment is None else _moment(moment)
    scenario = load(file)
    record = replicate(scenario, strategy=strategy, case=case, index=index, story=True)
    watched = Watched(record=record, scenario=scenario)
    if at is not None or not sys.stdout.isatty():
        say("\n".join(picture(watched, watched.end if at is None else at, width=width())))
    else:
        _play(watched, speed)


def _moment(written: str) -> int:
    from sim.units import duration

    try:
        return duration(written)
    except ValueError as error:
        raise UsageError(f"--at {written!r}: {error}") from error


def _play(watched: Watched, speed: float) -> None:
    """Redraw until the story is over; the clock on the wall only sets the pace."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from sim.report.watching import picture
    from sim.units import SECOND

    began = time.monotonic()
    with Live(console=Console(), refresh_per_second=FRAMES_PER_SECOND) as live:
        now = 0
        while now < watched.end:
            now = min(watched.end, round((time.monotonic() - began) * speed * SECOND))
            live.update(Text("\n".join(picture(watched, now, width=width()))))
            time.sleep(1 / FRAMES_PER_SECOND)
