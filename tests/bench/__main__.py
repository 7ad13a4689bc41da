"""``make bench``: how fast the request plane is, beside what one would use instead; ``make bench ARGS=batch``: what a
batch of studies costs beyond its replications.

Everything is measured in one run on one machine, in processor time and in interleaved rounds, so that the ratios mean
something where the absolute figures do not. Before a speed is shown, the contenders must have told the same story:
the C loop to the last bit, the others within the noise of their samples.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bench_batch
import bench_c
import bench_ciw
import bench_contest
import bench_ours
import bench_release
import bench_scaling
import bench_sheets
import bench_start
import bench_tables
from bench_contest import CIW, HEAP, OURS, SIMPY, Contender, Standing
from bench_models import Queue, Rollout
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
FROM, TO = "<!-- measured: make bench ARGS=", "<!-- end of measured -->"
MEMORY = {OURS: ("bench_ours", 20, 100), SIMPY: ("bench_simpy", 1, 3), HEAP: ("bench_heap", 1, 3)}


def main() -> int:
    """Measure, print, write; 1 when the contenders do not agree."""
    options = parsed()
    screen, progress = Console(width=100), Console(stderr=True)
    if options.what == "batch":
        return batch(screen, docs=options.docs, studies=options.studies, rounds=options.rounds)
    tick = progress.print if options.verbose else lambda text: None
    contests, wrong = compete(tick)
    tick("memory, start, one whole release")
    measured: dict[str, Any] = {
        "memory": {"rollout": memory("rollout"), "queue": memory("queue")},
        "start": bench_start.compile_and_load(),
        "release": bench_release.whole_release(),
    }
    tick("scaling")
    measured["requests"] = bench_scaling.by_requests(options.most)
    measured["pods"] = bench_scaling.by_pods()
    measured["features"] = bench_scaling.by_features()
    sheets = sheets_of(contests, measured)
    for sheet in sheets:
        show(screen, sheet)
    for line in wrong or ["All contenders tell the same story; the C loop does to the last bit."]:
        screen.print(line)
    write_json(contests, measured, wrong)
    if options.docs and not wrong:
        write_docs(sheets)
    return 1 if wrong else 0


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("engines", "batch"), default="engines", help="what to measure")
    parser.add_argument("--most", type=lambda text: round(float(text)), default=10**7, help="requests, up to 1e8")
    parser.add_argument("--studies", type=int, default=20, help="of a batch, 20 at most")
    parser.add_argument("--rounds", type=int, default=2, help="of a batch; the best counts")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/performance.md, docs/batch.md")
    parser.add_argument("--verbose", action="store_true", help="say on stderr what is being measured")
    return parser.parse_args()


def batch(screen: Console, *, docs: bool, studies: int, rounds: int) -> int:
    """What a batch of studies costs beyond its replications."""
    found = bench_batch.measured(rounds=rounds, studies=studies)
    sheets = bench_batch.sheets_of(found)
    for sheet in sheets:
        show(screen, sheet)
    (ROOT / "results" / "bench-batch.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if docs:
        write_docs(sheets, ROOT / "docs" / "batch.md")
    return 0


def compete(tick: Any) -> tuple[dict[str, list[Standing]], list[str]]:
    """Both contests, and everything in which the contenders disagree."""
    rollout, queue = Rollout(), Queue()
    wrong = []
    if not bench_c.why_not():
        columns = bench_c.differences_from_ours(Rollout(cycles=20), 7)
        wrong += [f"the C loop and the compiled engine differ in: {', '.join(columns)}"] if columns else []
    contests = {
        "rollout": bench_contest.contest(bench_contest.rollout_contenders(rollout), tick),
        "queue": bench_contest.contest(bench_contest.queue_contenders(queue), tick),
    }
    wrong += bench_contest.disagreements(contests["rollout"], rollout, bench_ours.rollout)
    wrong += bench_contest.disagreements(contests["queue"], queue, bench_ours.queue)
    wrong += engines_differ()
    return contests, wrong


def engines_differ() -> list[str]:
    """Whether our two engines differ on a quarter of the rollout."""
    model = Rollout(hold=Rollout().hold / 4)
    one, other = bench_ours.rollout(model, 1), bench_ours.reference_rollout(model, 1)
    return [] if one.figures == other.figures else ["the reference and the compiled engine differ"]


def memory(what: str) -> dict[str, dict[str, Any]]:
    """Bytes kept per request, by contender."""
    tried = {name: bench_start.bytes_per_request(module, what, *times) for name, (module, *times) in MEMORY.items()}
    if what == "queue" and not bench_ciw.why_not():
        tried[CIW] = bench_start.bytes_per_request("bench_ciw", what, 1, 3)
    return tried


def sheets_of(contests: dict[str, list[Standing]], measured: dict[str, Any]) -> list[bench_sheets.Sheet]:
    """All tables."""
    return [
        bench_tables.contest_sheet(
            "The shape of a rollout",
            contests["rollout"],
            measured["memory"]["rollout"],
            "Forty pods of eight slots, two versions, two choices, lognormal work, a deadline, a retry, weights that "
            "step. Median of five rounds and the range; ratios are taken inside a round.",
        ),
        bench_tables.contest_sheet(
            "A plain queue, M/M/10 at 80 %",
            contests["queue"],
            measured["memory"]["queue"],
            "The C loop and our engines draw and count here all they do for a rollout, the others only what they need. "
            "What is kept are the counts of each second, of which there are many for few requests.",
        ),
        bench_tables.requests_sheet(measured["requests"]),
        bench_tables.pods_sheet(measured["pods"]),
        bench_tables.features_sheet(measured["features"]),
        bench_tables.release_sheet(measured["release"]),
        bench_tables.start_sheet(measured["start"]),
    ]


def show(screen: Console, sheet: bench_sheets.Sheet) -> None:
    """A table in the terminal."""
    table = Table(title=sheet.title, title_justify="left", caption=sheet.note or None, caption_justify="left")
    for place, name in enumerate(sheet.head):
        table.add_column(name, justify="right" if place else "left")
    for row in sheet.rows:
        table.add_row(*row)
    screen.print(table)


def write_json(contests: dict[str, list[Standing]], measured: dict[str, Any], wrong: list[str]) -> None:
    """Every figure of every round."""
    target = ROOT / "results" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    rounds = {name: [played(standing) for standing in standings] for name, standings in contests.items()}
    target.write_text(json.dumps(rounds | measured | {"disagreements": wrong}, indent=1) + "\n", encoding="utf-8")


def played(standing: Standing) -> dict[str, Any]:
    """One contender's rounds, as plain data."""
    contender: Contender = standing.contender
    model = asdict(contender.model)
    return {
        "name": contender.name,
        "absent": contender.absent,
        "model": model,
        "rounds": [asdict(result) for result in standing.results],
    }


def write_docs(sheets: list[bench_sheets.Sheet], page: Path = ROOT / "docs" / "performance.md") -> None:
    """Put the tables between their two marks."""
    text = page.read_text(encoding="utf-8")
    first = text.index("\n", text.index(FROM))
    before, after = text[:first], text[text.index(TO) :]
    page.write_text("\n\n".join([before, *(sheet.markdown().rstrip() for sheet in sheets), after]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
