"""A strategy's script gone through by hand, as if every pod were ready at once: what is held, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sim import steps
from sim.replica_split import nearest_split
from sim.steps import Detector, Reading, Split
from sim.versions import NEW, STABLE

MOST_STEPS = 10_000
"""A script longer than this does not come to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A judged hold: from when to when (ns from the release), with what share of the traffic on the new version.

    ``pods``: how many pods the new version has; 0 where nobody counts them, and its series are there from before.
    """

    start: int
    end: int
    share: float
    pods: int = 0


def holds_of(strategy: Any, replicas: int, least: int = 0) -> tuple[Hold, ...]:
    """The judged holds of a strategy's rollout when nothing goes wrong and no pod is waited for.

    ``least``: a gate insists that each lasts so many ns.

    >>> from sim.strategies.canary import Canary
    >>> canary = Canary.model_validate({"steps": [{"weight": "5%", "hold": "2m"}], "bake": "1m"})
    >>> [(hold.start // 10**9, hold.end // 10**9, hold.share) for hold in holds_of(canary, 8)]
    [(0, 120, 0.05), (120, 180, 1.0)]
    """
    now, split, by_pod = 0, Split(), False
    fleet = [replicas, 0]
    holds: list[Hold] = []
    script = strategy.rollout(replicas)
    step = next(script, None)
    for _ in range(MOST_STEPS):
        match step:
            case None | steps.Finish():
                break
            case steps.Scale() | steps.Replace():
                fleet[step.version] = replicas if isinstance(step, steps.Replace) else step.replicas
                fleet[1 - step.version] = 0 if isinstance(step, steps.Replace) else fleet[1 - step.version]
            case steps.Divide():
                fleet[NEW], fleet[STABLE] = nearest_split(replicas, step.share, step.room(replicas)[0])
            case steps.Spread():
                by_pod = True
            case steps.Weight():
                split = split._replace(weight=step.share)
            case steps.Cohort():
                split = split._replace(cohort=step.share)
            case steps.Mirror():
                split = split._replace(mirror=step.share)
            case steps.Switch():
                split = split._replace(weight=1.0 if step.version == NEW else 0.0)
            case steps.Judge() if max(step.duration, least) > 0:
                length = max(step.duration, least)
                holds.append(Hold(start=now, end=now + length, share=split.share, pods=max(1, fleet[NEW])))
                now = holds[-1].end
            case steps.Wait(duration=int(length)) | steps.SmokeTest(duration=length):
                now += length
        if by_pod:
            split = Split(weight=fleet[NEW] / max(1, sum(fleet)))
        step = _sent(script, Reading(at=now, by=Detector.NOBODY, replicas=(fleet[STABLE], fleet[NEW])))
    script.close()
    return tuple(holds)


def held_longer(holds: tuple[Hold, ...], number: int, until: int) -> tuple[Hold, ...]:
    """The same holds with one that lasts until a moment (ns), and the later ones as much later.

    >>> holds = (Hold(start=0, end=10, share=0.1), Hold(start=12, end=20, share=0.5))
    >>> [(hold.start, hold.end) for hold in held_longer(holds, 0, 15)]
    [(0, 15), (17, 25)]
    """
    later = until - holds[number].end
    return tuple(
        replace(hold, start=hold.start + later * (place > number), end=hold.end + later * (place >= number))
        for place, hold in enumerate(holds)
    )


def _sent(script: Any, reading: Reading) -> Any:
    try:
        return script.send(reading)
    except StopIteration:
        return None
