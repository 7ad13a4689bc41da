"""How a release is brought to its users: one strategy, one file in this folder, one class.

A strategy is a frozen :class:`sim.doors.Kind` and two generators of steps (see :mod:`sim.steps`): ``rollout`` and
``rollback``. It never imports SimPy, so that its test drives it by hand. Advice for writing one:

- Say *what* shall happen, never how. What a step does to pods and routes, which pod goes first, how long one waits for
  readiness, is written once, in the controller.
- A script runs as if all went well. When the gate fails, the smoke test finds fault, the person on call acts, or the
  progress deadline passes, the controller closes the rollout's script where it stands and plays ``rollback``, which
  must therefore work from any step, after the promotion too. It is sent a :class:`sim.steps.Reading` after each step,
  so that it can see which fleets are still there.
- ``Finish(decision=Decision.ABORTED)`` in a rollout asks for its own rollback; in a rollback it is the end.
- A field ``on_deadline`` of "stop" says that a passed deadline leaves everything as it is (decision: stuck); without
  the field, or with "rollback", it is rolled back. A rollback has no deadline.
- A field ``gate`` names the gate that judges during the ``Judge`` steps; a field ``dry`` those that judge beside it and
  stop nothing.
- ``Ask``, or a ``Judge`` that asks, waits for the person on call: asked, he or she reacts as to a page, and takes the
  release back where the dashboard shows trouble then. With nobody on call the rollout stays where it is.
- A field ``fix`` says that a bad release is not taken back but mended: so long after it was stopped there is a fix,
  whose pods are the fleet FIXED, and until then the bad pods go on serving. :func:`on_to_the_fix` are its steps.
- ``reached(replicas)``, of a strategy with ``steps``, gives the share of the traffic that each has in truth, where
  whole pods cannot have what was asked for; ``check`` says so.
- ``planned(replicas)`` is the time the script holds on purpose, in nanoseconds; the horizon is computed from it.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from sim.steps import FIXED, Publish, Scale, Script, Wait
from sim.versions import NEW, STABLE

OnDeadline: TypeAlias = Literal["rollback", "stop"]
"""What to do when no pod has come up for the service's progress deadline."""


def on_to_the_fix(fix: int, replicas: int, *, to_users: Script) -> Script:
    """The steps from a release that was stopped to its fix, which is ready ``fix`` ns later.

    A fix is urgent: its whole fleet comes up at once, unseen by users, and is judged by nobody. ``to_users`` are the
    steps that let them meet it instead of the bad version; then both others go.
    """
    yield Wait(duration=fix)
    yield Publish(version=FIXED, published=False)
    yield Scale(version=FIXED, replicas=replicas)
    yield Wait(ready=FIXED)
    yield Publish(version=FIXED, published=True)
    yield from to_users
    yield Scale(version=NEW, replicas=0)
    yield Scale(version=STABLE, replicas=0)


class RolloutStrategy(Protocol):
    """What the controller asks of a strategy."""

    def rollout(self, replicas: int) -> Script:
        """The steps that bring the new version to everybody, for a fleet of so many pods."""

    def rollback(self, replicas: int) -> Script:
        """The steps back to the stable version, from wherever the rollout was left."""

    def planned(self, replicas: int) -> int:
        """Nanoseconds the rollout holds on purpose, pods' own times apart."""
