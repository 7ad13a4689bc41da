"""Gates that cannot work, and gates that hardly see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sim.exchange.fields import Field
from sim.exchange.flagger import Canary
from sim.exchange.promql.filling import UNKNOWN, filled
from sim.exchange.promql.reading import NoPromQLError, Query, read_query
from sim.exchange.promql.scopes import Names
from sim.exchange.review.rule import Fault, Rule
from sim.exchange.review.rules.asked import analysed
from sim.exchange.workloads import Target

SECOND = 10**9
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
RATE = 100
"""Requests a second at which figures per request are said."""
TWO_SCRAPES = 30 * SECOND
PATIENCE = 40
"""Seconds from the first evaluation error to the abort: five errors, ten seconds apart."""


def condition_does_not_fit(target: Target) -> Iterator[Fault]:
    """A list that is not indexed, or a number that is."""
    for _, metric in analysed(target):
        if metric.cannot_be_evaluated and isinstance(metric.query, Query):
            key = "successCondition" if metric.field["successCondition"].there else "failureCondition"
            gives, cure = (
                ("a list of samples, which cannot be compared", "write result[0], or scalar() around the query")
                if metric.query.vector
                else ("a bare number, which cannot be indexed", "write result without an index")
            )
            message = (
                f"Prometheus gives {gives}: every measurement is an error, and after {PATIENCE} s of errors every"
                f" release"
                " is aborted, good ones too"
            )
            yield Fault(metric.field[key], message, cure)


def promql_does_not_parse(target: Target) -> Iterator[Fault]:
    """Text that Prometheus refuses."""
    for place, query, shown in _queries(target):
        if isinstance(query, NoPromQLError) and UNKNOWN not in _QUOTED.sub("", shown):
            yield Fault(
                place,
                f"is no PromQL: {query}; every measurement fails and no release is let through",
                "try the query in Prometheus with its arguments put in",
            )


def _queries(target: Target) -> Iterator[tuple[Field, Query | NoPromQLError, str]]:
    for _, metric in analysed(target):
        if metric.query is not None:
            yield metric.query_field, metric.query, filled(metric.query_field.text() or "", metric.known)
    if target.tool == "Canary":
        canary = Canary(target.found, target.owner)
        for check in canary.checks():
            if check.query is not None:
                yield check.query_field, check.query, filled(check.query_field.text() or "", canary.known(check))
    if target.tool == "MetricTemplate" and target.owner.spec.at("provider", "type").text() == "prometheus":
        place = target.owner.spec["query"]
        shown = filled(place.text() or "", {})
        try:
            yield place, read_query(shown, Names()), shown
        except NoPromQLError as error:
            yield place, error, shown


_EVALUATE = "argo-rollouts v1.10, utils/evaluate/evaluate.go, metricproviders/prometheus/prometheus.go"
RULES = (
    Rule(
        "condition-does-not-fit",
        "error",
        "a condition that cannot be evaluated on what Prometheus gives",
        _EVALUATE,
        condition_does_not_fit,
    ),
    Rule(
        "promql-does-not-parse",
        "error",
        "a query that is no PromQL",
        "prometheus.io/docs/prometheus/latest/querying/basics; parsed by promql-parser",
        promql_does_not_parse,
    ),
)
