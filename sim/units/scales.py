"""The units there are, each in what the program counts in: nanoseconds, bytes, pieces."""

from __future__ import annotations

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LONGEST = 3_650 * DAY
"""Ten years: no duration may be longer, so that sums of several stay within 64 bits."""

TIMES = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": MILLISECOND, "us": MICROSECOND, "ns": NANOSECOND}
PER = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}
DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
BYTES |= {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTES |= {prefix + end: 1024**power for power, prefix in enumerate(("Ki", "Mi", "Gi", "Ti"), 1) for end in ("", "B")}
BITS = {"bit": 1, "kbit": 10**3, "Mbit": 10**6, "Gbit": 10**9}
