"""The moments of a release at which something may happen to everybody."""

from __future__ import annotations

from enum import StrEnum


class Moment(StrEnum):
    """When something of the release begins; each comes once, but for ``EACH_POD``."""

    START = "start"  # the strategy's first step
    SWITCH = "before the switch"  # just before the first users are sent to the new version
    FIRST_POD = "first pod"  # the process of the first new pod starts
    EACH_POD = "each pod"  # … of every new pod, restarts included
    PROMOTION = "promotion"  # the rollout has ended well
    ROLLBACK = "rollback"  # it is being taken back
