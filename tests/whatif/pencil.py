"""A service whose capacity a pencil can work out: every pod carries exactly 10 requests a second.

9 pods carry 90 rps, the peak is 45; 3 nodes hold 3 pods each and have room for 8; a lost node is noticed after 50 s.
"""

PENCIL = """
rollrisk: 1
name: pencil
service:
  replicas: 9
  concurrency: 1
  queue: 2
  proxies: 1
  endpoint_lag: 0s
  balancer: round_robin
  pod: {app: {image: 0, cpu: 500m, memory: 256Mi, start: 1s}}
  readiness: {every: 1s, failures: 3}
nodes: {count: 3, cpu: 4, memory: 64Gi, toleration: 2m}
dependencies: {db: {connections: 200, per_pod: 10}}
traffic:
  users: {count: 100}
  profile: {0m: 50%, 10m: 100%}
  streams: {web: {peak: 45/s, arrivals: constant, work: 100ms, timeout: none, retries: none}}
release:
  baseline_errors: 0%
  change_failure_rate: 20%
  defects: {errors: {share: 100%, kind: error_rate, rate: 20%}}
oncall: none
strategies:
  at-once: {kind: blue_green, keep_old: 5m}
slo: {success: 99%, requests: 10M}
prices: {currency: EUR, pod_hour: 2}
study: {horizon: 20m, warm_up: 30s, pilot: 3, cap: 4}
"""
