"""``rollrisk`` as it is, which also says in a byte of a file what it is at: ``python soaked.py PHASE-FILE run …``.

Nothing is loaded earlier than the command would load it: what tells the phase is put around functions when their module
is loaded.
"""

from __future__ import annotations

import functools
import importlib.machinery
import mmap
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PHASES = ("start", "compile", "play", "flush", "settle", "report", "end")


class Told:
    """The byte."""

    def __init__(self, path: str) -> None:
        with open(path, "r+b") as file:
            self._byte = mmap.mmap(file.fileno(), 1)

    def say(self, phase: str) -> None:
        self._byte[0] = PHASES.index(phase)

    @contextmanager
    def at(self, phase: str) -> Iterator[None]:
        before = self._byte[0]
        self.say(phase)
        try:
            yield
        finally:
            self._byte[0] = before

    def around(self, owner: Any, name: str, phase: str, after: str = "") -> None:
        """Tell the phase while a function is at work, and another from then on."""
        real = getattr(owner, name)

        @functools.wraps(real)
        def telling(*arguments: Any, **named: Any) -> Any:
            with self.at(phase):
                found = real(*arguments, **named)
            if after:
                self.say(after)
            return found

        setattr(owner, name, telling)


class WhenLoaded:
    """Changes modules as they are loaded."""

    def __init__(self, changes: dict[str, Callable[[Any], None]]) -> None:
        self.changes = changes

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.changes:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.loader is not None
        loader = spec.loader
        run = loader.exec_module

        def run_and_change(module: Any) -> None:
            run(module)
            self.changes[name](module)

        loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


def plays(module: Any, told: Told) -> None:
    """From the first round on it plays, unless something else is told."""
    real = module.Collection._round

    def telling(self: Any, *arguments: Any) -> Any:
        told.say("play")
        return real(self, *arguments)

    module.Collection._round = telling


def main() -> None:
    told = Told(sys.argv[1])
    told.say("start")

    def workers(module: Any) -> None:
        if os.environ.get("SOAK_WORKERS"):
            module.LocalProcesses._surely_worth_workers = lambda *arguments: True

    sys.meta_path.insert(
        0,
        WhenLoaded(
            {
                "sim.jit": lambda module: told.around(module.Kernel, "_made", "compile"),
                "sim.study.collect": lambda module: plays(module, told),
                "sim.study.processes": workers,
                "sim.study.store": lambda module: (
                    told.around(module.Store, "flush", "flush"),
                    told.around(module.Store, "settle", "settle"),
                ),
                "sim.study.shards": lambda module: told.around(module.Shards, "flush", "flush"),
                "sim.cli.press": lambda module: told.around(module, "draw", "report", after="end"),
            }
        ),
    )
    sys.argv = ["rollrisk", *sys.argv[2:]]
    from sim.__main__ import main as command

    command()


if __name__ == "__main__":
    main()
