"""Files whose rows are of several kinds: samples of several metrics at each instant, as load tests and exporters write.

Each such row would be taken for a request, or for a figure of its own; the reader must say which rows are meant.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sim.scenario.masked import column_names

MOST_KINDS = 64
"""A column with more different cells does not tell a few kinds of rows apart."""
NAMES = frozenset({"metric_name", "metric", "__name__", "measurement", "series", "record_type", "row_type"})
"""Columns that name what a row is a sample of: of k6, Prometheus, InfluxDB and their kin."""
_ALIKE = 0.9


def several_kinds(others: Mapping[str, Sequence[str]], times: Sequence[int]) -> str:
    """What to say where rows are of several kinds; empty where they are not.

    A column tells kinds apart when its name says so, or when each of its values stands at nearly every instant, equally
    often: samples come so, requests do not.
    """
    for name, cells in others.items():
        kinds = sorted(set(cells))
        if len(kinds) > 1 and (name.lower() in NAMES or _sampled_together(cells, times)):
            shown = kinds if len(kinds) <= MOST_KINDS else []
            wanted = "http_reqs" if "http_reqs" in kinds else kinds[0]
            return (
                f"holds rows of {len(kinds)} kinds, told apart by its column {name} ({column_names(shown)}); write "
                f"which are meant, as where: {{{name}: {column_names([wanted])}}}"
            )
    return ""


def _sampled_together(cells: Sequence[str], times: Sequence[int]) -> bool:
    """Whether each kind stands at nearly every instant, and all equally often there."""
    kinds = set(cells)
    at: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for cell, when in zip(cells, times, strict=True):
        at[when][cell] += 1
    alike = sum(len(found) == len(kinds) and len(set(found.values())) == 1 for found in at.values())
    return len(at) > 1 and alike >= _ALIKE * len(at)
