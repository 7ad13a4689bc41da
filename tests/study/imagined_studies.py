"""A scenario and a replication that cost nothing, for tests of what only counts.

The imagined replication draws by address, as the real one does, so that strategies and cases share their luck. A
strategy is a plain text ``kind:factor``; two names with one text are one strategy, and the kind ``own`` has luck of its
own. The scenario's question may be a folder: each play is noted there, and a file ``kill-<strategy>-<case>-<index>`` in
it kills the process that plays that replication, once, or every time when it says ``always``.
"""

from __future__ import annotations

import os
import pickle
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.draws import Purpose, draw, replication_key
from sim.scenario import resolved
from sim.steps import Decision, Finish
from sim.study.play import Work, play
from sim.study.rows import Row, Table
from sim.study.store import Store

MINUTE = 60 * 10**9
REQUESTS = 10_000.0
WORK = "imagined_studies:replicate"
CASES = ("good", "errors", "slow")


@dataclass(frozen=True)
class Imagined:
    values: dict[str, float]
    down: dict[str, bytes]
    why: str = ""


class Text(str):
    """A strategy as plain text, which brings a release to everybody."""

    def rollout(self, replicas: int) -> Any:
        yield Finish(decision=Decision.PROMOTED)


def replicate(scenario: Any, *, strategy: str | None, case: str, index: int, engine: str) -> Imagined:
    _note(scenario.question, strategy, case, index)
    luck = draw(replication_key(scenario.study.seed, index), Purpose.CASE, 0)
    noise = float(round(20 * luck[0]))
    hurt = 0.0 if strategy is None or case == "good" else _hurt(scenario, strategy, case, luck)
    down = bytes([255 if hurt > 100 else 0])
    values = {
        "requests": REQUESTS,
        "failed_requests": noise + hurt,
        "latency_p95": 0.4 + 0.01 * luck[1],
        "headroom": 0.5 - 0.3 * luck[2],
        **_ended(hurt, strategy is not None, luck),
    }
    if strategy is not None:
        values["duration"] = 600.0 + 60 * luck[3]
    return Imagined(values, {"99": down})


def replicate_slowly(scenario: Any, **named: Any) -> Imagined:
    """Long enough for a study to be disturbed while it is played."""
    time.sleep(0.01)
    return replicate(scenario, **named)


def play_whatever_model(model: str, content: bytes) -> Any:
    """As the cluster's worker plays, without a look at the model."""
    return play(pickle.loads(content))


def _ended(hurt: float, released: bool, luck: tuple[float, ...]) -> dict[str, float]:
    by_gate, nobody = float(hurt > 0 and luck[3] < 0.5), float(hurt > 0 and luck[3] > 0.8)
    return {
        "stopped_gate": by_gate,
        "stopped_oncall": float(hurt > 0) - by_gate - nobody,
        "stopped_before_users": 0.0,
        "stopped_nobody": nobody,
        "promoted": float(released and (hurt == 0 or nobody > 0)),
        "aborted": float(released and hurt > 0 and not nobody),
        "stuck": 0.0,
        "unfinished": 0.0,
        "time_to_detect": float("inf") if nobody or not hurt else 60 * luck[1],
    }


def _hurt(scenario: Any, strategy: str, case: str, luck: tuple[float, ...]) -> float:
    chosen = next(each.strategy for each in scenario.strategies if each.name == strategy)
    scale = {"errors": 1000.0, "slow": 300.0}[case]
    kind, _, factor = chosen.partition(":")
    return float(round(scale * float(factor) * (0.5 + luck[2 if kind == "own" else 1])))


def _note(folder: str, strategy: str | None, case: str, index: int) -> None:
    if not os.path.isdir(folder):
        return
    with open(os.path.join(folder, "plays"), "a", encoding="utf-8") as plays:
        plays.write(f"{strategy or '-'} {case} {index} {os.getpid()}\n")
    trigger = Path(folder, f"kill-{strategy}-{case}-{index}")
    if trigger.exists():
        if trigger.read_text() != "always":
            trigger.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def played(folder: Path) -> list[tuple[str, str, int]]:
    """What was played, as noted."""
    lines = (folder / "plays").read_text().splitlines() if (folder / "plays").exists() else []
    return [(strategy, case, int(index)) for strategy, case, index, _ in (line.split() for line in lines)]


def scenario(strategies: dict[str, str] | None = None, *, question: str = "Is it safe?", **study: Any) -> Any:
    """Blue/green costs five times what the canary costs, unless told otherwise."""
    strategies = strategies or {"blue-green": "switch:1.0", "canary": "weight:0.2"}
    planned = resolved.Study(
        horizon=60 * MINUTE, warm_up=MINUTE, window=10 * 10**9, decide_by="failed_requests", indifferent=5.0,
        precision=0.1, half_width=None, confidence=0.95, pilot=10, cap=200, seed=1,
    )  # fmt: skip
    return _rest(
        name="Imagined study",
        question=question,
        strategies=tuple(
            resolved.Strategy(name=name, strategy=Text(kind), gate=None) for name, kind in strategies.items()
        ),
        study=replace(planned, **study),
        document={"name": "imagined", "strategies": strategies, "study": {"seed": study.get("seed", 1)}},
    )


def _rest(**given: Any) -> resolved.Scenario:
    stream = resolved.Stream(name="all", peak=10.0, arrivals=None, work=None, timeout=0, retries=None, objective=0)
    defects = (
        resolved.Defect(name="errors", share=0.6, failure=None),
        resolved.Defect(name="slow", share=0.4, failure=None),
    )
    return resolved.Scenario(
        service=resolved.Service(
            replicas=4, concurrency=2, queue=10, balancer=None, containers=(),
            readiness=resolved.Probe(every=10**10, failures=3, successes=1),
            shutdown=resolved.Shutdown(pre_stop=0, grace=30 * 10**9),
            endpoint_lag=None, proxies=1, node_selector_os="linux", progress_deadline=10 * MINUTE,
        ),
        nodes=resolved.Nodes(count=2, cpu=4000, memory=2**33, os="linux", pull=1e8),
        dependencies=(),
        traffic=resolved.Traffic(users=100, user_skew=0.0, sticky=False, profile=((0, 1.0),), streams=(stream,)),
        observed=None,
        conditions=(),
        release=resolved.Release(
            baseline_errors=0.001, containers=(), service_factor=1.0, change_failure_rate=0.1, defects=defects
        ),
        oncall=None,
        scraping=resolved.Scraping(every=15 * 10**9, delay=30 * 10**9),
        gates={},
        slo=resolved.SLO(success=0.999, window=30 * 86_400 * 10**9, requests=1e7, requests_assumed=True, latency={}),
        expect=(),
        ranges=(),
        defaults=(),
        **given,
    )  # fmt: skip


def work(of: resolved.Scenario) -> Work:
    return Work.on(of, replicate=WORK)


def subtracted(cell: Any, cell_down: Any, twin: Any, twin_down: Any) -> dict[str, float]:
    """A join for tests of tables alone: failed requests are net, all else passes through."""
    return {**cell, "failed_requests": cell["failed_requests"] - twin["failed_requests"]}


def rows_in(store: Store) -> list[Row]:
    """What a store trusts of what lies on disk, but for what it has read before."""
    table = Table(subtracted)
    store.read_into(table)
    return list(table.canonical())
