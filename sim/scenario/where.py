"""Which rows of a file are meant: ``where: {metric_name: http_reqs}``, or several values as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def read_where(written: Mapping[str, Any]) -> dict[str, list[str]]:
    """The cells that rows must have, by column; raises ValueError.

    >>> read_where({"where": {"metric_name": "http_reqs", "status": [200, 500]}})
    {'metric_name': ['http_reqs'], 'status': ['200', '500']}
    """
    where = written.get("where", {})
    if not isinstance(where, Mapping):
        raise ValueError("write columns and the cells that rows must have there, as {metric_name: http_reqs}")
    found = {}
    for name, cells in where.items():
        listed = cells if isinstance(cells, list) else [cells]
        if not listed or any(isinstance(each, Mapping | list) or each is None for each in listed):
            raise ValueError(f"{name}: write the cell that rows must have there, or a list of such, as [GET, POST]")
        found[str(name)] = [str(each).lower() if isinstance(each, bool) else str(each) for each in listed]
    return found
