"""What the command's exit status says; the same text stands in ``--help``."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.study.findings import Findings


class Status(IntEnum):
    """Exit statuses; a script may rely on them."""

    DONE = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    FAILED = 10
    UNDECIDED = 11
    NONE_SHIPS = 12
    HUNG_UP = 129
    INTERRUPTED = 130


MEANINGS = {
    Status.DONE: "done, and every acceptance criterion (expect:) is met",
    Status.UNEXPECTED: "an unexpected error: a fault of rollrisk, not of your file",
    Status.BAD_INPUT: "wrong usage or a bad input file",
    Status.FAILED: "an acceptance criterion failed, or a review found an error",
    Status.UNDECIDED: "an acceptance criterion is undecided; play more",
    Status.NONE_SHIPS: "no strategy ships good releases (study.false_aborts): there is nothing to choose",
    Status.HUNG_UP: "the terminal went away (SIGHUP); what is done is kept, and the same command goes on",
    Status.INTERRUPTED: "interrupted; what is done is kept, and the same command goes on",
}

_GRAVEST_FIRST = (
    Status.HUNG_UP,
    Status.INTERRUPTED,
    Status.UNEXPECTED,
    Status.BAD_INPUT,
    Status.FAILED,
    Status.NONE_SHIPS,
    Status.UNDECIDED,
    Status.DONE,
)


def of_findings(findings: Findings) -> Status:
    """The status of one study: a failed criterion, then whether anything ships, then a criterion that is undecided.

    A verdict of "cannot tell" is an answer and no failure.
    """
    if findings.interrupted:
        return Status.INTERRUPTED
    became = {criterion.status for criterion in findings.criteria}
    if "FAILED" in became:
        return Status.FAILED
    if findings.ruling.none_ships:
        return Status.NONE_SHIPS
    return Status.UNDECIDED if "undecided" in became else Status.DONE


def gravest(statuses: Iterable[Status]) -> Status:
    """The status of several studies together.

    >>> gravest([Status.DONE, Status.UNDECIDED, Status.FAILED]).name
    'FAILED'
    """
    return min(statuses, key=_GRAVEST_FIRST.index, default=Status.DONE)


def table() -> str:
    """The statuses as lines for ``--help``."""
    return "\n".join(f"  {status.value:>3}  {meaning}" for status, meaning in MEANINGS.items())
