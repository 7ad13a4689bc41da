"""The capacity review in rows: what its page, its Markdown and its terminal lines are all made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.report import wording

if TYPE_CHECKING:
    from sim.whatif.capacity import Course, Fleet, Loss, Review, Wall

MONTH = 730.0
"""Hours in a month."""
MORE = {"pods": "more pods", "node cpu": "more nodes", "node memory": "more nodes", "node places": "more nodes"}
Rows = Sequence[Sequence[str]]


def demand_name(review: Review, growth: float) -> str:
    """What a demand is called: ``base 1.25 x``."""
    names = ("low", "base", "high") if len(review.growths) == 3 else ()
    word = names[review.growths.index(growth)] if names else ""
    return f"{word} {growth:g} x".strip()


def demand(review: Review) -> Rows:
    """A row per demand: its name, its rate at the peak, and what it is to the board."""
    return [
        (
            demand_name(review, growth),
            rps(review.peak_rate * growth),
            "planned for" if growth == review.base else "",
        )
        for growth in review.growths
    ]


def fleets(review: Review) -> Rows:
    """A row per strategy and loss, a cell per growth: pods, pods more during the release, nodes."""
    return [
        (
            f"{strategy.name}, {loss.value}",
            *(_fleet(review.fleet(strategy.name, growth, loss)) for growth in review.growths),
        )
        for strategy in review.scenario.strategies
        for loss in review.losses
    ]


def edges(review: Review) -> Rows:
    """How sure the fleets for the planned demand are: a row per strategy and loss."""
    return [
        (f"{each.strategy}, {each.loss.value}", _pods(each), _sure(each), _below(each))
        for each in review.fleets
        if each.growth == review.base
    ]


def walls(review: Review) -> Rows:
    """A row per strategy: between which rates the file's fleet breaks."""
    return _by_loss(review, lambda name, loss: _wall(review.wall(name, loss)))


def firsts(review: Review) -> Rows:
    """A row per strategy: the resource of which least is left, and how much."""
    return _by_loss(review, lambda name, loss: _first(review.course(name, loss)))


def matrix(review: Review) -> Rows:
    """A row per strategy: what becomes of today's fleet at today's peak."""
    return _by_loss(review, lambda name, loss: standing(review.course(name, loss)))


def costs(review: Review) -> Rows:
    """A row per strategy: duration, releases a day, and pods and pod-hours beyond the fleet."""
    return [
        (
            each.strategy,
            wording.seconds(each.duration),
            f"{each.releases_per_day:,}",
            f"{each.extra_pods:+.0f}",
            f"{each.extra_pod_hours:+.2f}",
            *([] if each.cost is None else [f"{each.cost:,.2f}"]),
        )
        for each in review.prices
    ]


def cost_head(review: Review) -> tuple[str, ...]:
    """The columns of :func:`costs`."""
    prices = review.scenario.prices
    money = (prices.currency,) if prices and prices.pod_hour else ()
    return ("one release", "lasts", "a day", "pods more", "pod-hours more", *money)


def resources(review: Review) -> Rows:
    """A row per resource, the scarcest first: limit, mean and highest use, what is left, where, and the remedy."""
    tightest: dict[str, tuple[Any, Course]] = {}
    for course in review.courses:
        for each in course.resources:
            if math.isnan(each.least):
                continue
            if each.name not in tightest or each.least < tightest[each.name][0].least:
                tightest[each.name] = (each, course)
    ordered = sorted(tightest.values(), key=lambda pair: pair[0].least)
    return [
        (
            each.name,
            f"{each.limit:g} {each.unit}",
            left(1 - each.mean),
            left(1 - each.least),
            left(each.least),
            f"{course.strategy}, {course.loss.value}",
            MORE.get(each.name, "a decision of its owner"),
        )
        for each, course in ordered
    ]


def options(review: Review) -> list[Fleet]:
    """The fleets a board chooses between, for the planned demand and loss: what there is, then the smallest."""
    found = [review.fleet(each.name, review.base, review.hardest) for each in review.scenario.strategies]
    return sorted(found, key=lambda each: (not fits_today(review, each), each.replicas or math.inf, each.nodes))


def fits_today(review: Review, fleet: Fleet) -> bool:
    """Whether today's pods and nodes are enough for an option."""
    today = review.scenario
    enough = fleet.replicas is not None and fleet.replicas <= today.service.replicas
    return enough and fleet.nodes <= today.nodes.count


