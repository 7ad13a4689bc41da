"""Where a study lies and what its folder says of itself; light, so that a plan can look without loading tables."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


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
    other = read_manifest(folder).get("file")
    if not other or not Path(other).exists() or not file.exists():
        return False
    return not os.path.samefile(other, file) and not os.path.samefile(folder, file.parent)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says of itself; empty where it says nothing that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
