"""A function without the parts that only run where some rule answers True: what ``sim/jit.py`` compiles in its place.

The branches are cut out of the source, before a compiler sees them. Left to the compiler they were dead code, too, but
what remained of the kernel came out a fifth slower: its order and its registers had been chosen with them in view.

Conditions are taken to have no effects: ``f(x) and never(y)`` is False, and ``f`` is not called.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Callable, Collection
from typing import Any


def pruned(function: Callable[..., Any], never: Collection[str]) -> types.CodeType | None:
    """The function's code when what these global names call answers False; None where it then always answers False.

    >>> rare = lambda x: x > 9
    >>> def size(x):
    ...     return "huge" if rare(x) else "small"
    >>> types.FunctionType(pruned(size, ["rare"]), {})(10)
    'small'

    Raises OSError where the source of the function cannot be read.
    """
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    ast.increment_lineno(tree, first - 1)
    definition = _Pruning(never).visit(tree.body[0])
    assert isinstance(definition, ast.FunctionDef)
    if _answers_false(definition):
        return None
    bare = ast.FunctionDef(**dict(ast.iter_fields(definition)) | {"decorator_list": [], "returns": None})
    for argument in bare.args.args:
        argument.annotation = None
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(bare, definition)], []))
    codes = compile(module, inspect.getfile(function), "exec", dont_inherit=True).co_consts
    return next(code for code in codes if isinstance(code, types.CodeType))


def _answers_false(definition: ast.FunctionDef) -> bool:
    last = definition.body[-1]
    told = [
        each for each in definition.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    return len(told) == 1 and isinstance(last, ast.Return) and _is(last.value, False)


def _is(node: ast.expr | None, known: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is known


class _Pruning(ast.NodeTransformer):
    """Puts False for calls of these names, and works out what follows from it."""

    def __init__(self, never: Collection[str]) -> None:
        self.never = never

    def visit(self, node: ast.AST) -> Any:
        """The node, pruned; a block that has become empty passes."""
        made = super().visit(node)
        if isinstance(made, ast.FunctionDef | ast.For | ast.While | ast.If) and not made.body:
            made.body = [ast.copy_location(ast.Pass(), made)]
        return made

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of one of the rules."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.never:
            return ast.copy_location(ast.Constant(False), node)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """``not``."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Constant):
            return ast.copy_location(ast.Constant(not node.operand.value), node)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """``and`` and ``or``: what decides them alone, or without what changes nothing."""
        self.generic_visit(node)
        deciding = isinstance(node.op, ast.Or)
        if any(_is(value, deciding) for value in node.values):
            return ast.copy_location(ast.Constant(deciding), node)
        node.values = [value for value in node.values if not _is(value, not deciding)]
        if not node.values:
            return ast.copy_location(ast.Constant(not deciding), node)
        return node if len(node.values) > 1 else node.values[0]

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        """``if``: one of its blocks where the condition is known."""
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """``a if condition else b``."""
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node
