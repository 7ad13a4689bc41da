from pathlib import Path

import pytest

from sim.errors import ScenarioError, UsageError
from sim.scenario import from_data, from_text, identity, load
from sim.scenario.corners import with_values
from sim.scenario.resolved import Scenario
from sim.units import HOUR, MINUTE, SECOND

GOOD = """
rollrisk: 1
service:
  replicas: 4
  concurrency: 4
  pod:
    app: {start: 5s, image: 100MB, cpu: 500m, memory: 256Mi}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic:
  profile: {0m: 50%, 30m: 100%}
  streams:
    pay: {peak: 10/s, work: 100ms}
release:
  baseline_errors: 0.05%
  change_failure_rate: {low: 4%, likely: 8%, high: 15%}
  defects:
    errors: {share: 100%, kind: error_rate, rate: 5%}
oncall: {notices_at: 2%, reacts: 10m}
gates:
  ours: {kind: threshold, success: 99%}
strategies:
  canary: {kind: canary, gate: ours, steps: [{weight: 20%, hold: 10m}]}
  blue-green: {kind: blue_green, keep_old: 20m}
"""


@pytest.fixture(scope="module")
def good() -> Scenario:
    return from_text(GOOD, "checkout.yaml")


def defaults(scenario: Scenario) -> dict[str, str]:
    return {default.path: default.value for default in scenario.defaults}


def test_units_become_integers_and_shares(good: Scenario) -> None:
    assert good.service.containers[0].image == 100_000_000
    assert good.service.readiness.every == 10 * SECOND
    assert good.release.baseline_errors == 0.0005
    assert good.traffic.profile == ((0, 0.5), (30 * MINUTE, 1.0))


def test_a_scenario_without_a_name_is_called_as_its_file(good: Scenario) -> None:
    assert good.name == "checkout"


def test_every_default_is_listed_the_least_trusted_first(good: Scenario) -> None:
    trusts = [default.trust for default in good.defaults]
    assert trusts == sorted(trusts, key=["low", "medium", "high"].index)
    assert defaults(good)["traffic.streams.pay.retries"] == "none"
    assert all(default.origin for default in good.defaults)


def test_what_the_author_wrote_is_no_default(good: Scenario) -> None:
    assert "service.replicas" not in defaults(good)
    assert "strategies.blue-green.keep_old" not in defaults(good)


def test_nothing_assumes_replicas_traffic_failure_rate_or_baseline_errors() -> None:
    for line in (
        "  replicas: 4\n",
        "  baseline_errors: 0.05%\n",
        "  change_failure_rate: {low: 4%, likely: 8%, high: 15%}\n",
    ):
        with pytest.raises(ScenarioError, match="is missing"):
            from_text(GOOD.replace(line, ""))


def test_the_horizon_covers_the_slowest_rollout_the_reaction_and_settling(good: Scenario) -> None:
    assert good.study.horizon >= 20 * MINUTE + 10 * MINUTE + 10 * MINUTE
    assert good.study.horizon % (5 * MINUTE) == 0
    assert "study.horizon" in defaults(good)


def test_the_requests_of_the_slo_are_assumed_from_the_profile_and_marked(good: Scenario) -> None:
    assert good.slo.requests == 7.5 * 30 * 24 * 3600
    assert good.slo.requests_assumed
    assert "slo.requests" in defaults(good)


def test_the_zone_of_indifference_is_a_share_of_the_error_budget(good: Scenario) -> None:
    assert good.study.indifferent == pytest.approx(0.0005 * 0.001 * good.slo.requests, rel=0.05)


def test_the_new_version_has_the_changed_containers_and_the_old_ones_otherwise() -> None:
    scenario = from_text(GOOD.replace("  defects:", "  version: {work: 1.2, app: {image: 120MB}}\n  defects:"))
    assert scenario.release.containers[0].image == 120_000_000
    assert scenario.release.containers[0].cpu == scenario.service.containers[0].cpu
    assert scenario.release.service_factor == 1.2


def test_an_absolute_precision_drops_the_relative_default() -> None:
    scenario = from_text(GOOD + "study: {half_width: 5}\n")
    assert (scenario.study.precision, scenario.study.half_width) == (None, 5.0)


def test_a_run_uses_the_likely_value_of_a_range_and_remembers_its_ends(good: Scenario) -> None:
    assert good.release.change_failure_rate == 0.08
    assert [(each.path, each.low, each.likely, each.high) for each in good.ranges] == [
        ("release.change_failure_rate", "4%", "8%", "15%")
    ]


def test_a_range_may_be_fixed_at_one_of_its_ends(good: Scenario) -> None:
    corner = with_values(good, {"release.change_failure_rate": "15%"})
    assert corner.release.change_failure_rate == 0.15
    assert corner.study.horizon == good.study.horizon
    assert identity(corner) != identity(good)


def test_another_value_is_written_as_in_a_file(good: Scenario) -> None:
    assert with_values(good, {"service.replicas": 6, "study.horizon": "2h"}).study.horizon == 2 * HOUR
    with pytest.raises(UsageError, match=r"service\.replicas does not fit"):
        with_values(good, {"service.replicas": 0})


