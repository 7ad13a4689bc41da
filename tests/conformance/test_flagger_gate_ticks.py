"""Flagger's own assertions on failed checks and webhooks, put to the functions the flagger gate asks."""

from typing import Any

import pytest
from judge_cases import cases

from sim.judges.flagger_checks import tick, webhook_passes


@pytest.mark.parametrize("case", cases("flagger_webhook"))
def test_a_webhook_passes_as_flagger_asserts(case: dict[str, Any]) -> None:
    statuses = tuple(case.get("statuses", [case.get("status")]))
    assert webhook_passes(statuses, case["retries"]) is case["expected_ok"]


@pytest.mark.parametrize("case", cases("flagger_phase_traces"))
def test_failed_checks_roll_back_when_flagger_asserts(case: dict[str, Any]) -> None:
    failed = 0
    for step in case["ticks"]:
        done, expected = step["input"], step["expect"].get("phase")
        if "primary_stuck" in done:
            return  # the end of a rollout by its pods, not by its checks
        failed = done.get("set_failed_checks", failed)
        outcome = tick(failed, case["analysis"].get("threshold", 0), metric_ok=done.get("metric_ok", True))
        failed = outcome.failed_checks
        if expected is not None:
            assert outcome.rolls_back is (expected == "Failed")
