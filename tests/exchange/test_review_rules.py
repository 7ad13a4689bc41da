# ruff: noqa: E501 (manifests in flow style)
"""Every rule finds what it is about, is silent on a near miss, and has a section on its page."""

from __future__ import annotations

import re
from pathlib import Path

import own_manifests as own
import pytest

from sim.exchange.review.findings import findings
from sim.exchange.review.rule import Finding
from sim.exchange.review.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "review-rules.md"
CANARY = f"    canary:{own.ROUTER}{own.CANARY_STEPS}"
BASIC = f"    canary:{own.CANARY_STEPS}"
HPA = "---\nkind: HorizontalPodAutoscaler\nmetadata: {name: shop}\nspec:\n  scaleTargetRef: {kind: %s, name: shop}\n  minReplicas: 2\n  maxReplicas: 9\n  metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}]\n"
QUOTA = "---\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: %d}}\n"
BLUE = "    blueGreen: {activeService: a, previewService: p%s}\n"


def judged(
    condition: str = "result[0] >= 0.95", more: str = "interval: 1m, failureLimit: 2", query: str = own.RATIO
) -> str:
    return own.rollout(own.ANALYSED) + own.template(own.metric(query, condition, more))


def stepped(more: str) -> str:
    steps = "\n      steps: [{setWeight: 20}, {analysis: {templates: [{templateName: success}]}}, {setWeight: 60}]\n"
    return own.rollout(f"    canary:{own.ROUTER.rstrip()}{steps}") + own.template(own.metric(own.RATIO, more=more))


def steps(written: str, router: str = own.ROUTER) -> str:
    return own.rollout(f"    canary:{router.rstrip()}\n      steps: [{written}]\n")


def flagger(old: str, new: str) -> str:
    assert old in own.FLAGGER
    return own.DEPLOYMENT + "---" + own.FLAGGER.replace(old, new)


def deployment(old: str, new: str) -> str:
    assert old in own.DEPLOYMENT
    return own.DEPLOYMENT.replace(old, new) + "---" + own.SERVICE


SURGE = "strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 10%}}"
AFTER = own.template(own.metric(own.RATIO, more="interval: 1m, count: 10"))
SHORT = RATIO_SHORT = own.RATIO.replace("[2m]", "[10s]")
WHOLE = own.RATIO.replace("{{args.service}}", "shop")

