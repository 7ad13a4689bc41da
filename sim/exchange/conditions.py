"""Argo's conditions on a measurement: ``len(result) > 0 && result[0] >= 0.95``, ``isNaN(result) || result >= 0.95``.

The controller evaluates them as expressions of expr-lang with a few functions of its own (argo-rollouts,
``utils/evaluate/evaluate.go``). Here they are read, and *tried*: on a value below, at and above each bound, on NaN, and
on an empty result, so that whatever way a condition is written, what it does is what is told.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = float | bool | list[float] | None
Truth: TypeAlias = Literal["true", "false", "error"]
Term: TypeAlias = Callable[[Value], Value]
"""What a part of a condition is, given the result."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>&&|\|\||[<>=!]=|[-+*/%()\[\],.!<>?:]))"
)
_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_COMPARED = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
LONGEST = 500
"""Characters."""


class CannotReadError(ValueError):
    """A condition that is more than is read here; the message says at what it was given up."""


class _MismatchError(ValueError):
    """What the controller calls an evaluation error."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a condition does.

    ``sign`` and ``bound`` are the one comparison with the value that it comes to; ``indexed`` says whether it looks at
    ``result[0]`` or at ``result`` itself; ``empty`` and ``nan`` what it is on a result without any value and on NaN.
    """

    sign: str
    bound: float
    indexed: bool
    empty: Truth
    nan: Truth


def read_condition(text: str) -> Condition:
    """What a condition does; raises CannotReadError where it is more than one comparison with guards around it.

    >>> found = read_condition("len(result) > 0 && result[0] >= 0.95")
    >>> found.sign, found.bound, found.indexed, found.empty, found.nan
    ('>=', 0.95, True, 'false', 'false')
    """
    parser = _Parser(text)
    term = parser.whole()
    indexed = parser.indexed
    scales = {1.0, *parser.factors}
    bounds = sorted({bound * by for bound in parser.bounds for scale in scales if scale for by in (scale, 1 / scale)})
    if not bounds:
        raise CannotReadError("it compares the result with no number")
    shape = [(bound, _shape(term, bound, indexed)) for bound in bounds]
    telling = [(bound, sign) for bound, sign in shape if sign is not None]
    if len(telling) != 1:
        raise CannotReadError(f"it has {len(telling)} bounds; one is read" if telling else "no value meets or fails it")
    bound, sign = telling[0]
    return Condition(
        sign=str(sign),
        bound=bound,
        indexed=indexed,
        empty=_truth(term, [] if indexed or parser.counted else None),
        nan=_truth(term, [math.nan] if indexed else math.nan),
    )


def _shape(term: Term, bound: float, indexed: bool) -> str | None:
    """The comparison with the value that a condition amounts to around a bound; None where it does not change there."""
    step = max(abs(bound), 1e-9) * 1e-6
    tried = [_truth(term, [value] if indexed else value) for value in (bound - step, bound, bound + step)]
    signs = {
        ("true", "true", "false"): "<=", ("true", "false", "false"): "<",
        ("false", "true", "true"): ">=", ("false", "false", "true"): ">",
        ("false", "true", "false"): "==", ("true", "false", "true"): "!=",
    }  # fmt: skip
    if "error" in tried:
        raise CannotReadError("it cannot be evaluated on a number")
    return signs.get((tried[0], tried[1], tried[2]))


def _truth(term: Term, result: Value) -> Truth:
    try:
        found = term(result)
    except (_MismatchError, ZeroDivisionError, OverflowError):
        return "error"
    if not isinstance(found, bool):
        return "error"
    return "true" if found else "false"


