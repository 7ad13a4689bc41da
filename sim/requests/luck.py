"""The luck of open streams, looked up a few requests ahead: neighbouring addresses are drawn side by side.

Eight blocks in a row keep a processor's vector units busy, which makes a block three times cheaper than one by one. The
numbers are the same as :func:`sim.draws.block` gives at each address.
"""

from __future__ import annotations

from typing import Any

from sim.draws import Purpose, block, uniform
from sim.jit import rule
from sim.requests.parts import plays_long_streams
from sim.world import Columns

AHEAD = 8
"""Requests looked up together, a power of two."""
LUCK_KEPT = 2 * AHEAD
"""Requests remembered, a power of two: the batch at hand and the one before, whose last may still be arriving."""

GAP, USER, WORK, ANSWER, VERSION, FIRST_PICK, SECOND_PICK, ATTEMPT_ANSWER = 0, 1, 2, 3, 4, 5, 6, 7
"""Places of a request's uniforms; the last four are those of its first attempt."""
LUCK_WORDS = 8
UNDER_WAY = 1 << 45
"""The number of the first request that is under way when the warm-up begins; those that arrive have lower ones."""

REQUEST_BLOCK, ATTEMPT_BLOCK = int(Purpose.REQUEST), int(Purpose.ATTEMPT)


@rule
def entity(stream: int, number: int) -> int:
    """Whose luck a request draws: its stream and arrival number."""
    return (stream << 48) | number


@rule
def look_ahead(columns: Columns, stream: int, first: int) -> None:
    """Look up the requests from ``first`` on, a multiple of ``AHEAD``."""
    luck, low, high = columns.luck, columns.settings.key_low, columns.settings.key_high
    begin = first & (LUCK_KEPT - 1)
    for ahead in range(AHEAD):
        words = block(low, high, REQUEST_BLOCK, entity(stream, first + ahead), 0)
        luck[stream, begin + ahead, GAP], luck[stream, begin + ahead, USER] = uniform(words[0]), uniform(words[1])
        luck[stream, begin + ahead, WORK], luck[stream, begin + ahead, ANSWER] = uniform(words[2]), uniform(words[3])
    for ahead in range(AHEAD):
        words = block(low, high, ATTEMPT_BLOCK, entity(stream, first + ahead), 0)
        luck[stream, begin + ahead, VERSION] = uniform(words[0])
        luck[stream, begin + ahead, FIRST_PICK] = uniform(words[1])
        luck[stream, begin + ahead, SECOND_PICK] = uniform(words[2])
        luck[stream, begin + ahead, ATTEMPT_ANSWER] = uniform(words[3])


@rule
def request_luck(columns: Columns, stream: int, number: int, which: int) -> Any:
    """One of the uniforms of a request at hand."""
    return columns.luck[stream, number & (LUCK_KEPT - 1), which]


@rule
def is_under_way(columns: Columns, number: int) -> bool:
    """Whether a request from outside has been going on since before the warm-up."""
    return plays_long_streams(columns) and number >= UNDER_WAY


@rule
def attempt_luck(columns: Columns, stream: int, number: int, nth: int) -> Any:
    """The four uniforms of an attempt: version, first pick, second pick, answer."""
    if nth == 0 and columns.streams.users[stream] == 0 and not is_under_way(columns, number):
        luck, place = columns.luck, number & (LUCK_KEPT - 1)
        return (
            luck[stream, place, VERSION],
            luck[stream, place, FIRST_PICK],
            luck[stream, place, SECOND_PICK],
            luck[stream, place, ATTEMPT_ANSWER],
        )
    settings = columns.settings
    words = block(settings.key_low, settings.key_high, ATTEMPT_BLOCK, entity(stream, number), nth)
    return uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3])
