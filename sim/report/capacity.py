"""The capacity review laid out: a terminal's lines, and a page in Markdown that a review board can sign."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.report import wording
from sim.report.markdown import plain

if TYPE_CHECKING:
    from sim.whatif.capacity import Fleet, Review, Wall

NAMES = {"slots": "pods", "nodes": "nodes", "connections": "connections"}
TRUST = ("low", "medium", "high")
ACT_AT = 0.2
"""Share of a resource left below which growth is to be acted on."""
Rows = Sequence[Sequence[str]]


def terminal(review: Review, page: str = "") -> str:
    """The review as lines of at most 80 columns where the names allow."""
    parts = [
        f"{review.scenario.name}: a release at the planning peak, {wording.rounded(review.peak_rate, 0.0)} rps",
        _text(("smallest fleet that keeps the SLO", *_growths(review)), fleets(review)),
        _text(("the file's fleet breaks at", "no loss", "node lost"), walls(review)),
        _text(("first to run out, share left", "no loss", "node lost"), firsts(review)),
        _text(("one release", "lasts", "a day", "pods more", "pod-hours more"), costs(review)),
        f"ASK  {ask(review)}",
    ]
    return "\n\n".join([*parts, page] if page else parts) + "\n"


def markdown(review: Review) -> str:
    """The page for the board: ask, demand, options, losses, triggers, assumptions, evidence, sign-off."""
    service, slo = review.scenario.service, review.scenario.slo
    growths = _growths(review)
    lines = [
        f"# Capacity review: {plain(review.scenario.name)}", "",
        "## The ask", "", *(f"- {plain(line)}" for line in _three_lines(review)), "",
        "## Demand", "",
        *_table(("demand", "rps at the peak"), [
            (f"{growth:g} x today", wording.rounded(review.peak_rate * growth, 0.0)) for growth in review.growths
        ]),
        f"Today's fleet: {service.replicas} pods on {review.scenario.nodes.count} nodes.", "",
        "## Options side by side", "",
        f"The smallest fleet that keeps {wording.share(slo.success)} of requests good through a release, as pods "
        "(pods at once during the release, nodes for them).", "",
        *_table(("strategy and loss", *growths), fleets(review)),
        "Which strategy is the safest is another question, answered by `rollrisk run`.", "",
        "## Where today's fleet breaks during a release", "",
        *_table(("strategy", "no loss", "node lost"), walls(review)),
        "## What runs out first at the planning peak", "",
        *_table(("strategy", "no loss", "node lost"), firsts(review)),
        "## What a release costs", "",
        *_table(("strategy", "lasts", "fit into a day", "pods more at once", "pod-hours more"), costs(review)),
        "## Triggers", "", *(f"- {plain(line)}" for line in triggers(review)), "",
        "## Assumptions, the least trusted first", "", *(f"- {plain(line)}" for line in assumptions(review)), "",
        "## Evidence", "", *(f"- {plain(line)}" for line in evidence(review)), "",
        "## Sign-off", "",
        *_table(("role", "name", "decision", "date"), [(role, "", "", "") for role in ("owner", "SRE", "budget")]),
    ]  # fmt: skip
    return "\n".join(lines)


def fleets(review: Review) -> Rows:
    """A row per strategy and loss, a cell per growth."""
    losses = list(dict.fromkeys(each.loss for each in review.fleets))
    return [
        (
            f"{strategy.name}, {loss.value}",
            *(_fleet(review.fleet(strategy.name, growth, loss)) for growth in review.growths),
        )
        for strategy in review.scenario.strategies
        for loss in losses
    ]


def walls(review: Review) -> Rows:
    """A row per strategy: the rate at which the file's fleet no longer keeps the promise."""
    return _by_loss(review, lambda wall: "-" if wall.rate is None else f"{wording.rounded(wall.rate, 0.0)} rps")


def firsts(review: Review) -> Rows:
    """A row per strategy: the resource of which least is left, and how much."""
    return _by_loss(review, _first)


def costs(review: Review) -> Rows:
    """A row per strategy: duration, releases a day, and pods and pod-hours beyond the fleet."""
    return [
        (
            each.strategy,
            wording.seconds(each.duration),
            f"{each.releases_per_day}",
            f"{each.extra_pods:+.0f}",
            f"{each.extra_pod_hours:+.1f}",
        )
        for each in review.prices
    ]


