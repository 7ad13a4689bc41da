"""The containers of a pod: what they ask of a node, which images they need, and how long they take to come up.

Init containers run to their end, one after another; then sidecars start in their order, each when the one before it has
started; then all app containers together. The pod can serve when the slowest of those has started. The first app
container is the one a defect lives in: when it crashes, it alone is started anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.draws import Key, Purpose, draw
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
    """Kubernetes' rule: what runs together is summed; a larger init container counts instead, as it runs before."""
    together = [each for each in containers if not each.init]
    first = [each for each in containers if each.init]
    return Request(
        cpu=max([sum(each.cpu for each in together), *(each.cpu for each in first)]),
        memory=max([sum(each.memory for each in together), *(each.memory for each in first)]),
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


def preparation_time(key: Key, containers: Sequence[Container], pod: int) -> int:
    """From images pulled to the start of the apps, ns: init containers and sidecars, one after another."""
    inits = [place for place, each in enumerate(containers) if each.init]
    sidecars = [place for place, each in enumerate(containers) if each.sidecar and not each.init]
    runs = sum(_start(key, Purpose.INIT, containers[place], pod, place) for place in inits)
    return runs + sum(_start(key, Purpose.POD_START, containers[place], pod, place) for place in sidecars)


def start_time(key: Key, containers: Sequence[Container], pod: int, incarnation: int) -> int:
    """From process start to able to serve, ns: the slowest app; after a crash the first app alone."""
    apps = [place for place, each in enumerate(containers) if is_app(each)]
    started = apps if incarnation == 0 else apps[:1]
    nth = incarnation * _PLACES
    times = (_start(key, Purpose.POD_START, containers[place], pod, nth + place) for place in started)
    return max(times, default=0)


def _start(key: Key, purpose: Purpose, container: Container, pod: int, nth: int) -> int:
    """A start-up time looked up at its address, ns; ``pod`` is the pod's address."""
    drawn: float = container.start.quantile(draw(key, purpose, pod, nth)[0])
    return max(0, round(drawn))
