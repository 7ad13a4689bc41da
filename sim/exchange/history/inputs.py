"""What past releases say, as lines of a scenario that say where they come from; and what such a list cannot hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.errors import shown
from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.history.fits import CONFIDENCE, PRIOR_SOURCE, Cause, Learnt, Spread, sized
from sim.exchange.history.words import kind_of
from sim.units import MINUTE, SECOND, show_duration, show_share, two_figures, write_share

ERRORS_GUESSED = {"p50": "3%", "p95": "30%"}
"""Where too few sizes of errors are known; nobody has published a law of them."""


def inputs(learnt: Learnt, defects: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Tree:
    """The parts of a scenario that a list of releases knows, to lay over one that is there.

    Of ``defects``, those that the scenario has as it writes them, the ones named as a cause keep all but their share,
    and the size of their errors where the list knows it.
    """
    release: Tree = {"change_failure_rate": _rate(learnt)}
    if learnt.causes:
        release["defects"] = {
            each.name: _defect(learnt, each, share, defects.get(each.name)) for each, share in _shares(learnt)
        }
    tree: Tree = {"release": release}
    if learnt.reaction is not None:
        tree["oncall"] = {"reacts": _reacts(learnt.reaction, _file(learnt))}
    return tree


def _file(learnt: Learnt) -> str:
    return shown(Path(learnt.history.file).name)


def _rate(learnt: Learnt) -> Line:
    bad, all_of_them = len(learnt.history.bad), len(learnt.history.releases)
    low, high = learnt.rate.ends()
    value = {"low": _percent(low), "likely": _percent(learnt.rate.mean), "high": _percent(high)}
    return Line(value, f"{_file(learnt)}: {bad} of {all_of_them} were bad, over {PRIOR_SOURCE}; low-high {_sure()}")


def _shares(learnt: Learnt) -> Iterator[tuple[Cause, int]]:
    """Shares in whole percent that sum to 100, each at least 1: the largest remainders are rounded up."""
    exact = [100 * each.share.mean for each in learnt.causes]
    whole = [max(1, math.floor(each)) for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    for place in by_remainder[: max(0, 100 - sum(whole))]:
        whole[place] += 1
    whole[whole.index(max(whole))] += 100 - sum(whole)  # what the least of 1 took
    yield from zip(learnt.causes, whole, strict=True)


def _defect(learnt: Learnt, cause: Cause, share: int, written: Mapping[str, Any] | None) -> Line:
    kind, low, high = str((written or {}).get("kind") or kind_of(cause.name)), *cause.share.ends()
    value: dict[str, Any] = {"share": "", **(written or {"kind": kind})} | {"share": f"{share}%"}
    note = f"{_file(learnt)}: {cause.count} of {sum(each.count for each in learnt.causes)} bad ones"
    if len(learnt.causes) > 1:
        note += f" ({show_share(two_figures(low))} to {show_share(two_figures(high))}, {_sure()})"
    if kind == "error_rate" and (written is None or learnt.errors is not None):
        value["rate"], said = _error_law(learnt)
        note += f"; {said}"
    elif written is not None:
        note += "; the rest as it was"
    elif kind == "latency":
        value["factor"] = 2
        note += "; GUESS, trust low: how much slower stands in no list"
    elif kind == "memory_leak":
        value["oom_after"] = {"p50": "15m", "p95": "45m"}
        note += "; GUESS, trust low: how soon memory is full stands in no list"
    return Line(value, note)


def _error_law(learnt: Learnt) -> tuple[dict[str, str], str]:
    if learnt.errors is None:
        return ERRORS_GUESSED, "GUESS, trust low: too few peak error ratios are known"
    found = learnt.errors
    middle, top = min(found.middle.value, 0.98), min(found.slow.value, 1.0)
    law = {"p50": _percent(middle), "p95": _percent(max(top, middle * 1.01))}
    ends = _ends(found, lambda share: show_share(two_figures(min(share, 1.0))))
    return law, f"errors of {found.seen} bad ones, {ends}"


def _reacts(found: Spread, file: str) -> Line:
    value = {"p50": _minutes(found.middle.value), "p95": _minutes(max(found.slow.value, found.middle.value * 1.01))}
    still = f", {found.open} of them still open" if found.open else ""
    said = f"{file}: {found.seen} bad ones that people ended{still}; {_ends(found, _minutes)}; the way back included"
    return Line(value, said)


def _ends(found: Spread, show: object) -> str:
    assert callable(show)
    ends = []
    for name, each in (("p50", found.middle), ("p95", found.slow)):
        if math.isinf(each.high):
            ends.append(f"{name} at least {show(each.low)}, no more can be told")
        elif each.low == 0.0:
            ends.append(f"{name} at most {show(each.high)}, no more can be told")
        else:
            ends.append(f"{name} {show(each.low)} to {show(each.high)}")
    return f"{', '.join(ends)} ({_sure()})"


def _sure() -> str:
    return f"{show_share(CONFIDENCE)} sure"


def _percent(share: float) -> str:
    return write_share(max(two_figures(share), 1e-4))


def _minutes(minutes: float) -> str:
    return show_duration(round(two_figures(minutes) * MINUTE), nearest=SECOND)


def not_told(learnt: Learnt) -> tuple[str, ...]:
    """What the list cannot hold, or does not, with what to add to it."""
    return tuple(_not_told(learnt))


def _not_told(learnt: Learnt) -> Iterator[str]:
    history, bad = learnt.history, learnt.history.bad
    if not any(each.by_gate for each in bad):
        yield (
            "No bad release of the list was stopped by a gate. If gates or smoke tests stop some before anybody "
            "notices, they are missing here, and the change failure rate is too low: add them with stopped_by: gate."
        )
    if learnt.errors is not None and learnt.noticed_above == 0.0:
        yield (
            "Bad releases that nobody noticed are in no list, so the sizes of errors are those of the louder ones. If "
            "nothing below, say, 2 % is ever noticed, say --noticed-above 2%: the fit then allows for it."
        )
    sizes = sized(bad)
    outside = sum(not learnt.noticed_above < each <= learnt.stopped_above for each in sizes)
    if outside:
        yield (
            f"{outside} of {len(sizes)} sizes of errors lie beyond --noticed-above or --stopped-above and are left "
            "out; they speak against these bounds."
        )
    if learnt.errors is None:
        yield (
            f"{_count(len(sizes) - outside)} wrong answers and a peak error ratio; five below 100 % are needed "
            "(peak_error_ratio, with ratio_of and weight)."
        )
    timed = [each for each in bad if each.detected and each.mitigated and not each.by_gate]
    if learnt.reaction is None:
        yield (
            f"{_count(len(timed))} minutes_to_detect and minutes_to_mitigate; five are needed to say how fast people "
            "react."
        )
    if bad and not learnt.causes:
        yield "No bad release has a cause, so the scenario's own defects stay: add a column 'cause'."
    without = sum(not each.cause for each in bad)
    if without and learnt.causes:
        yield f"{without} of {len(bad)} bad releases have no cause; they are taken for as the others."
    if history.never_out:
        rows = "1 row was" if history.never_out == 1 else f"{history.never_out} rows were"
        yield f"{rows} cancelled, skipped or not over; that counts neither way."
    if history.unused:
        yield f"Columns that are not used: {', '.join(map(shown, history.unused[:12]))}."


def _count(number: int) -> str:
    return (
        "No bad release that people ended has" if not number else f"Only {number} bad releases that people ended have"
    )
