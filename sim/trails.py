"""The way to a part of a document: keys and places in lists, from the top."""

from __future__ import annotations

import re
from typing import TypeAlias

Trail: TypeAlias = tuple[str | int, ...]
"""The way to a part: keys and places in lists, from the top."""


def show_trail(trail: Trail) -> str:
    """A trail as a person names it.

    >>> show_trail(("strategies", "canary", "steps", 0, "weight"))
    'strategies.canary.steps[0].weight'
    """
    text = ""
    for part in trail:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w%-]+", part) else repr(part))
    return text
