"""The pods of one replication as somebody sees them who watches ``kubectl get pods -w``: a line per change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim.journal import Event

HEADING = ("TIME", "POD", "READY", "STATUS", "RESTARTS", "NODE")
_STATUS = {
    "pulling images": "ContainerCreating",
    "initialising": "Init",
    "starting": "Running",
    "serving": "Running",
    "lost with its machine": "Unknown",
    "told to go": "Terminating",
    "gone": "Gone",
}
"""What the journal says of a pod, in the words of ``kubectl``."""
_BEGINS = {
    "pending": "Pending",
    "scheduled to node": "ContainerCreating",
    "ErrImage": "ErrImagePull",
    "ImagePullBackOff": "ImagePullBackOff",
    "crashed": "Error",
    "is killed": "Killing",
    "the container has exited": "Completed",
    "FailedCreate": "FailedCreate",
}


@dataclass(slots=True)
class Row:
    """One pod as it is shown."""

    name: str
    ready: bool = False
    status: str = "Running"  # of those that served before the release
    restarts: int = 0
    node: str = "-"

    def hears(self, what: str) -> bool:
        """Take in what the journal tells of the pod; whether it changes what is shown."""
        before = (self.ready, self.status, self.restarts, self.node)
        if what in ("ready", "not ready"):
            self.ready = what == "ready"
        elif what in ("starting", "serving") and self.status in ("Error", "Completed", "CrashLoopBackOff"):
            self.restarts, self.status = self.restarts + 1, "Running"
        elif "CrashLoopBackOff" in what:
            self.status = "CrashLoopBackOff"
        else:
            self.status = _STATUS.get(what) or next(
                (status for begin, status in _BEGINS.items() if what.startswith(begin)), self.status
            )
        if what.startswith("scheduled to node"):
            self.node = what.rsplit(" ", maxsplit=1)[1]
        if self.status in ("Gone", "Error", "Completed", "Unknown"):
            self.ready = False
        return before != (self.ready, self.status, self.restarts, self.node)

    def cells(self) -> tuple[str, ...]:
        """In the order of the heading, without the time."""
        if self.status == "FailedCreate":
            return (self.name, "-", self.status, "-", "-")
        return (self.name, "1/1" if self.ready else "0/1", self.status, str(self.restarts), self.node)


def watched(events: Iterable[Event]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each change of a pod: when (ns), and its row from then on.

    >>> story = [Event(at=5, kind="pod", who="new/0", what=what) for what in ("scheduled to node 2", "ready")]
    >>> [cells for _, cells in watched(story)]
    [('new/0', '0/1', 'ContainerCreating', '0', '2'), ('new/0', '1/1', 'ContainerCreating', '0', '2')]
    """
    rows: dict[str, Row] = {}
    for event in events:
        if event.kind in ("pod", "fleet"):
            row = rows.setdefault(event.who, Row(event.who, ready=event.who.startswith("stable")))
            if row.hears(event.what):
                yield event.at, row.cells()
