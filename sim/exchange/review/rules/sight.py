"""Gates that hardly see: whom they count, how far they look back, on how many requests they rest."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim import units
from sim.exchange.analysis import Metric
from sim.exchange.argo import strategy_of
from sim.exchange.conditions import Condition
from sim.exchange.fields import Field
from sim.exchange.promql.reading import Query
from sim.exchange.review.rule import Fault, Rule, percent
from sim.exchange.review.rules.asked import analysed, holds_of
from sim.exchange.review.rules.gates import PATIENCE, RATE, SECOND, TWO_SCRAPES
from sim.exchange.workloads import Target


def window_longer_than_hold(target: Target) -> Iterator[Fault]:
    """A look that reaches back before its weight."""
    for hold, window, place in _watched(target):
        if 0 < hold < window:
            old = 1 - hold / window
            yield Fault(
                place,
                f"looks back {_shown(window)}, and the first hold lasts {_shown(hold)}: {percent(old)} of"
                f" what it"
                " sees was before that weight, and a bad release is diluted by as much",
                f"hold the weight for {_shown(window)} or longer, or look back {_shown(hold)}",
            )
            return


def _watched(target: Target) -> Iterator[tuple[int, int, Field]]:
    """The first judged hold with a weight, the window of a query and where that stands."""
    if target.tool != "Rollout":
        return
    first = next((each for each in holds_of(target) if each.weight > 0), None)
    if first is None or first.endless:
        return
    for when, metric in analysed(target):
        query = metric.query
        if isinstance(query, Query) and query.window and not query.fast and when in ("background", "step"):
            lasts = first.lasts + (metric.lasts() if when == "step" and metric.ends_by_itself else 0)
            yield lasts, query.window, metric.query_field


def no_data_at_the_first_look(target: Target) -> Iterator[Fault]:
    """A background analysis that asks for the canary before there is one."""
    if target.tool != "Rollout":
        return
    _, strategy = strategy_of(target.owner.spec)
    begins = strategy.at("analysis", "startingStep").whole() or 0
    for when, metric in analysed(target):
        query, condition = metric.query, metric.condition("successCondition") or metric.condition("failureCondition")
        if when != "background" or begins > 1 or not isinstance(query, Query) or not isinstance(condition, Condition):
            continue
        waits = metric.duration("initialDelay") or 0
        blind = query.scope == "version" and query.filled is None and condition.empty == "error" and query.window > 0
        if blind and not metric.cannot_be_evaluated and waits < TWO_SCRAPES:
            yield Fault(
                metric.field,
                f"asks for the canary's series {_asked_first(begins)} is aborted, good or bad: each empty answer is"
                " an error",
                "write initialDelay: 1m, or startingStep: 2",
            )


def _asked_first(begins: int) -> str:
    """What makes an analysis that begins with this step abort a canary."""
    if begins:
        return f"as soon as its pods are ready, and a canary that is not scraped twice within {PATIENCE} s"
    return f"from the first second, and a canary that needs more than {PATIENCE} s to be ready and scraped twice"


def whole_service_query(target: Target) -> Iterator[Fault]:
    """Errors of the new version divided by everybody's requests."""
    if target.tool != "Rollout":
        return
    weights = [each.weight for each in holds_of(target) if 0 < each.weight < 1]
    if not weights:
        return
    for _, metric in analysed(target):
        allowed = _errors_allowed(metric)
        query = metric.query
        if allowed is None or not isinstance(query, Query) or query.scope != "service":
            continue
        first = weights[0]
        passes = min(1.0, allowed / first)
        yield Fault(
            metric.query_field,
            f"counts the whole service, not the canary: at weight {percent(first)} and with {percent(allowed)} of"
            f" errors allowed, a new version passes of which {percent(passes)} of the requests fail",
            "add a label that only the canary has, as the canary Service or rollouts_pod_template_hash",
        )


def _errors_allowed(metric: Metric) -> float | None:
    """The share of errors that a metric lets pass."""
    query = metric.query
    condition = metric.condition("successCondition") or metric.condition("failureCondition")
    if (
        not isinstance(query, Query)
        or not isinstance(condition, Condition)
        or query.measure not in ("success", "errors")
    ):
        return None
    share = condition.bound / query.scale
    allowed = 1 - share if query.measure == "success" else share
    return allowed if 0 <= allowed < 1 else None


def few_requests(target: Target) -> Iterator[Fault]:
    """A look that rests on a handful of requests even at a good rate."""
    if target.tool != "Rollout":
        return
    weights = [each.weight for each in holds_of(target) if each.weight > 0]
    for _, metric in analysed(target):
        query, allowed = metric.query, _errors_allowed(metric)
        if not weights or allowed is None or not isinstance(query, Query) or query.scope != "version":
            continue
        window = (15 * SECOND if query.fast else query.window) / SECOND
        requests = RATE * weights[0] * window
        if not requests:
            continue
        good = _chance_of_failing(requests, 0.001, allowed)
        if good > 0.01:
            yield Fault(
                metric.query_field,
                f"at {RATE} requests a second and weight {percent(weights[0])} a look rests on"
                f" {requests:.0f} requests: of looks at a good release (0.1 % errors) {percent(good)} fail it",
                "look back longer, or begin with a larger weight",
            )


def _chance_of_failing(requests: float, errors: float, allowed: float) -> float:
    """The chance that more errors fall into so many requests than are let pass; errors come as Poisson's law says."""
    mean, most = requests * errors, math.floor(allowed * requests + 1e-9)
    within = sum(math.exp(-mean + count * math.log(mean) - math.lgamma(count + 1)) for count in range(most + 1))
    return max(0.0, 1.0 - within)


def nobody_judges(target: Target) -> Iterator[Fault]:
    """A canary whose weights change by the clock."""
    if target.tool != "Rollout":
        return
    way, strategy = strategy_of(target.owner.spec)
    written = [each for each in holds_of(target) if 0 < each.weight < 1] if way == "canary" else []
    judged = strategy["analysis"].there or any(each.analyses for each in written)
    asked = any(each.endless for each in written) or any(step["experiment"].there for step in strategy["steps"].items())
    if written and not judged and not asked:
        total = sum(each.lasts for each in written)
        yield Fault(
            strategy["steps"],
            f"no analysis and no pause that waits: whatever its errors, a release that turns"
            f" ready is everybody's after {_shown(total)}",
            "add an analysis, or a pause without a duration",
        )


def _shown(length: int) -> str:
    return units.show_duration(length)


RULES = (
    Rule(
        "whole-service-query",
        "risk",
        "a query that counts the whole service instead of the canary",
        "argo-rollouts issue 1700; five of ten public templates",
        whole_service_query,
    ),
    Rule(
        "window-longer-than-hold",
        "risk",
        "a query that looks back further than its weight is held",
        "prometheus.io/docs/prometheus/latest/querying/functions (rate)",
        window_longer_than_hold,
    ),
    Rule(
        "no-data-at-the-first-look",
        "risk",
        "an analysis that asks for the canary before it has been scraped",
        "argo-rollouts v1.10, analysis/analysis.go (consecutiveErrorLimit 4, retry after 10 s); issues 291, 3258",
        no_data_at_the_first_look,
    ),
    Rule(
        "few-requests-a-look",
        "note",
        "a look that rests on few requests",
        "Poisson's law; kortix-ai/suna pull request 3403 reports such aborts",
        few_requests,
    ),
    Rule(
        "nobody-judges",
        "note",
        "weights that grow by the clock alone",
        "argo-rollouts v1.10: only an analysis, an experiment, a deadline or a person aborts",
        nobody_judges,
    ),
)
