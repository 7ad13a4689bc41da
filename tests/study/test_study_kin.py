"""A strategy more, or other odds, plays only what no study has played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cli_files
import imagined_studies as imagined
import pytest

from sim.replication import replicate
from sim.scenario import Scenario, from_text
from sim.scenario.kinship import cell_identity
from sim.study import Options, Run
from sim.study.cells import TWIN, Cell, Job
from sim.study.kin import cell_identities, rows_of_kin
from sim.study.store import TABLE

TWO = {"blue-green": "switch:1.0", "canary": "weight:0.2"}
THREE = {**TWO, "half": "weight:0.5"}


def played_out(results: Path, scenario: Any, **options: Any) -> Run:
    run = Run(scenario, results, Options(workers=1, replicate=imagined.WORK, **options))
    list(run)
    return run


def table_bytes(run: Run) -> bytes:
    return (run.folder / TABLE).read_bytes()


def test_a_strategy_more_plays_only_its_own_cells(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    played_out(tmp_path, imagined.scenario(TWO, cap=10))
    more = played_out(tmp_path, imagined.scenario(THREE, cap=10, question=str(log)))
    assert {strategy for strategy, _, _ in imagined.played(log)} == {"half"}
    assert more.last is not None
    assert (more.last.played, more.last.reused) == (30, 70)


def test_what_was_taken_over_makes_the_bytes_of_a_study_that_began_with_nothing(tmp_path: Path) -> None:
    played_out(tmp_path / "kin", imagined.scenario(TWO, precision=0.02, indifferent=0.0))
    assert table_bytes(played_out(tmp_path / "kin", imagined.scenario(THREE))) == table_bytes(
        played_out(tmp_path / "alone", imagined.scenario(THREE))
    )


def test_afresh_takes_nothing_over(tmp_path: Path) -> None:
    played_out(tmp_path, imagined.scenario(TWO, cap=10))
    again = played_out(tmp_path, imagined.scenario(THREE, cap=10), fresh=True)
    assert again.last is not None
    assert again.last.reused == 0


def test_a_damaged_table_of_kin_is_passed_over(tmp_path: Path) -> None:
    kin = played_out(tmp_path, imagined.scenario(TWO, cap=10))
    (kin.folder / TABLE).write_bytes(table_bytes(kin)[:-50])
    more = played_out(tmp_path, imagined.scenario(THREE, cap=10))
    assert more.last is not None
    assert more.last.reused == 0


def test_a_changed_strategy_of_the_same_name_is_played_anew(tmp_path: Path) -> None:
    played_out(tmp_path, imagined.scenario(TWO, cap=10))
    changed = {"blue-green": "switch:1.0", "canary": "weight:0.3"}
    lent = rows_of_kin(tmp_path, tmp_path / "new", imagined.scenario(changed, cap=10))
    assert {job.cell.strategy for job in lent} == {TWIN.strategy, "blue-green"}


def small(old: str = "", new: str = "") -> Scenario:
    assert old in cli_files.SMALL
    return from_text(cli_files.SMALL.replace(old, new) if old else cli_files.SMALL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("change_failure_rate: 20%", "change_failure_rate: 5%"),
        ("name: small service", "name: other service"),
        ("cap: 4", "cap: 400"),
        ("strategies:\n", "strategies:\n  third: {kind: blue_green, gate: none}\n"),
        ("gates: {", "gates: {unused: {kind: threshold, per: version, success: 90%, min_requests: 10}, "),
        ("{errors: {share: 100%,", "{slow: {share: 60%, kind: latency, factor: 3}, errors: {share: 40%,"),
    ],
)
def test_what_leaves_a_replication_alone_leaves_its_cell_alone(old: str, new: str) -> None:
    before, after = small(), small(old, new)
    cells = cell_identities(before)
    assert {cell: cell_identities(after)[cell] for cell in cells} == cells
    job = Job(Cell("step-by-step", "errors"), 1)
    figures = [
        replicate(scenario, strategy=job.cell.strategy, case=job.cell.case, index=job.index)
        for scenario in (before, after)
    ]
    assert figures[0].digest == figures[1].digest
    assert repr(figures[0].values) == repr(figures[1].values)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("rate: 20%}", "rate: 30%}", {"errors"}),
        ("success: 95%", "success: 96%", {"errors", "good"}),
        ("replicas: 2", "replicas: 3", {"errors", "good"}),
    ],
)
def test_what_may_change_a_replication_changes_its_cell(old: str, new: str, changed: set[str]) -> None:
    before, after = small(), small(old, new)
    found = {
        case
        for case in ("good", "errors")
        if cell_identity(before, "at-once", case) != cell_identity(after, "at-once", case)
    }
    assert found == changed


def test_another_seed_shares_nothing() -> None:
    before = small()
    document = {**before.document, "study": {**before.document["study"], "seed": 9}}
    after = replace(before, document=document)
    assert not set(cell_identities(before).values()) & set(cell_identities(after).values())
