"""Gates on the reference case: 100 rps, 5 % on the new version, one hour, today's errors 0.1 %, metrics without delay.

``ROWS`` holds operating characteristics of that case from an independent simulation of the rules (4,000
releases at 1 %, 1,200 else): chance to be stopped within the hour at 0.1 % (a good release), 0.2, 0.5, 1 and 5 %, and
the median minutes until then where more than half are. Run as a program, it plays them and writes the table of
``docs/gates.md``.
"""

import math
import sys
from dataclasses import dataclass
from typing import Any

from sim.doors import kinds
from sim.gates import Gate
from sim.whatif.power import Grade, Watch, try_gates
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting

S = 10**9
RATIOS = (0.001, 0.002, 0.005, 0.01, 0.05)
REFERENCE_RELEASES = {0.01: 4000}


@dataclass(frozen=True)
class Row:
    name: str
    gate: dict[str, Any]
    stopped: tuple[float, ...]
    minutes: tuple[float | None, ...]
    every_second: bool = False
    late: float = 0.0  # minutes that ours acts after the check that the reference counts
    equal_arms: bool = False  # 10 rps of which half, so that both versions have 5 rps


def argo(bound: str, limit: int) -> dict[str, Any]:
    metric = {
        "success_condition": f"result >= {bound}",
        "interval": "1m",
        "initial_delay": "1m",
        "failure_limit": limit,
    }
    # Argo measures a little after each minute; five minutes between two scrapes of a minute need a little more.
    return {"kind": "argo", "window": "301s", "metrics": {"success-rate": metric}}


def flagger(bound: str, threshold: int) -> dict[str, Any]:
    return {"kind": "flagger", "success": bound, "threshold": threshold}


KAYENTA = {
    "kind": "kayenta",
    "every": "60m",
    "baseline": "whole",
    "metrics": {"errors": {"direction": "increase"}},
    "marginal": 0,
}
BURN = {"kind": "burn_rate", "success": "99.9%"}
SPRT = {"kind": "sprt", "good": "0.1%", "bad": "1%"}
MIXTURE = {"kind": "mixture", "base": "0.1%"}
CUSUM = {"kind": "cusum", "good": "0.1%", "bad": "1%"}
BAYES = {"kind": "bayes", "margin": "0%"}
N = None
ROWS = (
    Row("threshold 99 %, 1 min", {"kind": "threshold", "success": "99%"}, (0.097, 0.52, 1, 1, 1), (N, 56, 6, 2, 1)),
    Row("threshold 99.9 %, 1 min", {"kind": "threshold", "success": "99.9%"}, (1, 1, 1, 1, 1), (N, 2, 1, 1, 1)),
    Row("flagger 99 %, threshold 5", flagger("99%", 5), (0, 0, 0.89, 1, 1), (N, N, 38, 10, 5), late=1),
    Row("flagger 99 %, threshold 10", flagger("99%", 10), (0, 0, 0.22, 1, 1), (N, N, N, 21, 10), late=1),
    Row("flagger 99.5 %, threshold 5", flagger("99.5%", 5), (0.074, 0.88, 1, 1, 1), (N, 38, 11, 6, 5), late=1),
    Row("argo 99.5 % of 5 min, limit 0", argo("99.5%", 0), (0.048, 0.41, 1, 1, 1), (N, N, 2, 1, 1)),
    Row("argo 99.5 % of 5 min, limit 3", argo("99.5%", 3), (0.0005, 0.07, 1, 1, 1), (N, N, 8, 4, 4)),
    Row("argo 99 % of 5 min, limit 3", argo("99%", 3), (0, 0, 0.04, 1, 1), (N, N, N, 8, 4)),
    Row("kayenta, equal sizes, at 60 min", KAYENTA, (0.002, 0.26, 0.89, 1, 1), (N, N, 60, 60, 60), equal_arms=True),
    Row("fisher 1 %, once at 5 min", {"kind": "fisher", "after": "5m"}, (0.006, 0.08, 0.73, 1, 1), (N, N, 5, 5, 5)),
    Row("fisher 1 %, once at 30 min", {"kind": "fisher", "after": "30m"}, (0.006, 0.55, 1, 1, 1), (N, 30, 30, 30, 30)),
    Row(
        "fisher 5 %, every minute",
        {"kind": "fisher", "peek": True, "alpha": "5%"},
        (0.199, 0.99, 1, 1, 1),
        (N, 11, 2, 1, 1),
    ),
    Row("fisher 1 %, every minute", {"kind": "fisher", "peek": True}, (0.048, 0.93, 1, 1, 1), (N, 21, 3, 1, 1)),
    Row("burn_rate, the version by itself", BURN, (0.035, 0.12, 0.69, 1, 1), (N, N, 2, 1, 1)),
    Row("burn_rate, whole service", BURN | {"per": "service"}, (0, 0, 0, 0, 0), (N, N, N, N, N)),
    Row("sprt 0.1 % against 1 %", SPRT, (0.005, 0.06, 0.71, 0.99, 1), (N, N, N, 1.1, 0.18), every_second=True),
    Row("mixture, alpha 5 %", MIXTURE | {"alpha": "5%"}, (0.024, 0.8, 1, 1, 1), (N, 28, 2.3, 0.85, 0.12), True),
    Row("mixture, alpha 1 %", MIXTURE, (0.004, 0.65, 1, 1, 1), (N, 45, 3.8, 1.2, 0.18), True),
    Row("cusum, alarm at 5", CUSUM | {"alarm_at": 5}, (0.296, 0.91, 1, 1, 1), (N, 18, 2.6, 1, 0.2), True),
    Row("cusum, alarm at 7", CUSUM, (0.048, 0.54, 1, 1, 1), (N, 53, 4.1, 1.4, 0.2), True),
    Row("bayes 95 %, every minute", BAYES | {"certainty": "95%"}, (0.395, 0.99, 1, 1, 1), (N, 4, 1, 1, 1)),
    Row("bayes 99 %, every minute", BAYES, (0.131, 0.96, 1, 1, 1), (N, 14, 2, 1, 1)),
)
TWO_ARM = Row("two_arm, alpha 1 %", {"kind": "two_arm"}, (0.003, 0.68, 1, 1, 1), (N, 42, 5, 1.8, 0.28), True)
"""The reference figures are of a close relative, which bets on a continuum of ratios; ours on eight."""


