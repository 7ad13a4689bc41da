"""Reports are drawn beside the playing, and whatever becomes of that process, each of them is drawn."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.cli import press
from sim.cli.press import WAITING, Press
from sim.errors import UsageError


class Beside:
    """A process that draws when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[Callable[[], Path], Future[Path]]] = []
        self.shut: list[bool] = []

    def submit(self, task: Callable[..., Path], *args: Any) -> Future[Path]:
        future: Future[Path] = Future()
        self.asked.append((lambda: task(*args), future))
        return future

    def draw_next(self) -> None:
        task, future = next(pair for pair in self.asked if not pair[1].done())
        future.set_result(task())

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        assert cancel_futures
        self.shut.append(wait)


@pytest.fixture(name="beside")
def _beside(monkeypatch: pytest.MonkeyPatch) -> Beside:
    made = Beside()
    monkeypatch.setattr("sim.study.processes.spawn_pool", lambda workers: made)
    return made


@pytest.fixture(name="drawn", autouse=True)
def _drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def draw(findings: Any, engine: str) -> Path:
        names.append(f"{findings.folder} {engine}")
        return Path(findings.folder) / "report.html"

    monkeypatch.setattr(press, "draw", draw)
    return names


def _findings(folder: str) -> Any:
    return SimpleNamespace(folder=folder)


def test_a_report_is_drawn_beside_the_next_study(beside: Beside, drawn: list[str]) -> None:
    reports = Press(3, beside=True)
    assert reports.send(_findings("a"), "compiled", last=False) == Path("a/report.html")
    assert drawn == []
    beside.draw_next()
    assert drawn == ["a compiled"]


def test_few_studies_are_not_worth_a_process(beside: Beside, drawn: list[str]) -> None:
    Press(2, beside=True).send(_findings("a"), "compiled", last=False)
    assert (drawn, beside.asked) == (["a compiled"], [])


def test_the_last_report_is_drawn_by_a_press_that_is_free(beside: Beside, drawn: list[str]) -> None:
    reports = Press(3, beside=True)
    reports.send(_findings("a"), "compiled", last=False)
    beside.draw_next()
    reports.send(_findings("b"), "compiled", last=True)
    assert (drawn, len(beside.asked)) == (["a compiled"], 2)


def test_the_last_report_is_drawn_here_while_the_press_is_at_work(beside: Beside, drawn: list[str]) -> None:
    reports = Press(3, beside=True)
    reports.send(_findings("a"), "compiled", last=False)
    reports.send(_findings("b"), "compiled", last=True)
    assert (drawn, len(beside.asked)) == (["b compiled"], 1)


def test_leaving_waits_for_all_that_was_sent(beside: Beside, drawn: list[str]) -> None:
    with Press(3, beside=True) as reports:
        reports.send(_findings("a"), "compiled", last=False)
        reports.send(_findings("b"), "compiled", last=False)
        threading.Timer(0.05, lambda: (beside.draw_next(), beside.draw_next())).start()
    assert (drawn, beside.shut) == (["a compiled", "b compiled"], [True])


def test_a_batch_that_is_broken_off_does_not_wait(beside: Beside, drawn: list[str]) -> None:
    reports = Press(3, beside=True)
    reports.send(_findings("a"), "compiled", last=False)
    reports.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert (drawn, beside.shut) == ([], [False])


def test_the_batch_waits_when_many_reports_are_under_way(beside: Beside, drawn: list[str]) -> None:
    reports = Press(9, beside=True)
    for number in range(WAITING):
        reports.send(_findings(str(number)), "compiled", last=False)
    threading.Timer(0.05, beside.draw_next).start()
    reports.send(_findings("one more"), "compiled", last=False)
    assert drawn == ["0 compiled"]


def test_what_the_press_cannot_draw_is_drawn_here(beside: Beside, drawn: list[str]) -> None:
    with Press(3, beside=True) as reports:
        reports.send(_findings("a"), "reference", last=False)
        beside.asked[0][1].set_exception(BrokenExecutor("the process died"))
    assert drawn == ["a reference"]


def test_a_press_that_cannot_be_asked_costs_no_report(
    beside: Beside, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(task: object, *args: object) -> Future[Path]:
        raise BrokenExecutor("it is gone")

    monkeypatch.setattr(beside, "submit", broken)
    with Press(3, beside=True) as reports:
        reports.send(_findings("a"), "compiled", last=False)
    assert drawn == ["a compiled"]


def test_a_report_that_the_disk_refuses_is_told_of_at_the_end_and_costs_no_other(
    beside: Beside, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = press.draw

    def full(findings: Any, engine: str) -> Path:
        if findings.folder == "a":
            raise UsageError("a/report.html: no space left")
        return draw(findings, engine)

    monkeypatch.setattr(press, "draw", full)
    with Press(3, beside=True) as reports:
        for name in ("a", "b"):
            reports.send(_findings(name), "compiled", last=False)
        beside.asked[0][1].set_exception(UsageError("a/report.html: no space left"))
        beside.draw_next()
    assert ([str(error) for error in reports.refused], drawn) == (["a/report.html: no space left"], ["b compiled"])


@pytest.mark.parametrize(("studies", "parallel", "loads"), [(1, True, 1), (3, True, 0), (1, False, 0)])
def test_what_draws_is_loaded_while_workers_play_where_this_process_will_draw(
    monkeypatch: pytest.MonkeyPatch, studies: int, parallel: bool, loads: int
) -> None:
    loaded = []
    monkeypatch.setattr(press, "_load", lambda: loaded.append(threading.current_thread()))
    reports = Press(studies, beside=parallel)
    reports.get_ready()
    reports.get_ready()
    for thread in loaded:
        thread.join()
    assert len(loaded) == loads
    assert threading.current_thread() not in loaded


@pytest.mark.parametrize("name", press.DRAWING)
def test_what_is_loaded_beforehand_is_what_draws(name: str) -> None:
    """A name misspelt would end the loading unseen."""
    assert importlib.util.find_spec(name) is not None
