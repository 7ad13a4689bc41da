"""``service.autoscaler`` out of a HorizontalPodAutoscaler."""

from __future__ import annotations

from sim import units
from sim.exchange.drafts.lines import Line, Missed, Tree, found, otherwise
from sim.exchange.fields import Field
from sim.exchange.kubernetes_units import millicores
from sim.exchange.manifests import Manifest
from sim.exchange.pods import SECOND
from sim.exchange.workloads import Target, scaled_between

_QUESTION = "What CPU use does it steer towards? (service.autoscaler)"


def autoscaler(target: Target, missed: list[Missed]) -> Tree:
    """The autoscaler as far as it goes by CPU; empty where there is none, or none that is played."""
    scaler = target.autoscaler
    if scaler is None:
        return {}
    if scaler.spec["maxReplicas"].whole() is None:
        missed.append(Missed(scaler.spec.spot, "has no maxReplicas, without which Kubernetes refuses it", "high"))
        return {}
    cpu = _cpu(scaler, target, missed)
    if cpu is None:
        told = "an autoscaler that does not go by CPU is not played: the service keeps its size"
        missed.append(Missed(scaler.spec["metrics"].spot, told, "high", _QUESTION))
        return {}
    least, most = scaled_between(scaler)
    place = scaler.spec["minReplicas"]
    tree: Tree = {
        "kind": found("hpa", scaler.root["kind"]),
        "min": found(least, place) if place.there else otherwise(least, place),
        "max": found(most, scaler.spec["maxReplicas"]),
        "cpu": cpu,
    }
    for name, key in (("up", "scaleUp"), ("down", "scaleDown")):
        behaviour = _behaviour(scaler.spec.at("behavior", key))
        if behaviour:
            tree[name] = found(behaviour, scaler.spec.at("behavior", key))
    return tree


def _cpu(scaler: Manifest, target: Target, missed: list[Missed]) -> Line | None:
    """The target as a share of the CPU request; None where no metric is CPU."""
    request, _ = target.pod.requested()
    spec = scaler.spec
    found_one: Line | None = None
    old = spec["targetCPUUtilizationPercentage"]
    if old.whole():
        found_one = found(f"{old.whole()}%", old)
    for metric in spec["metrics"].items():
        resource = metric["resource"] if metric["resource"].there else metric["containerResource"]
        percent = _utilisation(resource, request) if resource["name"].text() == "cpu" else None
        if percent is None or found_one is not None:
            told = "this metric of the autoscaler is not played; it may add pods that the scenario does not have"
            missed.append(Missed(metric.spot, told, "medium"))
        else:
            found_one = found(f"{percent[0]}%", percent[1])
    if found_one is None and not spec["metrics"].there:
        found_one = otherwise("80%", spec["metrics"])
    if found_one is not None and request == 0:
        told = "goes by CPU, and no container requests CPU: Kubernetes cannot work out a use, and never scales"
        missed.append(Missed(scaler.spec.spot, told, "high"))
        return None
    return found_one


def _utilisation(resource: Field, request: int) -> tuple[int, Field] | None:
    places = [resource.at("target", "averageUtilization"), resource["targetAverageUtilization"]]
    for place in places:
        if place.whole():
            return place.whole() or 0, place
    for place in (resource.at("target", "averageValue"), resource["targetAverageValue"]):
        value = millicores(place.text() or "")
        if value and request:
            return max(1, round(100 * value / request)), place
    return None


def _behaviour(written: Field) -> dict[str, object]:
    found_ones: dict[str, object] = {}
    window = written["stabilizationWindowSeconds"].whole()
    if window is not None:
        found_ones["window"] = units.show_duration(max(0, window) * SECOND)
    select = {"Max": "max", "Min": "min", "Disabled": "disabled"}.get(written["selectPolicy"].text() or "")
    if select:
        found_ones["select"] = select
    policies = []
    for each in written["policies"].items():
        value, period = each["value"].whole(), each["periodSeconds"].whole() or 15
        if value and value > 0 and 0 < period <= 1800:
            kind = "percent" if each["type"].text() == "Percent" else "pods"
            policies.append({kind: value, "per": units.show_duration(period * SECOND)})
    if policies:
        found_ones["policies"] = policies
    return found_ones
