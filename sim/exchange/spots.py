"""Where in which manifest something stands."""

from __future__ import annotations

from dataclasses import dataclass

from sim.trails import Trail, show_trail


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A file, the number of the document in it (from 1), the way inside, and the line (from 1; 0 for the whole file).

    >>> str(Spot(file="deploy.yaml", document=2, trail=("spec", "replicas"), line=12))
    'deploy.yaml doc 2 spec.replicas, line 12'
    """

    file: str
    document: int = 1
    trail: Trail = ()
    line: int = 0

    @property
    def path(self) -> str:
        """The way inside the document, as a person names it."""
        return show_trail(self.trail)

    def __str__(self) -> str:
        document = f" doc {self.document}" if self.document > 1 else ""
        path = f" {self.path}" if self.trail else ""
        return f"{self.file}{document}{path}" + (f", line {self.line}" if self.line else "")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader must know about a place: what could not be read, what was expected there."""

    spot: Spot
    message: str

    def __str__(self) -> str:
        line = f":{self.spot.line}" if self.spot.line else ""
        path = f" {self.spot.path}:" if self.spot.trail else ""
        return f"{self.spot.file}{line}:{path} {self.message}"
