"""Which answers a label of a metric tells apart: good ones from bad ones, by trying both on its matchers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

Side: TypeAlias = Literal["good", "bad"]

PAIRS = (
    ("200", "503"), ("200", "500"), ("2xx", "5xx"), ("2", "5"), ("OK", "Unavailable"), ("OK", "Internal"), ("0", "14"),
    ("success", "failure"), ("success", "error"), ("ok", "error"), ("false", "true"), ("200", "404"), ("200", "400"),
)  # fmt: skip
"""A good answer and a bad one, as labels of common exporters call them; the first pair a matcher tells apart counts."""
_LABEL = re.compile(
    r"(^|_)(code|codes|status|statuscode|class|classification|outcome|result|error|success|response|rc)(_|$)|status|code",
    re.IGNORECASE,
)


def side(matchers: Iterable[Any]) -> Side | None:
    """Whether these matchers keep good answers only, or bad ones only; None where they tell none apart."""
    found: Side | None = None
    for each in matchers:
        if not _LABEL.search(each.name):
            continue
        for good, bad in PAIRS:
            kept = matches(each, good), matches(each, bad)
            if kept[0] != kept[1]:
                found = "good" if kept[0] else "bad"
                break
    return found


def matches(matcher: Any, value: str) -> bool:
    """Whether a matcher takes a value; a regular expression Python cannot read takes none."""
    operator = str(matcher.op).rpartition(".")[2]
    if operator in ("Equal", "NotEqual"):
        return bool((matcher.value == value) == (operator == "Equal"))
    try:
        fits = re.fullmatch(matcher.value, value) is not None
    except re.error:
        fits = False
    return fits == (operator == "Re")


def side_of_name(metric: str) -> Side | None:
    """What a metric counts by its name.

    >>> side_of_name("http_errors_total"), side_of_name("http_requests_total")
    ('bad', None)
    """
    if re.search(r"error|fail|5xx|exception|reject", metric, re.IGNORECASE):
        return "bad"
    return "good" if re.search(r"success|2xx|_ok(_|$)", metric, re.IGNORECASE) else None