def test_the_identity_is_blind_to_names_words_and_units() -> None:
    base = identity(from_text(GOOD))
    same = GOOD.replace("start: 5s", "start: 5000ms").replace("image: 100MB", "image: 0.1GB")
    assert identity(from_text("name: other\nquestion: why?\n" + same)) == base
    assert identity(from_text(GOOD + "study: {cap: 900, precision: 1%}\n")) == base


@pytest.mark.parametrize(
    ("good", "changed"), [("replicas: 4", "replicas: 5"), ("rate: 5%", "rate: 6%"), ("hold: 10m", "hold: 11m")]
)
def test_the_identity_changes_with_whatever_changes_results(good: str, changed: str) -> None:
    assert identity(from_text(GOOD)) != identity(from_text(GOOD.replace(good, changed)))


def test_plain_data_gives_the_same_scenario_and_is_left_as_it_was(good: Scenario) -> None:
    data = dict(good.document)
    before = repr(data)
    assert identity(from_data(data)) == identity(good)
    assert repr(data) == before


def extended(tmp_path: Path, shared: str, own: str) -> Scenario:
    (tmp_path / "platform.yaml").write_text(shared)
    (tmp_path / "service.yaml").write_text("extends: platform.yaml\n" + own)
    return load(tmp_path / "service.yaml")


def test_what_a_file_writes_wins_over_what_it_extends_key_by_key(tmp_path: Path) -> None:
    own = GOOD.replace("oncall: {notices_at: 2%, reacts: 10m}\n", "oncall: {notices_at: 3%}\n")
    scenario = extended(tmp_path, "oncall: {notices_at: 2%, reacts: 7m}\nslo: {success: 99%}\n", own)
    assert scenario.oncall is not None
    assert (scenario.oncall.notices_at, scenario.oncall.reacts.mean()) == (0.03, 7 * MINUTE)
    assert scenario.slo.success == 0.99


def test_a_law_a_range_a_profile_and_another_kind_replace_what_they_extend(tmp_path: Path) -> None:
    shared = """
traffic: {profile: {1h: 10%}, streams: {pay: {work: {p50: 1s, p99: 2s}}}}
release: {change_failure_rate: {low: 1%, likely: 2%, high: 3%}}
strategies: {canary: {kind: rolling, surge: 1}}
"""
    scenario = extended(tmp_path, shared, GOOD.replace("work: 100ms", "work: {p50: 100ms, p95: 200ms}"))
    assert scenario.traffic.profile == ((0, 0.5), (30 * MINUTE, 1.0))
    assert scenario.release.change_failure_rate == 0.08
    assert scenario.strategies[0].strategy.kind == "canary"


def test_the_resolved_document_needs_no_other_file(tmp_path: Path) -> None:
    scenario = extended(tmp_path, "slo: {success: 99%}\n", GOOD)
    assert "extends" not in scenario.document
    assert identity(from_data(scenario.document)) == identity(scenario)


def profiled(tmp_path: Path, rows: str, profile: str) -> Scenario:
    (tmp_path / "counts.csv").write_text(rows)
    (tmp_path / "service.yaml").write_text(GOOD.replace("{0m: 50%, 30m: 100%}", profile))
    return load(tmp_path / "service.yaml")


def test_a_profile_from_counts_stands_at_the_middle_of_each_interval(tmp_path: Path) -> None:
    scenario = profiled(tmp_path, "n\n50\n200\n100\n", "{file: counts.csv, column: n, every: 10m}")
    assert scenario.traffic.profile == ((5 * MINUTE, 0.25), (15 * MINUTE, 1.0), (25 * MINUTE, 0.5))


@pytest.mark.parametrize("times", [("0s", "1m"), ("30", "90"), ("2014-04-10 00:04:00", "2014-04-10 00:05:00")])
def test_a_profile_from_counts_takes_durations_seconds_or_timestamps(tmp_path: Path, times: tuple[str, str]) -> None:
    rows = f"at,n\n{times[0]},50\n{times[1]},100\n"
    scenario = profiled(tmp_path, rows, "{file: counts.csv, column: n, at: at}")
    assert scenario.traffic.profile == ((0, 0.5), (MINUTE, 1.0))


@pytest.mark.parametrize(
    ("rows", "profile", "words"),
    [
        ("n\n1\n", "{file: other.csv, column: n, every: 1m}", "cannot be read"),
        ("n\n1\n", "{file: counts.csv, column: m, every: 1m}", "has no column 'm'; it has n"),
        ("n\n1\n", "{file: counts.csv, column: n}", "or name a column of times"),
        ("n\nx\n", "{file: counts.csv, column: n, every: 1m}", "line 2 of the file: cannot read 'x'"),
        ("n\n0\n", "{file: counts.csv, column: n, every: 1m}", "no count above 0"),
        ("n\n", "{file: counts.csv, column: n, every: 1m}", "has no rows"),
        ("at,n\n5s,1\n5s,2\n", "{file: counts.csv, column: n, at: at}", "the time of the row before comes again"),
        ("n\n1\n", "{file: counts.csv, colum: n}", "did you mean 'column'?"),
    ],
)
def test_a_file_of_counts_that_does_not_fit_is_refused(tmp_path: Path, rows: str, profile: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        profiled(tmp_path, rows, profile)
    assert words in str(caught.value)
    assert "service.yaml:10:" in str(caught.value)
