"""What the pages tell people to write and type is played: files, commands, Python, in the order of the page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from page_examples import examples, with_sections

from sim.cli.main import ended
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("undrawn")
ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("**/*.md"))
PAGES = [page for page in PAGES if not {"_build", "reference"} & set(page.parts)]


def smaller(command: list[str]) -> list[str]:
    """Options that make a run small, unless its scenario is."""
    if command[0] != "run" or load(command[1]).study.cap <= 10:
        return []
    return ["--cap", "2", "--workers", "1"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_do_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    names: dict[str, object] = {"__name__": "page"}
    written: set[str] = set()
    for example in examples(page):
        verb, _, name = example.mark.partition(" ")
        if verb == "file":
            Path(name).write_text(example.text)
            written.add(Path(name).stem)
        elif verb == "change":
            Path(name).write_text(with_sections(Path(name).read_text(), example.text))
        elif example.language == "python":
            exec(compile(example.text, f"{page.name}:{example.line}", "exec"), names)
        elif example.language == "console":
            for command in example.commands():
                assert ended([*command, *smaller(command)]) == example.expected(), command
    for module in written & set(sys.modules):
        monkeypatch.delitem(sys.modules, module)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_comment_above_an_example_is_one_the_player_knows(page: Path) -> None:
    known = re.compile(r"file \S+|change \S+|exits \d+|")
    marks = [example.mark for example in examples(page)]
    assert [mark for mark in marks if not known.fullmatch(mark)] == []


def test_the_pages_hold_something_to_play() -> None:
    found = [example for page in PAGES for example in examples(page)]
    assert len([example for example in found if example.commands()]) >= 8
    assert len([example for example in found if example.language == "python"]) >= 4


def test_a_changed_section_takes_the_place_of_the_old_one_and_touches_no_other() -> None:
    text = "a: 1\nb:\n  c: 2\n\n  d: 3\ne: 4\n"
    assert with_sections(text, "b: {x: 1}\n") == "a: 1\nb: {x: 1}\ne: 4\n"
