"""What a scenario names is opened once, judged as it was opened, and read within bounds."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cli_files
import pyarrow
import pytest
from pyarrow import parquet

from sim.errors import ScenarioError
from sim.named_files import ANYWHERE, Inside, OutsideError, UnreadableError, content
from sim.scenario import load
from sim.scenario.csv_rows import csv_rows
from sim.scenario.parquet_rows import parquet_rows

SECRET = "service: {replicas: 77}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's folder, with a secret beside it."""
    inside = tmp_path / "inside"
    (inside / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text(SECRET)
    (inside / "own.yaml").write_text("own: 1\n")
    (inside / "deep" / "own.yaml").write_text("deep: 1\n")
    return inside


def read(folder: Path, path: str) -> bytes:
    return Inside.of([folder]).read(folder / path, 1000).data


@pytest.mark.parametrize(
    "path",
    ["../secret.yaml", "deep/../../secret.yaml", "link/secret.yaml", "out.yaml", "deep/deeper/up/../secret.yaml",
     "/etc/passwd", "../inside2/x.yaml", "../../../../../../etc/passwd", "absolute.yaml", "chain.yaml"],
)  # fmt: skip
def test_no_path_and_no_link_leads_out_of_the_folder(folder: Path, path: str) -> None:
    (folder.parent / "inside2").mkdir()
    (folder.parent / "inside2" / "x.yaml").write_text(SECRET)
    (folder / "link").symlink_to("..")
    (folder / "out.yaml").symlink_to("../secret.yaml")
    (folder / "absolute.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / "chain.yaml").symlink_to("deep/../out.yaml")
    (folder / "deep" / "deeper" / "up").symlink_to("../..")
    with pytest.raises(OutsideError, match="lies outside the folders"):
        read(folder, path)


def test_two_dots_after_a_link_go_to_where_the_link_led(folder: Path) -> None:
    (folder / "a").symlink_to("deep/deeper")
    assert read(folder, "a/../own.yaml") == b"deep: 1\n", "the system's own reading of this path"
    (folder / "deep" / "out").symlink_to(folder.parent)
    with pytest.raises(OutsideError):
        read(folder, "deep/out/../own.yaml")


@pytest.mark.parametrize("target", ["own.yaml", "deep/own.yaml", "deep/../own.yaml", "./deep/deeper/../own.yaml"])
def test_links_within_the_folder_are_followed(folder: Path, target: str) -> None:
    (folder / "link.yaml").symlink_to(target)
    (folder / "whole.yaml").symlink_to(folder / target)
    assert read(folder, "link.yaml") == read(folder, "whole.yaml") == (folder / target).read_bytes()


def test_a_folder_that_is_itself_called_by_a_link_is_read(folder: Path) -> None:
    called = folder.parent / "called"
    called.symlink_to(folder)
    assert Inside.of([called]).read(called / "own.yaml", 1000).data == b"own: 1\n"
    with pytest.raises(OutsideError):
        Inside.of([called]).read(called / "../secret.yaml", 1000)


def test_a_link_that_leads_to_itself_comes_to_an_end(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(UnreadableError, match="too many links"):
        read(folder, "loop.yaml")


@pytest.mark.parametrize("swapped", ["deep", "deep/own.yaml"])
def test_a_link_that_takes_the_place_of_what_was_looked_at_is_not_followed(
    folder: Path, swapped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "own.yaml").write_text(SECRET)
    opened = os.open
    name = Path(swapped).name

    def swap_then_open(path: str, flags: int, *rest: int, dir_fd: int | None = None) -> int:
        if path == name and not (folder / swapped).is_symlink():
            (folder / swapped).rename(folder / "moved away")
            (folder / swapped).symlink_to(folder.parent if name == "deep" else folder.parent / "secret.yaml")
        return opened(path, flags, *rest, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swap_then_open)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        read(folder, "deep/own.yaml")


def test_what_was_judged_is_what_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = os.fstat

    def swap_then_judge(number: int) -> os.stat_result:
        if (folder / "own.yaml").exists():
            (folder / "own.yaml").unlink()
            (folder / "own.yaml").symlink_to(folder.parent / "secret.yaml")
        return judged(number)

    monkeypatch.setattr(os, "fstat", swap_then_judge)
    assert read(folder, "own.yaml") == b"own: 1\n"


def scenario_of(folder: Path, how: str, named: str) -> Path:
    """A scenario in a folder that names another file."""
    text = cli_files.SMALL
    if how == "extends":
        text += f"extends: {named}\n"
    elif how == "profile":
        text = text.replace("{0m: 100%}", f"{{file: {named}, column: requests, every: 5m}}")
    else:
        replay = f"{{arrivals: {{kind: replay, file: {named}, column: at}}, work: 20ms}}"
        text = text.replace("{peak: 5/s, work: 20ms}", replay)
    (folder / "mine.yaml").write_text(text)
    return folder / "mine.yaml"


def placed(folder: Path, what: str) -> str:
    """Put something that is no plain file into a folder; its name."""
    if what == "pipe":
        os.mkfifo(folder / "named.csv")
    elif what == "folder":
        (folder / "named.csv").mkdir()
    elif what == "too much":
        with (folder / "named.csv").open("wb") as stream:
            stream.truncate(200_000_001)
    return {"device": "/dev/zero", "terminal": "/dev/tty"}.get(what, "named.csv")


WHY = {"pipe": "named pipe", "folder": "is a folder", "device": "is a device", "too much": "is larger than"}


@pytest.mark.parametrize("how", ["extends", "profile", "replay"])
@pytest.mark.parametrize("what", WHY)
def test_what_is_no_plain_file_of_a_fair_size_is_refused_where_it_is_named(tmp_path: Path, how: str, what: str) -> None:
    file = scenario_of(tmp_path, how, placed(tmp_path, what))
    with pytest.raises(ScenarioError, match=WHY[what]) as refused:
        load(file)
    assert refused.value.problems[0].line, "told at the line that names it"


@pytest.mark.parametrize("how", ["extends", "profile", "replay"])
@pytest.mark.parametrize("what", ["pipe", "folder", "too much"])
def test_the_page_refuses_it_too_and_says_why(tmp_path: Path, how: str, what: str) -> None:
    file = scenario_of(tmp_path, how, placed(tmp_path, what))
    with pytest.raises(ScenarioError, match=WHY[what]):
        load(file, Inside.of([tmp_path]))


@pytest.mark.parametrize("how", ["extends", "profile", "replay"])
def test_the_page_reads_none_of_them_outside_its_folder(tmp_path: Path, how: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "named.csv").write_text("requests,at\n77,0s\n")
    file = scenario_of(inside, how, "../named.csv")
    with pytest.raises(ScenarioError, match="lies outside the folders") as refused:
        load(file, Inside.of([inside]))
    assert "77" not in str(refused.value)


@pytest.fixture
def pipe() -> Iterator[tuple[str, int]]:
    """The name by which the shell hands over a pipe, and its other end."""
    ours, theirs = os.pipe()
    yield f"/dev/fd/{ours}", theirs
    os.close(ours)


def test_a_pipe_that_is_handed_over_is_read_however_slowly_it_comes(pipe: tuple[str, int]) -> None:
    name, theirs = pipe

    def say() -> None:
        for part in (b"a: ", b"1", b"\n"):
            os.write(theirs, part)
        os.close(theirs)

    threading.Thread(target=say).start()
    assert ANYWHERE.read(name, 1000).data == b"a: 1\n"


def test_a_pipe_that_never_ends_is_left(pipe: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PATIENCE", 0.05)
    os.write(pipe[1], b"a: 1\n")
    with pytest.raises(UnreadableError, match="did not come to its end"):
        ANYWHERE.read(pipe[0], 1000)
    os.close(pipe[1])


def test_a_pipe_without_an_end_is_read_no_further_than_its_bound(pipe: tuple[str, int]) -> None:
    os.write(pipe[1], b"x" * 1001)
    with pytest.raises(UnreadableError, match="larger than 1,000 bytes"):
        ANYWHERE.read(pipe[0], 1000)
    os.close(pipe[1])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (b"at,requests\n0s," + b"7" * 100_000_000 + b"\n", "line 2 has more than 1,000,000 characters"),
        (b'at,requests\n0s,"' + b"7\n" * 100_000 + b'"\n', "a cell has more than 131,072 characters"),
        (b"," * 2_000_000, "line 1 has more than"),
        (b"\0" * 1000, "NUL bytes"),
        ("requests\n7\n".encode("utf-16-le"), "NUL bytes"),
    ],
    ids=["a cell of 100 MB", "a cell of many lines", "a line of commas", "zeros", "UTF-16 without a mark"],
)
def test_a_table_without_measure_is_refused_by_its_line(table: bytes, told: str) -> None:
    with pytest.raises(UnreadableError, match=told):
        list(csv_rows(table, ["requests"]))


def parquet_of(**columns: object) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), written, compression="zstd")
    return written.getvalue()