CASES = {
    "argo-two-strategies": (own.rollout(CANARY + BLUE % ""), own.rollout(CANARY)),
    "argo-dynamic-scale-without-router": (
        own.rollout(f"    canary:\n      dynamicStableScale: true{own.CANARY_STEPS}"),
        own.rollout(f"    canary:{own.ROUTER.rstrip()}\n      dynamicStableScale: true{own.CANARY_STEPS}"),
    ),
    "argo-router-steps-without-router": (steps("{setCanaryScale: {replicas: 1}}, {setWeight: 50}", ""), steps("{setCanaryScale: {replicas: 1}}, {setWeight: 20}")),
    "argo-endless-metric": (stepped("interval: 1m"), stepped("interval: 1m, count: 5")),
    "argo-count-without-interval": (judged(more="count: 3"), judged(more="count: 1")),
    "argo-metric-limits": (judged(more="interval: 1m, count: 2, failureLimit: 5"), judged(more="interval: 1m, count: 5, failureLimit: 5")),
    "argo-rollback-window-misplaced": (
        own.rollout(f"    rollbackWindow: {{revisions: 3}}\n{CANARY}"),
        own.rollout(CANARY, "  rollbackWindow: {revisions: 3}\n"),
    ),
    "argo-promotion-seconds-ignored": (
        own.rollout(BLUE % ", autoPromotionSeconds: 60, autoPromotionEnabled: false"),
        own.rollout(BLUE % ", autoPromotionSeconds: 60, autoPromotionEnabled: true"),
    ),
    "condition-does-not-fit": (judged("result >= 0.95"), judged("result >= 0.95", query=f"scalar({own.RATIO})")),
    "promql-does-not-parse": (judged(query='sum(rate(a{code~"5.."}[2m]))'), judged(query='sum(rate(a{code=~"5.."}[2m]))')),
    "whole-service-query": (judged(query=WHOLE), judged()),
    "window-longer-than-hold": (judged(query=own.RATIO.replace("[2m]", "[20m]")), judged(query=own.RATIO.replace("[2m]", "[5m]"))),
    "no-data-at-the-first-look": (judged(), judged(more="interval: 1m, initialDelay: 1m")),
    "few-requests-a-look": (judged("result[0] >= 0.999", query=SHORT), judged("result[0] >= 0.95")),
    "nobody-judges": (steps("{setWeight: 50}, {pause: {duration: 1m}}"), steps("{setWeight: 50}, {pause: {}}")),
    "flagger-never-ends": (flagger("stepWeight: 20", "stepWeights: [10, 20, 20]"), flagger("stepWeight: 20", "stepWeights: [10, 20, 30]")),
    "flagger-check-without-bound": (flagger("thresholdRange: {max: 400}, ", ""), flagger("thresholdRange: {max: 400}", "threshold: 400")),
    "flagger-weights-without-router": (flagger("  targetRef:", "  provider: kubernetes\n  targetRef:"), flagger("  targetRef:", "  provider: istio\n  targetRef:")),
    "flagger-no-metrics": (
        flagger("    metrics:\n", "    metricsBefore:\n"),
        flagger("    metrics:\n", "    webhooks: [{name: a, type: pre-rollout, url: http://x}]\n    metricsBefore:\n"),
    ),
    "flagger-goes-beyond-max-weight": (own.DEPLOYMENT + "---" + own.FLAGGER, flagger("stepWeight: 20", "stepWeight: 25")),
    "weight-by-pods": (own.rollout(BASIC.replace("setWeight: 10", "setWeight: 3")), own.rollout(BASIC.replace("setWeight: 10", "setWeight: 20"))),
    "hot-canary": (steps("{setCanaryScale: {replicas: 1}}, {setWeight: 50}"), steps("{setCanaryScale: {replicas: 2}}, {setWeight: 50}")),
    "last-jump": (steps("{setWeight: 20}, {pause: {}}"), steps("{setWeight: 50}, {pause: {}}")),
    "second-fleet-over-quota": (own.rollout(BLUE % "") + QUOTA % 9, own.rollout(BLUE % "") + QUOTA % 10),
    "autoscaler-without-requests": (deployment("{cpu: 250m, memory: 300M}", "{memory: 300M}") + HPA % "Deployment", own.DEPLOYMENT + HPA % "Deployment"),
    "primary-shrinks": (
        flagger("  service: {port", "  autoscalerRef: {kind: HorizontalPodAutoscaler, name: shop}\n  service: {port") + HPA % "Deployment",
        flagger("  service: {port", "  autoscalerRef: {kind: HorizontalPodAutoscaler, name: shop}\n  service: {port").replace("stepWeight: 20", "stepWeight: 20\n    stepWeightPromotion: 20") + HPA % "Deployment",
    ),
    "replicas-beside-autoscaler": (own.DEPLOYMENT + HPA % "Deployment", own.DEPLOYMENT.replace("  replicas: 6\n", "") + HPA % "Deployment"),
    "no-readiness-probe": (deployment("readinessProbe", "startupProbe"), deployment("periodSeconds: 4", "periodSeconds: 9")),
    "no-pre-stop": (deployment("preStop:", "postStart:"), deployment("sleep 6", "sleep 1")),
    "pre-stop-over-grace": (deployment("sleep 6", "sleep 45"), deployment("sleep 6", "sleep 44")),
    "few-pods-left": (deployment("replicas: 6", "replicas: 3").replace("maxUnavailable: 10%", "maxUnavailable: 1"), deployment("maxUnavailable: 10%", "maxUnavailable: 1")),
    "recreate-is-down": (deployment(SURGE, "strategy: {type: Recreate}"), deployment(SURGE, "strategy: {type: RollingUpdate}")),
    "cold-rollback": (
        own.rollout(BLUE % ", scaleDownDelaySeconds: 60, postPromotionAnalysis: {templates: [{templateName: success}]}") + AFTER,
        own.rollout(BLUE % ", scaleDownDelaySeconds: 900, postPromotionAnalysis: {templates: [{templateName: success}]}") + AFTER,
    ),
    "slow-rollback": (flagger("threshold: 4", "threshold: 10"), flagger("threshold: 4", "threshold: 9")),
    "endless-pause": (own.rollout(CANARY), own.rollout(CANARY.replace("- pause: {}", "- pause: {duration: 1h}"))),
    "confirmed-by-hook": (
        flagger("    metrics:", "    webhooks: [{name: a, type: confirm-promotion, url: http://x}]\n    metrics:"),
        flagger("    metrics:", "    webhooks: [{name: a, type: confirm-rollout, url: http://x}]\n    metrics:"),
    ),
}  # fmt: skip


