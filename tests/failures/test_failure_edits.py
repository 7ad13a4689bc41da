import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.folding import fold
from sim.doors import kinds
from sim.failures import bad_answers
from sim.failures.cache_flush import CacheFlush
from sim.failures.crash import Crash
from sim.failures.crash_loop import CrashLoop
from sim.failures.error_rate import ErrorRate
from sim.failures.latency import Latency
from sim.failures.memory_leak import MemoryLeak
from sim.failures.mixed_versions import MixedVersions
from sim.failures.never_ready import NeverReady
from sim.failures.unreadable_data import UnreadableData
from sim.steps import Damage, Edit, Effect, Session
from sim.versions import NEVER, NEW, STABLE

MINUTE = 60 * 10**9


def even(number: int) -> float:
    return 0.5


def test_an_error_rate_is_seen_unless_it_says_otherwise() -> None:
    assert ErrorRate.model_validate({"rate": "3%"}).edits(even) == (Edit(effect=Effect.ERROR, value=0.03),)


def test_an_invisible_error_rate_is_never_seen() -> None:
    edits = ErrorRate.model_validate({"rate": "1%", "visible": "0%"}).edits(even)
    assert edits == (Edit(effect=Effect.UNSEEN_ERROR, value=0.01),)


@given(rate=st.floats(min_value=0, max_value=1), visible=st.floats(min_value=0, max_value=1))
def test_seen_and_unseen_errors_together_are_the_rate(rate: float, visible: float) -> None:
    folded = fold(0.0, 1.0, bad_answers(rate=rate, visible=visible))
    assert folded.error_chance == pytest.approx(rate, abs=1e-12)
    assert folded.seen_chance == pytest.approx(rate * visible, abs=1e-12)


def test_a_rate_given_as_a_law_is_drawn_once_with_the_luck_of_its_own_number() -> None:
    failure = ErrorRate.model_validate({"rate": {"kind": "uniform", "low": "0%", "high": "40%"}})
    (edit,) = failure.edits(lambda number: {0: 0.25}[number])
    assert edit.value == pytest.approx(0.1)


def test_an_error_rate_names_its_streams_its_cohort_and_its_time() -> None:
    failure = ErrorRate.model_validate(
        {"rate": "5%", "streams": ["pay"], "cohort": "10%", "after": "5m", "lasts": "10m"}
    )
    (edit,) = failure.edits(even)
    assert (edit.streams, edit.cohort, edit.start, edit.end) == (("pay",), 0.1, 5 * MINUTE, 15 * MINUTE)


def test_latency_multiplies_the_work() -> None:
    assert Latency.model_validate({"factor": 3}).edits(even) == (Edit(effect=Effect.SERVICE_FACTOR, value=3.0),)


def test_a_crash_hands_its_law_to_the_pods() -> None:
    failure = Crash.model_validate({"every": {"kind": "exponential", "mean": "10m"}, "after": "1m"})
    (edit,) = failure.edits(even)
    assert (edit.effect, edit.value, edit.start, edit.end) == (Effect.CRASH_AFTER, failure.every, MINUTE, NEVER)


def test_a_leak_hands_its_law_to_the_pods() -> None:
    failure = MemoryLeak.model_validate({"oom_after": "40m"})
    assert failure.edits(even) == (Edit(effect=Effect.MEMORY_LEAK, value=failure.oom_after),)


def test_a_crash_loop_comes_a_second_after_the_start_unless_it_says_otherwise() -> None:
    (edit,) = CrashLoop().edits(even)
    assert edit.effect is Effect.START_CRASH
    assert edit.value.quantile(0.5) == 10**9  # type: ignore[attr-defined]


def test_never_ready_holds_for_ever() -> None:
    (edit,) = NeverReady().edits(even)
    assert (edit.effect, edit.start, edit.end) == (Effect.NEVER_READY, 0, NEVER)


def test_mixed_versions_hurt_sessions_of_both_versions() -> None:
    edits = MixedVersions.model_validate({"rate": "2%", "pause": "10s"}).edits(even)
    session = Session(rate=0.02, pause=10 * 10**9)
    assert [(edit.version, edit.value) for edit in edits] == [(STABLE, session), (NEW, session)]


def test_an_emptied_cache_costs_half_of_its_excess_on_the_average_while_it_fills() -> None:
    edits = CacheFlush.model_validate({"factor": 3, "refills": "2m"}).edits(even)
    for version in (STABLE, NEW):
        mine = [edit for edit in edits if edit.version == version]
        assert (mine[0].start, mine[-1].end) == (0, 2 * MINUTE)
        assert sum((edit.end - edit.start) * float(edit.value) for edit in mine) == pytest.approx(2 * MINUTE * 2.0)  # type: ignore[arg-type]


def test_only_the_old_version_fails_at_data_in_the_new_form() -> None:
    (edit,) = UnreadableData.model_validate({"rate": "50%", "takes": "10m"}).edits(even)
    assert (edit.version, edit.value) == (STABLE, Damage(rate=0.5, takes=10 * MINUTE))


@pytest.mark.parametrize("word", sorted(kinds("failures")))
def test_every_failure_reads_its_example_and_yields_edits(word: str) -> None:
    kind = kinds("failures")[word]
    assert kind.model_validate(kind.example).edits(even)
