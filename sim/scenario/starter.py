"""A first scenario from few answers: complete, commented, and honest about what is a guess."""

from __future__ import annotations

from dataclasses import dataclass

from sim import units


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only the author knows, and three figures of the pod, all as written in a scenario."""

    name: str
    replicas: str
    peak: str
    median: str
    slow: str
    errors: str
    bad: str
    concurrency: str
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: the field of :class:`Answers`, how it is asked, an example, and a guess where one is allowed."""

    field: str
    asks: str
    example: str
    guess: str = ""


FIRST_RUN = 250_000_000
"""Requests of a first run: about a minute of two cores."""
CELLS, REPLICATION = 13, 80 * 60
"""Of the scenario below: strategies times cases and the twin, and the seconds one is watched, about."""
FEWEST, MOST = 10, 100
"""Replications of a case: below the first no interval means anything, above the second a first look is long enough."""

QUESTIONS = (
    Question(field="name", asks="What is the service called", example="checkout", guess="my service"),
    Question(field="replicas", asks="How many pods does it run", example="8"),
    Question(field="peak", asks="How many requests a second at the peak", example="100/s"),
    Question(field="median", asks="How long does a request take, the middle one", example="80ms"),
    Question(field="slow", asks="And one in twenty takes longer than", example="300ms"),
    Question(field="errors", asks="What share of requests fails on a quiet day", example="0.05%"),
    Question(field="bad", asks="What share of your releases is bad (a range is fine: 4-15%)", example="8%"),
    Question(field="concurrency", asks="How many requests does a pod work on at once", example="8", guess="8"),
    Question(field="start", asks="How long does a pod need to start", example="15s", guess="15s"),
)


def starter(answers: Answers) -> str:
    """The text of a scenario that ``rollrisk check`` accepts if the answers are such as a scenario allows.

    >>> answers = Answers(name="shop", replicas="4", peak="50", median="80ms", slow="0.3s", errors="0.05%",
    ...     bad="4-15%", concurrency="8", start="15s")
    >>> "change_failure_rate: {low: 4%, likely: 9.5%, high: 15%}" in starter(answers)
    True
    """
    return _TEXT.format(
        name=_quoted(answers.name),
        replicas=answers.replicas,
        peak=_peak(answers.peak),
        median=answers.median,
        slow=answers.slow,
        errors=_share(answers.errors),
        bad=_range(answers.bad),
        concurrency=answers.concurrency,
        start=answers.start,
        **_first_study(answers.peak),
    )


def _first_study(peak: str) -> dict[str, int]:
    """The pilot and the cap of a first run: so many replications as take about a minute of two cores."""
    try:
        per_second = units.rate(_peak(peak))
    except ValueError:
        per_second = 0.0  # the scenario's own reader will say what is wrong with it
    cap = max(FEWEST, min(MOST, round(FIRST_RUN / (CELLS * REPLICATION * per_second)))) if per_second else MOST
    return {"pilot": min(20, cap), "cap": cap}


def _peak(written: str) -> str:
    """A bare number is meant per second."""
    return written if "/" in written else f"{written}/s"


def _range(written: str) -> str:
    """A share, or low and high with a dash between them as a range around their middle."""
    low, dash, high = written.replace("%", "").partition("-")
    if not dash:
        return _share(written)
    try:
        likely = (float(low) + float(high)) / 2
    except ValueError:
        return written
    return f"{{low: {low.strip()}%, likely: {likely:g}%, high: {high.strip()}%}}"


def _share(written: str) -> str:
    """A bare number is meant in percent."""
    try:
        return f"{float(written):g}%"
    except ValueError:
        return written


def _quoted(name: str) -> str:
    """A name as a YAML string, whatever signs are in it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_TEXT = """\
# What would a release of this service cost? Written by rollrisk init; every line is yours to change.
#   rollrisk check FILE    every mistake at once      rollrisk plan FILE   what was assumed
#   rollrisk run FILE      the answer and a report    rollrisk kinds       what else can be said here
rollrisk: 1
name: {name}
question: Which way of releasing costs our users least?
service:
  replicas: {replicas}
  concurrency: {concurrency}        # requests one pod works on at once: threads, workers
  queue: 50             # waiting per pod; beyond it requests are turned away
  balancer: random
  pod:
    app: {{image: 150MB, cpu: 500m, memory: 512Mi, start: {start}}}
nodes: {{count: 3, cpu: 8, memory: 32Gi}}    # a guess: write your own, room for two fleets is needed by blue/green
traffic:
  users: {{count: 10000}}
  profile: {{0m: 100%}}   # all the time at the peak; or e.g. {{0m: 70%, 30m: 100%, 2h: 60%}}
  streams:
    web: {{peak: {peak}, work: {{p50: {median}, p95: {slow}}}}}   # more streams: reads, writes, paying users
release:
  baseline_errors: {errors}
  change_failure_rate: {bad}
  defects:              # the ways your bad releases were bad; shares together 100 %
    errors: {{share: 60%, kind: error_rate, rate: {{p50: 3%, p95: 30%}}}}
    slow: {{share: 25%, kind: latency, factor: 2}}
    crashes: {{share: 15%, kind: crash_loop}}
oncall: {{notices_at: 5%, reacts: {{p50: 10m, p95: 40m}}}}   # who stops it where no gate does
gates:
  success: {{kind: threshold, per: version, success: 99%, every: 1m, window: 1m, fails: 2}}
strategies:             # what you do today, and what you think of
  rolling: {{kind: rolling, surge: 25%, unavailable: 25%}}
  blue-green: {{kind: blue_green, gate: success, keep_old: 15m}}
  canary: {{kind: canary, gate: success, steps: [{{weight: 10%, hold: 10m}}, {{weight: 50%, hold: 10m}}]}}
slo: {{success: 99.9%, window: 30d}}
# A first look of about a minute. To decide by it, play on: rollrisk run FILE --precision 10% --cap 400
study: {{precision: 20%, pilot: {pilot}, cap: {cap}}}
"""
