"""Row numbers count from the front: a step for numba's compiler, which spares every index its look at negative ones.

In Python ``table[-1]`` is the last row, so numba compares each signed index with zero and adds the table's length where
it is below. Here rows are named by numbers from 0 on and nothing is ever looked up at ``NOBODY``; without those
comparisons a request costs an eighth less. The step stands between numba's inference of types and its making of code,
as numba's manual shows under "Customizing the compiler": an index that is a signed number, or several of them, is
turned into an unsigned one first.

A kernel that did look up row -1 would read beside its table. With ``NUMBA_BOUNDSCHECK=1`` numba checks every index and
raises IndexError; the tests play hard plays that way.

Nothing here imports numba; ``sim/jit.py`` hands over its core.
"""

from __future__ import annotations

import functools
import operator
from typing import Any


def compiler_from_the_front(core: Any) -> Any:
    """numba's compiler with that step, once every variable's type is known; ``core`` is the module ``numba.core``."""

    class CountFromTheFront(core.compiler_machinery.FunctionPass):  # type: ignore[misc]
        """Turns the indices of arrays into unsigned numbers."""

        _name = "count_from_the_front"

        def __init__(self) -> None:
            core.compiler_machinery.FunctionPass.__init__(self)

        def run_pass(self, state: Any) -> bool:
            """Whether the function has such an index."""
            changed = [counted_from_the_front(core, state, block) for block in state.func_ir.blocks.values()]
            return any(changed)

    step = core.compiler_machinery.register_pass(mutates_CFG=False, analysis_only=False)(CountFromTheFront)

    class FromTheFront(core.compiler.CompilerBase):  # type: ignore[misc]
        """The usual steps and this one."""

        def define_pipelines(self) -> list[Any]:
            """One row of steps, for functions that never fall back on Python's objects."""
            steps = core.compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
            steps.add_pass_after(step, core.typed_passes.NopythonTypeInference)
            steps.finalize()
            return [steps]

    return FromTheFront


def counted_from_the_front(core: Any, state: Any, block: Any) -> bool:
    """Put a cast before each look-up with a signed index in a block; whether there was one."""
    statements: list[Any] = []
    for statement in block.body:
        look_up = indexed(core, statement)
        if look_up is not None:
            statements += cast_before(core, state, block, look_up)
        statements.append(statement)
    changed = len(statements) > len(block.body)
    block.body = statements
    return changed


def indexed(core: Any, statement: Any) -> Any:
    """What looks up a row in a statement, to read or to write it; None when nothing does."""
    if isinstance(statement, core.ir.SetItem):
        return statement
    if not isinstance(statement, core.ir.Assign) or not isinstance(statement.value, core.ir.Expr):
        return None
    return statement.value if statement.value.op == "getitem" else None


def cast_before(core: Any, state: Any, block: Any, look_up: Any) -> list[Any]:
    """The statement that makes the index unsigned, which the look-up uses from now on; none where there is no need."""
    writes = isinstance(look_up, core.ir.SetItem)
    array = state.typemap[(look_up.target if writes else look_up.value).name]
    kind = unsigned(core.types, state.typemap[look_up.index.name])
    if kind is None or not isinstance(array, core.types.Array):
        return []
    index = core.ir.Var(block.scope, core.ir_utils.mk_unique_var("$row"), look_up.loc)
    cast = core.ir.Assign(core.ir.Expr.cast(look_up.index, look_up.loc), index, look_up.loc)
    state.typemap[index.name], look_up.index = kind, index
    signature = state.calltypes.pop(look_up)
    state.calltypes[look_up] = resolved(state.typingctx, array, kind, signature.args[2] if writes else None)
    return [cast]


@functools.cache
def resolved(context: Any, array: Any, index: Any, value: Any) -> Any:
    """What numba calls to write a value of that type into an array, or to read one where ``value`` is None."""
    if value is not None:
        return context.resolve_setitem(array, index, value)
    return context.resolve_function_type(operator.getitem, (array, index), {})


def unsigned(types: Any, kind: Any) -> Any:
    """The unsigned form of an index's type; None for one that is no signed number, nor several of them."""
    if isinstance(kind, types.Integer):
        return types.uintp if kind.signed else None
    if isinstance(kind, types.BaseTuple) and all(isinstance(each, types.Integer) for each in kind):
        return types.UniTuple(types.uintp, len(kind)) if any(each.signed for each in kind) else None
    return None
