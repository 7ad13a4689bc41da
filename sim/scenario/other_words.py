"""Words of Kubernetes, Argo Rollouts and Flagger that a scenario calls otherwise: a table, and what to say of each.

People write from the manifests they have. A key that is theirs is answered with ours, its place, and the value as it is
written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sim import units


class Word(NamedTuple):
    """Where our key stands (NAME for a name of the author's), how its value is written, and what else to say."""

    ours: str
    write: Callable[[Any], str]
    note: str = ""


def _same(value: Any) -> str:
    return "" if isinstance(value, Mapping | list) or value is None else str(value)


def _seconds(value: Any) -> str:
    try:
        return units.show_duration(round(float(value) * units.SECOND))
    except (TypeError, ValueError, OverflowError):
        return _same(value)


def _percent(value: Any) -> str:
    return f"{value}%" if isinstance(value, int | float) and not isinstance(value, bool) else _same(value)


def _negated(value: Any) -> str:
    return {True: "false", False: "true"}[value] if isinstance(value, bool) else ""


def _lower(value: Any) -> str:
    return _same(value).lower()


def _rollback_if(value: Any) -> str:
    return {True: "rollback", False: "stop"}[value] if isinstance(value, bool) else ""


def _within(*steps: str) -> Callable[[Any], str]:
    """A value that stands deeper in a mapping."""

    def write(value: Any) -> str:
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        return _seconds(value) if steps[-1].endswith("Seconds") or steps[-1] == "seconds" else _same(value)

    return write


def _pause(value: Any) -> str:
    return _seconds(value.get("duration")) if isinstance(value, Mapping) else _seconds(value)


def _in_steps(value: Any) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    return f"[{{weight: {value:g}%, hold: 1m}}, {{weight: {2 * value:g}%, hold: 1m}}]"


_PROBE = ("service.readiness", "service.liveness", "service.startup")
_ROLLING = "of a strategy of kind rolling"
_CANARY = "of a strategy of kind canary"
_METRIC = "gates.NAME.metrics.NAME"

WORDS: dict[str, Word] = {
    # Deployment and Pod
    "terminationGracePeriodSeconds": Word("service.shutdown.grace", _seconds),
    "lifecycle": Word("service.shutdown.pre_stop", _within("preStop", "sleep", "seconds")),
    "preStop": Word("service.shutdown.pre_stop", _within("sleep", "seconds")),
    "minReadySeconds": Word("service.min_ready", _seconds),
    "progressDeadlineSeconds": Word("service.progress_deadline", _seconds),
    "imagePullPolicy": Word("service.pull_policy", _same),
    "publishNotReadyAddresses": Word("service.publish_not_ready", _lower),
    "nodeSelector": Word("service.os", _within("kubernetes.io/os")),
    "containers": Word("service.pod", lambda value: "{app: {start: 20s}}"),
    "initContainers": Word("service.pod.NAME.init", lambda value: "true", "each is a container of pod"),
    "resources": Word(
        "service.pod.NAME.cpu", _within("requests", "cpu"), "and memory beside it; limits are not played"
    ),
    "requests": Word("service.pod.NAME.cpu", _within("cpu"), "and memory beside it"),
    "maxSurge": Word("strategies.NAME.surge", _same, _ROLLING),
    "maxUnavailable": Word("strategies.NAME.unavailable", _same, _ROLLING),
    "rollingUpdate": Word("strategies.NAME.surge", _within("maxSurge"), f"and unavailable beside it, {_ROLLING}"),
    "revisionHistoryLimit": Word("strategies.NAME.history", _same, _ROLLING),
    # probes; at another place than a probe's they are answered with the readiness probe
    "readinessProbe": Word("service.readiness.every", _within("periodSeconds")),
    "livenessProbe": Word("service.liveness.every", _within("periodSeconds")),
    "startupProbe": Word("service.startup.every", _within("periodSeconds")),
    "periodSeconds": Word("service.readiness.every", _seconds),
    "failureThreshold": Word("service.readiness.failures", _same),
    "successThreshold": Word("service.readiness.successes", _same),
    "initialDelaySeconds": Word("service.readiness.initial_delay", _seconds),
    # disruption budget, quota, nodes
    "minAvailable": Word("service.disruption.min_available", _same),
    "requests.cpu": Word("service.quota.cpu", _same),
    "requests.memory": Word("service.quota.memory", _same),
    "tolerationSeconds": Word("nodes.toleration", _seconds),
    "maxPods": Word("nodes.places", _same),
    # HorizontalPodAutoscaler
    "minReplicas": Word("service.autoscaler.min", _same, "of kind hpa"),
    "maxReplicas": Word("service.autoscaler.max", _same, "of kind hpa"),
    "targetCPUUtilizationPercentage": Word("service.autoscaler.cpu", _percent, "of kind hpa"),
    "averageUtilization": Word("service.autoscaler.cpu", _percent, "of kind hpa"),
    "stabilizationWindowSeconds": Word("service.autoscaler.down.window", _seconds, "and up beside down"),
    "selectPolicy": Word("service.autoscaler.down.select", _lower, "and up beside down"),
    "scaleUp": Word("service.autoscaler.up.window", _within("stabilizationWindowSeconds"), "of kind hpa"),
    "scaleDown": Word("service.autoscaler.down.window", _within("stabilizationWindowSeconds"), "of kind hpa"),
    "behavior": Word(
        "service.autoscaler.down.window", _within("scaleDown", "stabilizationWindowSeconds"), "and up beside down"
    ),
    # Argo Rollouts
    "setWeight": Word("strategies.NAME.steps.weight", _percent, f"in each of the steps {_CANARY}"),
    "pause": Word("strategies.NAME.steps.hold", _pause, f"in the step whose weight it keeps, {_CANARY}"),
    "setMirrorRoute": Word("strategies.NAME.steps.mirror", _within("percentage"), _CANARY),
    "setHeaderRoute": Word("strategies.NAME.steps.cohort", lambda value: "", "the share of users with the header"),
    "scaleDownDelaySeconds": Word("strategies.NAME.keep_old", _seconds, "of a strategy of kind blue_green"),
    "autoPromotionEnabled": Word("strategies.NAME.approve", _negated, "of a strategy of kind blue_green"),
    "prePromotionAnalysis": Word(
        "strategies.NAME.smoke_test.lasts", lambda value: "2m", "of a strategy of kind blue_green"
    ),
    "progressDeadlineAbort": Word("strategies.NAME.on_deadline", _rollback_if, "of a strategy"),
    "failureLimit": Word(f"{_METRIC}.failure_limit", _same, "of a gate of kind argo"),
    "inconclusiveLimit": Word(f"{_METRIC}.inconclusive_limit", _same, "of a gate of kind argo"),
    "consecutiveErrorLimit": Word(f"{_METRIC}.consecutive_error_limit", _same, "of a gate of kind argo"),
    "consecutiveSuccessLimit": Word(f"{_METRIC}.consecutive_success_limit", _same, "of a gate of kind argo"),
    "successCondition": Word(f"{_METRIC}.success_condition", _same, "of a gate of kind argo"),
    "failureCondition": Word(f"{_METRIC}.failure_condition", _same, "of a gate of kind argo"),
    "initialDelay": Word(f"{_METRIC}.initial_delay", _same, "of a gate of kind argo"),
    "dryRun": Word(f"{_METRIC}.dry_run", _lower, "of a gate of kind argo"),
    # Flagger
    "stepWeight": Word("strategies.NAME.steps", _in_steps, f"every step written out, {_CANARY}"),
    "stepWeights": Word(
        "strategies.NAME.steps", lambda value: "", f"every step as {{weight: 10%, hold: 1m}}, {_CANARY}"
    ),
    "maxWeight": Word("strategies.NAME.steps.weight", _percent, f"in the last of the steps {_CANARY}"),
    "iterations": Word("strategies.NAME.steps.hold", lambda value: "", f"as long as all of them take, {_CANARY}"),
    "interval": Word("strategies.NAME.steps.hold", _seconds, f"in each of the steps {_CANARY}"),
    "thresholdRange": Word("gates.NAME.success", _within("min"), "of a gate of kind flagger"),
}
LEFT_OUT = {
    "timeoutSeconds": "how long a probe waits for its answer is not played",
    "httpGet": "what a probe asks is not played, only how often and what follows",
    "tcpSocket": "what a probe asks is not played, only how often and what follows",
    "limits": "limits are not played; write what a container requests as cpu and memory",
    "apiVersion": "a scenario begins with 'rollrisk: 1'",
    "metadata": "a scenario has name: and no metadata",
    "spec": "a scenario has no spec; write service, nodes, traffic, release, oncall and strategies",
    "selector": "pods of a scenario need no labels",
    "template": "write the containers of a pod under service.pod",
    "setCanaryScale": "pods of a canary always follow its weight here; it cannot be played yet",
    "dynamicStableScale": "the stable fleet keeps its size until the promotion here; it cannot be played yet",
}
"""Words that have no key of ours, and why."""

_KNOWN = {word.lower(): word for word in (*WORDS, *LEFT_OUT)}


def answered(word: str, place: Sequence[str | int], value: Any, allowed: Sequence[str]) -> str:
    """What to say of an unknown key that is a word of these tools; empty for all others.

    ``place`` is where it stands, ``allowed`` the keys that may stand there.

    >>> answered("periodSeconds", ["service", "readiness"], 5, ["every", "failures"])
    "is 'every' here; write every: 5s"
    >>> answered("minReplicas", ["service"], 3, ["replicas", "autoscaler"])
    'is service.autoscaler.min here; write autoscaler: {min: 3} under service, of kind hpa'
    """
    meant = _OF_A_STEP.get(word, word) if "steps" in place else word
    known = _KNOWN.get(meant.replace("_", "").lower())
    if known is None:
        return ""
    if known in LEFT_OUT:
        return f"has no place here: {LEFT_OUT[known]}; leave it out"
    ours, write, note = WORDS[known]
    *parents, key = ours.split(".")
    text = write(value)
    probe = next((each for each in _PROBE if tuple(each.split(".")) == tuple(place)), None)
    if probe or _is_at(parents, place):
        return f"is {key!r} here; write {key}: {text or '…'}" + ("" if known not in _AS_A_BLOCK else f", {note}")
    if key in allowed:
        return f"is {key!r} here; write {key}: {text or '…'}"
    above, holder = parents[:-1], parents[-1]
    inside = f"[{{{key}: {text or '…'}}}]" if holder == "steps" else f"{{{key}: {text or '…'}}}"
    under = f" under {'.'.join(above)}" if above else ""
    return f"is {ours} here; write {holder}: {inside}{under}" + (f", {note}" if note else "")


_OF_A_STEP = {"replicas": "setCanaryScale"}
"""Words that mean something of their own in a canary's step."""
_AS_A_BLOCK = ("resources", "requests", "rollingUpdate")
"""Words whose note names a second key."""


def _is_at(parents: Sequence[str], place: Sequence[str | int]) -> bool:
    """Whether a key with these parents stands at a place; a number in a list is passed over."""
    steps = [step for step in place if not isinstance(step, int)]
    return len(steps) == len(parents) and all(ours in ("NAME", step) for ours, step in zip(parents, steps, strict=True))
