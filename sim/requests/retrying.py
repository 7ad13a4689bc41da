"""Who tries a failed request again, and until when: its client, its proxy, or both.

A client makes *calls*, one after the other. Where a proxy retries, each call is worth several *tries*, of which the
client knows nothing but that its call takes longer; with two retries each there are up to nine. An attempt is any one
try. The proxy's retries are asked first: only what it hands back may the client try again.

Three waits end an attempt. ``timeout`` is that of whoever makes it. ``call_limit`` is the client's, for all tries of
its proxy together, as of Envoy's route timeout above ``per_try_timeout``. ``limit`` is the client's for all of its
calls, as of a gRPC deadline. A pause between two tries does not outlast them either.
"""

from __future__ import annotations

from sim.draws import Purpose, block, uniform
from sim.jit import rule
from sim.outcomes import Outcome
from sim.requests.choices import WAIT
from sim.requests.luck import entity
from sim.rows import CLIENT, PROXY
from sim.versions import NEVER
from sim.world import SILENCE_LIMIT, Answers, Columns

RETRY = int(Purpose.RETRY)
RETRIES_SAVED = 100.0
"""The most retries that a budget saves up."""
NOBODY_AGAIN = -1
"""In place of who tries again."""
MIRRORED = 63
"""The attempt's number of a copy that goes to the new version and is answered to nobody."""
FIRST_TRY = -1.0
"""In place of an attempt's own luck: its answer is the request's."""

SILENT = int(Answers.SILENT)
ERROR = int(Outcome.ERROR)
NO_ENDPOINT, REFUSED, REJECTED = int(Outcome.NO_ENDPOINT), int(Outcome.REFUSED), int(Outcome.REJECTED)


@rule
def policy_of(stream: int, who: int) -> int:
    """The row of the retries that says what somebody does."""
    return 2 * stream + who


@rule
def earn_retries(columns: Columns, stream: int) -> None:
    """A request earns its share of a retry for the stream's budgets, where there are any."""
    if columns.streams.earns[stream] == 0:
        return
    retries = columns.retries
    for policy in range(policy_of(stream, CLIENT), policy_of(stream, PROXY) + 1):
        if retries.budget[policy] > 0.0:
            retries.tokens[policy] = min(RETRIES_SAVED, retries.tokens[policy] + retries.budget[policy])


@rule
def who_tries_again(
    columns: Columns,
    stream: int,
    outcome: int,
    now: int,
    calls: int,
    tries: int,
    call_ends: int,
    ends: int,
) -> int:
    """CLIENT, PROXY or nobody, after an attempt that ended so; spends a retry of a budget.

    ``calls`` and ``tries`` are those the client, and the proxy in this call, have made again so far.
    """
    if (columns.streams.retry_on[stream] >> outcome) & 1 == 0:
        return NOBODY_AGAIN
    if now < call_ends and may_retry(columns, policy_of(stream, PROXY), tries, outcome):
        return PROXY
    if now < ends and may_retry(columns, policy_of(stream, CLIENT), calls, outcome):
        return CLIENT
    return NOBODY_AGAIN


@rule
def may_retry(columns: Columns, policy: int, made: int, outcome: int) -> bool:
    """Whether one of the two tries again after so many tries; spends a retry of the budget."""
    retries = columns.retries
    wanted = made < retries.tries[policy] and (retries.on[policy] >> outcome) & 1 == 1
    if not wanted or retries.budget[policy] == 0.0:
        return wanted  # type: ignore[no-any-return]
    if retries.tokens[policy] < 1.0:
        return False
    retries.tokens[policy] -= 1.0
    return True


@rule
def pause_before(columns: Columns, policy: int, stream: int, number: int, attempt: int, made: int) -> int:
    """The wait before the next try, in ns; ``attempt`` is the number of the last one."""
    settings = columns.settings
    words = block(settings.key_low, settings.key_high, RETRY, entity(stream, number), attempt)
    return WAIT(columns.retries.rule[policy], columns, policy, made, uniform(words[0]))  # type: ignore[no-any-return]


@rule
def work_luck_of_next(
    columns: Columns, policy: int, stream: int, number: int, attempt: int, outcome: int, luck: float
) -> float:
    """The luck of the next try's work; that of the last one where nobody began it, or where the work is the same."""
    if columns.retries.fresh[policy] == 0 or outcome in (REFUSED, REJECTED, NO_ENDPOINT):
        return luck
    settings = columns.settings
    words = block(settings.key_low, settings.key_high, RETRY, entity(stream, number), attempt)
    return uniform(words[1])  # type: ignore[no-any-return]


@rule
def is_again(nth: int) -> bool:
    """Whether an attempt is a retry; the copy that a mirror makes is none."""
    return 0 < nth < MIRRORED


@rule
def own_luck(columns: Columns, stream: int, nth: int, luck: float) -> float:
    """An attempt's own luck where bad answers may differ from try to try: of retries where errors are retried."""
    if is_again(nth) and (columns.streams.retry_on[stream] >> ERROR) & 1 == 1:
        return luck
    return FIRST_TRY


@rule
def limit_from(limit: int, now: int) -> int:
    """The instant at which a limit that begins now is over; 0 is no limit."""
    return NEVER if limit == 0 else now + limit


@rule
def patience(columns: Columns, pod: int, stream: int) -> int:
    """How long an attempt is waited for, in ns; 0 for ever. A silent machine is left after a minute."""
    timeout = columns.streams.timeout[stream]
    if columns.pods.answers[pod] == SILENT and (timeout == 0 or timeout > SILENCE_LIMIT):
        return SILENCE_LIMIT
    return timeout  # type: ignore[no-any-return]


@rule
def is_cut(wait: int, now: int, call_ends: int) -> bool:
    """Whether the client's call is over before whoever makes the attempt would give it up."""
    return call_ends < NEVER and (wait == 0 or call_ends - now < wait)
