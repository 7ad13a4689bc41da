"""Every stored file has a digest, and what does not match is set aside, named and made anew."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pyarrow.parquet as pq
import pytest
import soak_flips

from sim.errors import UsageError
from sim.study import Options, Run, disk, soundness
from sim.study import store as storing
from sim.study.digests import DIGESTS, checked, digest_of, digests_in, put
from sim.study.disk import QUARANTINED
from sim.study.folders import MANIFEST, read_manifest
from sim.study.shelf import remove
from sim.study.store import PARTS, TABLE


def study(results: Path, **options: Any) -> Run:
    return Run(imagined.scenario(pilot=3, cap=6), results, Options(workers=1, replicate=imagined.WORK, **options))


def played_out(run: Run) -> Run:
    list(run)
    return run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    run = played_out(study(tmp_path_factory.mktemp("undisturbed")))
    return (run.folder / TABLE).read_bytes()


@pytest.fixture(scope="module")
def flips(tmp_path_factory: pytest.TempPathFactory) -> soak_flips.Flips:
    return soak_flips.Flips(tmp_path_factory.mktemp("flips") / "results", seed=19)


def test_twenty_bits_turned_at_random_are_noticed_and_change_no_number(flips: soak_flips.Flips) -> None:
    for number in range(20):
        flips.in_process(play=number % 10 == 0)
    assert len(flips.by_file) >= 4, "bits of many kinds of files were turned"


def test_a_report_that_is_damaged_is_told_and_the_answer_is_given(flips: soak_flips.Flips) -> None:
    (flips.folder / "report.md").write_text("altered")
    with pytest.warns(RuntimeWarning, match="report.md: its bytes do not match"):
        assert soak_flips.answer(flips.folder) == flips.answer
    flips.restore()


def test_sha256sum_would_accept_the_list_of_a_finished_study(flips: soak_flips.Flips) -> None:
    lines = [line for line in (flips.folder / DIGESTS).read_text().splitlines() if not line.startswith("#")]
    names = [line.partition("  ")[2] for line in lines]
    assert {str(path) for path in flips.files} - {DIGESTS} == set(names)
    assert all(digest_of((flips.folder / line[66:]).read_bytes()) == line[:64] for line in lines)


def test_no_table_has_statistics_that_could_lead_a_query_astray(flips: soak_flips.Flips) -> None:
    for path in flips.folder.rglob("*.parquet"):
        group = pq.read_metadata(path).row_group(0)
        assert not any(group.column(number).is_stats_set for number in range(group.num_columns)), path


def test_a_table_whose_rows_prove_themselves_is_set_aside_and_its_rows_are_kept(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    table = run.folder / TABLE
    content = table.read_bytes()
    pq.write_table(pq.read_table(table), table)  # the same rows in other bytes
    again = played_out(study(tmp_path))
    assert again.last is not None
    assert again.last.played == 0
    assert "its rows prove themselves and are kept" in again.quarantined[0]
    assert table.read_bytes() == content


def test_a_part_under_a_name_that_is_not_its_digest_is_set_aside_and_its_rows_are_kept(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / PARTS / "00.parquet").write_bytes((run.folder / TABLE).read_bytes())
    (run.folder / TABLE).unlink()
    again = played_out(study(tmp_path))
    assert again.last is not None
    assert again.last.played == 0
    assert "00.parquet.quarantined: its bytes do not match" in again.quarantined[0]


class KilledError(BaseException):
    """The process dies here."""


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A process that dies at its nth move of a file to its place."""
    left, moved = [-1], disk.moved

    def or_dies(source: Path, place: Path) -> None:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        moved(source, place)

    monkeypatch.setattr(disk, "moved", or_dies)
    monkeypatch.setattr(storing, "FLUSH_ROWS", 40)
    return left


