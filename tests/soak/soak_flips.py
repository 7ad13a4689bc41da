"""Bits of stored files turned at random: noticed always, never a wrong number, never a traceback."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cli_files

from sim.errors import UsageError
from sim.report.document import document
from sim.scenario import from_text
from sim.study import Options, Run, read
from sim.study.extras import Wanted
from sim.study.soundness import verified

SCENARIO = cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 2, cap: 2")
WANTED = Wanted(series=True, sample=0.2)
LOCKS = (".lock", ".rollrisk.sha256.lock")


@dataclass
class Flips:
    """A finished study, and what came of turning its bits."""

    results: Path
    seed: int
    turned: int = 0
    played_again: int = 0
    kept_rows: int = 0
    by_file: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.luck = random.Random(self.seed)
        self.folder = finished(self.results)
        self.pristine = self.results.with_name(f"{self.results.name}-pristine")
        shutil.copytree(self.folder, self.pristine)
        self.files = sorted(
            path.relative_to(self.folder)
            for path in self.folder.rglob("*")
            if path.is_file() and path.name not in LOCKS
        )
        self.answer = answer(self.folder)
        self.tables = tables(self.folder)

    def turn_one(self) -> Path:
        """Turn a bit of a file, any file alike; its time stays what it was."""
        path = self.folder / self.luck.choice(self.files)
        content, found = bytearray(path.read_bytes()), path.stat()
        content[self.luck.randrange(len(content))] ^= 1 << self.luck.randrange(8)
        path.write_bytes(content)
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        self.turned += 1
        kind = path.suffix if path.suffix != ".parquet" else path.parent.name.partition("small-service")[0] or "table"
        self.by_file[kind] = self.by_file.get(kind, 0) + 1
        return path

    def restore(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder)

    def in_process(self, *, play: bool) -> None:
        """Turn, verify, show and, if asked to, run again."""
        path = self.turn_one()
        wrong = [each.path for each in verified(self.folder) if each.is_wrong]
        assert path in wrong or path.name == "rollrisk.sha256" in {each.name for each in wrong}, f"{path}: not noticed"
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            shown, refused = self.shown()
        silent = path.parent.name in ("series", "requests")  # the answer does not rest on them
        said = [refused, *(str(each.message) for each in warned)]
        assert silent or any(path.name in each for each in said), f"{path}: said nothing"
        assert shown is None or shown == self.answer, f"{path}: another answer"
        if play:
            run = played(self.results)
            assert any(path.name in each for each in run.quarantined), f"{path}: {run.quarantined}"
            assert tables(self.folder) == self.tables, f"{path}: other bytes"
            assert list(path.parent.glob(f"{path.name}*.quarantined")), f"{path}: not set aside"
            self.played_again += 1
            self.kept_rows += any("are kept" in each for each in run.quarantined)
        self.restore()

    def shown(self) -> tuple[Any, str]:
        """The answer, or why there is none."""
        try:
            return answer(self.folder), ""
        except UsageError as error:
            return None, str(error)

    def by_command(self) -> None:
        """Turn, and let the commands be the judges."""
        path = self.turn_one()
        verify = command("results", "verify", str(self.folder))
        assert verify.returncode == 2, f"{path}: verify ended with {verify.returncode}"
        assert path.name in verify.stdout, path
        show = command("results", "show", str(self.folder), "--json")
        if show.returncode == 0:
            assert same(json.loads(show.stdout), self.answer), f"{path}: another answer"
        again = command("run", str(self.results / "small.yaml"), "--results", str(self.results), "--json",
                        "--series", "--sample", "20%", "--workers", "1")  # fmt: skip
        assert again.returncode == 0, again.stderr
        assert path.name in again.stderr, f"{path}: {again.stderr}"
        assert tables(self.folder) == self.tables, f"{path}: other bytes"
        for each in (verify, show, again):
            assert "Traceback" not in each.stderr
        self.restore()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim", *arguments], capture_output=True, text=True, timeout=600, check=False
    )


def played(results: Path) -> Run:
    options = Options(workers=1, wanted=WANTED, file=results / "small.yaml")
    run = Run(from_text(SCENARIO, str(results / "small.yaml")), results, options)
    list(run)
    return run


def finished(results: Path) -> Path:
    """A study with everything in it: tables, series, requests, its report."""
    from sim.cli.report import rebuilt

    results.mkdir(parents=True)
    (results / "small.yaml").write_text(SCENARIO)
    run = played(results)
    rebuilt(run.folder)
    return run.folder


def answer(folder: Path) -> Any:
    return document(read(folder), page="report.html")


def same(first: Any, second: Any) -> bool:
    drop = ("folder", "report", "page", "provenance", "set_aside")
    return all(first[key] == second[key] for key in second if key not in drop)


def tables(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}