def ask(review: Review) -> str:
    """The decision wanted, in one sentence."""
    growth, now = max(review.growths), review.scenario.service.replicas
    lost = [each for each in review.fleets if each.growth == growth and each.loss.value != "no loss" and each.replicas]
    if not lost:
        return (
            f"No fleet keeps the promise at {growth:g} x the peak with a node lost: mend the scenario or the service."
        )
    least = min(lost, key=lambda each: (each.nodes, each.peak_pods))
    assert least.replicas is not None
    have = "as today" if least.replicas == now else f"today {now}"
    nodes = f"{least.nodes} node{'s' if least.nodes > 1 else ''} (today {review.scenario.nodes.count})"
    return (
        f"{least.replicas} pods ({have}) and {nodes} carry {growth:g} x today's peak through a release by "
        f"{least.strategy} with a node lost."
    )


def triggers(review: Review) -> Iterator[str]:
    """What to watch, and when to act."""
    for wall in review.walls:
        low = {NAMES[name]: left for name, left in wall.headroom.items() if left < ACT_AT}
        for name, left in low.items():
            yield f"{wall.strategy}, {wall.loss.value}: {_left(left)} of the {name} is left at the peak; act now."
    rates = [wall.rate for wall in review.walls if wall.rate is not None]
    if rates:
        at = wording.rounded(0.8 * min(rates), 0.0)
        yield f"Ask again when the peak passes {at} rps: four fifths of where the weakest case breaks."


def assumptions(review: Review) -> Iterator[str]:
    """What the answer rests on; the defaults of the file by their trust, after what this review itself assumes."""
    yield "A lost node takes its even share of the pods for the whole release; nothing replaces them meanwhile."
    yield "The traffic stays at its peak for the whole release. An autoscaler is left out: the fleet has a fixed size."
    yield "More pods are never worse (the search halves); nodes are as large as the file says."
    if not any(stream.objective for stream in review.scenario.traffic.streams):
        yield "No stream has a latency objective, so only failed requests count, however slow the others become."
    ordered = sorted(review.scenario.defaults, key=lambda each: (TRUST.index(each.trust), each.path))
    yield from (f"{each.trust} trust: {each.path} = {each.value} ({each.origin})" for each in ordered[:8])


def evidence(review: Review) -> Iterator[str]:
    """How it was found."""
    yield (
        f"Each fleet was played through up to {review.replications} good releases on common luck (seed "
        f"{review.scenario.study.seed}); enough means that the whole {wording.share(review.confidence)} interval of "
        "the mean share of bad requests lies within the promise."
    )
    yield "Bad is a failed request, or one slower than its objective by more than its own work makes unavoidable."


def _three_lines(review: Review) -> Iterator[str]:
    yield ask(review)
    dear = max(review.prices, key=lambda each: each.extra_pod_hours)
    yield f"The dearest strategy, {dear.strategy}, takes {dear.extra_pod_hours:.1f} pod-hours more per release."
    weakest = min(review.walls, key=lambda wall: -1.0 if wall.rate is None else wall.rate)
    at = "even less than the peak" if weakest.rate is None else f"{wording.rounded(weakest.rate, 0.0)} rps"
    peak = wording.rounded(review.peak_rate, 0.0)
    yield f"Headline risk: with {weakest.loss.value}, {weakest.strategy} breaks today's fleet at {at} (peak {peak})."


def _growths(review: Review) -> tuple[str, ...]:
    return tuple(f"{growth:g} x peak" for growth in review.growths)


def _fleet(fleet: Fleet) -> str:
    if fleet.replicas is None:
        return "none"
    return f"{fleet.replicas} ({fleet.peak_pods:.0f} on {fleet.nodes})"


def _first(wall: Wall) -> str:
    return f"{NAMES[wall.first]} {_left(wall.headroom[wall.first])}"


def _left(share: float) -> str:
    return "none" if math.isinf(share) else f"{share * 100:.0f} %"


def _by_loss(review: Review, show: object) -> Rows:
    assert callable(show)
    names = [strategy.name for strategy in review.scenario.strategies]
    return [(name, *(show(wall) for wall in review.walls if wall.strategy == name)) for name in names]


def _text(head: Sequence[str], rows: Rows) -> str:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(wide) if place == 0 else cell.rjust(wide)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )


def _table(head: Sequence[str], rows: Rows) -> list[str]:
    lines = ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in (head, *rows)]
    return [lines[0], "|:---|" + "---:|" * (len(head) - 1), *lines[1:], ""]
