"""What proxies and clients remember of earlier attempts: ejected pods, held connections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.quantities import Count, Duration, Share, default
from sim.scenario.model.parts import DurationOrNone, Part

LongerThanNothing = Annotated[Duration, Field(gt=0)]


class Outliers(Part):
    """Outlier ejection, as Envoy and Istio do it."""

    after: Annotated[Count, Field(ge=1)] = default(5, origin="Envoy: consecutive_5xx", trust="high")
    eject_for: LongerThanNothing = default("30s", origin="Envoy: base_ejection_time, times how often", trust="high")
    most: Share = default("10%", origin="Envoy: max_ejection_percent, of the pods a proxy knows", trust="high")
    panic: Share = default("50%", origin="Envoy: healthy_panic_threshold; below it all pods are used", trust="high")


class Connections(Part):
    """Connections that clients hold open through a balancer of layer 4, which balances a connection once."""

    idle: LongerThanNothing = default("60s", origin="as an AWS load balancer keeps them", trust="low")
    age: DurationOrNone = default("none", origin="no server limits how old a connection may get", trust="medium")
