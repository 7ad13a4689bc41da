"""``rollrisk prior``: what is published about releases, what your own list says, and what both come to."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import plain, say, say_json, width

if TYPE_CHECKING:
    from sim.exchange.history.fits import Learnt, Rate, Spread

CELLS, MOST = 40, 0.5
"""Width of a picture, and the largest share in it."""
BARS = " ▁▂▃▄▅▆▇█"


@click.command("prior")
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@click.option("--from", "file", type=click.Path(path_type=Path), help="Your releases: CSV or JSON, one row each.")
@click.option("--noticed-above", metavar="SHARE", help="Share of errors below which nobody would have noticed.")
@click.option(
    "--stopped-above", metavar="SHARE", help="Share of errors above which a gate would have stopped it first."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(
    scenario: Path | None, file: Path | None, noticed_above: str | None, stopped_above: str | None, as_json: bool
) -> None:
    """Show how often releases are bad: what is published, what your releases say, and what both come to.

    The list needs a column 'result' (good, bad); the more of time, cause, stopped_by, minutes_to_detect,
    minutes_to_mitigate, peak_error_ratio, ratio_of and weight it has, the more is learnt. With SCENARIO, what it says
    now stands beside. Nothing is written; rollrisk calibrate writes.

    \b
    Examples:
      rollrisk prior
      rollrisk prior --from releases.csv
      rollrisk prior shop.yaml --from releases.csv --noticed-above 2%
    """
    from sim.exchange.history.fits import PRIOR, Rate

    now = _now(scenario) if scenario else {}
    if file is None:
        _say_prior(Rate(*PRIOR), now, as_json=as_json)
        return
    found = learnt(file, noticed_above, stopped_above)
    if as_json:
        say_json(_plain(found, now))
    else:
        say(plain(told(found, now)))


def learnt(file: Path, noticed_above: str | None = None, stopped_above: str | None = None) -> Learnt:
    """What a list of releases says; raises ScenarioError for the list, UsageError for an option."""
    from sim.exchange.history.fits import learn
    from sim.exchange.history.releases import read_history

    above, below = _share("--noticed-above", noticed_above, 0.0), _share("--stopped-above", stopped_above, 1.0)
    if above >= below:
        from sim.errors import UsageError

        raise UsageError(f"--noticed-above {noticed_above} must be less than --stopped-above {stopped_above or '100%'}")
    return learn(read_history(file), noticed_above=above, stopped_above=below)


def _share(option: str, written: str | None, default: float) -> float:
    from sim import units
    from sim.errors import UsageError

    if written is None:
        return default
    try:
        return units.share(written)
    except ValueError as error:
        raise UsageError(f"{option} {written!r}: {error}") from None


def _now(file: Path) -> dict[str, str]:
    """What a scenario says now of what a list of releases knows, as it is written there."""
    from sim.exchange.drafts.writing import flow
    from sim.scenario import load

    document: Any = load(file).document
    release, oncall = document.get("release") or {}, document.get("oncall")
    said = {"rate": flow(release.get("change_failure_rate"))}
    said["causes"] = ", ".join(f"{name} {each.get('share')}" for name, each in (release.get("defects") or {}).items())
    said["reaction"] = flow(oncall.get("reacts")) if isinstance(oncall, dict) else "nobody is on call"
    return said


def _say_prior(prior: Rate, now: dict[str, str], *, as_json: bool) -> None:
    from sim.exchange.history.fits import PRIOR_SOURCE

    if as_json:
        say_json({"prior": _rate(prior), "source": PRIOR_SOURCE, "scenario": now})
        return
    lines = ["change failure rate", *_row("published", prior, PRIOR_SOURCE), *_written("your scenario", now, "rate")]
    lines += ["", "Two releases in a year say little, two hundred say nearly all: rollrisk prior --from releases.csv"]
    say(plain("\n".join(lines)))


def told(found: Learnt, now: dict[str, str]) -> str:
    """Prior, list and both, figure by figure."""
    from sim.exchange.history.fits import PRIOR_SOURCE
    from sim.exchange.history.inputs import not_told
    from sim.units import show_share

    bad, all_of_them = len(found.history.bad), len(found.history.releases)
    lines = ["change failure rate", *_row("published", found.prior, PRIOR_SOURCE)]
    lines.append(
        f"  {'your list':<14}{show_share(_two(bad / all_of_them)):>7}  {bad} of {all_of_them} releases were bad"
    )
    lines += [*_row("both", found.rate, "what a scenario should say"), *_written("your scenario", now, "rate")]
    if found.causes:
        lines += ["", f"causes of the {sum(each.count for each in found.causes)} bad releases that have one"]
        for each in found.causes:
            low, high = each.share.ends()
            ends = f"{show_share(_two(low))} to {show_share(_two(high))}"
            lines.append(f"  {each.name:<14}{show_share(_two(each.share.mean)):>7}  {each.count}; {ends}")
        lines += _written("your scenario", now, "causes")
    lines += _spread(
        "peak share of errors of the new version", found.errors, lambda each: show_share(_two(min(each, 1)))
    )
    lines += _spread("minutes until a person notices", found.noticed, lambda each: f"{_two(each):g}")
    lines += _spread("minutes from noticing to the end", found.reaction, lambda each: f"{_two(each):g}")
    if found.reaction is not None:
        lines += _written("your scenario", now, "reaction")
    if found.a_year is not None:
        likely, fewest, most = (f"{_two(each):,.0f}" for each in found.a_year)
        lines += ["", f"releases a year: about {likely} ({fewest} to {most})"]
    lines += ["", "90 % sure of each range. What this list cannot say:"]
    lines += [textwrap.fill(each, width(), initial_indent="  - ", subsequent_indent="    ") for each in not_told(found)]
    return "\n".join(lines)


def _row(name: str, rate: Rate, note: str) -> list[str]:
    """A law of a share: its mean, range and note, and its density drawn below."""
    from sim.units import show_share

    low, high = rate.ends()
    ends = f"{show_share(_two(low))} to {show_share(_two(high))}"
    return [
        f"  {name:<14}{show_share(_two(rate.mean)):>7}  {ends}; {note}",
        f"  {'':<14}     0 %{picture(rate)}{show_share(MOST)}",
    ]


def picture(rate: Rate) -> str:
    """How likely each share is, from 0 to :data:`MOST`, as a row of bars."""
    from scipy import stats

    edges = [MOST * cell / CELLS for cell in range(CELLS + 1)]
    chances = [float(stats.beta.cdf(edge, rate.bad, rate.good)) for edge in edges]
    heights = [after - before for before, after in pairwise(chances)]
    most = max(heights)
    return "".join(BARS[round(each / most * (len(BARS) - 1))] for each in heights)


def _written(name: str, now: dict[str, str], key: str) -> list[str]:
    return [f"  {name:<14}{'':>7}  {now[key]}"] if now.get(key) else []


def _spread(name: str, found: Spread | None, show: Any) -> list[str]:
    if found is None:
        return []
    said = [f"half below {show(found.middle.value)} ({show(found.middle.low)} to {_most(found.middle.high, show)})"]
    said.append(
        f"one in twenty above {show(found.slow.value)} ({show(found.slow.low)} to {_most(found.slow.high, show)})"
    )
    return ["", f"{name}, of {found.seen} bad releases", *(f"  {each}" for each in said)]


def _most(value: float, show: Any) -> str:
    return "any" if value == float("inf") else str(show(value))


def _two(value: float) -> float:
    return float(f"{value:.2g}")


def _rate(rate: Rate) -> dict[str, float]:
    low, high = rate.ends()
    return {"mean": rate.mean, "low": low, "high": high, "bad": rate.bad, "good": rate.good}


def _plain(found: Learnt, now: dict[str, str]) -> dict[str, Any]:
    from sim.exchange.history.fits import PRIOR_SOURCE
    from sim.exchange.history.inputs import not_told

    def spread(each: Spread | None) -> dict[str, Any] | None:
        if each is None:
            return None
        ends = {
            name: {"value": part.value, "low": part.low, "high": None if part.high == float("inf") else part.high}
            for name, part in (("p50", each.middle), ("p95", each.slow))
        }
        return {"seen": each.seen, "open": each.open, **ends}

    return {
        "releases": len(found.history.releases),
        "bad": len(found.history.bad),
        "source": PRIOR_SOURCE,
        "prior": _rate(found.prior),
        "posterior": _rate(found.rate),
        "causes": [{"name": each.name, "count": each.count, **_rate(each.share)} for each in found.causes],
        "errors": spread(found.errors),
        "minutes_to_notice": spread(found.noticed),
        "minutes_to_end": spread(found.reaction),
        "releases_a_year": list(found.a_year) if found.a_year else None,
        "not_told": list(not_told(found)),
        "scenario": now,
    }
