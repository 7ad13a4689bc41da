"""How things go wrong: one way, one file in this folder, one class.

A failure is a frozen :class:`Failure` that yields timed :class:`sim.steps.Edit` of the world's columns, which
both request engines already read; it never touches an engine. The same kinds serve as *defects* (what the release
brings) and as *conditions* (what happens anyway). Advice for writing one:

- ``edits(luck)`` is called once per replication. ``luck(n)`` is the failure's n-th uniform of this replication, the
  same for every strategy: draw every law of the failure with a number of its own, and never renumber the old ones.
- Times are nanoseconds from the release (of a condition: from the moment it strikes); :func:`span` makes them.
- Edits name the new version unless they say otherwise; a condition's edits strike both versions.
- A ``rate`` is the share of bad answers where ``visible`` stands beside it, and anything else where it does not.
- Chances of one failure are split into what telemetry sees and what it does not by :func:`bad_answers`.
- ``repeats`` is the share of bad answers that the same request gets again on the same version: all for a code path,
  none for luck of each try. It matters only where a stream retries on errors.
- Laws that act pod by pod (a crash, a leak) are handed on as they are: each pod draws its own.
- A failure that may show long after the release says so by :meth:`Failure.shows`; what is not told otherwise shows when
  its first edit begins. The horizon follows it, and nobody calls harmless what has not shown yet.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from pydantic import Field, field_validator

from sim.doors import Kind
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Damage, Edit, Effect
from sim.versions import NEVER, NEW, STABLE

Luck: TypeAlias = Callable[[int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How the new version serves: its last pods from ``since`` ns after the release, ``per_pod`` requests a second."""

    since: int = 0
    per_pod: float = 0.0


class Failure(Kind):
    """Base of all failures, and what the cluster asks of one."""

    @abstractmethod
    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Everything this failure changes, and when."""

    def shows(self, share: float, serving: Serving) -> int:
        """ns after the release by which it shows in this share of releases, or of pods where each has its own luck.

        Of a condition: after the moment it strikes. NEVER where it changes nothing.
        """
        return min((edit.start for edit in self.edits(lambda _: share)), default=NEVER)


class StoredData(Failure):
    """Base of what is done to stored data: it grows with the traffic the new version gets, and outlives a rollback.

    Serving everybody for ``takes`` changes 63 % of the data that is still as it was; where all is changed, answers of
    the versions that ``stumble`` over it are bad at ``rate``.
    """

    stumble: ClassVar[tuple[int, ...]] = (STABLE, NEW)

    rate: ShareLaw
    takes: Duration
    visible: Share = default(
        "100%",
        origin="telemetry counts every bad answer",
        trust="low",
        means="share of its bad answers that telemetry counts as errors; the others look like successes",
    )
    repair: Duration | None = Field(
        default=None,
        description="time from the end of the new version until all data can be read again; never if left out",
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    repeats: Share = default(
        "100%",
        origin="the same data are read again",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    @field_validator("takes")
    @classmethod
    def _takes_time(cls, takes: int) -> int:
        if takes <= 0:
            raise ValueError("must be longer than 0")
        return takes

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication and holds for all versions that stumble."""
        damage = Damage(
            rate=self.rate.quantile(luck(0)),
            takes=self.takes,
            visible=self.visible,
            repair=NEVER if self.repair is None else self.repair,
            repeats=self.repeats,
        )
        return tuple(
            Edit(effect=Effect.STATE_DAMAGE, value=damage, version=version, streams=self.streams)
            for version in self.stumble
        )


def span(after: int, lasts: int | None) -> tuple[int, int]:
    """Start and end of an edit, ns.

    >>> span(5, 10), span(5, None) == (5, NEVER)
    ((5, 15), True)
    """
    return after, NEVER if lasts is None else after + lasts


def bad_answers(
    *,
    rate: float,
    visible: float,
    streams: tuple[str, ...] = (),
    cohort: float = 1.0,
    start: int = 0,
    end: int = NEVER,
    version: int = NEW,
    mixed: bool = False,
    repeats: float = 1.0,
) -> tuple[Edit, ...]:
    """The edits that make a share of answers bad, of which telemetry sees the visible part.

    The unseen chance is the one left to an answer that is not visibly bad, so that both together are exactly the rate.
    """
    seen = rate * visible
    unseen = rate * (1.0 - visible) / (1.0 - seen) if seen < 1.0 else 0.0
    chances = ((Effect.ERROR, seen), (Effect.UNSEEN_ERROR, unseen))
    return tuple(
        Edit(
            effect=effect,
            value=chance,
            version=version,
            streams=streams,
            cohort=cohort,
            start=start,
            end=end,
            mixed=mixed,
            repeats=repeats,
        )
        for effect, chance in chances
        if chance > 0.0
    )
