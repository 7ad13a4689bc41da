"""Steps, weights, pods and gate windows of a scenario are those of the manifests, by hand-made labels."""

# ruff: noqa: E501 (manifests in flow style)

from __future__ import annotations

from typing import Any

import own_manifests as own
import pytest

from sim.exchange.drafts.whole import draft
from sim.exchange.workloads import targets


def strategy(*texts: str) -> dict[str, Any]:
    (found,) = own.data_of(*texts)["strategies"].values()
    return dict(found)


def told(*texts: str) -> str:
    return "\n".join(str(each) for each in own.draft_of(*texts).missed)


def test_a_deployment_is_a_rolling_update_with_its_own_surge() -> None:
    found = strategy(own.DEPLOYMENT)
    assert (found["kind"], found["surge"], found["unavailable"]) == ("rolling", 2, "10%")


def test_a_recreate_deployment_is_recreate() -> None:
    text = own.DEPLOYMENT.replace(
        "strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 10%}}", "strategy: {type: Recreate}"
    )
    assert strategy(text) == {"kind": "recreate"}


def test_a_routed_canary_has_its_weights_holds_and_waits() -> None:
    found = strategy(own.rollout(f"    canary:{own.ROUTER}{own.CANARY_STEPS}"))
    assert found["kind"] == "canary"
    assert found["steps"] == [
        {"weight": "10%", "hold": "5m"},
        {"weight": "50%", "hold": "1m30s", "approve": True},
    ]
    assert (found["bake"], found["on_deadline"]) == ("30s", "stop")


def test_a_canary_without_a_router_is_split_by_pods() -> None:
    found = strategy(own.rollout(f"    canary:\n      maxSurge: 1\n      maxUnavailable: 0{own.CANARY_STEPS}"))
    assert (found["kind"], found["surge"], found["unavailable"]) == ("basic_canary", 1, 0)


def test_a_canary_without_steps_replaces_pods_as_a_deployment() -> None:
    assert strategy(own.rollout("    canary: {maxSurge: 2}\n"))["kind"] == "rolling"


def test_weights_are_shares_of_the_most_a_router_knows() -> None:
    router = own.ROUTER.replace("{nginx:", "{maxTrafficWeight: 1000, nginx:")
    steps = own.CANARY_STEPS.replace("setWeight: 10", "setWeight: 25")
    assert strategy(own.rollout(f"    canary:{router}{steps}"))["steps"][0]["weight"] == "2.5%"


def test_the_same_weight_twice_is_one_hold_and_a_falling_one_is_told() -> None:
    steps = "\n      steps: [{setWeight: 20}, {pause: {duration: 1m}}, {setWeight: 20}, {pause: {duration: 2m}}, {setWeight: 5}]\n"
    text = own.rollout(f"    canary:{own.ROUTER.rstrip()}{steps}")
    assert strategy(text)["steps"] == [{"weight": "20%", "hold": "3m"}]
    assert "the weight falls" in told(text)


def test_header_and_mirror_routes_are_a_cohort_and_copies() -> None:
    steps = (
        "\n      steps: [{setCanaryScale: {weight: 10}}, {setHeaderRoute: {name: h, match: [{headerName: x}]}}, {pause: {duration: 2m}},"
        " {setMirrorRoute: {name: m, percentage: 30, match: [{path: {prefix: /}}]}}, {pause: {duration: 1m}}, {setWeight: 40}]\n"
    )
    found = strategy(own.rollout(f"    canary:{own.ROUTER.rstrip()}{steps}"))["steps"]
    assert found == [
        {"weight": "0%", "hold": "3m", "cohort": "1%", "mirror": "30%"},
        {"weight": "40%", "hold": "0s", "cohort": "1%", "mirror": "30%"},
    ]


def test_blue_green_keeps_the_old_fleet_and_asks_as_written() -> None:
    text = own.rollout(
        "    blueGreen: {activeService: a, previewService: p, autoPromotionEnabled: false, scaleDownDelaySeconds: 600}\n"
    )
    found = strategy(text)
    assert (found["kind"], found["keep_old"], found["approve"]) == ("blue_green", "10m", True)


def test_a_timed_promotion_waits_before_the_switch_and_only_where_it_is_automatic() -> None:
    seconds = "    blueGreen: {activeService: a, previewService: p, autoPromotionSeconds: 90%s}\n"
    assert strategy(own.rollout(seconds % ""))["smoke_test"] == {"lasts": "1m30s"}
    assert "smoke_test" not in strategy(own.rollout(seconds % ", autoPromotionEnabled: false"))


