"""Plays go to strategies that can still win: who does not ship good releases has the pilot's releases and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest

from sim.study import Options, Run
from sim.study.cells import FATE, GOOD, Cell, Job
from sim.study.collect import Stage
from sim.study.findings import Standing
from sim.study.pilot import first_counts
from sim.study.play import Work, play_job

THREE = {"strict": "weight:0.1", "one": "weight:1.0", "other": "own:1.3"}
AIMS: dict[str, dict[str, Any]] = {
    "precision": {"precision": 0.05, "indifferent": 0.0, "pilot": 10, "cap": 60},
    "until_best": {"precision": None, "until_best": True, "indifferent": 5.0, "pilot": 20, "cap": 60},
}


def replicate(scenario: Any, *, strategy: str | None, case: str, index: int, engine: str) -> imagined.Imagined:
    """As imagined, but the gate of whoever is called strict stops every good release."""
    found = imagined.replicate(scenario, strategy=strategy, case=case, index=index, engine=engine)
    lost = strategy is not None and strategy.startswith("strict") and case == GOOD
    return replace(
        found, why="gate g: success 99 %" if lost else "", values={**found.values, "not_shipped": float(lost)}
    )


WORK = f"{__name__}:replicate"


def played_out(results: Path, strategies: dict[str, str], **study: Any) -> Run:
    run = Run(imagined.scenario(strategies, **study), results, Options(workers=1, replicate=WORK, beside=False))
    list(run)
    return run


@pytest.mark.parametrize("aim", AIMS)
def test_who_does_not_ship_is_played_no_further_than_the_pilot(aim: str, tmp_path: Path) -> None:
    run = played_out(tmp_path, THREE, **AIMS[aim])
    findings, first = run.findings(), first_counts(run.scenario)
    assert findings.ruling.standings["strict"] == Standing.DOES_NOT_SHIP
    assert {case: run.table.count(Cell("strict", case)) for case in imagined.CASES} == first
    assert {case: findings.replications["strict", case] for case in imagined.CASES} == first
    assert run.table.count(Cell("one", "errors")) > first["errors"]


def test_good_releases_that_settle_who_ships_lie_apart_from_those_that_count(tmp_path: Path) -> None:
    """59 show that at most 5 % are lost; of these 20 are the pilot's. Who lost all of those is settled by them."""
    run = played_out(tmp_path, THREE, precision=0.5, indifferent=0.0, pilot=20, cap=60)
    assert {name: run.table.count(Cell(name, FATE)) for name in THREE} == {"strict": 0, "one": 39, "other": 39}
    assert {name: run.table.count(Cell(name, GOOD)) for name in THREE} == dict.fromkeys(THREE, 20)
    assert run.findings().shipping["one"].played == 59
    assert run.findings().replications["one", GOOD] == 20
    assert run.table[Job(Cell("one", FATE), 20)].names == ("requests",)


@pytest.mark.parametrize("aim", AIMS)
def test_who_does_not_ship_changes_nothing_for_those_who_do(aim: str, tmp_path: Path) -> None:
    """Neither how far they are played nor which of them is chosen; not even where it would lead."""
    rest = {name: kind for name, kind in THREE.items() if name != "strict"}
    with_it = played_out(tmp_path / "three", THREE, **AIMS[aim]).findings()
    without = played_out(tmp_path / "two", rest, **AIMS[aim]).findings()
    assert with_it.ruling.recommended == without.ruling.recommended
    for name in rest:
        assert with_it.replications[name, "errors"] == without.replications[name, "errors"]


def test_where_none_ships_nothing_is_played_beyond_the_pilot(tmp_path: Path) -> None:
    run = played_out(tmp_path, {"strict": "weight:1.0", "strict-too": "own:1.0"}, **AIMS["precision"])
    assert run.last is not None
    assert (run.last.stage, dict(run.last.counts)) == (Stage.MET, first_counts(run.scenario))
    assert run.findings().ruling.none_ships
    assert run.findings().precision_met


def test_the_only_one_that_ships_is_the_best_at_once(tmp_path: Path) -> None:
    run = played_out(tmp_path, {"strict": "weight:1.0", "one": "own:1.0"}, **AIMS["until_best"])
    assert run.last is not None
    assert (run.last.stage, run.findings().ruling.recommended) == (Stage.MET, "one")
    assert dict(run.last.counts) == first_counts(run.scenario)


@pytest.mark.parametrize("aim", AIMS)
def test_an_interrupted_study_that_goes_on_ends_as_if_it_had_not_been(aim: str, tmp_path: Path) -> None:
    left = [150]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    scenario = imagined.scenario(THREE, **AIMS[aim])
    list(Run(scenario, tmp_path / "stopped", Options(workers=1, replicate=WORK, beside=False, stop=stop)))
    resumed = played_out(tmp_path / "stopped", THREE, **AIMS[aim])
    straight = played_out(tmp_path / "straight", THREE, **AIMS[aim])
    assert resumed.findings().estimates == straight.findings().estimates
    assert resumed.findings().replications == straight.findings().replications


def test_what_a_longer_study_played_of_it_before_does_not_count(tmp_path: Path) -> None:
    """Its bad releases beyond the pilot lie in the folder, from a time when it was not known not to ship."""
    straight = played_out(tmp_path / "straight", THREE, **AIMS["precision"])
    run = Run(
        imagined.scenario(THREE, **AIMS["precision"]),
        tmp_path / "before",
        Options(workers=1, replicate=WORK, beside=False),
    )
    work = Work.on(run.scenario, replicate=WORK)
    run._begin(run._runner())
    run._keep([play_job(work, Job(Cell("strict", "errors"), index)) for index in range(40)])
    run._store.flush()
    again = played_out(tmp_path / "before", THREE, **AIMS["precision"])
    assert again.table.count(Cell("strict", "errors")) == 40
    assert again.findings().estimates == straight.findings().estimates
