"""The pages build without a warning, load nothing from elsewhere, and their reference misses nothing that exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import VERBS
from sim.doors import FAMILIES, kinds
from sim.measures.catalogue import MEASURES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", f"{folder}/trees"]
    done = subprocess.run([*command, str(ROOT / "docs"), f"{folder}/html"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    code = "import json, reference_pages; print(json.dumps(reference_pages.pages()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "docs" / "extensions", capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"""(?:src=|<link[^>]*href=|url\()["']?(?:https?:)?//""")
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert [file.name for file in files if loads.search(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_kind_stands_on_its_page_with_all_its_fields(family: str, reference: dict[str, str]) -> None:
    page = reference[f"{family}.md"]
    for word, kind in kinds(family).items():
        section = page.partition(f"\n## `{word}`\n")[2].partition("\n## ")[0]
        missing = [name for name in kind.model_fields if name != "kind" and f"\n| `{name}` |" not in section]
        assert (word, missing) == (word, [])


def test_every_measure_and_every_verb_is_listed(reference: dict[str, str]) -> None:
    assert [name for name in MEASURES if f"| `{name}` |" not in reference["measures.md"]] == []
    assert [verb for verb in VERBS if f"\n## {verb}\n" not in reference["commands.md"]] == []


def test_the_origin_and_trust_of_a_default_are_on_the_page(reference: dict[str, str]) -> None:
    assert "| `failures` | " in reference["scenario.md"]
    assert "Kubernetes: failureThreshold (trust: high)" in reference["scenario.md"]


def test_no_row_of_a_reference_table_says_python(reference: dict[str, str]) -> None:
    rows = [line for text in reference.values() for line in text.splitlines() if line.startswith("|")]
    assert [row for row in rows if re.search(r"\bNone\b|\bTrue\b|\bFalse\b|PydanticUndefined|<class", row)] == []
