"""Two versions that cannot take over each other's sessions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Edit, Effect, Session
from sim.versions import NEW, STABLE


class MixedVersions(Failure):
    """Mixed versions: a request fails if its session's last answer came from the other version (a renamed field).

    With a share w of the requests on the new version that is 2 w (1 - w) of all: 2 % at a weight of 1 %, half at 50 %.
    None where users keep to their version (sticky users, a hash of users, held connections), but for those whom
    the rollout moves: their first request after the move fails if it comes within ``pause`` of the last one.
    """

    kind: Literal["mixed_versions"] = "mixed_versions"
    example: ClassVar[dict[str, Any]] = {"kind": "mixed_versions"}

    rate: ShareLaw = default(
        "100%",
        origin="every request that meets the other version fails",
        trust="low",
        means="share of requests that fail among those whose session was last answered by the other version",
    )
    pause: Duration = default(
        "0s",
        origin="the session's last request met the same split",
        trust="low",
        means="a user whom the rollout moves to the other version fails if the last request was less than this ago",
    )
    visible: Share = default(
        "100%",
        origin="telemetry counts every bad answer",
        trust="low",
        means="share of its bad answers that telemetry counts as errors; the others look like successes",
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    repeats: Share = default(
        "100%",
        origin="what the versions do not share stays so on a retry",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication and holds for both versions."""
        session = Session(
            rate=self.rate.quantile(luck(0)), visible=self.visible, pause=self.pause, repeats=self.repeats
        )
        return tuple(
            Edit(effect=Effect.SESSION, value=session, version=version, streams=self.streams)
            for version in (STABLE, NEW)
        )
