"""``rollrisk watch``: what is shown at a moment is what had happened by then."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.replication import replicate
from sim.report.watching import Watched, picture, sparkline
from sim.scenario import from_text

pytestmark = pytest.mark.usefixtures("undrawn")
MINUTE = 60 * 10**9


@pytest.fixture(scope="module")
def watched() -> Watched:
    scenario = from_text(cli_files.SMALL)
    record = replicate(scenario, strategy="step-by-step", case="errors", index=1, story=True)
    return Watched(record=record, scenario=scenario)


def told(watched: Watched, now: int) -> str:
    return "\n".join(picture(watched, now))


def test_at_the_start_nothing_has_gone_wrong_yet(watched: Watched) -> None:
    assert "[....................] 0 % to the new version" in told(watched, 0)
    assert "gate" not in told(watched, 0)


def test_in_the_middle_the_canary_serves_its_weight(watched: Watched) -> None:
    middle = told(watched, MINUTE)
    assert "[####................] 20 % to the new version" in middle
    assert "└─ new/0" in middle
    assert "ready" in middle


def test_at_the_end_the_verdicts_have_fallen_and_the_canary_is_gone(watched: Watched) -> None:
    last = told(watched, watched.end)
    assert "FAILS" in last
    assert "aborted" in last
    assert "new/0" not in last
    assert "new       0 pods" in last


def test_weather_is_shown_while_it_lasts(watched: Watched) -> None:
    story = replicate(watched.scenario, strategy="step-by-step", case="errors", index=1, story=True)
    assert story.journal is not None
    story.journal.tell(MINUTE, "weather", "rush", "brings up to 2 times as many requests: web")
    story.journal.tell(2 * MINUTE, "calm", "rush", "is over")
    during, after = (told(Watched(record=story, scenario=watched.scenario), n * MINUTE) for n in (1, 2))
    assert "weather   rush since 1m: brings up to 2 times as many requests: web" in during
    assert "weather" not in after


def test_pods_of_a_fix_are_listed_among_the_stable_ones(watched: Watched) -> None:
    story = replicate(watched.scenario, strategy="step-by-step", case="errors", index=1, story=True)
    assert story.journal is not None
    story.journal.tell(MINUTE, "pod", "fixed/0", "ready")
    lines = told(Watched(record=story, scenario=watched.scenario), MINUTE).splitlines()
    stable, new = (next(n for n, line in enumerate(lines) if line.startswith(word)) for word in ("stable", "new"))
    assert stable < next(n for n, line in enumerate(lines) if "fixed/0" in line) < new


def test_no_line_is_wider_than_the_terminal(watched: Watched) -> None:
    assert max(len(line) for line in picture(watched, watched.end, width=60)) <= 60


def test_a_sparkline_keeps_the_order_of_its_shares() -> None:
    assert sparkline([0.0, 0.1, 0.2, 0.4], 0.4) == "".join(sorted(sparkline([0.4, 0.0, 0.2, 0.1], 0.4)))


def test_a_pipe_gets_the_last_moment_and_at_gets_the_one_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL)
    asked = ["watch", str(file), "-s", "step-by-step", "-c", "errors", "-i", "1"]
    assert ended(asked) == Status.DONE
    assert "FAILS" in capsys.readouterr().out
    assert ended([*asked, "--at", "1m"]) == Status.DONE
    assert "FAILS" not in capsys.readouterr().out
    assert ended([*asked, "--at", "soon"]) == Status.BAD_INPUT
    assert "--at 'soon'" in capsys.readouterr().err


def test_in_a_terminal_it_plays_to_the_end(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sim", "watch", str(file), "-s", "step-by-step", "-c", "errors", "--speed", "1000"]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env={**os.environ, "TERM": "xterm"}) as run:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # the other side has closed
            pass
        assert run.wait(600) == 0
    os.close(ours)
    assert "aborted" in seen.decode()
