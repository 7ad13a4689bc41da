"""A section with a fault, read without the part at fault, so that the rules between sections can still be asked.

The part keeps its name: a strategy may name a gate that could not be read. Whoever looks inside stops there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from pydantic import ValidationError

from sim.scenario.document import Trail, part
from sim.scenario.model.written import Written

NAMED: tuple[Trail, ...] = (
    ("service", "pod"),
    ("dependencies",),
    ("traffic", "streams"),
    ("conditions",),
    ("release", "defects"),
    ("release", "effects"),
    ("gates",),
    ("strategies",),
)
"""Where parts stand by names of the author's."""


class UnreadError(Exception):
    """A rule has come to a part that could not be read; it has nothing more to say."""


class Unread:
    """In the place of a part that could not be read; every question to it raises :class:`UnreadError`."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise UnreadError

    def _refuse(self, *_: object) -> NoReturn:
        raise UnreadError

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __int__ = __float__ = __index__ = __str__ = __repr__ = __format__ = __neg__ = __round__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse


def mend(written: Written, section: str, data: Any, faults: Iterable[tuple[Trail, bool]]) -> bool:
    """Read a section without its faults; false where that cannot be, and the section stays unread.

    ``faults`` are trails from the top, each with whether it is no more than a key too many.
    """
    mended = {section: _copied(data)}
    unread: set[Trail] = set()
    for trail, needless in faults:
        at = trail if needless else _part_around(trail)
        if at is None or len(at) < 2:
            return False
        _drop(mended, at)
        if not needless:
            unread.add(at)
    try:
        Written.__pydantic_validator__.validate_assignment(written, section, mended[section])
    except (ValidationError, UnreadError):
        return False
    for trail in unread:
        _put_unread(written, trail)
    return True


def _part_around(trail: Trail) -> Trail | None:
    """The part to do without: the named one around a fault, or else the section's field."""
    for names in NAMED:
        if trail[: len(names)] == names:
            return trail[: len(names) + 1] if len(trail) > len(names) else None
    return trail[:2] if len(trail) >= 2 else None


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def _drop(data: dict[str, Any], trail: Trail) -> None:
    """Take a part out, if an earlier one has not taken it along."""
    try:
        holder = part(data, trail[:-1])
    except (LookupError, TypeError):
        return
    if isinstance(holder, dict):
        holder.pop(trail[-1], None)


def _put_unread(written: Written, trail: Trail) -> None:
    """At the end of its mapping, so that a rule comes to all others first."""
    holder: Any = written
    for step in trail[:-1]:
        holder = getattr(holder, str(step))
    if isinstance(holder, dict):
        holder[trail[-1]] = Unread()
    else:
        holder.__dict__[trail[-1]] = Unread()
