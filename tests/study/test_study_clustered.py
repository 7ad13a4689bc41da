"""A real Dask cluster on this machine: a scheduler and workers in processes of their own, killed and restarted."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest
from soak_kills import children

from sim.errors import ModelError, UsageError
from sim.study import Options, Run
from sim.study import clustered as clustering
from sim.study.clustered import DaskWorkers, play_alike
from sim.study.executors import Pooled
from sim.study.store import TABLE

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the extra dask is not installed"
)


PATIENCE = 900.0
"""Seconds: only a study that hangs is given up."""


class Cluster:
    """A scheduler and its workers."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()

    def start_scheduler(self) -> None:
        self.scheduler = _started(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"
        )

    def start_worker(self, nanny: str = "--no-nanny") -> subprocess.Popen[bytes]:
        worker = _started("distributed.cli.dask_worker", self.address, "--nthreads", "1", nanny, "--no-dashboard")
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what a nanny has started
            process.wait()


def _started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    started = Cluster()
    yield started
    started.stop()


@pytest.fixture
def strict_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Its scheduler never gives a task that killed one worker to another."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    started = Cluster()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources may be edited while tests run; that workers insist on one model has a test of its own."""
    monkeypatch.setattr(clustering, "play_alike", imagined.play_whatever_model)
    monkeypatch.setattr(clustering, "CONNECT", 300.0)  # a scheduler that is only slow is there


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    run = Run(imagined.scenario(), tmp_path_factory.mktemp("here"), Options(workers=1, replicate=imagined.WORK))
    list(run)
    return (run.folder / TABLE).read_bytes()


def study(results: Path, cluster: Cluster, *, log: Path | None = None, replicate: str = imagined.WORK) -> Run:
    scenario: Any = imagined.scenario(question=str(log)) if log else imagined.scenario()
    until = time.monotonic() + PATIENCE

    def stop() -> bool:
        return time.monotonic() > until

    return Run(scenario, results, Options(runner=DaskWorkers(cluster.address), replicate=replicate, stop=stop))


def test_a_cluster_gives_the_bytes_of_one_process(cluster: Cluster, tmp_path: Path, undisturbed: bytes) -> None:
    cluster.start_worker()
    cluster.start_worker()
    run = study(tmp_path, cluster)
    list(run)
    assert (run.folder / TABLE).read_bytes() == undisturbed


def test_a_worker_killed_and_one_that_joins_late_lose_and_double_nothing(
    cluster: Cluster, tmp_path: Path, undisturbed: bytes
) -> None:
    first = cluster.start_worker()
    run, killed = study(tmp_path, cluster, replicate="imagined_studies:replicate_slowly"), False
    for progress in run:
        if progress.played >= 20 and not killed:
            killed = True
            first.send_signal(signal.SIGKILL)
            cluster.start_worker()
    assert killed
    assert run.last is not None
    assert run.last.played == run.last.wanted
    assert (run.folder / TABLE).read_bytes() == undisturbed


@pytest.mark.verify
@pytest.mark.parametrize("whom", ["nanny", "worker of a nanny"])
def test_a_nanny_or_its_worker_killed_changes_no_byte(
    whom: str, cluster: Cluster, tmp_path: Path, undisturbed: bytes
) -> None:
    """A nanny starts its worker anew; the worker of a nanny that has died ends, and another that joins goes on."""
    nanny = cluster.start_worker("--nanny")
    run, killed = study(tmp_path, cluster, replicate="imagined_studies:replicate_slowly"), False
    for progress in run:
        if progress.played >= 20 and not killed:
            killed = True
            if whom == "nanny":
                nanny.kill()
                cluster.start_worker()
            else:
                (worker,) = children(nanny.pid)
                os.kill(worker, signal.SIGKILL)
    assert killed
    assert (run.folder / TABLE).read_bytes() == undisturbed


def test_a_scheduler_restarted_mid_study_changes_no_byte(cluster: Cluster, tmp_path: Path, undisturbed: bytes) -> None:
    cluster.start_worker()
    run, restarted = study(tmp_path, cluster, replicate="imagined_studies:replicate_slowly"), False
    for progress in run:
        if progress.played >= 20 and not restarted:
            restarted = True
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            cluster.start_scheduler()
            cluster.start_worker()
    assert restarted
    assert (run.folder / TABLE).read_bytes() == undisturbed


def test_a_replication_that_kills_every_worker_is_named_and_all_others_are_kept(
    strict_cluster: Cluster, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "kill-canary-errors-3").write_text("always")
    for _ in range(4):
        strict_cluster.start_worker()
    run = study(tmp_path, strict_cluster, log=log)
    with pytest.raises(ModelError, match="canary, case errors, index 3"):
        list(run)
    assert len(imagined.rows_in(run._store)) + len(run.table) >= 7 * 10 - 1


def test_no_scheduler_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "CONNECT", 0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    runner = DaskWorkers(f"tcp://127.0.0.1:{port}")
    run = Run(imagined.scenario(), tmp_path, Options(runner=runner, replicate=imagined.WORK))
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        list(run)


@pytest.mark.parametrize(
    "address", ["nonsense", "http://127.0.0.1:8786", "tcp://", "tcp://host", "tcp://host:99999", ""]
)
def test_what_is_no_address_is_refused_before_anything_is_dialled(address: str) -> None:
    with pytest.raises(UsageError, match="write it as tcp://host:8786"):
        DaskWorkers(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tls://a.b:1", "host:8786", "tcp://[::1]:8786"])
def test_what_dask_can_dial_is_taken(address: str) -> None:
    assert DaskWorkers(address).address == address


def test_a_worker_of_another_model_refuses_and_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="install the same version"):
        play_alike("an older one", b"")


def test_workers_that_say_nothing_for_too_long_are_left_and_their_tasks_played_elsewhere(tmp_path: Path) -> None:
    pools: list[Executor] = []

    class Silent(Executor):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            return Future()

    class Speaking(Executor):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            done: Future[Any] = Future()
            done.set_result(function(*arguments))
            return done

    class Watched(Pooled):
        def _has_workers(self) -> bool:
            return True

    def pool() -> Executor:
        pools.append(Speaking() if pools else Silent())
        return pools[-1]

    runner = Watched(pool, 2, patience=0.5)
    run = Run(imagined.scenario(), tmp_path, Options(runner=runner, replicate=imagined.WORK))
    list(run)
    assert run.last is not None
    assert run.last.played == run.last.wanted
    assert len(pools) == 2, "the silent ones were left once, and nobody after them"
