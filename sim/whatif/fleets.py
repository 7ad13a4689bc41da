"""The smallest fleet that keeps the promise, the smallest pool for it, and the smallest surge; each by search.

More pods, nodes and surge are taken to be never worse. Beside each answer stands what one pod less would do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.stats.intervals import Interval
from sim.whatif import peak, search
from sim.whatif.keeping import Sure
from sim.whatif.looking import Look, Setting, Table
from sim.whatif.peak import Loss

BUSY = 0.9
"""About as busy as a fleet may be: where the search begins, no more."""
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
    least_surge: int | None = (
        None  # the smallest of its own with which this fleet still keeps the promise; planned demand
    )
    peak_pods: float = math.nan  # during the release, the old fleet's and the new one's together
    connections: float = math.nan  # held at once, of the dependency of which a pod holds most
    share: Interval | None = None  # of bad requests, in the worst situation
    below: Sure | None = None
    below_share: Interval | None = None
    why: str = ""  # what breaks one pod less; of no fleet, what breaks the largest that was tried
    blind: float = 0.0  # requests that fail before the cluster has noticed the loss, mean
    taken_back: float = 0.0  # share of the releases that end where they began


def base(growths: Sequence[float]) -> float:
    """The demand that is planned for: the middle one, the higher of two."""
    return sorted(growths)[len(growths) // 2]


def fleets(
    table: Table, growths: Sequence[float], losses: Sequence[Loss], on_progress: Callable[[str], None]
) -> Iterator[Fleet]:
    """A fleet for each growth and loss; a harder question starts where the easier ones ended."""
    known: dict[tuple[float, Loss], Fleet] = {}
    planned = base(growths)
    for growth in sorted(growths):
        for place, loss in enumerate(losses):
            easier = [each for (at, of), each in known.items() if at <= growth and of in losses[: place + 1]]
            hopeless = next((each for each in easier if each.replicas is None), None)
            above = max([table.pods_of_the_work(growth), *(each.replicas or 0 for each in easier)])
            if hopeless is not None:
                found = Fleet(strategy=table.strategy.name, growth=growth, loss=loss, why=hopeless.why)
            else:
                guess = _guess(table, growth, loss, known)
                found = _fleet(table, growth, loss, above, guess, with_surge=growth == planned)
            known[growth, loss] = found
            pods = "no fleet" if found.replicas is None else f"{found.replicas} pods on {found.nodes} nodes"
            on_progress(f"{table.strategy.name}, {growth:g} x peak, {loss.value}: {pods}")
            yield found


def _fleet(table: Table, growth: float, loss: Loss, above: int, guess: int, *, with_surge: bool) -> Fleet:
    least = table.pods_of_the_work(growth)

    def on_its_pool(pods: int) -> Setting:
        return Setting(growth=growth, pods=pods, nodes=pool(table, loss, pods))

    most = max(MOST * max(1, least), above)
    found = search.nearer(
        lambda pods: table.seems_to_hold(on_its_pool(pods), loss),
        lambda pods: table.holds_at_the_worst(on_its_pool(pods), loss),
        above=above,
        most=most,
        guess=guess,
    )
    nodes = None if found is None else _smallest_pool(table, growth, loss, found)
    while found is not None and nodes is None:  # another moment or place is worse than the one that was known
        found = found + 1 if found < most else None
        nodes = None if found is None else _smallest_pool(table, growth, loss, found)
    if found is None or nodes is None:
        tried = table.look(on_its_pool(most), loss)
        return Fleet(strategy=table.strategy.name, growth=growth, loss=loss, why=tried.kept.why)
    smaller = table.look(on_its_pool(found - 1), loss) if found > least else None
    return _told(table, Setting(growth=growth, pods=found, nodes=nodes), loss, smaller, with_surge=with_surge)


def _guess(table: Table, growth: float, loss: Loss, known: Mapping[tuple[float, Loss], Fleet]) -> int:
    """Where to begin: as much more as for less traffic; else as busy as queues bear, with what is lost on top."""
    before = [each for (_, of), each in known.items() if of is loss and each.replicas is not None]
    if before:
        return math.ceil((before[-1].replicas or 0) * growth / before[-1].growth - 1e-9)
    pods = math.ceil(table.pods_of_the_work(growth) / BUSY)
    nodes = table.scenario.nodes
    if loss is Loss.NODE:
        return math.ceil(pods * nodes.count / (nodes.count - 1))
    return math.ceil(pods * nodes.zones / (nodes.zones - 1)) if loss is Loss.ZONE else pods


def _told(table: Table, setting: Setting, loss: Loss, smaller: Look | None, *, with_surge: bool) -> Fleet:
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
        least_surge=_smallest_surge(table, setting, loss) if with_surge else None,
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


def _smallest_pool(table: Table, growth: float, loss: Loss, pods: int) -> int | None:
    """The smallest pool on which so many pods surely keep the promise; None where they do not on any."""
    least, most = _with_spare(table, loss, peak.nodes_for(table.scenario, pods)), pool(table, loss, pods)

    def with_nodes(nodes: int) -> Setting:
        return Setting(growth=growth, pods=pods, nodes=nodes)

    least = min(least, most)
    at_once = table.look(with_nodes(most)).kept.means["peak_pods"]  # a pool that holds them makes nobody wait
    guess = _with_spare(table, loss, peak.nodes_for(table.scenario, math.floor(at_once)))
    return search.nearer(
        lambda nodes: table.seems_to_hold(with_nodes(nodes), loss),
        lambda nodes: table.holds(with_nodes(nodes), loss),
        above=least,
        most=most,
        guess=guess,
    )


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

    def with_surge(pods: int) -> Setting:
        return Setting(growth=setting.growth, pods=setting.pods, nodes=setting.nodes, surge=pods)

    found = search.nearer(
        lambda pods: table.seems_to_hold(with_surge(pods), loss),
        lambda pods: table.holds(with_surge(pods), loss),
        above=0,
        most=written,
        guess=written // 2,
    )
    return written if found is None else found
