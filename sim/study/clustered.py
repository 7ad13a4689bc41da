"""Workers of a Dask cluster, wherever they run: Kubernetes, Slurm, machines reached by SSH.

Dask plays a task again whose worker died, and gives up on one that has killed several. What it does not survive is the
loss of its scheduler, and a client that dies; both are covered here, for rows are on disk as they come and a lost task
goes back to the supply. A worker that runs another version of the model refuses to play: the bytes of a study must not
depend on where it was played.

Dask is an extra (``pip install 'rollrisk[dask]'``), here and on the workers.
"""

from __future__ import annotations

import logging
import pickle
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import TYPE_CHECKING, Any

from sim.errors import MissingExtra, UsageError
from sim.study.cells import Job
from sim.study.executors import PATIENCE, PAUSE, LostError, Pooled, Stop
from sim.study.model import model_digest
from sim.study.play import Played, Task, Work, play
from sim.study.supply import TASK_SECONDS

if TYPE_CHECKING:
    from distributed import Client

CONNECT = 30.0
"""Seconds to wait for an answer of the scheduler, each time: it may have begun a moment ago on a slow machine."""
SECONDS_PER_WORKER = 0.008
"""How much longer a task gets per worker: the scheduler needs about 4 ms for a task (measured with 2026.8), and at most
half of its time shall be taken when every worker asks."""
LONGEST_TASK = 10.0
_ADDRESS = re.compile(r"((tcp|tls|ucx|wss?)://)?[^\s/]+:(\d{1,5})/?|inproc://\S+")
"""What Dask can dial; whatever else it is given, it tries to leave again for long, with a traceback of its own."""


class DaskWorkers(Pooled):
    """Plays on the workers of the scheduler at ``address``; they may come, go and die while it plays."""

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        """Raises :class:`UsageError` for what cannot be an address."""
        found = _ADDRESS.fullmatch(address)
        if found is None or int(found[3] or 0) > 65_535:
            raise _no_address(address)
        super().__init__(self._connected, 1, strikes=1, patience=patience)
        self.address = address
        self._dask: DaskPool | None = None
        self._counted = -PAUSE

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs, as they come.

        Raises :class:`MissingExtra` without the extra, :class:`UsageError` for a scheduler that cannot be reached or a
        worker that plays another model, :class:`ModelError` for a replication that kills its workers.
        """
        self._count()
        yield from super().run(work, jobs, stop)

    def _fill(self, running: dict[Future[Played], Task], work: Work, stop: Stop) -> None:
        self._count()
        super()._fill(running, work, stop)

    def _withdraw(self, running: dict[Future[Played], Task]) -> None:
        """Nobody here knows what has begun: at most two tasks a worker are waited for, unless there is no worker."""
        if not self._has_workers():
            running.clear()

    def _comes_back(self) -> bool:
        return self._pool is not None and self._dask is not None and self._dask.is_alive

    def _has_workers(self) -> bool:
        return self._dask is not None and self._dask.workers() > 0

    def _count(self) -> None:
        """Look now and then how many workers there are: with more of them, more and longer tasks are handed out."""
        if self._pool is not None and self._dask is not None and time.monotonic() - self._counted >= PAUSE:
            self._counted = time.monotonic()
            self.workers = self._supply.workers = max(1, self._dask.workers())
            self._supply.task_seconds = min(LONGEST_TASK, max(TASK_SECONDS, SECONDS_PER_WORKER * self.workers))

    def _connected(self) -> Executor:
        try:
            self._dask = DaskPool(self.address)
        except LostError as error:
            if self._dask is None:  # it was never there: more likely a wrong address than a restart
                raise UsageError(f"{error}; is the address right, and the scheduler running?") from error
            raise
        return self._dask


class DaskPool(Executor):
    """A scheduler as an executor. A future fails with LostError when its scheduler went away, with BrokenExecutor when
    the task killed its workers."""

    def __init__(self, address: str) -> None:
        self._client = _client(address)

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Play a task on some worker. It counts as running at once: nobody here knows when it really begins."""
        assert function is play, "a cluster is asked to play and nothing else"
        promised: Future[Any] = Future()
        promised.set_running_or_notify_cancel()
        content = pickle.dumps(arguments[0])
        if not self.is_alive:
            raise LostError("the scheduler went away and does not come back")
        asked = self._client.submit(play_alike, model_digest(), content, pure=False)
        asked.add_done_callback(lambda done: _pass_on(done, promised))
        promised.asked = asked  # type: ignore[attr-defined]  # Dask forgets a task whose future nobody holds
        return promised

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler is there, or is being looked for: what is asked meanwhile reaches it later."""
        return self._client.status in ("running", "connecting")

    def workers(self) -> int:
        """How many tasks can be at work at once; 0 when there is nobody, or nobody can say."""
        if self._client.status != "running":
            return 0
        try:
            threads = self._client.sync(self._client.scheduler.ncores, callback_timeout=CONNECT)
        except Exception:
            return 0
        return sum(threads.values())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; it forgets what it was asked."""
        _close(self._client)


def play_alike(model: str, content: bytes) -> Played:
    """On the worker: play a pickled task, if this is the model it was made for.

    Raises :class:`UsageError` for another model.
    """
    if model != model_digest():
        raise UsageError(
            f"a worker of the cluster runs model {model_digest()}, this is model {model}: install the same version of "
            "rollrisk on all machines and restart the workers"
        )
    task: Task = pickle.loads(content)
    return play(task)


def _pass_on(done: Any, promised: Future[Any]) -> None:
    """What became of Dask's future becomes ours."""
    try:
        if done.status == "finished":
            promised.set_result(done.result(timeout=CONNECT))
        elif done.status == "error":
            promised.set_exception(_translated(done.exception(timeout=CONNECT)))
        else:
            promised.set_exception(LostError("the scheduler went away and does not come back"))
    except Exception as error:
        promised.set_exception(LostError(f"a result was lost on its way ({type(error).__name__})"))


def _translated(error: BaseException) -> BaseException:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return BrokenExecutor(str(error))
    if isinstance(error, ImportError):
        return UsageError(f"a worker of the cluster cannot import rollrisk ({error}): install it there too")
    return error


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra("a Dask cluster needs an extra: pip install 'rollrisk[dask]'") from error
    logging.getLogger("distributed").setLevel(logging.ERROR)  # what matters of a loss is told by us
    try:
        return Client(address, timeout=CONNECT, set_as_default=False, name="rollrisk")
    except (OSError, TimeoutError) as error:
        raise LostError(f"no Dask scheduler answers at {address}") from error
    except ValueError as error:
        raise _no_address(address) from error


def _no_address(address: str) -> UsageError:
    return UsageError(f"{address!r} is no address of a scheduler; write it as tcp://host:8786")


def _close(client: Client) -> None:
    try:
        client.close(timeout=CONNECT)
    except Exception:  # a scheduler that is gone cannot say goodbye
        logging.getLogger(__name__).debug("the scheduler is gone", exc_info=True)
