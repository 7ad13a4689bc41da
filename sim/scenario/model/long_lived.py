"""``long_lived`` of a stream: connections that stay open, such as web sockets and server-sent events."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.allowed import counting
from sim.laws import DurationLaw
from sim.quantities import Count, Duration, Share, default
from sim.scenario.model.parts import Part

MOST_TRIES = 60


class Reconnect(Part):
    """How a client makes a connection again after it was cut, or could not be made."""

    after: Duration = default(
        "1s",
        origin="a usual first wait of web socket clients",
        trust="low",
        means="wait before the first try to connect again; it doubles with every try",
    )
    cap: Duration = default("30s", origin="our choice", trust="low", means="longest wait between two tries")
    jitter: Share = default(
        "0%",
        origin="many clients draw nothing of their wait, and come back at once",
        trust="low",
        means="share of a wait that each client draws at random, which spreads those that come back",
    )
    tries: Annotated[Count, counting(0, MOST_TRIES, "the number of a try has room for so many")] = default(
        30, origin="our choice", trust="low", means="tries after the first until a client gives up"
    )


class LongLived(Part):
    """Connections that stay open: the stream's ``work`` is their handshake, and takes a slot; being open takes none."""

    length: DurationLaw = Field(description="how long a client keeps its connection, if it is not cut")
    reconnect: Reconnect = Field(
        default=Reconnect(), description="how clients make a connection again after it was cut or could not be made"
    )
