"""Flagger's Canary: its weights, its checks, and what its controller takes where nothing is written.

Sources: flagger v1.44, ``pkg/apis/flagger/v1beta1/canary.go``, ``pkg/controller/scheduler.go`` (one action per tick),
``docs/gitbook/usage/deployment-strategies.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sim.exchange.binding import named
from sim.exchange.fields import Field
from sim.exchange.manifests import Found, Manifest
from sim.exchange.promql.filling import filled
from sim.exchange.promql.reading import NoPromQLError, Query, read_query
from sim.exchange.promql.scopes import Names

MINUTE = 60 * 10**9
SHORTEST_INTERVAL = 10 * 10**9
MOST_STEPS = 200


@dataclass(frozen=True)
class Check:
    """One metric of the analysis."""

    field: Field
    canary: Canary

    @property
    def name(self) -> str:
        """As it is called; two are Flagger's own."""
        return self.field["name"].text() or "metric"

    @property
    def window(self) -> int:
        """How far back it looks, ns."""
        return self.field["interval"].duration() or MINUTE

    def bound(self, which: str) -> tuple[float | None, Field]:
        """``min`` or ``max`` of its range, and where it stands."""
        place = self.field.at("thresholdRange", which)
        return place.number(), place

    @cached_property
    def template(self) -> Manifest | None:
        """The MetricTemplate it names; None where it names none, or one that is not among the manifests."""
        reference = self.field["templateRef"]
        name = reference["name"].text()
        namespace = reference["namespace"].text()
        return named(self.canary.found, self.canary.owner, ("MetricTemplate",), name, namespace)

    @property
    def provider(self) -> str:
        """Who is asked."""
        if self.template is None:
            return "prometheus" if self.field["query"].there or not self.field["templateRef"].there else ""
        return self.template.spec.at("provider", "type").text() or ""

    @property
    def query_field(self) -> Field:
        """Where its query stands."""
        return self.field["query"] if self.template is None else self.template.spec["query"]

    @cached_property
    def query(self) -> Query | NoPromQLError | None:
        """What its own query measures, or why it does not parse; None where it has none for Prometheus."""
        written = self.query_field.text()
        if written is None or self.provider != "prometheus":
            return None
        try:
            return read_query(filled(written, self.canary.known(self)), self.canary.names)
        except NoPromQLError as error:
            return error


@dataclass(frozen=True)
class Canary:
    """A Canary and the manifests it names others of."""

    found: Found
    owner: Manifest

    @property
    def analysis(self) -> Field:
        """Its analysis, by either of its two names."""
        spec = self.owner.spec
        return (
            spec["canaryAnalysis"] if spec["canaryAnalysis"].there and not spec["analysis"].there else spec["analysis"]
        )

    @property
    def interval(self) -> int:
        """Time between two ticks, ns: a minute where nothing is written, never below 10 s."""
        return max(SHORTEST_INTERVAL, self.analysis["interval"].duration() or MINUTE)

    @property
    def threshold(self) -> int:
        """Failed checks at which it rolls back."""
        return max(1, self.analysis["threshold"].whole() or 1)

    @property
    def iterations(self) -> int:
        """Ticks of an analysis without weights: blue/green, or A/B where ``match`` is written."""
        written = self.analysis["iterations"].whole() or 0
        if not written and self.owner.spec["provider"].text() == "kubernetes" and not self.matches:
            return 10
        return max(0, written)

    @property
    def matches(self) -> bool:
        """Whether users are chosen by a header or a cookie."""
        return bool(self.analysis["match"].data)

    def weights(self) -> list[tuple[float, Field]]:
        """The weights of its steps as shares, and where each is said.

        A step weight goes on until it is at or beyond the greatest, so that 20 up to 50 are 20, 40 and 60.
        """
        listed = self.analysis["stepWeights"]
        if listed.there:
            found = [(min(100.0, each.number() or 0.0) / 100, each) for each in listed.items()]
            return [pair for pair in found if pair[0] > 0]
        step = self.analysis["stepWeight"].whole() or 0
        most = self.analysis["maxWeight"].whole() or 100
        if step <= 0:
            return []
        weights: list[tuple[float, Field]] = []
        now = 0
        while now < most and len(weights) < MOST_STEPS:
            now = min(100, now + step)
            weights.append((now / 100, self.analysis["stepWeight"]))
        return weights

    def checks(self) -> Iterator[Check]:
        """Its metrics."""
        for each in self.analysis["metrics"].items():
            yield Check(each, self)

    def webhooks(self, *types: str) -> Iterator[Field]:
        """Its hooks of these types; one that says none is asked at each tick."""
        for each in self.analysis["webhooks"].items():
            if (each["type"].text() or "rollout") in types:
                yield each

    @property
    def target(self) -> str:
        """The workload it rolls out, which becomes the canary."""
        return self.owner.spec.at("targetRef", "name").text() or self.owner.name

    @property
    def service(self) -> str:
        """The name of its Services."""
        return self.owner.spec.at("service", "name").text() or self.target

    @property
    def names(self) -> Names:
        """What the series of the canary and of the primary are called."""
        both = {self.target, self.service}
        new = [self.target, *(f"{each}-canary" for each in both)]
        return Names(new=new, old=[f"{each}-primary" for each in both])

    def known(self, check: Check) -> dict[str, str]:
        """What Flagger puts into a query; a duration as Prometheus writes it."""
        seconds = max(1, check.window // 10**9)
        variables = check.field["templateVariables"].labels()
        return {
            "namespace": self.owner.namespace or "default",
            "name": self.owner.name,
            "target": self.target,
            "service": self.service,
            "ingress": self.owner.spec.at("ingressRef", "name").text() or self.target,
            "route": self.owner.spec.at("routeRef", "name").text() or self.target,
            "interval": f"{seconds}s",
            **{f"variables.{key}": value for key, value in variables.items()},
        }
