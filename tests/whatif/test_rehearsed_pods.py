"""A rehearsal knows what share so many pods are, where pods are the weight."""

from __future__ import annotations

import pytest

from sim.strategies.basic_canary import BasicCanary
from sim.whatif.rehearsal import holds_of


@pytest.mark.parametrize(("replicas", "shares"), [(3, [0.25, 0.5]), (10, [0.1, 0.5]), (1, [0.5, 0.5])])
def test_a_gate_sees_the_share_that_whole_pods_have(replicas: int, shares: list[float]) -> None:
    steps = [{"weight": "10%", "hold": "2m"}, {"weight": "50%", "hold": "2m"}]
    holds = holds_of(BasicCanary.model_validate({"steps": steps}), replicas)
    assert [hold.share for hold in holds] == pytest.approx(shares)
