"""The course of a rollout: who noticed and who stopped it, how long that took, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.journal import Gauge, Journal, Milestone
from sim.measures.stairs import stairs
from sim.steps import Decision, Detector

BEFORE_USERS = (Detector.SMOKE_TEST, Detector.DEADLINE)
"""Who can find a bad release that has served nobody yet."""

NEVER = float("inf")


def course(journal: Journal, first_served: int, *, horizon: int, bad: bool, released: bool) -> dict[str, float]:
    """Detection, stopping, decision and duration; ``first_served`` is the new version's first request (ns)."""
    rollout = _Rollout(journal, first_served, horizon)
    values = _noticed(rollout) if bad else _unnoticed()
    values["false_alarms"] = 0.0 if bad else rollout.alarms
    values |= _stopped(rollout, bad=bad)
    values |= _decided(rollout, released=released)
    values |= {"asleep": float(bad and rollout.asleep), "awake": rollout.awake if bad else 0.0}
    values["duration"] = rollout.duration if released else 0.0
    values["blackout"] = stairs(journal, Gauge.BLACKOUT, horizon).total
    return values


@dataclass(frozen=True, slots=True)
class _Rollout:
    """The moments that count, in ns; infinite where something did not come before the horizon."""

    journal: Journal
    first_served: int
    horizon: int

    def reached(self, milestone: Milestone) -> float:
        at = self.journal.milestones.get(milestone)
        return NEVER if at is None or at > self.horizon else at

    @property
    def detected(self) -> float:
        return self.reached(Milestone.DETECTED)

    @property
    def before_users(self) -> bool:
        """Found by smoke test or deadline while the new version had served nobody."""
        return self.journal.detected_by in BEFORE_USERS and self.detected < self.first_served

    @property
    def onset(self) -> float:
        """When the release began to hurt: the new version's first request; where it was noticed before it had any, the
        first blackout since the release; where there was none, the notice itself."""
        if self.first_served <= min(self.detected, self.horizon):
            return self.first_served
        blackout = stairs(self.journal, Gauge.BLACKOUT, self.horizon).first_above(0.0)
        return blackout if blackout is not None and blackout <= self.detected else self.detected

    @property
    def decision(self) -> Decision:
        """What had become of the rollout by the horizon."""
        late = self.journal.milestones.get(Milestone.DECIDED, 0) > self.horizon
        return Decision.UNFINISHED if late else self.journal.decision

    @property
    def rolled_back(self) -> bool:
        return self.reached(Milestone.ROLLBACK) < NEVER or self.decision == Decision.ABORTED

    @property
    def stopped_by(self) -> Detector:
        """Who took it back: as noted, else who noticed."""
        noted = self.journal.stopped_by
        return self.journal.detected_by if noted == Detector.NOBODY else noted

    @property
    def asleep(self) -> bool:
        """Whether nobody has stopped it, and its defect has not acted by the horizon."""
        return self.journal.woke > self.horizon and _stopper(self) == "stopped_nobody"

    @property
    def awake(self) -> float:
        """Seconds in which the defect acted and users could reach it."""
        begins = max(self.journal.woke, self.first_served)
        return max(0.0, min(self.reached(Milestone.MITIGATED), self.horizon) - begins) / 1e9

    @property
    def alarms(self) -> float:
        """Pages, and a gate that failed."""
        return float(self.journal.pages + (self.journal.detected_by == Detector.GATE))

    @property
    def duration(self) -> float:
        started = self.journal.milestones.get(Milestone.STARTED, 0)
        return (min(self.reached(Milestone.DECIDED), self.horizon) - started) / 1e9


def _unnoticed() -> dict[str, float]:
    """There was nothing to notice."""
    times = {"time_to_detect": NEVER, "time_to_mitigate": NEVER, "time_to_restore": NEVER}
    return {"detected": 0.0, "detected_before_users": 0.0, **times}


def _noticed(rollout: _Rollout) -> dict[str, float]:
    """How long a bad release went unnoticed, in reach and unrepaired, from its onset.

    One found before it served any user has taken no time to be noticed and kept out of reach.
    """
    onset = rollout.onset

    def since_onset(moment: float) -> float:
        return max(0.0, moment - onset) / 1e9 if moment < NEVER else NEVER

    early = rollout.before_users
    return {
        "detected": float(rollout.detected < NEVER),
        "detected_before_users": float(early),
        "time_to_detect": 0.0 if early else since_onset(rollout.detected),
        "time_to_mitigate": 0.0 if early else since_onset(rollout.reached(Milestone.MITIGATED)),
        "time_to_restore": since_onset(rollout.reached(Milestone.RESTORED)),
    }


def _stopped(rollout: _Rollout, *, bad: bool) -> dict[str, float]:
    """Who stopped a bad release; exactly one of the four is 1, and none for a good release."""
    words = ("stopped_gate", "stopped_oncall", "stopped_before_users", "stopped_nobody")
    chosen = _stopper(rollout) if bad else ""
    return {word: float(word == chosen) for word in words}


def _stopper(rollout: _Rollout) -> str:
    """Before users: found so early and taken back, or stuck and never served. A late deadline acts as a gate does; a
    rollout that its own plan takes back was stopped by nobody."""
    if rollout.before_users and (rollout.rolled_back or rollout.first_served > rollout.horizon):
        by_person = rollout.stopped_by == Detector.ON_CALL and rollout.first_served <= rollout.horizon
        return "stopped_oncall" if by_person else "stopped_before_users"
    if not rollout.rolled_back or rollout.stopped_by == Detector.NOBODY:
        return "stopped_nobody"
    return "stopped_oncall" if rollout.stopped_by == Detector.ON_CALL else "stopped_gate"


def _decided(rollout: _Rollout, *, released: bool) -> dict[str, float]:
    """What became of the rollout; exactly one of the four is 1, and none for the twin."""
    return {str(decision): float(released and rollout.decision == decision) for decision in Decision}
