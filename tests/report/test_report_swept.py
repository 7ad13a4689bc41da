"""A sweep in the report of the same study: it turns up there, says what it found, and leaves with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sample

from sim.report.markdown import summary
from sim.report.page import page
from sim.report.plots import files, plots
from sim.report.swept import Swept, draw, outdated, read_sweep, rests_on, sentences, title
from sim.study.findings import Findings
from sim.study.folders import SWEEP
from sim.study.shelf import OURS

MADE = {"model": "a1b2"}
STUDY = sample.findings(provenance=MADE)


def point(path: str, value: object, factor: float, recommended: str | None = "canary-80-20") -> dict[str, Any]:
    figures = {
        name: {"value": loss * factor, "interval": [loss * factor * 0.9, loss * factor * 1.1], "n": 20}
        for name, loss in sample.BAD.items()
    }
    return {"values": {path: value} if path else {}, "figures": figures, "recommended": recommended}


def told(**changes: Any) -> dict[str, Any]:
    """As the command writes it: the file's own values, then both ends of each of two inputs."""
    return {
        "measure": "failed_requests", "given": "bad", "design": "ends",
        "as_written": point("", None, 1.0),
        "points": [
            point("service.endpoint_lag", "100ms", 0.9), point("service.endpoint_lag", "5s", 1.3),
            point("oncall.reacts", "5m", 0.5), point("oncall.reacts", "1h", 3.0),
        ],
        "rests_on": rests_on(STUDY.scenario, "a1b2"),
    } | changes  # fmt: skip


def swept(tmp_path: Path, study: Findings = STUDY, **changes: Any) -> Swept | None:
    (tmp_path / SWEEP).write_text(json.dumps(told(**changes)))
    return read_sweep(tmp_path, study)


def test_the_input_that_moves_most_comes_first(tmp_path: Path) -> None:
    found = swept(tmp_path)
    assert found is not None
    assert [each.path for each in found.moved] == ["oncall.reacts", "service.endpoint_lag"]
    assert (
        title(found) == "No input that was swept changes the verdict; oncall.reacts (5m to 1h) changes the figures most"
    )


def test_an_input_that_turns_the_verdict_is_the_finding(tmp_path: Path) -> None:
    points = [*told()["points"][:3], point("oncall.reacts", "1h", 3.0, "blue-green")]
    found = swept(tmp_path, points=points)
    assert found is not None
    assert title(found) == "At oncall.reacts = 1h the verdict changes: blue-green instead of canary-80-20"


def test_an_input_that_leaves_the_verdict_open_is_said(tmp_path: Path) -> None:
    found = swept(tmp_path, points=[*told()["points"][:3], point("oncall.reacts", "1h", 3.0, None)])
    assert found is not None
    assert title(found) == "No swept input changes the verdict; at one end of oncall.reacts no strategy is surely best"


def test_the_words_hold_every_figure_with_its_noise(tmp_path: Path) -> None:
    found = swept(tmp_path)
    assert found is not None
    assert next(iter(sentences(found))).startswith("oncall.reacts: at 5m blue-green 1,450 ±150, canary-80-20 310 ±31")


def test_the_bars_end_where_the_figures_are(tmp_path: Path) -> None:
    found = swept(tmp_path)
    assert found is not None
    ends = [tuple(line.get_xdata()) for line in draw(found, sample.STRATEGIES).lines if line.get_linewidth() == 3.5]
    assert ends[:2] == [(1450.0, 8700.0), (310.0, 1860.0)]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"design": "ends", "points": [1, 2]}', '{"design": "ends", "points": []}']
)
def test_what_is_no_sweep_is_left_out(tmp_path: Path, text: str) -> None:
    assert read_sweep(tmp_path, STUDY) is None
    (tmp_path / SWEEP).write_text(text)
    assert read_sweep(tmp_path, STUDY) is None


def weighed(**changes: Any) -> Findings:
    """The study of the same releases, weighed in another way."""
    return replace(STUDY, scenario=replace(STUDY.scenario, study=replace(STUDY.scenario.study, **changes)))


@pytest.mark.parametrize(
    ("study", "changed"),
    [
        (replace(STUDY, provenance={"model": "other"}), "the program"),
        (weighed(indifferent=5.0), "study.indifferent"),
        (weighed(decide_by="loss"), "study.decide_by"),
        (weighed(confidence=0.9), "study.confidence"),
        (sample.findings(provenance=MADE, scenario=replace(
            STUDY.scenario, document=STUDY.scenario.document | {"prices": {"currency": "EUR"}}
        )), "prices"),
    ],
)  # fmt: skip
def test_a_sweep_of_what_has_changed_since_is_not_shown_and_the_change_is_named(
    tmp_path: Path, study: Findings, changed: str
) -> None:
    assert swept(tmp_path, study) is None
    assert outdated(tmp_path, study) == changed


def test_a_longer_study_keeps_its_sweep(tmp_path: Path) -> None:
    assert swept(tmp_path, weighed(cap=9, precision=0.01)) is not None
    assert outdated(tmp_path, weighed(cap=9, precision=0.01)) == ""


def test_a_sweep_that_does_not_say_what_it_rests_on_is_not_shown(tmp_path: Path) -> None:
    assert swept(tmp_path, rests_on=None) is None
    assert outdated(tmp_path, STUDY) == "the program"


def test_a_figure_that_is_never_reached_is_told_and_not_drawn(tmp_path: Path) -> None:
    points = told()["points"]
    points[3]["figures"]["rolling"] = {"value": "never", "interval": [None, "never"], "n": 20}
    found = swept(tmp_path, points=points)
    assert found is not None
    assert plots(sample.frame(), sample.findings(), found)["sweep"] is not None


def test_the_page_and_the_summary_show_it_under_what_the_verdict_hangs_on(tmp_path: Path) -> None:
    found = swept(tmp_path)
    charts = plots(sample.frame(), sample.findings(), found)
    text = page(sample.findings(), sample.frame(), [], charts=charts)
    section = text.partition('<h2 id="hangs">')[2].partition("<h2")[0]
    assert "oncall.reacts (5m to 1h) changes the figures most" in section
    assert "report-sweep.svg" in files(charts)
    assert "(report-sweep.svg)" in summary(sample.findings(), charts=charts)


def test_a_path_that_is_markup_does_no_harm(tmp_path: Path) -> None:
    found = swept(tmp_path)
    assert found is not None
    nasty = replace(found, moved=(replace(found.moved[0], path="<img src=x>"),))
    charts = plots(sample.frame(), sample.findings(), nasty)
    assert "<img" not in page(sample.findings(), sample.frame(), [], charts=charts)


def test_a_sweep_is_removed_with_its_study() -> None:
    assert {SWEEP, "report-sweep.svg"} <= set(OURS)
