"""``rollrisk calibrate``: what your data say, put into a scenario; each line says where it comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.console import log, plain, say, shown_path, width
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.exchange.measured.asked import Asked, Meaning
    from sim.exchange.measured.fits.work import Spread
    from sim.exchange.measured.lines import Now
    from sim.scenario.resolved import Scenario


LONGEST_VALUE = 120
"""Characters that are shown of a new value, as a profile may be long."""
SPREADS: Mapping[str, Spread] = {"random": "random", "two_choices": "between"}
"""How requests lie in pods, by balancer; evenly with any other."""


@click.command("calibrate")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "written",
    required=True,
    multiple=True,
    metavar="[WHAT=]FILE",
    help="Your data; as often as there are files. WHAT says what values are whose name is gone: requests=rate.json.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The new file; stdout if left out.")
@click.option("--patch", is_flag=True, help="Print the changes as a patch, and write nothing.")
@click.option(
    "--stream", "streams", multiple=True, metavar="NAME=PATTERN", help="Whose requests are whose: pay='/api/pay*'."
)
@click.option(
    "--at", metavar="TIME", help="When you release, as 20:00 or 'Fri 20:00 Europe/Berlin'; else the busiest time."
)
@click.option("--took-in", type=click.Choice(["s", "ms", "us", "ns"]), help="Unit of latencies that say none.")
@click.option("--column", "columns", multiple=True, metavar="MEANING=NAME", help="Which column is meant: took=elapsed.")
@click.option("--noticed-above", metavar="SHARE", help="Of releases: share of errors below which nobody noticed.")
@click.option("--stopped-above", metavar="SHARE", help="Of releases: share of errors above which a gate stopped it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    scenario: Path,
    written: tuple[str, ...],
    output: Path | None,
    patch: bool,
    streams: tuple[str, ...],
    at: str | None,
    took_in: str | None,
    columns: tuple[str, ...],
    noticed_above: str | None,
    stopped_above: str | None,
    force: bool,
) -> None:
    """Write SCENARIO anew with what your data say, each new line with what it rests on and its range.

    Reads answers of Prometheus (query_range, JSON), k6's summary and points, access logs with request times, CSV and
    Parquet with named columns, and lists of past releases. All else in SCENARIO stays as it is, comments too. What the
    data cannot tell stays as it was, and is said.

    \b
    Examples:
      rollrisk calibrate shop.yaml --from access.log -o shop-calibrated.yaml
      rollrisk calibrate shop.yaml --from requests=rate.json --from errors=5xx.json --at "Fri 20:00" --patch
      rollrisk calibrate shop.yaml --from releases.csv --noticed-above 2%
    """
    from sim.exchange.measured.asked import meaning_and_file
    from sim.scenario import from_text
    from sim.scenario.text import read_file
    from sim.study.outputs import SCENARIO, check, write

    if patch and output is not None:
        raise UsageError("--patch prints the changes and --output writes a file; choose one")
    before = "\n".join(read_file(scenario).lines[str(scenario)]).rstrip("\n") + "\n"  # read once: it may be a pipe
    loaded = from_text(before, str(scenario))
    named = [meaning_and_file(each) for each in written]
    inputs = [scenario, *(Path(file) for _, file in named)]
    if output is not None:
        if output.is_file() and output.stat().st_size and not force:
            raise UsageError(f"{output} is there already; give another name, or --force to write over it")
        check(output, SCENARIO, inputs=inputs, force=force)
    asked = _asked(loaded, streams, took_in, columns)
    answer = _answer(loaded, before, str(output or scenario), named, asked, at, (noticed_above, stopped_above))
    if patch:
        say(_patch(before, answer.text, shown_path(scenario)))
    elif output is None:
        say(answer.text.rstrip("\n"))
    else:
        write(output, answer.text.encode(), SCENARIO, inputs=inputs, force=force)
        files = ", ".join(shown_path(file) for _, file in named)
        say(f"{shown_path(output)} is {shown_path(scenario)} with what {files} says.")
    _tell(answer, to_stdout=output is not None)
    if output is not None:
        say(f"Then: rollrisk check {shown_path(output)}; rollrisk run {shown_path(output)}")


class _Answer:
    """The new text, and what is said beside it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[tuple[str, list[str]]] = []

    def add(self, title: str, sentences: Sequence[str]) -> None:
        if sentences:
            self.parts.append((title, list(sentences)))


