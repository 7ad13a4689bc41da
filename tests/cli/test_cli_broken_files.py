"""Whatever a file holds, ``check`` answers with its place and what is allowed, and never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended

pytestmark = pytest.mark.usefixtures("undrawn")
GOOD = cli_files.SMALL.lstrip()


def changed(good: str, bad: str) -> bytes:
    assert good in GOOD
    return GOOD.replace(good, bad, 1).encode()


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "a mapping for a number": (changed("replicas: 2", "replicas: {a: 1}"), ":5:13: service.replicas:", "write e.g. 8"),
    "a list for a number": (changed("replicas: 2", "replicas: [2]"), ":5:13: service.replicas:", "a whole number"),
    "yes for a number": (changed("replicas: 2", "replicas: yes"), ":5:13: service.replicas:", "'yes'"),
    "figures of another script": (changed("replicas: 2", "replicas: \uff15"), ":5:13: service.replicas:", "write e.g."),
    "an unknown unit": (changed("start: 2s", "start: 2 parsecs"), ":9:61: service.pod.app.start:", "'45s'"),
    "no unit": (changed("start: 2s", "start: 2"), ":9:61: service.pod.app.start:", "no unit of time"),
    "a date for a duration": (changed("12m", "2026-01-01"), ": study.horizon:", "as a duration"),
    "a clock for a duration": (changed("12m", "1:00:00"), ": study.horizon:", "as a duration"),
    "a negative number": (changed("replicas: 2", "replicas: -2"), ":5:13: service.replicas:", "below 0"),
    "not a number": (changed("error_rate, rate: 20%", "error_rate, rate: .nan"), "errors.rate:", "write e.g. '5%'"),
    "infinity": (changed("error_rate, rate: 20%", "error_rate, rate: .inf"), "errors.rate:", "write e.g. '5%'"),
    "a number beyond floats": (changed("replicas: 2", "replicas: 1e999"), ":5:13: service.replicas:", "not a whole"),
    "a number of 5,000 figures": (changed("replicas: 2", "replicas: " + "9" * 5000), ":5:13:", "too long"),
    "a fleet beyond memory": (changed("replicas: 2", "replicas: 9999999"), ":5:13: service.replicas:", "1 to 50,000"),
    "a pool beyond memory": (changed("count: 2", "count: 9999999"), "nodes.count:", "1 to 50,000"),
    "users beyond memory": (changed("count: 100}", "count: 1000T}"), "traffic.users.count:", "1 to 100,000,000"),
    "too many requests": (changed("peak: 5/s", "peak: 9M/s").replace(b"12m", b"40m"), "streams:", "lower the peaks"),
    "a horizon beyond memory": (changed("12m", "3000d"), "study.horizon:", "allowed: 0s to 31d"),
    "a hold beyond memory": (changed("horizon: 12m, ", "").replace(b"4m", b"99d"), "strategies:", "shorten"),
    "an interval of nothing": (changed("success: 95%", "success: 95%, every: 1ns"), "gates.ours.every:", "100ms"),
    "a key twice": (changed("queue: 20", "queue: 20\n  queue: 30"), ":8:3: service.queue:", "first in line 7"),
    "an unknown key": (changed("concurrency: 4", "concurency: 4"), ":6:3: service.concurency:", "'concurrency'?"),
    "an unknown section": (changed("gates:", "gate:"), ": gate:", "did you mean 'gates'?"),
    "an unknown kind": (changed("kind: canary", "kind: canry"), ".kind:", "did you mean 'canary'?"),
    "an empty section": (changed("nodes: {count: 2, cpu: 4, memory: 8Gi}", "nodes:"), ": nodes:", "write a mapping"),
    "a tab": (changed("  queue: 20", "\tqueue: 20"), ":7:1:", "not tabs"),
    "an anchor and its alias": (changed("replicas: 2", "replicas: &a 2\n  queue: *a"), ":6:10:", "alias *a"),
    "a merge key": (changed("  replicas: 2", "  <<: {a: 1}\n  replicas: 2"), "'<<'", "unknown key"),
    "a tag": (changed("replicas: 2", "replicas: !!python/object:os.system 2"), ":5:13:", "is not read"),
    "an open bracket": (changed("{count: 2,", "{count: [2,"), ":10:", "not YAML"),
    "a tower of brackets": (changed("small service", "[" * 100 + "]" * 100), ":2:46:", "nested deeper than 40"),
    "two documents": (GOOD.encode() + b"---\n" + GOOD.encode(), ":26:1:", "one scenario per file"),
    "another format": (changed("rollrisk: 1", "rollrisk: 2"), ":1:11: rollrisk:", "allowed: 1"),
    "no format": (changed("rollrisk: 1\n", ""), "rollrisk:", "begin the file with 'rollrisk: 1'"),
    "nothing": (b"", "", "the file is empty"),
    "a comment alone": (b"# to do\n", "", "the file is empty"),
    "a list": (b"- a\n- b\n", "", "does not hold a mapping"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ":1:1:", "byte 0x89 is not UTF-8"),
    "Latin letters of one byte": (changed("small", "sm\u00e4ll").decode().encode("latin-1"), ":2:9:", "not UTF-8"),
    "letters of two bytes": (GOOD.encode("utf-16"), ":1:1:", "save the file as UTF-8"),
    "a zero byte": (GOOD.encode() + b"\0", ":26:1:", "U+0000"),
    "more than a book": (b"#" * 2_000_000, "", "larger than 1,000,000 bytes"),
    "a title that steers the terminal": (changed("small service", '"\\e[31mred"'), ":2:7: name:", "U+001B"),
    "a title that turns text round": (changed("small service", '"a\\u202eb"'), ":2:7: name:", "U+202E"),
    "a title of two lines": (changed("small service", '"a\\nb"'), ":2:7: name:", "one line"),
    "a title without an end": (changed("small service", "x" * 5000), ":2:7: name:", "up to 120"),
    "a shared file of nowhere": (changed("rollrisk: 1", "rollrisk: 1\nextends: no.yaml"), ":2:10:", "No such file"),
    "a shared folder": (changed("rollrisk: 1", "rollrisk: 1\nextends: ."), ":2:10: extends:", "is a folder"),
    "itself as the shared file": (changed("rollrisk: 1", "rollrisk: 1\nextends: bad.yaml"), ":2:10:", "a cycle"),
    "a number as the shared file": (changed("rollrisk: 1", "rollrisk: 1\nextends: 3"), ":2:10:", "the path of a file"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_told_with_its_place_and_what_to_write(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, place, words = BROKEN[what]
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_bytes(content)
    assert ended(["check", "bad.yaml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert any(line.startswith("bad.yaml") and place in line and words in line for line in told.err.splitlines()), told


@pytest.mark.parametrize("what", BROKEN)
def test_no_message_carries_a_control_character(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(BROKEN[what][0])
    ended(["check", str(file)])
    assert all(sign.isprintable() or sign == "\n" for sign in capsys.readouterr().err.replace("\ufeff", ""))


def test_a_file_that_is_not_there_is_told_with_the_nearest_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("checkout.yaml").write_text(GOOD)
    assert ended(["check", "chekout"]) == 2
    assert "did you mean 'checkout.yaml'?" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()])
def test_the_marks_and_line_ends_of_other_systems_are_read(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_bytes(content)
    assert ended(["check", str(file)]) == 0


@pytest.mark.parametrize("shared", [False, True])
def test_a_named_pipe_is_refused_and_not_waited_for(shared: bool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "uses.yaml").write_text("rollrisk: 1\nextends: pipe.yaml\n")
    command = [sys.executable, "-m", "sim", "check", str(tmp_path / ("uses.yaml" if shared else "pipe.yaml"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, "named pipe" in done.stderr) == (2, True)


def test_what_the_shell_hands_over_as_a_pipe_is_read() -> None:
    command = [sys.executable, "-m", "sim", "check", "/dev/stdin"]
    done = subprocess.run(command, input=GOOD, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


def test_a_key_given_twice_hides_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(changed("queue: 20", "queue: 20\n  queue: 30").replace(b"gate: ours", b"gate: our", 1))
    ended(["check", str(file)])
    told = capsys.readouterr().err
    assert "given twice" in told
    assert "there is no gate 'our'" in told


def test_an_alias_is_told_once_and_not_as_a_missing_value_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(changed("replicas: 2", "replicas: *a"))
    ended(["check", str(file)])
    assert "bad.yaml: 1 problem\n" in capsys.readouterr().err
