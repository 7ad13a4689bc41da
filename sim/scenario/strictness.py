"""Gates that are stricter than today: how often they stop a good release, by arithmetic and before anything is played.

First samples of new pods, which a rate never sees, are counted here: where requests are few, more is stopped than
these figures say, for want of data. Looks are taken not to share requests, the rate to be the highest there is, and a
new version to be as good as the running one. A look of a good release fails by bad luck alone; how seldom that must
be, ``study.false_aborts`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from sim import units
from sim.judges.bound import Bound
from sim.rollout_plan import Held, plan_of
from sim.scenario.demand import highest_rate, lowest_rate
from sim.scenario.resolved import Scenario, Strategy, Stream
from sim.stats.chernoff import fewer_than, share_above

Rate: TypeAlias = Callable[[Scenario, Stream], float]
"""Requests per second of a stream."""
HALVINGS = 50
FEW = 5
"""Requests expected in a window below which it is often empty."""


def too_strict(scenario: Scenario) -> Iterator[str]:
    """A sentence for each strategy whose gate stops more good releases than the scenario allows."""
    allowed = scenario.study.false_aborts
    for strategy in scenario.strategies:
        gate = scenario.gates.get(strategy.gate or "")
        if gate is None or not plan_of(strategy.strategy, scenario.service.replicas).ships:
            continue
        bounds = [each for each in gate.bounds if at_most(scenario, strategy, each) > allowed]
        if gate.bounds and not bounds:
            continue  # by far the usual case: said without loading SciPy
        chances = [(chance_to_stop(scenario, strategy, each), each) for each in bounds]
        chance, bound = max(
            chances, key=lambda each: each[0], default=(_by_closed_form(scenario, strategy) or 0.0, None)
        )
        if chance > allowed:
            why = "; ".join(_why(scenario, strategy, bound)) if bound else _why_at_all(scenario)
            stopped = units.show_share(units.two_figures(chance))
            yield (
                f"{strategy.name}: its gate {strategy.gate} is stricter than today ({why}) and stops at least "
                f"{stopped} of good releases, by {how(scenario, strategy)}; "
                f"{units.show_share(allowed)} may be lost (false_aborts)"
            )


def how(scenario: Scenario, strategy: Strategy) -> str:
    """The arithmetic that :func:`chance_by_arithmetic` uses, in words."""
    gate = scenario.gates[strategy.gate or ""]
    return "binomial arithmetic over all its looks" if gate.bounds else "the exact course of its test"


def _why_at_all(scenario: Scenario) -> str:
    today = units.show_share(scenario.release.new_errors)
    return f"its test takes today's {today} errors for a bad version"


def chance_by_arithmetic(scenario: Scenario, strategy: Strategy) -> float | None:
    """The least chance that a strategy's gate stops a good release; None where it has none, or no closed form.

    Whether few requests or many are worse for a good release depends on the bound: the better of both ends is taken.
    """
    gate = scenario.gates.get(strategy.gate or "")
    if gate is None:
        return None
    chances = [
        min(chance_to_stop(scenario, strategy, bound, rate) for rate in (highest_rate, lowest_rate))
        for bound in gate.bounds
    ]
    return max(chances) if chances else _by_closed_form(scenario, strategy)


def surely_above(scenario: Scenario, strategy: Strategy, share: float) -> bool:
    """Whether its gate stops more good releases than that by arithmetic; said without SciPy where it is clear."""
    gate = scenario.gates.get(strategy.gate or "")
    if gate is None or (gate.bounds and all(at_most(scenario, strategy, each) <= share for each in gate.bounds)):
        return False
    return (chance_by_arithmetic(scenario, strategy) or 0.0) > share


def _by_closed_form(scenario: Scenario, strategy: Strategy) -> float | None:
    """Of a gate that counts on from look to look, where its test has one."""
    gate = scenario.gates[strategy.gate or ""]
    every = getattr(gate, "every", 0)
    if not every:
        return None
    found = []
    for rate in (highest_rate, lowest_rate):
        whole = sum(rate(scenario, each) for each in scenario.traffic.streams) * every / units.SECOND
        looks = [whole * held.share for held in _holds(scenario, strategy) for _ in range(int(held.lasts // every))]
        found.append(gate.stops_today(looks, scenario.release.new_errors) if looks else None)
    told = [each for each in found if each is not None]
    return min(told) if len(told) == len(found) else None


def chance_to_stop(scenario: Scenario, strategy: Strategy, bound: Bound, rate: Rate = highest_rate) -> float:
    """The chance that a gate of this bound stops a good release, over all looks of all holds, at such rates."""
    from sim.stats.looks import failures_in_all, failures_until_passed, row_of_failures

    stops = row_of_failures if bound.in_a_row else failures_in_all
    if bound.tried_again:
        stops = failures_until_passed
    holds = [
        [_fails(scenario, held, bound, rate)] * _looks(held, bound)
        for held in _holds(scenario, strategy)
        if _looks(held, bound)
    ]
    if bound.anew:
        passes = 1.0
        for fails in holds:
            passes *= 1.0 - stops(fails, bound.stops_at)
        return 1.0 - passes
    return stops([chance for fails in holds for chance in fails], bound.stops_at)


def _holds(scenario: Scenario, strategy: Strategy) -> tuple[Held, ...]:
    return plan_of(strategy.strategy, scenario.service.replicas).holds


def at_most(scenario: Scenario, strategy: Strategy, bound: Bound) -> float:
    """No less than :func:`chance_to_stop`: each look that may fail is taken to stop the release, by plain bounds."""
    return sum(
        _looks(held, bound) * _fails_at_most(window, bound)
        for held in _holds(scenario, strategy)
        for window in _windows(scenario, held, bound)
    )


def _looks(held: Held, bound: Bound) -> int:
    """How often a hold is looked at, once every window at most."""
    lasts = max(held.lasts, bound.lasts)
    looks = int(lasts // max(bound.every, bound.window))
    return looks if bound.most is None else min(looks, bound.most)


class _Window(NamedTuple):
    """What a look judges of one series: requests expected, the share of them that is bad, and that is slow."""

    expected: float
    bad: float
    slow: float


def _windows(scenario: Scenario, held: Held, bound: Bound, rate: Rate = highest_rate) -> Iterator[_Window]:
    """The series that a look judges, those without requests left out."""
    streams = scenario.traffic.streams
    share = 1.0 if bound.per == "service" else held.share
    for judged in [(each,) for each in streams] if bound.per == "stream" else [streams]:
        rates = [rate(scenario, each) for each in judged]
        expected = sum(rates) * share * bound.window / units.SECOND
        if expected > 0:
            slow = _slower(scenario, judged, rates, bound.slowest[1]) if bound.slowest else 0.0
            errors = scenario.release.baseline_errors if bound.per == "service" else scenario.release.new_errors
            yield _Window(expected, errors, slow)


def _allowed(bound: Bound) -> tuple[float, float]:
    """The shares of requests that may be bad, and slow."""
    return 1.0 if bound.success is None else 1.0 - bound.success, 1.0 - bound.slowest[0] if bound.slowest else 1.0


def _fails_at_most(window: _Window, bound: Bound) -> float:
    allowed, slow_allowed = _allowed(bound)
    bad = share_above(window.expected, window.bad, allowed) + share_above(window.expected, window.slow, slow_allowed)
    return bad + (fewer_than(window.expected, bound.least) if bound.empty_fails else 0.0)


def _fails(scenario: Scenario, held: Held, bound: Bound, rate: Rate) -> float:
    """The chance that a look fails, for whichever series."""
    from sim.stats.looks import window_fails

    allowed, slow_allowed = _allowed(bound)
    passes = 1.0
    for window in _windows(scenario, held, bound, rate):
        passes *= 1.0 - window_fails(
            window.expected,
            bad=window.bad,
            allowed=allowed,
            slow=window.slow,
            slow_allowed=slow_allowed,
            least=bound.least,
            empty_fails=bound.empty_fails,
        )
    return 1.0 - passes


def _slower(scenario: Scenario, streams: tuple[Stream, ...], rates: list[float], within: int) -> float:
    """The share of answers whose work alone takes longer than so many ns, in the new version."""
    factor = scenario.release.service_factor
    slower = [rate * above(each.work, within / factor) for each, rate in zip(streams, rates, strict=True)]
    return sum(slower) / sum(rates)


def above(law: Any, value: float) -> float:
    """The chance that a law gives more than a value, by halving its quantiles.

    >>> from sim.laws.exponential import Exponential
    >>> round(above(Exponential(mean=1_000), 1_000), 4)
    0.3679
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if law.quantile(middle) <= value else (low, middle)
    return 1.0 - low


def _why(scenario: Scenario, strategy: Strategy, bound: Bound) -> Iterator[str]:
    window = units.show_duration(bound.window)
    rate = sum(highest_rate(scenario, each) for each in scenario.traffic.streams)
    least = min((hold.share for hold in _holds(scenario, strategy) if hold.lasts), default=1.0)
    if bound.empty_fails and rate * least * bound.window / units.SECOND < FEW:
        yield f"a window of {window} without requests fails, and {rate * least * bound.window / units.SECOND:.2g} come"
    if bound.success is not None and scenario.release.baseline_errors > 0:
        today = units.show_share(scenario.release.baseline_errors)
        yield f"it asks for {units.show_share(bound.success)} success in every {window}, and {today} fail today"
    if bound.slowest is not None:
        quantile, within = bound.slowest
        streams = scenario.traffic.streams
        slow = _slower(scenario, streams, [highest_rate(scenario, each) for each in streams], within)
        yield (
            f"{units.show_share(quantile)} of the answers have to take less than {units.show_duration(within)}, and "
            f"{units.show_share(units.two_figures(slow))} take longer by their work alone"
        )
