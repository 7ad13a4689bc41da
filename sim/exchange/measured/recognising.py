"""Whether a file is a list of past releases, which is learnt from in another way than what was measured."""

from __future__ import annotations

import itertools
import json

from sim.exchange.history.words import BAD, GOOD, NO_RELEASE, columns_in, squeezed
from sim.exchange.measured.readers import k6_summary, prometheus
from sim.exchange.measured.readers.meanings import columns_in as measured_in
from sim.named_files import UnreadableError
from sim.scenario.csv_rows import csv_rows

LOOKED_AT = 50
"""Rows."""
_FIGURES = {"took", "requests", "rate", "errors", "p50", "p95", "p99"}


def is_release_list(content: bytes) -> bool:
    """Whether these bytes are a list of releases: its column of results holds words for what became of a release."""
    begins = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begins in (b"{", b"["):
        return _is_json_list(content)
    try:
        rows = list(itertools.islice(csv_rows(content, ["result", "status"]), LOOKED_AT))
    except UnreadableError:
        return False
    if not rows:
        return False
    header = rows[0][1]
    place = columns_in(header).get("result")
    if place is None or _FIGURES & measured_in(header, {}).keys():
        return False
    words = [squeezed(cells[place]) for _, cells in rows[1:] if place < len(cells)]
    return bool(words) and 2 * sum(word in GOOD | BAD | NO_RELEASE for word in words) >= len(words)


def _is_json_list(content: bytes) -> bool:
    """A list of objects, or an object with one, that is no other document that is known."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    if prometheus.is_answer(found) or k6_summary.is_summary(found):
        return False
    lists = [found] if isinstance(found, list) else [each for each in found.values() if isinstance(each, list)]
    first = next((each[0] for each in lists if each and isinstance(each[0], dict)), None)
    return first is not None and "result" in columns_in([key for key in first if isinstance(key, str)])
