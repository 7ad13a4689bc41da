"""What is planted where secrets stand appears in no scenario, remark, finding or message."""

# ruff: noqa: E501 (manifests in flow style)

from __future__ import annotations

import json
from pathlib import Path

import own_manifests as own
import pytest

from sim.cli.main import ended

PLANTED = "hunter2"
SECRETIVE = f"""
apiVersion: v1
kind: Secret
metadata: {{name: shop, annotations: {{a: {PLANTED}}}}}
stringData: {{password: {PLANTED}}}
data: {{{PLANTED}: aHVudGVyMg==}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: shop}}
data: {{url: "postgres://u:{PLANTED}@db"}}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {{name: shop, annotations: {{note: {PLANTED}, {PLANTED}: x}}}}
spec:
  replicas: 3
  strategy:
    canary:
      canaryService: shop-canary
      stableService: shop
      trafficRouting: {{nginx: {{stableIngress: shop, additionalIngressAnnotations: {{x: {PLANTED}}}}}}}
      analysis:
        templates: [{{templateName: success}}]
        args:
          - {{name: token, value: {PLANTED}}}
          - {{name: service, value: shop-canary}}
          - {{name: key, valueFrom: {{secretKeyRef: {{name: s, key: {PLANTED}}}}}}}
      steps:
        - setHeaderRoute: {{name: h, match: [{{headerName: x, headerValue: {{exact: {PLANTED}}}}}]}}
        - setWeight: 20
        - pause: {{duration: 1m}}
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}, annotations: {{x: {PLANTED}}}}}
    spec:
      containers:
        - name: shop
          image: registry.example/{PLANTED}/shop:1
          env: [{{name: PASSWORD, value: {PLANTED}}}, {{name: {PLANTED}, value: x}}]
          command: [run, --token, {PLANTED}]
          args: [{PLANTED}]
          readinessProbe: {{httpGet: {{path: /?key={PLANTED}, port: 80, httpHeaders: [{{name: Authorization, value: {PLANTED}}}]}}}}
          lifecycle: {{preStop: {{exec: {{command: [curl, "http://x/{PLANTED}"]}}}}}}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {{name: success}}
spec:
  args: [{{name: token}}, {{name: service}}]
  metrics:
    - name: good
      interval: 1m
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://u:{PLANTED}@prom
          headers: [{{key: Authorization, value: {PLANTED}}}]
          query: sum(rate({PLANTED}_total{{service="{{{{args.service}}}}",code!~"5..",t="{{{{args.token}}}}"}}[1m])) / sum(rate({PLANTED}_total{{service="{{{{args.service}}}}"}}[1m]))
    - name: broken
      successCondition: "result == '{PLANTED}'"
      provider: {{prometheus: {{address: http://p, query: 'sum(rate(x{{token~"{PLANTED}"}}[1m])'}}}}
    - name: hook
      provider: {{web: {{url: "https://x/{PLANTED}", headers: [{{key: a, value: {PLANTED}}}]}}}}
---
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {{name: other}}
spec:
  targetRef: {{kind: Deployment, name: other}}
  analysis:
    interval: 1m
    stepWeight: 10
    webhooks: [{{name: load, url: "http://u:{PLANTED}@x/", metadata: {{cmd: "curl -H {PLANTED} x"}}}}]
    metrics: [{{name: {PLANTED[0]}, templateRef: {{name: gone}}, thresholdRange: {{max: 1}}}}]
---
password: "{PLANTED}
"""


@pytest.mark.parametrize("options", [["--json"], ["-o", "out/"]])
def test_import_says_nothing_that_was_planted(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.yaml").write_text(SECRETIVE)
    assert ended(["import", "all.yaml", *options]) == 0
    captured = capsys.readouterr()
    files = "".join(file.read_text() for file in tmp_path.glob("out/*"))
    told = captured.out + captured.err + files
    assert "Rollout shop" in told or '"target": "shop"' in told
    assert PLANTED not in told


def test_the_planted_manifests_are_read_and_not_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "all.yaml").write_text(SECRETIVE)
    assert ended(["import", str(tmp_path / "all.yaml"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["target"] for each in found["scenarios"]] == ["shop", "other"]
    assert "result >= 95%" in found["scenarios"][0]["scenario"]
    assert any("not YAML" in each for each in found["remarks"])


def test_a_planted_string_would_be_found() -> None:
    text = own.draft_of(own.DEPLOYMENT.replace("name: shop\n", f"name: {PLANTED}\n")).text
    assert PLANTED in text
