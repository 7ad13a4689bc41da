"""The measured figures as tables: made once, shown in the terminal and written into ``docs/performance.md``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bench_contest import LOOP, SIMPY, Standing, ratios, spread
from bench_sheets import Sheet


def span(values: list[float], digits: int) -> str:
    """Median and range."""
    middle, low, high = spread(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def contest_sheet(title: str, standings: list[Standing], memory: Mapping[str, Mapping[str, Any]], note: str) -> Sheet:
    """Contenders side by side."""
    to_simpy = {standing.contender.name: values for standing, values in ratios(standings, SIMPY)}
    to_loop = {standing.contender.name: values for standing, values in ratios(standings, LOOP)}
    rows = []
    for standing in standings:
        name, results = standing.contender.name, standing.results
        if not results:
            rows.append([name, f"not run: {standing.contender.absent}", *[""] * 5])
            continue
        rate = spread(standing.rates)[0]
        kept = f"{memory[name]['bytes']:,.1f}" if name in memory else "–"
        loop = span(to_loop[name], 2) if name in to_loop else "–"
        rows.append(
            [
                name,
                f"{results[-1].requests:,}",
                f"{1e9 / rate:,.0f}",
                span(to_simpy[name], 1 if to_simpy[name][0] < 10 else 0),
                loop,
                f"{results[-1].events / results[-1].requests:.1f}",
                kept,
            ]
        )
    head = ["", "requests", "ns each", "times SimPy", "times C", "events", "bytes kept"]
    return Sheet(title=title, head=head, rows=rows, note=note)


def requests_sheet(rows: list[dict[str, float]]) -> Sheet:
    """Cost by how many requests there were."""
    first = rows[0]["ns"]
    return Sheet(
        title="Cost of one more request, by how many there were",
        head=["up to", "ns each", "range", "to the first"],
        rows=[[f"10^{round(math.log10(r['requests']))}", *cost(r), f"{r['ns'] / first:.2f}"] for r in rows],
    )


def pods_sheet(rows: list[dict[str, float]]) -> Sheet:
    """Cost by how many pods there are."""
    first = rows[0]
    return Sheet(
        title="Cost of one more request, by pods (two choices, 30 requests a second per pod)",
        head=["pods", "ns each", "range", "to the first", "log(pods) to the first"],
        rows=[
            [
                f"{r['pods']:,}",
                *cost(r),
                f"{r['ns'] / first['ns']:.2f}",
                f"{math.log(r['pods']) / math.log(first['pods']):.2f}",
            ]
            for r in rows
        ],
        note="With the pods grow the work in flight and the deadlines not yet due: thirty times as many as there are "
        "pods.",
    )


def features_sheet(rows: list[dict[str, Any]]) -> Sheet:
    """Cost by what is asked."""
    return Sheet(
        title="Cost of one request, by what the model is asked to do",
        head=["", "ns each", "range"],
        rows=[[r["feature"], *cost(r)] for r in rows],
        note="Each line has everything above it, too; a longer time in the system costs nothing by itself.",
    )


def release_sheet(split: Mapping[str, float]) -> Sheet:
    """Where a replication's time goes."""
    total = split["total"]
    parts = ("kernel", "hopping", "cluster and the rest")
    rows = [[name, f"{split[name]:.2f}", f"{100 * split[name] / total:.1f} %"] for name in parts]
    return Sheet(
        title="A whole replication: four hours, forty pods, a canary in three steps",
        head=["", "s", "share"],
        rows=[*rows, ["all", f"{total:.2f}", "100 %"]],
        note=f"{split['requests']:,.0f} requests and {split['hops']:,.0f} calls of the kernel. Hopping is the engine "
        "around the kernel; the rest is SimPy's cluster plane, building the columns and measuring.",
    )


def start_sheet(start: Mapping[str, float]) -> Sheet:
    """What is paid once."""
    return Sheet(
        title="Paid once",
        head=["", "s"],
        rows=[
            ["first call on a new machine: import numba, compile, keep", f"{start['compile']:.1f}"],
            ["first call of a later process: import numba, load", f"{start['load']:.2f}"],
        ],
        note=f"The kept kernel takes {start['cache'] / 1e6:.1f} MB.",
    )


def cost(row: Mapping[str, float]) -> list[str]:
    """Median and range of a cost."""
    return [f"{row['ns']:.0f}", f"{row['least']:.0f}–{row['most']:.0f}"]
