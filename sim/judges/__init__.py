"""The decision rules of real rollout tools, as pure functions on plain numbers.

No clock, no metrics, no simulation: counters in, phase or label or score out. The gates of ``sim/gates`` ask these
functions, and the tools' own test cases are put to the very same ones.

* ``analysis_run``: Argo Rollouts' AnalysisRun: measurements, limits, metric and run phases, the schedule
* ``condition``: what a measurement is held against
* ``flagger_checks``: Flagger's failed checks, thresholds and webhooks
* ``mann_whitney``: Kayenta's rank test with its interval, and the exact one
* ``metric_label``: Kayenta's cleaning, effect sizes and labels
* ``canary_score``: Kayenta's group scores, thresholds and windows
"""
