"""The latest wins: what nobody waits for is dropped, and one answer serves all who ask for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from sim.errors import UsageError
from sim.serve.desk import MOST_WAITING, Desk, GoneError
from sim.serve.player import DroppedError


async def never() -> bool:
    return False


async def at_once() -> bool:
    return True


def patient(dropped: list[str], name: str) -> Callable[[Callable[[], bool]], str]:
    """Work that goes on until nobody wants it."""

    def work(stop: Callable[[], bool]) -> str:
        for _ in range(60_000):  # ten minutes: far longer than any machine needs to notice
            if stop():
                dropped.append(name)
                raise DroppedError
            time.sleep(0.01)
        return name

    return work


def test_what_nobody_waits_for_is_dropped_and_the_next_is_answered() -> None:
    dropped: list[str] = []

    async def story() -> str:
        desk = Desk()
        with pytest.raises(GoneError):
            await desk.answer("old", patient(dropped, "old"), at_once)
        found: str = await desk.answer("new", lambda stop: "new", never)
        await asyncio.to_thread(desk.close)
        return found

    assert asyncio.run(story()) == "new"
    assert dropped == ["old"]


def test_one_who_still_waits_keeps_a_question_alive() -> None:
    gate = threading.Event()

    def work(stop: Callable[[], bool]) -> bool:
        gate.wait(600)
        return stop()

    async def story() -> bool:
        desk = Desk()
        stays = asyncio.create_task(desk.answer("same", work, never))
        await asyncio.sleep(0)
        with pytest.raises(GoneError):
            await desk.answer("same", work, at_once)
        gate.set()
        was_stopped: bool = await stays
        await asyncio.to_thread(desk.close)
        return was_stopped

    assert asyncio.run(story()) is False


def test_the_same_question_is_worked_on_once() -> None:
    worked: list[int] = []

    def work(stop: Callable[[], bool]) -> int:
        worked.append(1)
        time.sleep(0.05)
        return 7

    async def story() -> list[int]:
        desk = Desk()
        found = await asyncio.gather(*(desk.answer("same", work, never) for _ in range(5)))
        found.append(await desk.answer("same", work, never))
        await asyncio.to_thread(desk.close)
        return found

    assert asyncio.run(story()) == [7] * 6
    assert len(worked) == 1


def test_a_question_that_failed_is_worked_on_again() -> None:
    tries: list[int] = []

    def work(stop: Callable[[], bool]) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise UsageError("not now")
        return 7

    async def story() -> int:
        desk = Desk()
        with pytest.raises(UsageError):
            await desk.answer("same", work, never)
        found: int = await desk.answer("same", work, never)
        await asyncio.to_thread(desk.close)
        return found

    assert asyncio.run(story()) == 7


def test_too_many_different_questions_are_turned_away() -> None:
    gate = threading.Event()

    async def story() -> None:
        desk = Desk()
        asked = [asyncio.create_task(desk.answer(n, lambda stop: gate.wait(600), never)) for n in range(MOST_WAITING)]
        await asyncio.sleep(0.01)
        with pytest.raises(UsageError, match="too many"):
            await desk.answer("one more", lambda stop: 1, never)
        gate.set()
        await asyncio.gather(*asked)
        await asyncio.to_thread(desk.close)

    asyncio.run(story())
