"""Why good releases fail requests: which, when, cut off by what, and which change cures it at what cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.report import wording
from sim.study.findings import Cure, Cut, Findings, GoodPrice
from sim.study.wording import listed

WAYS: Mapping[str, str] = {
    "ERROR": "answered badly by {}",
    "UNSEEN_ERROR": "answered badly by {}, which no metric shows",
    "REJECTED": "rejected by {}, whose queues were full (503)",
    "NO_ENDPOINT": "turned away, for the proxy knew no pod that was ready (503)",
    "REFUSED": "refused by {} (connection refused)",
    "LOST": "cut off as {} ended with the requests in them (connection reset)",
    "TIMEOUT": "given up by the client after its timeout, with {}",
}
BECAUSE: Mapping[tuple[str, str], str] = {
    ("REFUSED", "old"): "old pods that had got SIGTERM and listened no more, while proxies still sent to them",
    ("REFUSED", "new"): "new pods that did not listen yet",
    ("LOST", "old"): "old pods",
    ("LOST", "new"): "new pods",
}
SHOWN_STEPS = 2
LEAST_PODS = 0.05
SMALL = 0.02
"""A way to fail with a smaller share is not told in the paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A strategy's good releases as a page shows them."""

    strategy: str
    title: str
    when: str
    ways: tuple[tuple[str, str], ...]  # how many, and how
    cures: tuple[tuple[str, str, str, str], ...]  # change, why, before and after, cost
    rest: str


def told(findings: Findings) -> tuple[Told, ...]:
    """Each strategy whose good releases fail requests."""
    return tuple(
        Told(
            strategy=each.strategy,
            title=_first(findings, each),
            when=_when(each),
            ways=tuple((_count(sum(cut.failed for cut in cuts)), _way(cuts)) for cuts in _by_way(each)),
            cures=tuple((cure.change, cure.why, _effect(cure), _cost(cure)) for cure in each.cures),
            rest=_rest(each),
        )
        for each in findings.good
    )


def sentences(findings: Findings) -> tuple[str, ...]:
    """A paragraph for each strategy whose good releases fail requests."""
    return tuple(" ".join(_sentences(findings, each)) for each in findings.good)


def _sentences(findings: Findings, price: GoodPrice) -> Iterator[str]:
    yield _first(findings, price)
    large = [cuts for cuts in _by_way(price) if sum(cut.failed for cut in cuts) >= SMALL * price.failed]
    if large:
        yield f"{'; '.join(f'{_count(sum(cut.failed for cut in cuts))} {_way(cuts)}' for cuts in large)}."
    yield _when(price)
    for number, cure in enumerate(price.cures):
        lead = "Cure, played on the same releases" if number == 0 else "Or"
        yield f"{lead}: {cure.change} ({cure.why}): {_effect(cure)}; {_cost(cure)}."
    if _rest(price):
        yield _rest(price)


def _first(findings: Findings, price: GoodPrice) -> str:
    window = wording.seconds(findings.scenario.study.window / 1e9)
    found = findings.estimates.get(("failed_requests", price.strategy, "good"))
    fails = _count(price.failed) if found is None else wording.with_noise(found)
    return (
        f"A good release by {price.strategy} fails {fails} requests; in the worst {window} "
        f"{wording.share(price.worst)} of all requests fail."
    )


def _by_way(price: GoodPrice) -> list[list[Cut]]:
    """Cuts of one outcome by pods of one version, the streams side by side; the largest first."""
    ways: dict[tuple[str, str], list[Cut]] = {}
    for cut in price.cuts:
        ways.setdefault((cut.outcome, cut.version), []).append(cut)
    return sorted(ways.values(), key=lambda cuts: -sum(cut.failed for cut in cuts))


def _way(cuts: list[Cut]) -> str:
    first = cuts[0]
    whose = {"old": "old pods", "new": "new pods", "none": "no pod chosen"}[first.version]
    words = WAYS[first.outcome].format(BECAUSE.get((first.outcome, first.version), whose))
    streams = ", ".join(f"{cut.stream} {_count(cut.failed)}" for cut in cuts)
    return f"{words} ({streams})" if len(cuts) > 1 else words


def _when(price: GoodPrice) -> str:
    steps = [_step(text) for text, _ in price.steps]
    during = f", {listed(steps[:SHOWN_STEPS])}" if steps else ""
    begins, ends, lasts = (wording.seconds(each) for each in (price.begins, price.ends, price.duration))
    return f"They fail between {begins} and {ends} after the release{during}; the rollout takes {lasts}."


def _step(text: str) -> str:
    """A line of the rollout's story as a while."""
    return "after it was promoted" if text == "promoted" else f'during "{text}"'


def _effect(cure: Cure) -> str:
    return f"{_count(cure.before)} -> {_count(cure.after)} failed requests"


def _cost(cure: Cure) -> str:
    """What a cure costs in turn."""
    parts = []
    if abs(cure.longer) >= 1:
        parts.append(f"the rollout takes {wording.seconds(abs(cure.longer))} {'longer' if cure.longer > 0 else 'less'}")
    if cure.always:
        parts.append(f"{cure.always:g} pods more at all times")
    if abs(cure.pods) >= LEAST_PODS:
        parts.append(f"{abs(cure.pods):.1f} pods {'more' if cure.pods > 0 else 'fewer'} at the peak")
    return ", ".join(parts) or "it costs neither time nor pods"


def _rest(price: GoodPrice) -> str:
    """What was tried for nothing, where nothing helps."""
    if price.cures:
        return ""
    if not price.no_help:
        return "No change was tried: none is known against this, or such releases take too long to be played again."
    return f"None of the changes tried halves that: {'; '.join(price.no_help)}."


def _count(value: float) -> str:
    return wording.rounded(value, abs(value) / 20) if abs(value) >= 10 else f"{round(value, 1):g}"
