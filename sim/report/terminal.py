"""The answer as text for a terminal of 80 columns; plain characters only, so that it pipes cleanly."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sim.report import good, late, prose, wording
from sim.report.defects import by_defect, heading
from sim.report.table import Cell, Row, comparison
from sim.study.findings import Check, Findings

WIDTH = 80
BESIDE = 9
"""Columns of the word that stands before a paragraph."""


def answer(findings: Findings, *, width: int = WIDTH, page: str = "", fleet: str = "") -> str:
    """The whole answer: header, today, fleet, comparison, verdict, blind spots, criteria and how sure we are.

    ``page`` is where the report lies, ``fleet`` the sentence of the fleet's arithmetic.
    """
    parts = (
        (*_header(findings, width, page), *_today(findings, width), *_fleet(fleet, width)),
        tuple(_tables(findings, width)),
        (
            *_misfit(findings, width),
            *verdict(findings, width),
            *_late(findings, width),
            *_good(findings, width),
            *_better(findings, width),
            *_cautions(findings, width),
            *_paragraph("", f"Weakest inputs: {prose.weakest(findings)}", width),
            *_blind(findings, width),
            *_expect(findings, width),
        ),
        tuple(_precision(findings, width)),
    )
    text = "\n\n".join("\n".join(part) for part in parts if part) + "\n"
    return text.replace("\N{NO-BREAK SPACE}", " ")


def verdict(findings: Findings, width: int = WIDTH) -> tuple[str, ...]:
    """The ruling as a paragraph; never left out, however quiet the command."""
    return tuple(_paragraph("VERDICT", sentence(findings), width))


def sentence(findings: Findings) -> str:
    """The verdict in plain words, and what its noise is."""
    return findings.ruling.sentence + wording.noise_note(findings.ruling.sentence)


def short(findings: Findings, width: int = WIDTH) -> tuple[str, ...]:
    """What even the quietest command says: a model that does not fit, the verdict, and the criteria."""
    return (
        *_misfit(findings, width),
        *verdict(findings, width),
        *_late(findings, width),
        *_cautions(findings, width),
        *_expect(findings, width),
    )


def batch_line(file: str, findings: Findings, became: str) -> str:
    """A file of a batch on one line.

    The line is as long as it must be: it is there to be searched, not to be looked at.
    """
    chosen = findings.ruling.recommended
    return f"{file}: {became}; {'use ' + chosen if chosen else 'cannot tell'}; {findings.folder}"


def _header(findings: Findings, width: int, page: str) -> Iterator[str]:
    name = findings.scenario.name
    gap = width - len(name) - len(page)
    if gap >= 2 or not page:
        yield (name + " " * max(gap, 0) + page).rstrip()
    else:
        yield name
        yield page


def _today(findings: Findings, width: int) -> Iterator[str]:
    if not findings.checks:
        return
    modelled = "  ".join(_named(check, check.modelled) for check in findings.checks)
    seen = "  ".join(_named(check, check.observed) for check in findings.checks)
    fits = "ok" if all(check.fits for check in findings.checks) else "DOES NOT FIT"
    line = f"today, modelled  {modelled}    dashboard  {seen}    {fits}"
    if len(line) <= width:
        yield line
    else:
        yield from (f"today, modelled  {modelled}", f"dashboard        {seen}    {fits}")


def _named(check: Check, value: float) -> str:
    return _plain(check, value) if check.name == "success" else f"{check.name} {_plain(check, value)}"


def _plain(check: Check, value: float) -> str:
    return wording.share(value) if check.name == "success" else wording.seconds(value)


def _fleet(sentence: str, width: int) -> Iterator[str]:
    if sentence:
        yield from textwrap.wrap(sentence, width, initial_indent="fleet".ljust(17), subsequent_indent=" " * 17)


def _tables(findings: Findings, width: int) -> Iterator[str]:
    """One table, or several below each other where the strategies do not fit beside each other."""
    rows = (*comparison(findings), *_by_defect(findings))
    corner = f"per release, over {wording.seconds(findings.scenario.study.horizon / 1e9)}"
    label = max(len(corner), *(len(row.label) for row in rows)) if rows else len(corner)
    for number, strategies in enumerate(_blocks(findings, rows, width - label)):
        if number:
            yield ""
        yield from _table(rows, corner, strategies, label=label, width=width)


def _by_defect(findings: Findings) -> Iterator[Row]:
    """What each defect costs, indented under a line that says so; the intervals stand in the report."""
    rows = by_defect(findings)
    if len(rows) > 1:
        yield Row(label=heading(findings), meaning="", cells={name: Cell(text="") for name in findings.strategies})
        for row in rows:
            cells = {name: Cell(text=cell.figure or cell.text) for name, cell in row.cells.items()}
            yield replace(row, label=f"  {row.label}", cells=cells)


def _blocks(findings: Findings, rows: Sequence[Row], room: int) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for strategy in findings.strategies:
        used = sum(_column(rows, name) for name in blocks[-1])
        if blocks[-1] and used + _column(rows, strategy) > room:
            blocks.append([])
        blocks[-1].append(strategy)
    return blocks


def _column(rows: Sequence[Row], strategy: str) -> int:
    widest = max((len(row.cells[strategy].text) for row in rows), default=0)
    return max(len(strategy), widest) + 1


def _table(rows: Sequence[Row], corner: str, strategies: Sequence[str], *, label: int, width: int) -> Iterator[str]:
    widths = {strategy: _column(rows, strategy) for strategy in strategies}
    room = width - label - sum(widths.values())
    spare = min(max(room, 0) // max(len(strategies), 1), 3)
    yield corner.ljust(label) + "".join(name.rjust(wide + spare) for name, wide in widths.items())
    for row in rows:
        cells = "".join(row.cells[name].text.rjust(wide + spare) for name, wide in widths.items())
        yield (row.label.ljust(label) + cells).rstrip()


def _misfit(findings: Findings, width: int) -> Iterator[str]:
    """What must stand above the verdict: a model that does not reproduce today says little about tomorrow."""
    for check in findings.checks:
        if not check.fits:
            text = (
                f"the model's {check.name} is {_plain(check, check.modelled)}, your dashboard says "
                f"{_plain(check, check.observed)}: correct the scenario before you trust the verdict."
            )
            yield from _paragraph("CAUTION", text, width)


def _good(findings: Findings, width: int) -> Iterator[str]:
    for number, told in enumerate(good.sentences(findings)):
        yield from _paragraph("" if number else "good", told, width)


def _better(findings: Findings, width: int) -> Iterator[str]:
    if prose.better(findings):
        yield from _paragraph("better", prose.better(findings), width)


def _late(findings: Findings, width: int) -> Iterator[str]:
    for number, told in enumerate(late.sentences(findings)):
        yield from _paragraph("" if number else "late", told, width)


def _cautions(findings: Findings, width: int) -> Iterator[str]:
    for number, caution in enumerate(findings.cautions):
        yield from _paragraph("" if number else "caution", caution, width)


def _blind(findings: Findings, width: int) -> Iterator[str]:
    for number, spot in enumerate(findings.blind):
        yield from _paragraph("" if number else "blind", spot, width)


def _expect(findings: Findings, width: int) -> Iterator[str]:
    for number, criterion in enumerate(findings.criteria):
        yield from _paragraph(
            "" if number else "expect", f"{criterion.status} {prose.criterion_line(findings, criterion)}", width
        )


def _precision(findings: Findings, width: int) -> Iterator[str]:
    most, least = max(findings.replications.values(), default=0), min(findings.replications.values(), default=0)
    each = f"{most:,}" if most == least else f"{least:,} to {most:,}"
    met = "" if findings.precision_met or findings.interrupted else ", NOT REACHED at the cap"
    text = (
        f"asked {findings.precision_asked}, reached {findings.precision_reached}{met}; {each} replications of each "
        f"of {_many(len(findings.strategies), 'strategy', 'strategies')} and "
        f"{_many(len(findings.cases), 'case', 'cases')}, "
        f"{findings.requests_played:,} requests played."
    )
    yield from _paragraph("precision", text, width)
    if prose.pairing(findings):
        yield from _paragraph("", prose.pairing(findings), width)
    for file in findings.set_aside:
        yield from _paragraph("", f"A result file was set aside and not used: {file}.", width)
    if findings.interrupted:
        yield from _paragraph(
            "", "Interrupted: the figures rest on what was simulated so far; run the same command to go on.", width
        )


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _paragraph(word: str, text: str, width: int) -> Iterator[str]:
    first = f"{word.ljust(BESIDE)}" if len(word) < BESIDE else f"{word} "
    wrapper = textwrap.TextWrapper(width, first, " " * BESIDE, break_long_words=False, break_on_hyphens=False)
    yield from wrapper.wrap(text)
