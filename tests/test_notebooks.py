"""Every notebook runs from top to bottom, holds no outputs, and says the same as the text it is written from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
TEXTS = sorted(FOLDER.glob("*.py"))
QUICKLY = {**os.environ, "ROLLRISK_FAST": "1", "MPLBACKEND": "agg"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_text_runs_from_top_to_bottom(text: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(text)],
        cwd=FOLDER, env=QUICKLY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_notebook_holds_the_cells_of_its_text_and_no_outputs(text: Path) -> None:
    notebook = json.loads(text.with_suffix(".ipynb").read_text())
    written = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    assert written == [(cell["cell_type"], cell["source"]) for cell in jupytext.read(text)["cells"]]
    assert all(not cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.parametrize("texts", [TEXTS[-1:], pytest.param(TEXTS, marks=pytest.mark.verify)], ids=["one", "all"])
def test_notebooks_run_in_a_kernel(texts: list[Path]) -> None:
    """One shows that a kernel plays like a script; all of them in kernels are for ``make verify``."""
    notebooks = [str(text.with_suffix(".ipynb")) for text in texts]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbmake", "-q", "-p", "no:cacheprovider", *notebooks],
        cwd=FOLDER.parent, env=QUICKLY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"{len(texts)} passed" in done.stdout
