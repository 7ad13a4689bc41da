"""The containers of a pod: what they ask of a node, which images they need, and how long they take to come up.

Init containers run to their end and sidecars start, one after another in the order written, each when the one before it
has ended or started; then all app containers together. The pod can serve when the slowest of those has started. A
sidecar without a startup probe holds up nobody, and comes up beside the apps. The first app container is the one a
defect lives in: when it crashes, it alone is started anew.

In Kubernetes 1.28 sidecars are ordinary containers: they start with the apps, and get their SIGTERM when the pod is
told to go, as the apps' preStop begins; the first to end takes the way in and out of the pod with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.cluster.grace import LEAST
from sim.draws import Key, Purpose, draw
from sim.scenario.model.service import pod_request
from sim.scenario.resolved import Container
from sim.versions import STABLE

_PLACES = 64
"""Room for containers in the address of a pod's luck: nth = incarnation * 64 + container."""


class Request(NamedTuple):
    """What a pod reserves on its node."""

    cpu: int  # millicores
    memory: int  # bytes


class Image(NamedTuple):
    """An image, as a node's cache knows it."""

    name: str
    size: int  # bytes
    version: int
    shared: int = 0  # of them in layers that the stable version's image has too

    def missing(self, there: Iterable[Image]) -> int:
        """Bytes to pull onto a node with these images; layers are pulled once.

        >>> old, new = Image("app", 100, version=0), Image("app", 120, version=1, shared=90)
        >>> new.missing([old]), new.missing([])
        (30, 120)
        """
        has_base = any(image.name == self.name and image.version != self.version for image in there)
        return max(0, self.size - self.shared) if has_base else self.size


def request_of(containers: Sequence[Container]) -> Request:
    """What runs together is summed; more counts while an init container runs, beside the sidecars before it."""
    return Request(
        cpu=pod_request([(each.cpu, each.init, each.sidecar) for each in containers]),
        memory=pod_request([(each.memory, each.init, each.sidecar) for each in containers]),
    )


def images_of(containers: Sequence[Container], version: int) -> tuple[Image, ...]:
    """The images to pull, in order. A release builds its apps anew; init and sidecar images are those of before."""
    return tuple(
        Image(each.name, each.image, version if is_app(each) else STABLE, each.shared if is_app(each) else 0)
        for each in containers
    )


def is_app(container: Container) -> bool:
    """Neither init container nor sidecar."""
    return not container.init and not container.sidecar


def preparation_time(key: Key, containers: Sequence[Container], pod: int, *, native: bool = True) -> int:
    """From images pulled to the start of the apps, ns: init containers and sidecars, one after another.

    ``native``: sidecars start before the apps.
    """
    total = 0
    for place, each in enumerate(containers):
        if each.init:
            total += _start(key, Purpose.INIT, each, pod, place)
        elif native and each.sidecar and each.probed:
            total += _start(key, Purpose.POD_START, each, pod, place)
    return total


def start_time(key: Key, containers: Sequence[Container], pod: int, incarnation: int, *, native: bool = True) -> int:
    """From process start to able to serve, ns: the slowest app; after a crash the first app alone.

    Sidecars that hold up nobody come up beside the apps, and nothing can serve before they have.
    """
    apps = [place for place, each in enumerate(containers) if is_app(each)]
    beside = [
        place
        for place, each in enumerate(containers)
        if each.sidecar and not each.init and not (native and each.probed)
    ]
    started = apps + beside if incarnation == 0 else apps[:1]
    nth = incarnation * _PLACES
    times = (_start(key, Purpose.POD_START, containers[place], pod, nth + place) for place in started)
    return max(times, default=0)


def sidecars_end(containers: Sequence[Container], apps_ended: int, deadline: int) -> int:
    """When the last native sidecar has ended, ns: in reverse order, each after the one before, in one grace for all.

    ``deadline`` is the end of the pod's grace; who is left then has two seconds from its SIGTERM (KEP-753).

    >>> from sim.cluster.grace import SECOND
    >>> mesh = Container(name="mesh", image=0, cpu=0, memory=0, start=None, sidecar=True, init=False, stop=5 * SECOND)
    >>> [sidecars_end([mesh, mesh], end * SECOND, 30 * SECOND) // SECOND for end in (10, 22, 26, 30)]
    [20, 30, 32, 32]
    """
    left = [each.stop for each in containers if each.sidecar and not each.init]
    now = apps_ended
    while left and now < deadline:
        now = min(now + left.pop(), deadline)
    return now + max((min(stop, LEAST) for stop in left), default=0)


def first_sidecar_end(containers: Sequence[Container]) -> int | None:
    """How long after its SIGTERM the first sidecar is gone, ns; None without one."""
    return min((each.stop for each in containers if each.sidecar and not each.init), default=None)


def _start(key: Key, purpose: Purpose, container: Container, pod: int, nth: int) -> int:
    """A start-up time looked up at its address, ns; ``pod`` is the pod's address."""
    drawn: float = container.start.quantile(draw(key, purpose, pod, nth)[0])
    return max(0, round(drawn))
