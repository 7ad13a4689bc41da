"""What a script may rely on: exit statuses, streams, and a light start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cli_files
import pytest

from sim.cli import kinds, main
from sim.cli.status import MEANINGS, Status

HEAVY = ("numba", "scipy", "pandas", "matplotlib", "pyarrow", "simpy")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL)
    return file


@pytest.mark.parametrize("arguments", [["--help"], ["kinds"], ["schema"], ["check"], ["plan"], ["run", "--help"]])
def test_light_verbs_import_nothing_heavy(arguments: list[str], small: Path) -> None:
    given = [*arguments, str(small)] if arguments[0] in ("check", "plan") else arguments
    code = (
        "import sys; from sim.cli.main import ended; status = ended(sys.argv[1:]); "
        f"print('LOADED', status, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED 0 []"


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_what_is_asked_before_a_run_loads_no_arrays(verb: str, small: Path) -> None:
    code = "import sys; from sim.cli.main import ended; ended(sys.argv[1:]); print('numpy' in sys.modules)"
    given = [sys.executable, "-c", code, verb, str(small)]
    done = subprocess.run(given, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_the_help_reads_no_scenario_model() -> None:
    code = "import sys; from sim.cli.main import ended; ended(['--help']); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("verb", main.VERBS)
def test_the_help_of_every_verb_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.ended([verb, "--help"]) == 0
    assert f"  rollrisk {verb}" in capsys.readouterr().out.partition("Examples:")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_what_completes_the_verbs(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.ended(["completion", shell]) == 0
    assert "_ROLLRISK_COMPLETE" in capsys.readouterr().out
    asked = {"_ROLLRISK_COMPLETE": "bash_complete", "COMP_WORDS": "rollrisk tra", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sim"], capture_output=True, text=True, env={**os.environ, **asked}, check=False
    )
    assert "plain,trace" in done.stdout


def test_every_exit_status_stands_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.ended(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for status, meaning in MEANINGS.items():
        assert f"{status.value} {meaning}" in told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rnu"],
        ["run"],
        ["run", "no-such-file.yaml"],
        ["run", "--cap", "many", "x.yaml"],
        ["check", "no-such-file.yaml"],
        ["kinds", "nonsense"],
        ["trace", "no-such-file.yaml", "--strategy", "x"],
    ],
)
def test_wrong_usage_exits_2_without_a_traceback(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.ended(arguments) == Status.BAD_INPUT
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.err.strip()


def test_a_mistyped_verb_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    main.ended(["chekc"])
    assert "Did you mean 'check'?" in capsys.readouterr().err


def test_a_fault_of_ours_exits_1_and_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(main.rollrisk, "main", broken)
    assert main.ended(["kinds"]) == Status.UNEXPECTED
    told = capsys.readouterr().err
    assert "a wheel came off" in told
    assert "Please report it" in told


def test_an_interrupt_exits_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.rollrisk, "main", interrupted)
    assert main.ended(["kinds"]) == Status.INTERRUPTED
    assert "the same command goes on" in capsys.readouterr().err


def test_the_end_of_a_damaged_file_is_no_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """click takes every EOFError for a person who pressed Ctrl-D."""

    def damaged(*arguments: object, **options: object) -> None:
        raise EOFError("Ran out of input")

    monkeypatch.setattr(kinds.command, "invoke", damaged)
    assert main.ended(["kinds"]) == Status.UNEXPECTED
    told = capsys.readouterr().err
    assert "Ran out of input" in told
    assert "interrupted" not in told


def test_a_reader_who_has_seen_enough_gets_no_traceback(small: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m sim schema | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "{"
    assert done.stderr == ""


def test_nothing_is_coloured_when_piped(small: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "plan", str(small)],
        capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert not re.search(r"\x1b\[", done.stdout + done.stderr)


def test_a_narrow_locale_costs_a_sign_and_not_the_answer(small: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "check", str(small)],
        capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert b"OK, small service" in done.stdout
