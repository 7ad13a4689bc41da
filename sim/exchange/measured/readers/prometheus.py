"""Answers of Prometheus' HTTP API to ``query_range`` and ``query``, saved as JSON.

Source: prometheus.io/docs/prometheus/latest/querying/api. Values are text, also "NaN" and "+Inf". What a series means
is told by its name; ``rate()`` and ``sum()`` take the name away, and then the person who asked has to say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim import units
from sim.exchange.measured.asked import MEANINGS, UNITS, Asked, Meaning
from sim.exchange.measured.data import ALL, Floats, Measured, Series, Windows, joined
from sim.exchange.measured.endings import GRPC_LABELS, RULE, STATUS_LABELS, failed, grpc_failed
from sim.exchange.measured.readers.meanings import PERCENTILES
from sim.exchange.measured.readers.prometheus_windows import Group, windows
from sim.exchange.measured.readers.tracks import Track
from sim.exchange.measured.streams import advice
from sim.named_files import UnreadableError

_STARTS = ("kube_pod_start_time", "kube_pod_created")
_READY = ("kube_pod_status_ready_time", "kube_pod_status_container_ready_time")


def is_answer(document: Any) -> bool:
    """Whether a JSON document is an answer of Prometheus, whole or its ``data`` alone."""
    if not isinstance(document, dict):
        return False
    return "resultType" in document or (
        document.get("status") in ("success", "error") and "resultType" in _data(document)
    )


def _data(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = document.get("data", {"resultType": ""} if document.get("status") == "error" else {})
    return found if isinstance(found, dict) else {}


def read(file: str, document: Mapping[str, Any], asked: Asked) -> Measured:
    """What an answer holds; raises UnreadableError for one that is an error, or nothing of use."""
    if document.get("status") == "error":
        told = "".join(each for each in str(document.get("errorType", "")) if each.isalnum() or each == "_")[:40]
        raise UnreadableError(f"is an error of Prometheus ({told or 'unknown'}), not an answer; ask again")
    data = document if "resultType" in document else _data(document)
    kind, result = data.get("resultType"), data.get("result")
    if kind not in ("matrix", "vector") or not isinstance(result, list):
        raise UnreadableError("is an answer without series; ask query_range for rates, counters or buckets over time")
    if not result:
        raise UnreadableError("is an empty answer: the query matched no series at that time")
    reading = _Reading(asked)
    for entry in result:
        reading.take(entry)
    return reading.measured(file, "range" if kind == "matrix" else "instant")


class _Reading:
    """Goes through the series of an answer."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._groups: dict[tuple[str, str], Group] = {}
        self._pods: dict[str, dict[str, float]] = {}
        self._nobodys = 0
        self._unknown = 0
        self._units: set[str] = set()

    def take(self, entry: Any) -> None:
        """One series."""
        labels = entry.get("metric") if isinstance(entry, dict) else None
        if not isinstance(labels, dict):
            raise UnreadableError("holds a series without a metric: it is no answer of Prometheus")
        name = str(labels.get("__name__", ""))
        times, values, histograms = _samples(entry)
        if name in (*_STARTS, *_READY):
            self._pod(name, labels, values)
            return
        if name.endswith(("_sum", "_created")):
            return
        stream = self._asked.streams.of([str(value) for key, value in labels.items() if key not in ("__name__", "le")])
        if (
            stream is None
            and len(labels.keys() - {"__name__", "le", "quantile"}) == 0
            and len(self._asked.streams.names) > 1
        ):
            stream = ALL
        if stream is None:
            self._nobodys += 1
            return
        group = self._groups.setdefault((stream, _base(name)), Group())
        group.unit = self._unit(name)
        group.is_moment |= "value" in entry or "histogram" in entry
        group.tells |= any(label in labels for label in (*STATUS_LABELS, *GRPC_LABELS))
        bad = _is_failed(labels)
        if histograms:
            group.native.append((times, histograms, bool(name)))
        else:
            track = Track(np.asarray(times, dtype=np.int64), values)
            if not self._put(group, name, labels, track, failing=bad):
                self._unknown += 1

    def _put(self, group: Group, name: str, labels: Mapping[str, Any], track: Track, *, failing: bool) -> bool:
        """Whether it is known what the series means."""
        meaning = self._asked.meaning
        if "le" in labels:
            end, is_counter = float(str(labels["le"])), name.endswith("_bucket")
            if failing:
                if np.isinf(end) and is_counter:
                    group.counters[True].append(track)
                return True
            (group.buckets if is_counter else group.bucket_rates).setdefault(end, []).append(track)
            return True
        if "quantile" in labels:
            group.quantiles.setdefault(float(str(labels["quantile"])), []).append(track)
            return True
        if meaning is None and name.endswith(("_total", "_count")):
            group.counters[failing or "error" in name or "fail" in name].append(track)
            return True
        meaning = meaning or _meaning_of(name, labels)
        if meaning is None:
            return False
        if meaning == "error_ratio":
            group.ratios.append(track)
        elif meaning in PERCENTILES:
            group.quantiles.setdefault(PERCENTILES[meaning], []).append(track)
        else:
            group.rates[failing or meaning == "errors"].append(track)
        return True

    def _pod(self, name: str, labels: Mapping[str, Any], values: Floats) -> None:
        told = values[~np.isnan(values)]
        pod = f"{labels.get('namespace', '')}/{labels.get('pod', '')}/{labels.get('uid', '')}"
        if len(told):
            which = "ready" if name in _READY else "start"
            at = float(told[0])  # a pod that loses its readiness later is ready anew
            self._pods.setdefault(pod, {}).setdefault(which, at)

    def _unit(self, name: str) -> int:
        for word, size in (("millisecond", 10**6), ("_ms", 10**6), ("microsecond", 10**3), ("_us_", 10**3)):
            if word in name:
                return size
        if self._asked.unit:
            return UNITS[self._asked.unit]
        return units.SECOND

    def measured(self, file: str, kind: str) -> Measured:
        """All that was taken."""
        parts: dict[str, list[Windows]] = {}
        said: list[str] = []
        lost: list[str] = []
        for (stream, _), group in self._groups.items():
            parts.setdefault(stream, []).extend(windows(group, said))
        starts = tuple(pod["ready"] - pod["start"] for pod in self._pods.values() if {"ready", "start"} <= pod.keys())
        if self._pods and not starts:
            lost.append(
                "pods have no start beside their readiness; save both together, as "
                '{__name__=~"kube_pod_start_time|kube_pod_status_ready_time"}'
            )
        if self._nobodys:
            lost.append(f"{self._nobodys} series belong to no stream of the scenario; {advice(self._asked.streams)}")
        if self._unknown:
            lost.append(
                f"{self._unknown} series do not say what their values are: rate() and sum() take the name away; say, "
                f"as --from requests={_short(file)}; allowed: {', '.join(MEANINGS)}"
            )
        found = tuple(
            Series(stream=stream, data=each) for stream, each_parts in parts.items() for each in joined(each_parts)
        )
        if not found and not starts:
            raise UnreadableError("; ".join(lost) or "holds nothing that a scenario needs")
        if any(each.data.failures is not None for each in found if isinstance(each.data, Windows)):
            said.append(RULE)
        if any(group.is_moment for group in self._groups.values()):
            lost.append("an answer of one moment says nothing about how many requests came when; ask query_range")
        return Measured(
            file=file, form=f"an answer of Prometheus ({kind} query)", series=found, starts=starts, dated=True,
            said=tuple(dict.fromkeys(said)), lost=tuple(lost),
        )  # fmt: skip


