"""The smallest fleet that keeps the promise, the smallest pool for it, and the smallest surge; each by search.

More pods, nodes and surge are taken to be never worse. Beside each answer stands what one pod less would do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sim.stats.intervals import Interval
from sim.whatif import peak, search
from sim.whatif.keeping import Sure
from sim.whatif.looking import Look, Setting, Table
from sim.whatif.peak import Loss

MOST = 16
"""A fleet so many times the pods that the work alone asks for is not searched beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The smallest fleet that keeps the promise; ``replicas`` is None where none does, however large.

    ``below`` says what can be said of one pod less; None where the work alone keeps more pods busy than that.
    """

    strategy: str
    growth: float
    loss: Loss
    replicas: int | None = None
    nodes: int = 0
    surge: int = 0  # pods more at once during the release, those that are leaving included
    written_surge: int | None = None  # the strategy's own, as the file has it; None where it has none
    least_surge: int | None = None  # the smallest of its own with which this fleet still keeps the promise
    peak_pods: float = math.nan  # during the release, the old fleet's and the new one's together
    connections: float = math.nan  # held at once, of the dependency of which a pod holds most
    share: Interval | None = None  # of bad requests, in the worst situation
    below: Sure | None = None
    below_share: Interval | None = None
    why: str = ""  # what breaks one pod less; of no fleet, what breaks the largest that was tried
    blind: float = 0.0  # requests that fail before the cluster has noticed the loss, mean
    taken_back: float = 0.0  # share of the releases that end where they began


def fleets(
    table: Table, growths: Sequence[float], losses: Sequence[Loss], on_progress: Callable[[str], None]
) -> Iterator[Fleet]:
    """A fleet for each growth and loss; a harder question starts where the easier ones ended."""
    known: dict[tuple[float, Loss], Fleet] = {}
    for growth in sorted(growths):
        for place, loss in enumerate(losses):
            easier = [each for (at, of), each in known.items() if at <= growth and of in losses[: place + 1]]
            hopeless = next((each for each in easier if each.replicas is None), None)
            above = max([table.pods_of_the_work(growth), *(each.replicas or 0 for each in easier)])
            if hopeless is not None:
                found = Fleet(strategy=table.strategy.name, growth=growth, loss=loss, why=hopeless.why)
            else:
                found = _fleet(table, growth, loss, above)
            known[growth, loss] = found
            pods = "no fleet" if found.replicas is None else f"{found.replicas} pods on {found.nodes} nodes"
            on_progress(f"{table.strategy.name}, {growth:g} x peak, {loss.value}: {pods}")
            yield found


def _fleet(table: Table, growth: float, loss: Loss, above: int) -> Fleet:
    least = table.pods_of_the_work(growth)

    def on_its_pool(pods: int) -> Setting:
        return Setting(growth=growth, pods=pods, nodes=pool(table, loss, pods))

    most = MOST * max(1, least)
    found = search.smallest(lambda pods: table.holds(on_its_pool(pods), loss), above=above, most=max(most, above))
    if found is None:
        tried = table.look(on_its_pool(max(most, above)), loss)
        return Fleet(strategy=table.strategy.name, growth=growth, loss=loss, why=tried.kept.why)
    while found > least and table.holds(on_its_pool(found - 1), loss):
        found -= 1
    smaller = table.look(on_its_pool(found - 1), loss) if found > least else None
    nodes = _smallest_pool(table, growth, loss, found)
    setting = Setting(growth=growth, pods=found, nodes=nodes)
    return _told(table, setting, loss, smaller)


def _told(table: Table, setting: Setting, loss: Loss, smaller: Look | None) -> Fleet:
    look, whole = table.look(setting, loss), table.look(setting)
    assert setting.pods is not None
    peak_pods = whole.kept.means["peak_pods"]
    return Fleet(
        strategy=table.strategy.name,
        growth=setting.growth,
        loss=loss,
        replicas=setting.pods,
        nodes=setting.nodes or 0,
        surge=math.ceil(peak_pods - setting.pods - 1e-9),
        written_surge=_written_surge(table, setting),
        least_surge=_smallest_surge(table, setting, loss),
        peak_pods=peak_pods,
        connections=whole.kept.means["peak_connections"],
        share=look.kept.share,
        below=None if smaller is None else smaller.sure,
        below_share=None if smaller is None else smaller.kept.share,
        why="" if smaller is None else smaller.kept.why,
        blind=look.kept.blind,
        taken_back=look.kept.taken_back,
    )


def pool(table: Table, loss: Loss, pods: int) -> int:
    """Today's pool, or as many nodes as hold all pods of a release with the loss gone."""
    asked = peak.nodes_for(table.scenario, peak.at_once(table.strategy.strategy, pods))
    return max(table.scenario.nodes.count, _with_spare(table, loss, asked))


def _smallest_pool(table: Table, growth: float, loss: Loss, pods: int) -> int:
    least, most = _with_spare(table, loss, peak.nodes_for(table.scenario, pods)), pool(table, loss, pods)

    def holds(nodes: int) -> bool:
        return table.holds(Setting(growth=growth, pods=pods, nodes=nodes), loss)

    found = search.smallest(holds, above=min(least, most), most=most)
    return most if found is None else found


def _with_spare(table: Table, loss: Loss, nodes: int) -> int:
    """The smallest pool of which so many nodes are left after the loss."""
    whole = max(1, nodes)
    while peak.spared(table.scenario, loss, whole) < max(1, nodes):
        whole += 1
    return whole


def _written_surge(table: Table, setting: Setting) -> int | None:
    """The pods more at once that the strategy allows for a fleet; None where nobody can choose."""
    surge = getattr(table.strategy.strategy, "surge", None)
    return None if surge is None or setting.pods is None else int(surge.up(setting.pods))


def _smallest_surge(table: Table, setting: Setting, loss: Loss) -> int | None:
    """The smallest surge with which the same fleet still keeps the promise; None where nobody can choose."""
    written = _written_surge(table, setting)
    if written is None:
        return None

    def holds(pods: int) -> bool:
        return table.holds(Setting(growth=setting.growth, pods=setting.pods, nodes=setting.nodes, surge=pods), loss)

    found = search.smallest(holds, above=0, most=written)
    return written if found is None else found
