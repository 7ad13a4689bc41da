"""Plays a recording's rollout in the cluster that ``rollrisk run`` plays: its inputs in, the changes of each field out.

From the recording come the manifests as applied, how pods of each version behave on their (simulated) nodes, what was
done when, and where the clock had its full seconds; nothing else of what was seen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from sim.autoscalers.hpa import Hpa
from sim.cluster.fleet import Fleet
from sim.cluster.pod import Pod
from sim.hpa.pods import Metric
from sim.journal import Milestone
from sim.laws.deterministic import Deterministic
from sim.scenario.resolved import Nodes, Probe, Quota, Shutdown
from sim.steps import Decision, Detector
from sim.strategies.basic_canary import BasicCanary
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling
from sim.units import DAY, MILLISECOND, MINUTE, SECOND
from sim.versions import NEW, STABLE
from sim.world import Rank

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import Scene, container, scenario, service

ROOM = 11
"""Pods of 100 millicores on a node of the pool ``small``; every other node has room for all."""
LAG, ARGO_LAG = 0.1, 0.2
"""Seconds that scheduler, kubelet and the watches of the recorded machine take beside what the file says of a pod, and
where Argo's controller is one more that watches."""
APART, ARGO_APART = 0.05, 0.1
"""Seconds between pods that were created together: the recorded machine binds, starts and sees them one by one."""
BY_HAND = 0
VERSIONS = {STABLE: "v1", NEW: "v2"}
CONDITION = "condition Progressing"
Change: TypeAlias = tuple[float, str, str, Any, Any]
DONE = frozenset(["release", "kill pods", "abort"])
"""What may be done in a file for the cluster to play it."""


def cannot_play(recording: Mapping[str, Any]) -> str:
    """Why a recording is not played yet, by what it asks for; empty where it is."""
    kinds = {each["kind"] for each in recording["objects"]}
    if recording["controller"] == "Argo Rollouts":
        refused = _argo_cannot(recording)
        if refused:
            return f"Argo Rollouts: {refused}"
    elif recording["controller"] not in ("Deployment", "HPA"):
        return f"{recording['controller']}"
    if "HorizontalPodAutoscaler" in kinds:
        return _hpa_cannot(recording)
    for action in recording["actions"]:
        if action["do"] not in DONE:
            return f"{_what(recording)}: {action['do']} in the middle"
    releases = [each["version"] for each in recording["actions"] if each["do"] == "release"]
    if releases != ["v2"] or recording.get("before"):
        return f"{_what(recording)}: a release over another"
    return ""


def _what(recording: Mapping[str, Any]) -> str:
    return "Argo Rollouts" if recording["controller"] == "Argo Rollouts" else "Deployment"


def _hpa_cannot(recording: Mapping[str, Any]) -> str:
    """What of an HPA is not played yet; one on CPU utilisation is, while nothing is released."""
    if recording["actions"]:
        return "an HPA beside a release"
    spec = next(each["spec"] for each in recording["objects"] if each["kind"] == "HorizontalPodAutoscaler")
    if [each.get("resource", {}).get("name") for each in spec["metrics"]] != ["cpu"]:
        return "an HPA on memory"
    return "" if recording["usage"].keys() <= {"cpu total", "missing"} else "usage by route"


def _argo_cannot(recording: Mapping[str, Any]) -> str:
    """What of a Rollout is not played yet; of those without a router there are weights, timed pauses and deadlines."""
    rollout = next((each["spec"] for each in recording["objects"] if each["kind"] == "Rollout"), None)
    if rollout is None:
        return "an analysis alone"
    canary = rollout["strategy"].get("canary")
    if canary is None:
        return "blue/green"
    if "trafficRouting" in canary:
        return "weights of a router"
    if "analysis" in canary or any({"analysis", "experiment"} & step.keys() for step in canary.get("steps", ())):
        return "analyses"
    if canary.keys() - {"steps", "maxSurge", "maxUnavailable"} or "rollbackWindow" in rollout:
        return "thresholds and windows"
    steps = canary.get("steps", ())
    pairs = [(*one, *other) for one, other in zip(steps[::2], steps[1::2], strict=False)]
    if len(steps) % 2 or pairs != [("setWeight", "pause")] * len(pairs):
        return "other steps than weights and pauses in turn"
    return ""


def played(recording: Mapping[str, Any]) -> list[Change]:
    """The changes, in order: [second, thing, field, old, new]."""
    return _Play(recording).events()


