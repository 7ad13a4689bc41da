"""``rollrisk sweep``: play a scenario with other inputs, and say which of them matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, say, say_json, shown_path
from sim.cli.outputs import force_option, inputs_of
from sim.errors import InputError, UsageError

if TYPE_CHECKING:
    from sim.whatif.sweep import Sweep, Swing

DESIGNS = ("ends", "grid", "latin", "sobol", "morris", "saltelli")


@click.command("sweep")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--vary", multiple=True, metavar="PATH=VALUES", help="As service.replicas=4..12 or service.queue=5,20,80."
)
@click.option("--design", type=click.Choice(DESIGNS), default="ends", show_default=True, help="Which points to try.")
@click.option(
    "--points", type=click.IntRange(min=1), default=8, show_default=True, help="How many (per knob in a grid)."
)
@click.option(
    "--each", type=click.IntRange(min=2), default=20, show_default=True, help="Replications per case and point."
)
@click.option("--measure", help="What to look at.  [default: the measure that decides]")
@click.option("--given", default="release", show_default=True, help="release, bad, good or a defect.")
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes to play with.  [default: one per core]")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write one row per point and strategy here.")
@force_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    file: Path,
    vary: tuple[str, ...],
    design: str,
    points: int,
    each: int,
    measure: str | None,
    given: str,
    results: Path,
    workers: int | None,
    table: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Play a scenario with other inputs and say which of them matter.

    Without --vary the inputs that the file gives as ranges are varied. All points share their luck, and what was played
    is kept. Where the scenario was run before, the ends of each input stand in its report, too.

    \b
    Examples:
      rollrisk sweep scenarios/checkout-evening-peak.yaml
      rollrisk sweep scenarios/textbook.yaml --vary service.replicas=4..12 --vary "traffic.streams.web.peak=20/s,60/s"
      rollrisk sweep scenarios/textbook.yaml --vary release.baseline_errors=0.01%..1% --design grid --points 5
    """
    from sim.scenario import load
    from sim.study import outputs
    from sim.whatif.knobs import knob, own_ranges
    from sim.whatif.sweep import Asked, sweep

    scenario, inputs = load(file), inputs_of([file])
    if table is not None:
        outputs.check(table, outputs.SWEEP_TABLE, inputs=inputs, force=force)
    knobs = tuple(knob(*_halves(each)) for each in vary) or own_ranges(scenario)
    asked = Asked(
        measure=measure or scenario.study.decide_by, given=given, design=design, number=points, replications=each
    )
    shown = None if quiet or as_json else lambda done, of: log(f"{scenario.name}: {done} of {of} points")
    found = sweep(scenario, knobs, asked, results=results, workers=workers, watch=shown)
    if as_json:
        say_json(_plain(found))
    else:
        for line in told(found):
            say(line)
    page = _into_report(found, file, results)
    if page is not None:
        (log if as_json else say)(f"It stands in {shown_path(page)}, under what the verdict hangs on.")
    if table is not None:
        content = found.frame().to_csv(index=False).encode()
        outputs.write(table, content, outputs.SWEEP_TABLE, inputs=inputs, force=force)


def _into_report(found: Sweep, file: Path, results: Path) -> Path | None:
    """Lay a sweep of both ends beside the study of the same scenario and write its report anew; where that shows it.

    The answer has been given before, so nothing that is wrong with the study's folder is allowed to end the command.
    """
    from sim.cli.report import rebuilt
    from sim.report.swept import outdated, rests_on
    from sim.scenario import identity
    from sim.study import read
    from sim.study.digests import put
    from sim.study.folders import SWEEP, folder_of, read_manifest
    from sim.study.model import model_digest

    folder = folder_of(results, found.scenario.name, identity(found.scenario), file)
    if found.asked.design != "ends" or not read_manifest(folder):
        return None
    try:
        findings = read(folder)
        content = {**_plain(found), "rests_on": rests_on(found.scenario, model_digest())}
        put(folder, {SWEEP: json.dumps(content, indent=2).encode() + b"\n"})
        changed = outdated(folder, findings)
        if changed:
            log(f"Its report does not show this, for it was written before a change ({changed}); run {file} again.")
            return None
        page, left_out = rebuilt(folder, findings)
    except InputError as error:
        log(f"Its report does not show this: {error}")
        return None
    if left_out:
        log(left_out)
    return page


def told(found: Sweep) -> Iterator[str]:
    """The answer: each point's figures, or the tornado; then where the verdict turns."""
    names = list(found.likely.figures)
    yield f"{found.asked.measure.replace('_', ' ')}, given {found.asked.given}; {found.asked.replications} replications"
    yield f"as written: {_figures(found.likely.figures, names)}"
    if found.asked.design == "ends":
        yield from _tornado(found.tornado())
    else:
        for point in found.points:
            values = ", ".join(f"{path}={value}" for path, value in point.values.items())
            yield f"{values}: {_figures(point.figures, names)}"
    yield from _importance(found)
    turned = found.turned()
    for point in turned:
        values = ", ".join(f"{path}={value}" for path, value in point.values.items())
        yield f"The verdict turns at {values}: {point.recommended} instead of {found.likely.recommended or 'none'}."
    if not turned:
        mine = found.likely.recommended
        yield f"No point recommends another strategy than {mine}." if mine else "As written, none can be recommended."


def _halves(written: str) -> tuple[str, str]:
    path, equals, values = written.partition("=")
    if not equals or not values:
        raise UsageError(f"--vary: cannot read {written!r}; write a path and its values, as service.replicas=4..12")
    return path.strip(), values


def _figures(figures: Any, names: list[str]) -> str:
    from sim.report.wording import with_noise

    return "  ".join(f"{name} {with_noise(figures[name])}" for name in names)


def _tornado(swings: tuple[Swing, ...]) -> Iterator[str]:
    from sim.report.wording import with_noise

    widest = max((swing.size for swing in swings), default=0.0)
    label = max((len(f"{swing.path} ({swing.strategy})") for swing in swings), default=0)
    for swing in swings:
        bar = "#" * round(20 * swing.size / widest) if widest > 0 else ""
        ends = f"{swing.low}: {with_noise(swing.at_low)}, {swing.high}: {with_noise(swing.at_high)}"
        yield f"{f'{swing.path} ({swing.strategy})':<{label}}  {bar:<20}  {ends}"


def _importance(found: Sweep) -> Iterator[str]:
    for strategy, knobs in found.indices().items():
        yield f"which knob matters, {strategy} (on a logarithmic scale):"
        for knob, each in zip(found.knobs, knobs, strict=True):
            shown = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in each.items())
            yield f"  {knob.path}: {shown or 'nothing changes'}"


def _plain(found: Sweep) -> dict[str, Any]:
    from sim.report.numbers import number

    def point(each: Any) -> dict[str, Any]:
        figures = {
            name: {"value": number(one.value), "interval": [number(one.low), number(one.high)], "n": one.n}
            for name, one in each.figures.items()
        }
        return {"values": dict(each.values), "figures": figures, "recommended": each.recommended}

    return {
        "name": found.scenario.name,
        "measure": found.asked.measure,
        "given": found.asked.given,
        "design": found.asked.design,
        "as_written": point(found.likely),
        "points": [point(each) for each in found.points],
        "tornado": [
            {"path": each.path, "strategy": each.strategy, "low": each.at_low.value, "high": each.at_high.value}
            for each in found.tornado()
        ],
        "indices": {
            strategy: {knob.path: dict(each) for knob, each in zip(found.knobs, knobs, strict=True)}
            for strategy, knobs in found.indices().items()
        },
    }
