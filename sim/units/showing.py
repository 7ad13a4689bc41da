"""From what the program counts in to what a person reads, or writes into a file."""

from __future__ import annotations

import math
from decimal import Decimal

from sim.units.reading import share
from sim.units.scales import BYTES, TIMES


def show_duration(nanoseconds: float, nearest: int = 1) -> str:
    """The shortest exact text; ``nearest`` (ns) rounds first, for readers.

    >>> show_duration(5_400 * 10**9), show_duration(1_200_000_000), show_duration(250_000_000), show_duration(0)
    ('1h30m', '1.2s', '250ms', '0s')
    >>> show_duration(61_234_567_890, nearest=10**9)
    '1m1s'
    """
    if math.isinf(nanoseconds):
        return "never"
    whole = round(nanoseconds / nearest) * nearest if nearest > 1 else round(nanoseconds)
    sign, left, text = ("-" if whole < 0 else ""), abs(whole), ""
    for unit in ("d", "h", "m"):
        number, left = divmod(left, TIMES[unit])
        text += f"{number}{unit}" if number else ""
    for unit in ("s", "ms", "us", "ns"):
        if left >= TIMES[unit]:
            return f"{sign}{text}{_digits(Decimal(left) / TIMES[unit])}{unit}"
    return sign + (text or "0s")


def two_figures(value: float) -> float:
    """A figure rounded to what a reader keeps of it.

    >>> two_figures(0.06473), two_figures(1234.0)
    (0.065, 1200.0)
    """
    return float(f"{value:.2g}")


def show_share(value: float) -> str:
    """In percent, at most four figures, for readers.

    >>> show_share(0.0005), show_share(0.9995), show_share(1)
    ('0.05 %', '99.95 %', '100 %')
    """
    return f"{_digits(Decimal(f'{value * 100:.4g}'))} %"


def write_share(value: float) -> str:
    """In percent, every figure, for a file: ``share`` reads the same number back.

    >>> write_share(0.0005), share(write_share(1 / 3)) == 1 / 3
    ('0.05%', True)
    """
    text = f"{_digits(Decimal(repr(float(value))) * 100)}%"
    return text if len(text) <= 20 and share(text) == value else repr(float(value))


def show_rate(per_second: float) -> str:
    """Per second.

    >>> show_rate(90.0), show_rate(0.25)
    ('90/s', '0.25/s')
    """
    return f"{_digits(Decimal(repr(float(per_second))))}/s"


def show_size(number_of_bytes: int) -> str:
    """The shortest exact text.

    >>> show_size(180_000_000), show_size(512 * 1024**2), show_size(1001)
    ('180MB', '512Mi', '1001B')
    """
    for unit in ("TB", "Ti", "GB", "Gi", "MB", "Mi", "kB", "Ki"):
        if number_of_bytes and number_of_bytes % BYTES[unit] == 0:
            return f"{number_of_bytes // BYTES[unit]}{unit}"
    return f"{number_of_bytes}B"


def show_count(value: float) -> str:
    """Rounded, with commas.

    >>> show_count(12345.6)
    '12,346'
    """
    return f"{value:,.0f}"


def show_cpu(millicores: int) -> str:
    """Cores when whole, else thousandths.

    >>> show_cpu(500), show_cpu(4000)
    ('500m', '4')
    """
    return f"{millicores}m" if millicores % 1000 else str(millicores // 1000)


def show_bandwidth(bytes_per_second: float) -> str:
    """Bytes per second with a unit.

    >>> show_bandwidth(1e8), show_bandwidth(1.5)
    ('100MB/s', '1.5B/s')
    """
    if bytes_per_second == int(bytes_per_second):
        return f"{show_size(int(bytes_per_second))}/s"
    return f"{_digits(Decimal(repr(bytes_per_second)))}B/s"


def _digits(value: Decimal) -> str:
    """Plain decimal figures without an exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
