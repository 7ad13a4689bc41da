"""What a release needs at the planning peak: the smallest fleet, where it breaks, what runs out first, what it costs.

Everything is played on common luck, so that fleets and strategies differ by what they are. A fleet is enough when the
promise is kept with the asked confidence (:mod:`sim.whatif.keeping`), whenever and wherever a node or a zone is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass

from sim import units
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.study.machine import cores
from sim.study.processes import spawn_pool
from sim.whatif import peak
from sim.whatif.courses import Course, course
from sim.whatif.fleets import Fleet, fleets
from sim.whatif.keeping import Reference
from sim.whatif.looking import Setting, Table
from sim.whatif.peak import Loss
from sim.whatif.walls import Wall, wall

__all__ = ["Course", "Fleet", "Loss", "Price", "Review", "Wall", "review"]

GROWTHS = (1.0, 1.25, 1.5)
"""Low, base and high demand where nobody says otherwise, as factors on today's peak."""
Progress = Callable[[str], None]


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
        return self.growths[len(self.growths) // 2]

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
    """Search, measure and gather; takes seconds to minutes, and tells ``on_progress`` what it has found.

    ``workers`` are processes, as many as there are cores when left out; the answer does not depend on them.
    """
    ordered = tuple(sorted(dict.fromkeys(growths)))
    asked = [
        _Asked(scenario, strategy.name, ordered, replications, confidence, part)
        for part in (_FLEETS, _WALLS)
        for strategy in scenario.strategies
    ]
    found = _all(asked, min(workers or cores(), len(asked)), on_progress)
    reference = Reference.of(peak.at_peak(scenario, scenario.strategies[0]))
    reference.bad(0)
    return Review(
        scenario=scenario,
        peak_rate=fleet_arithmetic(scenario).peak_rate,
        confidence=confidence,
        replications=replications,
        growths=ordered,
        losses=peak.losses(scenario),
        own=reference.own,
        allowed=reference.allowed,
        fleets=tuple(fleet for part in found for fleet in part.fleets),
        walls=tuple(each for part in found for each in part.walls),
        courses=tuple(each for part in found for each in part.courses),
        prices=tuple(each for part in found for each in part.prices),
    )


_FLEETS, _WALLS = "fleets", "walls"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One strategy's half of the question: small enough to be sent to a process, large enough to be worth it."""

    scenario: Scenario
    strategy: str
    growths: tuple[float, ...]
    replications: int
    confidence: float
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    said: tuple[str, ...] = ()
    fleets: tuple[Fleet, ...] = ()
    walls: tuple[Wall, ...] = ()
    courses: tuple[Course, ...] = ()
    prices: tuple[Price, ...] = ()


def _all(asked: Sequence[_Asked], workers: int, on_progress: Progress) -> list[_Found]:
    """Answers in the order of the questions, here or in processes."""
    if workers <= 1:
        return [_answer(each, on_progress) for each in asked]
    with spawn_pool(workers) as pool:
        futures: list[Future[_Found]] = [pool.submit(_answer, each) for each in asked]
        try:
            for future in as_completed(futures):
                for said in future.result().said:
                    on_progress(said)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _answer(asked: _Asked, on_progress: Progress = lambda said: None) -> _Found:
    scenario, said = asked.scenario, list[str]()

    def tell(line: str) -> None:
        said.append(line)
        on_progress(line)

    strategy = next(each for each in scenario.strategies if each.name == asked.strategy)
    table = Table(scenario=scenario, strategy=strategy, replications=asked.replications, confidence=asked.confidence)
    losses = peak.losses(scenario)
    if asked.part == _FLEETS:
        found = tuple(fleets(table, asked.growths, losses, tell))
        return _Found(fleets=found, said=tuple(said))
    walls = _walls(table, losses, tell)
    return _Found(walls=walls, courses=_courses(table, losses), prices=(_price(table),), said=tuple(said))


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
        found.append(course(scenario, table.strategy.name, loss, strike, look.kept))
    return tuple(found)


def _price(table: Table) -> Price:
    """From the releases without a loss, beyond the fleet that stands there anyway."""
    today = Setting()
    scenario, means = table.scenario_of(today), table.look(today).kept.means
    hours = peak.struck(scenario, Loss.NONE, None).study.horizon / units.HOUR
    extra, prices = means["pod_hours"] - scenario.service.replicas * hours, scenario.prices
    return Price(
        strategy=table.strategy.name,
        duration=means["duration"],
        releases_per_day=int(86_400 // means["duration"]) if means["duration"] > 0 else 0,
        extra_pods=means["peak_pods"] - scenario.service.replicas,
        extra_pod_hours=extra,
        cost=extra * prices.pod_hour if prices and prices.pod_hour else None,
    )
