"""The verdict in a plain sentence or two, with its certainty. Figures carry no more digits than their noise allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sim.scenario.resolved import Scenario
from sim.study.figures import with_noise
from sim.study.findings import Difference, Estimate, Holding, Ruling, Standing
from sim.study.joins import LOSS, sign
from sim.units import show_share


def words(measure: str) -> str:
    """A measure's name as words.

    >>> words("failed_requests"), words("down_99.pay")
    ('failed requests', 'down 99 of pay')
    """
    name, _, rest = measure.partition(".")
    return measure.replace("_", " ") if rest.isdigit() else name.replace("_", " ") + (f" of {rest}" if rest else "")


def sentence(ruling: Ruling, scenario: Scenario, candidate: str, durations: Mapping[str, float]) -> Ruling:
    """The ruling with its sentence; ``candidate`` is the best by expectation, whether it can be recommended or not."""
    if not ruling.differences:
        said = [f"Only {candidate} was asked about, so there is nothing to choose."]
    elif all(standing == Standing.EQUAL for standing in ruling.standings.values()):
        said = [f"It makes no difference: {listed(list(ruling.standings))} are the same in every replication."]
    elif ruling.recommended is None:
        said = list(_undecided(ruling, candidate))
    else:
        said = list(_decided(ruling, scenario, durations))
    return replace(ruling, sentence=" ".join(said))


def _decided(ruling: Ruling, scenario: Scenario, durations: Mapping[str, float]) -> Iterator[str]:
    chosen = ruling.recommended
    assert chosen is not None
    apart = {each.first: each for each in ruling.differences}
    equal = [name for name, standing in ruling.standings.items() if standing == Standing.EQUAL]
    if len(equal) == len(apart):
        yield f"Use {chosen}: {_alike(ruling, apart, equal, ', and none is quicker')}."
        return
    assert ruling.reference is not None
    yield f"Use {chosen}."
    yield _gain(ruling, scenario, apart[ruling.reference])
    if equal:
        slower = all(durations[name] > durations[chosen] for name in equal)
        longer = " and takes longer" if len(equal) == 1 else " and take longer"
        yield f"{_alike(ruling, apart, equal, longer if slower else '')}."
    yield from _open(ruling, apart)
    yield from _over_range(ruling, chosen)


def _gain(ruling: Ruling, scenario: Scenario, difference: Difference) -> str:
    if ruling.standings[difference.first] != Standing.WORSE:
        size = with_noise(_size(difference.estimate))
        return f"It is at worst the same for your purpose as {difference.first}: {size} apart."
    verb, size = "saves" if sign(ruling.measure) > 0 else "gains", with_noise(_size(difference.estimate))
    gain = f"It {verb} {size} {_what(ruling, scenario)} per release against {difference.first}"
    if abs(difference.estimate.value) < ruling.indifferent:
        gain += f" (you are indifferent below {ruling.indifferent:,.4g})"
    return f"{gain}{_pays(ruling, scenario)}."


def _what(ruling: Ruling, scenario: Scenario) -> str:
    """What is saved: the measure in words, or money in its currency."""
    return scenario.prices.currency if ruling.measure == LOSS and scenario.prices else words(ruling.measure)


def _pays(ruling: Ruling, scenario: Scenario) -> str:
    if ruling.break_even is None:
        return ""
    if ruling.break_even <= 0:
        return ", and pays however seldom releases are bad"
    return f", and pays above {_about(ruling)} bad releases (you said {_said(ruling, scenario)})"


def _about(ruling: Ruling) -> str:
    """The break-even, with the rates between which it lies where these are told apart."""
    assert ruling.break_even is not None
    point = show_share(float(f"{ruling.break_even:.2g}"))
    if ruling.break_even_between is None:
        return point
    low, high = (show_share(float(f"{end:.2g}")) for end in ruling.break_even_between)
    return point if low == high else f"{point} ({low.removesuffix(' %')}-{high})"


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
    zone = f"you are indifferent below {ruling.indifferent:,.4g}"
    return f"{listed(equal)} {verb} the same for your purpose{besides}: {most}{size}, and {zone}"


def _open(ruling: Ruling, apart: Mapping[str, Difference]) -> Iterator[str]:
    for name, standing in ruling.standings.items():
        if standing == Standing.CANNOT_TELL and name != ruling.reference:
            size = with_noise(_size(apart[name].estimate))
            yield f"Whether {name} is worse or the same is not settled: {size} apart."


def _over_range(ruling: Ruling, chosen: str) -> Iterator[str]:
    """Where, within what the author said of the change-failure rate, another strategy would be better, or may be."""
    direction = sign(ruling.measure)
    for rate, figures in ruling.over_range.items():
        best = min(figures, key=lambda name: direction * figures[name])
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
    direction = sign(ruling.measure)
    return any(
        direction * (figures[chosen] - other) > ruling.indifferent
        for figures in ruling.over_range.values()
        for other in figures.values()
    )


def _undecided(ruling: Ruling, candidate: str) -> Iterator[str]:
    open_ones = [each for each in ruling.differences if ruling.standings[each.first] == Standing.CANNOT_TELL] or list(
        ruling.differences
    )
    nearest = min(open_ones, key=lambda each: abs(each.estimate.value))
    yield (
        f"Cannot tell {candidate} from {nearest.first}: they are {with_noise(_size(nearest.estimate))} "
        f"{words(ruling.measure)} per release apart, and you are indifferent below {ruling.indifferent:,.4g}."
    )
    worse = [name for name, standing in ruling.standings.items() if standing == Standing.WORSE]
    if worse:
        yield f"{listed(worse)} {'is' if len(worse) == 1 else 'are'} worse than {candidate}."
    yield "More replications (a higher cap) would tell."


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
