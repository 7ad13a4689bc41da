"""What data say, as lines of a scenario: each with where it comes from, its interval, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sim.exchange.drafts.lines import Line
from sim.exchange.measured.data import ALL
from sim.exchange.measured.fits.errors import Errors
from sim.exchange.measured.fits.figure import Figure, sure
from sim.exchange.measured.fits.traffic import Traffic
from sim.exchange.measured.fits.work import FEWEST, Work
from sim.exchange.measured.learning import Learnt
from sim.scenario.document import Trail
from sim.units import SECOND, show_duration, show_rate, show_share, write_share

HEAVY, GROWS = 1.5, 1.1
"""A tail so many times as long, and response times so many times as long under load, are worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What a scenario says before it is calibrated."""

    peaks: Mapping[str, float]
    """Requests per second, of streams that are told by a peak."""
    errors: float
    concurrency: int = 1


def lines(learnt: Learnt, now: Now) -> tuple[dict[Trail, Line], list[str]]:
    """The values to put into a scenario, and what of it stays because the data leave it open."""
    found: dict[Trail, Line] = {}
    stays: list[str] = []
    if learnt.traffic is not None:
        found |= dict(_traffic(learnt, learnt.traffic, now.peaks))
    if learnt.errors is not None:
        line = _errors(learnt, learnt.errors, now.errors)
        if isinstance(line, str):
            stays.append(line)
        else:
            found["release", "baseline_errors"] = line
    if learnt.work is not None:
        for trail, each in _work(learnt, learnt.work, now):
            if isinstance(each, str):
                stays.append(each)
            else:
                found[trail] = each
    if learnt.today is not None:
        found |= dict(_today(learnt))
    return found, stays


def _traffic(learnt: Learnt, traffic: Traffic, peaks: Mapping[str, float]) -> Iterator[tuple[Trail, Line]]:
    file = learnt.named(load_test=False)
    days = "1 day" if traffic.days == 1 else f"{traffic.days} days"
    when = days if traffic.days else "one stretch, which says nothing of other days"
    shared = traffic.peaks.get(ALL) if len(peaks) > 1 else None
    for name, now in peaks.items():
        peak = traffic.peaks.get(name)
        if peak is None and shared is not None and now > 0:
            factor = now / sum(peaks.values())
            peak = Figure(value=shared.value * factor, low=shared.low * factor, high=shared.high * factor, trust="low")
            note = "; all streams were counted together, shared out as they were here"
        elif peak is None:
            continue
        else:
            note = ""
        yield (
            ("traffic", "streams", name, "peak"),
            Line(_rate(peak.value), f"{file}: {_ends(peak, _rate)}, {when}{note}; trust {peak.trust}"),
        )
    if any(name in traffic.peaks for name in (*peaks, ALL)):
        points = {show_duration(at, SECOND): _percent(share) for at, share in traffic.profile}
        if len(points) == 1:
            points = {"0m": "100%"}
        yield ("traffic", "profile"), Line(points, f"{file}: from {traffic.begins} on, {when}")


def _errors(learnt: Learnt, errors: Errors, now: float) -> Line | str:
    """The line; where none failed the bound alone, and only if it says something new."""
    file = learnt.named(load_test=False) or learnt.named()
    counted = f"{errors.failed:,.0f} of {errors.requests:,.0f} requests failed"
    note = (
        f"; errors come in clusters, {errors.clustered:.2g} times as uneven as by chance"
        if errors.clustered > 1.5
        else ""
    )
    if errors.failed < 1:
        high = float(f"{errors.share.high:.2g}")
        bound = f"{counted}: at most {show_share(high)} ({sure()}), no more can be told".replace(
            "\N{NO-BREAK SPACE}", " "
        )
        if now <= high:
            return f"The share of errors on a quiet day stays as it was: {bound}"
        return Line(_percent(high), f"{file}: {bound}; trust low")
    ends = _ends(errors.share, lambda each: show_share(float(f"{each:.3g}")))
    trust = "medium" if errors.share.trust == "high" and not learnt.named(load_test=False) else errors.share.trust
    return Line(_percent(errors.share.value), f"{file}: {counted}, {ends}{note}; trust {trust}")


def _work(learnt: Learnt, work: Work, now: Now) -> Iterator[tuple[Trail, Line | str]]:
    """The law of each stream's work and the concurrency, or why they stay."""
    file = learnt.named()
    for name in learnt.wanted.streams:
        trail = ("traffic", "streams", name, "work")
        if name not in work.quantiles:
            yield (
                trail,
                (
                    f"The work of {name} stayed as it was: fewer than {FEWEST} of its requests surely did not wait; "
                    "a quieter time would tell"
                ),
            )
            continue
        middle, slow = work.quantiles[name][0.5], work.quantiles[name][0.95]
        if slow.value < 1.02 * middle.value:
            value: object = duration(middle.value)
        else:
            value = {"p50": duration(middle.value), "p95": duration(slow.value)}
        ends = ", ".join(f"{share} {_ends(each, duration)}" for share, each in (("p50", middle), ("p95", slow)))
        counted = f"{work.told_by[name]:,} requests " + (
            "of the quietest third of the time" if work.uncounted else "that hardly waited"
        )
        note = ""
        if work.tail[name] > HEAVY:
            note = f"; one in a hundred takes {work.tail[name]:.2g} times as long as in a log-normal law of these"
        trust = "medium" if work.uncounted else "high"
        yield trail, Line(value, f"{file}: {counted}, {ends}{note}; trust {trust}")
    yield ("service", "concurrency"), _concurrency(file, work, now)


