"""Sweeps: where points lie, what knobs read, and that what matters is found to matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import imagined_sweeps as imagined
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UsageError
from sim.scenario import from_data, load
from sim.study.cells import Job
from sim.study.executors import InProcess, Stop
from sim.study.play import Played, Work
from sim.whatif.designs import DESIGNS, points, sobol_indices
from sim.whatif.knobs import Knob, knob, own_ranges
from sim.whatif.sweep import Asked, Sweep, sweep

TEXTBOOK = load(Path(__file__).parents[2] / "scenarios" / "textbook.yaml")
REPLICAS, QUEUE = knob("service.replicas", "2..10"), knob("service.queue", "10..90")


class Counting(InProcess):
    """Plays here, and counts what it plays."""

    def __init__(self) -> None:
        super().__init__()
        self.played: list[Job] = []

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        self.played += jobs
        return super().run(work, jobs, stop)


def swept(
    results: Path,
    *knobs: Knob,
    design: str = "ends",
    number: int = 4,
    watch: Any = None,
    runner: InProcess | None = None,
) -> Sweep:
    asked = Asked(measure="failed_requests", given="bad", design=design, number=number, replications=10)
    return sweep(
        TEXTBOOK, knobs or (REPLICAS, QUEUE), asked, results=results, runner=runner or InProcess(),
        replicate=imagined.WORK, watch=watch,
    )  # fmt: skip


def test_the_knob_that_matters_has_the_widest_swing(tmp_path: Path) -> None:
    first, *others = swept(tmp_path).tornado()
    assert (first.path, first.strategy) == ("service.replicas", "blue-green")
    assert (first.at_low.value, first.at_high.value) == pytest.approx((2000, 10000), rel=0.05)
    assert [swing.size for swing in others] == [0.0, 0.0, 0.0]


def test_the_verdict_turns_where_another_strategy_costs_less(tmp_path: Path) -> None:
    found = swept(tmp_path, knob("service.replicas", "2,10"), design="grid")
    assert found.likely.recommended == "blue-green"
    assert [point.values for point in found.turned()] == [{"service.replicas": 10}]


def test_a_grid_tries_all_combinations(tmp_path: Path) -> None:
    found = swept(tmp_path, knob("service.replicas", "2,4"), knob("service.queue", "10..30"), design="grid", number=3)
    tried = [tuple(point.values.values()) for point in found.points]
    assert tried == [(2, 10), (2, 20), (2, 30), (4, 10), (4, 20), (4, 30)]


def test_a_frame_has_a_row_per_point_and_strategy(tmp_path: Path) -> None:
    frame = swept(tmp_path, REPLICAS).frame()
    assert list(frame["service.replicas"]) == ["as written"] * 2 + [2, 2, 10, 10]
    assert set(frame.columns) >= {"strategy", "value", "low", "high", "n", "recommended"}


def test_a_sweep_asked_for_again_plays_nothing(tmp_path: Path) -> None:
    first, again = swept(tmp_path, REPLICAS).frame(), Counting()
    assert swept(tmp_path, REPLICAS, runner=again).frame().equals(first)
    assert again.played == []


def test_how_often_releases_are_bad_is_swept_by_weighing_again_what_was_played(tmp_path: Path) -> None:
    counting, rate = Counting(), knob("release.change_failure_rate", "1%..21%")
    asked = Asked(measure="failed_requests", given="release", design="grid", number=5, replications=10)
    found = sweep(TEXTBOOK, [rate], asked, results=tmp_path, runner=counting, replicate=imagined.WORK)
    assert len(counting.played) == len(set(counting.played)), "a release was played twice"
    figures = [point.figures["canary-80-20"].value for point in found.points]
    assert figures == pytest.approx([figures[0] * share for share in (1, 6, 11, 16, 21)])


def test_the_watcher_hears_of_every_point(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    swept(tmp_path, REPLICAS, watch=lambda done, of: heard.append((done, of)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("design", ["morris", "saltelli"])
def test_indices_name_the_knob_that_matters(tmp_path: Path, design: str) -> None:
    pytest.importorskip("SALib", reason="an optional extra")
    replicas, queue = swept(tmp_path, design=design, number=8).indices()["blue-green"]
    key = {"morris": "effect", "saltelli": "total"}[design]
    assert replicas[key] > 0.3
    assert queue[key] == pytest.approx(0.0, abs=1e-9)


def test_sobol_indices_agree_with_ishigamis_function() -> None:
    pytest.importorskip("SALib", reason="an optional extra")
    knobs = [Knob(path=name, high=1.0) for name in "abc"]
    x = np.pi * (2 * points("saltelli", knobs, 4096) - 1)
    answers = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = sobol_indices(knobs, answers)
    assert [each["alone"] for each in found] == pytest.approx([0.314, 0.442, 0.0], abs=0.03)
    assert [each["total"] for each in found] == pytest.approx([0.558, 0.442, 0.244], abs=0.03)


@given(st.sampled_from(["latin", "sobol"]), st.integers(1, 5), st.integers(1, 40))
def test_spread_points_lie_in_the_cube_and_are_at_least_as_many_as_asked(design: str, knobs: int, number: int) -> None:
    found = points(design, [Knob(path=str(place), high=1.0) for place in range(knobs)], number)
    assert len(found) >= number
    assert found.shape[1] == knobs
    assert 0 <= found.min() <= found.max() <= 1


def test_a_latin_hypercube_has_one_point_in_each_row_and_column() -> None:
    found = points("latin", [REPLICAS, QUEUE], 7)
    assert np.array_equal(np.sort(np.floor(7 * found), axis=0), np.repeat(np.arange(7.0)[:, None], 2, axis=1))


@given(st.floats(0, 1))
def test_a_knob_stays_in_its_range_and_keeps_its_unit(share: float) -> None:
    for logarithmic in ("", "log "):
        written = knob("x", f"{logarithmic}0.5%..20%").at(share)
        assert written.endswith("%")
        assert 0.5 <= float(written[:-1]) <= 20


@pytest.mark.parametrize(
    ("written", "message"),
    [("5", "is one value"), ("5m..1h", "two numbers of one unit"), ("9..3", "must rise"), ("log 0..3", "above 0")],
)
def test_a_knob_that_cannot_be_read_says_how_to_write_it(written: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        knob("service.replicas", written)


def test_a_knob_for_nothing_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"services\.replicas is no part of textbook"):
        swept(tmp_path, knob("services.replicas", "2..4"))
    assert not list(tmp_path.iterdir())


def test_a_value_that_does_not_fit_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not fit textbook"):
        swept(tmp_path, knob("service.balancer", "random, rondom"), design="grid")
    assert not list(tmp_path.iterdir())


def test_an_unknown_design_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match=", ".join(DESIGNS)):
        points("star", [REPLICAS], 3)


def test_without_knobs_the_files_own_ranges_are_varied() -> None:
    rate = {"low": "2%", "likely": "10%", "high": "20%"}
    release = {**TEXTBOOK.document["release"], "change_failure_rate": rate}
    scenario = from_data({**TEXTBOOK.document, "release": release})
    assert own_ranges(scenario) == (Knob(path="release.change_failure_rate", listed=("2%", "10%", "20%")),)
