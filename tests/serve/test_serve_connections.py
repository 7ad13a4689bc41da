"""A connection that says nothing, or says it slowly, or has many kin, keeps nobody from the page."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from asking import client_of, served, small_folder

from sim.serve import guards
from sim.serve.connections import Bounded
from sim.serve.running import bound

WHOLE = b"GET /static/whatif.css HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n"
POST = b"POST /studies HTTP/1.1\r\nHost: %b\r\nOrigin: http://%b\r\nContent-Length: 9\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"


class Few(Bounded):
    """As the page's own, with less of everything."""

    most_open = 20
    patience = 0.5


class Patient(Few):
    """Cuts nobody for being slow."""

    patience = 500.0


@contextlib.contextmanager
def listening(folder: Path, protocol: type[Bounded]) -> Iterator[tuple[str, int]]:
    made = served(small_folder(folder / "scenarios"), results=folder / "results")
    config = uvicorn.Config(
        client_of(made).app, http=protocol, log_level="critical", access_log=False, lifespan="off", ws="none"
    )
    server, ours = uvicorn.Server(config), bound("127.0.0.1", 0)
    running = threading.Thread(target=server.run, kwargs={"sockets": [ours]})
    running.start()
    try:
        yield ours.getsockname()
    finally:
        server.should_exit = True
        running.join()
        made.close()
        ours.close()


def told(place: tuple[str, int], said: bytes) -> bytes:
    """All that is answered until the connection is closed."""
    with socket.create_connection(place, timeout=120) as line:
        line.sendall(said)
        return b"".join(iter(lambda: _heard(line), b""))


def _heard(line: socket.socket) -> bytes:
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with listening(tmp_path_factory.mktemp("hasty"), Few) as place:
        yield place


@pytest.mark.parametrize("said", [b"", WHOLE[:20], POST % (b"127.0.0.1:1", b"127.0.0.1:1") + FORM + b"name="])
def test_who_does_not_say_what_he_wants_is_cut(hasty: tuple[str, int], said: bytes) -> None:
    assert told(hasty, said) == b"", "neither answered nor waited for"


def test_who_says_it_is_answered(hasty: tuple[str, int]) -> None:
    assert told(hasty, WHOLE).startswith(b"HTTP/1.1 200")


def test_a_form_of_another_site_is_refused_before_its_body_has_come(hasty: tuple[str, int]) -> None:
    assert told(hasty, POST % (b"127.0.0.1:1", b"evil.example") + FORM).startswith(b"HTTP/1.1 403")


def test_hundreds_of_open_connections_keep_nobody_out(tmp_path: Path) -> None:
    with listening(tmp_path, Patient) as place, contextlib.ExitStack() as held:
        lines = [held.enter_context(socket.socket()) for _ in range(400)]
        for line in lines:
            line.connect(place)
        assert told(place, WHOLE).startswith(b"HTTP/1.1 200")
        cut = [line for line in lines if _is_cut(line)]
        assert len(cut) >= len(lines) - Patient.most_open


def _is_cut(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_more_at_once_than_can_be_answered_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = served(small_folder(tmp_path / "scenarios"), results=tmp_path / "results")
    monkeypatch.setattr(guards, "AT_ONCE", 3)

    async def asked() -> list[int]:
        client = client_of(server)
        found = await asyncio.gather(*(client.ask("GET", "/", {}) for _ in range(10)))
        return [each.status for each in found]

    assert sorted(set(asyncio.run(asked()))) == [303, 503]
    server.close()
