"""Who computed which rows is told truly: by runs that reuse, that were killed, and that took rows over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest

from sim.study import Options, Run
from sim.study import model as modelling
from sim.study import store as storing
from sim.study.digests import put
from sim.study.folders import MANIFEST, folder_of, read_manifest
from sim.study.history import numbers
from sim.study.parquet import encode
from sim.study.store import TABLE


def study(results: Path, scenario: Any = None, **options: Any) -> Run:
    given = {"workers": 1, "replicate": imagined.WORK, **options}
    return Run(scenario or imagined.scenario(cap=10), results, Options(**given))


def played_out(run: Run) -> Run:
    for _ in run:
        pass
    return run


def history(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_manifest(run.folder)["history"]
    return found


def indexes(entry: dict[str, Any], cell: str = "canary | errors") -> set[int]:
    return numbers(entry["rows"].get(cell, ""))


def test_a_run_that_reuses_all_rows_leaves_them_to_who_played_them(tmp_path: Path) -> None:
    played_out(study(tmp_path, engine="compiled"))
    again = played_out(study(tmp_path, engine="reference"))
    (entry,) = history(again)
    assert entry["engine"] == "compiled"
    made = again.findings().provenance or {}
    assert made["engine"] == "compiled"
    assert made["rows"].startswith("70 on ")


def test_a_longer_run_claims_what_it_added(tmp_path: Path) -> None:
    played_out(study(tmp_path, imagined.scenario(cap=10)))
    longer = played_out(study(tmp_path, imagined.scenario(pilot=14, cap=14), engine="reference"))
    first, second = history(longer)
    assert (indexes(first), indexes(second)) == (set(range(10)), {10, 11, 12, 13})
    assert (first["engine"], second["engine"]) == ("compiled", "reference")


def test_rows_of_a_killed_run_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "FLUSH_ROWS", 1)
    killed = study(tmp_path, command="the killed one")
    for progress in killed:
        if progress.played == 21:
            break
    last = played_out(study(tmp_path, command="the last one"))
    first, second = history(last)
    assert (first["command"], second["command"]) == ("the killed one", "the last one")
    assert first["ended"] == "did not end"
    assert indexes(first) | indexes(second) == set(range(10))
    assert not indexes(first) & indexes(second)


def test_rows_taken_over_name_the_study_they_come_from(tmp_path: Path) -> None:
    one = played_out(study(tmp_path, imagined.scenario({"canary": "weight:0.2"}, cap=10), file=tmp_path / "a"))
    scenario = imagined.scenario({"canary": "weight:0.2"}, cap=10)
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    other = played_out(study(tmp_path, scenario, file=tmp_path / "b"))
    (entry,) = history(other)
    assert entry["taken_over_from"] == one.folder.name
    assert indexes(entry) == set(range(10))


def test_two_files_of_one_identity_have_a_folder_each_and_share_their_rows(tmp_path: Path) -> None:
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.touch()
    runs = [played_out(study(tmp_path / "results", file=file)) for file in files * 2]
    assert runs[0].folder == runs[2].folder
    assert runs[1].folder == runs[3].folder == runs[0].folder.with_name(f"{runs[0].folder.name}-b")
    assert [run.last.played for run in runs if run.last] == [70, 0, 0, 0]
    assert (runs[0].folder / TABLE).read_bytes() == (runs[1].folder / TABLE).read_bytes()


def test_a_file_that_was_renamed_keeps_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    run = played_out(study(tmp_path / "results", file=tmp_path / "a.yaml"))
    (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
    assert folder_of(tmp_path / "results", run.scenario.name, run.identity, tmp_path / "b.yaml") == run.folder


def test_rows_of_an_older_model_say_what_has_changed_since(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / TABLE).write_bytes(encode(list(run.table.canonical()), run.identity, "older"))
    manifest = json.loads((run.folder / MANIFEST).read_text())
    manifest["rooms"] |= {"gates": "other", "cluster": "other"}
    put(run.folder, {MANIFEST: json.dumps(manifest).encode()})
    again = played_out(study(tmp_path))
    assert "another version of the model (changed since: cluster, gates)" in again.quarantined[0]


def test_an_installed_kind_belongs_to_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "their_kind.py"
    source.write_text("SPEED = 1\n")
    monkeypatch.setattr(modelling, "_installed_kinds", lambda: iter([("their_kind", source)]))
    digests = []
    for speed in (1, 2):
        source.write_text(f"SPEED = {speed}\n")
        modelling.rooms.cache_clear()
        modelling.model_digest.cache_clear()
        digests.append(modelling.model_digest())
    monkeypatch.undo()
    modelling.rooms.cache_clear()
    modelling.model_digest.cache_clear()
    assert len({*digests, modelling.model_digest()}) == 3


def test_a_manifest_that_cannot_be_read_costs_no_row(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    (run.folder / MANIFEST).write_text("{")
    again = played_out(study(tmp_path))
    assert again.last is not None
    assert again.last.played == 0
    assert again.last.reused == 70
