"""Who may ask: the browser on this machine, from this page, at a name that is ours.

A page on the internet can make a visitor's browser send requests to ``127.0.0.1``, and can make its own name point
there (DNS rebinding). Both are refused before anything is read: by the Host header, by the Origin of what would change
something, and by what the browser says of where a request comes from.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

AT_ONCE = 64
"""Requests under way beyond which more are turned away."""
LONGEST_ADDRESS = 8_000
LARGEST_BODY = 16_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Around the whole application. ``names`` are the host names it answers to; with ``exposed`` any address, too."""

    def __init__(self, app: App, names: frozenset[str], *, exposed: bool = False) -> None:
        self._app, self._names, self._exposed = app, names, exposed
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers every answer bears."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        refused = self._busy() or self._refusal(scope, headers)
        if refused is not None:
            await _answer(send, *refused)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, _with_headers(send))
        finally:
            self._under_way -= 1

    def _busy(self) -> tuple[int, str] | None:
        return (503, "Too much is asked at once; ask again in a while.") if self._under_way >= AT_ONCE else None

    def _refusal(self, scope: Scope, headers: dict[str, list[str]]) -> tuple[int, str] | None:
        hosts = headers.get("host", [])
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return 421, "This page answers only at the address it was started with."
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return 414, "The address is too long."
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "Only GET and POST are answered."
        if scope["method"] == "POST":
            return _of_post(headers, hosts[0])
        site, mode = headers.get("sec-fetch-site", ["none"])[0], headers.get("sec-fetch-mode", ["navigate"])[0]
        destination = headers.get("sec-fetch-dest", ["document"])[0]
        if site in ("cross-site", "same-site") and (mode, destination) != ("navigate", "document"):
            return 403, "Another site may link to this page, but not load anything from it."
        return None

    def _is_ours(self, host: str) -> bool:
        name = host_name(host)
        if name is None:
            return False
        return name in self._names or (self._exposed and _is_address(name))


def host_name(host: str) -> str | None:
    """The name in a Host header without its port; None for what is none.

    >>> host_name("localhost:8000"), host_name("[::1]:8000"), host_name("127.0.0.1"), host_name("a b")
    ('localhost', '::1', '127.0.0.1', None)
    """
    if host.startswith("["):
        name, closed, port = host[1:].partition("]")
        port = port.removeprefix(":") if closed else "?"
    else:
        name, _, port = host.partition(":")
    if (port and not (port.isascii() and port.isdecimal())) or not name or not name.isascii():
        return None
    plain = name.replace("-", "").replace(".", "").replace(":", "").replace("_", "")
    return name.lower().rstrip(".") if plain.isalnum() else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _of_post(headers: dict[str, list[str]], host: str) -> tuple[int, str] | None:
    if headers.get("origin") != [f"http://{host}"]:
        return 403, "Only this page itself may send something here."
    kind = headers.get("content-type", [""])[0].partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        return 415, "Only a form is read here."
    length = headers.get("content-length", ["?"])[0]
    if not length.isdecimal() or int(length[:9]) > LARGEST_BODY:
        return 413, "This is more than a form of this page sends."
    return None


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, words: str) -> None:
    body = words.encode() + b"\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    sending = _with_headers(send)
    await sending({"type": "http.response.start", "status": status, "headers": headers})
    await sending({"type": "http.response.body", "body": body})
