"""Mutants of the compiled engine, made from its source: one small fault each.

The whole package is copied under another name with one syntax node changed, and run as plain Python, where it counts
its steps: every call of a function and every turn of a loop is one. A play may take so many, which notices a
mutant that does not come back alike on any machine. Deterministic: the same sources give the same mutants.
"""

from __future__ import annotations

import ast
import copy
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import sim.requests.compiled as original

FILES = (
    *("agenda", "arrival", "completion", "conclusion", "deadline", "downstream", "leaving"),
    *("loop", "trial", "waits"),
)
SWAPPED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mod: ast.FloorDiv,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
COUNTED = "from requests_mutants import STEPS\n"


class EndlessError(BaseException):
    """A mutant that does not come back; no handler in the engine may keep it going."""


class Steps:
    """How many steps are left to the play under way."""

    def __init__(self) -> None:
        self.left = self.given = 0

    def begin(self, allowed: int) -> None:
        """Another play, with so many steps."""
        self.left = self.given = allowed

    @property
    def taken(self) -> int:
        return self.given - self.left

    def take(self) -> None:
        """One step; raises :class:`EndlessError` where none is left."""
        self.left -= 1
        if self.left < 0:
            raise EndlessError


STEPS = Steps()


@dataclass(frozen=True)
class Mutant:
    """A fault: in which file, at which line, and at which node of its functions; no node is no fault."""

    file: str
    line: int
    fault: str
    place: int | None

    def text(self) -> str:
        """The file's text with the fault."""
        text = source(self.file)
        if self.place is None:
            return text
        tree = ast.parse(text)
        mutate(nodes(tree)[self.place])
        return ast.unparse(tree)


def source(file: str) -> str:
    """The text of a file of the compiled engine."""
    return (Path(original.__path__[0]) / f"{file}.py").read_text(encoding="utf-8")


def nodes(tree: ast.Module) -> list[ast.AST]:
    """What the functions of a module are made of, always in the same order."""
    return [node for function in tree.body if isinstance(function, ast.FunctionDef) for node in ast.walk(function)]


def mutants() -> Iterator[Mutant]:
    """All mutants: operators swapped, constants moved by one, statements left out."""
    for file in FILES:
        for place, node in enumerate(nodes(ast.parse(source(file)))):
            fault = mutate(apart(node))
            if fault:
                yield Mutant(file, getattr(node, "lineno", 0), fault, place)


def apart(node: ast.AST) -> ast.AST:
    """A copy whose own lists can be changed; what hangs below it is shared."""
    copied = copy.copy(node)
    for name, value in ast.iter_fields(copied):
        if isinstance(value, list):
            setattr(copied, name, list(value))
    return copied


def mutate(node: ast.AST) -> str:
    """Change a node in place; says what was changed, empty when there is nothing to change."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        old, node.ops[0] = node.ops[0], SWAPPED[type(node.ops[0])]()
        return f"{type(old).__name__} became {type(node.ops[0]).__name__}"
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SWAPPED:
        old_op, node.op = node.op, SWAPPED[type(node.op)]()
        return f"{type(old_op).__name__} became {type(node.op).__name__}"
    if isinstance(node, ast.BoolOp):
        old_bool, node.op = node.op, SWAPPED[type(node.op)]()
        return f"{type(old_bool).__name__} became {type(node.op).__name__}"
    if isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
        return f"{node.value - 1} became {node.value}"
    if isinstance(node, ast.FunctionDef | ast.If | ast.While | ast.For):
        return leave_out_call(node)
    return ""


def leave_out_call(node: ast.FunctionDef | ast.If | ast.While | ast.For) -> str:
    """Leave out the last statement of a block that is a call for its effect."""
    for place in reversed(range(len(node.body))):
        statement = node.body[place]
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            node.body[place] = ast.Pass()
            return f"left out {ast.unparse(statement)}"
    return ""


def load(mutant: Mutant, folder: Path, number: int) -> ModuleType:
    """Import the mutated package from a folder and give its engine module."""
    name = f"mutant_{number}"
    package = folder / name
    package.mkdir()
    for path in Path(original.__path__[0]).glob("*.py"):
        text = mutant.text() if path.stem == mutant.file else path.read_text(encoding="utf-8")
        (package / path.name).write_text(counting(text.replace("sim.requests.compiled", name)), encoding="utf-8")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    return importlib.import_module(f"{name}.engine")


def counting(text: str) -> str:
    """The same module, which takes a step at every call and at every turn of a loop."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.While | ast.For):
            node.body.insert(0, ast.parse("STEPS.take()").body[0])
    last_import = max((n for n, each in enumerate(tree.body) if isinstance(each, ast.ImportFrom)), default=-1)
    tree.body.insert(last_import + 1, ast.parse(COUNTED).body[0])
    return ast.unparse(tree)
