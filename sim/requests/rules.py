"""What both engines must decide alike: when the next request arrives, where an attempt goes, how it is served.

Plain functions on columns; the loops that call them are each engine's own.

Source of the arrival rule: a Poisson process of rate r(t) is a unit-rate process run through the inverse of r's
integral (E. Çinlar, Introduction to Stochastic Processes, 1975, ch. 4.7); any renewal law of the unit gaps goes through
the same inverse.
"""

from __future__ import annotations

import math

from sim import laws
from sim.draws import Purpose, block, uniform
from sim.jit import rule
from sim.outcomes import Outcome
from sim.requests.long_lived import work_law_of
from sim.requests.luck import AHEAD, GAP, entity, look_ahead, request_luck
from sim.requests.retrying import FIRST_TRY, earn_retries
from sim.versions import NEVER
from sim.world import Columns

value = laws.value

USER, CALL = int(Purpose.USER), int(Purpose.CALL)
REQUEST = int(Purpose.REQUEST)
SUCCEEDED, ERROR, UNSEEN_ERROR = int(Outcome.SUCCEEDED), int(Outcome.ERROR), int(Outcome.UNSEEN_ERROR)


@rule
def address(stream: int, number: int, attempt: int) -> int:
    """An attempt's name, by which coinciding events are ordered: stream, arrival number, attempt.

    Room for 64 streams, 2**46 arrivals and 64 attempts, the last of which is the copy that a mirror makes.
    """
    return (stream << 52) | (number << 6) | attempt


USER_SHIFT = 24
"""In a closed loop a request's number is its user and, in the lower bits, how many that user has made before."""


@rule
def expect_next_arrival(columns: Columns, stream: int) -> None:
    """Look up the luck of the stream's next request and set ``next_at``, NEVER past the horizon."""
    settings, streams = columns.settings, columns.streams
    number = int(streams.number[stream])
    if number & (AHEAD - 1) == 0:
        look_ahead(columns, stream, number)
    gap = value(columns.laws, streams.gap_law[stream], request_luck(columns, stream, number, GAP))
    streams.mass[stream] += gap
    earn_retries(columns, stream)
    arrival = arrival_time(columns, stream)
    streams.next_at[stream] = arrival if arrival < settings.horizon else NEVER


@rule
def arrival_time(columns: Columns, stream: int) -> int:
    """The moment at which the expected number of arrivals reaches ``mass``: the profile's integral, inverted.

    Inside a segment the rate is linear, its integral quadratic; the stable root needs only +, *, / and sqrt, which
    every processor rounds alike.
    """
    streams, profile = columns.streams, columns.profile
    mass, segment = streams.mass[stream], streams.segment[stream]
    while segment + 1 < streams.segments[stream] and profile.mass[stream, segment + 1] <= mass:
        segment += 1
    streams.segment[stream] = segment
    rest = mass - profile.mass[stream, segment]
    rate, slope = profile.rate[stream, segment], profile.slope[stream, segment]
    divisor = 2.0 * rate  # what stands below comes to, bit for bit, without a slope
    if slope != 0.0:
        under_root = rate * rate + 2.0 * slope * rest
        if under_root < 0.0:
            return NEVER
        divisor = rate + math.sqrt(under_root)
    if divisor <= 0.0:
        return NEVER
    offset = 2.0 * rest / divisor
    if offset > 4.0e18:
        return NEVER
    return profile.start[stream, segment] + int(offset + 0.5)  # type: ignore[no-any-return]


@rule
def user_arrives_at(columns: Columns, stream: int, number: int, now: int) -> int:
    """When a user of a closed loop, free since now, makes the next request; NEVER past the horizon."""
    settings = columns.settings
    words = block(settings.key_low, settings.key_high, REQUEST, entity(stream, number), 0)
    think = value(columns.laws, columns.streams.gap_law[stream], uniform(words[0]))
    if think >= settings.horizon - now:
        return NEVER
    return now + int(think + 0.5)


@rule
def user_of(columns: Columns, luck: float) -> int:
    """Who asks; a skew above 1 lets few users ask often."""
    settings = columns.settings
    if settings.user_skew == 1.0:
        return int(settings.users * luck)
    return int(settings.users * luck**settings.user_skew)


LONGEST_WORK = 2.0**55
"""ns, more than a year: no release is watched for longer, and sums of many stay below ``NEVER``."""


@rule
def service_time(columns: Columns, pod: int, stream: int, number: int, luck: float) -> int:
    """How long the pod itself will work, in ns; fixed when the slot is taken."""
    version = columns.pods.version[pod]
    work = value(columns.laws, work_law_of(columns, stream, number), luck)
    factor = columns.versions.service_factor[version, stream] * columns.pods.speed[pod]
    return int(min(LONGEST_WORK, work * factor) + 0.5)


