"""The page clicked through in a real browser, as a review group would: knobs, keyboard, phone, a colleague, a study."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import small_folder
from axe_check import found_wrong

WEIGHT = "#knobs input[name='strategies.step-by-step.steps[0].weight']"
PATIENCE = 600_000
"""Milliseconds: only a page that hangs is given up."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browsing")


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    """The address of a server started as a person starts it."""
    small_folder(folder / "scenarios")
    command = [sys.executable, "-m", "sim", "serve", "scenarios", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        found = re.search(r"http://\S+", running.stdout.readline())
        assert found, running.stderr and running.stderr.read()
        yield found[0].rstrip("/")
        running.send_signal(signal.SIGINT)
        assert running.wait(600) == 0
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()


@pytest.fixture
def page(chromium: Any, base: str) -> Iterator[Callable[..., Any]]:
    """Opens pages in a browser of their own; at the end nothing was on any console, and nothing asked of others."""
    contexts, console, foreign = [], [], []

    def open_page(address: str = "/look/small?releases=2", **options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        made = context.new_page()
        made.set_default_timeout(PATIENCE)
        made.on("console", lambda message: console.append(message.text))
        made.on("pageerror", lambda error: console.append(str(error)))
        made.on("request", lambda asked: None if asked.url.startswith((base, "data:")) else foreign.append(asked.url))
        made.goto(base + address)
        return made

    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in console if "422" not in line] == []
    assert foreign == []


def figures(page: Any) -> list[str]:
    found: list[str] = page.locator("#answer .number").all_inner_texts()
    return found


def test_a_knob_moved_by_the_keyboard_changes_the_answer_and_the_address(page: Callable[..., Any]) -> None:
    opened = page()
    opened.locator("summary", has_text="step-by-step").click()
    before = figures(opened)
    opened.locator(WEIGHT).focus()
    for _ in range(3):
        opened.keyboard.press("ArrowUp")
    opened.wait_for_url(re.compile(r"weight=40%25"))
    opened.locator("#answer[data-releases]:not([aria-busy])").wait_for()
    assert figures(opened) != before
    moved = opened.locator(".moves").inner_text().split()
    assert moved == ["strategies.step-by-step.steps[0].weight", "20%", "40%", "undo"]
    assert opened.locator(".means", has_text=re.compile("better|worse|cannot tell")).first.is_visible()
    assert opened.locator(WEIGHT).evaluate("field => field === document.activeElement")


def test_a_colleague_sees_the_same_figures_at_the_same_address(page: Callable[..., Any]) -> None:
    mine = page("/look/small?releases=4&service.replicas=3")
    theirs = page(mine.url[mine.url.index("/look") :])
    assert theirs.url == mine.url
    assert len(figures(theirs)) > 10
    assert theirs.locator("#answer").inner_html() == mine.locator("#answer").inner_html()


def test_figures_sharpen_by_themselves_after_a_move_only(page: Callable[..., Any]) -> None:
    opened = page()
    opened.wait_for_timeout(1500)
    assert "releases=2" in opened.url
    opened.locator("#knobs input[name='service.queue']").fill("19")
    opened.locator("#knobs input[name='service.queue']").press("Enter")
    opened.wait_for_url(re.compile("releases=16&service.queue=19"))


def test_of_many_quick_moves_the_last_is_shown(page: Callable[..., Any]) -> None:
    opened = page()
    for _ in range(4):
        opened.get_by_role("button", name=re.compile("^replicas: more")).click()
    opened.wait_for_url(re.compile("service.replicas=6"))
    assert opened.locator("#knobs input[name='service.replicas']").input_value() == "6"
    opened.locator(".moves", has_text="service.replicas 2 6").wait_for()


def test_a_bad_value_is_told_beside_its_knob_and_mended_there(page: Callable[..., Any]) -> None:
    opened = page()
    field = opened.locator("#knobs input[name='service.replicas']")
    field.fill("none")
    field.press("Tab")
    opened.locator("[role=alert]", has_text="whole number").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert "whole number" in opened.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
    field.fill("3")
    field.press("Tab")
    opened.locator(".moves", has_text="service.replicas 2 3").wait_for()
    assert field.get_attribute("aria-invalid") is None


def test_without_a_script_the_buttons_do_the_same(page: Callable[..., Any]) -> None:
    opened = page(java_script_enabled=False)
    opened.get_by_role("button", name=re.compile("^replicas: more, 3")).click()
    assert "service.replicas=3" in opened.url
    opened.locator("#knobs input[name='service.queue']").fill("9")
    opened.keyboard.press("Enter")
    opened.wait_for_url(re.compile("service.replicas=3&service.queue=9$"))
    opened.get_by_role("link", name="Put service.queue back to 20").click()
    opened.wait_for_url(re.compile("service.replicas=3$"))


def test_with_and_without_a_script_the_answer_is_the_same(page: Callable[..., Any]) -> None:
    address = "/look/small?releases=2&service.replicas=4"
    plain = page(address, java_script_enabled=False).locator("#answer").inner_html()
    assert page(address).locator("#answer").inner_html() == plain


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1400])
def test_no_width_makes_the_page_scroll_sideways(page: Callable[..., Any], width: int, scheme: str) -> None:
    opened = page(
        "/look/small?releases=2&service.replicas=4", viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, re.findall(r"[0-9]+", paper)[:3])) / 3
    assert (brightness > 128) == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/look/small?releases=2&service.replicas=4", "/studies"])
def test_axe_finds_nothing_wrong(page: Callable[..., Any], address: str, scheme: str) -> None:
    opened = page(address, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    opened.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert found_wrong(opened) == []


def test_a_promising_look_becomes_a_full_study_with_a_report(page: Callable[..., Any], folder: Path) -> None:
    opened = page("/look/small?releases=2&service.replicas=3")
    opened.get_by_role("button", name="Send to a full study").click()
    opened.get_by_role("link", name="Open the report").wait_for()
    assert "small service, what if service.replicas 3" in opened.locator("h1").inner_text()
    opened.get_by_role("link", name="Open the report").click()
    opened.get_by_text("The strategies side by side").wait_for()
    assert len(list((folder / "results").glob("*/report.html"))) == 1
    opened.go_back()
    opened.get_by_role("link", name="Back to the quick look").click()
    assert "service.replicas=3" in opened.url
