"""Luck with an address.

Randomness is never consumed from a stream; it is looked up. ``draw(key, purpose, entity, nth)`` gives the same four
numbers whoever asks, whenever, in whatever order. So request 4711 brings the same arrival, user, work and luck under
every strategy and every release case, and adding a stream, a retry or a pod shifts nobody else's luck.

The generator is Philox4x32-10 (J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC'11), checked against the known-answer vectors published with it. One block gives four words of 32 bits; draws that
are needed together share a block.

All arithmetic is on signed 64-bit integers that wrap, masked to 32 bits, so the very same source serves Python's
integers, NumPy's int64 arrays and the compiled kernel.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from typing import Any, NamedTuple

from sim.jit import rule

MASK = 0xFFFFFFFF
_MULTIPLY_0 = 0xD2511F53
_MULTIPLY_1 = 0xCD9E8D57
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_STEP = 2.0**-32


class Purpose(IntEnum):
    """What a block of luck is for. Grows at the end only: an inserted word would change every old result.

    The comment names the four words of the block.
    """

    REQUEST = 1  # gap to the next arrival, user, work, answer
    ATTEMPT = 2  # version, first pick, second pick, answer of this attempt
    USER = 3  # version (sticky), cohort of a defect, header cohort, -
    RETRY = 4  # jitter, work of the next try, -, -: nth is the attempt before
    CASE = 5  # a defect's own numbers, drawn once per replication: nth is the field
    POD_START = 6  # start-up time of a container: entity is the pod, nth the (incarnation, container)
    POD_CRASH = 7  # time to crash, time to out-of-memory, -, -
    ENDPOINT = 8  # delay until a proxy knows of a change: nth is the change
    ON_CALL = 9  # reaction time of the person on call: nth is the page
    SMOKE_TEST = 10  # whether the smoke test catches the defect
    CONDITION = 11  # whether a condition strikes, and when
    SCRAPE = 12  # reserved for a scraper that misses
    INIT = 13  # duration of an init container
    GATE_TRIAL = 14  # requests and errors of a scrape interval, -, -: entity is the interval, nth the (version, stream)
    NODE = 15  # provisioning time of a node: entity is the node
    POD_HIT = 16  # whether a failure that hits some pods hits this one: entity is the pod, nth the failure's place
    CALL = 17  # work of a call to a dependency: entity is the request, nth the attempt and the call
    KUBELET = 18  # how late a node looks at a container again: entity is the pod, nth the incarnation
    WARM_UP = 19  # whether a proxy passes over a new endpoint, first pick, second pick: nth the attempt and the try
    BURST = 20  # first state (nth 0) or sojourn of a stream's bursts, -, -, -: entity is the stream
    FRESH_GROUP = 21  # how many of a count are in a baseline of the canary's size, -, -, -: nth is the count
    ANOTHER_POD = 22  # first pick, second pick, -, -: a try that met its last pod again; nth the attempt and the pick
    LENGTH = 23  # how long a connection is to last, pause before it is made again (nth: the attempt before), -, -
    UNDER_WAY = 24  # how many requests are under way when the warm-up begins, -, -, -: entity is the stream
    FULL_SECOND = 25  # where the wall clock of the cluster has its full seconds, -, -, -


class Key(NamedTuple):
    """The two words that name one replication's luck: the same for all strategies and cases of an index."""

    low: int
    high: int


def replication_key(seed: int, index: int) -> Key:
    """The key of a replication.

    >>> replication_key(1, 0) == replication_key(1, 0), replication_key(1, 0) == replication_key(1, 1)
    (True, False)
    """
    digest = hashlib.blake2b(f"rollrisk:{seed}:{index}".encode(), digest_size=8).digest()
    return Key(int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little"))


@rule
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Four words of 32 bits from a counter of four words and a key of two.

    >>> [f"{word:08x}" for word in philox(0, 0, 0, 0, 0, 0)]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    for _ in range(10):
        product_0 = _MULTIPLY_0 * c0
        product_1 = _MULTIPLY_1 * c2
        c0 = ((product_1 >> 32) & MASK) ^ c1 ^ k0
        c1 = product_1 & MASK
        c2 = ((product_0 >> 32) & MASK) ^ c3 ^ k1
        c3 = product_0 & MASK
        k0 = (k0 + _WEYL_0) & MASK
        k1 = (k1 + _WEYL_1) & MASK
    return c0, c1, c2, c3


@rule
def block(key_low: Any, key_high: Any, purpose: Any, entity: Any, nth: Any) -> Any:
    """The four words of luck at an address; entity is at most 2**62, nth below 2**32."""
    return philox(entity & MASK, (entity >> 32) & MASK, nth, purpose, key_low, key_high)


@rule
def uniform(word: Any) -> Any:
    """A word as a number strictly between 0 and 1, on a grid of 2**-32.

    >>> uniform(0) > 0 and uniform(2**32 - 1) < 1
    True
    """
    return (word + 0.5) * _STEP


def draw(key: Key, purpose: Purpose, entity: int, nth: int = 0) -> tuple[float, float, float, float]:
    """Four uniforms at an address, for the cluster plane, which asks seldom.

    >>> draw(Key(1, 2), Purpose.POD_START, 7) == draw(Key(1, 2), Purpose.POD_START, 7)
    True
    """
    words = block(key.low, key.high, int(purpose), entity, nth)
    first, second, third, fourth = (float(uniform(word)) for word in words)
    return first, second, third, fourth
