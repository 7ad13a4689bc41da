"""Binding and running: loopback unless told otherwise, one process, no header from a proxy believed."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from sim.serve.app import Server

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server(paths: tuple[Path, ...], results: Path, workers: int) -> Server:
    """Everything but the socket.

    Raises MissingExtra without the extra's libraries, UsageError for a path that is not there.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingExtra("the what-if page needs an extra: pip install 'rollrisk[web]'") from error
    from sim.serve.app import Server
    from sim.serve.library import Library
    from sim.serve.player import Player
    from sim.serve.studies import Studies

    return Server(Library.of(paths), Player(workers), Studies(results, workers))


def bound(host: str, port: int) -> socket.socket:
    """A socket at that address; port 0 takes any that is free. Raises UsageError where there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen at {host}, port {port}: {reason}; choose another with --port") from None
    return found


def url_of(listening: socket.socket) -> str:
    """What a browser is told."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def run(
    made: Server, listening: socket.socket, *, names: frozenset[str], exposed: bool, begun: Callable[[], None]
) -> None:
    """Answer until Ctrl-C."""
    import uvicorn

    from sim.serve.connections import Bounded

    config = uvicorn.Config(
        made.application(OWN_NAMES | names, exposed=exposed),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        http=Bounded,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=3,
    )
    begun()
    uvicorn.Server(config).run(sockets=[listening])
