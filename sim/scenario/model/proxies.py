"""What proxies and clients remember of earlier attempts: ejected pods, held connections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.allowed import counting
from sim.quantities import Count, Duration, Share, default
from sim.scenario.model.parts import DurationOrNone, Part

LongerThanNothing = Annotated[Duration, Field(gt=0)]


class Outliers(Part):
    """Outlier ejection, as Envoy and Istio do it."""

    after: Annotated[Count, Field(ge=1), counting(1, 1_000_000, "beyond it nothing is ever ejected")] = default(
        5,
        origin="Envoy: consecutive_5xx",
        trust="high",
        means="errors in a row after which a proxy ejects a pod (consecutive_5xx)",
    )
    eject_for: LongerThanNothing = default(
        "30s",
        origin="Envoy: base_ejection_time, times how often",
        trust="high",
        means="how long a pod is ejected the first time; twice as long the second time, and so on (base_ejection_time)",
    )
    most: Share = default(
        "10%",
        origin="Envoy: max_ejection_percent, of the pods a proxy knows",
        trust="high",
        means="largest share of the pods that a proxy may eject (max_ejection_percent)",
    )
    panic: Share = default(
        "50%",
        origin="Envoy: healthy_panic_threshold; below it all pods are used",
        trust="high",
        means="share of pods left below which a proxy uses all of them again (healthy_panic_threshold)",
    )


class Connections(Part):
    """Connections that clients hold open through a balancer of layer 4, which balances a connection once."""

    idle: LongerThanNothing = default(
        "60s",
        origin="as an AWS load balancer keeps them",
        trust="low",
        means="how long a connection without a request stays open",
    )
    age: DurationOrNone = default(
        "none",
        origin="no server limits how old a connection may get",
        trust="medium",
        means="longest life of a connection; none sets no limit",
    )
