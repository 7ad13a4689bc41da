"""What nobody has measured is called a guess wherever it is shown, until it has been measured."""

from __future__ import annotations

import json
from pathlib import Path

import own_manifests as own
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.errors import ScenarioError
from sim.scenario import from_text, identity

Capture = pytest.CaptureFixture[str]
TEXT = """
rollrisk: 1
name: shop
service: {replicas: 4, concurrency: 8, pod: {app: {image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic: {users: {count: 1000}, streams: {web: {peak: 40/s, work: 50ms}}}
release: {baseline_errors: 0.1%, change_failure_rate: 10%, defects: {errors: {share: 100%, kind: error_rate, rate: 5%}}}
oncall: {notices_at: 2%, reacts: {p50: 10m, p95: 30m}}
strategies: {rolling: {kind: rolling, surge: 25%, unavailable: 25%}, blue-green: {kind: blue_green}}
study: {pilot: 2, cap: 2}
guesses:
  traffic.streams.web.peak: only you can know
  service.concurrency: usual for one core
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "shop.yaml"
    file.write_text(TEXT)
    return file


def test_a_guess_stands_with_its_value_and_its_reason() -> None:
    found = [(each.path, each.value, each.why) for each in from_text(TEXT).guesses]
    assert found == [
        ("traffic.streams.web.peak", "40/s", "only you can know"),
        ("service.concurrency", "8", "usual for one core"),
    ]


def test_a_guess_at_nothing_says_what_is_near() -> None:
    with pytest.raises(ScenarioError) as told:
        from_text(TEXT.replace("traffic.streams.web.peak: only", "traffic.streams.web.peek: only"))
    assert "no value is written at traffic.streams.web.peek" in str(told.value)
    assert "did you mean 'traffic.streams.web.peak'" in str(told.value)


def test_that_something_is_a_guess_changes_no_result() -> None:
    assert identity(from_text(TEXT)) == identity(from_text(TEXT.partition("guesses:")[0]))


def test_what_import_guesses_is_named_as_a_guess(tmp_path: Path, capsys: Capture) -> None:
    folder = own.written(tmp_path, shop_yaml=own.DEPLOYMENT)
    assert ended(["import", str(folder / "shop.yaml")]) == Status.DONE
    text = capsys.readouterr().out
    scenario = from_text(text)
    guessed = {each.path for each in scenario.guesses}
    assert {"release.change_failure_rate", "release.baseline_errors", "oncall"} <= guessed
    assert "service.replicas" not in guessed
    assert text.count("GUESS") >= len(guessed)


def test_plan_tells_guesses_before_defaults(shop: Path, capsys: Capture) -> None:
    assert ended(["plan", str(shop)]) == Status.DONE
    out = capsys.readouterr().out
    assert out.index("Guesses: measure these first") < out.index("Defaults, the least trusted first")
    assert "peak: 40/s  # (guess)" in out
    assert ended(["plan", str(shop), "--json"]) == Status.DONE
    assert [each["path"] for each in json.loads(capsys.readouterr().out)["guesses"]] == [
        "traffic.streams.web.peak", "service.concurrency",
    ]  # fmt: skip


@pytest.mark.usefixtures("undrawn")
def test_the_report_and_its_summary_name_guesses_first(shop: Path, capsys: Capture) -> None:
    ended(["run", str(shop), "--workers", "1", "-q", "--results", "out"])
    (folder,) = (each for each in Path("out").iterdir() if each.is_dir())
    page, summary = (folder / "report.html").read_text(), (folder / "report.md").read_text()
    assert "written in the scenario, measured by nobody" in page
    assert "usual for one core" in page
    assert "- guess: `traffic.streams.web.peak` = 40/s" in summary
    assert "Guessed: traffic.streams.web.peak, service.concurrency" in page


def test_what_has_been_measured_is_a_guess_no_more(shop: Path, capsys: Capture) -> None:
    rows = [f"{1_772_452_800 + 60 * at},{600 + at % 7}" for at in range(120)]
    (shop.parent / "counts.csv").write_text("time,requests\n" + "\n".join(rows) + "\n")
    assert ended(["calibrate", str(shop), "--from", "counts.csv", "-o", "new.yaml"]) == Status.DONE
    assert [each.path for each in from_text(Path("new.yaml").read_text()).guesses] == ["service.concurrency"]


def test_a_list_of_releases_settles_the_guesses_it_knows(shop: Path, capsys: Capture) -> None:
    shop.write_text(TEXT + "  release.change_failure_rate: from a survey\n")
    rows = [f"2026-01-{day:02d},{'rolled back' if day % 5 == 0 else 'good'}" for day in range(1, 29)]
    (shop.parent / "releases.csv").write_text("time,result\n" + "\n".join(rows) + "\n")
    assert ended(["calibrate", str(shop), "--from", "releases.csv", "-o", "new.yaml"]) == Status.DONE
    assert len(from_text(Path("new.yaml").read_text()).guesses) == 2


def test_the_last_guess_takes_the_section_with_it(shop: Path, capsys: Capture) -> None:
    shop.write_text(TEXT.replace("  service.concurrency: usual for one core\n", ""))
    rows = [f"{1_772_452_800 + 60 * at},{600 + at % 7}" for at in range(120)]
    (shop.parent / "counts.csv").write_text("time,requests\n" + "\n".join(rows) + "\n")
    assert ended(["calibrate", str(shop), "--from", "counts.csv", "-o", "new.yaml"]) == Status.DONE
    assert "guesses" not in Path("new.yaml").read_text()
