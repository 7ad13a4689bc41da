"""The conditions of one endpoint, as an EndpointSlice carries them.

Source: Kubernetes' ``endpointslice/utils.go``.
"""

from __future__ import annotations

from typing import NamedTuple


class Conditions(NamedTuple):
    """What proxies are told of a pod."""

    ready: bool = False
    serving: bool = False
    terminating: bool = False

    @property
    def worth_a_last_try(self) -> bool:
        """Whether a proxy that knows no ready endpoint may still send here (``ProxyTerminatingEndpoints``, 1.28)."""
        return self.serving and self.terminating


NOTHING = Conditions()
"""Of a pod that proxies are told nothing of."""


def conditions(*, pod_ready: bool, terminating: bool, publish_not_ready: bool = False) -> Conditions:
    """Serving is the pod's readiness; ready is that without termination, or always where unready pods are published.

    >>> conditions(pod_ready=True, terminating=True)
    Conditions(ready=False, serving=True, terminating=True)
    """
    return Conditions(
        ready=publish_not_ready or (pod_ready and not terminating), serving=pod_ready, terminating=terminating
    )
