"""A study is priced before it is played, and what is too much for this machine is said with what to lower."""

from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.scenario import from_text
from sim.scenario.resolved import Scenario
from sim.study import room as priced
from sim.study.room import Machine, left_in_container, memory_of, room_for, too_much
from sim.telemetry import SEEN_BUCKETS


def changed(good: str, bad: str) -> Scenario:
    assert good in cli_files.SMALL
    return from_text(cli_files.SMALL.replace(good, bad))


def test_the_histogram_is_as_wide_as_the_one_that_is_played() -> None:
    assert priced.SEEN == SEEN_BUCKETS


def test_the_price_names_requests_memory_rows_and_time() -> None:
    room = room_for(changed("cap: 4", "cap: 40"), workers=2)
    assert room.requests == pytest.approx(5 * (12 * 60 + 30))
    assert room.plays[0] <= room.plays[1]
    assert all(word in room.words() for word in ("3,750 requests", "a row each", "each of 2 processes", "on disk"))


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ("users: {count: 100}", "users: {count: 100000000}", "traffic.users.count"),
        ("study: {", "study: {window: 100ms, ", "longer study.window"),
        ("  queue: 20", "  queue: 20\n  proxies: 1000", "service.replicas or service.proxies"),
    ],
)
def test_what_takes_the_memory_is_what_is_named(good: str, bad: str, words: str) -> None:
    text = cli_files.SMALL.replace("replicas: 2", "replicas: 2000").replace("horizon: 12m", "horizon: 7d")
    scenario = from_text(text.replace("cpu: 4, memory: 8Gi", "cpu: 40, memory: 800Gi").replace(good, bad))
    small = Machine(memory=memory_of(scenario) / 2, disk=None)
    told = list(too_much(room_for(scenario, workers=1), small, scenario))
    assert any("of memory" in line and words in line for line in told)


def test_nothing_is_said_where_there_is_room() -> None:
    scenario = changed("cap: 4", "cap: 40")
    assert list(too_much(room_for(scenario, workers=1), Machine(memory=1e12, disk=1e12), scenario)) == []


def test_check_warns_and_run_stops_unless_it_is_told_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL)
    monkeypatch.setattr(priced, "this_machine", lambda results: Machine(memory=1e6, disk=1e12))
    assert ended(["check", str(file)]) == 0
    assert "warning: the study needs about" in " ".join(capsys.readouterr().out.split())
    command = ["run", str(file), "--executor", "in-process", "--results", str(tmp_path / "results")]
    assert ended(command) == 2
    assert "--anyway" in capsys.readouterr().err
    assert not (tmp_path / "results").exists(), "nothing was played"


def test_a_disk_that_is_too_small_and_a_study_of_days_are_said() -> None:
    scenario = changed("cap: 4", "cap: 1000000")
    told = list(too_much(room_for(scenario, workers=1), Machine(memory=None, disk=1e6), scenario))
    assert any("lower study.cap" in line for line in told)
    text = cli_files.SMALL.replace("peak: 5/s", "peak: 3k/s").replace("pilot: 3, cap: 4", "pilot: 300, cap: 400")
    endless = from_text(text.replace("horizon: 12m", "horizon: 30d"))
    assert any(
        "first look takes about" in line
        for line in too_much(room_for(endless), Machine(memory=None, disk=None), endless)
    )


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"memory.max": "1000", "memory.current": "700", "memory.stat": "anon 400\ninactive_file 200\n"}, 500.0),
        ({"memory.max": "max", "memory.current": "700", "memory.stat": "anon 400\n"}, None),
        (
            {
                "memory.limit_in_bytes": "1000",
                "memory.usage_in_bytes": "900",
                "memory.stat": "total_inactive_file 50\n",
            },
            150.0,
        ),
        ({"memory.max": "1000", "memory.current": "1100", "memory.stat": ""}, 0.0),
        ({}, None),
    ],
)
def test_what_a_container_has_left_is_its_limit_less_what_it_uses(
    tmp_path: Path, files: dict[str, str], left: float | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert left_in_container(tmp_path) == left
