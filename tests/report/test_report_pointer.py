"""What the page's script adds, in a real browser: values under a pointer and under the arrow keys, tables in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sample
from axe_check import found_wrong
from browser import PATIENCE

from sim.report.distributions import curves
from sim.report.page import page
from sim.report.story import story_of

NASTY = "<img src=x onerror=document.title='owned'>"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with its curves, and a timeline of a strategy whose name would like to run."""
    record: Any = SimpleNamespace(
        journal=sample.journal(), ledger=sample.ledger(), latency=None, strategy=NASTY, case="pay-errors", index=3
    )
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(page(sample.findings(), sample.frame(), [story_of(record, sample.scenario())]), encoding="utf-8")
    return place


@pytest.fixture
def opened(chromium: Any, file: Path) -> Iterator[Any]:
    """The page, with its policy in force; at the end nothing was on the console."""
    console: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.set_default_timeout(PATIENCE)
    made.on("console", lambda message: console.append(message.text))
    made.on("pageerror", lambda error: console.append(str(error)))
    made.goto(file.as_uri())
    yield made
    context.close()
    assert console == []


def picture(opened: Any, words: str) -> Any:
    return opened.locator("figure", has_text=words)


def point_at(opened: Any, figure: Any, share: float) -> str:
    """What is read with the pointer at so much of the way along the axis of a picture."""
    figure.scroll_into_view_if_needed()
    box, wide = figure.locator("svg").bounding_box(), figure.locator("svg").evaluate("svg => svg.viewBox.baseVal.width")
    left, top, right, bottom = figure.locator(".picture").evaluate("each => JSON.parse(each.dataset.readings)[0].box")
    scale = box["width"] / wide
    opened.mouse.move(box["x"] + scale * (left + share * (right - left)), box["y"] + scale * (top + bottom) / 2)
    told: str = figure.locator(".reading").inner_text()
    return " ".join(told.split())


def test_the_pointer_reads_what_the_curve_says(opened: Any) -> None:
    """The shares that are read are those of the table's rows that cost more than what is read before them."""
    figure = picture(opened, "failed requests because of the release")
    found = {each.strategy: each for each in curves(sample.frame(), sample.findings(), "failed_requests")}
    for share in (0.3, 0.55, 0.8):
        told = point_at(opened, figure.first, share)
        more_than = float(re.findall(r"more than ([\d,.]+):", told)[0].replace(",", ""))
        read = {name: float(part) for name, part in re.findall(r"([\w-]+) (\d+) %", told)}
        assert set(read) == set(found)
        for name, curve in found.items():
            near = [
                100 * curve.above[np.flatnonzero(curve.values <= more_than * factor)[-1]]
                if (curve.values <= more_than * factor).any()
                else 100.0
                for factor in (0.99, 1.01)
            ]
            assert min(near) - 1 <= read[name] <= max(near) + 1


def test_the_arrow_keys_read_the_same_as_the_pointer(opened: Any) -> None:
    figure = picture(opened, "failed requests because of the release").first
    pointed = point_at(opened, figure, 0.5)
    opened.mouse.move(0, 0)
    figure.locator(".picture").focus()
    opened.keyboard.press("Home")
    for _ in range(6):
        opened.keyboard.press("PageDown")
    assert " ".join(figure.locator(".reading").inner_text().split()) == pointed
    assert figure.locator(".reading").get_attribute("role") == "status"


def test_a_timeline_tells_all_that_stands_above_a_moment(opened: Any) -> None:
    """At 10 of 15.3 minutes: 20 % of traffic on 2 new pods beside 8, 6 % of requests fail, the gate has failed it."""
    told = point_at(opened, picture(opened, "the gate notices"), 10.2 / 15.3)
    assert re.match(r"10m1\ds: to new 20 % ready stable 8 ready new 2 failed 6 %", told)
    assert "ours fails (success ratio at minute 10)" in told


def test_a_name_that_is_markup_stays_text_under_the_pointer(opened: Any) -> None:
    point_at(opened, picture(opened, "the gate notices"), 0.5)
    assert opened.locator("main img").count() == 0
    assert opened.title() != "owned"


def test_a_table_is_put_in_order_by_a_column_and_back(opened: Any) -> None:
    table = opened.get_by_role("region", name="Loss by defect").locator("table")

    def column() -> list[float]:
        texts = table.locator("tbody tr td:nth-child(5) .number").all_inner_texts()
        return [float(text.replace(",", "")) for text in texts]

    written = column()
    table.get_by_role("button", name="rolling").click()
    assert column() == sorted(written) != written
    assert table.locator("th[aria-sort=ascending]").count() == 1
    table.get_by_role("button", name="rolling").click()
    assert column() == sorted(written, reverse=True)
    assert table.locator("th[aria-sort=descending]").count() == 1


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (
            ("11m / 2m", "4m40s / 48s", "33s / 1s", "471 ms", "1h"),
            ("471 ms", "33s / 1s", "4m40s / 48s", "11m / 2m", "1h"),
        ),
        (("1d2h", "90 us", "3d", "30h", "1 ns"), ("1 ns", "90 us", "1d2h", "30h", "3d")),
        (("+5m", "-40s", "-5m", "2h"), ("-5m", "-40s", "+5m", "2h")),
        (("+80 ±26", "-", "-9 (-14 to -4)", "1,530"), ("-9 (-14 to -4)", "+80 ±26", "1,530", "-")),
        (("5 min", "30 pods", "-12 %", "none"), ("-12 %", "5 min", "30 pods", "none")),
        (("rolling", "blue-green"), ("blue-green", "rolling")),
    ],
)
def test_figures_times_and_words_have_an_order_and_nothing_comes_last(
    opened: Any, file: Path, texts: tuple[str, ...], ordered: tuple[str, ...]
) -> None:
    table = opened.get_by_role("region", name="Loss by defect").locator("table")
    table.evaluate(
        """(table, texts) => {
            const rows = [...table.tBodies[0].rows];
            rows.forEach((row, number) => {
                if (number >= texts.length) row.remove(); else row.cells[1].textContent = texts[number];
            });
        }""",
        list(texts),
    )
    table.get_by_role("button", name="blue-green").click()
    assert tuple(table.locator("tbody tr td:nth-child(2)").all_inner_texts()) == ordered


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_wrong_on_any_screen(opened: Any, width: int, scheme: Any) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.emulate_media(color_scheme=scheme)
    opened.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert found_wrong(opened) == []


def test_axe_would_notice_a_picture_without_words(opened: Any) -> None:
    opened.evaluate("document.querySelector('figure svg').removeAttribute('aria-label')")
    assert any("svg-img-alt" in each for each in found_wrong(opened))


def test_without_scripts_the_page_is_whole_and_offers_nothing_that_would_not_work(chromium: Any, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    made = context.new_page()
    made.set_default_timeout(PATIENCE)
    made.goto(file.as_uri())
    text = made.locator("main").inner_text()
    assert "The strategies side by side" in text
    assert made.locator("button").count() == 0
    assert "Point at the picture" not in text
    context.close()
