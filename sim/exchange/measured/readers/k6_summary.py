"""k6's summary of a run as JSON, in each shape it has had.

``--summary-export`` puts a metric's figures beside its name, ``handleSummary`` under ``values``, and the
machine-readable summary of 1.5 and later lists metrics under ``results`` (grafana/k6, ``internal/js/summary.go`` and
``internal/lib/summary/machine_readable.go``). Times are in milliseconds. Of a rate ``passes``, later ``matches``,
counts what is true: of ``http_req_failed`` those are the requests that failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.exchange.measured.asked import Asked
from sim.exchange.measured.data import ALL, Measured, Series, Windows
from sim.named_files import UnreadableError
from sim.units import MILLISECOND

K6_FAILED = "as k6 has it: answers of 400 and above and requests without an answer count as failed"


def is_summary(document: Any) -> bool:
    """Whether a JSON document is a summary of k6."""
    return isinstance(document, dict) and "http_reqs" in dict(_metrics(document))


def _metrics(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names and figures, whatever the shape."""
    results = document.get("results")
    listed = (results if isinstance(results, dict) else document).get("metrics")
    named = (
        listed.items()
        if isinstance(listed, dict)
        else ((str(each.get("name")), each) for each in listed if isinstance(each, dict))
        if isinstance(listed, list)
        else ()
    )
    for name, each in named:
        if isinstance(each, dict):
            values = each.get("values", each)
            yield name, values if isinstance(values, dict) else {}


def read(file: str, document: Mapping[str, Any], asked: Asked) -> Measured:
    """One window: the whole run; raises UnreadableError where nothing can be told from it."""
    metrics = dict(_metrics(document))
    count = _number(metrics["http_reqs"], "count")
    seconds = _seconds(document, metrics["http_reqs"], count)
    streams = asked.streams.names
    stream = streams[0] if len(streams) == 1 else ALL
    duration = metrics.get("http_req_duration", {})
    said, lost = [], []
    shares = {_share(key): float(value) for key, value in duration.items() if _share(key) and _is_number(value)}
    rate_of_failed = metrics.get("http_req_failed", {})
    failing = next(
        (float(rate_of_failed[key]) for key in ("rate", "value") if _is_number(rate_of_failed.get(key))), None
    )
    if failing is not None:
        said.append(K6_FAILED)
    if count is None:
        raise UnreadableError("is a summary of k6 without the number of its requests (http_reqs)")
    if len(streams) > 1:
        lost.append("a summary of k6 holds all its requests together; for each stream give k6's points (--out json=…)")
    lost.append("a summary of k6 is one load for the whole run, ramps included; k6's points (--out json=…) say more")
    window = Windows(
        began=np.zeros(1, dtype=np.int64),
        lasts=np.array([round(seconds * 1e9)], dtype=np.int64),
        requests=np.array([count]),
        failing=None if failing is None else np.array([failing]),
        quantiles=MappingProxyType({share: np.array([each * MILLISECOND]) for share, each in sorted(shares.items())}),
        mean=np.array([float(duration["avg"]) * MILLISECOND]) if _is_number(duration.get("avg")) else None,
    )
    return Measured(
        file=file,
        form="a summary of k6",
        series=(Series(stream=stream, data=window),),
        load_test=True,
        said=tuple(said),
        lost=tuple(lost),
    )


def _seconds(document: Mapping[str, Any], requests: Mapping[str, Any], count: float | None) -> float:
    """How long the run took; 0 where the summary does not say."""
    config, state = document.get("config"), document.get("state")
    if isinstance(config, dict) and _is_number(config.get("duration")):
        return float(config["duration"])
    if isinstance(state, dict) and _is_number(state.get("testRunDurationMs")):
        return float(state["testRunDurationMs"]) / 1000
    rate = _number(requests, "rate")
    return count / rate if count and rate else 0.0


def _share(key: str) -> float:
    """The share a percentile's name means; 0 for what is none.

    >>> _share("p(95)"), _share("med"), _share("avg")
    (0.95, 0.5, 0.0)
    """
    if key == "med":
        return 0.5
    found = re.fullmatch(r"p\((\d+(?:\.\d+)?)\)", key)
    return float(found[1]) / 100 if found and 0 < float(found[1]) < 100 else 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(values: Mapping[str, Any], key: str) -> float | None:
    return float(values[key]) if _is_number(values.get(key)) else None
