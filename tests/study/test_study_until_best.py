"""Running until the best is known, what is refused, and when the reader is warned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.scenario import from_data, load
from sim.scenario.override import with_study
from sim.study import Options, Run, trust
from sim.study.cells import TWIN, Cell, Job
from sim.study.collect import Stage
from sim.study.findings import Findings, Standing
from sim.study.pilot import GOOD_PILOT
from sim.study.rows import Row, Table
from sim.study.studies import stored
from sim.study.until_best import limits

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def found(results: Path, strategies: dict[str, str] | None = None, **study: Any) -> tuple[Findings, Stage]:
    run = Run(imagined.scenario(strategies, **study), results, Options(workers=1, replicate=imagined.WORK))
    for _ in run:
        pass
    assert run.last is not None
    return run.findings(), run.last.stage


def test_it_ends_as_soon_as_the_best_is_known(tmp_path: Path) -> None:
    findings, stage = found(tmp_path, until_best=True, pilot=20, indifferent=5.0)
    assert findings.ruling.selected is not None
    assert findings.ruling.selected.best == findings.ruling.recommended == "canary"
    assert (stage, findings.replications["canary", "errors"]) == (Stage.MET, 20)


def test_what_cannot_be_told_apart_at_the_cap_is_said_with_what_it_would_take(tmp_path: Path) -> None:
    alike = {"one": "weight:1.0", "other": "weight:1.001"}
    findings, stage = found(tmp_path, alike, until_best=True, pilot=20, cap=25, indifferent=0.0005)
    selected = findings.ruling.selected
    assert selected is not None
    assert stage == Stage.CAPPED
    assert selected.best is None
    assert selected.needed > selected.seen
    assert "one or other after 25 bad releases of each kind" in findings.precision_reached


def test_two_names_for_one_strategy_have_no_winner_however_long_it_runs(tmp_path: Path) -> None:
    findings, stage = found(tmp_path, {"one": "weight:1", "other": "weight:1"}, until_best=True, pilot=20)
    assert stage == Stage.MET
    assert findings.ruling.recommended is None
    assert "It makes no difference" in findings.ruling.sentence


def test_good_releases_that_never_differ_are_played_no_more_than_needed_to_see_it(tmp_path: Path) -> None:
    findings, _ = found(tmp_path, pilot=60, cap=200)
    assert findings.replications["canary", "good"] == GOOD_PILOT
    assert findings.replications["canary", "errors"] >= 60


THREE = {"dear": "weight:3.0", "one": "weight:1.0", "other": "own:1.0"}
CLOSE: dict[str, Any] = {"until_best": True, "pilot": 20, "cap": 60, "indifferent": 5.0}


def rows_of(folder: str) -> list[tuple[str, str, int]]:
    scenario = imagined.scenario(THREE, **CLOSE)
    table, _ = stored(scenario, Path(folder))
    return [(row.cell.strategy, row.cell.case, row.index) for row in table.canonical()]


def test_a_strategy_that_is_out_is_played_no_further(tmp_path: Path) -> None:
    findings, stage = found(tmp_path, THREE, **CLOSE)
    assert stage == Stage.CAPPED
    assert findings.replications["dear", "errors"] == 20
    assert findings.replications["one", "errors"] == findings.replications["other", "errors"] == 60
    assert max(index for name, case, index in rows_of(findings.folder) if (name, case) == ("dear", "errors")) == 19


def test_who_is_out_is_still_compared_on_the_luck_that_both_had(tmp_path: Path) -> None:
    findings, _ = found(tmp_path, THREE, **CLOSE)
    assert findings.estimates["failed_requests", "dear", "errors"].n == 20
    assert findings.ruling.standings["dear"] == Standing.WORSE
    assert findings.ruling.selected is not None
    assert findings.ruling.selected.gone == {"dear"}
    assert findings.ruling.wins


def test_what_an_earlier_longer_study_played_does_not_change_who_is_told(tmp_path: Path) -> None:
    fresh, _ = found(tmp_path / "fresh", THREE, **CLOSE)
    found(tmp_path / "after", THREE, pilot=50, cap=60, precision=0.01)
    after, _ = found(tmp_path / "after", THREE, **CLOSE)
    assert after.replications == fresh.replications
    assert after.estimates == fresh.estimates
    assert after.requests_played == fresh.requests_played


def test_an_interrupted_search_for_the_best_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, _ = found(tmp_path / "whole", THREE, **CLOSE)
    for limit in (30, 110, 217):
        asked = iter(range(limit))
        options = Options(workers=1, replicate=imagined.WORK, stop=lambda asked=asked: next(asked, None) is None)
        run = Run(imagined.scenario(THREE, **CLOSE), tmp_path / "parts", options)
        *_, last = run
        assert last.stage == Stage.INTERRUPTED
    assert last.counts["errors"] > 20, "who is out holds nobody back"
    assert run.findings().replications["dear", "errors"] == 20
    parts, _ = found(tmp_path / "parts", THREE, **CLOSE)
    assert rows_of(parts.folder) == rows_of(whole.folder)
    assert parts.estimates == whole.estimates


def test_a_folder_of_such_a_study_tells_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    findings, _ = found(tmp_path, THREE, **CLOSE)
    table, counts = stored(imagined.scenario(THREE, **CLOSE), Path(findings.folder))
    assert counts == {"good": 20, "errors": 60, "slow": 60}, "good releases that settle who ships lie apart"
    assert limits(table, imagined.scenario(THREE, **CLOSE), counts) == {"dear": {"good": 20, "errors": 20, "slow": 20}}


def test_running_until_the_best_needs_a_zone() -> None:
    scenario = load(SCENARIOS / "textbook.yaml")
    document = {**scenario.document, "study": {**scenario.document["study"], "until_best": True, "indifferent": 0}}
    with pytest.raises(ScenarioError, match="needs indifferent above 0"):
        from_data(document)


def test_running_until_the_best_goes_on_with_what_was_played() -> None:
    from sim.scenario import identity

    scenario = load(SCENARIOS / "textbook.yaml")
    assert identity(with_study(scenario, until_best=True)) == identity(scenario)


def table_of(losses: dict[str, Any]) -> tuple[Table, dict[str, int]]:
    table = Table(imagined.subtracted)
    table.add(Row.of(Job(TWIN, index), {"failed_requests": 0.0}, {}) for index in range(max(map(len, losses.values()))))
    for case, of_case in losses.items():
        rows = enumerate(np.asarray(of_case, dtype=float))
        table.add(Row.of(Job(Cell("only", case), index), {"failed_requests": loss}, {}) for index, loss in rows)
    return table, {case: len(of_case) for case, of_case in losses.items()}


def told(losses: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    scenario = replace(imagined.scenario({"only": "weight:1"}))
    table, counts = table_of({"good": [0.0, 0.0], **losses})
    tails = trust.tails(table, scenario, counts)
    return tails["only"], trust.cautions(scenario, counts, tails)


def test_a_pilot_smaller_than_the_experiments_support_is_named() -> None:
    luck = np.random.default_rng(1)
    _, cautions = told({"errors": luck.uniform(1, 2, 10), "slow": luck.uniform(1, 2, 50)})
    assert len(cautions) == 1
    assert cautions[0].startswith("only 10 bad releases each of errors were played")


def test_enough_replications_without_a_tail_need_no_caution() -> None:
    luck = np.random.default_rng(1)
    assert told({"errors": luck.uniform(1, 2, 50), "slow": luck.uniform(1, 2, 50)})[1] == ()


def test_the_worst_tenth_is_refused_where_there_are_too_few_bad_releases() -> None:
    luck = np.random.default_rng(1)
    tail, _ = told({"errors": luck.uniform(1, 2, 30), "slow": luck.uniform(1, 2, 30)})
    assert np.isnan(tail.worst_tenth.value)
    assert "60 bad releases are too few" in tail.worst_tenth.method


def test_the_worst_tenth_of_numbers_one_to_a_hundred_is_their_mean() -> None:
    tail, _ = told({"errors": np.arange(1.0, 101.0), "slow": np.arange(1.0, 101.0)})
    assert tail.worst_tenth.value == pytest.approx(95.5)


def test_a_mean_that_hangs_on_one_release_is_named() -> None:
    _, cautions = told({"errors": [1.0] * 25 + [2.0] * 24 + [1000.0], "slow": [1.0, 1.5] * 25})
    assert any("a single release makes up" in caution for caution in cautions)


def test_harm_seen_a_few_times_only_is_named() -> None:
    _, cautions = told({"errors": [0.0] * 47 + [5.0, 6.0, 7.0], "slow": [0.0] * 50})
    assert any("only 3 of 100 bad releases cost more or less" in caution for caution in cautions)
