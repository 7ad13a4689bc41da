"""What is measured of one replication, and by which definition. The definitions are law.

:func:`sim.measures.measuring.measure` gives the gross figures, :func:`sim.measures.twin.net` joins them
with the twin's: the replication with the same luck and weather and no release. :data:`MEASURES` says of every figure
what it means. Counts are of requests (a user's intention, its retries included), booked at their intended arrival from
t = 0 to the horizon; those under way at t = 0 are booked when they end. What happens after the horizon has not
happened. Times are in seconds, ``inf`` where something never came.
"""

from __future__ import annotations

from sim.measures.catalogue import MEASURES, Measure, measure_named

__all__ = ["MEASURES", "Measure", "measure_named"]
