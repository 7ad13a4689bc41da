"""Where a study lies and what its folder says of itself; light, so that a plan can look without loading tables."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from sim.study.digests import checked

MANIFEST = "manifest.json"
SWEEP = "sweep.json"
"""What ``rollrisk sweep`` leaves beside the study it belongs to."""
BESIDE = "beside.json"
"""What was played beside a study: late defects awake, and what cures good releases."""


def slug(name: str) -> str:
    """A scenario's name as part of a folder's name.

    >>> slug("Checkout, evening peak!"), slug("…")
    ('checkout-evening-peak', 'study')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48].rstrip("-") or "study"


def folder_of(results: Path, name: str, identity: str, file: Path | None = None) -> Path:
    """The folder of a study; six digits of its identity, or all of them where another study has those six.

    Two files may have one name and one identity, for instance with other criteria; the second then has a folder of its
    own, so that neither overwrites the other's report. A file that was moved or renamed keeps its folder, and so does
    the resolved scenario that lies in it.
    """
    short = results / f"{slug(name)}-{identity[:6]}"
    if read_manifest(short).get("identity", identity) != identity:
        short = results / f"{slug(name)}-{identity}"
    return short.with_name(f"{short.name}-{slug(file.stem)}") if file and _is_of_another(short, file) else short


def _is_of_another(folder: Path, file: Path) -> bool:
    """Whether the folder is that of another file, which is still there."""
    told = read_manifest(folder).get("file")
    other = folder / str(told)
    if not told or not other.exists() or not file.exists():
        return False
    return not os.path.samefile(other, file) and not os.path.samefile(folder, file.parent)


def seen_from(folder: Path, file: Path) -> str:
    """A file's place as its study's folder tells it: from there, so that both can be moved together and no name of a
    machine's folders is told; as it is where there is no such way.

    >>> seen_from(Path("results/one-1f2e3d"), Path("scenarios/one.yaml"))
    '../../scenarios/one.yaml'
    """
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # on another drive
        return str(file.absolute())


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says of itself; empty where it says nothing that can be read, without what is not of its kind.

    A manifest that is not the one that was written says nothing.
    """
    try:
        found = json.loads(checked(folder, MANIFEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: value for key, value in found.items() if _is_sound(key, value)} if isinstance(found, dict) else {}


def _is_sound(key: str, value: Any) -> bool:
    """Whether a value is of the shape that runs write under a key, whoever has written this one."""
    if key in ("name", "identity", "file"):
        return isinstance(value, str)
    if key in ("made", "rooms"):
        return isinstance(value, dict)
    if key == "counts":
        return isinstance(value, dict) and all(isinstance(each, int) for each in value.values())
    if key in ("rows", "history", "defaults", "ranges"):
        return isinstance(value, list) and all(isinstance(each, dict) and _tells(key, each) for each in value)
    return True


def _tells(key: str, entry: dict[str, Any]) -> bool:
    """Whether an entry of a list says what it must."""
    if key == "rows":
        return isinstance(entry.get("rows"), int) and {"strategy", "case"} <= entry.keys()
    return key != "history" or isinstance(entry.get("rows"), dict)
