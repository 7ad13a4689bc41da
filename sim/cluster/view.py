"""One proxy's list of the pods of one pool, kept in the world in the order of (version, number).

A change moves what stands behind it and sorts nothing, so that ten thousand pods can come and go.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import TypeAlias

from sim.cluster.endpoint_conditions import Conditions
from sim.cluster.pod import Pod
from sim.world import World

Entry: TypeAlias = tuple[int, int]  # the pod's address, which orders, and its place in the world


class View:
    """The ready pods a proxy knows; where it knows none, those that are leaving and still serve."""

    def __init__(self, world: World, proxy: int, pool: int) -> None:
        self._world, self._proxy, self._pool = world, proxy, pool
        self._ready: list[Entry] = []
        self._leaving: list[Entry] = []

    def fill(self, pods: Iterable[Pod]) -> None:
        """Know these pods as ready, all at once."""
        self._ready = sorted({*self._ready, *map(_entry, pods)})
        self._write_all()

    def learn(self, pod: Pod, believed: Conditions, told: Conditions) -> None:
        """Believe something else of a pod."""
        entry, had_ready = _entry(pod), bool(self._ready)
        if believed.worth_a_last_try != told.worth_a_last_try:
            _change(self._leaving, entry, told.worth_a_last_try)
        place = None
        if believed.ready != told.ready:
            place = _change(self._ready, entry, told.ready)
        if not (had_ready and self._ready):
            self._write_all()
        elif place is not None:
            self._shift(place, entry if told.ready else None)

    def _shift(self, place: int, entry: Entry | None) -> None:
        """One entry came in at a place of the world's list, or (None) went out there."""
        routes, count = self._world.columns.routes, len(self._ready)
        if count > routes.endpoint.shape[2] or self._world.columns.settings.eject_after > 0:
            self._write_all()
            return
        row = routes.endpoint[self._proxy, self._pool]
        if entry is not None:
            row[place + 1 : count] = row[place : count - 1]
            row[place] = entry[1]
        else:
            row[place:count] = row[place + 1 : count + 1]
        routes.known[self._proxy, self._pool] = routes.listed[self._proxy, self._pool] = count

    def _write_all(self) -> None:
        self._world.list_endpoints(self._proxy, self._pool, [place for _, place in self._ready or self._leaving])


def _entry(pod: Pod) -> Entry:
    return (pod.address, pod.place)


def _change(entries: list[Entry], entry: Entry, present: bool) -> int:
    """Put an entry in its place in order, or take it out; the place."""
    place = bisect_left(entries, entry)
    if present:
        insort(entries, entry)
    else:
        del entries[place]
    return place
