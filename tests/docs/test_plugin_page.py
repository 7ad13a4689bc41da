"""The package of the page on kinds of one's own, installed beside rollrisk, brings its gate into a scenario."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from page_examples import examples

pytestmark = pytest.mark.usefixtures("undrawn")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "write-a-kind.md"
SCENARIO = ROOT / "scenarios" / "textbook.yaml"


def installed(folder: Path) -> None:
    """Put the page's module and its entry point into a folder as an installer would."""
    for example in examples(PAGE):
        verb, _, name = example.mark.partition(" ")
        if verb == "file":
            (folder / name).write_text(example.text)
        if example.language == "toml":
            (found,) = re.findall(r'\[project\.entry-points\."([\w.]+)"\]\n(.*)', example.text)
            about = folder / "too_many-1.dist-info"
            about.mkdir()
            (about / "METADATA").write_text("Metadata-Version: 2.1\nName: too-many\nVersion: 1\n")
            (about / "entry_points.txt").write_text(f"[{found[0]}]\n" + found[1].replace('"', "") + "\n")


def rollrisk(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(folder), str(ROOT)))
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


def test_a_gate_of_another_package_is_listed_checked_and_played(tmp_path: Path) -> None:
    installed(tmp_path)
    assert "Fails when the new version" in rollrisk(tmp_path, "kinds", "too_many").stdout
    text = re.sub(r"(?m)^  success: .*$", "  success: {kind: too_many, errors: 20}", SCENARIO.read_text())
    (tmp_path / "ours.yaml").write_text(text)
    assert rollrisk(tmp_path, "check", "ours.yaml").returncode == 0
    (tmp_path / "wrong.yaml").write_text(text.replace("errors: 20", "erors: 20"))
    assert "did you mean 'errors'?" in rollrisk(tmp_path, "check", "wrong.yaml").stderr
    played = rollrisk(tmp_path, "trace", "ours.yaml", "-s", "blue-green", "-c", "errors", "-i", "3")
    assert (played.returncode, " errors" in played.stdout) == (0, True), played.stderr
