"""The capacity review as text: lines for a terminal of 80 columns, a Markdown page to sign, a CSV of the options."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.report import capacity as told
from sim.report import capacity_prose as prose
from sim.report.capacity import Rows
from sim.report.capacity_warnings import warnings
from sim.report.markdown import plain

if TYPE_CHECKING:
    from sim.whatif.capacity import Review

WIDE = 80
OPTION_COLUMNS = (
    "strategy", "growth", "peak_rps", "loss", "pods", "nodes", "surge", "written_surge", "least_surge",
    "pods_at_once", "connections",
    "bad_share", "bad_share_high", "one_pod_less", "why_not_less", "fails_unnoticed", "taken_back",
)  # fmt: skip


def terminal(review: Review, page: str = "") -> str:
    """The review as lines of at most 80 columns where the names allow."""
    lines = prose.three_lines(review)
    parts = [
        f"{review.scenario.name}: a release at the planning peak, {told.rps(review.peak_rate)}",
        "\n".join(_wrapped(word, line) for word, line in zip(("ASK", "", ""), lines, strict=True)),
        _text(("fleet+surge on nodes that do", *told.growth_heads(review)), told.fleets(review)),
        _text(("today's fleet breaks at", *told.loss_heads(review)), told.walls(review)),
        _text(("first to run out, left", *told.loss_heads(review)), told.firsts(review)),
        _text(told.cost_head(review), told.costs(review)),
    ]
    cautions = "\n".join(_wrapped("caution" if not place else "", line) for place, line in enumerate(warnings(review)))
    return "\n\n".join(part for part in (*parts, cautions, page) if part) + "\n"


def markdown(review: Review) -> str:
    """The page for the board: ask, demand, options, losses, triggers, assumptions, evidence, sign-off."""
    service, losses = review.scenario.service, told.loss_heads(review)
    lines = [
        f"# Capacity review: {plain(review.scenario.name)}", "",
        "## The ask", "", *_list(prose.three_lines(review)), "",
        *(f"**{plain(word)}:** {plain(said)}\n" for word, said in prose.told(review)),
        *_section("Caution", list(warnings(review))),
        "## Demand", "",
        *_table(("demand", "at the peak", ""), told.demand(review)),
        f"Today: {told.count(service.replicas, 'pod')} on {told.count(review.scenario.nodes.count, 'node')}.", "",
        "## Options side by side", "",
        f"For {told.demand_name(review, review.base)} with {review.hardest.value}; what today covers first.", "",
        *_table(told.option_head(review), told.option_rows(review)),
        "## The smallest fleet for each demand and loss", "",
        "Pods + pods more at once during the release, on so many nodes.", "",
        *_table(("strategy and loss", *told.growth_heads(review)), told.fleets(review)),
        "How sure that is, for the planned demand:", "",
        *_table(("strategy and loss", "pods", "keeps the promise", "one pod less"), told.edges(review)),
        "## Today's fleet at today's peak", "",
        *_table(("strategy", *losses), told.matrix(review)),
        "## Where today's fleet breaks during a release", "",
        "Carries the first rate for sure, breaks at the second for sure.", "",
        *_table(("strategy", *losses), told.walls(review)),
        "## What runs out first at today's peak", "",
        *_table(("strategy", *losses), told.firsts(review)),
        *_table(("resource", "limit", "mean use", "highest use", "left", "where", "it takes"), told.resources(review)),
        "## What a release costs", "",
        *_table(told.cost_head(review), told.costs(review)),
        *_section("Triggers", list(prose.triggers(review))),
        *_section("Assumptions, the least trusted first", list(prose.assumptions(review))),
        *_section("Evidence", list(prose.evidence(review))),
        "## Sign-off", "",
        *_table(("role", "name", "decision", "date"), prose.signers(review)),
    ]  # fmt: skip
    return "\n".join(lines)


def options_csv(review: Review) -> str:
    """Every fleet that was searched for, a row each; what is not there is left empty."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(OPTION_COLUMNS)
    for each in review.fleets:
        found = each.replicas is not None
        surges = (each.surge, each.written_surge, each.least_surge)
        figures = (each.replicas, each.nodes, *surges, each.peak_pods, each.connections)
        share = ("", "") if each.share is None else (f"{each.share.value:.6g}", f"{each.share.high:.6g}")
        rows.writerow(
            (
                each.strategy,
                f"{each.growth:g}",
                f"{review.peak_rate * each.growth:.6g}",
                each.loss.value,
                *(figures if found else [""] * len(figures)),
                *share,
                "" if each.below is None else each.below.value,
                each.why,
                f"{each.blind:.6g}" if found else "",
                f"{each.taken_back:.3g}" if found else "",
            )
        )
    return text.getvalue()


def _wrapped(word: str, line: str) -> str:
    return textwrap.fill(line, WIDE, initial_indent=f"{word:<9}", subsequent_indent=" " * 9)


def _list(lines: Sequence[str]) -> list[str]:
    return [f"- {plain(line)}" for line in lines]


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from (f"## {title}", "", *_list(lines), "")


def _text(head: Sequence[str], rows: Rows) -> str:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(wide) if place == 0 else cell.rjust(wide)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )


def _table(head: Sequence[str], rows: Rows) -> list[str]:
    lines = ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in (head, *rows)]
    return [lines[0], "|:---|" + "---:|" * (len(head) - 1), *lines[1:], ""]
