"""From what a person writes to what the program counts in.

Every reader takes what a YAML file can hold (text, whole number, number, anything else) and either gives the value or
raises ValueError with a sentence for the author: what was found, and what to write instead. Arithmetic is in decimals,
so ``1.2s`` is exactly 1,200,000,000 ns. A bare number has no unit and is refused where a unit is needed; 0 is 0 in
every unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sim.units.scales import BITS, BYTES, DECIMAL, LONGEST, PER, TIMES

_MOST = 10**18
_NUMBER = r"([0-9]{1,18}(?:\.[0-9]{1,18})?)"


def duration(written: Any) -> int:
    """Nanoseconds from '250ms', '45s', '5m', '1h30m', '2d'; units go from long to short, each once.

    >>> duration("1h30m") == 5_400 * 10**9, duration("1.2s"), duration(0)
    (True, 1200000000, 0)
    """
    hint = "write e.g. '250ms', '45s', '5m', '1h30m'"
    if _is_zero(written):
        return 0
    if _is_number(written):
        raise ValueError(f"{written} has no unit of time; {hint}")
    text = _text(written, "a duration", hint)
    parts = re.findall(_NUMBER + r"(ms|us|ns|d|h|m|s)", text)
    order = [list(TIMES).index(unit) for _, unit in parts]
    if "".join(number + unit for number, unit in parts) != text or order != sorted(set(order)):
        raise ValueError(f"cannot read {_quoted(text)} as a duration; {hint}")
    total = sum((Decimal(number) * TIMES[unit] for number, unit in parts), Decimal(0))
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
        found = _matched(written, r" ?(%?)", "a share", hint)
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
    found = _matched(written, r" ?([kMG]?)/(s|sec|min|m|h|d)", "a rate", hint)
    return float(Decimal(found[1]) * DECIMAL[found[2]] / PER[found[3]])


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
    found = _matched(written, r" ?([A-Za-z]{1,3})", "a size", hint, units=BYTES)
    return round(_within(Decimal(found[1]) * BYTES[found[2]], found[0]))


def cpu(written: Any) -> int:
    """Thousandths of a core, from '500m', '4', 4 or 0.5.

    >>> cpu("500m"), cpu(4), cpu("2.5")
    (500, 4000, 2500)
    """
    hint = "write e.g. '500m' or 4"
    if _is_number(written):
        thousandths = _decimal(written, "an amount of CPU", hint) * 1000
    else:
        found = _matched(written, r"(m?)", "an amount of CPU", hint)
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
    found = _matched(written, r" ?([A-Za-z]{1,4})/s", "a bandwidth", hint, units=(*BYTES, *BITS))
    bits = BITS.get(found[2])
    return float(Decimal(found[1]) * (Decimal(bits) / 8 if bits else BYTES[found[2]]))


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


def _matched(written: Any, unit: str, what: str, hint: str, units: Collection[str] | None = None) -> re.Match[str]:
    """A number and its unit as the groups of a match; ValueError for what has neither, or a unit of nothing."""
    text = _text(written, what, hint)
    found = re.fullmatch(_NUMBER + unit, text)
    if not found or (units is not None and found[2] not in units):
        raise ValueError(f"cannot read {_quoted(text)} as {what}; {hint}")
    return found


def _plain(written: Any, what: str, hint: str) -> Decimal:
    """A number without a unit, perhaps with k, M, G or T."""
    if _is_number(written):
        value = _decimal(written, what, hint)
    else:
        found = _matched(written, r"([kMGT]?)", what, hint)
        value = Decimal(found[1]) * DECIMAL[found[2]]
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
