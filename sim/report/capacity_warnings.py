"""What a capacity review warns of: limits that somebody else sets, and which the fleets asked for would meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.report import wording

if TYPE_CHECKING:
    from sim.whatif.capacity import Fleet, Review


def warnings(review: Review) -> Iterator[str]:
    """One sentence each, what would stop the ask first."""
    wanted = [each for each in review.fleets if each.loss == review.hardest and each.growth == review.base]
    yield from _promise(review)
    for stream in review.scenario.traffic.streams:
        if stream.arrivals.instants() is not None:
            yield f"{stream.name} is a recording and is played as it was: growth does not change it."
    for each in wanted:
        if each.replicas is None:
            lost = "" if each.loss.value == "no loss" else f" with a {each.loss.value}"
            yield f"{each.strategy}: no fleet keeps the promise at {each.growth:g} x peak{lost}: {each.why}."
    yield from _autoscaler(review, wanted)
    yield from _quota(review, wanted)
    yield from _connections(review, wanted)
    if len(review.losses) == 1:
        yield "There is one node only: its loss is an outage, and none was played."
    elif "zone lost" not in review.losses:
        yield "All nodes stand in one zone (nodes.zones): its loss is an outage, and none was played."


def _promise(review: Review) -> Iterator[str]:
    promise = 1 - review.scenario.slo.success
    if review.own >= promise - 1e-12:
        yield (
            f"Errors of today's version alone ({wording.share(review.own)} of requests) leave nothing of what the "
            f"promise allows ({wording.share(promise)}). A fleet counts as enough here when it adds no more than as "
            "much again."
        )


def _autoscaler(review: Review, wanted: list[Fleet]) -> Iterator[str]:
    autoscaler = review.scenario.service.autoscaler
    most, least = getattr(autoscaler, "max", None), getattr(autoscaler, "min", None)
    if most is None or least is None:
        return
    needy = [each for each in wanted if each.replicas is not None and each.replicas > most]
    for each in needy:
        yield (
            f"The autoscaler's max of {most} is below the {each.replicas} pods that {each.strategy} needs: "
            f"raise max to {each.replicas} or more."
        )
    late = [each.replicas for each in wanted if each.replicas is not None and each.replicas > least]
    if late and not needy:
        yield (
            f"The autoscaler may go down to {least} pods. The fleets here stand ready before the peak; it has to be "
            f"there in time, or min be {min(late)} or more."
        )


def _quota(review: Review, wanted: list[Fleet]) -> Iterator[str]:
    quota = review.scenario.service.quota
    cpu = sum(each.cpu for each in review.scenario.service.containers if not each.init)
    memory = sum(each.memory for each in review.scenario.service.containers if not each.init)
    for each in (fleet for fleet in wanted if fleet.replicas is not None):
        if quota.pods is not None and each.peak_pods > quota.pods:
            yield f"{each.strategy}: {each.peak_pods:.0f} pods at once, the quota allows {quota.pods}."
        if quota.cpu is not None and each.peak_pods * cpu > quota.cpu:
            cores = f"{each.peak_pods * cpu / 1000:g}"
            yield f"{each.strategy}: {cores} cores at once, the quota allows {quota.cpu / 1000:g}."
        if quota.memory is not None and each.peak_pods * memory > quota.memory:
            asked, most = (f"{size / 2**30:.3g} GiB" for size in (each.peak_pods * memory, quota.memory))
            yield f"{each.strategy}: {asked} of memory at once, the quota allows {most}."


def _connections(review: Review, wanted: list[Fleet]) -> Iterator[str]:
    tightest = review.scenario.tightest_dependency()  # whose connections were counted
    if tightest is None:
        return
    for dependency in review.scenario.dependencies:
        for each in (fleet for fleet in wanted if fleet.replicas is not None):
            held = each.connections * dependency.per_pod / tightest.per_pod
            if held > dependency.connections:
                yield (
                    f"{each.strategy}: {held:.0f} connections to {dependency.name} at once, "
                    f"it takes {dependency.connections}."
                )
