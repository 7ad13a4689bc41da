"""Acceptance criteria as JUnit XML, which every CI system shows: a suite per scenario, a test case per criterion.

The shape is the one that Jenkins, GitLab and GitHub's reporters agree on: ``testsuites/testsuite/testcase`` with
``failure``, ``error`` or ``skipped`` inside. A criterion that the study could not decide is an error and not a failure:
nothing was shown to be wrong, and nothing to be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from sim.report import prose
from sim.study.findings import Criterion, Findings

_FORBIDDEN = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""What XML 1.0 cannot say, not even escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What became of one file of a batch; without findings it was not played, for ``reason``."""

    file: str
    name: str
    findings: Findings | None = None
    seconds: float = 0.0
    reason: str = ""
    broke: bool = False  # a fault of ours ended the study


def junit(suites: Sequence[Suite]) -> str:
    """The XML document."""
    root = ElementTree.Element("testsuites", name="rollrisk")
    for suite in suites:
        root.append(_suite(suite))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(child.get(count, "0")) for child in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(suite: Suite) -> ElementTree.Element:
    cases = list(_cases(suite))
    found = ElementTree.Element("testsuite", name=_clean(suite.name), time=f"{suite.seconds:.3f}")
    found.set("tests", str(len(cases)))
    for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        found.set(count, str(sum(case.find(tag) is not None for case in cases)))
    found.extend(cases)
    return found


def _cases(suite: Suite) -> Iterable[ElementTree.Element]:
    if suite.findings is None:
        yield _case(suite, "is played to the end", "error" if suite.broke else "skipped", suite.reason)
        return
    if suite.findings.interrupted:
        yield _case(suite, "is played to the end", "skipped", "interrupted; the same command goes on")
        return
    yield _case(suite, "is played to the end")
    for criterion in suite.findings.criteria:
        line = prose.criterion_line(suite.findings, criterion)
        yield _case(suite, criterion.text, _tag(criterion), line)


def _tag(criterion: Criterion) -> str:
    return {"FAILED": "failure", "undecided": "error"}.get(criterion.status, "")


def _case(suite: Suite, name: str, tag: str = "", told: str = "") -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=_clean(suite.file), name=_clean(name), file=_clean(suite.file))
    if tag:
        inside = ElementTree.SubElement(case, tag, message=_clean(told))
        if tag == "error":
            inside.set("type", "broke" if suite.broke else "undecided")
    elif told:
        ElementTree.SubElement(case, "system-out").text = _clean(told)
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
