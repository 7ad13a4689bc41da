"""Studies killed at random instants and begun again, until they end with the bytes of a study that nobody disturbed."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cli_files
from soaked import PHASES

from sim.study.soundness import verified

KILLED = PHASES[:-1]
TYPICAL = {"start": 1.2, "compile": 8.0, "play": 0.6, "flush": 0.02, "settle": 0.04, "report": 1.0}
"""Seconds from the beginning of a phase within which an instant is drawn."""
WARM = None
"""The cache of compiled kernels in which they lie already: the user's own."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
DONE = (0, 10, 11, 12)
PATIENCE = 600.0
SOON = 2.0
"""Seconds within which a second signal ends a command, on a machine that is not overloaded."""


@dataclass(frozen=True)
class Study:
    """A study at random."""

    text: str
    options: tuple[str, ...]
    workers: bool

    @classmethod
    def drawn(cls, luck: random.Random, workers: bool | None = None) -> Study:
        seed, cap, rate = luck.randrange(1000), luck.choice((4, 6, 10)), luck.choice((5, 20, 60))
        text = cli_files.SMALL.replace("pilot: 3, cap: 4", f"pilot: 3, cap: {cap}, seed: {seed}")
        text = text.replace("rate: 20%", f"rate: {rate}%").replace("peak: 5/s", f"peak: {luck.choice((5, 20))}/s")
        options = tuple(each for each in ("--series", "--sample=20%") if luck.random() < 0.6)
        return cls(text, options, luck.random() < 0.4 if workers is None else workers)


