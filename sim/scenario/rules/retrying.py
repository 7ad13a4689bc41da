"""Rules on who tries failed requests again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.outcomes import Outcome
from sim.scenario.document import Trail
from sim.scenario.model.written import Written
from sim.scenario.retriers import most_attempts, retriers_of, waits_of
from sim.scenario.rules.rule import Breach, Rule, reads
from sim.units import show_duration

MOST_ATTEMPTS = 63
"""Of one request: an attempt's name has room for so many."""


def _retriers(written: Written) -> Iterator[tuple[Trail, Any, Any]]:
    """Where each stands, the stream, and who tries again."""
    for name, stream in written.traffic.streams.items():
        several = isinstance(stream.retries, tuple)
        for place, retries in enumerate(retriers_of(stream)):
            here: Trail = ("traffic", "streams", name, "retries")
            yield (*here, place) if several else here, stream, retries


@reads("traffic")
def attempts_can_be_numbered(written: Written) -> Iterator[Breach]:
    """A client's tries times its proxy's."""
    for name, stream in written.traffic.streams.items():
        most = most_attempts(stream)
        if most > MOST_ATTEMPTS:
            yield (
                ("traffic", "streams", name, "retries"),
                f"one request could come to {most} attempts, for tries of client and proxy multiply; "
                f"allowed: up to {MOST_ATTEMPTS}; write a smaller max",
            )


@reads("traffic")
def a_try_is_given_up_before_the_request_is(written: Written) -> Iterator[Breach]:
    """A wait that nothing reaches is a slip."""
    for trail, stream, retries in _retriers(written):
        per_try, waits = retries.wait_per_try(), waits_of(stream)
        most, whose = (waits.call, "for one call") if retries.is_proxy() else (waits.request, "in all")
        if per_try and most and per_try > most:
            found = f"{show_duration(per_try)} is longer than the client waits {whose} ({show_duration(most)})"
            yield (*trail, "per_try"), f"{found}; write a shorter per_try, or let the client wait longer"


@reads("traffic")
def a_proxy_that_retries_timeouts_says_when(written: Written) -> Iterator[Breach]:
    """The stream's timeout is the client's; after it the proxy has nobody to answer."""
    for trail, _, retries in _retriers(written):
        on_timeout = (retries.outcomes() >> Outcome.TIMEOUT) & 1
        if retries.is_proxy() and on_timeout and not retries.wait_per_try():
            yield (
                (*trail, "on"),
                "a proxy tries again after a timeout only if it gives a try up before its client leaves; "
                "write per_try, as per_try: 400ms, or leave timeout out",
            )


@reads("traffic")
def a_proxy_that_retries_routes_each_request(written: Written) -> Iterator[Breach]:
    """A connection held to a pod passes no proxy that could send a request elsewhere."""
    if written.traffic.connections is None:
        return
    for trail, _, retries in _retriers(written):
        if retries.is_proxy():
            yield (
                (*trail, "by") if "by" in retries.model_fields_set else trail,
                "clients hold connections to pods (traffic.connections), so no proxy is there to try again; "
                "write by: client, or leave connections out",
            )


RULES: tuple[Rule, ...] = (
    attempts_can_be_numbered,
    a_try_is_given_up_before_the_request_is,
    a_proxy_that_retries_timeouts_says_when,
    a_proxy_that_retries_routes_each_request,
)
