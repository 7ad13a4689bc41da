"""The rows of a Parquet file as text, read by a process of its own, which a bomb or a damaged file cannot outgrow."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.named_files import UnreadableError
from sim.scenario.csv_rows import MOST_READ

_READER = Path(__file__).with_name("parquet_reader.py")
_BROKE = "cannot be read as Parquet: the library that reads it broke down over it; it may be damaged"


def parquet_rows(content: bytes, names: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The header, which is line 1, then each row's line and cells; raises UnreadableError.

    What is read, and within which bounds, ``sim/scenario/parquet_reader.py`` says.
    """
    line = 1
    for number, columns in enumerate(_lines(content, names)):
        if not number:
            yield line, list(columns)
        else:
            for row in zip(*columns, strict=True):
                line += 1
                yield line, list(row)


def _lines(content: bytes, names: Sequence[str]) -> Iterator[list[Any]]:
    """What the reader writes, until it says that this was all."""
    command = [sys.executable, "-P", str(_READER), str(MOST_READ), *names]
    with tempfile.TemporaryFile() as given:
        given.write(content)
        given.seek(0)
        with subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            assert reader.stdout is not None, "a pipe was asked for"
            try:
                for line in reader.stdout:
                    told = json.loads(line) if line.endswith(b"\n") else None
                    if not isinstance(told, list):
                        break
                    yield told
                else:
                    told = None
            finally:
                reader.kill()
    if told is not True:
        raise UnreadableError(told["refused"] if isinstance(told, dict) else _BROKE)
