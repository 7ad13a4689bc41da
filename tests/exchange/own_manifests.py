"""Manifests of our own writing, each small enough to be read in a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.exchange.drafts.whole import Draft, draft
from sim.exchange.manifests import Found, gathered
from sim.exchange.sources import Source
from sim.exchange.workloads import Target, targets
from sim.scenario import from_text
from sim.scenario.text import read_bytes

POD = """
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 45
      containers:
        - name: shop
          image: registry.example/shop:1.4
          ports: [{containerPort: 8080}]
          resources: {requests: {cpu: 250m, memory: 300M}}
          readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 4, failureThreshold: 2, initialDelaySeconds: 7}
          lifecycle: {preStop: {exec: {command: [sh, -c, sleep 6]}}}
"""
DEPLOYMENT = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 6
  minReadySeconds: 3
  strategy: {{rollingUpdate: {{maxSurge: 2, maxUnavailable: 10%}}}}
{POD}"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
"""
CANARY_STEPS = """
      steps:
        - setWeight: 10
        - pause: {duration: 5m}
        - setWeight: 50
        - pause: {duration: 90}
        - pause: {}
"""
ROUTER = """
      canaryService: shop-canary
      stableService: shop-stable
      trafficRouting: {nginx: {stableIngress: shop}}
"""


def rollout(strategy: str, more: str = "") -> str:
    """An Argo Rollout with this strategy, which stands 4 columns in."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: shop, labels: {tier: front}}\nspec:\n"
        f"  replicas: 5\n{more}{POD.strip(chr(10))}\n  strategy:\n{strategy}"
    )


def template(metrics: str, args: str = "") -> str:
    """An AnalysisTemplate called success with these metrics, which stand 4 columns in."""
    return (
        "---\napiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {name: success}\nspec:\n"
        f"{args}  metrics:\n{metrics}"
    )


def metric(query: str, condition: str = "result[0] >= 0.95", more: str = "interval: 1m, failureLimit: 2") -> str:
    """A Prometheus metric in flow style."""
    shown = f'successCondition: "{condition}", ' if condition else ""
    provider = f"prometheus: {{address: http://prom.example:9090, query: '{query}'}}"
    return f"    - {{name: success-rate, {shown}{more}, provider: {{{provider}}}}}\n"


RATIO = 'sum(rate(http_requests_total{service="{{args.service}}",code!~"5.."}[2m])) / sum(rate(http_requests_total{service="{{args.service}}"}[2m]))'  # noqa: E501
ANALYSED = f"""    canary:{ROUTER.rstrip()}
      analysis:
        templates: [{{templateName: success}}]
        args: [{{name: service, value: shop-canary}}]{CANARY_STEPS}"""

FLAGGER = """
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  service: {port: 80, timeout: 15s, retries: {attempts: 2, perTryTimeout: 1s, retryOn: "gateway-error,connect-failure"}}
  analysis:
    interval: 30s
    threshold: 4
    maxWeight: 50
    stepWeight: 20
    metrics:
      - {name: request-success-rate, thresholdRange: {min: 98.5}, interval: 2m}
      - {name: request-duration, thresholdRange: {max: 400}, interval: 2m}
"""


def found_in(*texts: str) -> Found:
    """The manifests in these texts, as if each were a file a.yaml, b.yaml, …"""
    return gathered(Source(f"{chr(97 + number)}.yaml", text) for number, text in enumerate(texts))


def target_in(*texts: str) -> Target:
    """The one target in these texts."""
    (only,) = targets(found_in(*texts))
    return only


def draft_of(*texts: str) -> Draft:
    """The draft of the one target; its text is a valid scenario."""
    made = draft(target_in(*texts))
    from_text(made.text, "draft.yaml")
    return made


def data_of(*texts: str) -> Any:
    """The scenario of the one target as plain data."""
    return read_bytes(draft_of(*texts).text.encode(), "draft.yaml").data


def written(folder: Path, **files: str) -> Path:
    """A folder with these files, their names with an underscore for the dot."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder
