"""What a PromQL expression measures, as far as it is a share of good or bad answers or a quantile of latency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from sim.exchange.promql.scopes import Names, Scope, scope_of
from sim.exchange.promql.statuses import side, side_of_name

Measure: TypeAlias = Literal["success", "errors", "quantile", "average", "count", "other"]
SECOND = 10**9
_RATES = ("rate", "irate", "increase", "delta", "idelta")
_UNITS = (
    (r"_(seconds|s)(_|$)", SECOND),
    (r"(milliseconds|millis|_ms)(_|$)", 10**6),
    (r"(microseconds|_us)(_|$)", 1000),
)
DEEPEST = 60


class NoPromQLError(ValueError):
    """The text is no PromQL; the message says why without quoting it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is measured.

    The value is ``scale`` times the share, or the latency in units of ``unit`` ns (0 where its name does not say).
    ``window`` and ``offset`` are ns, 0 where there is none; ``fast`` where only the last two samples count (irate).
    ``vector``: whether Argo is given a list, to be indexed, or a bare number. ``filled``: what ``or vector(0)`` gives
    where there is none. ``metrics`` are the names it reads.
    """

    measure: Measure
    scale: float = 1.0
    quantile: float = 0.0
    unit: int = 0
    window: int = 0
    offset: int = 0
    fast: bool = False
    scope: Scope = "service"
    vector: bool = True
    filled: float | None = None
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Share:
    """``shift`` + ``scale`` times the share of good (or bad) answers."""

    good: bool
    shift: float = 0.0
    scale: float = 1.0

    def flipped(self) -> _Share:
        """The same value by the other share."""
        return _Share(not self.good, self.shift + self.scale, -self.scale)


def parsed(query: str) -> Any:
    """The syntax tree; raises NoPromQLError."""
    import promql_parser

    try:
        return promql_parser.parse(query)
    except ValueError as error:
        raise NoPromQLError(_reason(str(error))) from None


def _reason(words: str) -> str:
    """The parser's reason without what it quotes."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "…", words.splitlines()[0] if words else "")
    return " ".join(words.split())[:120]


def read_query(query: str, names: Names) -> Query:
    """What a query measures; raises NoPromQLError where it does not parse.

    >>> found = read_query('sum(rate(a{code!~"5.."}[5m])) / sum(rate(a[5m]))', Names())
    >>> found.measure, found.window // SECOND, found.scope
    ('success', 300, 'service')
    """
    tree = parsed(query)
    selectors = list(_selectors(tree))
    scopes = {scope_of(each.matchers.matchers, names) for each in selectors}
    base = Query(
        measure="other",
        window=max((_ns(each.range) for each in _of(tree, "MatrixSelector")), default=0),
        offset=max((_ns(each.offset) for each in selectors if each.offset is not None), default=0),
        fast=any(each.func.name in ("irate", "idelta") for each in _of(tree, "Call")),
        scope=scopes.pop() if len(scopes) == 1 else _mixed(scopes),
        vector=_is_vector(tree),
        metrics=tuple(dict.fromkeys(each.name for each in selectors if each.name)),
    )
    inner, fill = _unfilled(_bare(tree))
    return _measured(inner, replace(base, filled=fill))


def _measured(tree: Any, base: Query) -> Query:
    share = _share(tree)
    if share is not None:
        share = share if share.scale > 0 else share.flipped()
        if abs(share.shift) < 1e-9:
            return replace(base, measure="success" if share.good else "errors", scale=share.scale)
        return base
    factor, core = _factor(tree)
    quantile = _quantile(core)
    if quantile is not None:
        unit = next((unit for name in base.metrics for pattern, unit in _UNITS if re.search(pattern, name)), 0)
        return replace(base, measure="quantile", quantile=quantile, unit=round(unit / factor) if factor else 0)
    if _is_average(core):
        return replace(base, measure="average")
    is_ratio = type(core).__name__ == "BinaryExpr"
    return replace(base, measure="count") if _rated(core) and not is_ratio else base


def _share(tree: Any) -> _Share | None:
    """A share of answers under additions and factors."""
    tree = _bare(tree)
    if type(tree).__name__ != "BinaryExpr":
        return None
    sign, left, right = str(tree.op), _constant(tree.lhs), _constant(tree.rhs)
    if sign == "/" and left is None and right is None:
        return _ratio(tree.lhs, tree.rhs)
    if left is not None and right is not None:
        return None
    by = left if left is not None else right
    inner = None if by is None else _share(tree.rhs if left is not None else tree.lhs)
    return None if inner is None or by is None else _shifted(inner, sign, by, first=left is not None)


def _shifted(share: _Share, sign: str, by: float, *, first: bool) -> _Share | None:
    """A share with a number added, taken off or multiplied; ``first`` where the number stands before it."""
    if sign == "*" or (sign == "/" and by and not first):
        by = by if sign == "*" else 1 / by
        return _Share(share.good, share.shift * by, share.scale * by)
    if sign == "-" and first:
        return _Share(share.good, by - share.shift, -share.scale)
    if sign in ("+", "-"):
        return _Share(share.good, share.shift + (by if sign == "+" else -by), share.scale)
    return None


def _ratio(above: Any, below: Any) -> _Share | None:
    """Answers of one sort by all; the sum of both sorts below counts as all."""
    factor, above = _factor(above)
    numerators, denominators = list(_selectors(above)), list(_selectors(below))
    if not numerators or not denominators or not _rated(_unfilled(_bare(above))[0]):
        return None
    if any(each.name and each.name.endswith("_sum") for each in numerators):
        return None
    kept = {_side(each) for each in numerators}
    if len(kept) != 1 or None in kept:
        return None
    if len(denominators) == 1 and _side(denominators[0]) is not None and side(denominators[0].matchers.matchers):
        return None
    return _Share(kept.pop() == "good", 0.0, factor)


def _side(selector: Any) -> str | None:
    return side(selector.matchers.matchers) or side_of_name(selector.name or "")


def _quantile(tree: Any) -> float | None:
    tree = _bare(tree)
    if type(tree).__name__ == "AggregateExpr" and str(tree.op) in ("max", "avg", "min"):
        tree = _bare(tree.expr)
    if type(tree).__name__ == "Call" and tree.func.name == "histogram_quantile":
        return _constant(tree.args[0])
    return None


def _is_average(tree: Any) -> bool:
    tree = _bare(tree)
    if type(tree).__name__ != "BinaryExpr" or str(tree.op) != "/":
        return False
    names = [[each.name or "" for each in _selectors(part)] for part in (tree.lhs, tree.rhs)]
    return any(name.endswith("_sum") for name in names[0]) and any(name.endswith("_count") for name in names[1])


def _factor(tree: Any) -> tuple[float, Any]:
    """Factors in front of an expression or behind it, and what is left."""
    tree, factor = _bare(tree), 1.0
    while type(tree).__name__ == "BinaryExpr" and str(tree.op) in "*/":
        left, right = _constant(tree.lhs), _constant(tree.rhs)
        if right:
            factor, tree = factor * (right if str(tree.op) == "*" else 1 / right), _bare(tree.lhs)
        elif left and str(tree.op) == "*":
            factor, tree = factor * left, _bare(tree.rhs)
        else:
            break
    return factor, tree


def _unfilled(tree: Any) -> tuple[Any, float | None]:
    """Without ``or vector(0)`` at its end, and the number that it fills in."""
    if type(tree).__name__ == "BinaryExpr" and str(tree.op) == "or":
        other = _bare(tree.rhs)
        if type(other).__name__ == "Call" and other.func.name == "vector":
            return _bare(tree.lhs), _constant(other.args[0])
    return tree, None


def _bare(tree: Any) -> Any:
    """Without parentheses and functions that leave a value as it is."""
    for _ in range(DEEPEST):
        name = type(tree).__name__
        if name == "ParenExpr":
            tree = tree.expr
        elif (
            name == "Call"
            and tree.func.name in ("scalar", "round", "abs", "clamp_max", "clamp_min", "sort")
            and tree.args
        ):
            tree = tree.args[0]
        elif name == "AggregateExpr" and str(tree.op) in ("sum", "max", "min", "avg") and _is_binary(tree.expr):
            tree = tree.expr
        else:
            break
    return tree


def _is_binary(tree: Any) -> bool:
    while type(tree).__name__ == "ParenExpr":
        tree = tree.expr
    return type(tree).__name__ == "BinaryExpr"


def _constant(tree: Any) -> float | None:
    tree = _bare(tree)
    if type(tree).__name__ == "NumberLiteral":
        return float(tree.val)
    return None


def _rated(tree: Any) -> bool:
    return any(each.func.name in _RATES for each in _of(tree, "Call"))


def _is_vector(tree: Any) -> bool:
    """Whether the answer is a list of samples."""
    name = type(tree).__name__
    if name == "NumberLiteral":
        return False
    if name in ("ParenExpr", "UnaryExpr"):
        return _is_vector(tree.expr)
    if name == "Call":
        return str(tree.func.name) not in ("scalar", "time", "pi")
    return not (name == "BinaryExpr" and not _is_vector(tree.lhs) and not _is_vector(tree.rhs))


def _selectors(tree: Any) -> Iterator[Any]:
    yield from _of(tree, "VectorSelector")


def _of(tree: Any, kind: str) -> Iterator[Any]:
    """All parts of a kind, in the order of the text."""
    if type(tree).__name__ == kind:
        yield tree
    for child in _children(tree):
        yield from _of(child, kind)


def _children(tree: Any) -> list[Any]:
    name = type(tree).__name__
    if name == "BinaryExpr":
        return [tree.lhs, tree.rhs]
    if name == "Call":
        return list(tree.args)
    if name == "MatrixSelector":
        return [tree.vector_selector]
    if name in ("AggregateExpr", "ParenExpr", "UnaryExpr", "SubqueryExpr"):
        return [tree.expr]
    return []


def _mixed(scopes: set[Scope]) -> Scope:
    """Of a query that names several: the new version's share of the whole is none of both."""
    return "unknown" if scopes else "service"


def _ns(delta: Any) -> int:
    seconds: float = abs(delta.total_seconds())
    return round(seconds * SECOND)
