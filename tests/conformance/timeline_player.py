"""Plays a recording's rollout in the cluster that ``rollrisk run`` plays: its inputs in, the changes of each field out.

From the recording come the manifests as applied, how pods of each version behave on their (simulated) nodes, what was
done when, and where the clock had its full seconds; nothing else of what was seen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.cluster.fleet import Fleet
from sim.cluster.pod import Pod
from sim.journal import Milestone
from sim.laws.deterministic import Deterministic
from sim.scenario.resolved import Nodes, Probe, Quota, Shutdown
from sim.steps import Decision
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling
from sim.units import DAY, MILLISECOND, SECOND
from sim.versions import NEW, STABLE
from sim.world import Rank

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import Scene, container, scenario, service

ROOM = 11
"""Pods of 100 millicores on a node of the pool ``small``; every other node has room for all."""
LAG = 0.1
"""Seconds that scheduler, kubelet and the watches of the recorded machine take beside what the file says of a pod."""
APART = 0.05
"""Seconds between pods that were created together: the recorded machine binds, starts and sees them one by one."""
BY_HAND = 0
VERSIONS = {STABLE: "v1", NEW: "v2"}
DONE = frozenset(["release", "kill pods"])
"""What may be done in a file for the cluster to play it."""


def cannot_play(recording: Mapping[str, Any]) -> str:
    """Why a recording is not played yet, by what it asks for; empty where it is."""
    if recording["controller"] != "Deployment":
        return f"{recording['controller']} is not played yet"
    for action in recording["actions"]:
        if action["do"] not in DONE:
            return f"a Deployment's {action['do']} is not played yet"
    releases = [each["version"] for each in recording["actions"] if each["do"] == "release"]
    if releases != ["v2"]:
        return "a release over another is not played yet"
    return ""


def played(recording: Mapping[str, Any]) -> list[tuple[float, str, str, Any, Any]]:
    """The changes, in order: [second, thing, field, old, new]."""
    return _Play(recording).events()


class _Play:
    """One recording at play."""

    def __init__(self, recording: Mapping[str, Any]) -> None:
        self._recording = recording
        self._spec = next(each["spec"] for each in recording["objects"] if each["kind"] == "Deployment")
        self._pods: Mapping[str, Mapping[str, Any]] = recording["pods"]
        self._scene = Scene(self._scenario(), strategy=self._strategy())
        self._turned: dict[tuple[int, int], int] = {}
        self._seen_at: dict[tuple[int, int], int] = {}
        self._seen: dict[tuple[str, str], Any] = {
            (thing, field): value for thing, fields in recording["start"].items() for field, value in fields.items()
        }
        self._events: list[tuple[float, str, str, Any, Any]] = []
        cluster: Any = self._scene.cluster
        cluster.effects.never_ready = self._stays_unready
        cluster.availability.full_second = round(recording["full second"] * SECOND)
        look = cluster._look

        def look_and_note() -> None:
            look()
            self._note()

        cluster._look = look_and_note

    def events(self) -> list[tuple[float, str, str, Any, Any]]:
        for action in self._recording["actions"]:
            if action["do"] == "kill pods":
                event = self._scene.clock.at(round(action["at"] * SECOND), Rank.CONTROLLER, BY_HAND)
                event.callbacks.append(lambda _, action=action: self._kill(action))
        self._scene.play(0)
        self._change("Deployment app", "image", "v2")
        self._change("Deployment app", "condition Progressing", "True ReplicaSetUpdated")
        self._scene.play(round(self._recording["until"] * SECOND))
        self._events += self._deadlines()
        return sorted(self._events, key=lambda each: each[0])

    def _deadlines(self) -> list[tuple[float, str, str, Any, Any]]:
        """What the controller says by itself, though no pod changes."""
        journal, field = self._scene.journal, ("Deployment app", "condition Progressing")
        told = [each.at / SECOND for each in journal.events if each.what.startswith("no progress for")]
        found: list[tuple[float, str, str, Any, Any]] = [
            (at, *field, "True ReplicaSetUpdated", "False ProgressDeadlineExceeded") for at in told
        ]
        if journal.decision is Decision.PROMOTED:
            at = journal.milestones[Milestone.DECIDED] / SECOND
            found.append((at, *field, "True ReplicaSetUpdated", "True NewReplicaSetAvailable"))
        return found

    def _scenario(self) -> Any:
        spec, small = self._spec, "nodeSelector" in self._spec["template"]["spec"]
        quotas = [each["spec"]["hard"] for each in self._recording["objects"] if each["kind"] == "ResourceQuota"]
        old, new = (container(start=_ready_after(self._pods[VERSIONS[each]])) for each in (STABLE, NEW))
        return scenario(
            running=service(
                spec["replicas"],
                containers=(old,),
                readiness=Probe(every=10 * MILLISECOND, failures=1, successes=1),
                shutdown=Shutdown(pre_stop=round((self._pods["v1"]["stop-after"] + LAG) * SECOND), grace=30 * SECOND),
                min_ready=spec.get("minReadySeconds", 0) * SECOND,
                progress_deadline=spec.get("progressDeadlineSeconds", 600) * SECOND,
                quota=Quota(pods=int(quotas[0]["pods"])) if quotas else Quota(),
            ),
            new=(new,),
            nodes=Nodes(count=1, cpu=100 * (ROOM if small else 1000), memory=10**9, os="linux", pull=1e12, places=1000),
        )

    def _strategy(self) -> Any:
        strategy = self._spec.get("strategy", {})
        if strategy.get("type") == "Recreate":
            return Recreate.model_validate({})
        room = strategy.get("rollingUpdate", {})
        surge, unavailable = room.get("maxSurge", "25%"), room.get("maxUnavailable", "25%")
        return Rolling.model_validate({"surge": surge, "unavailable": unavailable})

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
            self._seen_at[key] = now + round(before * APART * SECOND) if now > 0 else now
            self._look_at(pod, self._seen_at[key])
        return now < self._seen_at[key]

    def _look_at(self, pod: Pod, when: int) -> None:
        """The kubelet's probe sees at that moment what has become of the pod."""
        event = self._scene.clock.at(when, Rank.PROBE, pod.address)
        event.callbacks.append(lambda _: self._scene.cluster.fleets[pod.revision]._around.readiness.look(pod))

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


def _ready_after(pod: Mapping[str, Any]) -> Deterministic:
    after = pod["ready-after"]
    return Deterministic(value=float((DAY // SECOND if after == "never" else after + LAG) * SECOND))
