"""What happens anyway, release or not: which conditions strike in a replication, and the traffic that surges add.

A surge is an added stream, after all that the scenario names, so that no request of theirs has another arrival, user
or luck than without it. Where it does not strike it stays in its place and brings nothing, so that no other is moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sim.draws import Key, Purpose, draw
from sim.failures.surge import Surge
from sim.scenario.demand import Profile, profile_at
from sim.scenario.resolved import Condition, Scenario, Stream

NOTHING: Profile = ((0, 0.0),)
"""The profile of a surge that does not strike."""


def entity_of(name: str) -> int:
    """Whose luck a named defect or condition draws: 61 bits of its name, so that its neighbours do not matter."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> 3


def strikes(condition: Condition, key: Key) -> bool:
    """Whether a condition strikes in the replication of this key, in its twin and in all its cells alike."""
    return draw(key, Purpose.CONDITION, entity_of(condition.name), 0)[0] < condition.chance


def weathered(scenario: Scenario, key: Key) -> Scenario:
    """The scenario of one replication: surges that do not strike in it bring no request."""
    if not scenario.traffic.surges:
        return scenario
    calm = {each.name for each in scenario.conditions if not strikes(each, key)}
    surges = tuple(
        replace(each, profile=NOTHING) if each.condition in calm else each for each in scenario.traffic.surges
    )
    return replace(scenario, traffic=replace(scenario.traffic, surges=surges))


def surges_of(conditions: Sequence[Condition], streams: Sequence[Stream], profile: Profile) -> Iterator[Stream]:
    """The streams that the surges among the conditions add, in their order and that of the streams."""
    for condition in conditions:
        if isinstance(condition.failure, Surge):
            for stream in streams:
                if condition.failure.swells(stream.name, has_peak=stream.profile is None):
                    yield replace(
                        stream,
                        name=f"{stream.name}+{condition.name}",
                        profile=more(condition.failure, condition.at, profile),
                        swells=stream.name,
                        condition=condition.name,
                    )


def more(surge: Surge, at: int, profile: Profile) -> Profile:
    """The profile of what comes more: the surge's shape times the profile, straight between the points of both.

    >>> more(Surge(factor=1.5, lasts="1m", rises="1s", falls="1s"), 60 * 10**9, ((0, 0.5), (180 * 10**9, 1.0)))[1:3]
    ((61000000000, 0.33472222222222225), (121000000000, 0.41805555555555557))
    """
    shape = tuple((at + when, share) for when, share in surge.shape())
    begin, end = shape[0][0], shape[-1][0]
    moments = sorted({*(when for when, _ in shape), *(when for when, _ in profile if begin < when < end)})
    return tuple((when, profile_at(shape, when) * profile_at(profile, when)) for when in moments)
