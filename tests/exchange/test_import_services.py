"""What pods, Services, autoscalers, budgets, quotas and meshes say stands in the scenario, with its place."""

# ruff: noqa: E501 (manifests in flow style)

from __future__ import annotations

from typing import Any

import own_manifests as own
import pytest

HPA = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 4
  maxReplicas: 20
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 120, policies: [{type: Percent, value: 10, periodSeconds: 60}]}}
"""
PDB = "---\nkind: PodDisruptionBudget\nmetadata: {name: shop}\nspec: {selector: {matchLabels: {app: shop}}, minAvailable: 80%}\n"
QUOTA = "---\nkind: ResourceQuota\nmetadata: {name: all}\nspec: {hard: {requests.cpu: 10, requests.memory: 4Gi, pods: 30}}\n"


def service(*texts: str) -> Any:
    return own.data_of(*texts)["service"]


def test_the_pod_stands_as_it_is_written() -> None:
    found = service(own.DEPLOYMENT, own.SERVICE)
    assert (found["replicas"], found["min_ready"], found["progress_deadline"]) == (6, "3s", "10m")
    assert (found["pod"]["shop"]["cpu"], found["pod"]["shop"]["memory"], found["pod"]["shop"]["start"]) == (
        "250m",
        "300MB",
        "7s",
    )
    assert found["readiness"] == {"every": "4s", "failures": 2, "initial_delay": "7s"}
    assert (found["shutdown"]["pre_stop"], found["shutdown"]["grace"]) == ("6s", "45s")
    assert "publish_not_ready" not in found


@pytest.mark.parametrize(
    ("hook", "lasts"),
    [("{exec: {command: [sleep, '12']}}", "12s"), ("{sleep: {seconds: 9}}", "9s"),
     ("{exec: {command: [/bin/sh, -c, 'sleep 5 && kill -QUIT 1; sleep 2']}}", "7s"), ("{httpGet: {path: /stop}}", "0s")],
)  # fmt: skip
def test_a_pre_stop_hook_is_as_long_as_it_sleeps(hook: str, lasts: str) -> None:
    text = own.DEPLOYMENT.replace("{exec: {command: [sh, -c, sleep 6]}}", hook)
    assert service(text)["shutdown"]["pre_stop"] == lasts
    unknown = any("preStop hook whose length" in each.message for each in own.draft_of(text).missed)
    assert unknown == ("httpGet" in hook)


def test_a_pod_without_a_readiness_probe_gets_requests_at_once() -> None:
    text = "\n".join(line for line in own.DEPLOYMENT.splitlines() if "readinessProbe" not in line)
    assert service(text)["publish_not_ready"] is True


def test_init_containers_run_first_and_sidecars_stay() -> None:
    init = (
        "      initContainers:\n        - {name: migrate, image: a, resources: {requests: {cpu: 1}}}\n"
        "        - {name: mesh, image: b, restartPolicy: Always, resources: {limits: {cpu: 100m}}}\n      containers:"
    )
    pod = service(own.DEPLOYMENT.replace("      containers:", init))["pod"]
    assert (pod["migrate"]["init"], pod["mesh"]["sidecar"], pod["mesh"]["cpu"]) == (True, True, "100m")


def test_the_image_is_pulled_as_kubernetes_would() -> None:
    assert service(own.DEPLOYMENT)["pull_policy"] == "IfNotPresent"
    assert service(own.DEPLOYMENT.replace("shop:1.4", "shop"))["pull_policy"] == "Always"


def test_an_image_that_is_never_pulled_is_pulled_here_and_told() -> None:
    text = own.DEPLOYMENT.replace(
        "image: registry.example/shop:1.4", "image: shop:1.4, imagePullPolicy: Never".replace(", ", "\n          ")
    )
    assert service(text)["pull_policy"] == "IfNotPresent"
    assert any("loaded onto the nodes" in each.message for each in own.draft_of(text).missed)


def test_an_autoscaler_by_cpu_is_played_with_its_behaviour() -> None:
    found = service(own.DEPLOYMENT + HPA)["autoscaler"]
    assert (found["kind"], found["min"], found["max"], found["cpu"]) == ("hpa", 4, 20, "65%")
    assert found["down"] == {"window": "2m", "policies": [{"percent": 10, "per": "1m"}]}


def test_replicas_outside_the_autoscalers_bounds_are_pulled_inside() -> None:
    assert service(own.DEPLOYMENT.replace("replicas: 6", "replicas: 1") + HPA)["replicas"] == 4


def test_an_autoscaler_by_memory_is_told_and_not_played() -> None:
    text = own.DEPLOYMENT + HPA.replace("name: cpu", "name: memory")
    assert "autoscaler" not in service(text)
    assert any(each.matter == "high" and "autoscaler" in each.message for each in own.draft_of(text).missed)


def test_budget_and_quota_are_those_of_the_service() -> None:
    found = service(own.DEPLOYMENT + PDB + QUOTA)
    assert found["disruption"] == {"min_available": "80%"}
    assert found["quota"] == {"cpu": "10", "memory": "4Gi", "pods": 30} or found["quota"]["cpu"] == 10


def test_what_a_mesh_says_is_played() -> None:
    mesh = """---
