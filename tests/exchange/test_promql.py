"""Queries are read for what they measure, over which window, of whose series."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sim.exchange.promql.filling import CANARY, STABLE, UNKNOWN, filled, placeholders
from sim.exchange.promql.reading import NoPromQLError, read_query
from sim.exchange.promql.scopes import Names

ALL = "sum(rate(a_total[5m]))"


def good(label: str) -> str:
    return f"sum(rate(a_total{{{label}}}[5m]))"


@pytest.mark.parametrize(
    ("query", "measure", "scale"),
    [
        (f"{good('code!~`5..`')} / {ALL}", "success", 1),
        (f"{good('code=~`2..|3..`')} / {ALL} * 100", "success", 100),
        (f"100 * ({good('status=~`5.*`')} / {ALL})", "errors", 100),
        (f"1 - {good('response_code=~`5..`')} / {ALL}", "success", 1),
        (f"100 - {good('response_code!~`5..`')} / {ALL} * 100", "errors", 100),
        (f"({good('grpc_code!=`OK`')} / {ALL}) or vector(0)", "errors", 1),
        (f"{good('classification=`success`')} / {ALL}", "success", 1),
        (f"{good('envoy_response_code_class!=`5`')} / {ALL}", "success", 1),
        (f"sum(rate(http_errors_total[5m])) / {ALL}", "errors", 1),
        (f"scalar({good('code!~`5..`')} / {ALL})", "success", 1),
        (f"sum({good('code!~`5..`')} / {ALL})", "success", 1),
        ("histogram_quantile(0.95, sum by (le) (rate(a_seconds_bucket[5m])))", "quantile", 1),
        ("rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m])", "average", 1),
        (good("code=~`5..`"), "count", 1),
        ("up{job='x'}", "other", 1),
        (f"{ALL} / {ALL}", "other", 1),
    ],
)
def test_a_query_is_told_by_what_it_measures(query: str, measure: str, scale: float) -> None:
    found = read_query(query.replace("`", '"'), Names())
    assert (found.measure, found.scale) == (measure, pytest.approx(scale))


def test_window_offset_and_irate_are_found() -> None:
    found = read_query('sum(irate(a{code!~"5.."}[2m] offset 30s)) / sum(irate(a[3m] offset 30s))', Names())
    assert (found.window, found.offset, found.fast) == (180 * 10**9, 30 * 10**9, True)


@pytest.mark.parametrize(
    ("metric", "factor", "unit"), [("a_seconds_bucket", "", 10**9), ("a_ms_bucket", "", 10**6),
                                   ("a_milliseconds_bucket", " / 1000", 10**9), ("a_bucket", "", 0)],
)  # fmt: skip
def test_the_unit_of_a_quantile_comes_from_the_name_of_the_metric(metric: str, factor: str, unit: int) -> None:
    query = f"histogram_quantile(0.99, sum(rate({metric}[1m])) by (le)){factor}"
    assert read_query(query, Names()).unit == unit


@pytest.mark.parametrize(
    ("matcher", "scope"),
    [
        ('service="shop-new"', "version"), ('service="shop-new.default.svc.cluster.local"', "version"),
        ('service="shop-old"', "stable"), ('service!="shop-old"', "version"), ('service="shop"', "service"),
        ('pod=~"shop-new-[0-9a-z]+(-[0-9a-z]+)"', "version"), ('role="canary"', "version"),
        ('role="primary"', "stable"),
        (f'rollouts_pod_template_hash="{CANARY}"', "version"), (f'hash="{STABLE}"', "stable"),
        (f'pod_template_hash="{UNKNOWN}"', "unknown"), (f'job="{UNKNOWN}"', "service"),
    ],
)  # fmt: skip
def test_the_scope_is_whose_series_a_label_selects(matcher: str, scope: str) -> None:
    query = f'sum(rate(a{{{matcher},code!~"5.."}}[1m])) / sum(rate(a{{{matcher}}}[1m]))'
    assert read_query(query, Names(new=["shop-new"], old=["shop-old"])).scope == scope


def test_a_canary_measured_against_the_whole_service_is_no_share_of_one_version() -> None:
    query = 'sum(rate(a{role="canary",code!~"5.."}[1m])) / sum(rate(a[1m]))'
    assert read_query(query, Names()).scope == "unknown"


def test_a_bare_number_is_told_from_a_list() -> None:
    assert read_query("sum(a)", Names()).vector
    assert not read_query("scalar(sum(a))", Names()).vector


def test_what_does_not_parse_is_refused_without_being_quoted() -> None:
    for query in ('sum(rate(hunter2{x="1"}[5m])', 'a{code~"hunter2"}', "rate(hunter2)", 'a{x="hunter2"} b', ""):
        with pytest.raises(NoPromQLError) as told:
            read_query(query, Names())
        assert "hunter2" not in str(told.value)


def test_placeholders_are_filled_by_the_type_their_place_asks_for() -> None:
    query = 'sum(rate(a{x="{{args.one}}",y=~"{{ two }}.*"}[{{ interval }}])) > {{args.bound}}'
    shown = filled(query, {"two": "shop"})
    assert shown == f'sum(rate(a{{x="{UNKNOWN}",y=~"shop.*"}}[1m])) > 1'
    assert placeholders(query) == ["args.one", "two", "interval", "args.bound"]
    read_query(shown, Names())


def test_the_parser_is_loaded_with_the_first_query_only() -> None:
    code = "import sys, sim.exchange.analysis, sim.exchange.drafts.whole; print('promql_parser' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
