"""The comparison: one row per measure, one cell per strategy; the same rows for terminal, page and Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sim import units
from sim.report import wording
from sim.scenario.resolved import Prices
from sim.study.charges import for_one_lost
from sim.study.findings import Estimate, Findings, Ships, Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands at a measure and a strategy.

    ``figure`` is the text without its noise, for where the interval stands beneath; ``span`` is low, value, high for a
    small picture, where there is one.
    """

    text: str
    figure: str = ""
    interval: str = ""
    span: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measure across the strategies, with what it means in one sentence."""

    label: str
    meaning: str
    cells: Mapping[str, Cell]


def comparison(findings: Findings) -> tuple[Row, ...]:
    """All rows for which the study has a figure."""
    rows: Iterable[Row | None] = (
        _counted(
            findings,
            f"failed requests, {asked(findings)[1]}",
            ("failed_requests", asked(findings)[0]),
            f"Requests that fail because of the release, beyond those that fail anyway, {asked(findings)[2]}.",
        ),
        _gross(findings, asked(findings)[0]),
        _once_awake(findings),
        _over_all(findings),
        _gross(findings, "release") if findings.scenario.release.defects else None,
        _over_range(findings),
        _cut_off(findings),
        *_connections(findings),
        _deciding(findings),
        _counted(
            findings,
            f"requests never made, {asked(findings)[1]}",
            ("requests_never_made", asked(findings)[0]),
            "Requests that users of closed loops would have made without the release: they waited for slow answers. "
            "Below zero where they were refused at once and asked again.",
        ),
        _counted(
            findings,
            f"full-outage minutes, {asked(findings)[1]}",
            ("outage_minutes", asked(findings)[0]),
            "Failed requests divided by requests per minute: as if the service had been wholly down for so long.",
        ),
        _down(findings),
        _user_uptime(findings),
        _budget(findings),
        *_money(findings),
        _stopped(findings),
        _asleep(findings),
        _harmless(findings),
        _not_shipped(findings),
        _ships(findings),
        _peaks(findings),
        _durations(findings),
    )
    return tuple(row for row in rows if row is not None)


def asked(findings: Findings) -> tuple[str, str, str]:
    """The releases that the first rows are about, for a look-up, a label and a sentence: bad ones, where any are."""
    if findings.scenario.release.defects:
        return "bad", "if bad", "when the release is bad"
    return "good", "good release", "although nothing is wrong with it"


def _over_all(findings: Findings) -> Row | None:
    """Over all releases, where some are bad."""
    if not findings.scenario.release.defects:
        return None
    return _counted(
        findings,
        f"failed requests, {bad_rate(findings)} bad",
        ("failed_requests", "release"),
        "The same over all releases, the good ones included: the expected cost of one release.",
    )


def bad_rate(findings: Findings) -> str:
    """How many releases are bad, as the author said."""
    return wording.share(findings.scenario.release.change_failure_rate)


def rate_range(findings: Findings) -> tuple[str, str] | None:
    """The low and the high end of the change-failure rate, as written, when it is a range."""
    for ranged in findings.scenario.ranges:
        if ranged.path == "release.change_failure_rate":
            return ranged.low, ranged.high
    return None


def _row(findings: Findings, label: str, meaning: str, cell: Callable[[str], Cell | None]) -> Row | None:
    cells = {strategy: cell(strategy) for strategy in findings.strategies}
    if all(found is None for found in cells.values()):
        return None
    return Row(label=label, meaning=meaning, cells={name: found or Cell(text="-") for name, found in cells.items()})


def _counted(findings: Findings, label: str, place: tuple[str, str], meaning: str) -> Row | None:
    def cell(strategy: str) -> Cell | None:
        found = findings.estimates.get((place[0], strategy, place[1]))
        if found is None:
            return None
        figure = wording.rounded(found.value, found.half_width)
        return Cell(text=wording.with_noise(found), figure=figure, interval=wording.interval(found), span=span(found))

    return _row(findings, label, meaning, cell)


def _gross(findings: Findings, given: str) -> Row | None:
    """All that fails, beside what the release adds; a row only where requests fail without a release too."""
    anyway = findings.failed_anyway
    if not anyway > 0:
        return None

    def cell(strategy: str) -> Cell | None:
        found = findings.estimates.get(("failed_requests", strategy, given))
        if found is None or not math.isfinite(found.value):
            return None
        whole = found.value + anyway
        return Cell(text=wording.rounded(whole, max(found.half_width, whole / 20)))

    many = f"{anyway:,.0f}" if anyway >= 10 else f"{anyway:.2g}"
    meaning = f"Gross: these and the requests that fail in the same time without a release, about {many} on average."
    return _row(findings, "  of all that fail, gross", meaning, cell)


def _cut_off(findings: Findings) -> Row | None:
    """Over all releases, since good ones take pods down too; a row only where a release cuts something off."""
    measure = "cut_off"
    found = [findings.estimates.get((measure, strategy, "release")) for strategy in findings.strategies]
    if not any(each is not None and each.value != 0 for each in found):
        return None
    meaning = (
        "Of these, requests that were under way when their pod was taken down, or when the release began, and that "
        "failed for it."
    )
    whose = f"{bad_rate(findings)} bad" if findings.scenario.release.defects else asked(findings)[1]
    return _counted(findings, f"  cut off in flight, {whose}", (measure, "release"), meaning)


def _once_awake(findings: Findings) -> Row | None:
    """What late defects cost when they show, by their shares of the bad releases; a row only where there are some."""
    shares = {each.name: each.share for each in findings.scenario.release.defects}

    def cell(strategy: str) -> Cell | None:
        found = [(shares[each.defect] * each.share, each.awake.get(strategy)) for each in findings.late]
        if not found or any(cost is None for _, cost in found):
            return None
        total = sum(share * cost.failed.value for share, cost in found if cost is not None)
        return Cell(text=f"+{wording.rounded(total, abs(total) / 50)}")

    meaning = (
        "What late defects add when they show, until somebody stops them: per bad release, and in no other figure. "
        "Played with the defect awake once the release is through."
    )
    return _row(findings, "  and later, when it shows", meaning, cell)


def _connections(findings: Findings) -> tuple[Row | None, ...]:
    """Only where a stream is one of long-lived connections."""
    rate = bad_rate(findings)
    cut = "Long-lived connections that were cut: each counts as a failed request, and its client makes it again."
    peak = "The most tries to connect again within one second: the storm that the pods which are left have to take."
    return (
        _counted(findings, f"  connections cut, {rate} bad", ("connections_cut", "release"), cut),
        _counted(findings, f"  most reconnects in 1s, {rate} bad", ("reconnects_peak", "release"), peak),
    )


def _user_uptime(findings: Findings) -> Row | None:
    """Only where a scenario says when a user is active."""

    def cell(strategy: str) -> Cell | None:
        names = ("user_uptime", "user_uptime_worst_5m")
        found = [findings.estimates.get((name, strategy, asked(findings)[0])) for name in names]
        shares = [f"{100 * each.value:.2f}" for each in found if each is not None]
        return Cell(text=f"{' / '.join(shares)} %") if shares else None

    meaning = (
        "Share of the time of active users in which the service was up for them: over all, and in the worst 5 min."
    )
    return _row(findings, f"user-uptime / worst 5m, {asked(findings)[1].removeprefix('if ')}", meaning, cell)


def span(estimate: Estimate) -> tuple[float, float, float] | None:
    """Low, value and high where the interval can be drawn."""
    ends = (estimate.low, estimate.value, estimate.high)
    return ends if all(math.isfinite(end) for end in ends) else None


def _over_range(findings: Findings) -> Row | None:
    written, over = rate_range(findings), findings.ruling.over_range
    if written is None or len(over) < 2:
        return None
    low, high = over[min(over)], over[max(over)]

    def cell(strategy: str) -> Cell | None:
        if strategy not in low:
            return None
        noise = max(abs(end[strategy]) for end in (low, high)) / 20
        ends = dict.fromkeys(wording.rounded(end[strategy], noise) for end in (low, high))
        return Cell(text="-".join(ends))

    measure = "" if findings.ruling.measure == "failed_requests" else f"{plain(findings.ruling.measure)}, "
    label = f"  {measure}for {written[0].rstrip('% ')} to {written[1].rstrip('% ')} % bad"
    meaning = "The expected cost at the low and the high end of how often you said releases are bad."
    return _row(findings, label, meaning, cell)


def _deciding(findings: Findings) -> Row | None:
    """The measure that decides, when it is none of those shown anyway."""
    measure = findings.ruling.measure
    if measure in ("failed_requests", "outage_minutes", "loss"):
        return None
    return _counted(findings, f"{plain(measure)}, all releases", (measure, "release"), "The measure that decides.")


def plain(measure: str) -> str:
    """A measure's name as words.

    >>> plain("down_99.pay")
    'down 99 pay'
    """
    return measure.replace("_", " ").replace("down 99.9", "down 99·9").replace(".", " ").replace("·", ".")


def deciding(findings: Findings) -> str:
    """What the deciding measure counts, in words: a measure's name, or the currency where money decides."""
    prices, measure = findings.scenario.prices, findings.ruling.measure
    return prices.currency if prices is not None and measure == "loss" else plain(measure)


