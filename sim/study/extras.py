"""What a run keeps of its replications beyond their rows, when it is asked to: time series, and a sample of requests.

Both are pure functions of scenario and job, as rows are. They are never kept in memory: a few dozen
replications later they are on disk (:mod:`sim.study.shards`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sim.scenario.resolved import Scenario
from sim.study.cells import Job
from sim.study.series import Columns

SERIES, REQUESTS = "series", "requests"
"""The two tables, each a folder of the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be kept."""

    series: bool = False
    sample: float = 0.0  # share of the requests

    def __bool__(self) -> bool:
        return self.series or self.sample > 0

    def marks(self) -> dict[str, str]:
        """By table, what tells it from one that was asked for otherwise."""
        found = {SERIES: "all"} if self.series else {}
        return found | ({REQUESTS: f"{self.sample:.9g}"} if self.sample > 0 else {})


NOTHING = Wanted()


class Extra(NamedTuple):
    """What is kept of one replication, by table."""

    job: Job
    tables: dict[str, Columns]


def extra_of(wanted: Wanted, job: Job, record: Any, scenario: Scenario) -> Extra:
    """What was asked for, from a record that was kept with its story."""
    from sim.study.sampling import sample_of
    from sim.study.series import series_of

    tables = {SERIES: series_of(record, scenario)} if wanted.series else {}
    if wanted.sample > 0:
        tables[REQUESTS] = sample_of(record, scenario, wanted.sample)
    return Extra(job, tables)
