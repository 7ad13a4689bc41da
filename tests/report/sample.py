"""Findings made by hand, in the shape a study gives them, so that pages are tested without running one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sim.journal import Gauge, Journal, Milestone
from sim.ledger import Ledger, empty_ledger
from sim.outcomes import Outcome
from sim.scenario import resolved
from sim.steps import Answer, Decision, Detector, Verdict
from sim.study.findings import (
    Check,
    Criterion,
    Difference,
    Estimate,
    Findings,
    Ruling,
    Shipping,
    Ships,
    Standing,
    Stopped,
)
from sim.versions import NEVER, NEW, STABLE

MINUTE = 60 * 10**9
STRATEGIES = ("blue-green", "canary-80-20", "canary-slow", "rolling")
DEFECTS = (("pay-errors", 0.45), ("slow", 0.15), ("mixed-schema", 0.15), ("leak", 0.15), ("wrong-totals", 0.10))
BAD = {"blue-green": 2900.0, "canary-80-20": 620.0, "canary-slow": 540.0, "rolling": 4100.0}


def scenario(name: str = "checkout, evening peak") -> resolved.Scenario:
    """The flagship as a resolved scenario; the kinds are left out, since no page reads into them."""
    app = resolved.Container(
        name="app", image=180_000_000, cpu=500, memory=2**29, start=None, sidecar=False, init=False
    )
    return resolved.Scenario(
        name=name,
        question="May checkout ship at 20:00 by blue/green, or must it be a canary?",
        service=resolved.Service(
            replicas=8, concurrency=4, queue=20, balancer=None, containers=(app,),
            readiness=resolved.Probe(every=5 * 10**9, failures=2, successes=1),
            shutdown=resolved.Shutdown(pre_stop=0, grace=30 * 10**9),
            endpoint_lag=None, proxies=3, node_selector_os="linux", progress_deadline=10 * MINUTE,
        ),
        nodes=resolved.Nodes(count=3, cpu=4000, memory=2**34, os="linux", pull=1e8),
        dependencies=(resolved.Dependency(name="orders-db", connections=200, per_pod=10),),
        traffic=resolved.Traffic(
            users=50_000, user_skew=0.0, sticky=True, profile=((0, 0.7), (30 * MINUTE, 1.0), (240 * MINUTE, 0.6)),
            streams=(_stream("browse", 90.0), _stream("pay", 10.0)),
        ),
        observed=resolved.Observed(at=80.0, success=0.9995, p50=None, p95=480_000_000, p99=None),
        conditions=(),
        release=resolved.Release(
            baseline_errors=0.0005, containers=(app,), service_factor=1.0, change_failure_rate=0.08,
            defects=tuple(resolved.Defect(name=defect, share=share, failure=None) for defect, share in DEFECTS),
        ),
        oncall=resolved.OnCall(notices_at=0.02, reacts=None, window=MINUTE, per="service", min_requests=50),
        scraping=resolved.Scraping(every=15 * 10**9, delay=30 * 10**9),
        gates={"ours": None},
        strategies=tuple(
            resolved.Strategy(name=strategy, strategy=None, gate=None if strategy == "rolling" else "ours")
            for strategy in STRATEGIES
        ),
        slo=resolved.SLO(success=0.999, window=30 * 86_400 * 10**9, requests=1.2e8, requests_assumed=True, latency={}),
        study=resolved.Study(
            horizon=240 * MINUTE, warm_up=2 * MINUTE, window=10 * 10**9, decide_by="failed_requests", indifferent=50.0,
            precision=0.1, half_width=None, confidence=0.95, pilot=20, cap=2000, seed=1,
        ),
        expect=(
            _expectation("budget_burnt", "canary-80-20", "p95", "<", 0.10),
            _expectation("headroom", "any", "min", ">", 0.15),
        ),
        ranges=(
            resolved.Ranged(path="release.change_failure_rate", low="4%", likely="8%", high="15%"),
        ),
        defaults=(
            resolved.Default(path="service.endpoint_lag", value="p50 1s, p99 5s", origin="kube-proxy", trust="low"),
            resolved.Default(path="slo.requests", value="120M", origin="profile times window", trust="low"),
            resolved.Default(path="service.readiness.successes", value="1", origin="Kubernetes", trust="high"),
        ),
        document={"rollrisk": 1, "name": name},
    )  # fmt: skip


def _expectation(measure: str, strategy: str, statistic: str, bound: str, value: float) -> resolved.Expectation:
    text = f"{measure} of {strategy}, given bad: {statistic} {bound} {value:.0%}"
    return resolved.Expectation(
        measure=measure, strategy=strategy, given="bad", statistic=statistic, bound=bound, value=value, text=text
    )


def _stream(name: str, peak: float) -> resolved.Stream:
    return resolved.Stream(name=name, peak=peak, arrivals=None, work=None, timeout=0, retries=None, objective=0)


def estimate(value: float, half: float, n: int = 400) -> Estimate:
    """A symmetric interval."""
    return Estimate(value=value, low=value - half, high=value + half, n=n, method="t")


def findings(name: str = "checkout, evening peak", **changes: Any) -> Findings:
    """The figures of the terminal answer this product aims for."""
    whole = Findings(
        scenario=scenario(name), identity="3f9c21d4e5f6", folder="results/checkout-3f9c21", strategies=STRATEGIES,
        cases=(("good", 0.92), *((defect, 0.08 * share) for defect, share in DEFECTS)),
        replications={(strategy, case): 400 for strategy in STRATEGIES for case in ("good", *(d for d, _ in DEFECTS))},
        requests_played=41_203_118, estimates=_estimates(), ruling=_ruling(), stopped=_stopped(),
        blind=(
            "wrong-totals: no gate can see it.",
            "canary-slow step 1: 30 pay requests a minute, the gate needs 50.",
        ),
        checks=(
            Check(name="success", modelled=0.9995, observed=0.9995, off=0.0, fits=True),
            Check(name="p95", modelled=0.471, observed=0.480, off=-0.019, fits=True),
        ),
        criteria=(
            Criterion(text="budget_burnt of canary-80-20, given bad: p95 < 10%", status="ok", value=0.061, low=0.055,
                      high=0.068, strategy="canary-80-20"),
            Criterion(text="headroom of any, given bad: min > 15%", status="FAILED", value=0.08, low=0.07, high=0.09,
                      strategy="blue-green"),
        ),
        typical=dict.fromkeys(STRATEGIES, ("pay-errors", 3)),
        unlucky=dict.fromkeys(STRATEGIES, ("leak", 17)),
        precision_asked="±10 % of failed requests", precision_reached="±7.9 %", precision_met=True,
        shipping={name: Shipping(standing=Ships.SHIPS, lost=0, played=59, high=0.0495) for name in STRATEGIES},
        provenance={"rollrisk": "0.1.0", "python": "3.11.7", "numpy": "2.4.6", "command": "rollrisk run x.yaml"},
    )  # fmt: skip
    return replace(whole, **changes)


def _estimates() -> dict[tuple[str, str, str], Estimate]:
    figures: dict[tuple[str, str, str], Estimate] = {}
    for strategy, loss in BAD.items():
        figures["failed_requests", strategy, "bad"] = estimate(loss, loss * 0.079)
        figures["failed_requests", strategy, "release"] = estimate(loss * 0.08, loss * 0.08 * 0.079)
        figures["failed_requests", strategy, "good"] = estimate(0.4, 0.3)
        for index, (defect, _) in enumerate(DEFECTS):
            figures["failed_requests", strategy, defect] = estimate(loss * (0.2 + 0.4 * index), loss * 0.05)
        figures["outage_minutes", strategy, "bad"] = estimate(loss / 4800, loss / 4800 * 0.079)
        figures["down_99", strategy, "bad"] = estimate(loss / 5, loss / 60)
        figures["down_95", strategy, "bad"] = estimate(loss / 15, loss / 90)
        figures["budget_burnt", strategy, "bad"] = estimate(loss / 120_000, loss / 1_500_000)
        figures["peak_pods", strategy, "release"] = estimate(10.0 if strategy == "rolling" else 16.0, 0.0)
        figures["peak_nodes", strategy, "release"] = estimate(3.0, 0.0)
        figures["peak_connections", strategy, "release"] = estimate(160.0, 0.0)
        figures["duration.p50", strategy, "release"] = estimate(1260.0, 20.0)
        figures["duration.p95", strategy, "release"] = estimate(1560.0, math.nan)
    return figures


def _ruling() -> Ruling:
    return Ruling(
        recommended="canary-80-20",
        sentence="Use canary-80-20. It saves 182 ±16 failed requests per release against blue-green, and pays above "
        "2.2 % bad releases (you said 4-15 %). canary-slow is the same for your purpose (7 ±5 apart, indifferent 50).",
        measure="failed_requests", indifferent=50.0,
        standings={
            "blue-green": Standing.WORSE, "canary-80-20": Standing.BEST, "canary-slow": Standing.EQUAL,
            "rolling": Standing.WORSE,
        },
        differences=tuple(
            Difference(first=strategy, second="canary-80-20", estimate=estimate((BAD[strategy] - 620) * 0.08, 16.0),
                       correlation=0.6, variance_saved=0.55)
            for strategy in STRATEGIES if strategy != "canary-80-20"
        ),
        break_even=0.022, reference="blue-green",
        over_range={
            rate: {strategy: rate * loss for strategy, loss in BAD.items()} for rate in (0.04, 0.08, 0.115, 0.15)
        },
        reversals=("duration",),
    )  # fmt: skip


def _stopped() -> dict[str, Stopped]:
    shares = {
        "blue-green": (0.62, 0.23, 0.0), "canary-80-20": (0.60, 0.16, 0.04), "canary-slow": (0.57, 0.20, 0.0),
        "rolling": (0.0, 0.71, 0.0),
    }  # fmt: skip
    return {
        strategy: Stopped(gate=gate, on_call=person, before_users=early, nobody=1 - gate - person - early,
                          good_aborted=estimate(0.002, 0.001))
        for strategy, (gate, person, early) in shares.items()
    }  # fmt: skip


def frame() -> pd.DataFrame:
    """Net figures, one row per replication, as the study's table gives them."""
    luck = np.random.default_rng(7)
    rows = []
    for strategy, loss in BAD.items():
        for case in ("good", *(defect for defect, _ in DEFECTS)):
            scale = 0.0 if case == "good" else loss
            for index in range(100):
                failed = round(scale * luck.lognormal(-0.5, 1.0))
                rows.append({
                    "strategy": strategy, "case": case, "index": index, "failed_requests": float(failed),
                    "down_99": 10.0 * (failed // 50), "duration": 1200.0 + 60 * luck.random(),
                })  # fmt: skip
    return pd.DataFrame(rows)


def ledger() -> Ledger:
    """Four hours at 100 requests a second; 3 % of them fail from minute 4 to minute 12."""
    windows = 240 * 6
    empty = empty_ledger(windows=windows, streams=2, users=10, records=0, never=NEVER)
    for window in range(windows):
        new = 200 if 24 <= window < 74 else 0
        failed = 60 if new else 0
        empty.requests[window, 0, STABLE, Outcome.SUCCEEDED] = 1000 - new
        empty.requests[window, 1, NEW, Outcome.SUCCEEDED] = new - failed
        empty.requests[window, 1, NEW, Outcome.ERROR] = failed
    return empty


def journal() -> Journal:
    """A canary that a gate stops after nine minutes."""
    story = Journal()
    for minute, share in ((0, 0.0), (4, 0.2), (12, 0.0)):
        story.gauge(Gauge.NEW_SHARE, minute * MINUTE, share)
    for minute, pods in ((0, 0), (4, 2), (13, 0)):
        story.gauge(Gauge.READY_NEW, minute * MINUTE, pods)
    story.gauge(Gauge.READY_STABLE, 0, 8)
    story.gauge(Gauge.PODS_STABLE, -MINUTE, 8)
    for minute in range(5, 13):
        answer = Answer.WAIT if minute < 7 else Answer.PASS if minute < 10 else Answer.FAIL
        verdict = Verdict(answer=answer, reason=f"success ratio at minute {minute}", figures={"success": 0.7})
        story.verdicts.append((minute * MINUTE, "ours", verdict))
    story.tell(0, "step", "canary-80-20", "starts")
    story.tell(4 * MINUTE, "step", "canary-80-20", "weight", share=0.2)
    story.tell(12 * MINUTE, "verdict", "ours", "fails the release")
    story.reach(Milestone.STARTED, 0)
    story.reach(Milestone.DETECTED, 12 * MINUTE)
    story.reach(Milestone.ROLLBACK, 12 * MINUTE)
    story.reach(Milestone.MITIGATED, 12 * MINUTE + 5 * 10**9)
    story.decision, story.detected_by = Decision.ABORTED, Detector.GATE
    return story
