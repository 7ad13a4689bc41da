"""Asks an application in this process, header by header as they are given: no client that would tidy them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import cli_files

from sim.serve.app import Server
from sim.serve.guards import App
from sim.serve.library import Library
from sim.serve.player import Player
from sim.serve.running import OWN_NAMES
from sim.serve.studies import Studies

HOST = "127.0.0.1:8000"
HANGS_UP = object()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Client:
    """Without a browser's kindness: paths and headers go as written."""

    app: App

    def get(self, address: str, **headers: str) -> Answer:
        return asyncio.run(self.ask("GET", address, headers))

    def post(self, address: str, body: str, **headers: str) -> Answer:
        given = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"} | headers
        return asyncio.run(
            self.ask("POST", address, {"content-length": str(len(body.encode()))} | given, body.encode())
        )

    def follow(self, address: str) -> Answer:
        found = self.get(address)
        while found.status == 303:
            found = self.get(found.headers["location"])
        return found

    async def ask(
        self,
        method: str,
        address: str,
        headers: dict[str, str],
        body: bytes = b"",
        gone: Callable[[], bool] = lambda: False,
    ) -> Answer:
        path, _, query = address.partition("?")
        named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
            "path": unquote_to_bytes(path).decode(errors="replace"), "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items() if value is not None],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
        }  # fmt: skip
        sent: list[Any] = []
        given = False

        async def receive() -> Any:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": body, "more_body": False}
            while not gone():
                await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(each.get("body", b"") for each in sent[1:]))


def small_folder(folder: Path) -> Path:
    """A folder with one small scenario in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.yaml").write_text(cli_files.SMALL)
    return folder


def served(*places: Path, results: Path, workers: int = 1) -> Server:
    return Server(Library.of(places), Player(workers), Studies(results, workers))


def client_of(server: Server, *, exposed: bool = False) -> Client:
    return Client(server.application(OWN_NAMES, exposed=exposed))