def test_a_run_that_dies_between_any_two_files_leaves_nothing_that_looks_damaged(
    tmp_path: Path, undisturbed: bytes, dies: list[int]
) -> None:
    deaths = 0
    for nth in range(200):
        dies[0] = nth
        results = tmp_path / str(nth)
        try:
            played_out(study(results))
        except KilledError:
            deaths += 1
        else:
            break
        dies[0] = -1
        (folder,) = results.glob("*/")
        assert not [each for each in soundness.verified(folder) if each.state == soundness.State.DAMAGED]
        again = played_out(study(results))
        assert again.quarantined == ()
        assert (again.folder / TABLE).read_bytes() == undisturbed
    assert deaths > 10


def test_a_table_replaced_and_killed_half_way_is_accepted_old_and_new(tmp_path: Path, dies: list[int]) -> None:
    put(tmp_path, {"one.json": b"old"})
    for nth, content in ((1, b"old"), (2, b"new")):
        dies[0] = nth
        with pytest.raises(KilledError):
            put(tmp_path, {"one.json": b"new"})
        dies[0] = -1
        assert checked(tmp_path, "one.json") == content
    put(tmp_path, {"one.json": b"newest"})
    assert digests_in(tmp_path).known == {"one.json": (digest_of(b"newest"),)}


def test_results_of_an_earlier_version_are_read_said_once_and_given_digests(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / DIGESTS).unlink()
    with pytest.warns(RuntimeWarning, match="earlier version of rollrisk, without digests"):
        again = played_out(study(tmp_path))
    assert again.last is not None
    assert (again.last.played, again.quarantined) == (0, ())
    assert TABLE in digests_in(run.folder).known
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        played_out(study(tmp_path))


def test_a_list_that_is_damaged_is_set_aside_and_costs_no_row(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    whole = (run.folder / DIGESTS).read_text()
    (run.folder / DIGESTS).write_text(whole.replace("manifest.json", "manifest.jsom"))
    again = played_out(study(tmp_path))
    assert again.last is not None
    assert again.last.played == 0
    assert "rollrisk.sha256.quarantined" in again.quarantined[0]
    assert TABLE in digests_in(run.folder).known


def test_a_manifest_that_was_changed_says_nothing(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / MANIFEST).write_text(json.dumps({**read_manifest(run.folder), "name": "another"}))
    assert read_manifest(run.folder) == {}


def test_a_file_that_bears_a_name_of_ours_and_is_not_ours_is_kept(tmp_path: Path) -> None:
    run = study(tmp_path)
    run.folder.mkdir()
    (run.folder / "scenario.yaml").write_text("my own notes")
    played_out(run)
    assert (run.folder / f"scenario.yaml{QUARANTINED}").read_text() == "my own notes"
    assert "scenario.yaml.quarantined: no run wrote it" in run.quarantined[0]


def test_what_was_set_aside_goes_with_its_study(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / MANIFEST).write_text("{}")
    played_out(study(tmp_path))
    assert remove(run.folder) == []
    assert not run.folder.exists()


def test_verify_names_what_is_missing_and_what_has_no_digest(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / "scenario.yaml").unlink()
    (run.folder / "sweep.json").write_text("{}")
    states = {each.path.name: each.state.value for each in soundness.verified(run.folder)}
    assert states["scenario.yaml"] == "MISSING"
    assert states["sweep.json"] == "no digest"
    assert states[TABLE] == "ok"


def test_a_reader_looks_again_while_a_file_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"one.json": b"old"})
    real, asked = Path.read_bytes, []

    def replaced_meanwhile(path: Path) -> bytes:
        if path.name == "one.json" and not asked:
            asked.append(1)
            put(tmp_path, {"one.json": b"new"})
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", replaced_meanwhile)
    assert checked(tmp_path, "one.json") == b"new"


def test_show_refuses_what_its_answer_would_rest_on(flips: soak_flips.Flips) -> None:
    path = flips.folder / MANIFEST
    found = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"seed": "1"', b'"seed": "7"'))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(UsageError, match=r"damaged: manifest.json"):
        soak_flips.answer(flips.folder)
    flips.restore()
