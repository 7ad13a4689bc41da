"""Findings that somebody has accepted: in place by a comment with a reason and an end, or by a baseline file.

A comment counts for the line it stands on and for the first line with content after it; at the head of a document, for
the whole document::

    # rollrisk: accept no-pre-stop until 2027-06-30: the sidecar drains for us
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sim.errors import UsageError
from sim.exchange.manifests import Found
from sim.exchange.review.rule import Finding
from sim.exchange.sources import Source
from sim.exchange.spots import Spot

_BEGINS = re.compile(r"#\s*rollrisk:\s*accept\b(.*)")
_WHOLE = re.compile(r"\s+([a-z][a-z0-9-]*)\s+until\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\s*:\s*(\S.*)")
_PASSED_OVER = re.compile(r"\s*(#.*)?|---(\s.*)?")
FORM = "write: # rollrisk: accept RULE until YYYY-MM-DD: REASON"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A comment that accepts a rule until a day; ``line`` is where it stands, ``next_line`` what follows it."""

    file: str
    line: int
    next_line: int
    rule: str
    until: datetime.date


def acceptances(texts: Iterable[Source], rules: Sequence[str]) -> Iterator[Acceptance | Finding]:
    """Every acceptance in these texts; one that cannot be read is a finding."""
    for source in texts:
        if "rollrisk:" not in source.text:
            continue
        lines = source.text.splitlines()
        for number, line in enumerate(lines, 1):
            begun = _BEGINS.search(line)
            if begun:
                yield _acceptance(source.name, lines, number, begun[1], rules)


def _acceptance(file: str, lines: list[str], number: int, words: str, rules: Sequence[str]) -> Acceptance | Finding:
    found = _WHOLE.fullmatch(words.rstrip())
    if found is None:
        return _unreadable(file, number, "an acceptance needs a rule, an end and a reason")
    try:
        until = datetime.date.fromisoformat(found[2])
    except ValueError:
        return _unreadable(file, number, f"{found[2]} is no day")
    if found[1] not in rules:
        return _unreadable(file, number, "names a rule that there is not")
    after = next((at for at in range(number, len(lines)) if not _PASSED_OVER.fullmatch(lines[at])), len(lines) - 1)
    return Acceptance(file, number, after + 1, found[1], until)


def _unreadable(file: str, number: int, message: str) -> Finding:
    return Finding("acceptance", "note", Spot(file, line=number), "comment", f"{message}; nothing is accepted", FORM)


def without_accepted(
    found: Found, findings: Sequence[Finding], rules: Sequence[str], today: datetime.date
) -> tuple[list[Finding], int]:
    """What is left, and how many were accepted. One whose acceptance has ended is told with that."""
    read = list(acceptances(found.texts, rules))
    accepted = [each for each in read if isinstance(each, Acceptance)]
    heads = {(each.spot.file, each.spot.document): each.root.spot.line for each in found.manifests}
    left: list[Finding] = []
    for finding in findings:
        head = heads.get((finding.spot.file, finding.spot.document))
        by = [each for each in accepted if _covers(each, finding, head)]
        if not by:
            left.append(finding)
        elif max(each.until for each in by) < today:
            ended = max(each.until for each in by).isoformat()
            left.append(replace(finding, message=f"{finding.message} (accepted until {ended}, which has passed)"))
    return [*left, *(each for each in read if isinstance(each, Finding))], len(findings) - len(left)


def _covers(acceptance: Acceptance, finding: Finding, head: int | None) -> bool:
    if (acceptance.file, acceptance.rule) != (finding.spot.file, finding.rule):
        return False
    return finding.spot.line in (acceptance.line, acceptance.next_line) or acceptance.next_line == head


def baseline_text(findings: Iterable[Finding]) -> str:
    """A baseline file of these findings."""
    listed = sorted({each.fingerprint for each in findings})
    return json.dumps({"rollrisk_baseline": 1, "findings": listed}, indent=2, ensure_ascii=False) + "\n"


def read_baseline(text: str, file: str) -> frozenset[str]:
    """The fingerprints in a baseline file; raises UsageError where it is none."""
    try:
        document = json.loads(text)
        listed = document["findings"] if document["rollrisk_baseline"] == 1 else None
    except (ValueError, KeyError, TypeError):
        listed = None
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise UsageError(f"{file} is no baseline of rollrisk; write one with --write-baseline")
    return frozenset(listed)
