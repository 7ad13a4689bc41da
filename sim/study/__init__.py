"""The floor that only counts: cells, the join with the twin, when to stop, where the work is done and kept.

:func:`run` plays a study and tells what it found, :func:`read` tells what lies in a results folder, :func:`frame` gives
the rows behind findings, :func:`plan` says what a run would do. For a study step by step see
:class:`sim.study.studies.Run`: iterate over it for progress, then ask for its findings.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.study.planning import Plan, plan
    from sim.study.studies import Options, Run, frame, read, run

__all__ = ["Options", "Plan", "Run", "frame", "plan", "read", "run"]

_WHERE = {"Plan": "planning", "plan": "planning"}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``rollrisk plan`` never waits for what only ``rollrisk run`` needs."""
    if name in __all__:
        return getattr(importlib.import_module(f"sim.study.{_WHERE.get(name, 'studies')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
