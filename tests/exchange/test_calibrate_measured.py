"""``rollrisk calibrate`` with what was measured, as it is typed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from measured_data import PLANTED, START, answer, log_line, samples

from sim.cli.main import ended
from sim.cli.status import Status
from sim.scenario import load

Capture = pytest.CaptureFixture[str]
SHOP = """\
rollrisk: 1
name: shop
service: {replicas: 4, concurrency: 8, pod: {app: {start: 5s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic:
  streams: {pay: {peak: 40/s, work: 50ms}}   # a guess
release:
  baseline_errors: 0.1%   # from the dashboard
  change_failure_rate: 10%   # nobody knows
  defects: {errors: {share: 100%, kind: error_rate, rate: 5%}}
oncall: {notices_at: 2%, reacts: 10m}
strategies: {rolling: rolling}
study: {horizon: 30m}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    return file


def a_log(minutes: int, per_second: int = 2, bad_of: int = 100) -> str:
    lines = [
        log_line(at // per_second, status=503 if at % bad_of == 0 else 200) for at in range(minutes * 60 * per_second)
    ]
    return "\n".join(lines) + "\n"


def test_an_access_log_says_how_much_comes_and_what_fails(shop: Path, capsys: Capture) -> None:
    log, new = shop.with_name("access.log"), shop.with_name("new.yaml")
    log.write_text(a_log(40))
    assert ended(["calibrate", str(shop), "--from", str(log), "-o", str(new)]) == Status.DONE
    found = load(new)
    assert found.traffic.streams[0].peak == pytest.approx(2, rel=0.02)
    assert found.release.baseline_errors == pytest.approx(0.01, rel=0.02)
    assert found.observed is not None
    assert found.observed.p50 == 123_000_000
    text = new.read_text()
    assert "# nobody knows" in text
    assert "access.log: 48 of 4,800 requests failed" in text
    assert PLANTED not in text + capsys.readouterr().out
    assert shop.read_text() == SHOP


def test_a_patch_changes_nothing_and_applies(shop: Path, capsys: Capture) -> None:
    log = shop.with_name("access.log")
    log.write_text(a_log(5))
    assert ended(["calibrate", str(shop), "--from", str(log), "--patch"]) == Status.DONE
    out = capsys.readouterr().out
    assert out.startswith(f"--- {shop}") or out.startswith("--- shop.yaml")
    assert "+  baseline_errors: 1%" in out
    assert "-  baseline_errors: 0.1%" in out
    assert shop.read_text() == SHOP


def test_requests_and_errors_of_two_files_go_together(shop: Path, capsys: Capture) -> None:
    rates, errors = shop.with_name("rates.json"), shop.with_name("errors.json")
    rates.write_text(answer(samples([20.0] * 60)))
    errors.write_text(answer(samples([0.1, 0.3] * 30)))
    asked = ["calibrate", str(shop), "--from", f"requests={rates}", "--from", f"errors={errors}"]
    assert ended(asked) == Status.DONE
    out = capsys.readouterr().out
    assert "peak: 20/s" in out
    assert "baseline_errors: 1%" in out
    assert "720 of 72,000 requests failed" in out


def test_several_days_make_a_typical_one_from_the_hour_asked_for(shop: Path, capsys: Capture) -> None:
    hours = np.arange(14 * 24)
    rate = 100 + 50 * np.sin(2 * np.pi * ((hours + 12) % 24 - 6) / 24)  # the samples begin at noon; the top is at noon
    text = answer(samples(rate.tolist(), every=3600))
    file = shop.with_name("rates.json")
    file.write_text(text)
    assert ended(["calibrate", str(shop), "--from", f"requests={file}", "--at", "Wed 06:00"]) == Status.DONE
    out, err = capsys.readouterr()
    assert "from Wed 06:00 UTC on, 2 days" in out
    assert "Wed" in err
    assert ended(["calibrate", str(shop), "--from", f"requests={file}"]) == Status.DONE
    assert "14 days" in capsys.readouterr().out


def test_a_load_test_says_nothing_of_users(shop: Path, capsys: Capture) -> None:
    file = shop.with_name("k6.json")
    file.write_text(
        '{"metrics": {"http_reqs": {"count": 600, "rate": 10}, "http_req_duration": {"med": 25.0},'
        ' "http_req_failed": {"value": 0.01}}}'
    )
    assert ended(["calibrate", str(shop), "--from", str(file)]) == Status.DONE
    out, err = capsys.readouterr()
    assert "peak: 40/s" in out
    assert "a load test's traffic is its own" in " ".join(err.split())


def test_a_list_of_releases_and_a_log_go_into_one_scenario(shop: Path, capsys: Capture) -> None:
    log, releases = shop.with_name("access.log"), shop.with_name("releases.csv")
    log.write_text(a_log(5))
    releases.write_text("date,result\n" + "2026-01-01,good\n" * 40 + "2026-01-02,rolled back\n" * 4)
    asked = ["calibrate", str(shop), "--from", str(releases), "--from", str(log)]
    assert ended(asked) == Status.DONE
    out = capsys.readouterr().out
    assert "releases.csv: 4 of 44 were bad" in out
    assert "access.log: 6 of 600 requests failed" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--at", "Fri 25:00"], "write a time of day"),
        (["--at", "Fri 20:00"], "choose a time that they hold"),
        (["--stream", "shop=/x"], "no stream 'shop'"),
        (["--column", "latency=x"], "meanings:"),
        (["--patch", "-o", "x.yaml"], "choose one"),
        (["--from", "rates=x.json"], "values cannot be"),
    ],
)
def test_what_does_not_fit_says_what_to_write(shop: Path, capsys: Capture, options: list[str], told: str) -> None:
    log = shop.with_name("access.log")
    log.write_text(a_log(5))
    assert ended(["calibrate", str(shop), "--from", str(log), *options]) == Status.BAD_INPUT
    assert told.replace("'", "") in " ".join(capsys.readouterr().err.split()).replace("'", "")


def test_an_outage_is_not_an_absence_of_users(shop: Path, capsys: Capture) -> None:
    rows = [f"{START + 60 * at},{0 if 10 <= at < 20 else 600}" for at in range(40)]
    file = shop.with_name("counts.csv")
    file.write_text("time,requests\n" + "\n".join(rows) + "\n")
    assert ended(["calibrate", str(shop), "--from", str(file)]) == Status.DONE
    out, err = capsys.readouterr()
    assert "peak: 10/s" in out
    assert "10m without a single request were taken for missing data" in " ".join(err.split())


def test_few_requests_without_a_failure_leave_the_errors_as_they_were(shop: Path, capsys: Capture) -> None:
    log = shop.with_name("access.log")
    log.write_text("\n".join(log_line(at) for at in range(300)))
    assert ended(["calibrate", str(shop), "--from", str(log)]) == Status.DONE
    out, err = capsys.readouterr()
    assert "baseline_errors: 0.1%   # from the dashboard" in out
    assert "0 of 300 requests failed: at most 0.64 %" in " ".join(err.split())


def test_an_incident_is_no_quiet_day(shop: Path, capsys: Capture) -> None:
    rows = [f"{START + 60 * at},600,{300 if at in (20, 21) else at % 2}" for at in range(60)]
    file = shop.with_name("counts.csv")
    file.write_text("time,requests,errors\n" + "\n".join(rows) + "\n")
    assert ended(["calibrate", str(shop), "--from", str(file)]) == Status.DONE
    out, err = capsys.readouterr()
    assert "29 of 34,800 requests failed" in out
    assert "2m in which over 5 % failed" in " ".join(err.split())
