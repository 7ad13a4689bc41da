"""A capacity review in a notebook: its tables tidy, its page, and a picture of itself."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sim.whatif.capacity import Review


@dataclass(frozen=True, repr=False)
class Capacity:
    """What a release needs. Shows itself as the smallest fleets side by side, with the ask above."""

    review: Review

    @property
    def ask(self) -> str:
        """The decision wanted, in one sentence."""
        from sim.report.capacity_prose import ask

        return ask(self.review)

    def fleets(self) -> pd.DataFrame:
        """The smallest fleet that keeps the promise: a row per strategy, growth and loss."""
        return self._tidy("fleets")

    def walls(self) -> pd.DataFrame:
        """The rates that today's fleet surely carries and surely does not, in rps: a row per strategy and loss."""
        return self._tidy("walls")

    def headroom(self) -> pd.DataFrame:
        """What is left of each resource, minute by minute: strategy, loss, resource, limit, minute, left."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "strategy": course.strategy,
                    "loss": course.loss.value,
                    "resource": each.name,
                    "limit": each.limit,
                    "minute": minute,
                    "left": left,
                }
                for course in self.review.courses
                for each in course.resources
                for minute, left in enumerate(each.left)
            ]
        )

    def lost(self) -> pd.DataFrame:
        """What becomes of today's fleet at today's peak and a loss: a row per strategy, a column per loss."""
        import pandas as pd

        from sim.report import capacity as layout

        rows = layout.matrix(self.review)
        return pd.DataFrame(
            [list(row[1:]) for row in rows],
            index=[row[0] for row in rows],
            columns=list(layout.loss_heads(self.review)),
        )

    def prices(self) -> pd.DataFrame:
        """What one good release costs in time, pods and pod-hours: a row per strategy."""
        return self._tidy("prices")

    def page(self) -> str:
        """The page for a review board, as Markdown."""
        from sim.report.capacity_text import markdown

        return markdown(self.review)

    def write(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the page for a review board as HTML, and say where; ``force`` replaces any file.

        Raises :class:`sim.errors.UsageError` where a file is there that is no page of rollrisk.
        """
        from sim.report.capacity_page import page
        from sim.study.outputs import PAGE, write

        write(Path(path), page(self.review).encode(), PAGE, force=force)
        return Path(path)

    def _tidy(self, name: str) -> pd.DataFrame:
        from dataclasses import fields

        import pandas as pd

        return pd.DataFrame(
            [
                {field.name: _cell(getattr(each, field.name)) for field in fields(each)}
                for each in getattr(self.review, name)
            ]
        )

    def __repr__(self) -> str:
        """One line."""
        return f"<Capacity {self.review.scenario.name!r}: {self.ask}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.report import capacity as layout

        head = ["strategy and loss", *layout.growth_heads(self.review)]
        table = pd.DataFrame([list(row) for row in layout.fleets(self.review)], columns=head)
        return (
            f"<h4>{html.escape(self.review.scenario.name)}</h4><p><b>{html.escape(self.ask)}</b> Pods, "
            f"plus pods more during the release, on so many nodes.</p>{table.to_html(escape=True, index=False)}"
        )


def _cell(value: Any) -> Any:
    """A value as a cell: words of an enumeration, and of an interval its middle."""
    from enum import Enum

    from sim.stats.intervals import Interval

    if isinstance(value, Interval):
        return float(value.value)
    return value.value if isinstance(value, Enum) else value
