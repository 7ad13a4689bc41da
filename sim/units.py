"""What a person writes and what the program counts in, and back again.

Times are integers of nanoseconds, sizes bytes, CPU thousandths of a core, rates per second, shares numbers from 0 to 1.
Every reader takes what a YAML file can hold (text, whole number, number, anything else) and either gives the value or
raises ValueError with a sentence for the author: what was found, and what to write instead. Arithmetic is in decimals,
so ``1.2s`` is exactly 1,200,000,000 ns. A bare number has no unit and is refused where a unit is needed; 0 is 0 in
every unit.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LONGEST = 3_650 * DAY
"""Ten years: no duration may be longer, so that sums of several stay within 64 bits."""

_TIMES = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": MILLISECOND, "us": MICROSECOND, "ns": NANOSECOND}
_PER = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_BYTES |= {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES |= {prefix + end: 1024**power for power, prefix in enumerate(("Ki", "Mi", "Gi", "Ti"), 1) for end in ("", "B")}
_BITS = {"bit": 1, "kbit": 10**3, "Mbit": 10**6, "Gbit": 10**9}
_MOST = 10**18
_NUMBER = r"([0-9]{1,18}(?:\.[0-9]{1,18})?)"


def duration(written: Any) -> int:
    """Nanoseconds from '250ms', '45s', '5m', '1h30m', '2d'; units go from long to short, each once.

    >>> duration("1h30m") == 90 * MINUTE, duration("1.2s"), duration(0)
    (True, 1200000000, 0)
    """
    hint = "write e.g. '250ms', '45s', '5m', '1h30m'"
    if _is_zero(written):
        return 0
    if _is_number(written):
        raise ValueError(f"{written} has no unit of time; {hint}")
    text = _text(written, "a duration", hint)
    parts = re.findall(_NUMBER + r"(ms|us|ns|d|h|m|s)", text)
    order = [list(_TIMES).index(unit) for _, unit in parts]
    if "".join(number + unit for number, unit in parts) != text or order != sorted(set(order)):
        raise ValueError(f"cannot read {_quoted(text)} as a duration; {hint}")
    total = sum((Decimal(number) * _TIMES[unit] for number, unit in parts), Decimal(0))
    if total > LONGEST:
        raise ValueError(f"{_quoted(text)} is longer than ten years")
    return round(total)


def share(written: Any) -> float:
    """A number from 0 to 1, from '5%' or 0.05.

    >>> share("0.05%"), share(0.25), share("100%")
    (0.0005, 0.25, 1.0)
    """
    hint = "write e.g. '5%' or 0.05"
    if _is_number(written):
        value = float(_decimal(written, "a share", hint))
    else:
        text = _text(written, "a share", hint)
        found = re.fullmatch(_NUMBER + r" ?(%?)", text)
        if not found:
            raise ValueError(f"cannot read {_quoted(text)} as a share; {hint}")
        value = float(Decimal(found[1]) / (100 if found[2] else 1))
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{written} is not between 0 % and 100 %; {hint}")
    return value


def rate(written: Any) -> float:
    """Per second, from '90/s', '1200/min', '90k/h'.

    >>> rate("90/s"), rate("1200/min"), rate("90k/h")
    (90.0, 20.0, 25.0)
    """
    hint = "write e.g. '90/s', '1200/min', '90k/h'"
    if _is_zero(written):
        return 0.0
    if _is_number(written):
        raise ValueError(f"{written} does not say per what; {hint}")
    text = _text(written, "a rate", hint)
    found = re.fullmatch(_NUMBER + r" ?([kMG]?)/(s|sec|min|m|h|d)", text)
    if not found:
        raise ValueError(f"cannot read {_quoted(text)} as a rate; {hint}")
    return float(Decimal(found[1]) * _DECIMAL[found[2]] / _PER[found[3]])


def size(written: Any) -> int:
    """Bytes, from '180MB', '512Mi', '1.5Gi'.

    >>> size("180MB"), size("512Mi"), size("12B")
    (180000000, 536870912, 12)
    """
    hint = "write e.g. '180MB', '512Mi', '2Gi'"
    if _is_zero(written):
        return 0
    if _is_number(written):
        raise ValueError(f"{written} has no unit of size; {hint}")
    text = _text(written, "a size", hint)
    found = re.fullmatch(_NUMBER + r" ?([A-Za-z]{1,3})", text)
    if not found or found[2] not in _BYTES:
        raise ValueError(f"cannot read {_quoted(text)} as a size; {hint}")
    return round(_within(Decimal(found[1]) * _BYTES[found[2]], text))


def cpu(written: Any) -> int:
    """Thousandths of a core, from '500m', '4', 4 or 0.5.

    >>> cpu("500m"), cpu(4), cpu("2.5")
    (500, 4000, 2500)
    """
    hint = "write e.g. '500m' or 4"
    if _is_number(written):
        thousandths = _decimal(written, "an amount of CPU", hint) * 1000
    else:
        text = _text(written, "an amount of CPU", hint)
        found = re.fullmatch(_NUMBER + r"(m?)", text)
        if not found:
            raise ValueError(f"cannot read {_quoted(text)} as an amount of CPU; {hint}")
        thousandths = Decimal(found[1]) * (1 if found[2] else 1000)
    if thousandths < 0 or thousandths != int(thousandths):
        raise ValueError(f"{written} is not a whole number of thousandths of a core, 0 or more; {hint}")
    return int(_within(thousandths, written))


def bandwidth(written: Any) -> float:
    """Bytes per second, from '100MB/s', '1Gi/s' or '800Mbit/s'.

    >>> bandwidth("100MB/s"), bandwidth("800Mbit/s")
    (100000000.0, 100000000.0)
    """
    hint = "write e.g. '100MB/s', '1Gi/s', '800Mbit/s'"
    if _is_number(written):
        raise ValueError(f"{written} has no unit of bandwidth; {hint}")
    text = _text(written, "a bandwidth", hint)
    found = re.fullmatch(_NUMBER + r" ?([A-Za-z]{1,4})/s", text)
    if not found or (found[2] not in _BYTES and found[2] not in _BITS):
        raise ValueError(f"cannot read {_quoted(text)} as a bandwidth; {hint}")
    bits = _BITS.get(found[2])
    return float(Decimal(found[1]) * (Decimal(bits) / 8 if bits else _BYTES[found[2]]))


def count(written: Any) -> int:
    """A whole number, 0 or more, from 8, '8' or '50k'.

    >>> count(8), count("50k")
    (8, 50000)
    """
    value = _plain(written, "a whole number", "write e.g. 8 or '50k'")
    if value != int(value):
        raise ValueError(f"{written} is not a whole number")
    return int(value)


def amount(written: Any) -> float:
    """A number, 0 or more, from 50, '1.5k' or '120M'.

    >>> amount("120M"), amount("1.5k"), amount(50)
    (120000000.0, 1500.0, 50.0)
    """
    return float(_plain(written, "a number", "write e.g. 50, '1.5k', '120M'"))


def show_duration(nanoseconds: float, nearest: int = 1) -> str:
    """The shortest exact text; ``nearest`` (ns) rounds first, for readers.

    >>> show_duration(90 * MINUTE), show_duration(1_200_000_000), show_duration(250 * MILLISECOND), show_duration(0)
    ('1h30m', '1.2s', '250ms', '0s')
    >>> show_duration(61_234_567_890, nearest=SECOND)
    '1m1s'
    """
    if math.isinf(nanoseconds):
        return "never"
    whole = round(nanoseconds / nearest) * nearest if nearest > 1 else round(nanoseconds)
    sign, left, text = ("-" if whole < 0 else ""), abs(whole), ""
    for unit in ("d", "h", "m"):
        number, left = divmod(left, _TIMES[unit])
        text += f"{number}{unit}" if number else ""
    for unit in ("s", "ms", "us", "ns"):
        if left >= _TIMES[unit]:
            return f"{sign}{text}{_digits(Decimal(left) / _TIMES[unit])}{unit}"
    return sign + (text or "0s")


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
        if number_of_bytes and number_of_bytes % _BYTES[unit] == 0:
            return f"{number_of_bytes // _BYTES[unit]}{unit}"
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


def _plain(written: Any, what: str, hint: str) -> Decimal:
    """A number without a unit, perhaps with k, M, G or T."""
    if _is_number(written):
        value = _decimal(written, what, hint)
    else:
        text = _text(written, what, hint)
        found = re.fullmatch(_NUMBER + r"([kMGT]?)", text)
        if not found:
            raise ValueError(f"cannot read {_quoted(text)} as {what}; {hint}")
        value = Decimal(found[1]) * _DECIMAL[found[2]]
    if value < 0:
        raise ValueError(f"{written} is below 0; {hint}")
    return _within(value, written)


def _within(value: Decimal, written: Any) -> Decimal:
    if value > _MOST:
        raise ValueError(f"{_quoted(written)} is larger than 10^18")
    return value


def _decimal(written: float, what: str, hint: str) -> Decimal:
    if isinstance(written, float) and not math.isfinite(written):
        raise ValueError(f"{written} is not {what}; {hint}")
    return Decimal(written) if isinstance(written, int) else Decimal(repr(written))


def _is_number(written: Any) -> bool:
    return isinstance(written, int | float) and not isinstance(written, bool)


def _is_zero(written: Any) -> bool:
    return _is_number(written) and written == 0


def _text(written: Any, what: str, hint: str) -> str:
    if not isinstance(written, str):
        raise ValueError(f"cannot read {_kind(written)} as {what}; {hint}")
    if written.strip().startswith("-"):
        raise ValueError(f"{_quoted(written.strip())} is below 0; {hint}")
    return written.strip()


def _kind(written: Any) -> str:
    if written is None:
        return "an empty value"
    if isinstance(written, bool):
        return str(written).lower()
    if isinstance(written, dict):
        return "a mapping"
    return "a list" if isinstance(written, list) else type(written).__name__


def _quoted(written: Any) -> str:
    text = str(written)
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def _digits(value: Decimal) -> str:
    """Plain decimal figures without an exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
