"""Recorded arrivals from a file: ``arrivals: {kind: replay, file: web.csv, column: at}``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.arrivals.replay import MOST_INSTANTS, packed
from sim.errors import Problem
from sim.named_files import Reach
from sim.scenario.document import Document, Trail, beside, with_part
from sim.scenario.model.parts import nearest
from sim.scenario.moments import read_moments
from sim.scenario.row_kinds import several_kinds
from sim.scenario.sheets import NoColumnError, read_sheet
from sim.scenario.where import read_where

_KEYS = ("kind", "file", "column", "where")
_NOTHING = packed([0, 1])
"""Stands in the place of a recording that cannot be read, so that the rest of the file is still checked."""


def take_recordings(document: Document) -> list[Problem]:
    """Put the instants of files in the place of arrivals that name one; gives what is wrong with them."""
    traffic = document.data.get("traffic")
    streams = traffic.get("streams") if isinstance(traffic, dict) else None
    problems = []
    for name, stream in streams.items() if isinstance(streams, dict) else ():
        written = stream.get("arrivals") if isinstance(stream, dict) else None
        if isinstance(written, dict) and written.get("kind") == "replay" and "file" in written:
            trail: Trail = ("traffic", "streams", name, "arrivals")
            times, fault, read_as = _read(
                written, beside(document, (*trail, "file"), str(written["file"])), document.reach
            )
            if fault:
                problems.append(document.problem((*trail, fault[0]), fault[1]))
            else:
                document.readings[trail] = f"timestamps of {written['file']} read as {read_as}"
            document.data = with_part(document.data, trail, {"kind": "replay", "times": times})
    return problems


def _read(written: dict[str, Any], file: Path, reach: Reach) -> tuple[str, tuple[str, str] | None, str]:
    """The packed instants, (key, what is wrong with it), and what the instants were read as."""
    unknown = [key for key in written if key not in _KEYS]
    if unknown:
        message = f"unknown key{nearest(unknown[0], _KEYS)}; allowed: {', '.join(_KEYS)}"
        return _NOTHING, (unknown[0], message), ""
    if not isinstance(written.get("column"), str):
        return _NOTHING, ("file", "does not say which column holds the instants; write column: …"), ""
    column, key = written["column"], "where"
    try:
        where = read_where(written)
        key = "file"
        sheet = read_sheet(file, reach, [column], MOST_INSTANTS, where)
        key = "column"
        moments = read_moments(sheet.columns[column], sheet.lines)
        instants = packed(sorted(moments.times))
    except NoColumnError as missing:
        return _NOTHING, ("column" if missing.name == column else "where", str(missing)), ""
    except ValueError as error:
        return _NOTHING, (key, str(error)), ""
    mixed = several_kinds(sheet.others, moments.times)
    return instants, ("file", mixed) if mixed else None, moments.read_as
