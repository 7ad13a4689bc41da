"""What all pictures of a timeline share: how far the axes go, and what stands for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.report.charts import BAD, GOOD, INK, SERIES, UNSURE
from sim.report.pod_lanes import State
from sim.report.story import Story
from sim.steps import Answer

STABLE_COLOUR, NEW_COLOUR = SERIES[0], SERIES[1]
MARKS = {
    Answer.PASS: ("o", GOOD, "passes"),
    Answer.FAIL: ("X", BAD, "fails"),
    Answer.WAIT: (".", UNSURE, "waits"),
    Answer.INCONCLUSIVE: ("D", UNSURE, "inconclusive"),
}
STATES: Mapping[State, tuple[str, float]] = {
    State.READY: (SERIES[2], 0.62),
    State.STARTING: (SERIES[5], 0.62),
    State.PULLING: (SERIES[4], 0.62),
    State.PENDING: (SERIES[7], 0.3),
    State.NOT_READY: (SERIES[3], 0.62),
    State.CRASHED: (BAD, 0.85),
    State.TERMINATING: (UNSURE, 0.3),
    State.LOST: (INK, 0.3),
}
"""Colour and height of a lane; what is no capacity yet or any more is thin, so that it shows without colour too."""
MOST_LANES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where the axes end; the same for stories that are to be compared."""

    end: float  # s
    failed: float  # share of the requests of a window
    slow: float  # s, p95 latency of a window; 0 where nothing is known

    @classmethod
    def of(cls, *stories: Story) -> Scale:
        """Room for all of some stories."""
        end = max(story.end for story in stories)
        shown = [(story, int(end / story.window) + 1) for story in stories]
        return cls(
            end=end,
            failed=max(peak(story.failed[:last]) for story, last in shown),
            slow=max(peak(each[:last]) for story, last in shown for each in (story.slow_stable, story.slow_new)),
        )


def peak(values: NDArray[np.float64]) -> float:
    """The highest value that is there; 0 without any."""
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
