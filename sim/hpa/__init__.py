"""The arithmetic of Kubernetes' horizontal pod autoscaler, as pure functions on integers.

Sources: ``pkg/controller/podautoscaler`` of Kubernetes (``horizontal.go``, ``replica_calculator.go``,
``metrics/utilization.go``, v1.28). The rooms above call these functions and hold no copy of them:

- :mod:`sim.hpa.pods` says which pods count, and how;
- :mod:`sim.hpa.calculator` turns their usage into a wish;
- :mod:`sim.hpa.stabilise` and :mod:`sim.hpa.limits` hold the wish back;
- :mod:`sim.hpa.reconcile` is one pass through all of them.

Times are integer nanoseconds, usages and requests thousandths of a core (or of whatever is measured).
"""
