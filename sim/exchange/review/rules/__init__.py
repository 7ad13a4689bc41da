"""The rules, by what they are about; the order is that of the page about them."""

from __future__ import annotations

from sim.exchange.review.rule import Rule
from sim.exchange.review.rules import argo_refuses, capacity, flagger_stalls, gates, pods, sight, traffic, waits

RULES: tuple[Rule, ...] = (
    *argo_refuses.RULES,
    *gates.RULES,
    *sight.RULES,
    *flagger_stalls.RULES,
    *traffic.RULES,
    *capacity.RULES,
    *pods.RULES,
    *waits.RULES,
)
