"""One server for the tests that only look; its worker compiles once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asking import Client, client_of, served, small_folder

from sim.serve.app import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    made = served(small_folder(folder / "scenarios"), results=folder / "results")
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(server: Server) -> Client:
    return client_of(server)
