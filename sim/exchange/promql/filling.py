"""Arguments and template variables put into a query, so that it can be parsed.

Argo replaces ``{{args.name}}``, Flagger ``{{ target }}``, ``{{ interval }}`` and its other variables. What is not known
gets a placeholder of the type its place asks for: a duration inside brackets, text inside quotes, else a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CANARY, STABLE, UNKNOWN = "rollriskcanary", "rollriskstable", "rollriskunknown"
"""Stand in a query for the new version's pods, the old version's, and what is not known."""

_PLACE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def filled(query: str, known: Mapping[str, str]) -> str:
    """The query with all its placeholders replaced.

    >>> filled('up{job="{{args.job}}"}[{{ interval }}]', {"args.job": "shop"})
    'up{job="shop"}[1m]'
    """
    parts: list[str] = []
    end = 0
    for found in _PLACE.finditer(query):
        before = query[end : found.start()]
        parts.append(before)
        parts.append(_word(found[1], "".join(parts), known))
        end = found.end()
    return "".join(parts) + query[end:]


def placeholders(query: str) -> list[str]:
    """The names that a query asks for.

    >>> placeholders('a{x="{{args.one}}"} / {{ two }}')
    ['args.one', 'two']
    """
    return [found[1] for found in _PLACE.finditer(query) if _NAME.fullmatch(found[1])]


def _word(name: str, before: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    if before.rfind("[") > before.rfind("]"):
        return "1m"
    in_quotes = (before.count('"') - before.count('\\"')) % 2 == 1 or before.count("'") % 2 == 1
    follows_a_name = bool(re.search(r"[A-Za-z0-9_:]$", before))
    return UNKNOWN if in_quotes or follows_a_name else "1"
