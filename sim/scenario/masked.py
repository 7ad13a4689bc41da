"""What is shown of a file that a scenario names: figures and times as they stand, anything else by its form alone.

Recordings are often access logs: a message that repeats a cell would carry addresses and names of clients into
terminals, pipelines and tickets.
"""

from __future__ import annotations

import re

LONGEST = 40
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,}", re.IGNORECASE)
"""Of IPv4 or IPv6. A time of day has two colons; more of them are an address, whole or shortened."""
_FIGURE = re.compile(
    r"[\s\d.,:;/+\-%\[\]]|[TZ](?![a-z])|[eE](?=[+\-]?\d)"
    r"|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|nan|inf|null|none|UTC|GMT)\b"
    r"|(?<=\d)(ns|us|ms|s|m|h|d|k|M|G|rps)\b",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """A cell for a message, in quotes and short: digits and letters become 9 and x unless it is a figure or a time.

    >>> masked("12,5"), masked("10/Oct/2000:13:55"), masked("10.0.0.7"), masked("alice@example.org")
    ("'12,5'", "'10/Oct/2000:13:55'", "'99.9.9.9'", "'xxxxx@xxxxxxx.xxx'")
    """
    text = text.strip()
    if _ADDRESS.search(text) or _FIGURE.sub("", text):
        text = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", text))
    text = "".join(sign if sign.isprintable() else "?" for sign in text)
    return f"'{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}'"


def column_names(names: list[str], most: int = 12) -> str:
    """The columns a file has, for a message; names that are none are shown by their form.

    >>> column_names(["at", "10.0.0.7 - alice"])
    "at, '99.9.9.9 - xxxxx'"
    """
    shown = [name if is_name(name) else masked(name) for name in names[:most]]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")


def is_name(text: str) -> bool:
    """Whether a cell of the first line can be a column's name: a word or a few, not a figure, an address or a log line.

    >>> is_name("metric_name"), is_name("Time (s)"), is_name("1700000000"), is_name("10.0.0.7"), is_name("a@b.c")
    (True, True, False, False, False)
    """
    if len(text) > LONGEST or "@" in text or _ADDRESS.search(text) or not text.isprintable():
        return False
    return bool(re.match(r"\s*[^\W\d]", text))
