"""What the pages tell people to type works: commands, links, snippets, and the strategy in one file."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.main import ended

pytestmark = pytest.mark.usefixtures("undrawn")
ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/design.md", "results/README.md")
]
README, CONTRIBUTING = (page.read_text(encoding="utf-8") for page in PAGES[:2])


def commands() -> list[list[str]]:
    """Every ``rollrisk`` command in the README's console blocks, as typed, without comments."""
    blocks = "\n".join(re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL))
    lines = [line.partition("#")[0].strip() for line in blocks.splitlines() if line.startswith(".venv/bin/rollrisk")]
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_a_command_of_the_readme_works(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    shorter = {"run": ["--cap", "2", "--workers", "1"], "capacity": ["--replications", "3", "--growth", "1"]}
    small = shorter.get(command[0], [])
    assert ended([*command, *small]) == 0


def test_the_two_commands_of_the_first_screen_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    first_screen = "\n".join(README.splitlines()[:20])
    assert {"run", "test"} <= set(re.findall(r"^make (\w+)", first_screen, flags=re.MULTILINE)) & set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_into_the_repository_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_scenario_is_in_the_readme_with_its_question() -> None:
    shipped = {path.stem for path in (ROOT / "scenarios").glob("*.yaml")}
    assert shipped == set(re.findall(r"^\| \[`([\w-]+)`\]", README, flags=re.MULTILINE))


def test_the_notebook_lines_of_the_readme_run(tmp_path: Path) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    lines = lines.replace('textbook.yaml")', f'textbook.yaml", results={str(tmp_path)!r}, cap=2, workers=1)', 1)
    subprocess.run([sys.executable, "-W", "error", "-c", lines], cwd=ROOT, check=True)


def test_a_strategy_is_added_in_one_file(tmp_path: Path) -> None:
    """The page's file and its test, as written, in a folder that stands for ``sim/strategies/``."""
    for name in ("halfway.py", "test_halfway.py"):
        (code,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
        (tmp_path / name).write_text(code)
    textbook = (ROOT / "scenarios" / "textbook.yaml").read_text()
    text = re.sub(
        r"strategies:\n( .*\n)+", "strategies:\n  halfway: {kind: halfway, hold: 10m, gate: success}\n", textbook
    )
    (tmp_path / "scenario.yaml").write_text(text)
    code = (
        "import sys; import sim.strategies; sim.strategies.__path__.append(sys.argv[1])\n"
        "sys.path.append(sys.argv[1]); import test_halfway; test_halfway.test_half_of_the_traffic_comes_first()\n"
        "from sim.cli.main import ended\n"
        "assert ended(['kinds', 'strategies']) == 0\n"
        "sys.exit(ended(['trace', sys.argv[1] + '/scenario.yaml', '-s', 'halfway', '-c', 'good', '-q']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Halfway: half of the traffic" in done.stdout
    assert "promoted" in done.stdout
