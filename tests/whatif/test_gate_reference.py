"""Gates on the reference case, beside an independent simulation; and the laws of the gates that keep a level.

The long proofs; ``make verify`` runs them. The reference's figures and ours are both simulated, so their difference is
held against four standard errors of a difference, and medians against one look or 15 %, whichever is more.
"""

import math
from dataclasses import replace

import pytest
from reference_table import RATIOS, REFERENCE_RELEASES, ROWS, TWO_ARM, Row, gate_of, played, setting_of
from traffic_kinds import TRAFFIC, S, false_alarms, setting

from sim.stats.sprt import Boundaries, exact
from sim.whatif.bench import judge_release
from sim.whatif.power import Watch, try_gates
from sim.whatif.trials import Trial


def error_of_difference(share: float, ours: int, theirs: int) -> float:
    spread = max(share * (1 - share), 0.002)
    return math.sqrt(spread / ours + spread / theirs)


@pytest.mark.verify
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_gate_has_the_operating_characteristic_of_the_reference(row: Row) -> None:
    releases = 100 if row.every_second else 300
    for grade, share, minutes in zip(played(row, releases=releases), row.stopped, row.minutes, strict=True):
        error = error_of_difference(share, releases, REFERENCE_RELEASES.get(grade.ratio, 1200))
        assert abs(grade.stopped.value - share) <= 4 * error + 0.005, (grade.ratio, grade.stopped.value, share)
        if minutes is not None and share > 0.6:
            look = 1 / 60 if row.every_second else 1.0
            low, high = ((each / 60 - row.late) for each in (grade.seconds.low, grade.seconds.high))
            rounded = 0.5 if minutes >= 10 else 0.05  # the reference is given to so much
            room = max(0.15 * minutes, look) + rounded
            assert low - room <= minutes <= high + room, (grade.ratio, low, high, minutes)


@pytest.mark.verify
def test_the_two_arm_gate_needs_no_base_and_is_about_as_quick_as_its_relative() -> None:
    grades = played(TWO_ARM, releases=80, ratios=RATIOS[2:])
    for grade, minutes in zip(grades, TWO_ARM.minutes[2:], strict=True):
        assert minutes is not None
        assert grade.stopped.value == 1.0
        assert grade.seconds.low / 60 <= 1.35 * minutes
        assert grade.seconds.high / 60 >= 0.65 * minutes


@pytest.mark.verify
@pytest.mark.parametrize("traffic", TRAFFIC)
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_anytime_valid_gates_keep_their_level_whatever_the_traffic(traffic: str, alpha: float) -> None:
    where = TRAFFIC[traffic]
    base = {"base": f"{100 * where.errors:g}%", "expects": f"{500 * where.errors:g}%"}
    for gate in ({"kind": "mixture"} | base, {"kind": "two_arm"}):
        _, least = false_alarms({"every": "15s"} | gate | {"alpha": f"{100 * alpha:g}%"}, where, 250)
        assert least <= alpha, gate


@pytest.mark.verify
@pytest.mark.parametrize("traffic", TRAFFIC)
@pytest.mark.parametrize("spending", ["obrien_fleming", "pocock"])
def test_the_group_sequential_gate_keeps_its_level_whatever_the_traffic(traffic: str, spending: str) -> None:
    gate = {"kind": "group_sequential", "alpha": "5%", "looks": 12, "over": "60m", "spending": spending}
    _, least = false_alarms(gate, TRAFFIC[traffic], 400)
    assert least <= 0.05


@pytest.mark.verify
def test_looking_at_fishers_test_every_minute_breaks_its_level() -> None:
    once, _ = false_alarms({"kind": "fisher", "alpha": "5%", "after": "30m"}, TRAFFIC["constant"], 300)
    _, least = false_alarms({"kind": "fisher", "alpha": "5%", "peek": True, "every": "1m"}, TRAFFIC["constant"], 300)
    assert once <= 0.08
    assert least > 0.05


@pytest.mark.verify
def test_a_gate_on_a_known_rate_breaks_when_the_rate_drifts_and_the_two_arm_gate_does_not() -> None:
    """A dependency makes both versions err three times as often as the base says: nobody's fault."""
    where = TRAFFIC["constant"]
    spans = [(hold.start, hold.end) for hold in where.holds]
    stopped = {"mixture": 0, "two_arm": 0}
    for index in range(60):
        scraped = Trial(where, index).scraped(0.003, stable_errors=0.003)
        for kind, more in (("mixture", {"base": "0.1%"}), ("two_arm", {})):
            gate = gate_of(Row("", {"kind": kind} | more, (), ()))
            stopped[kind] += judge_release(gate, scraped, spans).stopped_at <= spans[-1][1]
    assert stopped["mixture"] > 50
    assert stopped["two_arm"] <= 4


@pytest.mark.verify
def test_kayenta_misjudges_good_canaries_against_a_baseline_nineteen_times_as_large() -> None:
    """Known from elsewhere: 51 % of like versions are Low if either direction counts; with equal sizes next to none."""
    gate = {"kind": "kayenta", "every": "60m", "metrics": {"errors": {"direction": "either"}}, "marginal": 0}
    unequal, _ = false_alarms_of_kayenta(gate, equal=False)
    equal, _ = false_alarms_of_kayenta(gate, equal=True)
    assert 0.3 < unequal < 0.7
    assert equal < 0.06


def false_alarms_of_kayenta(gate: dict, *, equal: bool) -> tuple[float, float]:
    row = Row("", gate, (), (), equal_arms=equal)
    grade = try_gates({"g": gate_of(row)}, setting_of(row), (0.001,), releases=100)[Watch("g")][0]
    return grade.stopped.value, grade.stopped.low


@pytest.mark.verify
def test_the_ratio_gate_end_to_end_has_the_exact_level_and_power_of_walds_test() -> None:
    """One request a look on average, so that hardly any look brings two: the recursion request by request applies."""
    test = Boundaries(good=0.02, bad=0.2, alpha=0.05, beta=0.1)
    where = replace(setting(lambda _: (1.0,), weights=(1.0,), minutes=15, errors=0.02), scrape=S // 4)
    written = {"kind": "sprt", "good": "2%", "bad": "20%", "alpha": "5%", "beta": "10%", "every": "250ms"}
    gate = gate_of(Row("", written, (), ()))
    releases = 120
    grades = try_gates({"g": gate}, where, (0.02, 0.2), releases=releases)[Watch("g")]
    for grade in grades:
        course = exact(test, grade.ratio)
        assert course.undecided < 1e-9
        error = math.sqrt(course.rejects * (1 - course.rejects) / releases)
        assert abs(grade.stopped.value - course.rejects) <= 4 * error + 0.01
