"""What the commands that write files share: ``--force``, and which files a command reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

force_option = click.option("--force", is_flag=True, help="Replace a file that rollrisk did not write, too.")


def inputs_of(files: Sequence[Path]) -> list[Path]:
    """The scenario files of a command, and every file that a text in them could name: none of them is written over."""
    from sim.errors import InputError
    from sim.scenario.text import read_file

    found = dict.fromkeys(files)
    for file in files:
        try:
            named = _named(read_file(file).data, file.parent)
        except InputError:  # whoever loads it says what is wrong
            continue
        found |= dict.fromkeys(named)
        for base in [path for path in named if path.suffix in (".yaml", ".yml")]:
            try:
                found |= dict.fromkeys(_named(read_file(base).data, base.parent))
            except InputError:
                continue
    return list(found)


def _named(value: Any, folder: Path) -> list[Path]:
    return [path for text in _texts(value) if (path := folder / text).is_file()]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str) and 0 < len(value) < 4096 and "\0" not in value:
        yield value
