"""What a study asks of the machine that plays it, by arithmetic, before anything is played: memory, rows, time.

The ranges of the schema refuse everywhere; a study that is too much for this machine may be meant for another. So
``check`` warns of it, and ``run`` stops unless it is told to go on (``--anyway``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim import units
from sim.outcomes import OUTCOMES
from sim.scenario.demand import highest_rate, requests_played
from sim.scenario.resolved import Scenario
from sim.study.machine import cores
from sim.study.planning import Time, expected_plays, time_of
from sim.study.speed import slowness

PROCESS = 300_000_000
"""Bytes of a process that plays, before it has played anything."""
COUNT = 8
"""Bytes of a number that is counted."""
PER_WINDOW = 2 * 3 * OUTCOMES * COUNT + 3 * COUNT
"""Of a stream: outcomes by version, of those in flight, and those that were slow."""
SEEN = 192
"""Classes of a histogram of latencies; ``telemetry.SEEN_BUCKETS``, which to import loads arrays."""
PER_POD_STREAM = 4 * (SEEN + 2) * COUNT
"""What metrics show of a pod: a histogram and two counters, and copies of them as they were scraped."""
PER_POD_PROXY = 2 * (64 + 3 * COUNT)
"""What a proxy keeps of a pod; tables grow by doubling."""
PER_USER = 2 + 4 * COUNT
PER_ATTEMPT = 400
"""Of an attempt under way, with its events; tables grow by doubling."""
PER_RECORD = 9 * COUNT
PER_PLAY = 4_000
"""Bytes that a replication leaves on disk, roughly."""
LONGEST = 24 * 3600.0
"""Seconds for the first look, beyond which a study is stopped and asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a study asks for."""

    requests: float  # in one replication, warm-up included
    memory: float  # bytes of one process
    plays: tuple[int, int]  # replications to the first look, and with the cap: a row each
    disk: float  # bytes with the cap
    time: Time
    workers: int

    def words(self) -> str:
        """The price, as ``check`` says it."""
        least, most = self.plays
        processes = f"each of {self.workers} processes" if self.workers > 1 else "one process"
        return (
            f"A study plays {least:,} to {most:,} replications of about {self.requests:,.0f} requests, a row each: "
            f"{self.time.words()}, {_shown(self.memory)} of memory for {processes}, up to {_shown(self.disk)} on disk."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is; None where nobody can say."""

    memory: float | None
    disk: float | None


def room_for(scenario: Scenario, workers: int | None = None) -> Room:
    """The price of a study, played by so many processes (one per core)."""
    least, most = expected_plays(scenario)
    processes = workers or cores()
    study = scenario.study
    return Room(
        requests=requests_played(scenario) * (study.horizon + study.warm_up) / study.horizon,
        memory=memory_of(scenario),
        plays=(sum(least.values()), sum(most.values())),
        disk=float(PER_PLAY * sum(most.values())),
        time=time_of(scenario, least, most, processes, slow=slowness(measure=False)),
        workers=processes,
    )


def memory_of(scenario: Scenario) -> float:
    """Bytes that a process takes which plays one replication at a time, rather too many than too few."""
    service, study, traffic = scenario.service, scenario.study, scenario.traffic
    streams, pods = len(traffic.played), 2 * service.replicas
    windows = -(-study.horizon // study.window)
    length = study.horizon + study.warm_up
    asked = sum(highest_rate(scenario, stream) for stream in traffic.played) * length / units.SECOND
    under_way = min(asked, pods * float(service.concurrency + service.queue))
    kept = 2 * asked * PER_RECORD if study.user_cutoff is not None else 0.0
    return float(
        PROCESS
        + windows * streams * PER_WINDOW
        + pods * streams * PER_POD_STREAM
        + 4 * pods * service.proxies * PER_POD_PROXY
        + traffic.users * PER_USER
        + under_way * PER_ATTEMPT
        + kept
    )


def this_machine(results: Path) -> Machine:
    """What this machine has left, the bounds of its container included."""
    return Machine(memory=_memory(), disk=_disk(results))


def too_much(room: Room, machine: Machine, scenario: Scenario) -> Iterator[str]:
    """What this machine cannot hold, each with what to lower."""
    wanted = room.memory * room.workers
    if machine.memory is not None and wanted > machine.memory:
        fewer = f"play with fewer --workers than {room.workers}, or " if room.memory < machine.memory else ""
        yield (
            f"the study needs about {_shown(wanted)} of memory ({room.workers} x {_shown(room.memory)}), this machine "
            f"has {_shown(machine.memory)} left: {fewer}lower {_largest(scenario)}"
        )
    if machine.disk is not None and room.disk > machine.disk:
        yield (
            f"the study may write {_shown(room.disk)} ({room.plays[1]:,} rows), the disk has {_shown(machine.disk)} "
            "left: lower study.cap, or write elsewhere with --results"
        )
    if room.time.least > LONGEST:
        days = room.time.least / 86_400
        yield (
            f"the first look takes about {days:,.1f} days on this machine: lower study.horizon, study.warm_up, peaks "
            "or study.pilot, or play it on a cluster (--executor dask)"
        )


def _largest(scenario: Scenario) -> str:
    """The figures of which most of the memory is."""
    service, study, traffic = scenario.service, scenario.study, scenario.traffic
    parts = {
        "study.horizon, or write a longer study.window": study.horizon
        / study.window
        * len(traffic.played)
        * PER_WINDOW,
        "traffic.users.count": traffic.users * PER_USER,
        "service.replicas or service.proxies": 8.0 * service.replicas * service.proxies * PER_POD_PROXY,
        "service.queue, the peaks or study.horizon": 0.0,
    }
    named = max(parts, key=lambda name: parts[name])
    return named if parts[named] > (memory_of(scenario) - PROCESS) / 3 else "service.queue, the peaks or study.horizon"


CONTAINERS = ("/sys/fs/cgroup", "/sys/fs/cgroup/memory")
FILES_OF_A_CONTAINER = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Limit, use, and the part of it that the kernel takes back first (docs.kernel.org, cgroup-v2 and cgroup-v1/memory)."""


def _memory() -> float | None:
    found = []
    try:
        with open("/proc/meminfo", encoding="ascii", errors="replace") as lines:
            found += [float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError, IndexError):
        found += [installed] if (installed := _installed()) else []
    found += [left for folder in CONTAINERS if (left := left_in_container(Path(folder))) is not None]
    return min(found, default=None)


def left_in_container(folder: Path) -> float | None:
    """Bytes that the memory limit of a control group leaves: less what is used, of which caches of files can go.

    None where there is no limit, or none that can be read.
    """
    for limit, used, cache in FILES_OF_A_CONTAINER:
        try:
            most, now = (float((folder / name).read_text(encoding="ascii")) for name in (limit, used))
            stat = dict(line.split()[:2] for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines())
        except (OSError, ValueError):
            continue
        return max(0.0, most - max(0.0, now - float(stat.get(cache, 0))))
    return None


def _installed() -> float:
    """Bytes of memory of systems that do not say what is left; 0 where they say nothing."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return 0.0


def _disk(results: Path) -> float | None:
    place = next((each for each in (results, *results.absolute().parents) if each.exists()), None)
    try:
        return None if place is None else float(shutil.disk_usage(place).free)
    except OSError:
        return None


def _shown(number: float) -> str:
    """Bytes to two figures.

    >>> _shown(312_000_000.0), _shown(4.2e12)
    ('310 MB', '4.2 TB')
    """
    for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if number >= size or name == "MB":
            value = max(1.0, number / size)
            return f"{units.two_figures(value):,g} {name}"
    return ""
