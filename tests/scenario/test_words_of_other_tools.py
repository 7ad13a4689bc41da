"""Who writes Kubernetes', Argo's or Flagger's own words is told ours, with the place and the value converted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.doors import kinds
from sim.errors import ScenarioError
from sim.scenario import from_text, other_words
from sim.scenario.faults import allowed_keys

GOOD = (Path(__file__).parents[1] / "cases" / "prestop-over-grace.yaml").read_text()


def told(old: str, new: str) -> str:
    """What is said of the good file with a line changed."""
    assert old in GOOD
    with pytest.raises(ScenarioError) as raised:
        from_text(GOOD.replace(old, new, 1))
    return "\n".join(problem.message for problem in raised.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  queue: 100", "  minReplicas: 3", "service.autoscaler.min here; write autoscaler: {min: 3} under service"),
        ("  queue: 100", "  maxReplicas: 9", "write autoscaler: {max: 9} under service"),
        ("  queue: 100", "  targetCPUUtilizationPercentage: 70", "write autoscaler: {cpu: 70%} under service"),
        ("  queue: 100", "  periodSeconds: 5", "write readiness: {every: 5s} under service"),
        ("  queue: 100", "  readiness: {periodSeconds: 5}", "is 'every' here; write every: 5s"),
        ("  queue: 100", "  liveness: {failureThreshold: 4}", "is 'failures' here; write failures: 4"),
        ("  queue: 100", "  startup: {initialDelaySeconds: 90}", "write initial_delay: 1m30s"),
        ("  queue: 100", "  readinessProbe: {periodSeconds: 5}", "write readiness: {every: 5s} under service"),
        ("  queue: 100", "  terminationGracePeriodSeconds: 50", "write shutdown: {grace: 50s} under service"),
        ("grace: 30s}", "terminationGracePeriodSeconds: 50}", "is 'grace' here; write grace: 50s"),
        ("  queue: 100", "  minReadySeconds: 10", "is 'min_ready' here; write min_ready: 10s"),
        ("  queue: 100", "  progressDeadlineSeconds: 600", "write progress_deadline: 10m"),
        ("  queue: 100", "  preStop: {sleep: {seconds: 5}}", "write shutdown: {pre_stop: 5s} under service"),
        ("  queue: 100", "  imagePullPolicy: Always", "is 'pull_policy' here; write pull_policy: Always"),
        ("cpu: 500m, ", "resources: {requests: {cpu: 500m}}, ", "is 'cpu' here; write cpu: 500m, and memory beside"),
        ("{kind: rolling}", "{kind: rolling, maxSurge: 1}", "is 'surge' here; write surge: 1"),
        ("{kind: rolling}", "{kind: rolling, maxUnavailable: 25%}", "write unavailable: 25%"),
        ("{kind: rolling}", "{kind: blue_green, scaleDownDelaySeconds: 30}", "write keep_old: 30s"),
        (
            "{kind: rolling}",
            "{kind: blue_green, autoPromotionEnabled: false}",
            "is 'approve' here; write approve: true",
        ),
        ("{kind: rolling}", "{kind: canary, steps: [{setWeight: 20}]}", "is 'weight' here; write weight: 20%"),
        ("{kind: rolling}", "{kind: canary, steps: [{pause: {duration: 5m}}]}", "is 'hold' here; write hold: 5m"),
        ("{kind: rolling}", "{kind: canary, stepWeight: 10}", "write steps: [{weight: 10%, hold: 1m}, {weight: 20%"),
        ("{kind: rolling}", "{kind: canary, maxWeight: 50}", "write steps: [{weight: 50%}]"),
        ("{kind: rolling}", "{kind: canary, interval: 1m}", "write steps: [{hold: 1m}]"),
        ("oncall: none", "oncall: none\ngates: {g: {kind: argo, failureLimit: 3}}", "failure_limit: 3"),
        ("oncall: none", "oncall: none\ngates: {g: {kind: argo, consecutiveErrorLimit: 4}}", "consecutive_error_limit"),
        ("oncall: none", "oncall: none\nspec: {replicas: 3}", "has no place here: a scenario has no spec"),
        ("  queue: 100", "  readiness: {timeoutSeconds: 1}", "how long a probe waits for its answer is not played"),
    ],
)
def test_a_word_of_theirs_is_answered_with_ours(old: str, new: str, words: str) -> None:
    assert words in told(old, new)


def test_a_slip_of_our_own_words_is_answered_as_before() -> None:
    assert "did you mean 'queue'" in told("  queue: 100", "  queues: 100")


@pytest.mark.parametrize("word", other_words.WORDS)
def test_every_key_of_ours_that_is_named_exists(word: str) -> None:
    *parents, key = other_words.WORDS[word].ours.split(".")
    found = []
    for strategy in kinds("strategies"):
        data = {
            "service": {"autoscaler": {"kind": "hpa"}, "pod": {"NAME": {}}},
            "strategies": {"NAME": {"kind": strategy, "steps": [{}]}},
            "gates": {"NAME": {"kind": "flagger" if key == "success" else "argo", "metrics": {"NAME": {}}}},
        }
        trail = [each for parent in parents for each in ((parent, 0) if parent == "steps" else (parent,))]
        found += allowed_keys(tuple(trail), data)
    assert key in found
