"""Scenario texts small enough that a test can play a whole study of them."""

SMALL = """
rollrisk: 1
name: small service
question: Does the command do what it says?
service:
  replicas: 2
  concurrency: 4
  queue: 20
  balancer: random
  pod: {app: {image: 10MB, cpu: 500m, memory: 256Mi, start: 2s}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic:
  users: {count: 100}
  profile: {0m: 100%}
  streams: {web: {peak: 5/s, work: 20ms}}
release:
  baseline_errors: 0.1%
  change_failure_rate: 20%
  version: {}
  defects: {errors: {share: 100%, kind: error_rate, rate: 20%}}
oncall: none
gates: {ours: {kind: threshold, per: version, success: 95%, min_requests: 10}}
strategies:
  at-once: {kind: blue_green, gate: ours, keep_old: 4m}
  step-by-step: {kind: canary, gate: ours, steps: [{weight: 20%, hold: 4m}]}
study: {horizon: 12m, warm_up: 30s, pilot: 3, cap: 4}
"""


def expecting(bound: str) -> str:
    """The small scenario with a criterion on the failed requests of a bad release."""
    return (
        SMALL
        + f"""
expect:
  - {{measure: failed_requests, strategy: any, given: bad, mean: "< {bound}"}}
"""
    )


BROKEN = SMALL.replace("replicas: 2", "replicas: 0").replace("balancer: random", "balancer: rondom")
