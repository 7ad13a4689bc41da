"""The face of the package: few names, a light import, and results that show themselves."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from matplotlib.figure import Figure

import sim
from sim.notebook import Study, Timeline
from sim.report.story import Story
from sim.scenario.override import with_study

TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook.yaml"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return sim.run(TEXTBOOK, results=tmp_path_factory.mktemp("results"), workers=1, cap=3, pilot=3)


def test_the_public_names_are_these() -> None:
    assert dir(sim) == [
        "Capacity", "Record", "RollriskError", "Scenario", "ScenarioError", "Study", "capacity", "check", "load",
        "open_results", "replicate", "run", "timeline",
    ]  # fmt: skip
    for name in dir(sim):
        assert getattr(sim, name) is not None


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(AttributeError, match="it has: Capacity"):
        sim.nothing  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sim, sys; print([name for name in ('numpy', 'numba', 'pandas', 'scipy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_study_shows_itself_as_a_table_with_its_verdict(study: Study) -> None:
    assert study.verdict in study._repr_html_().replace("&#x27;", "'")
    assert "<table" in study._repr_html_()
    assert repr(study).startswith("<Study 'textbook', 2 strategies: ")


def test_a_name_with_markup_does_no_harm_in_a_notebook() -> None:
    shown = Study(sample.findings(name="<script>alert(1)</script>"))._repr_html_()
    assert "<script" not in shown


def test_frames_are_tidy(study: Study) -> None:
    frame = study.frame()
    assert {"strategy", "case", "index", "failed_requests", "down_99"} <= set(frame.columns)
    assert not frame.duplicated(["strategy", "case", "index"]).any()
    assert set(study.estimates()["given"]) == {"release", "bad", "good", "errors"}
    assert len(study.differences()) == 1
    assert list(study.summary().columns) == ["blue-green", "canary-80-20"]


def test_a_mean_in_the_frame_is_the_estimate_of_the_findings(study: Study) -> None:
    frame = study.frame()
    rows = frame[(frame["strategy"] == "blue-green") & (frame["case"] == "errors")]
    estimate = study.findings.estimates["failed_requests", "blue-green", "errors"]
    assert rows["failed_requests"].mean() == pytest.approx(estimate.value)


def test_plots_give_back_the_axes_they_drew_on(study: Study) -> None:
    axes = Figure().subplots(2)
    assert study.plot.exposure(ax=axes[0]) is axes[0]
    assert study.plot.downtime(ax=axes[1]) is axes[1]
    assert study.plot.exposure().get_xlabel().startswith("failed requests")


def test_a_timeline_is_the_strategys_typical_bad_release_unless_asked(study: Study) -> None:
    case, index = study.findings.typical["canary-80-20"]
    story: Story = study.timeline("canary-80-20").story
    assert (story.case, story.index) == (case, index)
    other = study.timeline("canary-80-20", case="good", index=2)
    assert (other.story.case, other.story.index) == ("good", 2)
    assert isinstance(other, Timeline)
    assert "<svg" in other._repr_html_()
    assert isinstance(study.plot.timeline("canary-80-20"), Figure)


def test_a_results_folder_opens_as_the_study_that_wrote_it(study: Study) -> None:
    opened = sim.open_results(study.findings.folder)
    assert opened.verdict == study.verdict
    assert opened.estimates().equals(study.estimates())


def test_a_folder_without_a_study_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(sim.RollriskError, match=str(tmp_path)):
        sim.open_results(tmp_path)


def test_check_gives_the_arithmetic() -> None:
    assert sim.check(TEXTBOOK).use_at_peak == pytest.approx(0.157, abs=0.01)


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(sim.RollriskError, match="'seeds' cannot be set here; what can: cap, confidence"):
        with_study(sim.load(TEXTBOOK), seeds=3)


def test_a_value_that_the_rules_refuse_is_refused_here_too() -> None:
    with pytest.raises(sim.ScenarioError, match=r"study\.decide_by"):
        with_study(sim.load(TEXTBOOK), decide_by="happiness")


def test_a_changed_setting_leaves_everything_else_as_it_was() -> None:
    scenario = sim.load(TEXTBOOK)
    changed = with_study(scenario, cap=33)
    assert changed.study.cap == 33
    assert changed.defaults == scenario.defaults
    assert {**changed.document, "study": None} == {**scenario.document, "study": None}


def test_plain_data_is_a_scenario_too(tmp_path: Path) -> None:
    data = sim.load(TEXTBOOK).document
    assert sim.check(data) == sim.check(TEXTBOOK)


def test_a_capacity_review_shows_itself_and_gives_tidy_frames() -> None:
    textbook = sim.load(TEXTBOOK)
    textbook = replace(textbook, strategies=textbook.strategies[:1])
    found = sim.capacity(textbook, growths=(1.0,), replications=3, workers=1)
    assert found.ask in found._repr_html_().replace("&#x27;", "'")
    assert list(found.fleets()["strategy"]) == ["blue-green", "blue-green"]
    assert (found.walls()["broken"] > found.walls()["rate"].fillna(0)).all()
    assert {"pods", "node cpu", "node memory"} == set(found.headroom()["resource"])
    assert list(found.lost().columns) == ["no loss", "node lost"]
    assert len(found.prices()) == 1
    assert "## Sign-off" in found.page()
