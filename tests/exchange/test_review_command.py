"""``rollrisk review`` is quick, worst first, quiet about secrets, and what is accepted stays accepted until its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import own_manifests as own
import pytest
from test_no_secret_leaves import PLANTED, SECRETIVE

from sim.cli.main import ended
from sim.cli.status import Status
from sim.exchange.manifests import gathered
from sim.exchange.review.findings import findings
from sim.exchange.sources import Source

HEAVY = ("numba", "scipy", "pandas", "numpy", "matplotlib", "pyarrow", "simpy", "pydantic")
NO_HOOK = own.DEPLOYMENT.replace("preStop", "postStart") + "---" + own.SERVICE
BROKEN = own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO, "result >= 0.95"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return own.written(tmp_path, a_yaml=NO_HOOK, b_yaml=BROKEN)


def test_errors_exit_10_and_risks_do_not(folder: Path) -> None:
    assert ended(["review", "a.yaml"]) == Status.DONE
    assert ended(["review", "a.yaml", "--fail-on", "risk"]) == Status.FAILED
    assert ended(["review", "b.yaml"]) == Status.FAILED
    assert ended(["review", "b.yaml", "--fail-on", "never"]) == Status.DONE


def test_the_worst_stands_first_with_file_line_and_cure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended(["review", "."])
    told = capsys.readouterr().out
    assert told.startswith("error  condition-does-not-fit\n    ./b.yaml:")
    assert told.index("condition-does-not-fit") < told.index("no-pre-stop")
    assert "cure: write result[0]" in told
    assert max(map(len, told.splitlines())) <= 120


def test_findings_that_say_the_same_are_said_once_with_all_their_places(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "c.yaml").write_text(NO_HOOK.replace("name: shop}", "name: other}"))
    ended(["review", "a.yaml", "c.yaml"])
    told = capsys.readouterr().out
    assert told.count("no preStop hook") == 1
    assert "a.yaml:" in told
    assert "c.yaml:" in told


def test_json_and_sarif_hold_every_finding_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended(["review", ".", "--json"])
    plain = json.loads(capsys.readouterr().out)["findings"]
    ended(["review", ".", "--sarif"])
    run = json.loads(capsys.readouterr().out)["runs"][0]
    assert [each["ruleId"] for each in run["results"]] == [each["rule"] for each in plain]
    for each, finding in zip(run["results"], plain, strict=True):
        place = each["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (finding["file"], finding["line"])
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["level"] in ("error", "warning", "note")


@pytest.mark.parametrize("place", ["line", "head"])
def test_a_finding_is_accepted_in_place_until_its_end(
    place: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comment = "# rollrisk: accept no-pre-stop until {}: the sidecar drains for us\n"
    for until, left in (("2999-12-31", 0), ("2001-01-01", 1)):
        said = comment.format(until)
        spot = next(each for each in findings(gathered([Source("x", NO_HOOK)])) if each.rule == "no-pre-stop").spot
        lines = NO_HOOK.splitlines(keepends=True)
        lines.insert(spot.line - 1 if place == "line" else 0, (" " * 8 if place == "line" else "") + said)
        (folder / "a.yaml").write_text("".join(lines))
        ended(["review", "a.yaml", "--json"])
        found = json.loads(capsys.readouterr().out)
        assert len([each for each in found["findings"] if each["rule"] == "no-pre-stop"]) == left
        assert found["accepted"] == 1 - left
        assert all("has passed" in each["message"] for each in found["findings"])


@pytest.mark.parametrize(
    "comment",
    ["accept no-pre-stop", "accept no-pre-stop until soon: x", "accept no-pre-stop until 2999-12-31:",
     "accept nothing until 2999-12-31: x", "accept no-pre-stop until 2999-13-31: x"],
)  # fmt: skip
def test_an_acceptance_without_rule_end_and_reason_accepts_nothing(
    comment: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.yaml").write_text(f"# rollrisk: {comment}\n{NO_HOOK}")
    ended(["review", "a.yaml", "--json"])
    assert [each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["no-pre-stop", "acceptance"]


def test_an_acceptance_of_one_line_counts_for_no_other_document(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = NO_HOOK.replace("name: shop", "name: other").replace("app: shop", "app: other")
    (folder / "a.yaml").write_text(f"# rollrisk: accept no-pre-stop until 2999-12-31: x\n{NO_HOOK}---{other}")
    ended(["review", "a.yaml", "--json"])
    assert [each["object"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["Deployment other"]


def test_a_baseline_leaves_out_what_was_there_even_when_lines_move(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["review", "b.yaml", "--write-baseline", "known.json", "--fail-on", "never"]) == Status.DONE
    (folder / "b.yaml").write_text("# one line more\n" + BROKEN)
    assert ended(["review", ".", "--baseline", "known.json"]) == Status.DONE
    told = capsys.readouterr().out
    assert "no-pre-stop" in told
    assert ended(["review", ".", "--write-baseline", "known.json"]) == Status.BAD_INPUT
    (folder / "bad.json").write_text("[]")
    assert ended(["review", ".", "--baseline", "bad.json"]) == Status.BAD_INPUT
    assert ended(["review", ".", "--baseline", "none.json"]) == Status.BAD_INPUT


def test_no_path_is_an_error_of_usage_and_rules_can_be_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["review"]) == Status.BAD_INPUT
    assert ended(["review", "--rules"]) == Status.DONE
    assert "error  argo-two-strategies" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--json", "--sarif", "--fail-on=error"])
def test_a_review_says_nothing_that_was_planted(option: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "s.yaml").write_text(SECRETIVE)
    ended(["review", "s.yaml", option])
    captured = capsys.readouterr()
    assert "promql-does-not-parse" in captured.out
    assert PLANTED not in captured.out + captured.err


def test_a_review_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys; from sim.cli.main import ended; status = ended(['review', '.', '--fail-on', 'never']); "
        f"print('LOADED', status, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED 0 []"


def calls_of_a_review(copies: int) -> int:
    """Function calls that a review of so many services takes."""
    one = own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO)) + "---" + own.SERVICE
    texts = [Source(f"{number}.yaml", one.replace("shop", f"shop{number}")) for number in range(copies)]
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        assert findings(gathered(texts))
    finally:
        sys.setprofile(None)
    return counted


def test_the_work_of_a_review_grows_with_the_manifests_and_not_with_their_square() -> None:
    assert calls_of_a_review(40) < 2.3 * calls_of_a_review(20)