def test_an_analysis_is_a_gate_with_its_window_bound_limits_and_scope() -> None:
    data = own.data_of(own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO), "  args: [{name: service}]\n"))
    gate = data["gates"]["analysis"]
    assert gate["metrics"] == {
        "success-rate": {
            "value": "success", "success_condition": "result >= 95%", "interval": "1m", "failure_limit": 2,
        }
    }  # fmt: skip
    assert (gate["kind"], gate["window"], gate["per"], gate["run"]) == ("argo", "2m", "version", "background")
    assert data["strategies"]["canary"]["gate"] == "analysis"


def test_a_query_over_the_whole_service_judges_the_whole_service() -> None:
    ours = own.ANALYSED.replace("value: shop-canary", "value: shop")
    gate = own.data_of(own.rollout(ours) + own.template(own.metric(own.RATIO)))["gates"]["analysis"]
    assert gate["per"] == "service"


def test_a_query_for_the_old_version_reads_the_old_version() -> None:
    ours = own.ANALYSED.replace("value: shop-canary", "valueFrom: {podTemplateHashValue: Stable}")
    gate = own.data_of(own.rollout(ours) + own.template(own.metric(own.RATIO)))["gates"]["analysis"]
    assert gate["wrong_series"] == {"reads": "stable"}


def test_a_condition_that_cannot_be_evaluated_reads_nothing() -> None:
    text = own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO, "result >= 0.95"))
    assert own.data_of(text)["gates"]["analysis"]["wrong_series"] == {"reads": "nothing"}


@pytest.mark.parametrize(
    ("condition", "no_data"),
    [("result[0] >= 0.95", None), ("len(result) == 0 || result[0] >= 0.95", "success"),
     ("len(result) > 0 && result[0] >= 0.95", "nan")],
)  # fmt: skip
def test_what_no_data_is_comes_from_the_condition(condition: str, no_data: str | None) -> None:
    text = own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO, condition))
    assert own.data_of(text)["gates"]["analysis"]["metrics"]["success-rate"].get("no_data") == no_data


def test_arguments_reach_limits_and_bounds() -> None:
    more = 'interval: "{{args.every}}", failureLimit: "{{args.limit}}"'
    args = '  args: [{name: service}, {name: every, value: 20s}, {name: limit, value: "7"}, {name: bound, value: "0.97"}]\n'
    text = own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO, "result[0] >= {{args.bound}}", more), args)
    found = own.data_of(text)["gates"]["analysis"]["metrics"]["success-rate"]
    assert (found["interval"], found["failure_limit"], found["success_condition"]) == ("20s", 7, "result >= 97%")


def test_a_latency_quantile_keeps_its_unit() -> None:
    query = 'histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket{service="shop-canary"}[1m])))'
    text = own.rollout(own.ANALYSED) + own.template(own.metric(query, "result[0] < 0.5"))
    found = own.data_of(text)["gates"]["analysis"]["metrics"]["success-rate"]
    assert (found["value"], found["success_condition"]) == ("p95", "result < 500ms")


