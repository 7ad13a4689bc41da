"""What people export is read as what it is, and said; what cannot be meant is refused with what to write instead."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario import load
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.units import MINUTE, SECOND

CASES = Path(__file__).parents[1] / "cases"
START = 1_700_000_000
"""14 November 2023, 22:13:20 UTC."""


def profiled(folder: Path, content: str | bytes, more: str = "column: value, at: time") -> Scenario:
    """A scenario whose profile is this file."""
    return made(folder, content, f"traffic:\n  profile: {{file: rows.csv, {more}}}\n")


def replayed(folder: Path, content: str | bytes, more: str = "column: at") -> Scenario:
    """A scenario whose one stream is this recording."""
    return made(folder, content, "traffic:\n", f"arrivals: {{kind: replay, file: rows.csv, {more}}}")


def made(folder: Path, content: str | bytes, traffic: str, arrivals: str = "peak: 200/s") -> Scenario:
    text = (CASES / "profile-epoch-ms.yaml").read_text()
    begin, end = text.index("traffic:\n"), text.index("release:\n")
    stream = f"  streams: {{web: {{{arrivals}, work: {{p50: 30ms, p95: 68ms}}}}}}\n"
    (folder / "rows.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "made.yaml").write_text(text[:begin] + traffic + stream + text[end:])
    return load(folder / "made.yaml")


def refusal(folder: Path, content: str | bytes, more: str = "column: value, at: time") -> str:
    with pytest.raises(ScenarioError) as raised:
        profiled(folder, content, more)
    return "\n".join(str(problem) for problem in raised.value.problems)


def recording_refused(folder: Path, content: str, more: str = "column: at") -> str:
    with pytest.raises(ScenarioError) as raised:
        replayed(folder, content, more)
    return "\n".join(str(problem) for problem in raised.value.problems)


def rows(times: list[str], header: str = "time,value") -> str:
    return "\n".join([header, *(f"{each},{140 - 4 * place}" for place, each in enumerate(times)), ""])


def test_the_case_of_milliseconds_plays_the_requests_of_its_hour() -> None:
    scenario = load(CASES / "profile-epoch-ms.yaml")
    assert round(fleet_arithmetic(scenario).requests_played) == 102_857
    said = scenario.readings["traffic.profile"]
    assert said == "timestamps of profile-epoch-ms.csv read as milliseconds since 1970; the profile covers 1h"


@pytest.mark.parametrize(
    ("times", "read_as"),
    [
        ([f"{START + 60 * n}" for n in range(3)], "seconds since 1970"),
        ([f"{START + 60 * n}.250" for n in range(3)], "seconds since 1970"),
        ([f"{START + 60 * n}000" for n in range(3)], "milliseconds since 1970"),
        ([f"{START + 60 * n}000000" for n in range(3)], "microseconds since 1970"),
        ([f"{START + 60 * n}000000000" for n in range(3)], "nanoseconds since 1970"),
        (["1.7e12", "1.70000006e12", "1.70000012e12"], "milliseconds since 1970"),
        (["0", "60", "120"], "seconds from the start"),
        (["0s", "1m", "2m"], "seconds from the start"),
        ([f"2023-11-14T22:{13 + n}:20Z" for n in range(3)], "timestamps with their time zone"),
        ([f"2023-11-14 22:{13 + n}:20.500 UTC" for n in range(3)], "timestamps with their time zone"),
        (
            ["2023-10-29T02:59:00+02:00", "2023-10-29T02:00:00+01:00", "2023-10-29T02:01:00+01:00"],
            "timestamps with their time zone",
        ),
        ([f"2023-11-14T22:{13 + n}:20" for n in range(3)], "timestamps without a time zone, taken as UTC"),
        ([f"2023/11/14 22:{13 + n}:20" for n in range(3)], "timestamps without a time zone, taken as UTC"),
        ([f"10/Oct/2000:13:{55 + n}:36 -0700" for n in range(3)], "timestamps of an access log"),
        ([f"[10/Oct/2000:13:{55 + n}:36 +0000]" for n in range(3)], "timestamps of an access log"),
    ],
)
def test_times_are_read_as_what_they_are_and_said(tmp_path: Path, times: list[str], read_as: str) -> None:
    scenario = profiled(tmp_path, rows(times))
    assert [when for when, _ in scenario.traffic.profile] == [0, MINUTE, 2 * MINUTE]
    assert f"timestamps of rows.csv read as {read_as};" in scenario.readings["traffic.profile"]


@pytest.mark.parametrize("mark", ["{}", "{}.5", "{}000", "{}000000"])
def test_recordings_are_read_so_too(tmp_path: Path, mark: str) -> None:
    scenario = replayed(tmp_path, "at\n" + "".join(mark.format(START + n) + "\n" for n in (0, 1, 3)))
    instants = scenario.traffic.streams[0].arrivals.instants()
    assert instants is not None
    assert list(instants) == [0, SECOND, 3 * SECOND]
    assert "since 1970" in scenario.readings["traffic.streams.web.arrivals"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (rows(["0", "60", "60"]), "line 4 of the file: the time of the row before comes again"),
        (rows(["0", "60", "30"]), "line 4 of the file: the time is before that of the row before; sort the rows"),
        (rows(["2023-10-29T02:59:00", "2023-10-29T02:00:00"]), "export the times in UTC"),
        (rows(["0", f"{START}"]), "in seconds since 1970, the lines before are in seconds from the start"),
        (rows([f"{START}", f"{START + 60}000"]), "in milliseconds since 1970, the lines before are in seconds"),
        (rows(["2023-11-14T22:13:20Z", "2023-11-14T22:14:20"]), "without a time zone"),
        (rows(["14/11/2023 22:13", "14/11/2023 22:14"]), "day or month first"),
        (rows(["45244.9259", "", "3"]), "line 3 of the file: cannot read an empty cell as a time"),
        (rows(["20000000000", "20000000060"]), "is no time between 1980 and 2200"),
        ('time,value\n0,"12,5"\n60,"13,5"\n', "write a decimal point"),
        ("time,value\n0,-5\n60,3\n", "'-5' is no count"),
        ("time,value\n0,nan\n60,3\n", "cannot read 'nan' as a count"),
        ("time,value\n", "has no rows of figures"),
        ("", "its first line holds no names"),
        ("0,140\n60,136\n", "its first line holds no names but '0', '140'"),
        ('{"status":"success","data":{"resultType":"matrix"}}', "is JSON, perhaps an answer of Prometheus"),
        (gzip.compress(b"time,value\n0,1\n", mtime=0), "is compressed with gzip; unpack it first"),
        ("time,value\n0,1\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"time,value\n0,\xff\xfe1\n", "it is not UTF-8 text"),
        ("time,value,value\n0,1,2\n", "has 2 columns named 'value'; give each a name of its own"),
        ("when,value\n0,1\n", "the file has no column 'time'; it has when, value"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(tmp_path: Path, content: str | bytes, told: str) -> None:
    assert told in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        "time;value\n0;140\n60;136\n",
        "time\tvalue\n0\t140\n60\t136\n",
        "time,value\r\n0,140\r\n60,136\r\n",
        "\ufefftime, value\n0,140\n60,136\n",
    ],
)
def test_other_separators_line_ends_and_marks_are_read(tmp_path: Path, content: str) -> None:
    assert [when for when, _ in profiled(tmp_path, content).traffic.profile] == [0, MINUTE]


K6 = "metric_name,timestamp,metric_value,method,status\n" + "".join(
    f"http_reqs,{START + n},1,GET,200\nhttp_req_duration,{START + n},{20 + n}.5,GET,200\nvus,{START + n},10,,\n"
    for n in range(20)
)


def test_a_recording_of_several_metrics_is_refused_with_the_filter_to_write(tmp_path: Path) -> None:
    told = recording_refused(tmp_path, K6, "column: timestamp")
    assert "rows of 3 kinds, told apart by its column metric_name (http_req_duration, http_reqs, vus)" in told
    assert "where: {metric_name: http_reqs}" in told


def test_the_filter_that_was_named_is_taken(tmp_path: Path) -> None:
    scenario = replayed(tmp_path, K6, "column: timestamp, where: {metric_name: http_reqs}")
    instants = scenario.traffic.streams[0].arrivals.instants()
    assert instants is not None
    assert list(instants) == [n * SECOND for n in range(20)]


def test_two_rows_a_second_of_two_sources_are_refused_whatever_their_column_is_called(tmp_path: Path) -> None:
    content = "at,pod,n\n" + "".join(f"{START + n},a,3\n{START + n},b,{n}\n" for n in range(20))
    assert "where: {pod: a}" in recording_refused(tmp_path, content)
    assert "where: {pod: a}" in refusal(tmp_path, content, "column: n, at: at")
    assert len(profiled(tmp_path, content, "column: n, at: at, where: {pod: b}").traffic.profile) == 20


def test_requests_of_two_methods_are_requests(tmp_path: Path) -> None:
    """A near miss: both come in nearly every second, and not equally often."""
    content = "at,method\n" + "".join(f"{START + n},GET\n" * (1 + n % 3) + f"{START + n},POST\n" for n in range(30))
    instants = replayed(tmp_path, content).traffic.streams[0].arrivals.instants()
    assert instants is not None
    assert len(instants) == 90


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("column: timestamp, where: {metric_name: http_req}", "no row left by where; column metric_name holds http"),
        ("column: timestamp, where: {metric: http_reqs}", "the file has no column 'metric'"),
        ("column: timestamp, where: http_reqs", "as {metric_name: http_reqs}"),
        ("column: timestamp, filter: {metric_name: http_reqs}", "allowed: kind, file, column, where"),
    ],
)  # fmt: skip
def test_a_filter_that_finds_nothing_is_told(tmp_path: Path, more: str, told: str) -> None:
    assert told in recording_refused(tmp_path, K6, more)


LOG = '10.20.30.40 - alice [10/Oct/2000:13:55:36 -0700] "GET /u/alice%40example.org HTTP/1.0" 200 2326'


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (f"{LOG}\n{LOG}\n", "column: at"),
        (f"at\n{LOG}\n{LOG}\n", "column: at"),
        ("at,user\n1,alice\n2,alice\n", "column: user"),
        ("at,mail\n1,alice@example.org\n2,alice@example.org\n", "column: mail"),
        ("at,ip\n1,10.20.30.40\n2,10.20.30.40\n", "column: ip"),
        ("at,ip\n1,2001:db8::1428:57ab\n2,2001:db8::1428:57ab\n", "column: ip"),
        ("at,ip\n1,10.20.30.40\n2,10.20.30.40\n", "column: at, where: {ip: none}"),
    ],
)
def test_no_refusal_shows_who_asked(tmp_path: Path, content: str, more: str) -> None:
    told = recording_refused(tmp_path, content, more)
    assert not [word for word in ("alice", "example.org", "10.20", "2001:db8", "57ab") if word in told]
    assert max(map(len, told.splitlines())) < 400


def test_a_profile_that_ends_before_the_release_is_watched_is_told_and_a_long_one_is_not(tmp_path: Path) -> None:
    short = profiled(tmp_path, rows(["0", "10", "20"]))
    (told,) = [each for each in fleet_arithmetic(short).warnings if "profile" in each]
    assert told.startswith("the profile ends 20s after the release and is shorter than the warm-up of ")
    long = profiled(tmp_path, rows(["0", "300", "600"]))
    assert not [each for each in fleet_arithmetic(long).warnings if "profile" in each]


def test_a_pre_stop_beyond_the_grace_is_told_and_one_within_it_is_not(tmp_path: Path) -> None:
    text = (CASES / "prestop-over-grace.yaml").read_text()

    def told(grace: str) -> list[str]:
        file = tmp_path / "made.yaml"
        file.write_text(text.replace("grace: 30s", f"grace: {grace}"))
        return [each for each in fleet_arithmetic(load(file)).warnings if "preStop" in each]

    assert "40s is cut off by the grace of 30s" in told("30s")[0]
    assert "Kubernetes leaves 2s" in told("30s")[0]
    assert "service.shutdown.grace: 50s" in told("30s")[0]
    assert "takes all of the grace" in told("40s")[0]
    assert told("50s") == told("41s") == []


def test_check_and_plan_say_how_a_file_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    from sim.cli.main import ended

    for verb in ("check", "plan"):
        ended([verb, str(CASES / "profile-epoch-ms.yaml")])
        assert "imestamps of profile-epoch-ms.csv read as milliseconds since 1970" in " ".join(
            capsys.readouterr().out.split()
        )
