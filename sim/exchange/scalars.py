"""Bare words of YAML as the tools of Kubernetes read them.

They read YAML 1.1 (sigs.k8s.io/yaml, go-yaml 2): ``yes`` and ``on`` are true, ``010`` is eight; but, unlike the YAML
1.1 of other languages, ``12:30`` and ``2026-01-31`` stay text and ``1e3`` is a number.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

LONGEST_NUMBER = 40
"""Characters; what is longer stays text."""

_TRUE = {word for base in ("true", "yes", "on") for word in (base, base.title(), base.upper())}
_FALSE = {word for base in ("false", "no", "off") for word in (base, base.title(), base.upper())}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BEGINS = frozenset("0123456789+-.")


def scalar(text: str) -> Scalar:
    """What a bare word is.

    >>> scalar("yes"), scalar("010"), scalar("12:30"), scalar("1e3"), scalar("~"), scalar("v1.2")
    (True, 8, '12:30', 1000.0, None, 'v1.2')
    """
    if text[:1] in _BEGINS and len(text) <= LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return _integer(text)
        return float(text) if _FLOAT.fullmatch(text) else text
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    return False if text in _FALSE else text


def _integer(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "")
    if digits[:2] in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
