"""A pod template as the kubelet and the scheduler take it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sim.exchange.fields import Field
from sim.exchange.kubernetes_units import byte_count, millicores

SECOND = 10**9
GRACE = 30 * SECOND
_SLEEP = re.compile(r"(?:^|[\s;&|])sleep\s+([0-9]+(?:\.[0-9]+)?)(s|m)?(?=$|[\s;&|])")


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod; ``init`` where it runs to its end before the others, ``sidecar`` where it stays."""

    field: Field
    init: bool = False
    sidecar: bool = False

    @property
    def name(self) -> str:
        """As it is called."""
        return self.field["name"].text() or "app"

    def probe(self, which: str) -> Field:
        """``readiness``, ``liveness`` or ``startup``."""
        return self.field[f"{which}Probe"]

    def request(self, resource: str) -> tuple[int | None, Field]:
        """What the scheduler counts, in thousandths of a core or bytes, and where it stands; None where nothing does.

        A limit without a request is the request (Kubernetes, defaulting of resources).
        """
        requested, limit = (self.field.at("resources", each, resource) for each in ("requests", "limits"))
        place = requested if requested.there or not limit.there else limit
        written = place.text()
        read = millicores if resource == "cpu" else byte_count
        amount = None if written is None else read(written)
        if written is not None and amount is None:
            place.expected("a quantity as 500m or 512Mi")
        return amount, place

    def pre_stop(self) -> tuple[int | None, Field]:
        """How long its preStop hook takes, ns, and where it stands; None where there is one that does not say."""
        hook = self.field.at("lifecycle", "preStop")
        if not hook.there:
            return 0, hook
        if hook["sleep"].there:
            place = hook.at("sleep", "seconds")
            return place.seconds(), place
        return slept([each.text() or "" for each in hook.at("exec", "command").items()]), hook

    def pulls(self) -> str:
        """When a node pulls its image: as written, else ``Always`` for a moving tag."""
        written = self.field["imagePullPolicy"].text()
        if written in ("Always", "IfNotPresent", "Never"):
            return written
        image = self.field["image"].text() or ""
        _, _, tag = image.rpartition("/")[2].partition(":")
        return "Always" if "@" not in image and tag in ("", "latest") else "IfNotPresent"


def slept(command: list[str]) -> int | None:
    """Nanoseconds that a command sleeps, of all its sleeps together; None where it does something else only.

    >>> slept(["sleep", "5"]), slept(["/bin/sh", "-c", "sleep 10; nginx -s quit"]), slept(["/stop.sh"])
    (5000000000, 10000000000, None)
    """
    found = _SLEEP.findall(" ".join(command))
    if not found:
        return None
    return sum(round(float(number) * SECOND * (60 if unit == "m" else 1)) for number, unit in found)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template."""

    field: Field

    @property
    def spec(self) -> Field:
        """The pod's ``spec``."""
        return self.field["spec"]

    @property
    def labels(self) -> dict[str, str]:
        """What Services and budgets select it by."""
        return self.field.at("metadata", "labels").labels()

    @property
    def there(self) -> bool:
        """Whether the template has any container."""
        return bool(self.spec["containers"].data)

    def containers(self) -> Iterator[Container]:
        """Init containers in their order, native sidecars among them, then the others."""
        for each in self.spec["initContainers"].items():
            stays = each["restartPolicy"].text() == "Always"
            yield Container(each, init=not stays, sidecar=stays)
        for each in self.spec["containers"].items():
            yield Container(each)

    def main(self, ports: tuple[str, ...] = ()) -> Container:
        """The container that serves: the one with the port a Service names, else with a readiness probe, else first."""
        serving = [each for each in self.containers() if not each.init and not each.sidecar]
        by_port = [each for each in serving if _ports(each) & set(ports)]
        probed = [each for each in serving if each.probe("readiness").there]
        found = by_port or probed or serving
        return found[0] if found else Container(self.spec["containers"][0])

    def requested(self) -> tuple[int, int]:
        """What it requests: thousandths of a core and bytes, of all containers that run together."""
        running = [each for each in self.containers() if not each.init]
        starting = [each for each in self.containers() if each.init]
        cpu, memory = (
            max(
                sum(each.request(resource)[0] or 0 for each in running),
                max((each.request(resource)[0] or 0 for each in starting), default=0),
            )
            for resource in ("cpu", "memory")
        )
        return cpu, memory

    def grace(self) -> tuple[int, Field]:
        """Time from deletion to SIGKILL, ns."""
        place = self.spec["terminationGracePeriodSeconds"]
        found = place.seconds()
        return (GRACE if found is None else found), place


def _ports(container: Container) -> set[str]:
    places = (each for port in container.field["ports"].items() for each in (port["containerPort"], port["name"]))
    return {place.text() or "" for place in places}


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe and what the kubelet takes where nothing is written."""

    field: Field

    def value(self, key: str, otherwise: int) -> int:
        """A whole number of it."""
        found = self.field[key].whole()
        return otherwise if found is None else found

    @property
    def every(self) -> int:
        """Seconds between two probes."""
        return self.value("periodSeconds", 10) or 10

    @property
    def failures(self) -> int:
        """Failures in a row that count."""
        return self.value("failureThreshold", 3) or 3

    @property
    def delay(self) -> int:
        """Seconds until the first."""
        return self.value("initialDelaySeconds", 0)

    @property
    def timeout(self) -> int:
        """Seconds it waits for an answer."""
        return self.value("timeoutSeconds", 1) or 1
