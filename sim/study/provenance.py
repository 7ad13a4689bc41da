"""With what a study was made: everything needed to make it again. Timings live here and in no result."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata

from sim.study.model import model_digest

LIBRARIES = ("rollrisk", "numpy", "numba", "simpy", "scipy", "pandas", "pyarrow", "pydantic")


def provenance(*, seed: int, workers: int, engine: str, command: str | None = None) -> dict[str, str]:
    """Versions, platform, seed and command of the run that is about to begin."""
    return {
        "command": command or command_line(sys.argv),
        "seed": str(seed),
        "engine": engine,
        "model": model_digest(),
        "workers": str(workers),
        "started": now(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        **{name: version(name) for name in LIBRARIES},
    }


def command_line(arguments: Sequence[str]) -> str:
    """The command as typed, without the path of the program.

    >>> command_line(["/usr/bin/rollrisk", "run", "my file.yaml"])
    "rollrisk run 'my file.yaml'"
    """
    import shlex

    return shlex.join([os.path.basename(arguments[0]) or "python", *arguments[1:]]) if arguments else "python"


def version(distribution: str) -> str:
    """The installed version of a library."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def now() -> str:
    """The wall clock, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
