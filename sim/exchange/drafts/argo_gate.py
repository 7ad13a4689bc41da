"""The gate that an Argo AnalysisTemplate is, as far as its queries and conditions can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim import units
from sim.exchange.analysis import Metric, metrics_of
from sim.exchange.conditions import CannotReadError, Condition
from sim.exchange.drafts.lines import Line, Missed, Tree, found, guess, otherwise, plain_name
from sim.exchange.fields import Field
from sim.exchange.promql.reading import Query
from sim.exchange.workloads import Target
from sim.judges.analysis_run import Limits, problems

MINUTE = 60 * 10**9
TWO_SCRAPES = "30s"
_COUNTS = (
    ("count", "count", None), ("failure_limit", "failureLimit", 0), ("inconclusive_limit", "inconclusiveLimit", 0),
    ("consecutive_error_limit", "consecutiveErrorLimit", 4),
    ("consecutive_success_limit", "consecutiveSuccessLimit", 0),
)  # fmt: skip


def argo_gate(target: Target, analyses: Sequence[tuple[str, Field]], missed: list[Missed]) -> Tree:
    """The gate of these analyses; empty where nothing of them can be read.

    One gate judges a strategy: a background analysis, or that after the switch, before those at single steps.
    """
    order = [each for when in ("background", "after", "step") for each in analyses if each[0] == when]
    if not order:
        return {}
    when = order[0][0]
    for other, field in order:
        if other != when:
            told = "a strategy is judged by one gate here; this analysis is not played beside the other"
            missed.append(Missed(field.spot, told, "high"))
    chosen = [field for other, field in order if other == when]
    start = chosen[0]["startingStep"]
    if start.there:
        missed.append(Missed(start.spot, "the analysis starts at a later step; here it judges from the first", "low"))
    readable = _readable(target, chosen, missed)
    if not readable:
        return {}
    tree: Tree = {"kind": found("argo", chosen[0]), "metrics": {}}
    listed = tree["metrics"]
    assert isinstance(listed, dict)
    for metric, _, part in readable:
        listed.setdefault(plain_name(metric.name), part)
    first_metric, first_query, _ = readable[0]
    tree.update(_what_it_reads(first_metric, first_query, missed))
    for metric, query, _ in readable[1:]:
        if (query.window, query.scope) != (first_query.window, first_query.scope):
            told = "looks over another window or at other series than the first metric; here all look as the first does"
            missed.append(Missed(metric.query_field.spot, told, "medium"))
    if any(metric.cannot_be_evaluated for metric, _, _ in readable):
        told = "a condition does not fit what Prometheus gives: every measurement is an error, as if nothing were there"
        tree["wrong_series"] = Line({"reads": "nothing"}, told)
    if when == "background":
        tree["run"] = found("background", chosen[0])
    return tree


def _readable(target: Target, analyses: Sequence[Field], missed: list[Missed]) -> list[tuple[Metric, Query, Tree]]:
    found_ones: list[tuple[Metric, Query, Tree]] = []
    seen: set[str] = set()
    for analysis in analyses:
        for each in metrics_of(target.found, target.owner, analysis):
            if isinstance(each, Field):
                told = f"template {plain_name(each.text() or 'without a name')} is not among the manifests"
                missed.append(Missed(each.spot, told, "high", "What does it measure, and when does it fail? (gates)"))
                continue
            key = f"{each.field.file}:{each.field.spot.path}:{each.field.document}"
            if key in seen:
                continue
            seen.add(key)
            tree = _metric(each, missed)
            query = each.query
            if tree is not None and isinstance(query, Query):
                found_ones.append((each, query, tree))
    return found_ones


def _metric(metric: Metric, missed: list[Missed]) -> Tree | None:
    """A metric of the gate; None, and the reason among the missed, where it cannot be said."""
    question = f"What does metric {plain_name(metric.name)} measure, and at which value is a release bad? (gates)"

    def give_up(field: Field, why: str) -> None:
        missed.append(Missed(field.spot, why, "high", question))

    query = metric.query
    if query is None:
        give_up(
            metric.field["provider"], f"a metric of {metric.provider or 'no provider'} cannot be read from a manifest"
        )
        return None
    if not isinstance(query, Query):
        give_up(metric.query_field, f"the query is no PromQL ({query})")
        return None
    if query.measure not in ("success", "errors", "quantile"):
        what = {"average": "an average latency", "count": "a number of events"}.get(query.measure, "something else")
        give_up(metric.query_field, f"the query measures {what}; a gate here reads shares of answers and quantiles")
        return None
    tree: Tree = {"value": found(_word(query), metric.query_field)}
    shown = list(_conditions(metric, query, give_up))
    if not shown:
        if not metric.field["successCondition"].there and not metric.field["failureCondition"].there:
            give_up(metric.field, "the metric has no condition: every measurement is successful")
        return None
    tree.update(dict(shown))
    refused = problems(_limits(metric))
    if refused:
        give_up(metric.field, "Argo Rollouts refuses this metric: " + "; ".join(refused))
        return None
    tree.update(_counted(metric))
    return tree


def _conditions(metric: Metric, query: Query, give_up) -> Iterator[tuple[str, Line]]:  # type: ignore[no-untyped-def]
    """Both conditions and what no data is, where all that is written can be read."""
    lines: list[tuple[str, Line]] = []
    for name, key in (("success_condition", "successCondition"), ("failure_condition", "failureCondition")):
        condition, place = metric.condition(key), metric.field[key]
        if condition is None:
            continue
        if isinstance(condition, CannotReadError):
            give_up(place, f"the condition cannot be read: {condition}")
            return
        bound = _bound(condition, query)
        if bound is None:
            give_up(place, "the bound is no share between 0 and 100 % of what the query gives")
            return
        lines.append((name, found(f"result {condition.sign} {bound[0]}", place, note=bound[1])))
        if name == "success_condition" or not lines[:-1]:
            told = _without_data(condition, query, success=name == "success_condition")
            if told != "error":
                lines.append(("no_data", found(told, place)))
    yield from lines


def _bound(condition: Condition, query: Query) -> tuple[str, str] | None:
    """The bound in the scenario's unit, and what was taken for granted."""
    if query.measure == "quantile":
        unit = query.unit or (10**6 if condition.bound >= 20 else 10**9)
        note = "" if query.unit else "GUESS: the metric's name does not say its unit"
        return units.show_duration(round(condition.bound * unit)), note
    share = condition.bound / query.scale
    if not 0.0 <= share <= 1.0:
        return None
    return f"{100 * share:.10g}%", ""


