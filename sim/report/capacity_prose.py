"""The capacity review in sentences: the ask, its cost and its risk, triggers, assumptions, evidence, and who signs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.report import wording
from sim.report.capacity import Rows, count, fits_today, month, options, resources, rps

if TYPE_CHECKING:
    from sim.whatif.capacity import Review

TRUST = ("low", "medium", "high")
ACT_AT = 0.2
"""Share of a resource left below which growth is to be acted on."""


def ask(review: Review) -> str:
    """The decision wanted, in one sentence."""
    least, now, pool = options(review)[0], review.scenario.service.replicas, review.scenario.nodes.count
    lost = f" with a {review.hardest.value}" if review.hardest.value != "no loss" else ""
    load = f"{review.base:g} x today's peak ({rps(review.peak_rate * review.base)}) through a release"
    if least.replicas is None:
        return f"No fleet keeps the promise at {load}{lost}, by any strategy: {least.why}."
    size = f"{count(least.replicas, 'pod')} on {count(least.nodes, 'node')}"
    if fits_today(review, least):
        today = f"today's {count(now, 'pod')} on {count(pool, 'node')}"
        enough = "" if size in today else f" ({size} would do)"
        return f"No change: {today} are enough to carry {load} by {least.strategy}{lost}{enough}."
    return f"{size} (today {now} on {pool}), to carry {load} by {least.strategy}{lost}."


def three_lines(review: Review) -> tuple[str, str, str]:
    """The ask, what it costs, and the headline risk."""
    return ask(review), _cost_line(review), _risk_line(review)


def triggers(review: Review) -> Iterator[str]:
    """What to watch, and when to act."""
    for name, limit, _, _, least, where, remedy in resources(review):
        if least == "none" or float(least.rstrip(" %")) < 100 * ACT_AT:
            yield f"Now: of {name} ({limit}) {least} is left at today's peak ({where}); it takes {remedy}."
    chosen = options(review)[0].strategy
    at = review.wall(chosen, review.hardest)
    provision = review.scenario.nodes.provision
    lead = f" A node takes up to {wording.seconds(provision.quantile(0.95) / 1e9)} to join." if provision else ""
    if at.rate is not None:
        yield (
            f"Ask again when the peak passes {rps(0.8 * at.rate)}: four fifths of what today's fleet carries by "
            f"{chosen} ({at.loss.value}).{lead}"
        )
    else:
        yield f"Today's fleet keeps the promise at no rate by {chosen} ({at.loss.value}): {at.why}."


def assumptions(review: Review) -> Iterator[str]:
    """What the answer rests on; the defaults of the file by their trust, after what this review itself assumes."""
    if len(review.losses) > 1:
        yield (
            "A lost node or zone goes silent early, half-way or late in the release and does not come back; the worst "
            "of these moments counts."
        )
        detection = wording.seconds(review.scenario.nodes.detection / 1e9)
        toleration = wording.seconds(review.scenario.nodes.toleration / 1e9)
        yield (
            f"The cluster notices after {detection} and gives the pods up {toleration} later. What fails before "
            "proxies know is counted apart: no fleet prevents it."
        )
    yield "The traffic stays at its peak for the whole release. An autoscaler is left out: the fleet has a fixed size."
    yield "More pods, nodes and surge are never worse (the search halves); nodes are as large as the file says."
    if not any(stream.objective for stream in review.scenario.traffic.streams):
        yield "No stream has a latency objective, so only failed requests count, however slow the others become."
    yield from (f"guess: {each.path} = {each.value} ({each.why})" for each in review.scenario.guesses)
    ordered = sorted(review.scenario.defaults, key=lambda each: (TRUST.index(each.trust), each.path))
    yield from (f"{each.trust} trust: {each.path} = {each.value} ({each.origin})" for each in ordered[:10])


def evidence(review: Review) -> Iterator[str]:
    """How it was found."""
    promise = wording.share(review.scenario.slo.success)
    yield (
        f"The promise: {promise} of requests good, from the release to its end and at least over 5 minutes. Bad is a "
        "failed request, or one slower than its objective that an ample fleet would have answered in time."
    )
    seed, confidence = review.scenario.study.seed, wording.share(review.confidence)
    yield (
        f"Each fleet was played through 3 good releases with the same random events (seed {seed}), and "
        f"through {review.replications} where 3 left it open. It is enough when the whole {confidence} interval of the "
        "mean share of bad requests lies within the promise, at every moment and place of the loss."
    )
    yield (
        f"With any fleet {wording.share(review.own)} of requests are bad (errors of today's version); "
        f"{wording.share(review.allowed)} may be."
    )
    yield "Good releases only: what a bad one costs, and which strategy is the safest, is answered by rollrisk run."


def signers(review: Review) -> Rows:
    """A row per signature."""
    told = review.scenario.document.get("review") or {}
    names = [("owner", str(told["owner"]))] if told.get("owner") else []
    names += [("approver", str(name)) for name in told.get("approvers", ())]
    return [(role, name, "", "") for role, name in names or [("owner", ""), ("SRE", ""), ("budget", "")]]


def told(review: Review) -> Iterator[tuple[str, str]]:
    """What the file says for the review: until when to decide, the way back, risks."""
    section = review.scenario.document.get("review") or {}
    for name, words in (("decision_by", "Decide by"), ("rollback", "Way back, and who may stop it")):
        if section.get(name):
            yield words, str(section[name])
    for risk in section.get("risks", ()):
        yield "Risk", str(risk)


def _cost_line(review: Review) -> str:
    least, now = options(review)[0], review.scenario.service.replicas
    dear = max(review.prices, key=lambda each: each.extra_pod_hours)
    cheap = min(review.prices, key=lambda each: each.extra_pod_hours)
    prices = review.scenario.prices
    money = "" if dear.cost is None or prices is None else f", {dear.cost:,.2f} {prices.currency}"
    release = f"a release by {dear.strategy} takes {dear.extra_pod_hours:.2f} pod-hours more{money}"
    if cheap is not dear:
        release += f", by {cheap.strategy} {cheap.extra_pod_hours:.2f}"
    if least.replicas is None:
        return f"Cost: {release}."
    change = least.replicas - now
    if fits_today(review, least):
        return f"Cost: none beyond today's; {release}."
    nodes = least.nodes - review.scenario.nodes.count
    more = " and ".join(_change(much, noun) for much, noun in ((change, "pod"), (nodes, "node")) if much)
    return f"Cost: {more} all the time ({month(review, least)} a month); {release}."


def _change(much: int, noun: str) -> str:
    """``1 pod more``, ``2 nodes fewer``."""
    return f"{count(abs(much), noun)} {'more' if much > 0 else 'fewer'}"


def _risk_line(review: Review) -> str:
    broken = [each for each in review.courses if each.kept.sure.value == "broken"]
    planned = [each for each in broken if each.loss in ("no loss", review.hardest.value)]
    if planned:
        first = planned[0]
        others = sorted({each.strategy for each in planned} - {first.strategy})
        also = f" (as by {', '.join(others)})" if others else ""
        return (
            f"Headline risk: today, at the peak, a release by {first.strategy} breaks the promise{also}, "
            f"{first.loss.value}: {first.kept.why}, {wording.share(first.kept.share.value)} of its requests."
        )
    blind = max(review.courses, key=lambda each: each.kept.blind)
    if blind.kept.blind >= 1:
        budget = blind.kept.blind / ((1 - review.scenario.slo.success) * review.scenario.slo.requests)
        return (
            f"Headline risk: with a {blind.loss.value} about {blind.kept.blind:,.0f} requests fail before anyone "
            f"notices, {wording.share(budget)} of the error budget; no fleet prevents that."
        )
    weakest = min(review.walls, key=lambda each: each.rate or 0.0)
    peak = rps(review.peak_rate)
    return f"Headline risk: {weakest.strategy} breaks today's fleet at {rps(weakest.broken)} (peak {peak})."
