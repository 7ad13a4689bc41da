"""One answer at a time: what a person types put into a scenario's words, and what is wrong with it, at once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sim import units
from sim.errors import ScenarioError
from sim.scenario.starter import QUESTIONS, Answers, starter

PLACES = {
    "replicas": ("service.replicas",),
    "peak": ("traffic.streams.web.peak",),
    "median": ("traffic.streams.web.work.p50",),
    "slow": ("traffic.streams.web.work.p95", "traffic.streams.web.work"),
    "errors": ("release.baseline_errors",),
    "bad": ("release.change_failure_rate",),
    "concurrency": ("service.concurrency",),
    "start": ("service.pod.app.start",),
}
"""Where in the scenario an answer stands, so that it is blamed for nothing else."""
MOST_FAILING = 0.5
"""A service of which more fails on a quiet day is more likely told the wrong way round."""
_SECONDS = re.compile(r"(rps|qps|(req(uests?)?|rq)/s(ec)?|/sec|(requests? )?(per|a) second)$")


def tidied(field: str, written: str) -> str:
    """An answer as a scenario would have it: no blank before a unit, ``rps`` as ``/s``.

    >>> tidied("median", "80 ms"), tidied("peak", "100 rps"), tidied("peak", "6k req/s"), tidied("name", "my shop")
    ('80ms', '100/s', '6k/s', 'my shop')
    """
    text = written.strip()
    if field == "name":
        return text
    if field == "peak":
        text = _SECONDS.sub("/s", text)
    return re.sub(r"(?<=[0-9a-zA-Z])\s+(?=[a-zA-Z%/])", "", text)


def objection(field: str, answers: Mapping[str, str]) -> str:
    """What is wrong with the answer to a question, those before it known; empty where nothing is.

    >>> objection("replicas", {"replicas": "eight"})
    "cannot read 'eight' as a whole number; write e.g. 8 or '50k'"
    >>> objection("errors", {"errors": "99.95%"})
    '99.95% of requests fail on a quiet day? Write the share that fails, as 0.05%'
    """
    if field == "errors" and mostly(answers[field]):
        return f"{answers[field]} of requests fail on a quiet day? Write the share that fails, as 0.05%"
    examples = {each.field: each.example for each in QUESTIONS}
    try:
        problems = _problems(starter(Answers(**{**examples, **answers})))
    except ValueError as error:
        return str(error)
    return next((message for path, message in problems if path in PLACES.get(field, ())), "")


def _problems(text: str) -> list[tuple[str, str]]:
    from sim.scenario import from_text

    try:
        from_text(text)
    except ScenarioError as error:
        return [(each.path, each.message) for each in error.problems]
    return []


def mostly(written: str) -> bool:
    """Whether a share of failures can only be one of successes.

    >>> mostly("99.95%"), mostly("0.05"), mostly("much")
    (True, False, False)
    """
    try:
        return units.share(written if "%" in written else f"{written}%") > MOST_FAILING
    except ValueError:
        return False
