"""Kubernetes' quantities of CPU and memory, in thousandths of a core and bytes."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_QUANTITY = re.compile(r"\+?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?")
_FACTORS = {
    "": Decimal(1), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{unit + "i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}  # fmt: skip


def quantity(written: str) -> Decimal | None:
    """The number that a quantity means; None where it is none.

    >>> quantity("500m"), quantity("1Ki"), quantity("1e3"), quantity("much")
    (Decimal('0.500'), Decimal('1024'), Decimal('1E+3'), None)
    """
    found = _QUANTITY.fullmatch(written) if len(written) <= 40 else None
    if found is None:
        return None
    number, unit = Decimal(found[1]), found[2] or ""
    return number * (Decimal(f"1{unit}") if unit[:1] in "eE" and len(unit) > 1 and unit[1] != "i" else _FACTORS[unit])


def millicores(written: str) -> int | None:
    """Thousandths of a core, a part rounded up, as Kubernetes does.

    >>> millicores("250m"), millicores("1.5"), millicores("100u")
    (250, 1500, 1)
    """
    found = quantity(written)
    return None if found is None else math.ceil(found * 1000)


def byte_count(written: str) -> int | None:
    """Bytes, a part rounded up.

    >>> byte_count("64Mi"), byte_count("1G")
    (67108864, 1000000000)
    """
    found = quantity(written)
    return None if found is None else math.ceil(found)
