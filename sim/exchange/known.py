"""Which fields of the kinds that are read are known: played, told of otherwise, or of no matter for a rollout.

A field that stands in none of these lists is named as not understood. ``*`` stands for any place in a list; what is
below a path is known with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.fields import Field
from sim.exchange.manifests import Manifest
from sim.exchange.spots import Spot

_EVERY = """
    apiVersion kind metadata status
"""
_CONTAINER = """
    name image imagePullPolicy resources.requests resources.limits readinessProbe livenessProbe startupProbe
    lifecycle ports env envFrom command args volumeMounts volumeDevices workingDir securityContext
    terminationMessagePath restartPolicy terminationMessagePolicy stdin stdinOnce tty resources.claims
"""
_POD = """
    metadata spec.terminationGracePeriodSeconds spec.volumes spec.serviceAccountName spec.serviceAccount
    spec.nodeSelector spec.securityContext spec.imagePullSecrets spec.restartPolicy spec.dnsPolicy
    spec.dnsConfig spec.hostAliases spec.affinity spec.topologySpreadConstraints spec.readinessGates
    spec.tolerations spec.automountServiceAccountToken spec.schedulerName spec.enableServiceLinks spec.os
    spec.hostname spec.subdomain spec.shareProcessNamespace spec.hostNetwork spec.hostPID spec.hostIPC
    spec.runtimeClassName spec.preemptionPolicy spec.setHostnameAsFQDN
"""
_WORKLOAD = """
    spec.replicas spec.selector spec.minReadySeconds spec.progressDeadlineSeconds spec.revisionHistoryLimit
    spec.paused
"""
_CANARY = """
    maxSurge maxUnavailable canaryService stableService steps trafficRouting analysis canaryMetadata
    stableMetadata scaleDownDelaySeconds scaleDownDelayRevisionLimit dynamicStableScale minPodsPerReplicaSet
    pingPong antiAffinity replicaProgressThreshold abortScaleDownDelaySeconds
"""
_BLUE_GREEN = """
    activeService previewService autoPromotionEnabled autoPromotionSeconds previewReplicaCount
    scaleDownDelaySeconds scaleDownDelayRevisionLimit prePromotionAnalysis postPromotionAnalysis previewMetadata
    activeMetadata antiAffinity abortScaleDownDelaySeconds maxUnavailable
"""
_POLICY = """
    outlierDetection loadBalancer connectionPool tls portLevelSettings
"""
_ROUTE = """
    timeout retries match rewrite fault mirror mirrorPercentage mirrorPercent headers corsPolicy name route
"""
_METRIC = """
    name interval count initialDelay failureLimit inconclusiveLimit consecutiveErrorLimit
    consecutiveSuccessLimit successCondition failureCondition provider
"""
_FLAGGER = """
    spec.provider spec.targetRef spec.autoscalerRef spec.progressDeadlineSeconds spec.skipAnalysis
    spec.ingressRef spec.routeRef spec.upstreamRef spec.suspend spec.revertOnDeletion spec.analysis.interval
    spec.analysis.threshold spec.analysis.maxWeight spec.analysis.stepWeight spec.analysis.stepWeights
    spec.analysis.stepWeightPromotion spec.analysis.iterations spec.analysis.match spec.analysis.mirror
    spec.analysis.mirrorWeight spec.analysis.metrics spec.analysis.webhooks spec.analysis.alerts
    spec.analysis.sessionAffinity spec.analysis.canaryReadyThreshold spec.analysis.primaryReadyThreshold
    spec.canaryAnalysis spec.metricsServer
"""
_FLAGGER_SERVICE = """
    name port portName targetPort portDiscovery gateways hosts apex canary primary gatewayRefs delegation
    backends meshName appProtocol unmanagedMetadata trafficPolicy
"""
_SERVICE = """
    spec.selector spec.ports spec.type spec.clusterIP spec.clusterIPs spec.sessionAffinity
    spec.sessionAffinityConfig spec.publishNotReadyAddresses spec.ipFamilies spec.ipFamilyPolicy
    spec.loadBalancerIP spec.externalName spec.loadBalancerClass spec.loadBalancerSourceRanges
    spec.allocateLoadBalancerNodePorts spec.externalIPs spec.healthCheckNodePort
"""
_SCALER = """
    spec.scaleTargetRef spec.minReplicas spec.maxReplicas spec.metrics spec.targetCPUUtilizationPercentage
    spec.behavior.scaleUp spec.behavior.scaleDown
"""


def _under(prefix: str, paths: str) -> str:
    return " ".join(f"{prefix}.{path}" for path in paths.split())


_CONTAINERS = " ".join(
    _under(f"spec.template.spec.{kind}.*", _CONTAINER)
    for kind in ("containers", "initContainers", "ephemeralContainers")
)
_TEMPLATE = f"{_under('spec.template', _POD)} {_CONTAINERS}"
_STRATEGIES = f"{_under('spec.strategy.canary', _CANARY)} {_under('spec.strategy.blueGreen', _BLUE_GREEN)}"
_ANALYSIS = f"spec.args spec.dryRun spec.templates {_under('spec.metrics.*', _METRIC)} spec.measurementRetention"

KNOWN: dict[str, str] = {
    "Deployment": f"{_WORKLOAD} spec.strategy.type spec.strategy.rollingUpdate {_TEMPLATE}",
    "Rollout": (
        f"{_WORKLOAD} {_TEMPLATE} {_STRATEGIES}"
        " spec.workloadRef spec.rollbackWindow spec.progressDeadlineAbort spec.analysis spec.restartAt"
    ),
    "Canary": f"{_FLAGGER} {_under('spec.service', _FLAGGER_SERVICE)} {_under('spec.service', _ROUTE)}",
    "AnalysisTemplate": _ANALYSIS,
    "ClusterAnalysisTemplate": _ANALYSIS,
    "MetricTemplate": "spec.provider spec.query",
    "Service": _SERVICE,
    "HorizontalPodAutoscaler": _SCALER,
    "PodDisruptionBudget": "spec.selector spec.minAvailable spec.maxUnavailable",
    "ResourceQuota": "spec.hard",
    "VirtualService": f"spec.hosts spec.gateways spec.exportTo spec.tcp spec.tls {_under('spec.http.*', _ROUTE)}",
    "DestinationRule": f"spec.host spec.subsets spec.exportTo {_under('spec.trafficPolicy', _POLICY)}",
    "HTTPRoute": (
        "spec.parentRefs spec.hostnames"
        f" {_under('spec.rules.*', 'matches filters backendRefs timeouts retry name sessionPersistence')}"
    ),
}
"""Paths by kind, with spaces between."""
_PATHS = {
    kind: frozenset(tuple(path.split(".")) for path in f"{_EVERY} {paths}".split()) for kind, paths in KNOWN.items()
}
_STARTS = {kind: {path[:length] for path in paths for length in range(1, len(path))} for kind, paths in _PATHS.items()}


def not_understood(manifest: Manifest) -> Iterator[Spot]:
    """The topmost fields of an object of a known kind that stand in no list."""
    if manifest.kind in _PATHS:
        yield from _unknown(manifest.root, (), manifest.kind)


def _unknown(field: Field, path: tuple[str, ...], kind: str) -> Iterator[Spot]:
    if isinstance(field.data, list):
        for each in field.items():
            yield from _unknown(each, (*path, "*"), kind)
        return
    for name in field.names():
        here = (*path, name)
        if here in _PATHS[kind]:
            continue
        if here in _STARTS[kind]:
            yield from _unknown(field[name], here, kind)
        elif field[name].there:
            yield field[name].spot