def option_rows(review: Review) -> Rows:
    """A row per option with all that it takes."""
    return [
        (
            each.strategy,
            _pods(each),
            f"{each.nodes}" if each.replicas else "-",
            _surge(each),
            f"{each.peak_pods:.0f}" if each.replicas else "-",
            *([f"{each.connections:.0f}" if each.replicas else "-"] if review.scenario.dependencies else []),
            month(review, each),
        )
        for each in options(review)
    ]


def option_head(review: Review) -> tuple[str, ...]:
    """The columns of :func:`option_rows`."""
    connections = ("connections",) if review.scenario.dependencies else ()
    return ("strategy", "pods", "nodes", "surge", "pods at once", *connections, "a month, against today")


def growth_heads(review: Review) -> tuple[str, ...]:
    """A column per demand."""
    return tuple(demand_name(review, growth) for growth in review.growths)


def loss_heads(review: Review) -> tuple[str, ...]:
    """A column per loss."""
    return tuple(loss.value for loss in review.losses)


def standing(course: Course) -> str:
    """What becomes of the promise in a case, and of the release."""
    kept = course.kept
    words = {"kept": "kept", "broken": f"BROKEN: {kept.why}", "cannot tell": "cannot tell"}[kept.sure.value]
    parts = [words]
    if kept.taken_back >= 0.5 and course.lost_at is not None:
        parts.append("release taken back")
    return "; ".join(parts)


def rps(rate: float) -> str:
    """A rate: ``76.8 rps``.

    >>> rps(76.84), rps(119.0), rps(0.584), rps(12345.6)
    ('76.8 rps', '119 rps', '0.584 rps', '12,346 rps')
    """
    digits = max(0, 2 - math.floor(math.log10(rate))) if 0 < rate < 100 else 0
    return f"{rate:,.{digits}f} rps"


def left(share: float) -> str:
    """A share of a resource, in whole percents."""
    return "none" if math.isinf(share) else "-" if math.isnan(share) else f"{share * 100:.0f} %"


def count(number: int, noun: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _fleet(fleet: Fleet) -> str:
    if fleet.replicas is None:
        return "none"
    return f"{fleet.replicas}+{fleet.surge} on {fleet.nodes}"


def _pods(fleet: Fleet) -> str:
    return "no fleet" if fleet.replicas is None else f"{fleet.replicas}"


def _surge(fleet: Fleet) -> str:
    if fleet.replicas is None:
        return "-"
    written, least = fleet.written_surge, fleet.least_surge
    enough = f" (surge {written}; {least} would do)" if written is not None and least != written else ""
    return f"+{fleet.surge}{enough}"


def _sure(fleet: Fleet) -> str:
    if fleet.share is None:
        return f"{fleet.why}, however many"
    return f"{wording.share(fleet.share.value)} bad, at most {wording.share(fleet.share.high)}"


def _below(fleet: Fleet) -> str:
    if fleet.replicas is None:
        return "-"
    if fleet.below is None or fleet.below_share is None:
        return "less than the work keeps busy"
    if fleet.below.value == "cannot tell":
        return f"cannot tell: {wording.share(fleet.below_share.low)} to {wording.share(fleet.below_share.high)} bad"
    at_least = "" if fleet.why == "the release is held up" else f", {wording.share(fleet.below_share.value)} bad"
    return f"{fleet.below.value}: {fleet.why}{at_least}"


def month(review: Review, fleet: Fleet) -> str:
    """What an option takes in a month beyond today's fleet: pod-hours, node-hours where they are priced, and money."""
    if fleet.replicas is None:
        return "-"
    pods, nodes = fleet.replicas - review.scenario.service.replicas, fleet.nodes - review.scenario.nodes.count
    prices, told = review.scenario.prices, f"{pods * MONTH:+,.0f} pod-hours"
    if prices and prices.node_hour:
        told += f", {nodes * MONTH:+,.0f} node-hours"
    if prices and (prices.pod_hour or prices.node_hour):
        told += f", {MONTH * (pods * prices.pod_hour + nodes * prices.node_hour):+,.0f} {prices.currency}"
    return told


def _wall(wall: Wall) -> str:
    if wall.rate is None:
        return "at any rate"
    low, high = rps(wall.rate).removesuffix(" rps"), rps(wall.broken)
    return f"{low}-{high}"


def _first(course: Course) -> str:
    return f"{course.first.name} {left(course.first.least)}"


def _by_loss(review: Review, show: Callable[[str, Loss], str]) -> Rows:
    names = [strategy.name for strategy in review.scenario.strategies]
    return [(name, *(show(name, loss) for loss in review.losses)) for name in names]
