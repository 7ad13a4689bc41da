"""``service`` of a scenario out of a target's pods, Services, budget and quota."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.exchange.drafts.lines import Line, Missed, Tree, found, guess, otherwise, plain_name
from sim.exchange.fields import Field
from sim.exchange.kubernetes_units import byte_count, millicores
from sim.exchange.pods import SECOND, Container, Pod, Probe
from sim.exchange.workloads import Target

START = "15s"
_CONTROLLERS = {"Deployment": "Kubernetes", "Rollout": "Argo Rollouts", "Canary": "Flagger"}


def service(target: Target, missed: list[Missed]) -> Tree:
    """All of the section but the autoscaler and what a mesh says."""
    pod, holder = target.pod, target.workload or target.owner
    replicas, place = target.replicas
    if replicas == 0:
        told = "0 pods are written; 1 is played"
        missed.append(Missed(place.spot, told, "medium", "How many pods serve? (service.replicas)"))
    tree: Tree = {
        "replicas": found(max(1, replicas), place) if place.there else otherwise(1, place),
        "concurrency": guess(8, "threads or workers of a pod; measure yours"),
        "pod": _containers(pod, target.ports, missed),
        **_probes(pod.main(target.ports), missed),
        "shutdown": _shutdown(pod, target.ports, missed),
    }
    main = pod.main(target.ports)
    if main.field["image"].there or main.field["imagePullPolicy"].there:
        where = main.field["imagePullPolicy"] if main.field["imagePullPolicy"].there else main.field["image"]
        tree["pull_policy"] = found(_pulled(main, where, missed), where)
    tree.update(_timings(target, holder.spec))
    tree.update(_publishing(target, main))
    budget = _budget(target)
    if budget is not None:
        tree["disruption"] = budget
    quota = _quota(target, missed)
    if quota:
        tree["quota"] = quota
    os = operating_system(pod)
    if os.value != "linux":
        tree["os"] = os
    missed.extend(_not_played(pod, target))
    return tree


def operating_system(pod: Pod) -> Line:
    """``linux`` unless the pod asks for another."""
    places = [pod.spec.at("os", "name"), pod.spec.at("nodeSelector", "kubernetes.io/os")]
    place = next((each for each in places if each.text()), places[0])
    return found(place.text() or "linux", place)


def _containers(pod: Pod, ports: tuple[str, ...], missed: list[Missed]) -> Tree:
    tree: Tree = {}
    main = pod.main(ports)
    for each in pod.containers():
        name = plain_name(each.name)
        name = f"{name}-1" if name == "work" else name
        tree[name] = _container(each, serves=each.field.trail == main.field.trail)
    if not tree:
        tree["app"] = {"start": guess(START, "the pod template is not among the manifests")}
    return tree


def _container(container: Container, *, serves: bool) -> Tree:
    tree: Tree = {"image": guess("100MB", "manifests name an image, not its size")}
    for resource, show in (("cpu", units.show_cpu), ("memory", units.show_size)):
        amount, place = container.request(resource)
        if amount is None:
            told = f"nothing is requested ({place.spot.path} is not written), so the scheduler counts nothing"
            tree[resource] = Line("0m" if resource == "cpu" else "0B", told)
        else:
            note = "a limit without a request is the request" if "limits" in place.trail else ""
            tree[resource] = found(show(amount), place, note=note)
    tree["start"] = _start(container, serves=serves)
    if container.init:
        tree["init"] = found(True, container.field)
    if container.sidecar:
        tree["sidecar"] = found(True, container.field["restartPolicy"])
    return tree


def _start(container: Container, *, serves: bool) -> Line:
    delay = container.probe("readiness")["initialDelaySeconds"]
    if container.init or container.sidecar or not serves:
        return guess("1s" if not container.init else "2s", "an init container or helper beside the service")
    if delay.whole():
        return guess(f"{delay.whole()}s", f"who wrote {delay.spot} expects it to take about so long")
    return guess(START, "measure from the container's start until it is ready")


def _probes(main: Container, missed: list[Missed]) -> Tree:
    tree: Tree = {}
    readiness = main.probe("readiness")
    if readiness.there:
        tree["readiness"] = _probe(readiness, ("every", "failures", "successes", "initial_delay"))
    for name in ("liveness", "startup"):
        if main.probe(name).there:
            tree[name] = _probe(main.probe(name), ("every", "failures", "initial_delay", "grace"))
    for name in ("readiness", "liveness", "startup"):
        slow = main.probe(name)["timeoutSeconds"]
        if (slow.whole() or 1) > 1:
            missed.append(Missed(slow.spot, "how long a probe waits is not played: a probe answers at once", "low"))
    return tree


_KEYS = {
    "every": ("periodSeconds", 10), "failures": ("failureThreshold", 3), "successes": ("successThreshold", 1),
    "initial_delay": ("initialDelaySeconds", 0), "grace": ("terminationGracePeriodSeconds", None),
}  # fmt: skip


def _probe(field: Field, names: tuple[str, ...]) -> Tree:
    tree: Tree = {}
    for name in names:
        key, default = _KEYS[name]
        value = Probe(field).value(key, default or 0)
        if name in ("every", "failures", "successes"):
            value = max(1, value)
        counted = name in ("failures", "successes")
        if field[key].there:
            tree[name] = found(value if counted else f"{value}s", field[key])
        elif default is not None and name != "successes":
            tree[name] = otherwise(value if counted else f"{value}s", field[key])
    return tree


def _shutdown(pod: Pod, ports: tuple[str, ...], missed: list[Missed]) -> Tree:
    grace, place = pod.grace()
    main = pod.main(ports)
    sleeps, hook = main.pre_stop()
    tree: Tree = {}
    if not hook.there:
        tree["pre_stop"] = otherwise("0s", hook)
    elif sleeps is None:
        tree["pre_stop"] = guess("0s", f"{hook.spot} does not say how long it takes")
        question = "How long does the preStop hook take? (service.shutdown.pre_stop)"
        missed.append(Missed(hook.spot, "a preStop hook whose length is not written", "medium", question))
    else:
        tree["pre_stop"] = found(units.show_duration(sleeps), hook)
    shown = units.show_duration(grace)
    tree["grace"] = found(shown, place) if place.there else otherwise(shown, place)
    tree["on_sigterm"] = guess("drain", "whether the server finishes what it has; exit if it does not")
    return tree


def _pulled(main: Container, where: Field, missed: list[Missed]) -> str:
    """When a node pulls the image; where it never does, somebody loads it onto the nodes, and it is pulled here."""
    policy = main.pulls()
    if policy != "Never":
        return policy
    told = "images are never pulled but loaded onto the nodes by other means; here a node pulls what it lacks"
    missed.append(Missed(where.spot, told, "medium"))
    return "IfNotPresent"


def _timings(target: Target, spec: Field) -> Tree:
    tree: Tree = {}
    owner = target.owner.spec
    for name, key, default in (
        ("min_ready", "minReadySeconds", 0), ("progress_deadline", "progressDeadlineSeconds", 600),
    ):  # fmt: skip
        place = owner[key] if owner[key].there else spec[key]
        seconds = place.whole()
        if seconds is not None and (seconds > 0 or name == "min_ready"):
            tree[name] = found(units.show_duration(min(seconds, 86_400) * SECOND), place)
        elif name == "progress_deadline":
            tree[name] = otherwise(units.show_duration(default * SECOND), place, _CONTROLLERS[target.tool])
    return tree


def _publishing(target: Target, main: Container) -> Tree:
    for each in target.services:
        place = each.spec["publishNotReadyAddresses"]
        if place.flag():
            return {"publish_not_ready": found(True, place)}
    if target.pod.there and not main.probe("readiness").there:
        told = f"{main.probe('readiness').spot.path} is not written: pods get requests as soon as they run"
        return {"publish_not_ready": Line(True, told)}
    return {}


def _budget(target: Target) -> Tree | None:
    if target.budget is None:
        return None
    for name, key in (("min_available", "minAvailable"), ("max_unavailable", "maxUnavailable")):
        place = target.budget.spec[key]
        written = place.count_or_percent()
        if written is not None:
            return {name: found(written, place)}
    return None


def _quota(target: Target, missed: list[Missed]) -> Tree:
    tree: Tree = {}
    if target.quota is None:
        return tree
    hard = target.quota.spec["hard"]
    for name, keys in (
        ("cpu", ("requests.cpu", "cpu")),
        ("memory", ("requests.memory", "memory")),
        ("pods", ("pods",)),
    ):
        place = next((hard[key] for key in keys if hard[key].there), hard[keys[0]])
        written = place.text()
        if written is None:
            continue
        amount = byte_count(written) if name != "cpu" else millicores(written)
        if amount is not None:
            shown = {"cpu": units.show_cpu, "memory": units.show_size}.get(name)
            tree[name] = found(shown(amount) if shown else amount, place)
    if tree:
        told = "the quota is for all pods of its namespace; here the service has it for itself"
        missed.append(Missed(hard.spot, told, "medium"))
    return tree


def _not_played(pod: Pod, target: Target) -> Iterator[Missed]:
    """What of pods and Services matters and has no word in a scenario."""
    spec = pod.spec
    if spec["topologySpreadConstraints"].there:
        told = "how pods are spread over zones and nodes is not played; the scheduler here fills the emptiest node"
        yield Missed(spec["topologySpreadConstraints"].spot, told, "low", "How many zones are there? (nodes.zones)")
    if spec["affinity"].there:
        yield Missed(spec["affinity"].spot, "affinity is not played: any node takes any pod", "low")
    if spec["readinessGates"].there:
        told = "readiness gates of a load balancer are not played: a pod is ready when its probe says so"
        yield Missed(
            spec["readinessGates"].spot, told, "medium", "How late are endpoints known? (service.endpoint_lag)"
        )
    for each in pod.containers():
        if each.field.at("lifecycle", "postStart").there:
            yield Missed(each.field.at("lifecycle", "postStart").spot, "a postStart hook is not played", "low")
    for serving in target.services:
        place = serving.spec["sessionAffinity"]
        if place.text() == "ClientIP":
            told = "sessionAffinity is not played: a client may meet any pod"
            yield Missed(place.spot, told, "medium", "Is each user kept on one pod? (service.balancer: ring_hash)")
