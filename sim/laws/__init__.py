"""Laws of chance: how long, how many, how bad. A law is drawn by inversion: one uniform gives one value.

A law's numbers are plain floats in the unit of use: nanoseconds for a duration, bytes for a size, 0 to 1 for a share.
A larger uniform never gives a smaller value, so that common luck couples strategies monotonically. Both engines draw
with the one function :func:`value` on packed columns; ``Law.quantile`` is the same function on a law of its own.

>>> from pydantic import TypeAdapter
>>> start = TypeAdapter(DurationLaw).validate_python({"p50": "12s", "p95": "30s"})
>>> round(start.quantile(0.95) / 1e9, 3)
30.0
"""

from sim.laws.forms import DurationLaw, NumberLaw, ShareLaw, SizeLaw
from sim.laws.law import Law, draw_from
from sim.laws.packing import pack
from sim.laws.rules import value

__all__ = ["DurationLaw", "Law", "NumberLaw", "ShareLaw", "SizeLaw", "draw_from", "pack", "value"]
