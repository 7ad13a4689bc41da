"""What a decider asks of a verdict, each question with its answer: the same on the page and in the Markdown summary."""

from __future__ import annotations

from collections.abc import Iterator

from sim.report import prose, wording
from sim.report.table import deciding
from sim.study.findings import Findings, Standing
from sim.study.wording import listed

TOGETHER = "all comparisons together"


def aspects(findings: Findings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Question and sentences, in the order in which people ask; a question without an answer is left out."""
    asked = (
        ("How sure", (settled(findings), prose.break_even(findings), prose.over_range(findings))),
        ("Weakest inputs", (_capital(prose.weakest(findings)),)),
        ("Error budget", (prose.budget(findings),)),
        ("What it costs instead", (_turned(findings),)),
        ("Better than today", (prose.better(findings),)),
        ("Precision", (_precision(findings),)),
    )
    told = ((question, tuple(sentence for sentence in answer if sentence)) for question, answer in asked)
    return tuple((question, answer) for question, answer in told if answer)


def settled(findings: Findings) -> str:
    """Who is surely worse, who is the same, and where nobody can tell, with the confidence of saying all of it at once.

    Empty where there is nobody to compare with.
    """
    ruling = findings.ruling
    parts = list(_standings(findings))
    if not ruling.differences or not parts:
        return ""
    confidence = wording.share(findings.scenario.study.confidence)
    over = f"{confidence} confidence" + (f" in {TOGETHER}" if len(ruling.differences) > 1 else "")
    doubt = " The cautions below say what may make that less." if findings.cautions else ""
    return f"{'; '.join(parts)} ({over}).{doubt}"


def _standings(findings: Findings) -> Iterator[str]:
    """The others by how they stand to the first, whether it is recommended or only ahead so far."""
    ruling = findings.ruling
    first = ruling.differences[0].second if ruling.differences else ""
    zone = f"{wording.rounded(ruling.indifferent, 0.0)} {deciding(findings)}"
    words = {
        Standing.WORSE: ("is surely worse than", "are surely worse than", ""),
        Standing.EQUAL: ("is surely within", "are surely within", f"{zone} of "),
        Standing.CANNOT_TELL: ("cannot be told from", "cannot be told from", ""),
    }
    for standing, (one, more, apart) in words.items():
        names = [name for name, found in ruling.standings.items() if found == standing and name != first]
        if names:
            yield f"{listed(names)} {one if len(names) == 1 else more} {apart}{first}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _turned(findings: Findings) -> str:
    if findings.ruling.recommended is None:
        return ""
    return prose.reversed_measures(findings) or "No other measure turns the order round."


def _precision(findings: Findings) -> str:
    return f"Asked {findings.precision_asked}; reached {findings.precision_reached}{prose.missed(findings)}."
