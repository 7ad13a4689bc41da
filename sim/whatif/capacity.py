"""What a release needs at the planning peak: the smallest fleet, where it breaks, what runs out first, what it costs.

Everything is played on common luck, so that fleets and strategies differ by what they are. A fleet is enough when the
promise is kept with the asked confidence (:mod:`sim.whatif.keeping`), whenever and wherever a node or a zone is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sim import units
from sim.requests.parts import is_compiled
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario, Strategy
from sim.study.machine import cores
from sim.study.speed import COMPILING
from sim.whatif import peak
from sim.whatif.answering import Pace, Progress, all_answers
from sim.whatif.courses import Course, course
from sim.whatif.fleets import Fleet, base, fleets
from sim.whatif.looking import Setting, Table
from sim.whatif.peak import Loss
from sim.whatif.players import Players
from sim.whatif.walls import Wall, wall

__all__ = ["Course", "Fleet", "Loss", "Price", "Review", "Wall", "review"]

GROWTHS = (1.0, 1.25, 1.5)
"""Low, base and high demand where nobody says otherwise, as factors on today's peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one good release costs at the planning peak with the file's fleet; money where the file has prices."""

    strategy: str
    duration: float  # seconds
    releases_per_day: int  # one after the other
    extra_pods: float  # at once
    extra_pod_hours: float
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All that a capacity review is told."""

    scenario: Scenario
    peak_rate: float
    confidence: float
    replications: int
    growths: tuple[float, ...]  # ascending
    losses: tuple[Loss, ...]
    own: float  # share of requests that fails with any fleet
    allowed: float  # share that may be bad
    fleets: tuple[Fleet, ...]
    walls: tuple[Wall, ...]
    courses: tuple[Course, ...]
    prices: tuple[Price, ...]

    def fleet(self, strategy: str, growth: float, loss: Loss) -> Fleet:
        """The fleet for a case."""
        return next(each for each in self.fleets if (each.strategy, each.growth, each.loss) == (strategy, growth, loss))

    def wall(self, strategy: str, loss: Loss) -> Wall:
        """Where the file's fleet breaks in a case."""
        return next(each for each in self.walls if (each.strategy, each.loss) == (strategy, loss))

    def course(self, strategy: str, loss: Loss) -> Course:
        """The headroom through a release in a case."""
        return next(each for each in self.courses if (each.strategy, each.loss) == (strategy, loss))

    @property
    def base(self) -> float:
        """The demand that is planned for: the middle one, the higher of two."""
        return base(self.growths)

    @property
    def hardest(self) -> Loss:
        """The loss that is planned for: a node where there is one to lose."""
        return Loss.NODE if Loss.NODE in self.losses else Loss.NONE


def review(
    scenario: Scenario,
    *,
    growths: Sequence[float] = GROWTHS,
    replications: int = 8,
    confidence: float = 0.95,
    workers: int | None = None,
    on_progress: Progress = lambda said: None,
) -> Review:
    """Search, measure and gather; tells ``on_progress`` what it has found, and every few seconds how far it is.

    ``workers`` are processes, as many as there are cores when left out; the answer does not depend on them.
    """
    ordered, losses = tuple(sorted(dict.fromkeys(growths))), peak.losses(scenario)
    if not is_compiled(scenario):
        on_progress(f"compiling the request engine first, once on this machine: about {COMPILING:.0f} s")
    with Players(scenario, workers or cores()) as players:

        def table(strategy: Strategy) -> Table:
            return Table(
                scenario=scenario, strategy=strategy, players=players, replications=replications, confidence=confidence
            )

        questions = [
            partial(part, table(strategy), ordered, losses)
            for part in (_sized, _broken)
            for strategy in scenario.strategies
        ]
        answers = len(scenario.strategies) * len(losses) * (len(ordered) + 1)
        found = all_answers(questions, Pace(answers, players, on_progress))
        anyway = table(scenario.strategies[0]).anyway(1.0, 1)
    return Review(
        scenario=scenario,
        peak_rate=fleet_arithmetic(scenario).peak_rate,
        confidence=confidence,
        replications=replications,
        growths=ordered,
        losses=losses,
        own=anyway.own,
        allowed=anyway.allowed,
        fleets=tuple(fleet for part in found for fleet in part.fleets),
        walls=tuple(each for part in found for each in part.walls),
        courses=tuple(each for part in found for each in part.courses),
        prices=tuple(each for part in found for each in part.prices),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    fleets: tuple[Fleet, ...] = ()
    walls: tuple[Wall, ...] = ()
    courses: tuple[Course, ...] = ()
    prices: tuple[Price, ...] = ()


def _sized(table: Table, growths: Sequence[float], losses: Sequence[Loss], tell: Progress) -> _Found:
    """How large a fleet one strategy needs."""
    return _Found(fleets=tuple(fleets(table, growths, losses, tell)))


def _broken(table: Table, growths: Sequence[float], losses: Sequence[Loss], tell: Progress) -> _Found:
    """What today's fleet does by one strategy."""
    walls = _walls(table, losses, tell)
    return _Found(walls=walls, courses=_courses(table, losses), prices=(_price(table),))


def _walls(table: Table, losses: Sequence[Loss], tell: Progress) -> tuple[Wall, ...]:
    walls: list[Wall] = []
    for loss in losses:
        walls.append(wall(table, loss, below=walls[0].broken if walls else None))
        carried = walls[-1].rate
        at = "breaks at any rate" if carried is None else f"carries {carried:.4g} rps"
        tell(f"{table.strategy.name}, {loss.value}: today's fleet {at}")
    return tuple(walls)


def _courses(table: Table, losses: Sequence[Loss]) -> tuple[Course, ...]:
    today = Setting()
    scenario = table.scenario_of(today)
    found = []
    for loss in losses:
        look = table.look(today, loss)
        strike = look.strike
        if strike is None:
            lasts = table.look(today).kept.means["duration"] * units.SECOND
            strike = peak.strikes(scenario, loss, lasts)[0]
        asked = scenario, table.strategy.name, loss, strike, look.kept
        found.append(table.players.ask(("course", table.strategy.name, loss), course, *asked))
    return tuple(found)


def _price(table: Table) -> Price:
    """From the releases without a loss, beyond the fleet that stands there anyway."""
    today = Setting()
    scenario, means = table.scenario_of(today), table.look(today).kept.means
    extra, prices = means["extra_pod_hours"], scenario.prices
    return Price(
        strategy=table.strategy.name,
        duration=means["duration"],
        releases_per_day=int(86_400 // means["duration"]) if means["duration"] > 0 else 0,
        extra_pods=means["peak_pods"] - scenario.service.replicas,
        extra_pod_hours=extra,
        cost=extra * prices.pod_hour if prices and prices.pod_hour else None,
    )
