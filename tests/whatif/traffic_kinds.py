"""Kinds of traffic under which gates have to keep their level. Run as a program, it measures their false alarms.

One hour, good releases only. The last column of the table lets the counts of each version swing by itself, which no
test that counts errors allows for.
"""

import math
import sys
from dataclasses import replace

from reference_table import Row, gate_of

from sim.metric_faults import Faults
from sim.whatif.power import Watch, try_gates
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting

S = 10**9
MINUTE = 60 * S


def setting(rate: object, *, weights: tuple[float, ...] = (0.05,), minutes: int = 60, errors: float = 0.001) -> Setting:
    length = minutes * MINUTE // len(weights)
    holds = tuple(Hold(start=n * length, end=(n + 1) * length, share=share) for n, share in enumerate(weights))
    return Setting(streams=("all",), rate=rate, holds=holds, errors=errors, scrape=15 * S, seed=5)  # type: ignore[arg-type]


TRAFFIC = {
    "constant": setting(lambda _: (100.0,)),
    "diurnal": setting(lambda at: (100.0 * (1 + 0.8 * math.sin(at / (20 * MINUTE))),)),
    "bursty": setting(lambda at: (400.0 if (at // (5 * MINUTE)) % 3 == 0 else 20.0,)),
    "gamma gaps, cv 3": replace(setting(lambda _: (100.0,)), variations=(9.0,)),
    "weight steps": setting(lambda _: (100.0,), weights=(0.05, 0.25, 0.5)),
    "many errors": setting(lambda _: (100.0,), weights=(0.05, 0.5), errors=0.05),
}


def false_alarms(gate: dict, where: Setting, releases: int) -> tuple[float, float]:
    """The share of good releases stopped, and the least true chance that four standard errors allow."""
    grade = try_gates({"g": gate_of(Row("", gate, (), ()))}, where, (where.errors,), releases=releases)[Watch("g")][0]
    share = grade.stopped.value
    return share, share - 4 * math.sqrt(max(share, 1 / releases) / releases)


GATES = {
    "two_arm 5 %": {"kind": "two_arm", "alpha": "5%"},
    "mixture 5 %": {"kind": "mixture", "alpha": "5%", "base": "0.1%"},
    "group_sequential 5 %, 12 looks": {"kind": "group_sequential", "alpha": "5%", "looks": 12, "over": "60m"},
    "sprt 0.1 % against 1 %, 5 %": {"kind": "sprt", "good": "0.1%", "bad": "1%", "alpha": "5%"},
    "fisher 5 %, once": {"kind": "fisher", "alpha": "5%", "after": "55m"},
    "fisher 5 %, every minute": {"kind": "fisher", "alpha": "5%", "peek": True},
    "bayes 95 %, every minute": {"kind": "bayes", "certainty": "95%", "margin": "0%"},
    "cusum, alarm at 7": {"kind": "cusum", "good": "0.1%", "bad": "1%"},
    "flagger 99 %, threshold 5": {"kind": "flagger", "success": "99%", "threshold": 5},
}


def main() -> None:
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    where = {name: each for name, each in TRAFFIC.items() if each.errors == 0.001}
    where["noise 50 %, correlation 90 %"] = replace(TRAFFIC["constant"], faults=Faults(errors=0.5, correlation=0.9))
    sys.stdout.write(f"| gate | {' | '.join(where)} |\n")
    for name, gate in GATES.items():
        shares = [100 * false_alarms(gate, each, releases)[0] for each in where.values()]
        sys.stdout.write(f"| {name} | {' | '.join(f'{share:.2g} %' for share in shares)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
