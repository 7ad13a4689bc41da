"""Where a study lies and what its folder says of itself; light, so that a plan can look without loading tables."""

from __future__ import annotations

import json
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


def folder_of(results: Path, name: str, identity: str) -> Path:
    """The folder of a study; six digits of its identity, or all of them where another study has those six."""
    short = results / f"{slug(name)}-{identity[:6]}"
    manifest = read_manifest(short)
    return short if manifest.get("identity", identity) == identity else results / f"{slug(name)}-{identity}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says of itself; empty where it says nothing that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
