"""Gates: who judges a release by its metrics. One file each.

A gate is shown a :class:`sim.observation.Observation`: one window of what an operator could have scraped, late as it
reaches them. It answers pass, fail, wait or inconclusive, with a reason a reader understands and the figures it rests
on. It never sees the ledger and keeps nothing between two looks: when to judge, and counting failures in a row, is the
business of ``sim/cluster/judging.py``.

To add a gate, write ``sim/gates/<word>.py`` with one frozen class that derives :class:`Gate`, gives ``kind`` and an
``example``, and says in ``judge`` what it makes of a window. Nothing else to register.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sim.doors import Kind
from sim.quantities import Duration, default
from sim.steps import Verdict

if TYPE_CHECKING:
    from sim.observation import Observation


class Gate(Kind):
    """What every gate says: how often it judges, what window it is shown, and how late."""

    every: Duration = default("1m", origin="a usual evaluation interval", trust="medium")
    window: Duration = default("1m", origin="the difference of two scrapes 60 s apart", trust="medium")
    delay: Duration = default("30s", origin="scrape, store and evaluate: 15 s to 2 min in practice", trust="low")
    fails: Annotated[int, Field(ge=1, description="judgements in a row that must fail")] = default(
        1, origin="the first failing judgement counts", trust="medium"
    )

    @property
    def needs_latency(self) -> bool:
        """Whether ``judge`` reads latencies; where nobody does, they are not scraped."""
        return False

    def judge(self, seen: Observation) -> Verdict:
        """The verdict on one window; depends on nothing but the window."""
        raise NotImplementedError