def _short(file: str) -> str:
    return file.rsplit("/", 1)[-1]


def _samples(entry: Mapping[str, Any]) -> tuple[list[int], Floats, list[Mapping[str, Any]]]:
    """Times in ns, values, and native histograms of a series."""
    pairs = entry.get("values") or ([entry["value"]] if "value" in entry else [])
    native = entry.get("histograms") or ([entry["histogram"]] if "histogram" in entry else [])
    try:
        if native:
            return [round(float(at) * 1000) * 10**6 for at, _ in native], np.zeros(0), [each for _, each in native]
        times = [round(float(at) * 1000) * 10**6 for at, _ in pairs]
        values = np.array([float(value) for _, value in pairs], dtype=np.float64)
    except (TypeError, ValueError):
        raise UnreadableError("holds a sample that is no pair of a time and a value") from None
    return times, np.where(np.isfinite(values), values, np.nan), []


def _base(name: str) -> str:
    return re.sub(r"_(bucket|count|sum|total)$", "", name)


def _is_failed(labels: Mapping[str, Any]) -> bool:
    for label in STATUS_LABELS:
        if label in labels:
            return failed(str(labels[label])) or False
    return any(label in labels and grpc_failed(str(labels[label])) for label in GRPC_LABELS)


def _meaning_of(name: str, labels: Mapping[str, Any]) -> Meaning | None:
    """What the name of a recording rule tells, or the labels of what a rate left."""
    bad = "error" in name or "fail" in name
    if re.search(r":i?rate\d|per_second|_rps|_qps", name):
        return "errors" if bad else "requests"
    if bad and "ratio" in name:
        return "error_ratio"
    if not name and any(label in labels for label in (*STATUS_LABELS, *GRPC_LABELS)):
        return "requests"
    return None
