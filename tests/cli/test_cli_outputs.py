"""A file that a command is told to write never costs another file, and reaches what is no file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.outputs import inputs_of
from sim.cli.status import Status
from sim.errors import UsageError
from sim.study import outputs
from sim.study.outputs import JUNIT, PAGE, PDF, PNG, SVG, Kind, check, write

pytestmark = pytest.mark.usefixtures("undrawn")
Capture = pytest.CaptureFixture[str]
OURS = b'<testsuites name="rollrisk">\n</testsuites>\n'


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(cli_files.SMALL)
    return Path("small.yaml")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "small.yaml", "--junit", "notes.txt"],
        ["sweep", "small.yaml", "--vary", "service.queue=5,20", "--csv", "notes.txt"],
        ["power", "small.yaml", "--plot", "notes.svg"],
        ["run", "small.yaml", "--results", "notes.txt"],
        ["run", "small.yaml", "small.yaml", "--results", "site"],
        ["capacity", "small.yaml", "--results", "site"],
        ["init", "notes.txt"],
    ],
)
def test_a_file_of_another_kind_is_refused_before_anything_is_played(
    arguments: list[str], small: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def played(*arguments: object, **named: object) -> None:
        raise AssertionError("played")

    for place in ("sim.study.run", "sim.whatif.sweep.run", "sim.whatif.power.power_of", "sim.whatif.capacity.review"):
        monkeypatch.setattr(place, played)
    Path("site").mkdir()
    mine = [Path(name) for name in ("notes.txt", "notes.svg", "site/index.html", "site/small-service-capacity.html")]
    for path in mine:
        path.write_text("mine")
    assert ended(arguments) == Status.BAD_INPUT
    assert all(path.read_text() == "mine" for path in mine)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("output", ["--junit", "--results"])
def test_an_input_is_never_written_over_even_by_force(output: str, small: Path, capsys: Capture) -> None:
    os.link(small, "same.xml")
    assert ended(["run", str(small), output, "same.xml", "--force"]) == Status.BAD_INPUT
    assert small.read_text() == cli_files.SMALL


def test_a_file_that_a_scenario_names_is_an_input(small: Path) -> None:
    Path("counts.csv").write_text("0m,1\n")
    Path("base.yaml").write_text("rollrisk: 1\ntraffic: {profile: {file: counts.csv}}\n")
    Path("mine.yaml").write_text("rollrisk: 1\nextends: base.yaml\n")
    assert inputs_of([Path("mine.yaml")]) == [Path("mine.yaml"), Path("base.yaml"), Path("counts.csv")]
    with pytest.raises(UsageError, match="this command reads it"):
        check(Path("counts.csv"), JUNIT, inputs=inputs_of([Path("mine.yaml")]), force=True)


@pytest.mark.parametrize("there", [None, b"", OURS])
def test_what_is_missing_empty_or_our_own_is_replaced(there: bytes | None, tmp_path: Path) -> None:
    if there is not None:
        (tmp_path / "risk.xml").write_bytes(there)
    write(tmp_path / "risk.xml", OURS + b"new", JUNIT)
    assert (tmp_path / "risk.xml").read_bytes() == OURS + b"new"


def test_force_replaces_any_file_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path / "notes.txt", OURS, JUNIT, force=True)
    assert (tmp_path / "notes.txt").read_bytes() == OURS
    with pytest.raises(UsageError, match="it is a folder"):
        write(tmp_path, OURS, JUNIT, force=True)


@pytest.mark.parametrize("there", [b"mine", b"", None])
def test_a_link_is_written_through_and_stays_a_link(there: bytes | None, tmp_path: Path) -> None:
    target, link = tmp_path / "target.xml", tmp_path / "link.xml"
    link.symlink_to(target)
    if there is not None:
        target.write_bytes(there)
    if there == b"mine":
        with pytest.raises(UsageError, match="is there already"):
            write(link, OURS, JUNIT)
        return
    write(link, OURS, JUNIT)
    assert link.is_symlink()
    assert target.read_bytes() == OURS


def test_a_named_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(tmp_path / "pipe", OURS, JUNIT)
    reader.join()
    assert read == [OURS]
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]


def test_a_device_and_an_open_descriptor_are_written_to(tmp_path: Path) -> None:
    write(Path("/dev/null"), OURS, JUNIT)
    with open(tmp_path / "log", "wb+") as log:
        log.write(b"first\n")
        log.flush()
        write(Path(f"/dev/fd/{log.fileno()}"), OURS, JUNIT)
        log.write(b"last\n")
    assert (tmp_path / "log").read_bytes() == b"first\n" + OURS + b"last\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_that_is_full_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="cannot write /dev/full: No space left"):
        write(Path("/dev/full"), OURS, JUNIT)


@pytest.mark.parametrize(("suffix", "kind"), [(".svg", SVG), (".png", PNG), (".pdf", PDF)])
def test_a_picture_of_ours_is_known_and_another_is_not(suffix: str, kind: Kind, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    from sim.whatif.curves import FORMATS

    figure, mine, other = Figure(), tmp_path / f"mine{suffix}", tmp_path / f"other{suffix}"
    figure.savefig(mine, metadata={FORMATS[suffix][1]: "rollrisk"})
    figure.savefig(other)
    assert (kind.is_kind_of(mine), kind.is_kind_of(other)) == (True, False)


def test_every_kind_of_table_and_page_begins_with_its_own_mark(tmp_path: Path) -> None:
    from dataclasses import fields

    from sim.report.capacity_text import OPTION_COLUMNS
    from sim.report.overview import Line, csv_text, page

    found = {
        outputs.CAPACITY_TABLE: ",".join(OPTION_COLUMNS),
        outputs.OVERVIEW_TABLE: csv_text([]),
        outputs.PAGE: page([], made="now"),
        outputs.OVERVIEW_MEMORY: '{\n  "a service": {\n    "file": "a.yaml"',
        outputs.SWEEP_TABLE: "service.queue,strategy,value,low,high,n,recommended\n5,a,1,1,1,2,a\n",
    }
    for kind, text in found.items():
        (tmp_path / "output").write_text(text)
        assert kind.is_kind_of(tmp_path / "output"), kind
        assert [other for other in found if other.is_kind_of(tmp_path / "output")] == [kind]
    assert fields(Line)[0].name == "file"


def test_a_page_that_somebody_else_wrote_is_no_page_of_ours(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>my site</title>")
    with pytest.raises(UsageError, match="is no page of rollrisk"):
        check(tmp_path / "index.html", PAGE)


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHON": sys.executable}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize("status", [0, 2])
def test_a_reader_who_has_seen_enough_changes_no_status(status: int, small: Path) -> None:
    file = "small.yaml" if status == 0 else "small.yaml missing.yaml"
    done = shell(f'"$PYTHON" -m sim check {file} | true; exit ${{PIPESTATUS[0]}}', Path.cwd())
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_a_full_disk_behind_standard_output_is_said(small: Path) -> None:
    done = shell('"$PYTHON" -m sim check small.yaml > /dev/full', Path.cwd())
    assert done.returncode == Status.BAD_INPUT
    assert done.stderr.strip() == "the answer could not be written to standard output: No space left on device"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_changes_no_status(closed: str, small: Path) -> None:
    assert shell(f'"$PYTHON" -m sim check small.yaml {closed}', Path.cwd()).returncode == 0
