"""The capacity review as one HTML file that a board can read on a phone, print and sign; it loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report import capacity as rows
from sim.report import capacity_prose as prose
from sim.report import wording
from sim.report.capacity_chart import headroom
from sim.report.capacity_warnings import warnings
from sim.report.page import _environment, _figure, _text, script

if TYPE_CHECKING:
    from sim.whatif.capacity import Review


def page(review: Review) -> str:
    """The whole review as HTML text; whatever comes from the scenario is escaped."""
    today = review.scenario.service.replicas, review.scenario.nodes.count
    return _environment().get_template("capacity.html.j2").render(
        review=review,
        scenario=review.scenario,
        css=_text("report.css") + _text("capacity.css"),
        script=script(),
        lines=prose.three_lines(review),
        warnings=list(warnings(review)),
        told=list(prose.told(review)),
        demand=rows.demand(review),
        base=rows.demand_name(review, review.base),
        peak=rows.rps(review.peak_rate),
        today=f"{rows.count(today[0], 'pod')} on {rows.count(today[1], 'node')}",
        options=(rows.option_head(review), rows.option_rows(review)),
        fleets=(("strategy and loss", *rows.growth_heads(review)), rows.fleets(review)),
        edges=(("strategy and loss", "pods", "keeps the promise", "one pod less"), rows.edges(review)),
        matrix=(("strategy", *rows.loss_heads(review)), rows.matrix(review)),
        walls=(("strategy", *rows.loss_heads(review)), rows.walls(review)),
        firsts=(("strategy", *rows.loss_heads(review)), rows.firsts(review)),
        resources=(
            ("resource", "limit", "mean use", "highest use", "left", "where", "it takes"),
            rows.resources(review),
        ),
        costs=(rows.cost_head(review), rows.costs(review)),
        chart=_figure(headroom(review)),
        triggers=list(prose.triggers(review)),
        assumptions=list(prose.assumptions(review)),
        evidence=list(prose.evidence(review)),
        signers=prose.signers(review),
        promise=wording.share(review.scenario.slo.success),
        hardest=review.hardest.value,
    )  # fmt: skip
