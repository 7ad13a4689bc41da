"""All measures of one replication, put together."""

from __future__ import annotations

from collections.abc import Sequence

from sim.journal import Journal
from sim.ledger import Ledger
from sim.measures.capacity import capacity
from sim.measures.connections import connections
from sim.measures.course import course
from sim.measures.downtime import down_windows, downtime
from sim.measures.exposure import exposure, latencies, tried
from sim.measures.loops import made
from sim.measures.user_uptime import user_uptime
from sim.versions import NEW


def measure(
    *,
    ledger: Ledger,
    journal: Journal,
    streams: Sequence[str],
    window: int,
    horizon: int,
    bad: bool,
    released: bool,
    per_pod_connections: int,
    connection_limit: int,
    node_count: int,
    concurrency: int,
    mean_work: Sequence[float],
    pods_per_node: int = 0,
    user_cutoff: int | None = None,
    loops: Sequence[int] = (),
    retried: bool = False,
    long_lived: Sequence[int] = (),
    long: bool = False,
) -> tuple[dict[str, float], dict[str, bytes]]:
    """The gross measures of one replication by name, and its down windows as packed bits.

    ``window`` and ``horizon`` are in ns, ``mean_work`` (per stream) too. ``released`` is false for the twin, ``bad``
    true when the release brings a defect. Where ``pods_per_node`` is 0, not known, nodes stay out of the headroom, and
    where no pod holds connections or they have no limit (0), connections do. With a ``user_cutoff`` (ns) the ledger
    must have kept a row for every request. ``loops`` are the places of the streams that are closed loops and
    ``long_lived`` of those of connections that stay open; ``long`` says that requests of some stream may be open at
    the horizon, and ``retried`` whether anybody tries failed requests again.

    The bits stand in ledger order, by ``"99"`` (whole service) or ``"99/stream"``, as :func:`numpy.packbits` packs
    them.
    """
    down = down_windows(ledger, streams)
    values = exposure(ledger, journal, streams, window, horizon)
    values |= downtime(down, window)
    values |= course(journal, int(ledger.first_served[NEW]), horizon=horizon, bad=bad, released=released)
    values["failed_per_hour_at_end"] = values["stopped_nobody"] * values["failed_per_hour_at_end"]
    values |= capacity(
        ledger,
        journal,
        window=window,
        horizon=horizon,
        concurrency=concurrency,
        mean_work=mean_work,
        pod_room=node_count * pods_per_node,
        connection_limit=connection_limit if per_pod_connections else 0,
    )
    values |= latencies(ledger, streams)
    values |= made(ledger, loops)
    values |= tried(ledger) if retried else {}
    values |= connections(ledger, [streams[place] for place in long_lived], long_lived)
    if long:
        values["open_at_horizon"] = float(ledger.open_at_end.sum())
    if user_cutoff is not None:
        record = ledger.record[: int(ledger.finished[0])]
        values |= user_uptime(record, cutoff=user_cutoff, window=window, horizon=horizon)
    return values, {key: bits.packed for key, bits in down.items()}
