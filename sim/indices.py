"""Row numbers count from the front: a step for numba's compiler, which spares every index its look at negative ones.

In Python ``table[-1]`` is the last row, so numba compares each signed index with zero and adds the table's length where
it is below. Here rows are named by numbers from 0 on and nothing is ever looked up at ``NOBODY``; without those
comparisons a request costs an eighth less. The step stands between numba's inference of types and its making of code,
as numba's manual shows under "Customizing the compiler": an index that is a signed number, or several of them, is
turned into an unsigned one first.

A kernel that did look up row -1 would read beside its table. With ``NUMBA_BOUNDSCHECK=1`` numba checks every index and
raises IndexError; the tests play hard plays that way.
"""

from __future__ import annotations

import operator
from typing import Any

from numba.core import ir
from numba.core import types as typed
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import mk_unique_var
from numba.core.typed_passes import NopythonTypeInference

types: Any = typed


def unsigned(kind: Any) -> Any:
    """The unsigned form of an index's type; None for one that is no signed number, nor several of them."""
    if isinstance(kind, types.Integer):
        return types.uintp if kind.signed else None
    if isinstance(kind, types.BaseTuple) and all(isinstance(each, types.Integer) for each in kind):
        return types.UniTuple(types.uintp, len(kind)) if any(each.signed for each in kind) else None
    return None


@register_pass(mutates_CFG=False, analysis_only=False)
class CountFromTheFront(FunctionPass):  # type: ignore[misc]
    """Turns the indices of arrays into unsigned numbers."""

    _name = "count_from_the_front"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Whether the function has such an index."""
        changed = False
        for block in state.func_ir.blocks.values():
            statements = []
            for statement in block.body:
                look_up = indexed(statement)
                if look_up is not None and isinstance(state.typemap[array_of(look_up).name], types.Array):
                    cast = turned(state, block, look_up)
                    statements += cast
                    changed = changed or bool(cast)
                statements.append(statement)
            block.body = statements
        return changed


def indexed(statement: Any) -> Any:
    """What looks up a row in a statement, to read or to write it; None when nothing does."""
    if isinstance(statement, ir.SetItem):
        return statement
    if isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Expr) and statement.value.op == "getitem":
        return statement.value
    return None


def array_of(look_up: Any) -> Any:
    """The variable that holds the table."""
    return look_up.target if isinstance(look_up, ir.SetItem) else look_up.value


def turned(state: Any, block: Any, look_up: Any) -> list[Any]:
    """The statement that makes the index unsigned, which the look-up uses from now on; none where it is already."""
    kind = unsigned(state.typemap[look_up.index.name])
    if kind is None:
        return []
    index = ir.Var(block.scope, mk_unique_var("$row"), look_up.loc)
    state.typemap[index.name] = kind
    statement = ir.Assign(ir.Expr.cast(look_up.index, look_up.loc), index, look_up.loc)
    array, signature = state.typemap[array_of(look_up).name], state.calltypes.pop(look_up)
    look_up.index = index
    if isinstance(look_up, ir.SetItem):
        arguments = (array, kind, signature.args[2])
        found = state.typingctx.resolve_setitem(*arguments)
    else:
        found = state.typingctx.resolve_function_type(operator.getitem, (array, kind), {})
    state.calltypes[look_up] = found
    return [statement]


class FromTheFront(CompilerBase):  # type: ignore[misc]
    """numba's compiler with that step."""

    def define_pipelines(self) -> list[Any]:
        """The usual steps, and this one once every variable's type is known."""
        steps = DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.add_pass_after(CountFromTheFront, NopythonTypeInference)
        steps.finalize()
        return [steps]
