from __future__ import annotations

from pathlib import Path

import imagined_studies as imagined
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.errors import UsageError
from sim.study import Options, Run
from sim.study.cells import TWIN, Cell, Job
from sim.study.folders import MANIFEST, folder_of
from sim.study.model import model_digest
from sim.study.parquet import UnreadableError, encode, verified
from sim.study.play import play_job
from sim.study.rows import Row, Table
from sim.study.shelf import studies_in
from sim.study.store import PARTS, TABLE, Store

JOBS = [Job(cell, index) for index in range(6) for cell in (TWIN, Cell("canary", "errors"), Cell("blue-green", "slow"))]


def rows() -> list[Row]:
    work = imagined.work(imagined.scenario())
    return [play_job(work, job) for job in JOBS]


def table_of(found: list[Row]) -> Table:
    table = Table(imagined.subtracted)
    table.add(found)
    return table


def same(first: list[Row], second: list[Row]) -> bool:
    return encode(first, "x", "m") == encode(second, "x", "m")


figures = some.floats(allow_nan=False) | some.just(float("nan"))
one_row = some.builds(
    lambda case, index, values, down: Row.of(Job(Cell("s", case), index), values, down),
    some.text(max_size=5),
    some.integers(0, 2**31 - 1),
    some.dictionaries(some.sampled_from(["requests", "latency_p95", "down_99"]), figures),
    some.dictionaries(some.sampled_from(["99", "99/pay"]), some.binary(max_size=9)),
)


@settings(deadline=None)
@given(some.lists(one_row, min_size=1, max_size=8))
def test_rows_come_back_from_parquet_as_they_were(written: list[Row]) -> None:
    assert same(list(verified(encode(written, "me", "m"), "me", "m").rows), written)


@settings(deadline=None)
@given(some.data())
def test_a_file_with_any_byte_changed_is_never_taken_for_another_table(data: some.DataObject) -> None:
    content = bytearray(encode(rows()[:4], "me", "m"))
    place = data.draw(some.integers(0, len(content) - 1))
    content[place] ^= data.draw(some.integers(1, 255))
    try:
        found = list(verified(bytes(content), "me", "m").rows)
    except UnreadableError:
        return
    assert same(found, rows()[:4])


def test_the_canonical_table_does_not_know_in_which_order_rows_came(tmp_path: Path) -> None:
    contents = []
    for name, order in (("one", rows()), ("two", rows()[::-1])):
        store = Store(tmp_path / name, "me")
        for row in order:
            store.keep([row])
        store.settle(table_of(order))
        contents.append((tmp_path / name / TABLE).read_bytes())
    assert contents[0] == contents[1]


def test_what_was_flushed_is_there_for_the_next_run_without_a_proper_end(tmp_path: Path) -> None:
    killed = Store(tmp_path, "me")
    killed.keep(rows()[:5])
    killed.flush()
    assert same(imagined.rows_in(Store(tmp_path, "me")), list(table_of(rows()[:5]).canonical()))


def test_a_truncated_part_is_set_aside_and_named(tmp_path: Path) -> None:
    store = Store(tmp_path, "me")
    store.keep(rows())
    store.flush()
    part = next((tmp_path / PARTS).iterdir())
    part.write_bytes(part.read_bytes()[:-7])
    after = Store(tmp_path, "me")
    assert imagined.rows_in(after) == []
    assert part.name + ".quarantined" in after.quarantined[0]
    assert part.with_name(part.name + ".quarantined").exists()


def test_a_table_of_another_study_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(encode(rows(), "somebody else", model_digest()))
    store = Store(tmp_path, "me")
    assert imagined.rows_in(store) == []
    assert "somebody else" in store.quarantined[0]


def test_rows_of_another_model_are_shown_but_never_mixed_with_new_ones(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(encode(rows(), "me", "an older model"))
    seen = table_of([])
    Store(tmp_path, "me").look_into(seen)
    assert same(list(seen.canonical()), list(table_of(rows()).canonical()))
    store = Store(tmp_path, "me")
    assert imagined.rows_in(store) == []
    assert "another version of the model" in store.quarantined[0]


def test_any_parquet_reader_sees_one_tidy_row_per_replication(tmp_path: Path) -> None:
    store = Store(tmp_path, "me")
    store.keep(rows())
    store.settle(table_of(rows()))
    frame = pq.read_table(tmp_path / TABLE).to_pandas()
    assert frame.columns[:3].tolist() == ["strategy", "case", "index"]
    assert len(frame) == len(JOBS)
    assert np.isnan(frame.loc[frame["strategy"] == "(no release)", "duration"]).all()


def test_a_run_that_ends_keeps_what_another_run_put_there_meanwhile(tmp_path: Path) -> None:
    mine, theirs = Store(tmp_path, "me"), Store(tmp_path, "me")
    mine.keep(rows()[:9])
    theirs.keep(rows()[9:])
    theirs.settle(table_of(rows()[9:]))
    mine.settle(table_of(rows()[:9]))
    assert len(imagined.rows_in(Store(tmp_path, "me"))) == len(JOBS)


def test_two_studies_that_share_six_digits_get_two_folders(tmp_path: Path) -> None:
    first = folder_of(tmp_path, "Peak", "abcdef000000")
    Store(first, "abcdef000000").describe({})
    assert folder_of(tmp_path, "Peak", "abcdef000000") == first
    assert folder_of(tmp_path, "Peak", "abcdef111111") != first


@pytest.mark.parametrize(
    "written",
    [
        "[1]", "{", "", "null", '"rollrisk"',
        '{"identity": 5, "made": [], "rows": "x", "counts": 3, "history": 7, "rooms": 1, "file": {}}',
        '{"rows": [{"rows": "many"}], "history": [3], "counts": {"good": "two"}, "made": "yesterday"}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_changes_nothing_of_what_a_run_ends_with(tmp_path: Path, written: str) -> None:
    def ran() -> bytes:
        run = Run(imagined.scenario(), tmp_path, Options(workers=1, replicate=imagined.WORK))
        list(run)
        return (run.folder / TABLE).read_bytes()

    before = ran()
    (manifest,) = tmp_path.glob(f"*/{MANIFEST}")
    manifest.write_text(written)
    assert [each.replications for each in studies_in(tmp_path)] == [0]
    assert ran() == before
    assert studies_in(tmp_path)[0].replications > 0


def test_a_place_that_cannot_be_written_gives_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file", "me")
    store.keep(rows())
    with pytest.raises(UsageError, match="cannot write"):
        store.flush()
