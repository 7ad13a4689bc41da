"""Kinds of objects that are recognised: what is lost of those that are not played, and those that change no risk."""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.known import not_understood
from sim.exchange.manifests import Found, Manifest
from sim.exchange.spots import Remark

READ = {
    "Deployment", "Rollout", "AnalysisTemplate", "ClusterAnalysisTemplate", "Canary", "MetricTemplate", "Service",
    "HorizontalPodAutoscaler", "PodDisruptionBudget", "ResourceQuota", "VirtualService", "DestinationRule", "HTTPRoute",
}  # fmt: skip
"""Read for what they say of a rollout."""

_SHARED = (
    "AnalysisTemplate", "ClusterAnalysisTemplate", "MetricTemplate", "VirtualService", "DestinationRule", "HTTPRoute",
)  # fmt: skip

LOST = {
    "StatefulSet": "is not played: a StatefulSet rolls pod by pod from the last to the first, by partition",
    "DaemonSet": "is not played: a DaemonSet rolls node by node",
    "Experiment": "is not played: an experiment runs pods beside the rollout",
    "AlertProvider": "changes nothing that is played: it says who is told",
    "TrafficSplit": "is not read: an SMI TrafficSplit's weights are set by the rollout's controller",
    "ScaledObject": "is not played: KEDA changes the number of pods by events; the service keeps its size here",
    "CloneSet": "is not played: OpenKruise's CloneSet",
    "BatchRelease": "is not played: OpenKruise's batches",
    "VerticalPodAutoscaler": "is not played: requests of pods stay as they are written",
    "LimitRange": "is not read: requests that it would set are counted as nothing",
    "TraefikService": "is not read: its weights are set by the rollout's controller",
    "Mapping": "is not read: Ambassador's weights are set by the rollout's controller",
    "ApisixRoute": "is not read: its weights are set by the rollout's controller",
    "RolloutPlugin": "is not played: a plugin rolls it out",
    "ServiceEntry": "is not read: Istio's ServiceEntry",
    "Sidecar": "is not read: Istio's Sidecar",
    "EnvoyFilter": "is not read: a filter may change any route",
}
"""What happens to the rest that has to do with rollouts, in words that follow the object's name."""

_HARMLESS = """
    APIService Alertmanager AnalysisRun AppProject Application ApplicationSet AuthorizationPolicy Certificate
    ClusterIssuer ClusterRole ClusterRoleBinding ConfigMap ControllerRevision CronJob CustomResourceDefinition
    EndpointSlice Endpoints Event ExternalSecret Gateway GatewayClass GitRepository Grafana HelmRelease
    HelmRepository Ingress IngressClass IngressRoute Issuer Job Lease Mesh Middleware
    MutatingWebhookConfiguration Namespace NetworkPolicy OCIRepository PeerAuthentication PersistentVolume
    PersistentVolumeClaim Pod PodMonitor PodSecurityPolicy PriorityClass Prometheus PrometheusRule
    ReferenceGrant ReplicaSet RequestAuthentication Role RoleBinding SealedSecret Secret ServiceAccount
    ServiceMonitor StorageClass Telemetry ValidatingWebhookConfiguration VirtualGateway VirtualNode
    VirtualRouter
"""
HARMLESS = frozenset(_HARMLESS.split())
"""Kinds that change nothing of what is played here; their contents are not looked into."""

_NGINX = "nginx.ingress.kubernetes.io/canary"


def remarks_of(found: Found) -> list[Remark]:
    """Everything a reader must know of the files: what could not be read, what is not played, what is not understood.

    Fields of a target's own objects are told with its scenario and not here.
    """
    shared = found.of(*_SHARED)
    told = "this field is not understood here; whatever it does is not played"
    return [
        *found.remarks,
        *other_kinds(found),
        *(Remark(spot, told) for each in shared for spot in not_understood(each)),
    ]


def other_kinds(found: Found) -> Iterator[Remark]:
    """A remark for each object that has to do with rollouts and is not played, and for each of an unknown kind."""
    for each in found.manifests:
        told = _told(each)
        if told:
            yield Remark(each.spot, f"{each} {told}")


def _told(manifest: Manifest) -> str:
    kind = manifest.kind
    if kind == "Rollout" and manifest.group != "argoproj.io":
        return "is not played: only Argo's Rollout is" if manifest.group else "names no group: Argo's is argoproj.io"
    if kind == "Ingress" and any(key.startswith(_NGINX) for key in manifest.root.at("metadata", "annotations").names()):
        return "is not read: nginx's canary annotations are set by the rollout's controller, or by hand"
    if kind in LOST:
        return LOST[kind]
    return "" if kind in READ | HARMLESS else "is of a kind that is not known here; nothing of it is read"