def _answer(
    loaded: Scenario,
    before: str,
    name: str,
    named: Sequence[tuple[Meaning | None, str]],
    asked: Asked,
    at: str | None,
    bounds: tuple[str | None, str | None],
) -> _Answer:
    """Releases first, then what was measured."""
    from sim.cli.prior import learnt
    from sim.exchange.history.inputs import not_told
    from sim.exchange.history.placing import changed, with_history
    from sim.exchange.measured.readers.reading import content_of
    from sim.exchange.measured.recognising import is_release_list

    answer = _Answer(before)
    contents = [(meaning, file, content_of(file)) for meaning, file in named]
    lists = [(file, content) for meaning, file, content in contents if meaning is None and is_release_list(content)]
    if len(lists) > 1:
        raise UsageError(f"{' and '.join(file for file, _ in lists)} are lists of releases; put them into one")
    for file, content in lists:
        found = learnt(Path(file), *bounds, content)
        answer.text, tree, remarks = with_history(before, found, loaded, name)
        answer.add("New:", changed(tree))
        answer.add("What the list cannot say:", [*remarks, *not_told(found)])
    measured = [each for each in contents if each[1:] not in lists]
    if measured:
        _with_measured(answer, loaded, name, measured, asked, at)
    return answer


def _with_measured(
    answer: _Answer,
    loaded: Scenario,
    name: str,
    contents: Sequence[tuple[Meaning | None, str, bytes]],
    asked: Asked,
    at: str | None,
) -> None:
    from dataclasses import replace

    from sim.exchange.drafts.writing import flow
    from sim.exchange.measured.fits.moment import NotMeasuredError, read_moment
    from sim.exchange.measured.learning import Wanted, learn
    from sim.exchange.measured.lines import lines
    from sim.exchange.measured.pictures import week
    from sim.exchange.measured.readers.reading import read
    from sim.exchange.patching import placed, settled
    from sim.scenario import from_text
    from sim.trails import show_trail

    files = [read(file, content, replace(asked, meaning=meaning)) for meaning, file, content in contents]
    wanted = Wanted(
        streams=asked.streams.names,
        horizon=loaded.study.horizon,
        at=read_moment(at) if at is not None else None,
        pods=loaded.service.replicas,
        spread=SPREADS.get(loaded.service.balancer.kind, "even"),
        uncounted=_uncounted(loaded),
    )
    try:
        found = learn(files, wanted)
    except NotMeasuredError as error:
        raise UsageError(f"--at: {error}") from None
    new, stays = lines(found, _now(loaded))
    answer.text = settled(placed(answer.text, new, name), new, name)
    from_text(answer.text, name)
    answer.add(
        "New:", [f"{show_trail(trail)}: {_short(flow(line.value))}; {line.origin}" for trail, line in new.items()]
    )
    answer.add("How it was read:", ["; ".join([f"{shown_path(each.file)}: {each.form}", *each.said]) for each in files])
    if found.traffic is not None and found.traffic.week:
        answer.add("Requests by hour:", ["\n".join(week(found.traffic))])
    answer.add(
        "What the data cannot tell:",
        [*stays, *found.not_told, *(f"{shown_path(each.file)}: {lost}" for each in files for lost in each.lost)],
    )


def _uncounted(loaded: Scenario) -> str:
    """Why requests under way say nothing of one pod here; empty where they do."""
    if loaded.service.autoscaler is not None and loaded.service.autoscaler.kind != "none":
        return "an autoscaler changes the number of pods"
    if loaded.service.balancer.kind == "ring_hash":
        return "a hash ring gives some pods more requests than others"
    return ""


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]} …"


def _asked(loaded: Scenario, streams: Sequence[str], took_in: str | None, columns: Sequence[str]) -> Asked:
    from sim.exchange.measured.asked import Asked
    from sim.exchange.measured.readers.meanings import chosen
    from sim.exchange.measured.streams import Streams

    names = [each.name for each in loaded.traffic.streams]
    return Asked(streams=Streams.told(names, streams), unit=took_in, columns=chosen(columns))


def _now(loaded: Scenario) -> Now:
    from sim.exchange.measured.lines import Now

    told = [each for each in loaded.traffic.streams if each.arrivals.rate(each.work.mean()) is None]
    return Now(
        peaks={each.name: each.peak for each in told},
        errors=loaded.release.baseline_errors,
        concurrency=loaded.service.concurrency,
    )


def _patch(before: str, after: str, name: str) -> str:
    import difflib

    return "".join(
        difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name)
    ).rstrip("\n")


def _tell(answer: _Answer, *, to_stdout: bool) -> None:
    tell = say if to_stdout else log
    for title, sentences in answer.parts:
        tell(title)
        for each in sentences:
            if "\n" in each:
                tell(plain(each))
            else:
                tell(textwrap.fill(plain(each), width(), initial_indent="  - ", subsequent_indent="    "))
