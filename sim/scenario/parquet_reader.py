"""A process that reads one Parquet file and does nothing else: its input is the file, its output a line per batch.

A few kilobytes of Parquet can stand for a billion rows, or for a million cells of a megabyte each: runs are written
once, texts by what they have in common. So the file's own table of contents is asked first, only columns that may be of
use are read, texts are kept as entries of a dictionary where they can be, and this process may take only so much memory
and time: what a table of contents says need not be true. A damaged file can end the library and with it the process;
``sim/scenario/parquet_rows.py`` starts it and tells.

Run as a script, it imports nothing of ours. Arguments: the most rows, and the columns asked for.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

MOST_CELLS = 100_000_000
LONGEST_CELL = 131_072
"""Characters, as of a CSV file."""
MOST_MEMORY = 4_000_000_000
"""Bytes of address space, of which the libraries take the first."""
MOST_SECONDS = 120
"""Of a processor."""
MOST_BESIDE = 40
"""Columns that are read beside those asked for, as they may tell kinds of rows apart."""
AT_ONCE = 8_192


class RefusedError(Exception):
    """The file is not read; says why."""


def columns(content: bytes, names: Sequence[str], most: int) -> Iterator[list[Any]]:
    """The header, then of each batch a list of cells per column.

    Columns are read that hold text, numbers, truth values or times: those named, and some beside them. Raises
    RefusedError for what goes beyond a bound, and whatever the library raises for what is not Parquet.
    """
    import pyarrow
    from pyarrow import parquet

    file, given = pyarrow.BufferReader(content), 0
    for kept_once in (True, False):
        texts = [field.name for field in parquet.ParquetFile(file).schema_arrow if _is_text(field.type)]
        opened = parquet.ParquetFile(file, read_dictionary=texts if kept_once else [])
        header = _columns(opened.schema_arrow, names)
        _refuse_a_bomb(opened.metadata.num_rows, len(header), most)
        if kept_once:
            yield header
        try:
            batches = opened.iter_batches(batch_size=AT_ONCE, columns=header, use_threads=False)
            for batch in itertools.islice(batches, given, None):
                yield [_cells(batch.column(name)) for name in header]
                given += 1
        except (OSError, pyarrow.ArrowNotImplementedError) as error:
            if not kept_once or "not yet implemented" not in str(error).lower():
                raise  # texts that are written as differences cannot be kept once
        else:
            return


def _columns(schema: Any, names: Sequence[str]) -> list[str]:
    """All that are asked for, and of the others the first few that can tell rows apart."""
    held = [field.name for field in schema]
    for field in schema:
        if field.name in names and not _is_plain(field.type):
            raise RefusedError(f"its column {field.name} holds {str(field.type)[:60]}; allowed: text, numbers or times")
    if any(held.count(name) != 1 for name in names):
        return held  # whoever asked says so
    once = [field.name for field in schema if _is_plain(field.type) and held.count(field.name) == 1]
    beside = set(itertools.islice((name for name in once if name not in names), MOST_BESIDE))
    return [name for name in once if name in names or name in beside]


def _refuse_a_bomb(rows: int, width: int, most: int) -> None:
    if rows > most:
        raise RefusedError(f"has {rows:,} rows; allowed: up to {most:,}")
    if rows * width > MOST_CELLS:
        raise RefusedError(f"has {rows:,} rows of {width} columns; allowed: up to {MOST_CELLS:,} cells")


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_binary(kind) or types.is_large_string(kind))


def _is_plain(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    asked = (types.is_integer, types.is_floating, types.is_boolean, types.is_temporal, types.is_decimal, types.is_null)
    return _is_text(kind) or any(each(kind) for each in asked)


def _cells(column: Any) -> list[str]:
    """A batch's cells; each different text of a dictionary is made once."""
    from pyarrow import types

    if types.is_dictionary(column.type):
        _refuse_long(column.dictionary)
        words = ["" if word is None else _text(word) for word in column.dictionary.to_pylist()]
        return ["" if place is None else words[place] for place in column.indices.to_pylist()]
    if _is_text(column.type):
        _refuse_long(column)
    return ["" if cell is None else _text(cell) for cell in column.to_pylist()]


def _text(cell: object) -> str:
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)


def _refuse_long(words: Any) -> None:
    from pyarrow import compute

    longest = compute.max(compute.binary_length(words)).as_py() or 0
    if longest > LONGEST_CELL:
        raise RefusedError(f"a cell has {longest:,} characters; allowed: up to {LONGEST_CELL:,}")


def _bounded() -> None:
    """So much memory and time for this process; no bound on systems that know none."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _told() -> Iterator[Any]:
    """Every line of the output; the last is true where all was read, or says why not."""
    try:
        yield from columns(sys.stdin.buffer.read(), sys.argv[2:], int(sys.argv[1]))
    except RefusedError as error:
        yield {"refused": str(error)}
    except MemoryError:
        yield {"refused": f"needs more than {MOST_MEMORY:,} bytes of memory to be read; write it as CSV"}
    except Exception as error:  # a damaged file has many ways to fail in the library
        words = (str(error) or type(error).__name__).splitlines()[0][:200]
        yield {"refused": f"cannot be read as Parquet: {words}"}
    else:
        yield True


if __name__ == "__main__":
    _bounded()
    for each in _told():
        sys.stdout.write(json.dumps(each) + "\n")
