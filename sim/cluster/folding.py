"""What several edits in force make of one version and stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.rows import LONG_AGO
from sim.steps import Edit, Effect


class Folded(NamedTuple):
    """One entry of the world's ``Versions``, in the order of its columns."""

    service_factor: float
    error_chance: float
    seen_chance: float
    cohort: float
    cohort_error: float
    cohort_seen: float
    crowd_error: float = 0.0
    poison: float = 0.0
    leak: float = 0.0
    calls: int = 0
    held_until: int = LONG_AGO
    repeats: float = 0.0
    cohort_repeats: float = 0.0
    crowd_repeats: float = 0.0


def fold(
    base_error: float, base_factor: float, edits: Sequence[Edit], base_calls: int = 0, base_repeats: float = 0.0
) -> Folded:
    """Base values and edits as one row of chances; the chance seen is never above the chance.

    Errors of the baseline are seen. Independent causes of error add up as 1 − Π(1 − p), those that telemetry sees
    first. A version has one cohort: where edits name several, the largest is taken and the chances of the smaller ones
    are thinned to it, so that as many answers are bad. Of every cause a share repeats: those shares of the causes that
    are seen add up likewise, and the rest is luck of each try. What nobody sees is never tried again.

    >>> tenth = Edit(effect=Effect.ERROR, value=0.1)
    >>> fold(0.0, 1.0, [tenth, Edit(effect=Effect.SERVICE_FACTOR, value=3.0)])[:6]
    (3.0, 0.1, 0.1, 0.0, 0.1, 0.1)
    """
    factor = base_factor
    for edit in edits:
        if edit.effect is Effect.SERVICE_FACTOR:
            factor *= _number(edit)
    everyone = [edit for edit in edits if edit.cohort >= 1.0]
    cohort = max((edit.cohort for edit in edits if _is_error(edit) and edit.cohort < 1.0), default=0.0)
    error, seen, repeats = _chances(base_error, base_repeats, everyone, cohort=1.0)
    of_cohort = _chances(base_error, base_repeats, edits, cohort) if cohort else (error, seen, repeats)
    folded = Folded(factor, error, seen, cohort, *of_cohort[:2], calls=base_calls)
    folded = folded._replace(repeats=repeats, cohort_repeats=of_cohort[2])
    for edit in edits:
        folded = _with_load(folded, edit)
    return folded


def _with_load(folded: Folded, edit: Edit) -> Folded:
    """The same row with one more edit that depends on load, on the request or on the dependency."""
    match edit.effect:
        case Effect.CROWD_ERROR:
            repeated = _either(folded.crowd_repeats, _number(edit) * edit.repeats)
            return folded._replace(crowd_error=_either(folded.crowd_error, _number(edit)), crowd_repeats=repeated)
        case Effect.POISON:
            return folded._replace(poison=_either(folded.poison, _number(edit)))
        case Effect.REQUEST_LEAK:
            return folded._replace(leak=folded.leak + _number(edit))
        case Effect.CALLS:
            return folded._replace(calls=folded.calls + round(_number(edit)))
        case Effect.LOCK:
            return folded._replace(held_until=max(folded.held_until, edit.end))
        case _:
            return folded


def _chances(base: float, base_repeats: float, edits: Sequence[Edit], cohort: float) -> tuple[float, float, float]:
    """The chance of a bad answer, of one that is seen, and of one that repeats, for users in a cohort of this share."""
    seen, repeats = base, base * base_repeats
    for edit in edits:
        if edit.effect is Effect.ERROR:
            seen = _either(seen, _thinned(edit, cohort))
            repeats = _either(repeats, _thinned(edit, cohort) * edit.repeats)
    error = seen
    for edit in edits:
        if edit.effect is Effect.UNSEEN_ERROR:
            error = _either(error, _thinned(edit, cohort))
    return error, seen, min(repeats, seen)


def _either(one: float, other: float) -> float:
    """The chance of at least one of two independent causes; exactly ``one`` when the other cannot be."""
    return one + (1.0 - one) * other


def _thinned(edit: Edit, cohort: float) -> float:
    share = 1.0 if edit.cohort >= 1.0 else min(1.0, edit.cohort / cohort)
    return _number(edit) * share


def _is_error(edit: Edit) -> bool:
    return edit.effect in (Effect.ERROR, Effect.UNSEEN_ERROR)


def _number(edit: Edit) -> float:
    assert isinstance(edit.value, int | float), f"{edit.effect} needs a number"
    return float(edit.value)
