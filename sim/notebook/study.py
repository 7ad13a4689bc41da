"""A study in a notebook: tidy frames, the differences, plots, and a picture of itself."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.notebook.release import Timeline, played
from sim.study.findings import Findings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Study:
    """What a study found. Shows itself as the comparison and the verdict."""

    findings: Findings

    def summary(self) -> pd.DataFrame:
        """The comparison as a reader sees it: a row per measure, a column per strategy, text with half-widths."""
        import pandas as pd

        from sim.report.table import comparison

        rows = comparison(self.findings)
        texts = [[row.cells[name].text for name in self.findings.strategies] for row in rows]
        return pd.DataFrame(texts, index=[row.label.strip() for row in rows], columns=list(self.findings.strategies))

    def estimates(self) -> pd.DataFrame:
        """Every estimate, tidy: measure, strategy, given, value, low, high, n, method."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "measure": measure,
                    "strategy": strategy,
                    "given": given,
                    "value": each.value,
                    "low": each.low,
                    "high": each.high,
                    "n": each.n,
                    "method": each.method,
                }
                for (measure, strategy, given), each in sorted(
                    self.findings.estimates.items(), key=lambda pair: pair[0]
                )
            ]
        )

    def frame(self) -> pd.DataFrame:
        """One row per replication: strategy, case, index and a column per net measure."""
        from sim.study import frame

        return frame(self.findings)

    def differences(self) -> pd.DataFrame:
        """Each other strategy minus the recommended one on the deciding measure, on common luck."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "first": each.first,
                    "second": each.second,
                    "difference": each.estimate.value,
                    "low": each.estimate.low,
                    "high": each.estimate.high,
                    "standing": self.findings.ruling.standings[each.first].value,
                    "variance_saved": each.variance_saved,
                }
                for each in self.findings.ruling.differences
            ]
        )

    @property
    def verdict(self) -> str:
        """The verdict in one plain sentence."""
        return self.findings.ruling.sentence

    @property
    def attrs(self) -> Mapping[str, str]:
        """With what this was made: versions, seed, command."""
        return dict(self.findings.provenance or {})

    @property
    def plot(self) -> Plots:
        """Plots of this study."""
        return Plots(self)

    def timeline(self, strategy: str, *, case: str | None = None, index: int | None = None) -> Timeline:
        """One replication along a time axis; without case and index the strategy's typical bad release."""
        typical = self.findings.typical.get(strategy, ("good", 0))
        chosen = typical[0] if case is None else case
        number = index if index is not None else typical[1] if chosen == typical[0] else 0
        return played(self.findings.scenario, strategy, case=chosen, index=number)

    def __repr__(self) -> str:
        """One line."""
        return f"<Study {self.findings.scenario.name!r}, {len(self.findings.strategies)} strategies: {self.verdict}>"

    def _repr_html_(self) -> str:
        from sim.report.wording import noise_note

        return (
            f"<h4>{html.escape(self.findings.scenario.name)}</h4><p><b>{html.escape(self.verdict)}</b>"
            f"{noise_note(self.verdict)}</p>{self.summary().to_html(escape=True)}"
        )


@dataclass(frozen=True)
class Plots:
    """Plots of a study; each takes axes to draw on and gives them back."""

    study: Study

    def exposure(self, ax: Axes | None = None) -> Axes:
        """How often a bad release costs more than so many failed requests."""
        from sim.report.distributions import curves, draw_exposure

        return self._distribution("failed_requests", curves, draw_exposure, ax)

    def downtime(self, ax: Axes | None = None) -> Axes:
        """How often a bad release is longer below 99 % than so."""
        from sim.report.distributions import curves, draw_downtime

        return self._distribution("down_99", curves, draw_downtime, ax)

    def loss(self, ax: Axes | None = None) -> Axes:
        """Expected cost over how often releases are bad."""
        from sim.report.charts import style
        from sim.report.loss import draw_loss

        with style():
            return draw_loss(self.study.findings, ax)

    def timeline(self, strategy: str, *, case: str | None = None, index: int | None = None) -> Figure:
        """Traffic, endpoints, errors and verdicts of one replication above one time axis."""
        return self.study.timeline(strategy, case=case, index=index).figure()

    def _distribution(
        self, measure: str, curves: Callable[..., Any], draw: Callable[..., Axes], ax: Axes | None
    ) -> Axes:
        from sim.report.charts import style

        findings = self.study.findings
        with style():
            return draw(list(curves(self.study.frame(), findings, measure)), findings.strategies, ax)
