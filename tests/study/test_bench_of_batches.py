"""The page of the batch benchmark can be made from what a measurement gives, and its ratios are right."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import bench_batch
import pytest
from bench_batch import LONG, PARTS, Took

ROOT = Path(__file__).resolve().parents[2]


def measured() -> dict[str, Any]:
    took = {("bare pool", 1): (60.0, 60.0), ("bare pool", 2): (64.0, 32.0), ("rollrisk run", 1): (72.0, 75.0),
            ("rollrisk run", 2): (80.0, 40.0)}  # fmt: skip
    runs = [
        asdict(Took(what=what, processes=processes, replications=3000, processor=processor, wall=wall))
        for (what, processes), (processor, wall) in took.items()
    ]
    slower = [run | {"wall": 2 * run["wall"], "processor": 2 * run["processor"]} for run in runs]
    return {
        "small": [*slower, *runs],
        "long": slower,
        "profile": dict.fromkeys(PARTS, 0.1),
        "travel": {"task": 11_000.0, "answer": 1_500.0},
        "collecting": [{"rows": 10_000, "collecting": 1.5e-4, "findings": 3e-5, "memory": 2e7, "disk": 200.0}],
    }


def test_the_sheets_say_what_a_run_costs_beyond_the_bare_pool_and_how_two_processes_do() -> None:
    runs, long, profile, collecting = bench_batch.sheets_of(measured())
    by_name = {(row[0], row[1]): row for row in runs.rows}
    assert by_name["rollrisk run", "1"][6:] == ["+20 %", "+25 %", "1.00", "1.00"]
    assert by_name["rollrisk run", "2"][6:] == ["+25 %", "+25 %", "0.94", "0.90"]
    assert by_name["bare pool", "2"][8] == "0.94"
    assert [row[5] for row in (runs.rows[0], long.rows[0])] == ["60.0 s", "120.0 s"]
    assert len(profile.rows) == len(PARTS)
    assert collecting.rows[0][3] == "20 MB"
    assert all(sheet.markdown().startswith("### ") for sheet in (runs, long, profile, collecting))


@pytest.mark.parametrize("place", [place for places in PARTS.values() for place in places])
def test_the_functions_whose_share_is_taken_are_there(place: tuple[str, str]) -> None:
    file, function = place
    assert f"def {function}(" in (ROOT / file).read_text()


def test_the_files_of_the_benchmark_are_scenarios(tmp_path: Path) -> None:
    from sim.scenario import load_all

    files = [*bench_batch.files_in(tmp_path / "small", 2), *bench_batch.files_in(tmp_path / "long", 1, LONG)]
    assert len(load_all(list(files))) == 3
