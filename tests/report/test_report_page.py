"""The page: one file, nothing loaded, the author's text harmless, the figures those of the findings."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import sample

from sim.report.page import page
from sim.report.story import Story, story_of

NASTY = "<script>alert('x')</script> & \"quoted\" {{ 7 * 7 }}"


def stories(name: str = "canary-80-20") -> list[Story]:
    record: Any = SimpleNamespace(
        journal=sample.journal(), ledger=sample.ledger(), latency=None, strategy=name, case="pay-errors", index=3
    )
    return [story_of(record, sample.scenario())]


@pytest.fixture(scope="module")
def html() -> str:
    return page(sample.findings(), sample.frame(), stories(), fleet="8 pods carry 174 rps")


class _Reader(HTMLParser):
    """Collects tags, ids and every address a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "data", "action") and not (value or "").startswith("#"):
                self.fetched.append(value or "")


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def test_the_page_loads_nothing_and_runs_only_the_script_its_policy_names(html: str) -> None:
    reader = read(html)
    assert reader.fetched == []
    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert reader.tags.count("script") == 1
    assert not re.search(r"url\((?!#)|@import", html)


def test_the_page_is_small(html: str) -> None:
    assert len(html.encode()) < 2_000_000


def test_no_two_elements_share_an_id(html: str) -> None:
    ids = read(html).ids
    assert sorted(set(ids)) == sorted(ids)


def test_every_reference_inside_a_picture_finds_its_target(html: str) -> None:
    wanted = set(re.findall(r'(?:href="|url\()#([^")]+)', html))
    assert wanted <= set(read(html).ids)


def test_a_scenario_named_script_does_no_harm() -> None:
    findings = sample.findings(name=NASTY)
    text = page(findings, sample.frame(), [])
    assert read(text).tags.count("script") == 1
    assert "&lt;script&gt;" in text
    assert "{{ 7 * 7 }}" in text


def test_a_strategy_named_like_markup_does_no_harm_in_a_timeline() -> None:
    text = page(sample.findings(), sample.frame(), stories("<img src=x onerror=alert(1)>"))
    assert "img" not in read(text).tags


def test_the_page_says_question_verdict_assumptions_and_how_to_reproduce(html: str) -> None:
    for part in (
        "May checkout ship at 20:00",
        "Use canary-80-20. It saves 182 ±16 failed requests",
        "more than 2.2 % of releases are bad",
        "wrong-totals: no gate can see it.",
        "3f9c21d4e5f6",
        "rollrisk run x.yaml",
        "duration",
    ):
        assert part in html


def test_the_least_trusted_defaults_come_first(html: str) -> None:
    trusts = re.findall(r'class="trust (\w+)"', html)
    assert trusts == ["low", "low", "high"]


def test_every_chart_has_a_title_and_words_for_who_cannot_see_it(html: str) -> None:
    figures = re.findall(r"<figure>(.*?)</figure>", html, flags=re.DOTALL)
    assert len(figures) == 4
    for figure in figures:
        assert re.search(r"<h3>[^<]{10,}</h3>", figure)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', figure)
        assert "<summary>In words</summary>" in figure


def test_the_same_findings_give_the_same_bytes(html: str) -> None:
    assert page(sample.findings(), sample.frame(), stories(), fleet="8 pods carry 174 rps") == html


def test_a_misfit_with_the_dashboard_stands_above_the_verdict() -> None:
    off = sample.Check(name="p95", modelled=0.9, observed=0.48, off=0.875, fits=False)
    text = page(sample.findings(checks=(off,)), sample.frame(), [])
    assert text.index("does not reproduce today") < text.index('class="sentence"')


def test_the_worst_release_stands_apart_from_the_typical_one() -> None:
    record: Any = SimpleNamespace(
        journal=sample.journal(), ledger=sample.ledger(), latency=None, strategy="canary-80-20", case="leak", index=17
    )
    text = page(sample.findings(), sample.frame(), [*stories(), story_of(record, sample.scenario())])
    typical, worst = text.split("One of the worst bad releases")
    assert "A release with the defect pay-errors (number 3)" in typical
    assert "A release with the defect leak (number 17)" in worst
    assert "the defect leak" not in typical
    ids = read(text).ids
    assert sorted(set(ids)) == sorted(ids)
