"""The hand-written picture of a timeline: valid, to scale, told under the pointer, and harmless whatever names say."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import sample
from hypothesis import given
from hypothesis import strategies as st

from sim.report import panels
from sim.report.panels import LEFT, RIGHT, Panel, Pen
from sim.report.story import Story, story_of
from sim.report.timeline_look import Scale
from sim.report.timeline_picture import drawn, round_values

SVG = "{http://www.w3.org/2000/svg}"
PANEL = Panel(top=10.0, height=50.0, end=100.0, low=0.0, high=5.0)


def story() -> Story:
    record: Any = SimpleNamespace(
        journal=sample.journal(), ledger=sample.ledger(), latency=None, strategy="canary", case="errors", index=3
    )
    return story_of(record, sample.scenario())


def seen(of: Story) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(of, "words", Scale.of(of)))


def test_the_same_story_gives_the_same_picture() -> None:
    assert drawn(story(), "words", Scale.of(story())) == drawn(story(), "words", Scale.of(story()))


def test_every_verdict_but_waiting_is_told_under_the_pointer() -> None:
    told = [each.text or "" for each in seen(story()).iter(f"{SVG}title")]
    spoken = [each for each in story().verdicts if each[2].value != "wait"]
    assert spoken
    assert sum(" at " in each for each in told) >= len(spoken)


def test_what_a_name_says_is_text_and_no_markup() -> None:
    at, _, answer, _ = story().verdicts[0]
    picture = seen(replace(story(), verdicts=((at, "<script>", answer, "\"&'<b>"),)))
    assert {"script", "b", f"{SVG}script", f"{SVG}b"}.isdisjoint({each.tag for each in picture.iter()})


def test_detection_stands_where_its_moment_is_on_the_axis() -> None:
    of = story()
    at = next(at for at, name in of.moments if name == "detected")
    place = LEFT + (RIGHT - LEFT) * at / Scale.of(of).end
    lines = [each.get("d", "") for each in seen(of).iter(f"{SVG}path") if "dasharray:3 2" in each.get("style", "")]
    assert len(lines) % 6 == 0, "a line through each of six panels"
    assert any(abs(float(line[1:].split()[0]) - place) < 0.06 for line in lines)


def test_a_step_holds_until_the_next_and_the_last_to_the_end() -> None:
    area, course = panels.steps(PANEL, np.array([-5.0, 20.0]), np.array([1.0, 5.0]), Pen(colour="red"))
    assert f'd="M{LEFT:g} 50H171.2V10H{RIGHT:g}"' in course
    assert area.split('d="')[1].startswith(f"M{LEFT:g} 50H171.2V10H{RIGHT:g}V60")


def test_a_window_without_a_value_is_a_gap_in_the_line() -> None:
    (line,) = panels.line(PANEL, 10.0, np.array([1.0, np.nan, 2.0, 3.0]), Pen(colour="red"))
    assert (line.count("M"), line.count("L")) == (2, 1)


def test_of_too_many_windows_the_worst_of_neighbours_is_kept() -> None:
    values = np.zeros(10_000)
    values[7_777] = 1.0
    every, kept = panels.thinned(values, end=10_000.0, window=1.0, merge=np.fmax)
    assert len(kept) <= panels.MOST_POINTS
    assert np.flatnonzero(kept).tolist() == [7_777 // every]


@given(st.floats(min_value=0.001, max_value=1e9), st.booleans())
def test_ticks_are_few_and_within_the_axis(high: float, whole: bool) -> None:
    ticks = round_values(high, whole=whole)
    assert ticks[0] == 0.0
    assert len(ticks) <= 5
    assert ticks[-1] <= high * (1 + 1e-9)
    assert not whole or all(tick == int(tick) for tick in ticks)


@given(st.floats(min_value=-1e6, max_value=1e6), st.sampled_from([(0.0, 5.0), (5.0, 0.0)]))
def test_nothing_is_drawn_outside_its_panel(value: float, ends: tuple[float, float]) -> None:
    panel = replace(PANEL, low=ends[0], high=ends[1])
    assert 10.0 <= float(panel.y(value)) <= 60.0
    assert LEFT <= float(panel.x(value)) <= RIGHT
