"""``rollrisk power``: what a scenario's gates would miss, and how often they would stop a good release."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim import units
from sim.cli.console import plain, say, say_json, width
from sim.cli.outputs import force_option, inputs_of
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.whatif.power import Grade, Power


HEADINGS = "    errors   stopped      95 % interval  by formula    half by  errors spent"


@click.command("power")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strategy", "-s", help="Only this strategy.  [default: all that have a gate]")
@click.option(
    "--errors", "-e", help="True error ratios to try, as 0.2%,0.5%,1%.  [default: 2, 5, 10, 50 times today's]"
)
@click.option("--slower", help="Slowdowns to try, as 1.5,2.  [default: 1.25 to 3 times where a gate reads latencies]")
@click.option("--releases", "-n", type=click.IntRange(min=20), default=400, show_default=True, help="For each ratio.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the curves into this file (.svg, .png, .pdf).")
@force_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(
    file: Path,
    strategy: str | None,
    errors: str | None,
    slower: str | None,
    releases: int,
    plot: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Put the gates of a scenario on trial: what would they miss, and at what cost?

    Plays releases of graded badness through each strategy's gate, its dry gates and the recommended two-arm gate, with
    the scenario's own rates, weights, holds and scraping. The person on call is tried too, alone and behind the gate.
    Only what they see is simulated: no pods, no queues, no retries.

    \b
    Examples:
      rollrisk power scenarios/textbook.yaml
      rollrisk power scenarios/textbook.yaml --strategy canary-80-20
    """
    from sim.scenario import load
    from sim.study.outputs import check, write
    from sim.whatif.curves import kind_of
    from sim.whatif.power import power_of

    ratios, slowdowns = _ratios(errors), _slowdowns(slower)
    scenario, inputs = load(file), inputs_of([file])
    if plot is not None:
        check(plot, kind_of(plot), inputs=inputs, force=force)
    chosen = [each for each in scenario.strategies if strategy in (None, each.name) and (each.gate or each.dry)]
    if not chosen:
        named = f"strategy {strategy!r}" if strategy else "no strategy of this scenario"
        having = ", ".join(each.name for each in scenario.strategies if each.gate or each.dry) or "none"
        raise UsageError(f"{named} has a gate to try; strategies with a gate: {having}")
    tried = {
        each.name: power_of(scenario, each, ratios=ratios, slowdowns=slowdowns, releases=releases) for each in chosen
    }
    if plot is not None:
        from sim.whatif.curves import drawn

        content = drawn([power for powers in tried.values() for power in powers], plot.suffix)
        write(plot, content, kind_of(plot), inputs=inputs, force=force)
    if as_json:
        say_json({name: _plain(powers) for name, powers in tried.items()})
        return
    for name, powers in tried.items():
        _tell(scenario.name, name, powers, releases)


def _ratios(written: str | None) -> list[float] | None:
    if written is None:
        return None
    try:
        return [units.share(each) for each in written.split(",")]
    except ValueError as error:
        raise UsageError(f"--errors: {error}; write shares with commas between, as 0.2%,0.5%,1%") from None


def _slowdowns(written: str | None) -> list[float] | None:
    if written is None:
        return None
    try:
        found = [units.amount(each) for each in written.split(",")]
    except ValueError as error:
        raise UsageError(f"--slower: {error}; write factors with commas between, as 1.5,2") from None
    if min(found) <= 0:
        raise UsageError("--slower: a factor must be above 0; write e.g. 1.5,2")
    return found


def _tell(title: str, strategy: str, powers: tuple[Power, ...], releases: int) -> None:
    from sim.whatif.saying import sentence

    base = powers[0].setting.errors
    say(f"{title}: {strategy}, {releases} releases of each error ratio\n")
    for power in powers:
        say(f"{power.watch.name}{'' if power.acts or power.watch.person else ' (does not act)'}")
        say(HEADINGS)
        for grade in power.grades:
            say(_row(grade, good=grade.ratio <= base and grade.slower <= 1.0))
        say("")
    say(plain(textwrap.fill(sentence(powers), width(), break_long_words=False)))
    say("")


def _row(grade: Grade, *, good: bool) -> str:
    stopped = grade.stopped
    interval = f"{100 * stopped.low:.1f} to {100 * stopped.high:.1f} %"
    formula = "-" if grade.by_arithmetic is None else f"{100 * grade.by_arithmetic:.1f} %"
    second = units.SECOND
    half = "never" if math.isinf(grade.seconds.value) else units.show_duration(round(grade.seconds.value) * second)
    spent = f"{grade.errors.value:,.1f}"
    note = "  a good release" if good else ""
    return (
        f"  {_called(grade):>8}  {100 * stopped.value:>6.1f} %  {interval:>17}  {formula:>10}  {half:>9}"
        f"  {spent:>12}{note}"
    )


def _called(grade: Grade) -> str:
    return units.show_share(grade.ratio) if grade.slower == 1.0 else f"x {grade.slower:.4g}"


def _plain(powers: tuple[Power, ...]) -> dict[str, Any]:
    from sim.whatif.saying import sentence

    return {
        "sentence": plain(sentence(powers)),
        "gates": [
            {
                "gate": power.watch.gate,
                "person": power.watch.person,
                "acts": power.acts,
                "requests_by_hold": list(power.requests),
                "grades": [_plain_grade(grade) for grade in power.grades],
            }
            for power in powers
        ],
    }


def _plain_grade(grade: Grade) -> dict[str, Any]:
    seconds = grade.seconds
    return {
        "errors": grade.ratio,
        "slower": grade.slower,
        "stopped": grade.stopped.value,
        "stopped_interval": [grade.stopped.low, grade.stopped.high],
        "by_formula": grade.by_arithmetic,
        "median_seconds": [
            each if math.isfinite(each) else None for each in (seconds.value, seconds.low, seconds.high)
        ],
        "looks_that_judged": None if math.isnan(grade.judged) else grade.judged,
        "errors_spent": [grade.errors.value, grade.errors.low, grade.errors.high],
        "releases": grade.stopped.n,
    }