def _concurrency(file: str, work: Work, now: Now) -> Line | str:
    """The line; where nobody was seen to wait what would tell, and a new least only if today's is below."""
    stayed = f"The concurrency stayed at {now.concurrency}"
    if work.uncounted:
        grows = (
            f"; response times grow by {work.grows - 1:.0%} in the busiest third of the time, so requests may wait then"
            if work.grows > GROWS
            else ""
        )
        return f"{stayed}: {work.uncounted}{grows}"
    busiest = f"{float(f'{work.busiest:.2g}'):g} requests under way for each pod at the busiest"
    found = work.concurrency
    if found is not None and not math.isinf(found.high):
        ends = f"{found.low:g} to {found.high:g} ({sure()})"
        return Line(
            int(found.value), f"{file}: how response times grow with requests under way, {ends}; trust {found.trust}"
        )
    if work.waits:
        return f"{stayed}: requests wait, with {busiest}; from how many on a quieter hour beside it would tell"
    if found is None:
        return f"{stayed}: hardly anybody waited, with {busiest}; a load test with more would tell"
    least = int(found.low)
    if now.concurrency >= least:
        return (
            f"{stayed}: hardly anybody waited, with {busiest}; it is {least} or more. A load test that reaches "
            f"{max(2 * least, now.concurrency)} requests under way for each pod would tell"
        )
    return Line(least, f"{file}: at least, for with {busiest} hardly anybody waited; no more can be told; trust low")


def _today(learnt: Learnt) -> Iterator[tuple[Trail, Line]]:
    today = learnt.today
    assert today is not None
    value: dict[str, str] = {}
    if today.rate is not None:
        value["at"] = _rate(today.rate)
    if today.success is not None:
        value["success"] = write_share(round(today.success, 6))
    for share, took in today.latency.items():
        value[f"p{round(share * 100)}"] = duration(took)
    note = f"; buckets are wide: latencies may be off by a factor of {today.coarse:.2g}" if today.coarse > 1.25 else ""
    yield (
        ("observed",),
        Line(value, f"{learnt.named(load_test=False)}: what users see; the model must first reproduce it{note}"),
    )


def duration(nanoseconds: float) -> str:
    """Three figures, as a person would write them.

    >>> duration(123_456_789), duration(1_234_567_890)
    ('123ms', '1.23s')
    """
    if nanoseconds <= 0:
        return "0s"
    size = 10 ** max(0, math.floor(math.log10(nanoseconds)) - 2)
    return show_duration(round(nanoseconds / size) * size)


def _rate(value: float) -> str:
    return show_rate(float(f"{value:.3g}"))


def _percent(share: float) -> str:
    return write_share(min(1.0, max(0.0, float(f"{share:.3g}"))))


def _ends(figure: Figure, show: Callable[[float], str]) -> str:
    if math.isinf(figure.high):
        return f"at least {show(figure.low)} ({sure()})" if figure.low > 0 else "one day says nothing of other days"
    return f"{show(figure.low)} to {show(figure.high)} ({sure()})".replace("\N{NO-BREAK SPACE}", " ")