def _down(findings: Findings) -> Row | None:
    def cell(strategy: str) -> Cell | None:
        deep, shallow = (
            findings.estimates.get((f"down_{level}", strategy, asked(findings)[0])) for level in ("99", "95")
        )
        if deep is None or shallow is None:
            return None
        text = f"{wording.seconds(deep.value)} / {wording.seconds(shallow.value)}"
        return Cell(text=text, interval=wording.seconds_interval(deep), span=span(deep))

    label = f"down below 99 / 95 %, {asked(findings)[1]}"
    window = f"{findings.scenario.study.window / 1e9:g}-second windows"
    meaning = f"Total length of {window} in which fewer than 99 % (95 %) of requests succeeded; interval of the first."
    return _row(findings, label, meaning, cell)


def _budget(findings: Findings) -> Row | None:
    def cell(strategy: str) -> Cell | None:
        found = findings.estimates.get(("budget_burnt", strategy, asked(findings)[0]))
        if found is None:
            return None
        interval = wording.interval(found, 100.0, " %")
        return Cell(text=wording.share(found.value), interval=interval, span=span(found))

    slo = findings.scenario.slo
    days = wording.seconds(slo.window / 1e9)
    whose = asked(findings)[0]
    meaning = f"Share of the error budget of {days} ({wording.share(slo.success)} success) that a {whose} release eats."
    return _row(findings, f"error budget burnt, {asked(findings)[1]}", meaning, cell)


