"""Who tries a stream's failed requests again, and how long each of them waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from sim.outcomes import Outcome


class Asking(Protocol):
    """A stream, as written or resolved."""

    @property
    def timeout(self) -> int:
        """ns, 0: none."""

    @property
    def retries(self) -> Any:
        """A kind of ``sim/retries``, or a tuple of them."""


class Waits(NamedTuple):
    """How long is waited, in ns; 0 is for ever."""

    attempt: int  # for one try, by whoever makes it
    call: int  # by the client, for all tries of its proxy together
    request: int  # by the client in all


def retriers_of(stream: Asking) -> tuple[Any, ...]:
    """The client's retries, the proxy's, or both."""
    return stream.retries if isinstance(stream.retries, tuple) else (stream.retries,)


def waits_of(stream: Asking) -> Waits:
    """How long is waited for a try, for a call of the client, and for the request.

    The client waits ``timeout`` for each of its calls; where its retries say ``per_try`` that is the wait for each, and
    ``timeout`` the wait for all of them. A proxy's tries all happen within one call of its client.

    >>> from types import SimpleNamespace
    >>> from sim.retries.backoff import Backoff
    >>> client, proxy = Backoff(max=2), Backoff(by="proxy", max=2, per_try="400ms")
    >>> second = 10**9
    >>> [wait / second for wait in waits_of(SimpleNamespace(timeout=second, retries=client))]
    [1.0, 0.0, 0.0]
    >>> [wait / second for wait in waits_of(SimpleNamespace(timeout=second, retries=(client, proxy)))]
    [0.4, 1.0, 0.0]
    >>> client = Backoff(max=2, per_try="300ms")
    >>> [wait / second for wait in waits_of(SimpleNamespace(timeout=second, retries=client))]
    [0.3, 0.0, 1.0]
    """
    client = next((each for each in retriers_of(stream) if not each.is_proxy()), None)
    proxy = next((each for each in retriers_of(stream) if each.is_proxy()), None)
    per_call = client.wait_per_try() if client is not None else 0
    call, request = (per_call, stream.timeout) if per_call else (stream.timeout, 0)
    if proxy is None:
        return Waits(attempt=call, call=0, request=request)
    return Waits(attempt=proxy.wait_per_try(), call=call, request=request)


def most_attempts(stream: Asking) -> int:
    """The most attempts one request can come to: those of the client times those of its proxy."""
    most = 1
    for each in retriers_of(stream):
        most *= 1 + each.tries()
    return most


def retries_errors(streams: Mapping[str, Asking]) -> list[str]:
    """The streams of which somebody tries again after a bad answer."""
    return [
        name
        for name, stream in streams.items()
        if any(each.tries() > 0 and (each.outcomes() >> Outcome.ERROR) & 1 for each in retriers_of(stream))
    ]
