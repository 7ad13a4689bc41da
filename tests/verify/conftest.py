"""Gathers what the long proofs have measured and writes it into ``docs/validation.md`` once all have passed."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
INTRODUCTION = """\
# Agrees with what is known

`make verify` plays systems that queueing theory has solved, through the very engine that people run, and writes this
page. Times are in mean service times. *±* is the interval around the measured mean that holds its expectation in all
but one of ten thousand such samples (Student's t over independent runs; a truth that was itself simulated adds its
own standard error, a truth that is a limit the distance of the limit). Every truth below lies inside, and no interval
is wider than its sample makes it: a standard error above 1 % of the truth counts as a failure, where nothing else is
said in the test.

The formulas are those of A. K. Erlang (1917), F. Pollaczek and A. Khinchine, C. D. Crommelin (1932), L. Kleinrock
(*Queueing Systems*, 1975), D. Gross and C. Harris (*Fundamentals of Queueing Theory*), M. Mitzenmacher (IEEE TPDS
12(10), 2001), and G. Falin and J. Templeton (*Retrial Queues*, 1997).

Not compared: clients whose patience is exponential (Erlang A), since a client here has one fixed timeout, and an
attempt it has given up keeps its place; retrials after exponential waits, since waits here are even or evenly
jittered (only the limit of patient clients, which does not depend on the law of the wait, is).
"""
HEAD = ("", "known", "measured", "±", "off by", "runs × requests")


class Gatherer:
    """Hears every report, also those of xdist's workers."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.facts: list[str] = []
        self.whole = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test has noted; one that fails or is skipped leaves the page as it was."""
        if report.when != "call":
            self.whole &= report.passed
            return
        self.whole &= report.passed
        for name, noted in report.user_properties:
            if name == "validation" and isinstance(noted, list):
                self.rows.append(noted)
            elif name == "fact":
                self.facts.append(str(noted))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that was skipped leaves the page as it was, too."""
        self.whole &= not report.skipped

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page when everything was played."""
        choosy = session.config.getoption("keyword") or session.config.getoption("collectonly")
        if self.whole and not choosy and len(self.facts) == 2 and len(self.rows) > 100:
            PAGE.write_text(page(self.rows, self.facts), encoding="utf-8")


def page(rows: list[list[str]], facts: list[str]) -> str:
    """The page, the same for the same figures in whatever order they came."""
    lines = [INTRODUCTION, "## The engines", "", *(f"- {fact}" for fact in sorted(facts)), ""]
    for group in sorted({row[0] for row in rows}):
        lines += [f"## {group}", "", f"| {' | '.join(HEAD)} |", "| --- |" + " ---: |" * (len(HEAD) - 1)]
        lines += [f"| {' | '.join(row[1:])} |" for row in sorted(rows, key=in_order) if row[0] == group]
        lines += [""]
    return "\n".join(lines)


def in_order(row: list[str]) -> list[tuple[float, str]]:
    """Cases in the order of the numbers in them."""
    words = row[1].replace(",", "").split()
    return [(float(word), "") if word.replace(".", "", 1).isdigit() else (0.0, word) for word in words]


def pytest_configure(config: pytest.Config) -> None:
    """One gatherer, where the reports come together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(), "rollrisk-validation")
