"""Parts of the model that few scenarios use: the compiled kernel has them only where a scenario does.

Each is asked for by one rule, which stands before all that belongs to the part. A kernel that is compiled without the
rule has nothing of it (see :mod:`sim.jit`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.jit import is_cached, rule
from sim.scenario.demand import has_long_streams
from sim.scenario.resolved import Scenario

if TYPE_CHECKING:  # the world is made of arrays, and a plan is told without loading any
    from sim.world import Columns, Settings


@rule
def plays_long_streams(columns: Columns) -> bool:
    """Whether some stream's requests outlast the warm-up, or are connections that stay open."""
    return columns.settings.long_lived == 1


def unused(settings: Settings) -> frozenset[Callable[..., Any]]:
    """The rules without which the kernel can be compiled."""
    return frozenset() if settings.long_lived else frozenset({plays_long_streams})


def is_compiled(scenario: Scenario) -> bool:
    """Whether the kernel that plays a scenario is compiled and on disk."""
    return is_cached("run", without=() if has_long_streams(scenario) else (plays_long_streams,))
