"""What a person can get wrong: each gives its place, what was found, what is allowed, and the nearest word."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario import from_data, from_text, load
from sim.scenario.document import with_part
from sim.scenario.text import write

GOOD = """
rollrisk: 1
service:
  replicas: 4
  concurrency: 4
  pod:
    app: {start: 5s, cpu: 500m, memory: 256Mi}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic:
  streams:
    pay: {peak: 10/s, work: {p50: 100ms, p95: 300ms}}
release:
  baseline_errors: 0.05%
  change_failure_rate: 8%
  defects:
    errors: {share: 60%, kind: error_rate, rate: 5%}
    slow: {share: 40%, kind: latency, factor: 3}
oncall: {notices_at: 2%, reacts: 10m}
gates:
  ours: {kind: threshold, success: 99%}
strategies:
  canary: {kind: canary, gate: ours, steps: [{weight: 20%, hold: 10m}]}
  blue-green: blue_green
"""


def data() -> dict[str, Any]:
    return dict(from_text(GOOD).document)


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        from_text(text, "bad.yaml")
    return [str(problem).splitlines()[0] for problem in caught.value.problems]


def test_the_good_scenario_is_good() -> None:
    assert from_text(GOOD).service.replicas == 4


@pytest.mark.parametrize(
    ("good", "bad", "path", "words"),
    [
        (
            "pay: {peak: 10/s,",
            "pay: {arrivals: {kind: closed, users: 20k, think: 3s},",  # there would be no place to note who was hit
            "traffic.streams.pay.arrivals.users:",
            "20,000 users ask in a closed loop; there are 10,000: write 20,000 or more as traffic.users.count",
        ),
        (
            "  concurrency: 4",
            "  concurrency: 4\n  balancer: ring_hash\n  slow_start: 30s",
            "service.slow_start:",
            "leave slow_start out, or write balancer: round_robin, least_request, two_choices or random",
        ),
        ("replicas: 4", "replicas: 0", "service.replicas:", "must be 1 or more"),
        ("replicas: 4", "replicas: -4", "service.replicas:", "below 0"),
        ("  replicas: 4\n", "", "service.replicas:", "is missing"),
        ("replicas: 4", "replica: 4", "service.replica:", "did you mean 'replicas'?"),
        ("start: 5s", "start: 5 seconds", "service.pod.app.start:", "as a duration; write e.g."),
        ("start: 5s", "start: -5s", "service.pod.app.start:", "below 0"),
        ("start: 5s", "start: 5", "service.pod.app.start:", "no unit of time"),
        ("start: 5s", "start: 5s, sidecar: yes", "service.pod.app.sidecar:", "write true or false"),
        ("cpu: 500m", "cpu: 5", "service.pod:", "one pod requests 5 of cpu; a node has 4"),
        ("count: 3, cpu", "count: 3, os: windows, cpu", "service.os:", "wants linux, the nodes run windows"),
        ("peak: 10/s", "peak: 10", "traffic.streams.pay.peak:", "does not say per what"),
        ("p95: 300ms", "q95: 300ms", "traffic.streams.pay.work.q95:", "this law has"),
        ("share: 60%", "share: 70%", "release.defects:", "sum to 110 % (70% + 40%), not to 100 %"),
        ("kind: latency", "kind: latancy", "release.defects.slow.kind:", "did you mean 'latency'?"),
        ("rate: 5%}", "rate: 5%, streams: [pya]}", "release.defects.errors.streams[0]:", "did you mean 'pay'?"),
        ("rate: 5%}", "rte: 5%}", "release.defects.errors.rte:", "did you mean 'rate'?"),
        ("oncall: {notices_at: 2%, reacts: 10m}", "", "oncall:", "write 'oncall: none'"),
        ("oncall: {notices_at: 2%, reacts: 10m}", "oncall:", "oncall:", "write 'oncall: none'"),
        ("gate: ours", "gate: our", "strategies.canary.gate:", "did you mean 'ours'?"),
        ("steps: [{weight: 20%, hold: 10m}]", "steps: []", "strategies.canary.steps:", "at least 1 needed"),
        ("weight: 20%", "weight: 0%", "strategies.canary.steps:", "above 0 %"),
        ("weight: 20%", "weight: 120%", "strategies.canary.steps[0].weight:", "not between 0 % and 100 %"),
        ("blue-green: blue_green", "blue-green: blue_gren", "strategies.blue-green:", "did you mean 'blue_green'?"),
        ("blue-green: blue_green", "any: blue_green", "strategies.any:", "is taken"),
        ("blue-green: blue_green", "'a b': blue_green", "strategies.'a b':", "a name has letters"),
        ("success: 99%", "success: 99%, per: steam", "gates.ours.per:", "did you mean 'stream'?"),
        ("change_failure_rate: 8%", "change_failure_rate: {low: 9%, likely: 8%, high: 10%}", "rate:", "must not fall"),
        ("change_failure_rate: 8%", "change_failure_rate: {low: 5%, likely: 8%}", "rate:", "low, likely and high"),
        ("change_failure_rate: 8%", "change_failure_rate: {low: x, likely: 8%, high: 9%}", "rate:", "low: cannot"),
        ("rollrisk: 1", "rollrisk: 2", "rollrisk:", "allowed: 1"),
        ("nodes:", "study: {horizon: 1s}\nnodes:", "study.horizon:", "shorter than one window"),
        ("nodes:", "study: {decide_by: failed}\nnodes:", "study.decide_by:", "did you mean 'failed_requests'?"),
        ("nodes:", "slo: {success: 100%}\nnodes:", "slo.success:", "no error budget"),
        ("nodes:", "slo: {latency: {pai: 1s}}\nnodes:", "slo.latency.pai:", "did you mean 'pay'?"),
        ("nodes:", "expect: [{measure: headroom, min: '15'}]\nnodes:", "expect[0].min:", "as a bound"),
        ("nodes:", "expect: [{measure: headrom, min: '> 15%'}]\nnodes:", "expect[0].measure:", "'headroom'?"),
        ("nodes:", "expect: [{measure: headroom}]\nnodes:", "expect[0]:", "exactly one of"),
        ("nodes:", "observed: {at: 5/s}\nnodes:", "observed:", "no figure to compare with"),
        (
            "  replicas:",
            "  readiness: {failures: 1M, every: 1d}\n  replicas:",
            "service.readiness.failures:",
            "for ever",
        ),
        ("  replicas:", "  readiness: {successes: 1000G}\n  replicas:", "service.readiness.successes:", "to 1,000,000"),
        (
            "  replicas:",
            "  liveness: {failures: 1M, every: 1d}\n  replicas:",
            "service.liveness.failures:",
            "is for ever",
        ),
        ("  replicas:", "  disruption: {min_available: 101%}\n  replicas:", "service.disruption.", "up to 100%"),
        ("blue-green: blue_green", "r: {kind: rolling, unavailable: 101%}", "strategies.r.unavailable:", "up to 100%"),
        ("nodes:", "telemetry: {scrape: 0s}\nnodes:", "telemetry.scrape:", "100ms or longer"),
        ("nodes:", "node:", "nodes:", "is missing"),
        ("  streams:", "  profile: {0m: 0%}\n  streams:", "traffic.profile:", "no request would ever come"),
        ("  streams:", "  profile: {file: absent.csv, column: n}\n  streams:", "traffic.profile.file:", "cannot be"),
        ("  defects:", "  version: {ap: {image: 1MB}}\n  defects:", "release.version.ap:", "did you mean 'app'?"),
    ],
)
def test_a_mistake_is_told_with_its_path_and_what_is_allowed(good: str, bad: str, path: str, words: str) -> None:
    assert good in GOOD
    told = problems(GOOD.replace(good, bad, 1))
    assert any(words in line and path in line for line in told), told


def test_line_and_column_are_those_an_editor_shows() -> None:
    told = problems(GOOD.lstrip("\n").replace("replicas: 4", "replicas: 0"))
    assert told == ["bad.yaml:3:13: service.replicas: found '0'; must be 1 or more"]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = GOOD.replace("replicas: 4", "replicas: 0").replace("peak: 10/s", "peak: 10").replace("gate: ours", "gate: x")
    assert len(problems(text)) == 3


@pytest.mark.parametrize(
    ("fault", "breach", "words"),
    [
        (("peak: 10/s", "peak: 10/s, foo: 1"), ("rate: 5%}", "rate: 5%, streams: [pya]}"), "did you mean 'pay'?"),
        (("success: 99%", "success: 999%"), ("gate: ours", "gate: our"), "did you mean 'ours'?"),
        (("blue-green: blue_green", "blue-green: blue_gren"), ("gate: ours", "gate: our"), "did you mean 'ours'?"),
        (("blue-green: blue_green", "blue-green: {kind: blue_green, k: 1}"), ("gate: ours", "gate: x"), "no gate 'x'"),
        (("slow: {share: 40%", "slow: {shar: 40%"), ("rate: 5%}", "rate: 5%, streams: [pya]}"), "did you mean 'pay'?"),
        (("concurrency: 4", "concurrency: 4\n  queue: x"), ("cpu: 500m", "cpu: 5"), "one pod requests 5 of cpu"),
        (("concurrency: 4", "concurrency: 4\n  queu: 4"), ("cpu: 500m", "cpu: 5"), "one pod requests 5 of cpu"),
    ],
)  # fmt: skip
def test_a_fault_in_one_part_of_a_section_hides_no_breach_by_another(
    fault: tuple[str, str], breach: tuple[str, str], words: str
) -> None:
    text = GOOD.replace(*fault, 1).replace(*breach, 1)
    told = problems(text)
    assert len(told) >= 2, told
    assert any(words in line for line in told), told


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("share: 60%", "share: x"),
        ("success: 99%", "success: 999%"),
        ("peak: 10/s", "peak: 10"),
        ("start: 5s", "start: 5"),
        ("replicas: 4", "replicas: x"),
        ("weight: 20%", "weight: 120%"),
        ("kind: latency, factor: 3", "kind: latncy"),
    ],
)
def test_a_fault_is_not_told_again_as_a_breach_of_what_follows_from_it(good: str, bad: str) -> None:
    assert len(problems(GOOD.replace(good, bad, 1))) == 1


def test_mistakes_are_told_in_the_order_of_the_file() -> None:
    text = GOOD.replace("gate: ours", "gate: x").replace("replicas: 4", "replicas: 0")
    assert [line.split(": ")[1] for line in problems(text)] == ["service.replicas", "strategies.canary.gate"]


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def refusal(file: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(file)
    return str(caught.value)


def test_a_file_that_extends_itself_is_a_cycle(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a="extends: a.yaml\n" + GOOD)
    assert "a cycle" in refusal(folder / "a.yaml")


def test_two_files_that_extend_each_other_are_a_cycle(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a="extends: b.yaml\n" + GOOD, b="extends: a.yaml\n")
    assert "a cycle" in refusal(folder / "a.yaml")


def test_extends_is_one_level_deep(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a="extends: b.yaml\n" + GOOD, b="extends: c.yaml\n", c="name: c\n")
    assert "one level deep" in refusal(folder / "a.yaml")


def test_a_shared_file_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a="extends: absent.yaml\n" + GOOD)
    message = refusal(folder / "a.yaml")
    assert "a.yaml:1:10: extends:" in message
    assert "absent.yaml cannot be read" in message


def test_a_mistake_in_the_shared_file_is_told_at_its_place_there(tmp_path: Path) -> None:
    text = GOOD.replace("nodes: {count: 3, cpu: 4, memory: 16Gi}\n", "")
    folder = folder_with(tmp_path, a="extends: b.yaml\n" + text, b="nodes: {count: 0, cpu: 4, memory: 16Gi}\n")
    assert "b.yaml:1:16: nodes.count: found '0'" in refusal(folder / "a.yaml")


def leaves(node: Any, trail: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [trail] * bool(trail) + [found for key, value in inner for found in leaves(value, (*trail, key))]


keys = st.sampled_from(["kind", "likely", "low", "high", "p50", "file", "column", "mean"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["none", "5%", "1s", "canary", "error_rate", "10/s", "threshold", "-1", "1e999", "9" * 30]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_scenario_with_any_part_replaced_by_anything_is_read_or_refused(draw: st.DataObject) -> None:
    changed = copy.deepcopy(data())
    for _ in range(draw.draw(st.integers(1, 3))):
        trail = draw.draw(st.sampled_from(leaves(changed)))
        changed = with_part(changed, trail, draw.draw(anything))
    try:
        from_data(changed)
    except ScenarioError as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_scenario_with_any_stretch_of_text_changed_is_read_or_refused(draw: st.DataObject) -> None:
    text = draw.draw(st.sampled_from([GOOD, write(data())]))
    start = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(start, min(len(text), start + 12)))
    insert = draw.draw(st.text(alphabet="ab:-[]{}&*!|>'\"%@#? \n\t0.", max_size=6))
    try:
        from_text(text[:start] + insert + text[end:], "changed.yaml")
    except ScenarioError as error:
        assert error.problems  # noqa: PT017