kind: VirtualService
metadata: {name: v}
spec:
  http: [{timeout: 4s, retries: {attempts: 3, perTryTimeout: 500ms, retryOn: 5xx}, route: [{destination: {host: shop}}]}]
---
kind: DestinationRule
metadata: {name: d}
spec:
  host: shop.default.svc.cluster.local
  trafficPolicy:
    loadBalancer: {simple: LEAST_REQUEST, warmupDurationSecs: 60s}
    outlierDetection: {consecutive5xxErrors: 7, baseEjectionTime: 15s, maxEjectionPercent: 50}
    connectionPool: {http: {http2MaxRequests: 500, http1MaxPendingRequests: 10}}
"""
    text = own.DEPLOYMENT + "---" + own.SERVICE + mesh
    found = service(text)
    assert (found["balancer"], found["slow_start"], found["breaker"]) == ("least_request", "1m", 500)
    assert found["outliers"] == {"after": 7, "eject_for": "15s", "most": "50%"}
    web = own.data_of(text)["traffic"]["streams"]["web"]
    assert (web["timeout"], web["retries"]["max"], web["retries"]["per_try"]) == ("4s", 3, "500ms")
    assert any("http1MaxPendingRequests" in each.spot.path for each in own.draft_of(text).missed)


def test_an_http_route_says_timeout_and_retries() -> None:
    route = """---
kind: HTTPRoute
metadata: {name: r}
spec: {rules: [{backendRefs: [{name: shop}], timeouts: {request: 10s, backendRequest: 2s}, retry: {codes: [503], attempts: 1}}]}
"""
    web = own.data_of(own.DEPLOYMENT + "---" + own.SERVICE + route)["traffic"]["streams"]["web"]
    assert web["timeout"] == "10s"
    assert web["retries"] == {"by": "proxy", "max": 1, "on": ["503"], "per_try": "2s"}


def test_every_value_says_its_place_or_that_it_is_a_guess() -> None:
    text = own.draft_of(own.DEPLOYMENT + HPA, own.SERVICE).text
    body = [
        line
        for line in text.partition("\nguesses:")[0].splitlines()
        if ":" in line and not line.startswith(("#", "rollrisk:", "question:", "study:"))
    ]
    silent = [line for line in body if "# " not in line and not line.rstrip().endswith(":")]
    assert silent == []
    assert "replicas: 6                               # a.yaml spec.replicas, line 6" in text


def test_a_field_that_is_not_understood_is_named_with_its_place() -> None:
    text = own.DEPLOYMENT.replace("  replicas: 6", "  replicas: 6\n  teleport: {fast: true}")
    (missed,) = [each for each in own.draft_of(text).missed if "not understood" in each.message]
    assert (missed.spot.path, missed.spot.line) == ("spec.teleport", 7)


CHANGES = {
    "replicas": ("replicas: 6", "replicas: 9"),
    "min ready": ("minReadySeconds: 3", "minReadySeconds: 30"),
    "surge": ("maxSurge: 2", "maxSurge: 3"),
    "unavailable": ("maxUnavailable: 10%", "maxUnavailable: 20%"),
    "grace": ("terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 60"),
    "cpu": ("cpu: 250m", "cpu: 1"),
    "memory": ("memory: 300M", "memory: 2Gi"),
    "probe period": ("periodSeconds: 4", "periodSeconds: 5"),
    "probe failures": ("failureThreshold: 2", "failureThreshold: 8"),
    "probe delay": ("initialDelaySeconds: 7", "initialDelaySeconds: 70"),
    "preStop": ("sleep 6", "sleep 16"),
    "tag": ("shop:1.4", "shop:latest"),
    "least pods": ("minReplicas: 4", "minReplicas: 3"),
    "most pods": ("maxReplicas: 20", "maxReplicas: 30"),
    "use": ("averageUtilization: 65", "averageUtilization: 50"),
    "budget": ("minAvailable: 80%", "minAvailable: 3"),
    "quota": ("pods: 30", "pods: 31"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_field_that_is_said_to_be_played_changes_what_is_played(change: str) -> None:
    old, new = CHANGES[change]
    text = own.DEPLOYMENT + HPA + PDB + QUOTA
    assert old in text
    assert own.data_of(text) != own.data_of(text.replace(old, new))
