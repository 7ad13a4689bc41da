"""What a person answers in the place of guesses."""

from __future__ import annotations

from collections.abc import Mapping

from sim.exchange.drafts.lines import Line, Tree

ORIGIN = "your answer"
GUESSES = {"peak": "100/s", "median": "50ms", "slow": "200ms", "errors": "0.05%", "bad": "19%", "concurrency": "8",
           "start": "15s"}  # fmt: skip
"""What stands in a draft where nothing is answered, about; it stays marked as a guess."""


def with_answers(tree: Tree, answers: Mapping[str, str]) -> None:
    """Put answers into a scenario's sections, by the names of ``rollrisk init``'s options."""
    values: dict[str, object] = dict(answers)
    if "peak" in answers:
        _at(tree, "traffic", "streams", "web")["peak"] = _line(_per_second(answers["peak"]))
    if "median" in answers or "slow" in answers:
        web = _at(tree, "traffic", "streams", "web")
        work = {"p50": values.get("median", GUESSES["median"]), "p95": values.get("slow", GUESSES["slow"])}
        web["work"] = _line(work, whole={"median", "slow"} <= set(answers))
    if "errors" in answers:
        _at(tree, "release")["baseline_errors"] = _line(_share(answers["errors"]))
    if "bad" in answers:
        _at(tree, "release")["change_failure_rate"] = _line(_range(answers["bad"]))
    for key in ("replicas", "concurrency"):
        if key in answers:
            _at(tree, "service")[key] = _line(answers[key])
    if "start" in answers:
        for container in _at(tree, "service", "pod").values():
            if isinstance(container, dict) and not {"init", "sidecar"} & set(container):
                container["start"] = _line(answers["start"])
    if "name" in answers:
        tree["name"] = _line(answers["name"])


def _at(tree: Tree, *keys: str) -> Tree:
    for key in keys:
        part = tree[key]
        assert isinstance(part, dict), key
        tree = part
    return tree


def _line(value: object, *, whole: bool = True) -> Line:
    return Line(
        int(value) if isinstance(value, str) and value.isdigit() else value, ORIGIN if whole else f"in part {ORIGIN}"
    )


def _per_second(written: str) -> str:
    return written if "/" in written else f"{written}/s"


def _share(written: str) -> str:
    """A bare number is meant in percent."""
    return f"{written}%" if written.replace(".", "", 1).isdigit() else written


def _range(written: str) -> object:
    """A share, or low and high with a dash between them as a range around their middle.

    >>> _range("4-15%"), _range("8")
    ({'low': '4%', 'likely': '9.5%', 'high': '15%'}, '8%')
    """
    low, dash, high = written.replace("%", "").partition("-")
    if not dash:
        return _share(written)
    try:
        likely = (float(low) + float(high)) / 2
    except ValueError:
        return written
    return {"low": f"{low.strip()}%", "likely": f"{likely:g}%", "high": f"{high.strip()}%"}
