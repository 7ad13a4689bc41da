"""``rollrisk trace``: the event log of one replication, to read or to process."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from sim.cli.console import say
from sim.cli.engines import engine_option
from sim.units import SECOND, show_duration


@click.command("trace")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strategy", "-s", required=True, help="A strategy's name in the scenario; 'none' for no release.")
@click.option("--case", "-c", default="good", show_default=True, help="'good' or a defect's name.")
@click.option("--index", "-i", type=click.IntRange(min=0), default=0, show_default=True, help="Which luck.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, times in nanoseconds.")
@click.option("--pods", is_flag=True, help="Only the pods, a line per change, as kubectl get pods -w shows them.")
@click.option("--quiet", "-q", is_flag=True, help="Only what became of it, not the events.")
@engine_option
def command(
    file: Path, strategy: str, case: str, index: int, as_json: bool, pods: bool, quiet: bool, engine: str
) -> None:
    """Tell one replication event by event: pods, endpoints, steps, verdicts, pages.

    The same strategy, case and index always tell the same story; the report names the typical ones.

    \b
    Examples:
      rollrisk trace scenarios/textbook.yaml -s canary-80-20 -c errors -i 3
      rollrisk trace my.yaml -s blue-green --json
    """
    from sim.replication import replicate
    from sim.scenario import load

    scenario = load(file)
    name = None if strategy == "none" else strategy
    record = replicate(scenario, strategy=name, case=case, index=index, engine=engine, story=True)
    assert record.journal is not None, "a story was asked for"
    if as_json:
        for event in () if quiet else record.journal.events:
            say(_line({"at": event.at, "kind": event.kind, "who": event.who, "what": event.what, **_plain(event)}))
        say(_line({"decision": record.journal.decision.value, "figures": _finite(record.values)}))
        return
    say(f"{scenario.name}: {strategy}, case {case}, index {index}\n")
    if pods:
        _watch(record.journal.events)
    for event in () if quiet or pods else record.journal.events:
        say(_told(event))
    if not quiet:
        say("")
    for moment, at in sorted(record.journal.milestones.items(), key=lambda pair: pair[1]):
        say(f"{_clock(at):>12}  {moment.value}")
    say(f"\n{record.journal.decision.value}; {record.values['failed_requests']:,.0f} of {_total(record.values)} failed")


def _watch(events: Iterable[Any]) -> None:
    """The pods, a line per change."""
    from sim.cli.pods import HEADING, watched

    rows = [HEADING, *((_clock(at), *cells) for at, cells in watched(events))]
    for time, name, ready, status, restarts, node in rows:
        say(f"{time:>12}  {name:<12} {ready:<6} {status:<18} {restarts:<9} {node}")


def _told(event: Any) -> str:
    figures = "  ".join(f"{name} {value:.6g}" for name, value in event.figures.items())
    return f"{_clock(event.at):>12}  {event.kind:<9} {event.who:<18} {event.what}{'  ' + figures if figures else ''}"


def _clock(at: int) -> str:
    """Time since the release, to the millisecond."""
    return show_duration(at, nearest=SECOND // 1000)


def _total(values: Mapping[str, float]) -> str:
    return f"{values['requests']:,.0f} requests"


def _plain(event: Any) -> dict[str, Any]:
    return {"figures": _finite(event.figures)} if event.figures else {}


def _finite(figures: Mapping[str, float]) -> dict[str, float | str]:
    known = {name: value for name, value in figures.items() if not math.isnan(value)}
    return {name: "never" if math.isinf(value) else value for name, value in known.items()}


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
