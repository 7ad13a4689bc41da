"""``rollrisk doctor``: is this machine fit to run studies, and does the engine agree with theory?"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from sim.cli.console import say, say_json, shown_path
from sim.cli.status import Status


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the examination."""

    name: str
    text: str
    ok: bool = True


@click.command("doctor")
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where runs write."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what is wrong.")
def command(results: Path, as_json: bool, quiet: bool) -> int:
    """Versions, cores, cache, a write test, and the compiled engine against queueing theory.

    Exits with 1 when something is wrong.

    \b
    Examples:
      rollrisk doctor
    """
    examinations: tuple[Callable[[], Finding], ...] = (_versions, _cores, _cache, lambda: _writing(results), _engine)
    found = [examination() for examination in examinations]
    if as_json:
        say_json([{"name": each.name, "ok": each.ok, "text": each.text} for each in found])
    else:
        for each in found:
            if not (quiet and each.ok):
                say(f"{'ok   ' if each.ok else 'WRONG'}  {each.name:<9} {each.text}")
    return Status.DONE if all(each.ok for each in found) else Status.UNEXPECTED


def _versions() -> Finding:
    from sim.study.provenance import LIBRARIES, version

    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return Finding(name="versions", text=f"python {platform.python_version()}, {libraries}")


def _cores() -> Finding:
    from sim.study.machine import cores

    return Finding(name="cores", text=f"{cores()} to play with, {platform.machine()}, {platform.system()}")


def _cache() -> Finding:
    from sim.jit import cache_folder, is_cached

    folder = cache_folder()
    filled = "filled" if is_cached() else "empty: the first run compiles for some seconds"
    error = _write_error(folder)
    return Finding(name="cache", text=f"{folder}, {error or filled}", ok=not error)


def _writing(results: Path) -> Finding:
    error = _write_error(results)
    return Finding(name="results", text=f"{shown_path(results)}, {error or 'can be written'}", ok=not error)


def _write_error(folder: Path) -> str:
    """What stands against writing there, or there where the folder would be made; empty for nothing."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(b"rollrisk")
            os.fsync(file.fileno())
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"
    return ""


def _engine() -> Finding:
    from sim.cli.selfcheck import self_check

    started = time.perf_counter()
    check = self_check()
    taken = time.perf_counter() - started
    text = (
        f"mean response {check.played * 1000:.3f} ms, theory {check.theory * 1000:.3f} ms "
        f"({check.played / check.theory - 1:+.2%}); {check.requests:,} requests in {taken:.1f} s"
    )
    return Finding(name="engine", text=text, ok=check.passed)
