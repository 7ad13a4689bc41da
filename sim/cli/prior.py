"""``rollrisk prior``: what is published about releases, what your own list says, and what both come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import plain, say, say_json, width

if TYPE_CHECKING:
    from sim.exchange.history.fits import Learnt, Rate, Spread


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
        from sim.exchange.history.beside import told

        say(plain(told(found, now, width())))


def learnt(
    file: Path, noticed_above: str | None = None, stopped_above: str | None = None, content: bytes | None = None
) -> Learnt:
    """What a list of releases says; raises ScenarioError for the list, UsageError for an option.

    ``content`` is what was read of the file already: it may be a pipe.
    """
    from sim.exchange.history.fits import learn
    from sim.exchange.history.releases import read_history

    above, below = _share("--noticed-above", noticed_above, 0.0), _share("--stopped-above", stopped_above, 1.0)
    if above >= below:
        from sim.errors import UsageError

        raise UsageError(f"--noticed-above {noticed_above} must be less than --stopped-above {stopped_above or '100%'}")
    return learn(read_history(file, content), noticed_above=above, stopped_above=below)


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
    from sim.exchange.history.beside import row, written
    from sim.exchange.history.fits import PRIOR_SOURCE

    if as_json:
        say_json({"prior": _rate(prior), "source": PRIOR_SOURCE, "scenario": now})
        return
    source = f"{PRIOR_SOURCE}; the range holds nine of ten teams"
    lines = ["change failure rate", *row("published", prior, source), *written("your scenario", now, "rate")]
    lines += ["", "Two releases in a year say little, two hundred say nearly all: rollrisk prior --from releases.csv"]
    say(plain("\n".join(lines)))


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