def found_by(rule: str, text: str) -> list[Finding]:
    return [each for each in findings(own.found_in(text)) if each.rule == rule]


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_its_case_once_with_a_line(rule: str) -> None:
    (found,) = found_by(rule, CASES[rule][0])
    assert found.spot.line > 0
    assert found.message
    assert found.cure
    assert found.level == next(each.level for each in RULES if each.name == rule)


def test_an_analysis_that_begins_with_the_second_step_finds_pods_that_are_ready() -> None:
    late = own.rollout(own.ANALYSED.replace("analysis:", "analysis:\n        startingStep: 1", 1))
    (found,) = found_by("no-data-at-the-first-look", late + own.template(own.metric(own.RATIO)))
    assert (
        "as soon as its pods are ready, and a canary that is not scraped twice within 40 s is aborted" in found.message
    )


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_silent_on_a_near_miss(rule: str) -> None:
    assert found_by(rule, CASES[rule][1]) == []


def test_every_rule_has_a_case_and_a_name_of_its_own() -> None:
    assert [rule.name for rule in RULES if rule.name not in CASES] == []
    assert len({rule.name for rule in RULES}) == len(RULES) == len(CASES)


def test_every_rule_has_a_section_with_its_level_and_source() -> None:
    written = PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### ([a-z-]+)\n(.*?)(?=^##|\Z)", written, re.MULTILINE | re.DOTALL))
    assert list(sections) == [rule.name for rule in RULES]
    for rule in RULES:
        assert f"*{rule.level}*" in sections[rule.name], rule.name
        assert "Source:" in sections[rule.name], rule.name


def test_good_manifests_have_no_finding() -> None:
    text = own.DEPLOYMENT + "---" + own.SERVICE
    assert findings(own.found_in(text)) == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("weight-by-pods", "3 % of 5 pods is 1 of 6, 17 %"),
        ("hot-canary", "50 % of the traffic goes to 1 pod of 5, which setCanaryScale keeps: each has 2.5 times"),
        (
            "whole-service-query",
            "at weight 10 % and with 5 % of errors allowed, a new version passes of which 50 % of the requests fail",
        ),
        ("window-longer-than-hold", "looks back 20m, and the first hold lasts 5m: 75 %"),
        ("second-fleet-over-quota", "two fleets of 5 pods request 10 and the quota is 9"),
        ("few-pods-left", "1 of 3 pods may be missing during a rollout: the others have 1.5 times their load"),
        ("flagger-goes-beyond-max-weight", "the last weight is 60 %"),
        ("primary-shrinks", "the promotion sends it 2.5 times"),
        ("slow-rollback", "keeps its users for 5m"),
        ("cold-rollback", "goes 1m after the switch, the analysis takes 9m"),
    ],
)
def test_a_finding_says_what_it_does_in_numbers(rule: str, told: str) -> None:
    (found,) = found_by(rule, CASES[rule][0])
    assert told in found.message


def test_templates_that_no_rollout_names_are_reviewed_too() -> None:
    text = own.template(own.metric(own.RATIO, "result >= 0.95"))
    assert [each.rule for each in findings(own.found_in(text))] == ["condition-does-not-fit"]


def test_a_deployment_of_a_worker_without_a_service_is_left_in_peace() -> None:
    text = (
        own.DEPLOYMENT.replace("preStop", "postStart")
        .replace("readinessProbe", "startupProbe")
        .replace("          ports: [{containerPort: 8080}]\n", "")
    )
    assert findings(own.found_in(text)) == []
