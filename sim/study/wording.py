"""The verdict in a plain sentence or two, with its certainty. Figures carry no more digits than their noise allows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.scenario.resolved import Scenario
from sim.study.figures import rounded, with_noise
from sim.study.findings import NOT_ELECTED, Difference, Estimate, Holding, Ruling, Shipping, Ships, Standing
from sim.study.joins import FAILED, LOSS, sign
from sim.units import SECOND, show_duration, show_share, two_figures


def words(measure: str) -> str:
    """A measure's name as words.

    >>> words("failed_requests"), words("down_99.pay")
    ('failed requests', 'down 99 of pay')
    """
    name, _, rest = measure.partition(".")
    return measure.replace("_", " ") if rest.isdigit() else name.replace("_", " ") + (f" of {rest}" if rest else "")


def sentence(
    ruling: Ruling,
    scenario: Scenario,
    candidate: str,
    durations: Mapping[str, float],
    losses: Losses,
    ships: Mapping[str, Shipping],
    requests: float = math.nan,
    *,
    depends: Sequence[str] = (),
    more: str = "",
) -> Ruling:
    """The ruling with its sentences, the first of which answers what was asked.

    ``candidate`` is the best by expectation, whether it can be recommended or not. ``losses`` are the expected loss of
    any release and of a bad one, ``requests`` those of one release. ``depends`` names the inputs that the answer rests
    on most, ``more`` says how much more simulation would settle it where it is open.
    """
    speech = _Speech(ruling, scenario, losses, requests)
    running = _running(ruling)
    if ruling.none_ships:
        said = [_none_ships(ruling)]
    elif not ruling.differences:
        said = [f"Only {candidate} was asked about, so there is nothing to choose. {speech.costs(candidate)}"]
    elif len(running) > 1 and all(ruling.standings[name] == Standing.EQUAL for name in running):
        said = [f"It makes no difference: {listed(running)} are the same in every release played."]
    elif ruling.recommended is None:
        said = list(_undecided(ruling, candidate, speech.unit, more))
    else:
        said = list(_decided(ruling, speech, durations, depends))
    said += [*shipping_sentences(ruling, ships, speech.unit)]
    return replace(ruling, sentence=" ".join(said))


Losses = Mapping[str, tuple[Estimate, Estimate | None]]
"""By strategy the expected loss of any release, and of a bad one; None where none is bad."""


@dataclass(frozen=True, slots=True)
class _Speech:
    """What costs are said in."""

    ruling: Ruling
    scenario: Scenario
    losses: Losses
    requests: float

    @property
    def unit(self) -> str:
        """The deciding measure in words, or the currency."""
        prices = self.scenario.prices
        return prices.currency if self.ruling.measure == LOSS and prices else words(self.ruling.measure)

    def costs(self, name: str, against: str | None = None) -> str:
        """What a strategy costs if a release is bad, and over all, beside another."""
        of_all, if_bad = self.losses[name]
        beside = f", against {with_noise(self.losses[against][0])} by {against}" if against else ""
        if self.ruling.measure != FAILED:
            verb = "costs" if sign(self.ruling.measure) > 0 else "leaves"
            bad = f" ({with_noise(if_bad)} when it is bad)" if if_bad else ""
            return f"A release{bad} {verb} on average {with_noise(of_all)} {self.unit}{beside}."
        out_of = f" of {about(self.requests)}" if math.isfinite(self.requests) else ""
        if if_bad is None:
            return f"A good release fails {with_noise(of_all)}{out_of} requests{beside}."
        bad_rate = show_share(self.scenario.release.change_failure_rate)
        return (
            f"When a release is bad, {with_noise(if_bad)}{out_of} requests fail because of it; over all releases, "
            f"{bad_rate} of them bad, it is {with_noise(of_all)} per release{beside}."
        )

    def fails(self, name: str, against: str | None) -> str:
        """The same as the clause that follows a choice."""
        of_all, if_bad = self.losses[name]
        beside = f", against {with_noise(self.losses[against][0])} by {against}" if against else ""
        bad_rate = f"({show_share(self.scenario.release.change_failure_rate)} are bad)"
        if self.ruling.measure != FAILED:
            verb = "costs" if sign(self.ruling.measure) > 0 else "leaves"
            bad = f"{with_noise(if_bad)} {self.unit} when it is bad and " if if_bad else ""
            unit = bad_rate if if_bad else self.unit
            return f"a release {verb} {bad}{with_noise(of_all)} {'on average ' if if_bad else ''}{unit}{beside}"
        out_of = f" of {about(self.requests)}" if math.isfinite(self.requests) else ""
        if if_bad is None:
            return f"a good release fails {with_noise(of_all)}{out_of} requests{beside}"
        return (
            f"it fails about {with_noise(if_bad)}{out_of} requests when a release is bad and {with_noise(of_all)} in "
            f"an average release {bad_rate}{beside}"
        )


def about(count: float) -> str:
    """A large count, as people say it.

    >>> about(358_712.3), about(12.0)
    ('360,000', '12')
    """
    return f"{two_figures(count):,.0f}" if count >= 100 else f"{count:,.0f}"


def _running(ruling: Ruling) -> list[str]:
    """All that may be recommended."""
    return [name for name, standing in ruling.standings.items() if standing not in NOT_ELECTED]


def _none_ships(ruling: Ruling) -> str:
    names = [name for name, standing in ruling.standings.items() if standing == Standing.DOES_NOT_SHIP]
    which = "The only way that was asked about does not ship" if len(names) == 1 else "None of these ships"
    return f"{which}, so there is nothing to choose."


def shipping_sentences(ruling: Ruling, ships: Mapping[str, Shipping], unit: str) -> Iterator[str]:
    """Who does not ship and why, what that changed, and how far it is settled of the one that is recommended."""
    chosen = ships.get(ruling.recommended or "")
    if ruling.recommended and chosen is not None:
        yield from _often_enough(ruling.recommended, chosen)
    for name, standing in ruling.standings.items():
        if standing == Standing.DOES_NOT_SHIP:
            yield _does_not_ship(name, ships[name])
    if ruling.excluded is not None:
        out = ruling.excluded
        as_played = f"at {with_noise(out.loss)} {unit} per release as played"
        if math.isinf(out.again):
            yield f"If it shipped, {out.name} would be chosen, {as_played}; not one good release got through."
            return
        again = f"{rounded(out.again, out.loss.half_width)} with good releases tried again until they ship"
        yield (
            f"With false_aborts: {_admits(out.admits)} under study {out.name} would be chosen, {as_played}; {again}."
        )


def _often_enough(name: str, found: Shipping) -> Iterator[str]:
    lost = f"{found.lost} of {found.played} good releases" if found.lost else f"none of {found.played} good releases"
    allowed = f"{show_share(found.allowed)} may (false_aborts)"
    if found.standing is Ships.NOT_SETTLED:
        more = f"; {found.more} more without a loss would settle it" if found.more else ""
        because = f", because {found.why}" if found.why else ""
        high = show_share(_two(found.high))
        yield (
            f"Whether {name} ships often enough is not settled: {lost} failed to ship{because}, so that up to {high} "
            f"may, and {allowed}{more}."
        )
    elif found.lost:
        yield f"{name} fails to ship {lost}, because {found.why}; {allowed}."


def _does_not_ship(name: str, found: Shipping) -> str:
    arithmetic = ""
    if found.chance is not None and found.chance > found.allowed:
        arithmetic = f" Its gate stops at least {show_share(two_figures(found.chance))}, by {found.method}."
    return (
        f"{name} does not ship here: {found.lost} of {found.played} good releases did not get through "
        f"({show_share(found.allowed)} may), because {found.why}.{arithmetic}"
    )


def _two(share: float) -> float:
    """An upper bound with two figures, rounded up."""
    scale = 10 ** (1 - math.floor(math.log10(share))) if share > 0 else 1
    return min(1.0, math.ceil(share * scale - 1e-9) / scale)


def _admits(share: float) -> str:
    return f"{math.ceil(100 * share - 1e-9)}%"


def _decided(ruling: Ruling, speech: _Speech, durations: Mapping[str, float], depends: Sequence[str]) -> Iterator[str]:
    chosen, running = ruling.recommended, _running(ruling)
    assert chosen is not None
    apart = {each.first: each for each in ruling.differences if each.first in running}
    equal = [name for name in apart if ruling.standings[name] == Standing.EQUAL]
    only = "" if apart else ", the only one that ships"
    sure = _sure(ruling, speech, apart) if len(equal) < len(apart) else ""
    rests = f"; this depends most on {' and on '.join(depends)}" if depends and apart else ""
    yield f"Choose {chosen}{only}: {speech.fails(chosen, ruling.reference)}{sure}{rests}."
    if not apart:
        return
    if len(equal) == len(apart):
        yield f"{_alike(ruling, apart, equal, _slower(durations, chosen, equal) or ', and none is quicker')}."
        return
    yield from _better_by(ruling, speech, apart)
    if equal:
        yield f"{_alike(ruling, apart, equal, _slower(durations, chosen, equal))}."
    yield from _open(ruling, apart)
    yield from _over_range(ruling, chosen)


def _slower(durations: Mapping[str, float], chosen: str, equal: Sequence[str]) -> str:
    """That the others take longer, and how long: of those as good, the quickest is chosen; else nothing."""
    soonest = min(durations[name] for name in equal)
    if not durations[chosen] < soonest:
        return ""
    theirs, ours = (show_duration(seconds * SECOND, nearest=SECOND) for seconds in (soonest, durations[chosen]))
    verb = "takes" if len(equal) == 1 else "take"
    figures = "" if theirs == ours else f" ({'' if len(equal) == 1 else 'at least '}{theirs} against {ours})"
    return f" and {verb} longer{figures}"


def _sure(ruling: Ruling, speech: _Speech, apart: Mapping[str, Difference]) -> str:
    """With what confidence it is better, as a clause of the first sentence."""
    confidence, nearest = show_share(speech.scenario.study.confidence), ruling.reference
    assert nearest is not None
    if ruling.standings[nearest] != Standing.WORSE:
        return f"; we are {confidence} sure that no other is better by as much as matters to you"
    worse = [name for name in apart if ruling.standings[name] == Standing.WORSE]
    return f"; we are {confidence} sure that it is better than {listed(worse)}"


def _better_by(ruling: Ruling, speech: _Speech, apart: Mapping[str, Difference]) -> Iterator[str]:
    """By how much, and at which rates of bad releases."""
    nearest = ruling.reference
    assert nearest is not None
    size = with_noise(_size(apart[nearest].estimate))
    if ruling.standings[nearest] != Standing.WORSE:
        yield f"{nearest} may be as good: {size} {speech.unit} apart."
        return
    least = f" (less than the {ruling.indifferent:,.4g} that matter to you)"
    small = least if abs(apart[nearest].estimate.value) < ruling.indifferent else ""
    verb = "saves" if sign(ruling.measure) > 0 else "gains"
    pays = _pays(ruling, speech.scenario)
    better = f", and is better{pays}" if pays else ""
    yield f"It {verb} {size} {speech.unit} per release against {nearest}{small}{better}."


NEVER_MIND = 5e-4
"""A share of bad releases below one in two thousand is as good as none."""


def _pays(ruling: Ruling, scenario: Scenario) -> str:
    """Where, by how often releases are bad, that is so; from an interval, never from the sign of one figure."""
    if ruling.break_even is None:
        return ""
    between = ruling.break_even_between
    if between is None:
        return ", however many releases are bad" if ruling.break_even <= 0 else ""
    low, high = between
    said = f"you said {_said(ruling, scenario)}"
    if high >= 1.0:
        return ""
    if high <= NEVER_MIND:
        return f" if any releases are bad at all ({said})"
    if low <= 0:
        return f" if more than {_percent(high)} of releases are bad ({said}); if fewer are, we cannot tell"
    return f" if more than about {_percent(ruling.break_even)} ({_ends(low, high)}) of releases are bad ({said})"


def _percent(share: float) -> str:
    return show_share(two_figures(share))


def _ends(low: float, high: float) -> str:
    return f"{_percent(low).removesuffix(' %')}-{_percent(high)}"


def _said(ruling: Ruling, scenario: Scenario) -> str:
    low, high = min(ruling.over_range), max(ruling.over_range)
    if low == high:
        return show_share(scenario.release.change_failure_rate)
    return f"{show_share(low).removesuffix(' %')}-{show_share(high)}"


def _alike(ruling: Ruling, apart: Mapping[str, Difference], equal: list[str], besides: str) -> str:
    furthest = max((apart[name] for name in equal), key=lambda each: abs(each.estimate.value))
    verb, most = ("is", "") if len(equal) == 1 else ("are", "at most ")
    size = with_noise(_size(furthest.estimate))
    if len(equal) == 1 and furthest.estimate.value:
        size += " less" if furthest.estimate.value < 0 else " more"
    else:
        size += " apart"
    zone = f"less than {ruling.indifferent:,.4g} does not matter to you"
    return f"{listed(equal)} {verb} as good for you{besides}: {most}{size}, and {zone}"


def _open(ruling: Ruling, apart: Mapping[str, Difference]) -> Iterator[str]:
    for name, found in apart.items():
        if ruling.standings[name] == Standing.CANNOT_TELL and name != ruling.reference:
            yield f"Whether {name} is worse or as good is not settled: {with_noise(_size(found.estimate))} apart."


def _over_range(ruling: Ruling, chosen: str) -> Iterator[str]:
    """Where, within what the author said of the change-failure rate, another strategy would be better, or may be."""
    direction, running = sign(ruling.measure), _running(ruling)
    for rate, figures in ruling.over_range.items():
        best = min(running, key=lambda name: direction * figures[name])
        gap = direction * (figures[chosen] - figures[best])
        apart = ruling.over_range_apart.get(rate, {}).get(best)
        if gap > ruling.indifferent:
            sure = apart is None or apart.high < 0
            size = f"{gap:,.3g}" if apart is None else with_noise(_size(apart))
            yield f"But at {show_share(rate)} bad releases {best} {'is' if sure else 'may be'} better, by {size}."
    if ruling.over_range_holds == Holding.CANNOT_TELL and not _turns(ruling, chosen):
        low, high = show_share(min(ruling.over_range)), show_share(max(ruling.over_range))
        yield f"Whether that holds from {low} to {high} bad releases is not settled."


def _turns(ruling: Ruling, chosen: str) -> bool:
    direction, running = sign(ruling.measure), _running(ruling)
    return any(
        direction * (figures[chosen] - figures[other]) > ruling.indifferent
        for figures in ruling.over_range.values()
        for other in running
    )


def _undecided(ruling: Ruling, candidate: str, unit: str, more: str) -> Iterator[str]:
    nearest = nearest_open(ruling)
    settles = f": {more}" if more else ""
    yield f"Cannot tell yet whether {candidate} or {nearest.first} is better{settles}."
    yield (
        f"They are {with_noise(_size(nearest.estimate))} {unit} per release apart, and less than "
        f"{ruling.indifferent:,.4g} does not matter to you."
    )
    worse = [name for name, standing in ruling.standings.items() if standing == Standing.WORSE]
    if worse:
        yield f"{listed(worse)} {'is' if len(worse) == 1 else 'are'} worse than {candidate}."


def nearest_open(ruling: Ruling) -> Difference:
    """Of the strategies that cannot be told from the best one the nearest."""
    running = _running(ruling)
    rivals = [each for each in ruling.differences if each.first in running]
    open_ones = [each for each in rivals if ruling.standings[each.first] == Standing.CANNOT_TELL] or rivals
    return min(open_ones, key=lambda each: abs(each.estimate.value))


def _size(estimate: Estimate) -> Estimate:
    """A difference without its sign."""
    if estimate.value >= 0:
        return estimate
    return replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["rolling"]), listed(["blue-green", "canary", "rolling"])
    ('rolling', 'blue-green, canary and rolling')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
