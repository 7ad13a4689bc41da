"""When a pod's process will die of itself: crash, crash at start, out of memory.

Computed from the edits in force and the pod's own luck, never counted down. The same pod incarnation draws the same
luck under every strategy.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.cluster.effects import Effects
from sim.cluster.pod import Pod
from sim.draws import Key, Purpose, draw
from sim.steps import Edit, Effect
from sim.versions import NEVER

_PLACES = 64
"""Room for edits in the address of a pod's luck: nth = incarnation * 64 + place of the edit."""

KERNEL_PANIC = "kernel panic"
"""The reason of a death that takes the whole machine along."""

_REASONS = {
    Effect.START_CRASH: "the process exited soon after its start",
    Effect.CRASH_AFTER: "the process crashed",
    Effect.MEMORY_LEAK: "killed for want of memory (OOMKilled)",
    Effect.KERNEL_PANIC: KERNEL_PANIC,
}
_WORDS = {Effect.CRASH_AFTER: 0, Effect.MEMORY_LEAK: 1, Effect.START_CRASH: 2, Effect.KERNEL_PANIC: 3}


class Death(NamedTuple):
    """The next death of a process: when, and of what. NEVER when nothing threatens it."""

    at: int = NEVER
    reason: str = ""


def next_death(pod: Pod, effects: Effects, key: Key) -> Death:
    """When the pod's running process dies first, ns."""
    threats = effects.on_pods(pod.version, *_REASONS)
    deaths = [_death(pod, place, edit, key) for place, edit in threats]
    return min(deaths, default=Death())


def _death(pod: Pod, place: int, edit: Edit, key: Key) -> Death:
    origin = pod.started_at if edit.effect is Effect.START_CRASH else pod.serving_since
    if origin == NEVER:
        return Death()
    luck = draw(key, Purpose.POD_CRASH, pod.address, pod.incarnation * _PLACES + place)[_WORDS[edit.effect]]
    aged = edit.aged if pod.incarnation == 0 else 0
    after = max(0, round(edit.value.quantile(luck)) - aged)  # type: ignore[attr-defined]
    due = max(origin, edit.start) + after
    return Death(due, _REASONS[edit.effect]) if due < edit.end else Death()