class _Parser:
    """Reads the expression by descent; notes the numbers that are compared, and how the result is looked at."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise CannotReadError("it is too long")
        self.tokens = list(_tokens(text))
        self.place = 0
        self.bounds: list[float] = []
        self.factors: list[float] = []
        self.indexed = False
        self.counted = False

    def whole(self) -> Term:
        term = self._either()
        if self.place < len(self.tokens):
            raise CannotReadError("something follows that is not read here")
        return term

    def _next(self, *words: str) -> str | None:
        if self.place < len(self.tokens) and self.tokens[self.place] in words:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def _must(self, word: str) -> None:
        if self._next(word) is None:
            raise CannotReadError(f"'{word}' is missing")

    def _either(self) -> Term:
        left = self._both()
        while self._next("||", "or"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Term:
        left = self._not()
        while self._next("&&", "and"):
            left = _and(left, self._not())
        return left

    def _not(self) -> Term:
        if self._next("!", "not"):
            inner = self._not()
            return lambda result: not _flag(inner(result))
        return self._comparison()

    def _comparison(self) -> Term:
        left = self._sum()
        sign = self._next(*_COMPARED)
        if sign is None:
            return left
        right = self._sum()
        for one in (left, right):
            constant = _constant(one)
            if constant is not None:
                self.bounds.append(constant)
        compare = _COMPARED[sign]
        return lambda result: bool(compare(_number(left(result)), _number(right(result))))

    def _sum(self) -> Term:
        left = self._product()
        while sign := self._next("+", "-"):
            left = _calculated(sign, left, self._product())
        return left

    def _product(self) -> Term:
        left = self._signed()
        while sign := self._next("*", "/"):
            right = self._signed()
            self.factors += [each for each in (_constant(left), _constant(right)) if each]
            left = _calculated(sign, left, right)
        return left

    def _signed(self) -> Term:
        if self._next("-"):
            inner = self._signed()
            return lambda result: -_number(inner(result))
        return self._part()

    def _part(self) -> Term:
        if self._next("("):
            inner = self._either()
            self._must(")")
            return inner
        if self.place >= len(self.tokens):
            raise CannotReadError("it ends too early")
        token = self.tokens[self.place]
        self.place += 1
        if token[0].isdigit() or (token[0] == "." and len(token) > 1):
            number = float(token.replace("_", ""))
            return lambda result: number
        if token in ("true", "false"):
            return lambda result: token == "true"
        if token == "result":
            return self._result()
        if self._next("("):
            return self._call(token)
        raise CannotReadError("it names something that is not read here")

    def _result(self) -> Term:
        if not self._next("["):
            return lambda result: result
        if self._next("0") is None:
            raise CannotReadError("it looks at a result other than the first")
        self._must("]")
        self.indexed = True
        return _first

    def _call(self, name: str) -> Term:
        arguments = [self._either()]
        while self._next(","):
            arguments.append(self._either())
        self._must(")")
        inner = arguments[0]
        if name == "len":
            self.counted = True
            return lambda result: _length(inner(result))
        if name in ("isNaN", "isInf"):
            test = math.isnan if name == "isNaN" else math.isinf
            return lambda result: test(_number(inner(result)))
        if name == "isNil":
            return lambda result: inner(result) is None
        if name in ("asFloat", "asInt", "float", "int"):
            return lambda result: _number(inner(result))
        if name == "default" and len(arguments) == 2:
            other = arguments[1]
            return lambda result: other(result) if _is_nothing(inner(result)) else inner(result)
        raise CannotReadError(f"it calls {name}()")


def _tokens(text: str) -> Iterator[str]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise CannotReadError("it holds text or signs that are not read here")
        yield found[found.lastgroup or 0]
        place = found.end()


def _constant(term: Term) -> float | None:
    """The number that a part is whatever the result; None where it is none."""
    try:
        tried = [term(result) for result in (None, 0.0, [1.0])]
    except (_MismatchError, ZeroDivisionError):
        return None
    first = tried[0]
    alike = all(type(each) is type(first) and each == first for each in tried)
    return float(first) if alike and isinstance(first, int | float) and not isinstance(first, bool) else None


def _or(left: Term, right: Term) -> Term:
    return lambda result: _flag(left(result)) or _flag(right(result))


def _and(left: Term, right: Term) -> Term:
    return lambda result: _flag(left(result)) and _flag(right(result))


def _calculated(sign: str, left: Term, right: Term) -> Term:
    calculate = _ARITHMETIC[sign]
    return lambda result: float(calculate(_number(left(result)), _number(right(result))))


def _first(result: Value) -> Value:
    if not isinstance(result, list) or not result:
        raise _MismatchError("nothing to index")
    return result[0]


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MismatchError("no number")
    return float(value)


def _flag(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _MismatchError("neither true nor false")
    return value


def _length(value: Value) -> float:
    if not isinstance(value, list):
        raise _MismatchError("no list")
    return float(len(value))


def _is_nothing(value: Value) -> bool:
    """What ``default`` takes its second argument for: nil, and in later releases NaN stays NaN."""
    return value is None
