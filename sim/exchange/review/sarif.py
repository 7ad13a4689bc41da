"""Findings as SARIF 2.1.0, which code scanning of GitHub, GitLab and others reads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from sim.exchange.review.rule import Finding, Rule

_LEVELS = {"error": "error", "risk": "warning", "note": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding], rules: Sequence[Rule], version: str) -> dict[str, Any]:
    """One run of this program with all its rules and these results."""
    order = {rule.name: number for number, rule in enumerate(rules)}
    driver = {
        "name": "rollrisk",
        "version": version,
        "rules": [
            {
                "id": rule.name,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": f"Source: {rule.source}"},
                "defaultConfiguration": {"level": _LEVELS[rule.level]},
            }
            for rule in rules
        ],
    }
    results = [_result(each, order) for each in findings]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(finding: Finding, order: dict[str, int]) -> dict[str, Any]:
    found = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.level],
        "message": {"text": f"{finding.object}: {finding.message}. Cure: {finding.cure}."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.spot.file.replace(os.sep, "/")},
                    "region": {"startLine": max(1, finding.spot.line)},
                },
                "logicalLocations": [{"fullyQualifiedName": f"{finding.object}/{finding.spot.path}"}],
            }
        ],
        "partialFingerprints": {"rollrisk/v1": finding.fingerprint},
    }
    return found | ({"ruleIndex": order[finding.rule]} if finding.rule in order else {})
