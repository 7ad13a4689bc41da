"""Both models as a hand-written event loop: tuples on a heapq, lists and integers, no framework."""

from __future__ import annotations

import random
import time
from collections import deque
from heapq import heappop, heappush

from bench_models import ERROR, REJECTED, SUCCEEDED, TIMEOUT, Queue, Result, Rollout, Tally, result_of

ARRIVAL, COMPLETION, DEADLINE, RETRY, STEP = range(5)


class Attempt:
    """One try."""

    __slots__ = ("answer", "arrived", "nth", "pod", "version", "waited_for", "work")

    def __init__(self, arrived: float, work: float, answer: float, nth: int) -> None:
        self.arrived, self.work, self.answer, self.nth = arrived, work, answer, nth
        self.waited_for = True


def rollout(model: Rollout, seed: int) -> Result:
    """The rollout-shaped model."""
    luck, tally = random.Random(seed), Tally(model.length)
    draw, pods, slots, room = luck.random, model.pods, model.slots, model.slots + model.queue
    inside = [0] * (2 * pods)
    queues: list[deque[Attempt]] = [deque() for _ in range(2 * pods)]
    agenda: list[tuple[float, int, int, object]] = []
    pushed, weight = 0, 0.0

    def push(due: float, what: int, item: object) -> None:
        nonlocal pushed
        pushed += 1
        heappush(agenda, (due, pushed, what, item))

    def try_once(attempt: Attempt, now: float) -> None:
        attempt.version = version = 1 if draw() < weight else 0
        one, other = int(draw() * pods), int(draw() * (pods - 1))
        other += other >= one
        pod = version * pods + (other if inside[version * pods + other] < inside[version * pods + one] else one)
        attempt.pod = pod
        if inside[pod] >= room:
            settle(attempt, REJECTED, now)
            return
        inside[pod] += 1
        if inside[pod] <= slots:
            push(now + attempt.work, COMPLETION, attempt)
        else:
            queues[pod].append(attempt)
        push(now + model.deadline, DEADLINE, attempt)

    def settle(attempt: Attempt, outcome: int, now: float) -> None:
        attempt.waited_for = False
        if outcome != SUCCEEDED and attempt.nth < model.retries:
            again = Attempt(attempt.arrived, attempt.work, attempt.answer, attempt.nth + 1)
            push(now + model.wait * (1.0 - model.jitter + model.jitter * draw()), RETRY, again)
        else:
            tally.book(attempt.arrived, now, attempt.version, outcome, attempt.nth + 1)

    begin = time.process_time()
    for start, share in model.steps():
        push(start, STEP, share)
    push(luck.expovariate(model.rate), ARRIVAL, None)
    while agenda:
        now, _, what, item = heappop(agenda)
        if what == ARRIVAL:
            if now < model.length:
                push(now + luck.expovariate(model.rate), ARRIVAL, None)
                try_once(Attempt(now, model.median * luck.lognormvariate(0.0, model.sigma), draw(), 0), now)
        elif what == COMPLETION:
            pod = item.pod
            inside[pod] -= 1
            if item.waited_for:
                settle(item, ERROR if item.answer < model.error[item.version] else SUCCEEDED, now)
            if queues[pod]:
                head = queues[pod].popleft()
                push(now + head.work, COMPLETION, head)
        elif what == DEADLINE:
            if item.waited_for:
                settle(item, TIMEOUT, now)
        elif what == RETRY:
            try_once(item, now)
        else:
            weight = item
    return result_of(tally, time.process_time() - begin, pushed)


def queue(model: Queue, seed: int) -> Result:
    """M/M/10."""
    luck, tally = random.Random(seed), Tally(model.length)
    waiting: deque[float] = deque()
    agenda: list[tuple[float, int, float]] = []
    busy = pushed = 0
    begin = time.process_time()
    heappush(agenda, (luck.expovariate(model.rate), 0, -1.0))
    while agenda:
        now, _, arrived = heappop(agenda)
        if arrived < 0.0:
            if now >= model.length:
                continue
            pushed += 1
            heappush(agenda, (now + luck.expovariate(model.rate), pushed, -1.0))
            if busy == model.slots:
                waiting.append(now)
                continue
            busy += 1
            arrived = now
        else:
            tally.book(arrived, now, 0, SUCCEEDED, 1)
            if not waiting:
                busy -= 1
                continue
            arrived = waiting.popleft()
        pushed += 1
        heappush(agenda, (now + luck.expovariate(1.0), pushed, arrived))
    return result_of(tally, time.process_time() - begin, pushed)