def _without_data(condition: Condition, query: Query, *, success: bool) -> str:
    """What a measurement without an answer is: an error, a success, or (as ``nan``) a failure."""
    if query.filled is not None:
        good = _holds(condition, query.filled)
        return "success" if good == success else "nan"
    if condition.empty == "error":
        return "error"
    return "success" if (condition.empty == "true") == success else "nan"


def _holds(condition: Condition, value: float) -> bool:
    truths = {
        "<": value < condition.bound, "<=": value <= condition.bound, ">": value > condition.bound,
        ">=": value >= condition.bound, "==": value == condition.bound, "!=": value != condition.bound,
    }  # fmt: skip
    return truths[condition.sign]


def _limits(metric: Metric) -> Limits:
    numbers = {name: metric.whole(key) for name, key, _ in _COUNTS}
    return Limits(
        count=numbers["count"] or None,
        interval=metric.duration("interval"),
        failure_limit=numbers["failure_limit"] or 0,
        inconclusive_limit=numbers["inconclusive_limit"] or 0,
        consecutive_error_limit=4 if numbers["consecutive_error_limit"] is None else numbers["consecutive_error_limit"],
        consecutive_success_limit=numbers["consecutive_success_limit"] or 0,
    )


def _counted(metric: Metric) -> Tree:
    """How often it is asked, and how much is let pass."""
    tree: Tree = {}
    for name, key in (("interval", "interval"), ("initial_delay", "initialDelay")):
        lasts = metric.duration(key)
        if lasts:
            tree[name] = found(units.show_duration(max(lasts, 10**9 // 10)), metric.field[key])
    for name, key, default in _COUNTS:
        number = metric.whole(key)
        if number is not None and (number != 0 or default != 0) and not (name == "count" and number <= 0):
            tree[name] = found(number, metric.field[key])
        elif name == "failure_limit":
            tree[name] = otherwise(default, metric.field[key], "Argo Rollouts")
    if metric.dry:
        tree["dry_run"] = found(True, metric.field)
    return tree


def _what_it_reads(metric: Metric, query: Query, missed: list[Missed]) -> Tree:
    """The window, and whose series."""
    place = metric.query_field
    tree: Tree = {}
    if query.fast:
        note = "irate reads the last two samples only, about two scrapes, however long its range"
        tree["window"] = found(TWO_SCRAPES, place, note=note)
    elif query.window:
        tree["window"] = found(units.show_duration(max(query.window, 10**9)), place)
    else:
        tree["window"] = guess("1m", "the query has no range of its own; a recording rule may have one")
    scope = query.scope
    if scope == "service":
        tree["per"] = found("service", place, note="no label of the query tells the new version from the old one")
    elif scope == "stable":
        tree["wrong_series"] = found({"reads": "stable"}, place, note="the query selects the old version's series")
    elif scope == "unknown":
        tree["per"] = guess("version", f"{place.spot} does not say for sure whose series it selects")
        told = "whether the query selects the new version's series depends on an argument that is not written"
        missed.append(Missed(place.spot, told, "high", "Whose series does the query select? (gates.*.per)"))
    else:
        tree["per"] = found("version", place)
    if query.offset:
        tree["delay"] = found(units.show_duration(query.offset), place, note="offset")
    return tree


def _word(query: Query) -> str:
    if query.measure != "quantile":
        return query.measure
    return f"p{100 * query.quantile:.6g}"
