"""What the columns and the words of a list of releases are called, by whoever keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "date", "when", "released", "released at", "deployed at", "created at", "started at", "timestamp"),
    "result": ("result", "outcome", "status", "state", "conclusion"),
    "cause": ("cause", "root cause", "category", "reason"),
    "detected_by": ("detected by", "found by", "noticed by"),
    "stopped_by": ("stopped by", "who stopped it", "taken back by"),
    "minutes_to_detect": ("minutes to detect", "time to detect", "detect minutes", "ttd", "mttd"),
    "minutes_to_mitigate": (
        ("minutes to mitigate", "time to mitigate", "mitigate minutes", "minutes to recover", "ttm", "ttr", "mttr")
    ),
    "peak_error_ratio": ("peak error ratio", "error ratio", "peak errors", "peak error rate", "error rate"),
    "ratio_of": ("ratio of", "whose ratio", "error ratio of"),
    "weight": ("weight", "traffic weight", "canary weight"),
    "failed_requests": ("failed requests", "requests failed", "lost requests"),
}
"""Each column by the name used here, and other names for it; case, spaces, ``_`` and ``-`` make no difference."""

GOOD = frozenset(
    word
    for words in (
        "good ok success successful succeeded passed healthy promoted",
        "completed complete done live released shipped",
    )
    for word in words.split()
)
BAD = frozenset(
    word
    for words in (
        "bad failed failure fail incident degraded broken error unhealthy aborted",
        "stopped reverted rollback rolledback takenback hotfix outage",
    )
    for word in words.split()
)
NO_RELEASE = frozenset(
    word
    for words in (
        "cancelled canceled skipped pending queued waiting inprogress running",
        "inactive superseded planned draft",
    )
    for word in words.split()
)
"""Never went out, or not yet, or says only that the next one came: counts neither way."""

GATE = frozenset(
    word
    for words in ("gate gates analysis argo flagger kayenta canary", "automation automatic pipeline ci smoke")
    for word in words.split()
)
"""Words that say that a machine noticed, or stopped it."""
NEW_VERSION = frozenset(["new", "newversion", "version", "canary"])
WHOLE_SERVICE = frozenset(("service", "whole", "wholeservice", "all", ""))

KINDS: tuple[tuple[str, str], ...] = (
    (r"leak", "memory_leak"),
    (r"crash|\boom\b|out.of.memory|panic|\b(re)?start", "crash_loop"),
    (r"slow|latency|timeout|performance", "latency"),
)
"""What a cause is called, and the failure that is meant; any other cause is taken for bad answers."""


def squeezed(text: str) -> str:
    """A word without what people write differently.

    >>> squeezed("Rolled-back "), squeezed("minutes_to detect")
    ('rolledback', 'minutestodetect')
    """
    return re.sub(r"[\s_-]+", "", text.strip().lower())


def columns_in(header: list[str]) -> dict[str, int]:
    """The place of each column that is known; the first of several with one meaning counts.

    >>> columns_in(["Date", "Status", "Owner", "root_cause"])
    {'time': 0, 'result': 1, 'cause': 3}
    """
    return dict(_places([squeezed(cell) for cell in header]))


def _places(cells: list[str]) -> Iterator[tuple[str, int]]:
    for name, others in COLUMNS.items():
        found = [cells.index(squeezed(other)) for other in (name, *others) if squeezed(other) in cells]
        if found:
            yield name, found[0]


def kind_of(cause: str) -> str:
    """The failure that a cause is taken for.

    >>> kind_of("OOM kill"), kind_of("no room for config"), kind_of("Slow query")
    ('crash_loop', 'error_rate', 'latency')
    """
    return next((kind for pattern, kind in KINDS if re.search(pattern, cause.lower())), "error_rate")
