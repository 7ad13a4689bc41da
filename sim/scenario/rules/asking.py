"""Rules on what is asked: the promise, the study and the expectations."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.measures.catalogue import LEVELS
from sim.scenario.expectations import bound_of
from sim.scenario.model.written import Written
from sim.scenario.retriers import most_attempts
from sim.scenario.rules.rule import Breach, Rule, reads, unknown
from sim.scenario.words import GIVEN, measures

LOSS = "loss"
USER_UPTIME = "user_uptime"
OF_RETRIES = ("attempts", "attempts_per_request")
OF_LOOPS = ("requests_made", "requests_never_made")
PRICED = ("failed_request", "down_minute", "pod_hour", "delay_hour", "aborted_release")


@reads("slo", "traffic")
def objectives_name_streams_there_are(written: Written) -> Iterator[Breach]:
    """An objective for no stream would never be missed."""
    for stream, objective in written.slo.latency.items():
        if stream not in written.traffic.streams:
            yield ("slo", "latency", stream), unknown(stream, "stream", list(written.traffic.streams))
        if objective <= 0:
            yield ("slo", "latency", stream), "must be longer than 0"


@reads("slo")
def the_promise_leaves_a_budget(written: Written) -> Iterator[Breach]:
    """100 % leaves nothing to burn."""
    if not 0.0 < written.slo.success < 1.0:
        yield ("slo", "success"), "must be above 0 % and below 100 %: a promise of 100 % has no error budget"
    if written.slo.window <= 0:
        yield ("slo", "window"), "must be longer than 0"
    if written.slo.requests is not None and written.slo.requests <= 0:
        yield ("slo", "requests"), "must be more than 0"


@reads("study", "traffic")
def a_study_can_be_played(written: Written) -> Iterator[Breach]:
    """Times, shares and counts that make sense together."""
    study = written.study
    for name in ("horizon", "window", "precision", "half_width", "user_cutoff"):
        value = getattr(study, name)
        if value is not None and value <= 0:
            yield ("study", name), "must be more than 0"
    if study.horizon and study.horizon < study.window:
        yield ("study", "horizon"), f"is shorter than one window of {units.show_duration(study.window)}"
    if not 0.5 <= study.confidence < 1.0:
        yield ("study", "confidence"), "must be at least 50 % and below 100 %"
    if study.pilot > study.cap:
        yield ("study", "cap"), f"is below the pilot of {study.pilot} replications"
    if study.until_best and study.indifferent == 0:
        yield ("study", "until_best"), "needs indifferent above 0: two strategies may be as good as each other"
    known = measures(list(written.traffic.streams), deciding=True)
    if study.decide_by not in known:
        yield ("study", "decide_by"), unknown(study.decide_by, "measure", known)


@reads("expect", "traffic", "strategies", "release")
def expectations_name_what_there_is(written: Written) -> Iterator[Breach]:
    """A criterion on nothing would never fail."""
    known = measures(list(written.traffic.streams))
    cases = [*GIVEN, *written.release.defects]
    for place, line in enumerate(written.expect):
        if line.measure not in known:
            yield ("expect", place, "measure"), unknown(line.measure, "measure", known)
        if line.strategy not in ("any", *written.strategies):
            yield ("expect", place, "strategy"), unknown(line.strategy, "strategy", ["any", *written.strategies])
        for key in ("given", "during"):
            word = getattr(line, key)
            if word is not None and word not in cases:
                yield ("expect", place, key), unknown(word, "case", cases)
        for statistic, bound in line.bounds().items():
            try:
                bound_of(bound)
            except ValueError as error:
                yield ("expect", place, statistic), str(error)


@reads("prices")
def a_price_list_prices_something(written: Written) -> Iterator[Breach]:
    """A list of nothing makes every loss zero."""
    prices = written.prices
    if prices is None:
        return
    if not any(getattr(prices, each) for each in PRICED):
        yield ("prices",), f"prices nothing of a release; write at least one of {', '.join(PRICED)}"
    if prices.tried_again_after and not prices.delay_hour:
        yield ("prices", "tried_again_after"), "costs nothing without delay_hour, what an hour of delay costs"
    if not any(abs(prices.down_below - level / 1000) < 1e-9 for level in LEVELS.values()):
        levels = ", ".join(f"{level}%" for level in LEVELS)
        yield ("prices", "down_below"), f"is no level downtime is measured at; write one of {levels}"


@reads("prices", "study", "expect")
def a_loss_is_asked_for_only_with_prices(written: Written) -> Iterator[Breach]:
    """Without prices there is no loss."""
    if written.prices is not None:
        return
    missing = "needs a section prices, as prices: {failed_request: 0.02}"
    if written.study.decide_by == LOSS:
        yield ("study", "decide_by"), missing
    for place, line in enumerate(written.expect):
        if line.measure == LOSS:
            yield ("expect", place, "measure"), missing


@reads("study", "expect")
def user_uptime_is_asked_for_only_with_a_cutoff(written: Written) -> Iterator[Breach]:
    """Without a cutoff nobody can say when a user was active."""
    for place, line in enumerate(written.expect):
        if line.measure.startswith(USER_UPTIME) and written.study.user_cutoff is None:
            yield ("expect", place, "measure"), "needs user_cutoff under study, as user_cutoff: 10m"


@reads("study", "expect", "traffic")
def requests_of_closed_loops_are_asked_for_only_where_there_is_one(written: Written) -> Iterator[Breach]:
    """In an open stream every request is made, come what may."""
    if any(stream.arrivals.population() for stream in written.traffic.streams.values()):
        return
    missing = "needs a stream that is a closed loop, as arrivals: {kind: closed, users: 200, think: 3s}"
    if written.study.decide_by in OF_LOOPS:
        yield ("study", "decide_by"), missing
    for place, line in enumerate(written.expect):
        if line.measure in OF_LOOPS:
            yield ("expect", place, "measure"), missing


@reads("study", "expect", "traffic")
def attempts_are_asked_for_only_where_somebody_retries(written: Written) -> Iterator[Breach]:
    """Elsewhere every request is one attempt."""
    if any(most_attempts(stream) > 1 for stream in written.traffic.streams.values()):
        return
    missing = "needs a stream that is tried again, as retries: {max: 2, on: [connect, error]}"
    if written.study.decide_by in OF_RETRIES:
        yield ("study", "decide_by"), missing
    for place, line in enumerate(written.expect):
        if line.measure in OF_RETRIES:
            yield ("expect", place, "measure"), missing


RULES: tuple[Rule, ...] = (
    objectives_name_streams_there_are,
    the_promise_leaves_a_budget,
    a_study_can_be_played,
    expectations_name_what_there_is,
    a_price_list_prices_something,
    a_loss_is_asked_for_only_with_prices,
    user_uptime_is_asked_for_only_with_a_cutoff,
    requests_of_closed_loops_are_asked_for_only_where_there_is_one,
    attempts_are_asked_for_only_where_somebody_retries,
)