@pytest.mark.parametrize(
    ("metrics", "reason"),
    [
        ("    - {name: m, provider: {job: {spec: {}}}}\n", "a metric of job"),
        ("    - {name: m, provider: {web: {url: http://x}}}\n", "a metric of web"),
        (own.metric("sum(rate(x{code~`5..`}[1m]))"), "no PromQL"),
        (own.metric("sum(rate(x[1m]))"), "a number of events"),
        (own.metric("rate(x_sum[1m]) / rate(x_count[1m])"), "an average latency"),
        (own.metric(own.RATIO, "result[0] > 0.9 && result[0] < 1.1"), "the condition cannot be read"),
        (own.metric(own.RATIO, "result[0] > 95"), "no share between"),
        (own.metric(own.RATIO, ""), "no condition"),
        (own.metric(own.RATIO, more="count: 3"), "refuses this metric"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_the_question_it_needs_answered(metrics: str, reason: str) -> None:
    found = told(own.rollout(own.ANALYSED) + own.template(metrics.replace("`", '"')))
    assert reason in found
    assert "?" in found


def test_a_template_that_is_not_there_is_named() -> None:
    assert "template success is not among the manifests" in told(own.rollout(own.ANALYSED))


def test_the_hold_lasts_as_long_as_an_analysis_that_cannot_be_played() -> None:
    steps = "\n      steps: [{setWeight: 20}, {analysis: {templates: [{templateName: success}]}}]\n"
    job = "    - {name: m, interval: 30s, count: 5, provider: {job: {spec: {}}}}\n"
    found = strategy(own.rollout(f"    canary:{own.ROUTER.rstrip()}{steps}") + own.template(job))
    assert found["steps"] == [{"weight": "20%", "hold": "2m"}]


def test_an_analysis_before_the_switch_takes_its_time_and_is_asked_about() -> None:
    ours = "    blueGreen: {activeService: a, previewService: p, prePromotionAnalysis: {templates: [{templateName: success}]}}\n"
    text = own.rollout(ours) + own.template(own.metric(own.RATIO, more="interval: 1m, count: 4"))
    assert strategy(text)["smoke_test"] == {"lasts": "3m"}
    assert "smoke_test.catches" in told(text)


def test_a_flagger_canary_has_flaggers_steps_and_checks() -> None:
    data = own.data_of(own.DEPLOYMENT + "---" + own.FLAGGER)
    assert [step["weight"] for step in data["strategies"]["canary"]["steps"]] == ["20%", "40%", "60%"]
    assert {step["hold"] for step in data["strategies"]["canary"]["steps"]} == {"30s"}
    assert data["gates"]["checks"] == {
        "kind": "flagger", "success": "98.5%", "duration": "400ms", "threshold": 4, "every": "30s", "window": "2m",
    }  # fmt: skip
    web = data["traffic"]["streams"]["web"]
    assert web["timeout"] == "15s"
    assert web["retries"] == {"by": "proxy", "max": 2, "on": ["503", "error", "connect"], "per_try": "1s"}


def test_flaggers_iterations_are_a_test_before_the_switch_and_a_b_a_cohort() -> None:
    iterations = own.FLAGGER.replace("maxWeight: 50", "iterations: 6").replace("    stepWeight: 20\n", "")
    assert strategy(own.DEPLOYMENT, iterations)["smoke_test"] == {"lasts": "3m"}
    matched = iterations.replace("iterations: 6", "iterations: 6\n    match: [{headers: {x: {exact: y}}}]")
    assert strategy(own.DEPLOYMENT, matched)["steps"] == [{"weight": "0%", "hold": "3m", "cohort": "5%"}]


def test_a_metric_template_of_success_is_flaggers_success() -> None:
    query = '100 - sum(rate(x{status=~"5..",service="{{ service }}-canary"}[{{ interval }}])) / sum(rate(x{service="{{ service }}-canary"}[{{ interval }}])) * 100'
    template = f"---\nkind: MetricTemplate\nmetadata: {{name: ours}}\nspec:\n  provider: {{type: prometheus, address: http://p}}\n  query: '{query}'\n"
    ours = own.FLAGGER.replace("{name: request-success-rate,", "{name: ours, templateRef: {name: ours},")
    assert own.data_of(own.DEPLOYMENT, ours + template)["gates"]["checks"]["success"] == "98.5%"


def test_a_rollout_by_reference_takes_the_pods_of_its_deployment() -> None:
    text = own.rollout(
        f"    canary:{own.CANARY_STEPS}", "  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: shop}\n"
    )
    head, _, tail = text.partition(own.POD.strip("\n"))
    data = own.data_of(head + tail, own.DEPLOYMENT)
    assert data["service"]["pod"]["shop"]["cpu"] == "250m"
    assert data["service"]["replicas"] == 5


def test_each_target_of_a_folder_is_a_scenario_and_what_is_bound_is_no_target_of_its_own() -> None:
    other = own.DEPLOYMENT.replace("name: shop}", "name: other}", 1)
    found = own.found_in(own.DEPLOYMENT, own.FLAGGER, other)
    assert [f"{each.tool} {each.name}" for each in targets(found)] == ["Canary shop", "Deployment other"]


def test_of_two_of_one_name_the_one_in_the_same_file_is_taken() -> None:
    other = own.DEPLOYMENT.replace("cpu: 250m", "cpu: 900m")
    found = own.found_in(other, own.DEPLOYMENT + "---" + own.FLAGGER)
    (canary,) = [each for each in targets(found) if each.tool == "Canary"]
    assert "cpu: 250m" in draft(canary).text


def test_namespaces_keep_targets_apart() -> None:
    away = own.DEPLOYMENT.replace("metadata: {name: shop}", "metadata: {name: shop, namespace: away}", 1)
    here = own.FLAGGER.replace("metadata: {name: shop}", "metadata: {name: shop, namespace: here}", 1)
    assert len(list(targets(own.found_in(away, here)))) == 2
