"""Rules on what an older Kubernetes has not got yet."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, reads

OLD = "1.28"


@reads("service", "nodes")
def each_direction_of_an_autoscaler_has_its_tolerance_in_newer_releases_only(written: Written) -> Iterator[Breach]:
    """One tolerance for the whole cluster, up to 1.32 (KEP-4951)."""
    autoscaler = written.service.autoscaler
    for word in ("up", "down"):
        rules = getattr(autoscaler, word, None)
        if written.nodes.kubernetes == OLD and getattr(rules, "tolerance", None) is not None:
            yield (
                ("service", "autoscaler", word, "tolerance"),
                f"Kubernetes {OLD} knows one tolerance for both ways; write tolerance: of the autoscaler instead",
            )


@reads("service", "nodes")
def the_pace_of_crash_loops_can_be_told_newer_releases_only(written: Written) -> Iterator[Breach]:
    """10 s to 300 s, and nobody was asked, before KEP-4603 and KEP-5593."""
    for word in ("first", "longest"):
        if written.nodes.kubernetes == OLD and word in written.service.restarts.model_fields_set:
            yield (
                ("service", "restarts", word),
                f"Kubernetes {OLD} always waits 10s at first and 5m at last; leave it out, or write kubernetes: newest",
            )


@reads("strategies", "nodes")
def pods_are_replaced_after_their_end_in_newer_releases_only(written: Written) -> Iterator[Breach]:
    """``podReplacementPolicy`` of a Deployment, alpha in 1.36 (KEP-5882)."""
    for name, strategy in written.strategies.items():
        if written.nodes.kubernetes == OLD and getattr(strategy, "replacement", "started") == "complete":
            yield (
                ("strategies", name, "replacement"),
                f"a Deployment of Kubernetes {OLD} replaces pods when their end has started; leave replacement out",
            )


RULES: tuple[Rule, ...] = (
    each_direction_of_an_autoscaler_has_its_tolerance_in_newer_releases_only,
    the_pace_of_crash_loops_can_be_told_newer_releases_only,
    pods_are_replaced_after_their_end_in_newer_releases_only,
)