def _money(findings: Findings) -> tuple[Row | None, ...]:
    """The loss by the price list: of a bad release, of any release, of a year."""
    prices = findings.scenario.prices
    if prices is None:
        return ()
    each = f"What a release costs by your prices, in {prices.currency}"
    per_year = _row(
        findings,
        f"{prices.currency} per year",
        "The expected cost of all releases of a year.",
        lambda strategy: _money_of_year(findings, strategy),
    )
    return (
        _counted(
            findings,
            f"{prices.currency}, {asked(findings)[1]}",
            ("loss", asked(findings)[0]),
            f"{each}, {asked(findings)[2]}.",
        ),
        _counted(findings, f"{prices.currency}, {bad_rate(findings)} bad", ("loss", "release"), f"{each}, over all."),
        _for_the_lost(findings, prices),
        per_year,
    )


def _for_the_lost(findings: Findings, prices: Prices) -> Row | None:
    """The part of the loss that good releases make which do not ship; a row only where they have a price."""
    each = for_one_lost(prices)
    if not each:
        return None
    good = 1.0 - findings.scenario.release.change_failure_rate

    def cell(strategy: str) -> Cell | None:
        found = findings.estimates.get(("not_shipped", strategy, "good"))
        if found is None:
            return None
        lost = replace(
            found, value=good * each * found.value, low=good * each * found.low, high=good * each * found.high
        )
        return Cell(text=wording.with_noise(lost), interval=wording.interval(lost), span=span(lost))

    parts = [f"{prices.aborted_release:,.4g} {prices.currency}"] if prices.aborted_release else []
    if prices.delay_hour and prices.tried_again_after:
        wait = units.show_duration(prices.tried_again_after)
        parts.append(f"{wait} until it is tried again, at {prices.delay_hour:,.4g} {prices.currency} an hour")
    meaning = f"The part of it for good releases that do not ship; each costs {' and '.join(parts)}."
    return _row(findings, "  for good releases not shipped", meaning, cell)


def _money_of_year(findings: Findings, strategy: str) -> Cell | None:
    found = findings.year.get(strategy)
    if found is None:
        return None
    expected = found.expected
    return Cell(text=wording.with_noise(expected), interval=wording.interval(expected), span=span(expected))


def _stopped(findings: Findings) -> Row | None:
    def cell(strategy: str) -> Cell | None:
        who = findings.stopped.get(strategy)
        if who is None or any(math.isnan(part) for part in (who.gate, who.on_call, who.nobody)):
            return None
        return Cell(text="/".join(str(part) for part in who_stopped(who)[:3]))

    label = "stopped: gate/on-call/nobody"
    meaning = (
        "Who stopped the bad releases, in percent; the gate's share includes smoke tests and deadlines, nobody's only "
        "releases that did harm."
    )
    return _row(findings, label, meaning, cell)


def who_stopped(who: Stopped) -> list[int]:
    """Whole percents of the bad releases: by gate, smoke test or deadline; by a person; by nobody; harmless; asleep."""
    harmless, asleep = (0.0 if math.isnan(share) else share for share in (who.harmless, who.asleep))
    harmful = max(0.0, who.nobody - harmless - asleep)
    return wording.whole_percents([who.gate + who.before_users, who.on_call, harmful, harmless, asleep])


