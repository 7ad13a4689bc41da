"""A list of past releases: what it says of the next one, and what it cannot say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.history.fits import CONFIDENCE, PRIOR, Learnt, Rate, learn
from sim.exchange.history.inputs import inputs, not_told
from sim.exchange.history.releases import History, read_history
from sim.exchange.patching import patched
from sim.scenario import from_text
from sim.stats.lognormal import Values, percentile

HEADER = "time,result,cause,stopped_by,minutes_to_detect,minutes_to_mitigate,peak_error_ratio,ratio_of,weight"


def read(tmp_path: Path, *rows: str, header: str = HEADER, name: str = "releases.csv") -> History:
    file = tmp_path / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_history(file)


def refused(tmp_path: Path, *rows: str, header: str = HEADER) -> str:
    with pytest.raises(ScenarioError) as told:
        read(tmp_path, *rows, header=header)
    return str(told.value)


def bad(cause: str = "bug", *, who: str = "on-call", detect: str = "5", end: str = "20", errors: str = "4%") -> str:
    return f"2026-01-02,bad,{cause},{who},{detect},{end},{errors},new version,"


def section(tree: Tree, *path: str) -> Line:
    part: Tree | Line = tree
    for name in path:
        assert not isinstance(part, Line)
        part = part[name]
    assert isinstance(part, Line)
    return part


# Reading


def test_columns_go_by_the_names_that_trackers_give_them(tmp_path: Path) -> None:
    found = read(tmp_path, "2026-01-02;Rolled-back;Config push;12;1h", header="Date;Status;Root cause;TTD;MTTR")
    (past,) = found.releases
    assert (past.bad, past.cause) == (True, "config push")
    assert past.detected is not None
    assert past.mitigated is not None
    assert (past.detected.minutes, past.mitigated.minutes) == (12.0, 60.0)


def test_a_row_that_never_went_out_counts_neither_way(tmp_path: Path) -> None:
    found = read(tmp_path, "2026-01-02,ok", "2026-01-03,cancelled", "2026-01-04,in progress", header="date,result")
    assert (len(found.releases), found.never_out) == (1, 2)
    assert any("2 rows were cancelled" in each for each in not_told(learn(found)))


def test_errors_of_the_whole_service_are_those_of_the_new_versions_share(tmp_path: Path) -> None:
    rows = ["2026-01-02,bad,bug,,,,2%,service,20%", "2026-01-03,bad,bug,,,,2%,new version,20%"]
    assert [each.error_ratio for each in read(tmp_path, *rows).releases] == [pytest.approx(0.1), pytest.approx(0.02)]


def test_an_end_that_nobody_waited_for_is_at_least_so_late(tmp_path: Path) -> None:
    (past,) = read(tmp_path, bad(end=">90")).releases
    assert past.mitigated is not None
    assert (past.mitigated.minutes, past.mitigated.open) == (90.0, True)


def test_a_list_of_objects_is_read_as_rows(tmp_path: Path) -> None:
    file = tmp_path / "statuses.json"
    states = ["success", "failure", "inactive", "in_progress"]
    file.write_text(json.dumps([{"state": each, "created_at": "2026-01-02T10:00:00Z"} for each in states]))
    found = read_history(file)
    assert [each.bad for each in found.releases] == [False, True]
    assert found.never_out == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-01-02,fine-ish", ":2:1: result: 'fine-ish' is neither good nor bad"),
        (bad(detect="soon"), "minutes_to_detect: 'soon': write minutes as 12"),
        (bad(errors="12"), "peak_error_ratio: '12': write percent with its sign, as 12%"),
        (bad(errors="140%"), "is no share; allowed: 0 % to 100 %"),
        (bad(detect="30", end="20"), "20 is before it was detected (30); both count from the release"),
        ("2026-01-02,bad,bug,,,,5%,service,0%", "at 0 % the new version answers nobody"),
        ("2026-01-02,bad,bug,,,,5%,theirs,", "'theirs': write 'service' or 'new version'"),
        ("yesterday,good", "line 2 of the file"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_its_line_and_what_to_write(
    tmp_path: Path, row: str, told: str
) -> None:
    assert told in refused(tmp_path, row)


def test_all_faults_of_a_list_are_told_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, "2026-01-02,so-so", "2026-01-03,good", bad(detect="soon"))
    assert ":2:1:" in said
    assert ":4:1:" in said


def test_a_list_without_results_names_its_columns(tmp_path: Path) -> None:
    assert "has no column 'result' (good or bad); its columns: when, who" in refused(tmp_path, "x,y", header="when,who")


@pytest.mark.parametrize("content", [b"", b"[1, 2", b"[]", b'{"a": 1}', b"\0\1\2", b"result\nskipped\n"])
def test_what_is_no_list_of_releases_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list"
    file.write_bytes(content)
    with pytest.raises(ScenarioError):
        read_history(file)


# What it says


def test_six_bad_of_sixty_lie_between_the_published_and_the_list() -> None:
    both = Rate(*PRIOR).after(6, 54)
    assert 6 / 60 < both.mean < Rate(*PRIOR).mean
    assert both.mean == pytest.approx(6.47 / 62.49)


def test_one_release_says_little_and_two_hundred_say_nearly_all() -> None:
    prior = Rate(*PRIOR)
    low, high = prior.after(0, 1).ends()
    assert high - low > 0.3
    assert prior.after(20, 180).mean == pytest.approx(0.1, abs=0.002)


def test_the_truth_lies_in_the_range_of_the_rate_as_often_as_it_says() -> None:
    """Where teams are as the prior says."""
    luck = np.random.default_rng(11)
    rates = luck.beta(*PRIOR, size=4000)
    inside = 0
    for rate in rates:
        low, high = Rate(*PRIOR).after(k := int(luck.binomial(60, rate)), 60 - k).ends()
        inside += low <= rate <= high
    assert inside / len(rates) == pytest.approx(CONFIDENCE, abs=0.015)


def many(tmp_path: Path, *, who: str = "on-call", count: int = 12) -> History:
    rows = [
        bad("bug" if n % 3 else "slow query", who=who, end=str(10 + 3 * n), errors=f"{1 + n}%") for n in range(count)
    ]
    return read(tmp_path, *rows, *["2026-02-01,good"] * 30)


def test_shares_of_causes_are_whole_percent_that_sum_to_a_hundred(tmp_path: Path) -> None:
    rows = [bad(cause) for cause in "aaaabbc"] + [bad(cause) for cause in "defghi"]
    defects = inputs(learn(read(tmp_path, *rows)))["release"]
    assert not isinstance(defects, Line)
    assert not isinstance(defects["defects"], Line)
    shares = [int(each.value["share"].rstrip("%")) for each in defects["defects"].values() if isinstance(each, Line)]
    assert sum(shares) == 100
    assert min(shares) >= 1
    assert list(defects["defects"])[-1] == "other"


def test_a_release_that_a_gate_stopped_says_nothing_of_how_people_react(tmp_path: Path) -> None:
    assert learn(many(tmp_path)).reaction is not None
    stopped = learn(many(tmp_path, who="Argo analysis"))
    assert (stopped.reaction, stopped.errors) == (None, None)
    assert stopped.rate.mean == learn(many(tmp_path)).rate.mean


def test_without_a_gate_in_the_list_it_says_that_those_may_be_missing(tmp_path: Path) -> None:
    assert any("stopped by a gate" in each for each in not_told(learn(many(tmp_path))))
    assert not any("stopped by a gate" in each for each in not_told(learn(many(tmp_path, who="canary"))))


def test_what_too_few_releases_hold_is_left_as_it_was(tmp_path: Path) -> None:
    few = learn(many(tmp_path, count=3))
    assert "oncall" not in inputs(few)
    assert "GUESS" in section(inputs(few), "release", "defects", "bug").origin
    assert any("five are needed" in each for each in not_told(few))


def test_a_cause_written_three_ways_is_one(tmp_path: Path) -> None:
    rows = [bad(cause) for cause in ("code bug", "Code-Bug", "code  bug", "config")]
    assert [(each.name, each.count) for each in learn(read(tmp_path, *rows)).causes] == [("code-bug", 3), ("config", 1)]


def test_a_single_cause_is_all_of_them(tmp_path: Path) -> None:
    line = section(inputs(learn(read(tmp_path, bad()))), "release", "defects", "bug")
    assert line.value["share"] == "100%"


def test_that_all_requests_failed_is_at_least_so_bad(tmp_path: Path) -> None:
    sizes = ["5%", "10%", "20%", "40%", "80%"]
    some = learn(read(tmp_path, *[bad(errors=each) for each in sizes]))
    more = learn(read(tmp_path, *[bad(errors=each) for each in [*sizes, "100%", "100%"]]))
    assert some.errors is not None
    assert more.errors is not None
    assert (more.errors.seen, more.errors.open) == (7, 2)
    assert more.errors.middle.value > some.errors.middle.value


def test_errors_of_slow_releases_are_no_measure_of_wrong_answers(tmp_path: Path) -> None:
    wrong = [bad("bug", errors=f"{n}%") for n in range(2, 8)]
    slow = [bad("slow query", errors="90%") for _ in range(6)]
    assert learn(read(tmp_path, *wrong, *slow)).errors == learn(read(tmp_path, *wrong)).errors


def test_sizes_that_speak_against_a_bound_are_counted(tmp_path: Path) -> None:
    learnt = learn(many(tmp_path, count=40), noticed_above=0.055)
    assert any("3 of 26 sizes of errors lie beyond" in each for each in not_told(learnt))


def test_a_defect_that_the_scenario_has_keeps_all_but_its_share_and_its_size(tmp_path: Path) -> None:
    written = {"slow-query": {"share": "5%", "kind": "latency", "factor": 7}}
    line = section(inputs(learn(many(tmp_path)), written), "release", "defects", "slow-query")
    assert (line.value["factor"], line.value["share"] != "5%") == (7, True)


def test_that_the_mild_go_unnoticed_makes_the_fit_milder(tmp_path: Path) -> None:
    history = many(tmp_path, count=40)
    plain, allowed = learn(history), learn(history, noticed_above=0.009)
    assert plain.errors is not None
    assert allowed.errors is not None
    assert allowed.errors.middle.value < plain.errors.middle.value


# Intervals


def covered(draw: str, studies: int, seed: int) -> tuple[float, float]:
    """How often the intervals of the median and of the 95th percentile hold the truth."""
    luck, hits = np.random.default_rng(seed), [0, 0]
    centre, spread, share = math.log(12), 0.9, (0.5, 0.95)
    for _ in range(studies):
        values, is_open, above = np.exp(luck.normal(centre, spread, 30)), None, 0.0
        if draw == "open":
            waited = np.exp(luck.normal(centre + 0.8, 0.5, 30))
            values, is_open = np.minimum(values, waited), list(values > waited)
        elif draw == "cut":
            many_more = np.exp(luck.normal(centre, spread, 400))
            values, above = many_more[many_more > 6.0][:30], 6.0
        seen = Values.of(list(values), open=is_open, above=above)
        for place, (each, z) in enumerate(zip(share, (0.0, 1.6449), strict=True)):
            found = percentile(seen, each, CONFIDENCE)
            hits[place] += found.low <= math.exp(centre + z * spread) <= found.high
    return hits[0] / studies, hits[1] / studies


@pytest.mark.parametrize("draw", ["whole", "open", "cut"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(draw: str) -> None:
    """Forty lists are enough to see a fault; the proof is below."""
    assert min(covered(draw, 40, 1)) >= 0.75


@pytest.mark.verify
@pytest.mark.parametrize("draw", ["whole", "open", "cut"])
def test_intervals_hold_the_truth_in_ninety_of_a_hundred_lists(draw: str) -> None:
    for share in covered(draw, 1500, 2):
        assert share == pytest.approx(CONFIDENCE, abs=0.02)


# Into a scenario

SHOP = """\
rollrisk: 1
name: shop  # ours
service: {replicas: 4, concurrency: 4, pod: {app: {image: 10MB, cpu: 500m, memory: 256Mi, start: 2s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic: {users: {count: 100}, streams: {web: {peak: 5/s, work: 20ms}}}
release:
  # what we believe
  baseline_errors: 0.1%
  change_failure_rate: 20%   # a guess
  defects:
    errors: {share: 100%, kind: error_rate, rate: 20%}

  # the end
oncall: {notices_at: 2%, reacts: {p50: 10m, p95: 30m}}  # one of six
strategies: {at-once: {kind: blue_green}}
"""


def test_only_what_the_list_knows_is_changed(tmp_path: Path) -> None:
    text = patched(SHOP, inputs(learn(many(tmp_path))), "shop.yaml")
    after = text.splitlines()
    kept = [line for line in SHOP.splitlines() if not any(word in line for word in ("change_", "errors: {", "oncall"))]
    assert [line for line in after if line in kept] == kept
    assert "oncall:  # one of six" in after
    assert "  notices_at: 2%" in after
    before, now = (from_text(each, "shop.yaml").document for each in (SHOP, text))
    assert now["release"].pop("change_failure_rate") != before["release"].pop("change_failure_rate")
    assert list(now["release"].pop("defects")) == ["bug", "slow-query"]
    before["release"].pop("defects")
    before["oncall"].pop("reacts")
    now["oncall"].pop("reacts")
    for each in (before, now):
        each.pop("study")  # its horizon follows how fast people react
    assert now == before


def test_what_is_not_there_is_added_to_its_section_and_a_section_to_the_end() -> None:
    added = patched("release:\n    a: 1\n\n# end\n", {"release": {"b": Line(2, "x")}, "new": {"c": Line(3, "")}}, "f")
    assert added.splitlines()[1] == "    a: 1"
    assert added.splitlines()[2].split("  #") == ["    b: 2".ljust(46), " x"]
    assert added.splitlines()[-2:] == ["new:", "  c: 3"]


def test_a_value_in_braces_over_several_lines_goes_as_a_whole() -> None:
    text = "release:\n  rate: {\n    low: 5%\n  }\n  # kept\n  version: {}\n"
    assert patched(text, {"release": {"rate": Line("5%", "")}}, "f") == (
        "release:\n  rate: 5%\n  # kept\n  version: {}\n"
    )


def test_a_fit_of_the_same_list_is_the_same(tmp_path: Path) -> None:
    one, other = (inputs(learn(many(tmp_path))) for _ in range(2))
    assert one == other


def learnt(tmp_path: Path) -> Learnt:
    return learn(many(tmp_path))


def test_every_new_line_says_where_it_comes_from(tmp_path: Path) -> None:
    def lines(tree: Tree) -> list[Line]:
        return [each for part in tree.values() for each in ([part] if isinstance(part, Line) else lines(part))]

    assert all("releases.csv" in each.origin for each in lines(inputs(learnt(tmp_path))))