def setting_of(row: Row) -> Setting:
    share, rate = (0.5, 10.0) if row.equal_arms else (0.05, 100.0)
    return Setting(
        streams=("all",),
        rate=lambda _: (rate,),
        holds=(Hold(start=0, end=3600 * S, share=share),),
        errors=0.001,
        scrape=(1 if row.every_second else 60) * S,
        seed=1,
    )


def gate_of(row: Row) -> Gate:
    every = {"every": "1s"} if row.every_second else {}
    gate: Gate = kinds("gates")[row.gate["kind"]].model_validate({"delay": "0s"} | every | row.gate)
    return gate


def played(row: Row, *, releases: int, ratios: tuple[float, ...] = RATIOS) -> tuple[Grade, ...]:
    return try_gates({row.name: gate_of(row)}, setting_of(row), ratios, releases=releases, prolongs=False)[
        Watch(row.name)
    ]


def _cell(grade: Grade, late: float) -> str:
    minutes = grade.seconds.value / 60 - late
    return f"{_share(grade.stopped.value)} / {'-' if math.isinf(minutes) else f'{minutes:.2g}'}"


def _share(share: float) -> str:
    return f"{share:.3f}".rstrip("0").rstrip(".") if 0 < share < 1 else f"{share:.0f}"


def _reference(row: Row) -> str:
    pairs = zip(row.stopped, row.minutes, strict=True)
    return " &#124; ".join(f"{_share(share)} / {minutes or '-'}" for share, minutes in pairs)


def main() -> None:
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for row in (*ROWS, TWO_ARM):
        cells = [_cell(grade, row.late) for grade in played(row, releases=releases)]
        sys.stdout.write(f"| {row.name} | {' | '.join(cells)} |\n| _reference_ | ")
        sys.stdout.write(_reference(row).replace(" &#124; ", " | ") + " |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
