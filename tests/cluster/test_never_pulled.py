"""A pod whose node may not pull its image waits for it; the release comes to an end and does not ship."""

from __future__ import annotations

import itertools

from sim.replication import replicate
from sim.scenario import from_text

NEVER_PULLED = """
rollrisk: 1
service:
  replicas: 2
  concurrency: 4
  pull_policy: Never
  progress_deadline: 1m
  pod: {app: {image: 10MB, cpu: 100m, memory: 64Mi, start: 1s}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic: {users: {count: 10}, streams: {web: {peak: 1/s, work: 20ms}}}
release: {baseline_errors: 0%, change_failure_rate: 0%}
oncall: none
strategies: {rolling: {kind: rolling, surge: 1, unavailable: 0}}
study: {horizon: 5m, warm_up: 10s}
"""


def test_a_release_whose_image_is_never_pulled_comes_to_an_end_and_does_not_ship() -> None:
    scenario = from_text(NEVER_PULLED)
    record = replicate(scenario, strategy="rolling", case="good", index=0, engine="reference", story=True)
    assert record.values["not_shipped"] == 1.0
    assert record.journal is not None
    waits = [each.at for each in record.journal.events if "none is pulled" in each.what]
    assert {later - earlier for earlier, later in itertools.pairwise(waits)} == {10 * 10**9}
