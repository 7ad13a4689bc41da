"""What the verdict rests on, as plain data: swings of its inputs, spreads of the cost, worst cases, examples."""

from __future__ import annotations

from typing import Any

from sim.report.numbers import estimate, number
from sim.study.findings import Findings


def evidence(findings: Findings) -> dict[str, Any]:
    """Keys of the JSON document."""
    return {
        "swings": [
            {
                "input": each.input,
                "low": each.low,
                "high": each.high,
                "chosen": each.chosen,
                "other": each.other,
                "at_low": estimate(each.at_low),
                "at_high": estimate(each.at_high),
                "better": each.better,
            }
            for each in findings.swings
        ],
        "spreads": {
            f"{measure}, {strategy}, {given}": {
                "n": each.n,
                "half": estimate(each.half),
                "one_in_ten": estimate(each.one_in_ten),
                "worst": number(each.worst),
                "untouched": estimate(each.untouched),
            }
            for (measure, strategy, given), each in findings.spreads.items()
        },
        "worst_seen": {
            strategy: {
                measure: {"value": number(seen.value), "case": seen.case, "index": seen.index}
                for (measure, name), seen in findings.extremes.items()
                if name == strategy
            }
            for strategy in findings.strategies
        },
        "examples": {
            word: {"case": example[0], "index": example[1]}
            for word, example in (
                ("typical", next(iter(findings.typical.values()), None)),
                ("unlucky", next(iter(findings.unlucky.values()), None)),
            )
            if example
        },
    }
