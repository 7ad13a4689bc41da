"""What the schema says of every property: its meaning as written at the field, and what holds if it is left out.

The same few shapes come round in hundreds of places: kinds, laws and ranges. They are described here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.allowed import ALLOWED

_LAWS = {
    "mean": "mean of the values",
    "value": "the one value it always has",
    "values": "values one of which is drawn",
    "weights": "how often each of the values is drawn, in the same order; all alike if left out",
    "cv": "coefficient of variation: standard deviation over mean. "
    "Allowed: 0.001 to 10 (below it the value is always the same, above it a few values hold nearly all of the time)",
    "shape": "shape of the curve; below 1 many small values and a few large ones, above 1 most near the middle. "
    "Allowed: 0.01 (of a gamma law) or 0.05 (of a Weibull law) to 1,000,000 (beyond it the value is always the same)",
    "scale": "scale of the curve: 63 % of the values are below it",
    "low": "smallest value",
    "likely": "most likely value",
    "high": "largest value",
    "of": "the laws of which one is drawn, each with its share",
    "share": "how often this law is drawn, in percent or 0 to 1. Allowed: 0% to 100% (a part of a whole)",
    "law": "the law of these values",
    "^p[0-9]{1,2}(\\.[0-9]+)?$": "a percentile, as p50 or p99.9; two of them make a lognormal",
}
"""Of the parameters of distributions."""
_RANGES = {"low": "smallest value it may have", "likely": "value a run uses", "high": "largest value it may have"}


def described(name: str, form: Mapping[str, Any], *, of_range: bool = False) -> dict[str, Any]:
    """A property's schema with its whole description: meaning, whence its default comes, how far to trust it.

    >>> described("kind", {"const": "canary", "type": "string"})["description"]
    'the word canary'
    """
    allowed, bare = _without_range({key: value for key, value in form.items() if key not in ("origin", "trust")})
    found: dict[str, Any] = bare
    meaning = form.get("description") or _repeated(name, form, of_range=of_range)
    if not meaning:
        return found
    return found | {"description": f"{meaning}{f'. Allowed: {allowed}' if allowed else ''}{_default(form)}"}


def _without_range(form: Any) -> tuple[str, Any]:
    """The range of a form, or of one of the forms between which it leaves the choice, in words; and the rest."""
    if not isinstance(form, dict):
        return "", form
    words = form.get(ALLOWED, "")
    found = {key: value for key, value in form.items() if key != ALLOWED}
    if "anyOf" in form:
        within = [_without_range(each) for each in form["anyOf"]]
        words = words or next((each for each, _ in within if each), "")
        found["anyOf"] = [each for _, each in within]
    return words, found


def _repeated(name: str, form: Mapping[str, Any], *, of_range: bool) -> str:
    """Of a shape that comes round in many places."""
    if name == "kind":
        words = [form["const"]] if "const" in form else form.get("enum", [])
        return f"the word {', '.join(map(str, words))}" if words else "which of the kinds it is"
    return (_RANGES if of_range else _LAWS).get(name, "")


def _default(form: Mapping[str, Any]) -> str:
    """What holds if it is left out; empty where nothing is said of it."""
    if "origin" not in form:
        return ""
    return f". Default: {_written(form.get('default'))} ({form['origin']}; trust: {form['trust']})"


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, bool) or value is None:
        return "none" if value is None else str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)