def zeros(count: int) -> bytes:
    """So many rows in a few kilobytes."""
    return parquet_of(requests=pyarrow.nulls(count, pyarrow.int8()))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: zeros(20_000_000), "has 20,000,000 rows; allowed: up to 10,000,000"),
        (lambda: parquet_of(requests=["7" * 10_000_000]), "a cell has 10,000,000 characters"),
        (lambda: parquet_of(requests=[[7]]), "its column requests holds list"),
        (lambda: zeros(1000)[:-20], "cannot be read as Parquet"),
        (lambda: b"PAR1" + b"\xff" * 100 + b"PAR1", "cannot be read as Parquet"),
    ],
    ids=["too many rows", "a long cell", "lists", "cut short", "no Parquet"],
)
def test_a_small_file_that_stands_for_much_is_refused_before_it_is_built(made: Callable[[], bytes], told: str) -> None:
    table = made()
    assert len(table) < 1_000_000
    with pytest.raises(UnreadableError, match=told):
        list(parquet_rows(table, ["requests"]))


def test_parquet_is_read_as_text_whatever_its_columns_hold() -> None:
    table = parquet_of(requests=[7, None], name=["web", "é"], beside=[[1], [2]], share=[0.5, 1.0])
    assert list(parquet_rows(table, ["requests"])) == [
        (1, ["requests", "name", "share"]), (2, ["7", "web", "0.5"]), (3, ["", "é", "1.0"]),
    ]  # fmt: skip
