"""Every gate's example, and what it does when only what must be said is said, on the service examples are meant for."""

from typing import Any

import pytest

from sim.doors import kinds
from sim.stats.intervals import proportion_guaranteed
from sim.whatif.power import Watch, try_gates
from sim.whatif.reference import ERRORS, reference_setting

RELEASES = (60, 300)
"""So many good releases are played, and more where the first few do not settle it."""
FALSE_ABORTS = 0.05

NEEDED: dict[str, dict[str, Any]] = {
    "argo": {"metrics": {"success-rate": {"success_condition": "result >= 99%", "interval": "1m"}}},
    "burn_rate": {"success": "99.9%"},
    "cusum": {"good": "0.1%", "bad": "1%"},
    "flagger": {"success": "99%"},
    "kayenta": {"metrics": {"errors": {}}},
    "mixture": {"base": "0.1%"},
    "sprt": {"good": "0.1%", "bad": "1%"},
    "threshold": {"success": "99%"},
}
"""What must be said of a gate; all else is left out."""


def written() -> list[tuple[str, dict[str, Any]]]:
    found = [(f"{word} example", kind.example) for word, kind in kinds("gates").items()]
    return found + [(f"{word} defaults", {"kind": word, **NEEDED.get(word, {})}) for word in kinds("gates")]


SLOW = ("kayenta defaults", "group_sequential defaults", "bayes defaults")
"""Proven by ``make verify``; the examples of these kinds stay."""


@pytest.mark.parametrize(
    ("name", "gate"),
    [pytest.param(*each, id=each[0], marks=pytest.mark.verify if each[0] in SLOW else ()) for each in written()],
)
def test_no_gate_stops_a_good_release_of_its_service_nor_lets_half_of_all_answers_be_bad(
    name: str, gate: dict[str, Any]
) -> None:
    judge = kinds("gates")[gate["kind"]].model_validate(gate)
    setting = reference_setting(seed=11)
    most = 1.0
    for releases in RELEASES:
        good = try_gates({"g": judge}, setting, (ERRORS,), releases=releases)[Watch("g")][0]
        most = proportion_guaranteed(round(good.stopped.value * releases), releases, 0.9).high  # 95 % one-sided
        if most < FALSE_ABORTS:
            break
    bad = try_gates({"g": judge}, setting, (0.5,), releases=5)[Watch("g")][0]
    assert most < FALSE_ABORTS
    assert bad.stopped.value == 1.0