class _Play:
    """One recording at play."""

    def __init__(self, recording: Mapping[str, Any]) -> None:
        self._recording = recording
        self._is_rollout = any(each["kind"] == "Rollout" for each in recording["objects"])
        kind = "Rollout" if self._is_rollout else "Deployment"
        self._spec = next(each["spec"] for each in recording["objects"] if each["kind"] == kind)
        self._pods: Mapping[str, Mapping[str, Any]] = recording["pods"]
        self._hpa = next(
            (each["spec"] for each in recording["objects"] if each["kind"] == "HorizontalPodAutoscaler"), None
        )
        releases = any(each["do"] == "release" for each in recording["actions"])
        self._scene = Scene(self._scenario(), strategy=self._strategy() if releases else None)
        self._turned: dict[tuple[int, int], int] = {}
        self._seen_at: dict[tuple[int, int], int] = {}
        self._seen: dict[tuple[str, str], Any] = {
            (thing, field): value for thing, fields in recording["start"].items() for field, value in fields.items()
        }
        self._events: list[Change] = []
        cluster: Any = self._scene.cluster
        cluster.effects.never_ready = self._stays_unready
        second = round(recording["full second"] * SECOND)
        cluster.availability.full_second = second
        if cluster._performer is not None:
            cluster._performer.full_second = second
        if cluster.autoscaler is not None:
            cluster.autoscaler._metrics = self._measured
        look = cluster._look

        def look_and_note() -> None:
            look()
            self._note()

        cluster._look = look_and_note

    def events(self) -> list[Change]:
        for action in self._recording["actions"]:
            if action["do"] != "release":
                event = self._scene.clock.at(round(action["at"] * SECOND), Rank.CONTROLLER, BY_HAND)
                event.callbacks.append(lambda _, action=action: self._do(action))
        self._scene.play(round(self._recording["until"] * SECOND))
        if self._hpa is None:
            self._events += self._rollout() if self._is_rollout else self._deployment()
        return sorted(self._events, key=lambda each: each[0])

    def _deployment(self) -> list[Change]:
        """What the Deployment's status says."""
        told: list[tuple[float, str, Any]] = [(0.0, "image", "v2"), (0.0, CONDITION, "True ReplicaSetUpdated")]
        told += [(at, CONDITION, "False ProgressDeadlineExceeded") for at in self._when("no progress for")]
        told += [(at, CONDITION, "True NewReplicaSetAvailable") for at in self._promoted()]
        return [(at, "Deployment app", field, None, value) for at, field, value in told]

    def _rollout(self) -> list[Change]:
        """What the Rollout's status says: each weight and each pause is a step."""
        told: list[tuple[float, str, Any]] = [(0.0, "phase", "Progressing")]
        if self._spec["strategy"]["canary"].get("steps"):
            for number, at in enumerate(self._weights()):
                told += [(at, "step", 2 * number), (at, "phase", "Progressing")]
            for number, at in enumerate(self._when("hold for")):
                told += [(at, "step", 2 * number + 1), (at, "phase", "Paused")]
        aborts = [action["at"] for action in self._recording["actions"] if action["do"] == "abort"]
        told += [each for at in aborts for each in ((at, "phase", "Degraded"), (at, "abort", True), (at, "step", 0))]
        for at in self._when("no progress for"):
            told.append((at, "phase", "Degraded"))
            if self._spec.get("progressDeadlineAbort"):
                told.append((at, "abort", True))
        told += [each for at in self._promoted() for each in ((at, "phase", "Healthy"), (at, "stable", "v2"))]
        return [(at, "Rollout app", field, None, value) for at, field, value in told]

    def _weights(self) -> list[float]:
        """When each weight was asked for; one that is asked for again after a deadline, or on the way back, is none."""
        seen: dict[str, float] = {}
        for event in self._scene.journal.events:
            if event.what.startswith("new pods for") and not event.what.startswith("new pods for 0 "):
                seen.setdefault(event.what, event.at / SECOND)
        return list(seen.values())

    def _when(self, begins: str) -> list[float]:
        return [each.at / SECOND for each in self._scene.journal.events if each.what.startswith(begins)]

    def _promoted(self) -> list[float]:
        journal = self._scene.journal
        return [journal.milestones[Milestone.DECIDED] / SECOND] if journal.decision is Decision.PROMOTED else []

    def _scenario(self) -> Any:
        spec, small = self._spec, "nodeSelector" in self._spec["template"]["spec"]
        quotas = [each["spec"]["hard"] for each in self._recording["objects"] if each["kind"] == "ResourceQuota"]
        lag = ARGO_LAG if self._is_rollout else LAG
        old, new = (container(start=_ready_after(self._pods[VERSIONS[each]], lag)) for each in (STABLE, NEW))
        hpa = None if self._hpa is None else _autoscaler(self._hpa)
        begins = MINUTE - self._sync_phase()
        found = scenario(
            running=service(
                spec["replicas"],
                autoscaler=hpa,
                containers=(old,),
                readiness=Probe(every=10 * MILLISECOND, failures=1, successes=1),
                shutdown=Shutdown(pre_stop=round((self._pods["v1"]["stop-after"] + lag) * SECOND), grace=30 * SECOND),
                min_ready=spec.get("minReadySeconds", 0) * SECOND,
                progress_deadline=spec.get("progressDeadlineSeconds", 600) * SECOND,
                quota=Quota(pods=int(quotas[0]["pods"])) if quotas else Quota(),
            ),
            new=(new,),
            nodes=Nodes(count=1, cpu=100 * (ROOM if small else 1000), memory=10**9, os="linux", pull=1e12, places=1000),
        )
        return replace(found, study=replace(found.study, warm_up=begins))

    def _sync_phase(self) -> int:
        """ns by which the HPA's looks lie behind those at 0 s, 15 s …: the phase of its own, as its events have it."""
        seen = [at for at, thing, *_ in self._recording["events"] if thing.startswith("HPA")]
        return round(min((at % 15.0 for at in seen), default=0.0) * SECOND)

    def _measured(self) -> dict[str, Metric]:
        """What the file says that pods use, shared by all that are ready; the first ones may have no metric."""
        now = int(self._scene.clock.now)
        ready = [pod for pod in self._scene.cluster.fleets[STABLE].pods.values() if pod.ready and not pod.deleted]
        usage = self._recording["usage"]
        each = _value_at(usage["cpu total"], now) / max(1, len(ready))
        missing = int(_value_at(usage.get("missing", [[-99, 0]]), now))
        found = {pod.name: Metric(round(each), now, 10 * SECOND) for pod in ready[missing:]}
        self._events.append((max(0, now) / SECOND, "HPA app", "cpu utilisation", None, round(each)))
        return found

    def _strategy(self) -> Any:
        strategy = self._spec.get("strategy", {})
        if self._is_rollout:
            return self._canary(strategy["canary"])
        if strategy.get("type") == "Recreate":
            return Recreate.model_validate({})
        room = strategy.get("rollingUpdate", {})
        surge, unavailable = room.get("maxSurge", "25%"), room.get("maxUnavailable", "25%")
        return Rolling.model_validate({"surge": surge, "unavailable": unavailable})

    def _canary(self, canary: Mapping[str, Any]) -> Any:
        """Without steps it is a rolling update; a step of ours is a weight and its pause."""
        room = {"surge": canary.get("maxSurge", "25%"), "unavailable": canary.get("maxUnavailable", "25%")}
        given = canary.get("steps", ())
        if not given:
            return Rolling.model_validate(room)
        steps = [
            {"weight": f"{one['setWeight']}%", "hold": _hold(other["pause"])}
            for one, other in zip(given[::2], given[1::2], strict=True)
        ]
        ends = "rollback" if self._spec.get("progressDeadlineAbort") else "stop"
        return BasicCanary.model_validate({**room, "steps": steps, "on_deadline": ends})

    def _stays_unready(self, pod: Pod) -> bool:
        """What the file says of a version's pods, in the order in which they are created."""
        behaves, number = self._pods[VERSIONS[pod.version]], pod.number + 1
        if self._is_not_seen_yet(pod):
            return True
        if behaves["ready-after"] == "never":
            return True
        if number % behaves.get("never-ready-every", number + 1) == 0 or number >= behaves.get(
            "never-ready-from", number + 1
        ):
            return True
        unready = behaves.get("unready-after")
        if unready is None:
            return False
        began = self._turned.get((pod.version, pod.number))
        if began is None:
            return False
        return int(self._scene.clock.now) >= began + round(unready * SECOND)

    def _is_not_seen_yet(self, pod: Pod) -> bool:
        """Of pods created together each is seen a little after the one before."""
        now, key = int(self._scene.clock.now), (pod.version, pod.number)
        if key not in self._seen_at:
            fleet = self._scene.cluster.fleets[pod.revision]
            before = sum(each.created_at == pod.created_at and each.number < pod.number for each in fleet.pods.values())
            self._seen_at[key] = (
                now + round(before * (ARGO_APART if self._is_rollout else APART) * SECOND) if now > 0 else now
            )
            self._look_at(pod, self._seen_at[key])
        return now < self._seen_at[key]

    def _look_at(self, pod: Pod, when: int) -> None:
        """The kubelet's probe sees at that moment what has become of the pod."""
        event = self._scene.clock.at(when, Rank.PROBE, pod.address)
        event.callbacks.append(lambda _: self._scene.cluster.fleets[pod.revision]._around.readiness.look(pod))

    def _do(self, action: Mapping[str, Any]) -> None:
        if action["do"] == "abort":
            self._scene.cluster.controller.stop(Detector.ON_CALL)
        else:
            self._kill(action)

    def _kill(self, action: Mapping[str, Any]) -> None:
        fleet = self._fleet(action["version"])
        for pod in [each for each in fleet.pods.values() if not each.deleted][: action["count"]]:
            fleet.replace(pod)

    def _fleet(self, version: str) -> Fleet:
        found: Fleet = self._scene.cluster.fleets[next(place for place, name in VERSIONS.items() if name == version)]
        return found

    def _note(self) -> None:
        """What can be seen after the changes of an instant."""
        if self._scene.clock.now < 0:
            return
        for place, name in VERSIONS.items():
            fleet = self._scene.cluster.fleets[place]
            if place == STABLE or fleet.created or fleet.replicas:
                self._change(f"ReplicaSet app {name}", "spec.replicas", fleet.replicas)
                if self._hpa is not None:
                    self._change("Deployment app", "spec.replicas", fleet.replicas)
                    self._change("HPA app", "desired", fleet.replicas)
                self._change(f"ReplicaSet app {name}", "available", fleet.available)
            for pod in fleet.pods.values():
                self._unready_later(pod)

    def _unready_later(self, pod: Pod) -> None:
        unready = self._pods[VERSIONS[pod.version]].get("unready-after")
        if unready is None or not pod.ready or (pod.version, pod.number) in self._turned:
            return
        self._turned[pod.version, pod.number] = int(self._scene.clock.now)
        self._look_at(pod, int(self._scene.clock.now) + round(unready * SECOND))

    def _change(self, thing: str, field: str, value: Any) -> None:
        old = self._seen.get((thing, field))
        if old != value:
            self._seen[thing, field] = value
            self._events.append((max(0, int(self._scene.clock.now)) / SECOND, thing, field, old, value))


