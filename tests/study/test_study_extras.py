"""Time series and samples of requests: they agree with the rows, are kept once, and survive what rows survive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cli_files
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.scenario import from_text
from sim.study import Options, Run
from sim.study.cells import TWIN, cells_played
from sim.study.executors import InProcess, Stop
from sim.study.extras import REQUESTS, SERIES, Wanted
from sim.study.play import Played, Work

SCENARIO = from_text(cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 2, cap: 2"), "small.yaml")
BOTH = Wanted(series=True, sample=0.2)


class Counting(InProcess):
    """Plays here and counts."""

    def __init__(self) -> None:
        self.played = 0

    def run(self, work: Work, jobs: Any, stop: Stop) -> Iterator[Played]:
        for played in super().run(work, jobs, stop):
            self.played += len(played.rows)
            yield played


def study(results: Path, wanted: Wanted = BOTH, **options: Any) -> Run:
    return Run(SCENARIO, results, Options(**{"runner": Counting(), "wanted": wanted, **options}))


def played(run: Run) -> int:
    for _ in run:
        pass
    runner = run.options.runner
    assert isinstance(runner, Counting)
    return runner.played


def contents(run: Run) -> dict[str, bytes]:
    return {
        str(path.relative_to(run.folder)): path.read_bytes()
        for name in (SERIES, REQUESTS)
        for path in (run.folder / name).glob("*.parquet")
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = study(tmp_path_factory.mktemp("extras"))
    played(run)
    return run


def test_the_series_of_a_replication_add_up_to_its_row(whole: Run) -> None:
    found = duckdb.sql(f"""
        select s.requests, r.requests, s.failed, r.failed_requests from
          (select strategy, "case", "index", sum(requests) requests, sum(failed) failed
           from '{whole.folder}/series/*.parquet' group by all) s
          join '{whole.folder}/replications.parquet' r using (strategy, "case", "index")
    """).fetchall()
    assert len(found) == len(whole.table) == 10
    assert all((row[0], row[2]) == (row[1], row[3]) for row in found)


def test_the_share_of_the_new_version_stands_in_the_series(whole: Run) -> None:
    ((share,),) = duckdb.sql(f"""
        select max(new_share) from '{whole.folder}/series/*.parquet' where strategy = 'step-by-step' and "case" = 'good'
    """).fetchall()
    assert share == 1.0


def test_the_sample_holds_about_its_share_of_the_requests_and_of_the_failed(whole: Run) -> None:
    ((sampled, failed),) = duckdb.sql(f"""
        select count(*), count(*) filter (outcome <> 'succeeded') from '{whole.folder}/requests/*.parquet'
    """).fetchall()
    rows = list(whole.table.canonical())
    assert sampled == pytest.approx(0.2 * sum(row.values["requests"] for row in rows), rel=0.1)
    assert 0 < failed < sum(row.values["failed_requests"] for row in rows)


def test_the_same_requests_are_sampled_under_every_strategy(whole: Run) -> None:
    groups = duckdb.sql(f"""
        select distinct list(number order by number) from '{whole.folder}/requests/*.parquet'
        where "index" = 0 group by strategy, "case"
    """).fetchall()
    assert len(groups) == 1


def test_what_was_kept_changes_no_row(whole: Run, tmp_path: Path) -> None:
    plain = study(tmp_path, Wanted())
    played(plain)
    table = "replications.parquet"
    assert (plain.folder / table).read_bytes() == (whole.folder / table).read_bytes()
    assert contents(plain) == {}


def test_asked_for_later_or_bit_by_bit_they_are_the_same_bytes(whole: Run, tmp_path: Path) -> None:
    played(study(tmp_path, Wanted()))
    left = [4]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    played(study(tmp_path, stop=stop))
    last = study(tmp_path)
    assert played(last) == 6
    assert contents(last) == contents(whole)


def test_what_is_there_is_not_played_again(whole: Run) -> None:
    assert played(study(whole.results)) == 0


def test_a_damaged_file_is_set_aside_named_and_played_again(whole: Run, tmp_path: Path) -> None:
    first = study(tmp_path)
    played(first)
    damaged = next((first.folder / SERIES).glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-20])
    again = study(tmp_path)
    assert played(again) == 2
    assert damaged.name in again.quarantined[0]
    assert contents(again) == contents(whole)


def test_a_figure_altered_in_a_whole_file_is_found_out(whole: Run, tmp_path: Path) -> None:
    first = study(tmp_path)
    played(first)
    altered = next((first.folder / SERIES).glob("*.parquet"))
    table = pq.read_table(altered)
    place = table.column_names.index("failed")
    more = pa.array(np.asarray(table.column("failed")) + 1)
    pq.write_table(table.set_column(place, table.schema.field("failed"), more), altered)
    again = study(tmp_path)
    assert played(again) == 2
    assert "its rows do not match its digest" in again.quarantined[0]
    assert contents(again) == contents(whole)


def test_another_share_is_another_sample_and_holds_the_smaller_one(whole: Run, tmp_path: Path) -> None:
    large = study(tmp_path, Wanted(sample=0.5))
    played(large)
    small, more = ({(*map(str, row),) for row in _keys(run)} for run in (whole, large))
    assert small < more


def _keys(run: Run) -> Any:
    return duckdb.sql(
        f"""select strategy, "case", "index", stream, number from '{run.folder}/requests/*.parquet'"""
    ).fetchall()


def test_files_carry_plain_columns_that_any_reader_knows(whole: Run) -> None:
    table = pq.read_table(next((whole.folder / REQUESTS).glob("*.parquet")))
    names = "strategy case index seconds stream number latency outcome attempts version pod user"
    assert table.column_names == names.split()
    assert np.all(np.asarray(table.column("latency")) > 0)


def test_rows_that_count_for_no_figure_of_their_case_are_caught_up_with_too(tmp_path: Path) -> None:
    """A run that was killed had played them and not yet kept their series."""
    scenario = from_text(cli_files.SMALL, "small.yaml")
    whole, again = (
        Run(scenario, tmp_path / name, Options(runner=Counting(), wanted=Wanted(series=True))) for name in "ab"
    )
    played(whole)
    assert whole.last is not None
    counted = whole.last.counts
    assert any(whole.table.count(cell) > counted.get(cell.case, 0) for cell in cells_played(scenario) if cell != TWIN)
    again.folder.mkdir(parents=True)
    shutil.copy(whole.folder / "replications.parquet", again.folder)
    played(again)
    assert contents(again) == contents(whole)
