"""Nobody can see anything."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import Failure, Luck, span
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class MetricsOutage(Failure):
    """Metrics outage: for a while nothing is scraped; gates, autoscalers and the person on call see no data."""

    kind: Literal["metrics_outage"] = "metrics_outage"
    example: ClassVar[dict[str, Any]] = {"kind": "metrics_outage", "lasts": "10m"}

    lasts: Duration = default(
        "10m",
        origin="until somebody has started the metrics store anew",
        trust="low",
        means="how long no metrics can be read",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """One outage."""
        start, end = span(0, self.lasts)
        return (Edit(effect=Effect.METRICS_OUT, value=1.0, start=start, end=end),)