def _asleep(findings: Findings) -> Row | None:
    """Bad releases whose defect shows only after what was played; a row only where there are some."""
    if not any(who.asleep > 0 for who in findings.stopped.values()):
        return None

    def cell(strategy: str) -> Cell | None:
        who = findings.stopped.get(strategy)
        return None if who is None or math.isnan(who.nobody) else Cell(text=str(who_stopped(who)[4]))

    horizon = wording.seconds(findings.scenario.study.horizon / 1e9)
    meaning = (
        f"Bad releases, in percent, whose defect had not shown after {horizon}, when the play ends. They are not "
        "harmless: what they cost later is in no figure of this table."
    )
    return _row(findings, f"  not shown yet after {horizon}", meaning, cell)


def _harmless(findings: Findings) -> Row | None:
    """Bad releases that nobody had to stop; a row only where there are some."""
    if not any(who.harmless > 0 for who in findings.stopped.values()):
        return None

    def cell(strategy: str) -> Cell | None:
        who = findings.stopped.get(strategy)
        return None if who is None or math.isnan(who.nobody) else Cell(text=str(who_stopped(who)[3]))

    meaning = "Bad releases, in percent, that nobody stopped and that made no request fail or wait within the horizon."
    return _row(findings, "  not stopped, but harmless", meaning, cell)


def _not_shipped(findings: Findings) -> Row | None:
    """Beside the verdict: what a strategy costs those who wait for a good release."""

    def cell(strategy: str) -> Cell | None:
        found = findings.shipping.get(strategy)
        if found is None or not (found.played or found.standing is Ships.EXEMPT):
            return None
        if found.standing is Ships.EXEMPT:
            return Cell(text="no release" if found.ends_nowhere else "on purpose")
        return _chance(Estimate(value=found.share, low=found.low, high=found.high, n=found.played, method="one-sided"))

    allowed = wording.share(findings.scenario.study.false_aborts)
    meaning = (
        "Good releases that were taken back, got stuck or were not finished although nothing was wrong with them, of "
        f"all that were played. You allow {allowed} (false_aborts); a strategy that surely fails more often cannot win."
    )
    return _row(findings, "good releases not shipped", meaning, cell)


def _ships(findings: Findings) -> Row | None:
    """Whether that is settled; a row only where some strategy does not ship, or where that is open."""
    if all(found.standing in (Ships.SHIPS, Ships.EXEMPT) for found in findings.shipping.values()):
        return None

    def cell(strategy: str) -> Cell | None:
        found = findings.shipping.get(strategy)
        return None if found is None or found.standing is Ships.EXEMPT else Cell(text=found.standing.value)

    meaning = "Whether a strategy ships good releases as often as you demand: it does, it does not, or neither is sure."
    return _row(findings, "  ships?", meaning, cell)


def _chance(found: Estimate) -> Cell:
    """A chance with both ends: 0 of 20 is not never."""
    figure = wording.share(found.value)
    if not wording.half_width(found) > 0:
        return Cell(text=figure)
    low, high = (f"{float(f'{min(1.0, max(0.0, end)) * 100:.2g}'):g}" for end in (found.low, found.high))
    value = figure.removesuffix("%").strip()
    return Cell(text=f"{value} ({low}-{high}) %", figure=figure, interval=f"{low} to {high} %", span=span(found))


def _peaks(findings: Findings) -> Row | None:
    names = ("peak_pods", "peak_nodes", "peak_connections")
    shown = names if findings.scenario.dependencies else names[:2]

    def cell(strategy: str) -> Cell | None:
        found = [findings.estimates.get((name, strategy, "release")) for name in shown]
        if any(estimate is None for estimate in found):
            return None
        return Cell(text="/".join(_peak(each.value) for each in found if each is not None))

    label = "peak pods / nodes / DB conns" if len(shown) == 3 else "peak pods / nodes"
    meaning = "The most pods, nodes and dependency connections in use at once, mean over releases."
    return _row(findings, label, meaning, cell)


def _peak(value: float) -> str:
    """A mean of whole numbers: one decimal below twenty where it is not whole itself."""
    return f"{value:.1f}" if value < 20 and abs(value - round(value)) >= 0.05 else f"{value:,.0f}"


def _durations(findings: Findings) -> Row | None:
    def cell(strategy: str) -> Cell | None:
        found = [findings.estimates.get((f"duration.{level}", strategy, "release")) for level in ("p50", "p95")]
        if any(estimate is None for estimate in found):
            return None
        return Cell(text=" / ".join(wording.seconds(each.value) for each in found if each is not None))

    return _row(findings, "duration p50 / p95", "How long the rollout takes, until it is promoted or undone.", cell)
