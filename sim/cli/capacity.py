"""``rollrisk capacity``: what a release needs at the planning peak, as a page that a review board can sign."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.console import log, say, say_json, shown_path
from sim.errors import UsageError


@click.command("capacity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--growth", default="1,1.5", show_default=True, help="Factors on today's peak, with commas: low, base, high."
)
@click.option("--replications", type=click.IntRange(min=3), default=8, show_default=True, help="Releases per fleet.")
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write the page."
)
@click.option("--json", "as_json", is_flag=True, help="The review as one JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(file: Path, growth: str, replications: int, results: Path, as_json: bool, quiet: bool) -> None:
    """Find the smallest fleet per strategy that keeps the SLO through a good release, with and without a lost node.

    Also: the rate at which the file's fleet breaks, what runs out first, how many releases fit into a day. Takes
    seconds to a few minutes.

    \b
    Examples:
      rollrisk capacity scenarios/textbook.yaml
      rollrisk capacity scenarios/textbook.yaml --growth 1,1.3,2
    """
    from dataclasses import asdict

    from sim.report import capacity as layout
    from sim.scenario import load
    from sim.study.folders import slug
    from sim.study.store import write_whole
    from sim.whatif.capacity import review

    growths, scenario = factors(growth), load(file)
    found = review(
        scenario,
        growths=growths,
        replications=replications,
        confidence=scenario.study.confidence,
        on_progress=(lambda said: None) if quiet or as_json else log,
    )
    page = results / f"{slug(scenario.name)}-capacity.md"
    write_whole(page, layout.markdown(found).encode())
    if as_json:
        parts = {
            name: [_finite(asdict(each)) for each in getattr(found, name)] for name in ("fleets", "walls", "prices")
        }
        say_json({"name": scenario.name, "peak_rate": found.peak_rate, "ask": layout.ask(found), **parts})
    else:
        say(layout.terminal(found, shown_path(page)).rstrip())


def factors(text: str) -> tuple[float, ...]:
    """Growth factors as written.

    >>> factors("1, 1.5")
    (1.0, 1.5)

    Raises :class:`UsageError` for what is no list of numbers above zero.
    """
    try:
        found = tuple(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError:
        found = ()
    if not found or not all(0 < factor < 1000 for factor in found):
        raise UsageError(f"--growth {text!r}: write factors on today's peak with commas, as in 1,1.5,2")
    return found


def _finite(value: object) -> object:
    """Plain data without what JSON cannot say."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return None
    return value
