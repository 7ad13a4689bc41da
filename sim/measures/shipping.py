"""Whether a good release reached everybody, and in a few words why not.

A reason begins with its cause, a word or two that is the same in every release of that fate, and a colon; what follows
are the words of whoever stopped it. So releases can be counted by cause and one of them quoted.
"""

from __future__ import annotations

from sim.journal import Journal, Milestone
from sim.steps import Answer, Decision, Detector

APPROVAL, DEADLINE, HORIZON, ON_CALL, SMOKE_TEST = "approval", "deadline", "horizon", "on-call", "smoke test"
GATE = "gate "
"""Followed by the gate's name."""


def why_not_shipped(journal: Journal, horizon: int) -> str:
    """Why a release that should have been promoted was not; empty where it was."""
    late = journal.milestones.get(Milestone.DECIDED, 0) > horizon
    decision = Decision.UNFINISHED if late else journal.decision
    if decision is Decision.PROMOTED:
        return ""
    if Milestone.ROLLBACK in journal.milestones or decision is Decision.ABORTED:
        return _taken_back(journal)
    if decision is Decision.STUCK:
        return _held_back(journal, DEADLINE, "the progress deadline passed")
    waits = next((each.what for each in reversed(journal.events) if each.kind == "step"), "")
    if waits.startswith("waits for a person"):
        return f"{APPROVAL}: {waits}"
    if journal.verdicts and journal.verdicts[-1][2].answer is Answer.INCONCLUSIVE:
        _, name, verdict = journal.verdicts[-1]
        return f"{APPROVAL}: the gate {name} paused it, and nobody resumed it ({verdict.reason})"
    return _held_back(journal, HORIZON, f"the last step was: {waits}" if waits else "it had not begun")


def _taken_back(journal: Journal) -> str:
    by = journal.stopped_by
    if by is Detector.GATE:
        return _by_gate(journal)
    if by is Detector.ON_CALL:
        pages = [each.what for each in journal.events if each.kind == "page" and each.what.startswith("paged")]
        return f"{ON_CALL}: {pages[-1] if pages else 'took it back'}"
    if by is Detector.SMOKE_TEST:
        return f"{SMOKE_TEST}: it found fault"
    return _held_back(journal, DEADLINE, "the progress deadline passed")


def _by_gate(journal: Journal) -> str:
    """The gate's last words; where these only count earlier failures, the last of those, too."""
    failed = [(name, verdict) for _, name, verdict in journal.verdicts if verdict.answer is not Answer.PASS]
    if not failed:
        return f"{GATE.strip()}: stopped it"
    name, last = failed[-1]
    earlier = [verdict.reason for _, verdict in failed[:-1] if verdict.reason != last.reason]
    more = f" (before that: {earlier[-1]})" if earlier and not last.figures else ""
    return f"{GATE}{name}: {last.reason}{more}"


def _held_back(journal: Journal, cause: str, otherwise: str) -> str:
    """What kept pods from coming up, the latest of it; else the cause itself."""
    known = sorted((at, str(by), how) for by, (at, how) in journal.hindered.items() if at >= 0)
    return f"{known[-1][1]}: {known[-1][2]}" if known else f"{cause}: {otherwise}"
