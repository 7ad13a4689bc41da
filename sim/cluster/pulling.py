"""One attempt to have an image on a node: the kubelet's rule of policy, pull and back-off.

Source: the kubelet's ``images/image_manager.go``. An image that is there is taken unless the policy is Always; a pull
that fails makes the next attempts wait, 10 s first and at most 300 s, counted from the failure.
"""

from __future__ import annotations

from enum import StrEnum

from sim.cluster.backoff import KUBELET, BackOff, Pace


class PullPolicy(StrEnum):
    """``imagePullPolicy``."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


class Attempted(StrEnum):
    """What became of an attempt; the words are those ``kubectl get pods`` shows."""

    PRESENT = "present"  # taken from the node
    PULLED = "pulled"
    FAILED = "ErrImagePull"
    BACKING_OFF = "ImagePullBackOff"
    NEVER_PULLED = "ErrImageNeverPull"
    NOT_INSPECTED = "ErrImageInspect"


def attempt(
    known: BackOff,
    now: int,
    *,
    policy: PullPolicy,
    present: bool,
    pull_fails: bool,
    inspect_fails: bool = False,
    pace: Pace = KUBELET,
) -> tuple[Attempted, BackOff]:
    """What an attempt at a moment (ns) comes to, and what to remember of it.

    >>> what, known = attempt(BackOff(), 0, policy=PullPolicy.IF_NOT_PRESENT, present=False, pull_fails=True)
    >>> what.value, known.wait // 10**9
    ('ErrImagePull', 10)
    """
    if inspect_fails:
        return Attempted.NOT_INSPECTED, known
    if not _must_pull(policy, present):
        return (Attempted.PRESENT if present else Attempted.NEVER_PULLED), known
    if known.holds_since_update(now, pace):
        return Attempted.BACKING_OFF, known
    if pull_fails:
        return Attempted.FAILED, known.following(now, now, pace)
    return Attempted.PULLED, known


def _must_pull(policy: PullPolicy, present: bool) -> bool:
    return policy is PullPolicy.ALWAYS or (policy is PullPolicy.IF_NOT_PRESENT and not present)