@dataclass
class Soak:
    """All kills of one seed, and what came of them."""

    folder: Path
    seed: int
    phases: tuple[str, ...] = KILLED
    lives_each: int = 3
    kills: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # phase, signal, whom
    resumed: int = 0
    studies: int = 0
    slowest_second: float = 0.0
    missed: int = 0  # the study ended before the instant came

    def __post_init__(self) -> None:
        self.luck = random.Random(self.seed)
        self.cold = self.folder / "cold"
        self.phase_file = self.folder / "phase"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.phase_file.write_bytes(b"\0")

    def by_phase(self) -> dict[str, int]:
        return {phase: sum(count for key, count in self.kills.items() if key[0] == phase) for phase in PHASES}

    def run(self, kills: int, workers: bool | None = None) -> None:
        """Kill so often, over as many studies as that takes."""
        while self.kills.total() < kills:
            self.studies += 1
            study = Study.drawn(self.luck, workers)
            (self.folder / "small.yaml").write_text(study.text)
            undisturbed = self._undisturbed(study)
            for _ in range(self.lives_each):
                if self.kills.total() < kills:
                    self._life(study, undisturbed, kills)

    def _undisturbed(self, study: Study) -> dict[str, bytes]:
        results = self.folder / "undisturbed"
        shutil.rmtree(results, ignore_errors=True)
        with self._started(study, results, WARM) as process:
            assert process.wait(timeout=PATIENCE) in DONE, process.returncode
        return tables(results)

    def _life(self, study: Study, undisturbed: dict[str, bytes], kills: int) -> None:
        """Kill a study until it comes to its end, or enough have been killed; then let it end."""
        results = self.folder / "results"
        shutil.rmtree(results, ignore_errors=True)
        cache: Path | None = WARM
        for attempt in range(40):
            phase = self._wanted() if self.kills.total() < kills and attempt < 39 else ""
            if phase == "compile":
                cache = self._emptied()
            elif cache == self.cold and self.luck.random() < 0.7:
                cache = WARM
            with self._started(study, results, cache) as process:
                if phase:
                    self._kill(process, phase, study)
                status = process.wait(timeout=PATIENCE)
            self._check_left_nothing(process.pid, results)
            if status in DONE:
                assert tables(results) == undisturbed, f"seed {self.seed}: other bytes after {self.kills}"
                assert not list(results.rglob("*.tmp")), list(results.rglob("*.tmp"))
                self.resumed += 1
                return
            assert phase, f"seed {self.seed}: nobody killed it, and it ended with {status}"
        raise AssertionError("a study that is not killed comes to its end")

    def _wanted(self) -> str:
        """Where to kill next: where there were fewest, or at any instant."""
        counts = self.by_phase()
        if self.luck.random() < 0.4:
            return self.luck.choice([each for each in self.phases if each != "compile"])
        return min(self.phases, key=lambda phase: counts[phase])

    def _emptied(self) -> Path:
        if any(self.cold.rglob("*.nbc")):
            shutil.rmtree(self.cold, ignore_errors=True)
        return self.cold

    def _kill(self, process: subprocess.Popen[bytes], phase: str, study: Study) -> None:
        self._wait_for(process, phase)
        number = self.luck.choice(SIGNALS)
        workers = children(process.pid) if study.workers and phase in ("play", "flush") else []
        if workers and self.luck.random() < 0.5:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.luck.choice(workers), number)
                self.kills[self._phase(), number.name, "worker"] += 1
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)  # so that the phase is the one in which it is killed
            now = self._phase()
            os.kill(process.pid, number)
            os.kill(process.pid, signal.SIGCONT)
            if process.poll() is not None and process.returncode in DONE:
                self.missed += 1
                return
            self.kills[now, number.name, "parent"] += 1
        if number != signal.SIGKILL and self.luck.random() < 0.5:
            self._again(process)

    def _again(self, process: subprocess.Popen[bytes]) -> None:
        """The same once more within 100 ms, and how long that takes to end it."""
        time.sleep(self.luck.uniform(0.0, 0.1))
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)
        self.slowest_second = max(self.slowest_second, time.monotonic() - began)

    def _wait_for(self, process: subprocess.Popen[bytes], phase: str) -> None:
        if phase != "start":
            while process.poll() is None and self._phase() != phase:
                time.sleep(0.0002)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=self.luck.uniform(0.0, TYPICAL[phase]))

    def _phase(self) -> str:
        return PHASES[self._byte[0]]

    @contextlib.contextmanager
    def _started(self, study: Study, results: Path, cache: Path | None) -> Iterator[subprocess.Popen[bytes]]:
        """A process with a group of its own, of which nobody is left afterwards."""
        self.phase_file.write_bytes(b"\0")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        environment |= {"XDG_CACHE_HOME": str(cache)} if cache is not None else {}
        environment |= {"SOAK_WORKERS": "1"} if study.workers else {}
        with open(self.phase_file, "r+b") as file, mmap.mmap(file.fileno(), 1) as self._byte:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("soaked.py")), str(self.phase_file), "run", "small.yaml",
                 "--results", str(results), "--quiet", "--progress", "none", "--workers", "2" if study.workers else "1",
                 *study.options],
                cwd=self.folder, env=environment, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                yield process
            finally:
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def _check_left_nothing(self, group: int, results: Path) -> None:
        until = time.monotonic() + PATIENCE
        while somebody_is_left(group):
            assert time.monotonic() < until, "workers outlive their program"
            time.sleep(0.01)
        for lock in results.rglob("*.lock"):
            with open(lock, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert not list(results.rglob("*.quarantined")), f"seed {self.seed}: {list(results.rglob('*.quarantined'))}"
        wrong = [each for folder in results.glob("*/") for each in verified(folder) if each.is_wrong]
        assert not wrong, f"seed {self.seed}: {wrong}"


def children(parent: int) -> list[int]:
    """The workers of a process on this machine."""
    found = []
    for path in Path("/proc").glob(f"{parent}/task/*/children"):
        with contextlib.suppress(OSError):
            found += [int(each) for each in path.read_text().split()]
    return [each for each in found if b"spawn_main" in _command(each)]


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def somebody_is_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def tables(results: Path) -> dict[str, bytes]:
    return {str(path.relative_to(results)): path.read_bytes() for path in sorted(results.rglob("*.parquet"))}
