"""The metrics of Argo's analyses: their arguments filled in, their queries and conditions read.

Sources: argo-rollouts v1.10, ``utils/analysis/helpers.go`` (arguments, flattening of templates),
``metricproviders/prometheus/prometheus.go`` (a vector gives a list, a scalar a number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sim.exchange.argo import strategy_of
from sim.exchange.binding import named
from sim.exchange.conditions import CannotReadError, Condition, read_condition
from sim.exchange.fields import Field, nanoseconds
from sim.exchange.manifests import Found, Manifest
from sim.exchange.promql.filling import CANARY, STABLE, UNKNOWN, filled
from sim.exchange.promql.reading import NoPromQLError, Query, read_query
from sim.exchange.promql.scopes import Names

TEMPLATES = ("AnalysisTemplate", "ClusterAnalysisTemplate")

_LABEL = re.compile(r"metadata\.labels\['([^']+)'\]")
_WHOLE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Metric:
    """One metric with the arguments of the analysis that asks for it."""

    field: Field
    known: Mapping[str, str]
    names: Names
    dry: bool = False

    @property
    def name(self) -> str:
        """As the template calls it."""
        return self.field["name"].text() or "metric"

    @property
    def provider(self) -> str:
        """Who is asked: ``prometheus``, ``web``, ``job`` and so on."""
        keys = self.field["provider"].names()
        return keys[0] if keys else ""

    @property
    def query_field(self) -> Field:
        """Where its query stands."""
        return self.field.at("provider", "prometheus", "query")

    @cached_property
    def query(self) -> Query | NoPromQLError | None:
        """What its Prometheus query measures, or why it does not parse; None where there is none."""
        written = self.query_field.text()
        if written is None:
            return None
        try:
            return read_query(filled(written, self.known), self.names)
        except NoPromQLError as error:
            return error

    def condition(self, which: str) -> Condition | CannotReadError | None:
        """``successCondition`` or ``failureCondition``; None where it is not written."""
        written = self.field[which].text()
        if not written:
            return None
        try:
            return read_condition(filled(written, self.known))
        except CannotReadError as error:
            return error

    def whole(self, key: str) -> int | None:
        """A whole number of it, arguments filled in."""
        written = self.field[key].text()
        text = "" if written is None else filled(written, self.known).strip()
        return int(text) if _WHOLE.fullmatch(text) else None

    def duration(self, key: str) -> int | None:
        """A duration of it, ns, arguments filled in."""
        written = self.field[key].text()
        return None if not written else nanoseconds(filled(written, self.known).strip())

    @property
    def measured_once(self) -> bool:
        """Whether it is asked once and done."""
        return not self.whole("count") and not self.field["interval"].there

    @property
    def ends_by_itself(self) -> bool:
        """Whether it can be complete without failing and without being ended."""
        return self.measured_once or bool(self.whole("count")) or bool(self.whole("consecutiveSuccessLimit"))

    def lasts(self) -> int:
        """How long it takes at least, ns, where it ends by itself."""
        count = self.whole("consecutiveSuccessLimit") or self.whole("count") or 1
        return (self.duration("initialDelay") or 0) + (count - 1) * (self.duration("interval") or 0)

    @property
    def cannot_be_evaluated(self) -> bool:
        """Whether its condition does not fit what Prometheus gives: a list not indexed, or a number indexed."""
        query = self.query
        if not isinstance(query, Query) or self.field.at("provider", "prometheus", "rangeQuery").there:
            return False
        conditions = [self.condition(each) for each in ("successCondition", "failureCondition")]
        return any(isinstance(each, Condition) and each.indexed != query.vector for each in conditions)


def names_of(owner: Manifest) -> Names:
    """What the series of a rollout's new and old version are called."""
    way, strategy = strategy_of(owner.spec)
    istio = strategy.at("trafficRouting", "istio", "destinationRule")
    keys = ("previewService", "activeService") if way == "blueGreen" else ("canaryService", "stableService")
    new = [strategy[keys[0]].text(), istio["canarySubsetName"].text()]
    old = [strategy[keys[1]].text(), istio["stableSubsetName"].text()]
    return Names(new=[each for each in new if each], old=[each for each in old if each])


def metrics_of(found: Found, owner: Manifest, analysis: Field) -> Iterator[Metric | Field]:
    """The metrics of an analysis; for a template that is not among the manifests the field that names it."""
    given = dict(arguments(analysis["args"], owner))
    dry = [each["metricName"].text() or "" for each in analysis["dryRun"].items()]
    for reference in _references(analysis):
        template = _template(found, owner, reference)
        if template is None:
            yield reference["templateName"]
            continue
        known = {**dict(arguments(template.spec["args"], owner)), **given}
        dry_here = dry + [each["metricName"].text() or "" for each in template.spec["dryRun"].items()]
        for each in template.spec["metrics"].items():
            name = each["name"].text() or ""
            yield Metric(each, known, names_of(owner), any(_fits(pattern, name) for pattern in dry_here))
        for deeper in template.spec["templates"].items():
            inner = _template(found, owner, deeper)
            for each in inner.spec["metrics"].items() if inner is not None else ():
                yield Metric(each, known, names_of(owner))


def _references(analysis: Field) -> list[Field]:
    """``templates:``, or ``templateName`` as it was once written."""
    return list(analysis["templates"].items()) or ([analysis] if analysis["templateName"].there else [])


def _template(found: Found, owner: Manifest, reference: Field) -> Manifest | None:
    name = reference["templateName"].text()
    kinds = ("ClusterAnalysisTemplate",) if reference["clusterScope"].flag() else ("AnalysisTemplate",)
    return named(found, owner, kinds, name)


def arguments(written: Field, owner: Manifest) -> Iterator[tuple[str, str]]:
    """Names as queries say them, and what is put in: never a secret."""
    for each in written.items():
        name = each["name"].text() or ""
        source = each["valueFrom"]
        value: str | None
        if source["podTemplateHashValue"].there:
            value = STABLE if source["podTemplateHashValue"].text() == "Stable" else CANARY
        elif source["fieldRef"].there:
            value = _of_owner(source.at("fieldRef", "fieldPath").text() or "", owner)
        elif source.there:
            value = UNKNOWN
        else:
            value = each["value"].text()
        if value is not None:
            yield f"args.{name}", value


def _of_owner(path: str, owner: Manifest) -> str | None:
    label = _LABEL.fullmatch(path)
    if label:
        return owner.labels.get(label[1])
    return {"metadata.name": owner.name, "metadata.namespace": owner.namespace or None}.get(path)


def _fits(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False
