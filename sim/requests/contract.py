"""What a request engine is: the contract between the request plane and everything else.

Both engines read and write the columns of :mod:`sim.world`, add to the ledger and to telemetry, and agree bit for bit.
The world's columns may be replaced by wider ones between calls, so an engine takes them afresh on each call.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sim.world import Reason


class Stop(NamedTuple):
    """Where the request plane stands, and why it came back."""

    at: int
    reason: Reason
    pod: int = -1


class RequestEngine(Protocol):
    """Plays requests up to a moment."""

    def advance(self, until: int) -> Stop:
        """Play every request event strictly before ``until``, or up to the first that the cluster must hear of."""

    def reset(self, pod: int, now: int) -> None:
        """The pod's process died: every attempt in its slots and queue ends as lost, at this instant.

        The caller has already set ``answers`` so that no new attempt gets in.
        """

    def silence(self, pod: int, now: int) -> None:
        """The pod's machine is gone: nothing answers any more, every client in it waits until it gives up.

        The caller has already set ``answers`` to SILENT. Clients without a timeout, or with one of more than a minute,
        give up a minute from now.
        """
