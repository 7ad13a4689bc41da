"""What a person writes and what the program counts in, and back again.

Times are integers of nanoseconds, sizes bytes, CPU thousandths of a core, rates per second, shares numbers from 0 to 1.
``reading`` goes from text to numbers, ``showing`` from numbers to text; ``scales`` holds the units both know.
"""

from __future__ import annotations

from sim.units.reading import amount, bandwidth, count, cpu, duration, rate, share, size
from sim.units.scales import DAY, HOUR, LONGEST, MICROSECOND, MILLISECOND, MINUTE, NANOSECOND, SECOND
from sim.units.showing import (
    show_bandwidth,
    show_count,
    show_cpu,
    show_duration,
    show_rate,
    show_share,
    show_size,
    two_figures,
    write_share,
)

__all__ = [
    "DAY",
    "HOUR",
    "LONGEST",
    "MICROSECOND",
    "MILLISECOND",
    "MINUTE",
    "NANOSECOND",
    "SECOND",
    "amount",
    "bandwidth",
    "count",
    "cpu",
    "duration",
    "rate",
    "share",
    "show_bandwidth",
    "show_count",
    "show_cpu",
    "show_duration",
    "show_rate",
    "show_share",
    "show_size",
    "size",
    "two_figures",
    "write_share",
]
