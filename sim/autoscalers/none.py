"""Nobody changes the size."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.doors import Kind


class NoAutoscaler(Kind):
    """No autoscaler: the service keeps the size it has."""

    kind: Literal["none"] = "none"
    example: ClassVar[dict[str, Any]] = {"kind": "none"}