@rule
def lock_ends(columns: Columns, version: int, stream: int) -> int:
    """Until when a request that has a slot waits for a lock before it begins its work, ns."""
    return columns.versions.held_until[version, stream]  # type: ignore[no-any-return]


@rule
def calls_of(columns: Columns, version: int, stream: int) -> int:
    """Calls that an attempt makes to its dependency, one after the other."""
    if columns.streams.dependency[stream] < 0:
        return 0
    return columns.versions.calls[version, stream]  # type: ignore[no-any-return]


@rule
def call_time(columns: Columns, stream: int, number: int, attempt: int, call: int, now: int) -> int:
    """How long a call that begins now occupies the dependency, in ns; every call has luck of its own.

    It stands behind all that starting pods have asked for before.
    """
    settings, dependency = columns.settings, columns.streams.dependency[stream]
    nth = (attempt << 8) | call
    words = block(settings.key_low, settings.key_high, CALL, entity(stream, number), nth)
    work = value(columns.laws, columns.dependencies.work_law[dependency], uniform(words[0]))
    wait = max(0, columns.dependencies.taken_until[dependency] - now)
    return int(min(LONGEST_WORK, work * columns.dependencies.service_factor[dependency]) + 0.5) + wait  # type: ignore[no-any-return]


@rule
def is_poison(columns: Columns, version: int, stream: int, luck: float) -> bool:
    """Whether a request brings down the process that works on it; the other end of its answer's luck."""
    return luck > 1.0 - columns.versions.poison[version, stream]  # type: ignore[no-any-return]


@rule
def leave_memory(columns: Columns, pod: int, stream: int) -> bool:
    """Leave behind what a request leaks; whether the pod is now out of memory."""
    pods = columns.pods
    pods.memory[pod] += columns.versions.leak[pods.version[pod], stream]
    return pods.memory_room[pod] > 0.0 and pods.memory[pod] > pods.memory_room[pod]  # type: ignore[no-any-return]


@rule
def answer(columns: Columns, pod: int, stream: int, user: int, luck: float, own: float) -> int:
    """What the version's code will answer: an outcome; fixed when the slot is taken.

    A first answer is bad iff the request's uniform is below the chance, so what survives a bad version survives a
    better one. A retry has luck of its own, too. Its answer is bad, as that of every try on this version, where the
    request's uniform is below the chance that repeats; else where its own is below what is left of the chance. So each
    try by itself fails with the chance, and retries keep the law above.
    """
    versions, version = columns.versions, columns.pods.version[pod]
    error, seen = versions.error_chance[version, stream], versions.seen_chance[version, stream]
    if is_in_cohort(columns, version, stream, user):
        error, seen = versions.cohort_error[version, stream], versions.cohort_seen[version, stream]
    crowd = versions.crowd_error[version, stream]
    if crowd > 0.0:
        crowd *= crowding(columns, pod)
    if own != FIRST_TRY:
        repeats = repeating(columns, pod, stream, user)
        if luck < repeats:
            return ERROR
        luck = repeats + (1.0 - repeats) * own
    if luck < seen + crowd:
        return ERROR
    return UNSEEN_ERROR if luck < error + crowd else SUCCEEDED


@rule
def is_in_cohort(columns: Columns, version: int, stream: int, user: int) -> bool:
    """Whether the user is among those whom the version hurts more than others."""
    settings, cohort = columns.settings, columns.versions.cohort[version, stream]
    if cohort == 0.0:
        return False
    return uniform(block(settings.key_low, settings.key_high, USER, user, 0)[1]) < cohort  # type: ignore[no-any-return]


@rule
def repeating(columns: Columns, pod: int, stream: int, user: int) -> float:
    """The chance that a request meets a bad answer on every try at such a pod."""
    versions, version = columns.versions, columns.pods.version[pod]
    repeats = versions.repeats[version, stream]
    if is_in_cohort(columns, version, stream, user):
        repeats = versions.cohort_repeats[version, stream]
    crowd = versions.crowd_repeats[version, stream]
    if crowd > 0.0:
        repeats += crowd * crowding(columns, pod)
    return repeats  # type: ignore[no-any-return]


@rule
def crowding(columns: Columns, pod: int) -> float:
    """How full the pod's queue is, from 0 to 1."""
    pods = columns.pods
    if pods.queue_limit[pod] == 0:
        return 0.0
    return pods.queued[pod] / pods.queue_limit[pod]  # type: ignore[no-any-return]


@rule
def compute(columns: Columns, pod: int, change: int, now: int) -> None:
    """Attempts begin (+1) or end (-1) their work in the pod itself: integrate its work up to now."""
    pods = columns.pods
    pods.busy[pod] += pods.computing[pod] * (now - pods.busy_since[pod])
    pods.busy_since[pod] = now
    pods.computing[pod] += change
