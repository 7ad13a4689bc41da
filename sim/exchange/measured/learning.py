"""What all files together say about a scenario: every fit asked, with what none of them could tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import ALL, Bools, Measured, Single, Windows, joined, windows_of
from sim.exchange.measured.fits.errors import INCIDENT, Errors, fit_errors
from sim.exchange.measured.fits.moment import WeekMoment
from sim.exchange.measured.fits.today import Today, fit_today
from sim.exchange.measured.fits.traffic import STEPS, Traffic, fit_traffic
from sim.exchange.measured.fits.work import Spread, Work, fit_work
from sim.units import MINUTE, SECOND, show_duration, show_share

MOST_UNPLACED = 0.02
"""Share of requests that may belong to no stream where those under way are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a scenario asks of the data."""

    streams: tuple[str, ...]
    horizon: int
    """ns that a replication lasts from the release on."""
    at: WeekMoment | None = None
    pods: int = 1
    """Pods that served."""
    spread: Spread = "even"
    """How requests lie in pods."""
    uncounted: str = ""
    """Why requests under way say nothing of this service's pods, for a reader; empty where they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Every figure that the data hold; None or nothing for what they do not."""

    files: tuple[Measured, ...]
    wanted: Wanted
    traffic: Traffic | None = None
    errors: Errors | None = None
    errors_by_stream: Mapping[str, Errors]
    today: Today | None = None
    work: Work | None = None
    not_told: tuple[str, ...] = ()

    def named(self, *, load_test: bool | None = None) -> str:
        """The files that a figure rests on, for its origin."""
        files = [each for each in self.files if load_test is None or each.load_test == load_test]
        return ", ".join(dict.fromkeys(each.file.rsplit("/", 1)[-1] for each in files))


def learn(files: Sequence[Measured], wanted: Wanted) -> Learnt:
    """All fits; raises NotMeasuredError where the moment asked for is not in the data."""
    users = [each for each in files if not each.load_test]
    streams = by_stream(users)
    dated = bool(users) and all(each.dated for each in users if each.series)
    recorded = {name: longest(parts) for name, parts in streams.items()}
    traffic = fit_traffic(recorded, horizon=wanted.horizon, dated=dated, at=wanted.at)
    sources = streams or by_stream(files)
    errors = fit_errors([part for parts in sources.values() for part in parts])
    work = _work(files, wanted)
    by_name = {name: found for name, parts in sources.items() if (found := fit_errors(parts)) is not None}
    return Learnt(
        files=tuple(files),
        wanted=wanted,
        traffic=traffic,
        errors=errors,
        errors_by_stream=by_name,
        today=fit_today([each for file in users for each in file.series], errors if streams else None),
        work=work,
        not_told=tuple(_not_told(files, traffic, errors, work)),
    )


def _work(files: Sequence[Measured], wanted: Wanted) -> Work | None:
    """From the recording that has timed most requests: two of the same time would count each other's twice."""
    by_form: dict[str, dict[str, Single]] = {}
    for (stream, form), requests in singles(files).items():
        if stream in wanted.streams:
            by_form.setdefault(form, {})[stream] = requests
    if not by_form:
        return None
    form, most = max(by_form.items(), key=lambda each: sum(int(one.good.sum()) for one in each[1].values()))
    placed = sum(len(each.began) for each in most.values())
    unplaced = sum(file.unplaced for file in files if file.form == form)
    uncounted = wanted.uncounted
    if unplaced > MOST_UNPLACED * (placed + unplaced):
        uncounted = uncounted or "a part of the requests belongs to no stream of the scenario"
    return fit_work(most, pods=wanted.pods, spread=wanted.spread, uncounted=uncounted)


def by_stream(files: Sequence[Measured]) -> dict[str, tuple[Windows, ...]]:
    """The windows of each stream; what several files tell of the same time is joined.

    Single requests are counted, those of all files of one form together: logs are rotated, and kept by each server.
    """
    found: dict[str, list[Windows]] = {}
    for (stream, _), requests in singles(files).items():
        found.setdefault(stream, []).append(windows_of(requests, _width(requests)))
    for file in files:
        for each in file.series:
            if isinstance(each.data, Windows):
                found.setdefault(each.stream, []).append(each.data)
    return {name: joined(parts) for name, parts in found.items()}


def singles(files: Sequence[Measured]) -> dict[tuple[str, str], Single]:
    """Single requests of each stream and form of file, in the order in which they began."""
    parts: dict[tuple[str, str], list[Single]] = {}
    for file in files:
        for each in file.series:
            if isinstance(each.data, Single):
                parts.setdefault((each.stream, file.form), []).append(each.data)
    return {
        key: Single(
            began=np.concatenate([each.began for each in some]),
            took=np.concatenate([each.took for each in some]),
            failed=_all_told(some),
        ).sorted()
        for key, some in parts.items()
    }


def _all_told(parts: Sequence[Single]) -> Bools | None:
    """Which failed; None where a part does not tell."""
    told = [each.failed for each in parts if each.failed is not None]
    return np.concatenate(told) if len(told) == len(parts) else None


def longest(parts: Sequence[Windows]) -> Windows:
    """Of several recordings of one stream that of the longest time: they may have counted the same requests."""
    return max(parts, key=lambda each: int(each.lasts[~np.isnan(each.requests)].sum()))


def _width(single: Single) -> int:
    """Of windows: some hundreds in all, and some requests in each."""
    span = max(1, int(single.began[-1] - single.began[0]))
    least = max(span // 600, math.ceil(20 * span / max(1, len(single.began))))
    return next((each for each in STEPS if each >= least), max(least // MINUTE * MINUTE, SECOND))


def _not_told(
    files: Sequence[Measured], traffic: Traffic | None, errors: Errors | None, work: Work | None
) -> list[str]:
    told = []
    if traffic is None and all(each.load_test for each in files):
        told.append(
            "How many requests users make: a load test's traffic is its own. Give counts over time, as an access log "
            "or an answer of Prometheus to query_range"
        )
    elif traffic is None:
        told.append("How many requests users make: no file counts requests over time")
    if traffic is not None and traffic.left_out:
        told.append(
            f"{show_duration(traffic.left_out, SECOND)} without a single request were taken for missing data, because "
            "many were due; if nobody came, write so in traffic.profile"
        )
    if errors is not None and errors.incidents:
        told.append(
            f"{show_duration(errors.incidents, SECOND)} in which over {show_share(INCIDENT)} failed, and ten times "
            "the usual, were left out of the quiet day's errors: something was broken then"
        )
    if errors is None:
        told.append("What share of requests fails: no file tells failures beside requests")
    if work is None:
        told.append(
            "How long a request works, and how many a pod works on at once: that takes single requests with their "
            "times, 200 of a stream or more, as an access log or k6's points have them"
        )
    names = {each.stream for file in files for each in file.series}
    if ALL in names and len(names) > 1:
        told.append("Part of the data is of the whole service and was used for what holds of all streams alone")
    return told
