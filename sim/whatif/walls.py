"""Where the fleet of the file breaks during a release: the highest rate that holds, the lowest that breaks, for sure.

Rates lie on a grid of hundredths of what the slots can carry by arithmetic, which no fleet gets beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.scenario.arithmetic import fleet_arithmetic
from sim.whatif import peak, search
from sim.whatif.fleets import BUSY
from sim.whatif.keeping import Sure
from sim.whatif.looking import Setting, Table
from sim.whatif.peak import Loss

GRID = 100
STRIDE = 6
"""About so many hundredths the first guess is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Requests per second that the file's fleet surely carries (None: not even a hundredth) and surely does not."""

    strategy: str
    loss: Loss
    rate: float | None
    broken: float
    why: str  # what gives way at the lowest rate that breaks


def wall(table: Table, loss: Loss, *, below: float | None = None) -> Wall:
    """Search downwards from what the slots can carry, or from a rate that an easier case is known to break at."""
    arithmetic = fleet_arithmetic(peak.at_peak(table.scenario, table.strategy))
    whole = arithmetic.peak_rate / arithmetic.use_at_peak  # what the slots carry when all of them are busy
    top = GRID if below is None else max(1, min(GRID, round(below / whole * GRID)))

    def at(step: int) -> Setting:
        return Setting(growth=step * whole / GRID / arithmetic.peak_rate)

    carried = _largest(table, loss, at, below=top)
    broken = 1 if carried is None else carried + 1
    while broken < 2 * GRID and table.look(at(broken), loss).sure is not Sure.BROKEN:
        broken += 1
    return Wall(
        strategy=table.strategy.name,
        loss=loss,
        rate=None if carried is None else carried * whole / GRID,
        broken=broken * whole / GRID,
        why=table.look(at(broken), loss).kept.why,
    )


def _largest(table: Table, loss: Loss, at: Callable[[int], Setting], *, below: int) -> int | None:
    """The largest step that surely holds; glances say where to look."""

    found = search.nearer(
        lambda turned: table.seems_to_hold(at(-turned), loss),
        lambda turned: table.holds(at(-turned), loss),
        above=-below,
        most=-1,
        guess=-_guess(table, loss),
        stride=STRIDE,
    )
    return None if found is None else -found


def _guess(table: Table, loss: Loss) -> int:
    """As busy as queues bear, with what is lost away."""
    nodes = table.scenario.nodes.count
    return max(1, round(GRID * BUSY * peak.spared(table.scenario, loss, nodes) / nodes))