def _value_at(steps: Sequence[Sequence[float]], now: int) -> float:
    """The value of a step function that was measured last: each 3 s."""
    return next(value for at, value in reversed(steps) if at * SECOND <= max(0, now - 3 * SECOND))


def _autoscaler(spec: Mapping[str, Any]) -> Hpa:
    """The manifest's HPA in our words."""
    target = spec["metrics"][0]["resource"]["target"]["averageUtilization"]
    written = {"min": spec["minReplicas"], "max": spec["maxReplicas"], "cpu": f"{target}%"}
    for word, ours in (("scaleUp", "up"), ("scaleDown", "down")):
        rules = spec.get("behavior", {}).get(word)
        if rules is not None:
            written[ours] = _pace(rules)
    return Hpa.model_validate(written)


def _pace(rules: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "stabilizationWindowSeconds" in rules:
        found["window"] = f"{rules['stabilizationWindowSeconds']}s"
    if "selectPolicy" in rules:
        found["select"] = rules["selectPolicy"].lower()
    if "policies" in rules:
        found["policies"] = [
            {
                "percent" if each["type"] == "Percent" else "pods": each["value"],
                "per": f"{each['periodSeconds']}s",
            }
            for each in rules["policies"]
        ]
    return found


def _hold(pause: Mapping[str, Any] | None) -> str:
    """A pause without an end lasts beyond every recording."""
    lasts = (pause or {}).get("duration", "24h")
    return f"{lasts}s" if isinstance(lasts, int) else str(lasts)


def _ready_after(pod: Mapping[str, Any], lag: float) -> Deterministic:
    after = pod["ready-after"]
    return Deterministic(value=float((DAY // SECOND if after == "never" else after + lag) * SECOND))
