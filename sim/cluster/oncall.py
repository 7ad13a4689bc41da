"""The person on call: the one backstop, the same under every strategy."""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.observer import Observer
from sim.draws import Key, Purpose, draw
from sim.journal import Journal, Milestone
from sim.observation import Observation, Series
from sim.scenario.resolved import OnCall, Scenario
from sim.steps import Detector
from sim.units import show_duration, show_share
from sim.world import Rank

LOOK, REACTION, ANSWER = 0, 1, 2
"""Entities of the person's own events: a look at the dashboard comes before acting on an old page."""
PAGES, QUESTIONS = 0, 1
"""Entities of the person's luck."""


class OnCallPerson:
    """Pages at a share of failing requests, reacts after a while, and rolls back if the trouble is not over by then.

    The share is that of the whole service, or of its worst stream where the scenario says so, over a window of scraped
    and delayed metrics, looked at whenever there is a new scrape, from the release to the horizon. Trouble without a
    look at or above the level for the rule's ``clears_after`` is over: the person stands down and can be paged anew.
    Asked about a rollout that has paused, the person reacts as to a page: resumes it, or takes the release back where
    the dashboard shows trouble just then.
    """

    def __init__(self, *, scenario: Scenario, observer: Observer, clock: Clock, key: Key, journal: Journal) -> None:
        self._rule = scenario.oncall
        self._horizon = scenario.study.horizon
        self._streams = tuple(stream.name for stream in scenario.traffic.streams)
        self._observer, self._clock, self._key, self._journal = observer, clock, key, journal
        self._act: Callable[[], None] | None = None
        self._last_trouble = 0
        self._next_look: Event | None = None
        self._reaction: Event | None = None
        self._questions = 0

    def start(self, act: Callable[[], None]) -> None:
        """Be on call; ``act`` is called once, when the person has reacted. Nothing happens where nobody is on call.

        Best called as early in the warm-up as scraping has to start for a whole window to be there at the release,
        t = 0. No page rests on the time before the release alone.
        """
        self.stop()
        if self._rule is None:
            return
        self._act = act
        self._observer.listen(self._rule.window)
        self._expect_look()

    def stop(self) -> None:
        """Be on call no more; a page not yet acted on is dropped."""
        if self._rule is not None and self._act is not None:
            self._observer.forget(self._rule.window)
        self._act = self._next_look = self._reaction = None

    def asked(self, resume: Callable[[], None]) -> None:
        """A rollout waits for a decision; ``resume`` lets it go on. Nobody answers where nobody is on call."""
        now = int(self._clock.now)
        if self._rule is None or self._act is None:
            self._journal.tell(now, "page", "on-call", "nobody is on call to resume the rollout")
            return
        luck = draw(self._key, Purpose.ON_CALL, QUESTIONS, self._questions)[0]
        self._questions += 1
        answer = self._clock.at(now + int(self._rule.reacts.quantile(luck)), Rank.ON_CALL, ANSWER)
        answer.callbacks.append(lambda _: self._answer(resume))

    def _answer(self, resume: Callable[[], None]) -> None:
        """Resume, unless the dashboard shows trouble; a person no longer on call says nothing."""
        act = self._act
        if act is None:
            return
        if self._trouble() is None:
            self._journal.tell(int(self._clock.now), "page", "on-call", "sees no trouble and resumes the rollout")
            resume()
        else:
            self.stop()
            self._journal.tell(int(self._clock.now), "page", "on-call", "sees trouble and rolls back")
            act()

    def _trouble(self) -> tuple[str, Series] | None:
        """The worst series, by name, where it is at or above the level; no page rests on before the release."""
        if self._rule is None:
            return None
        seen = self._observer.seen(self._rule.window, 0)
        worst = self._worst(seen, self._rule) if seen is not None and seen.until > 0 else None
        bad = worst is not None and worst[1].errors >= self._rule.notices_at * worst[1].requests
        return worst if bad else None

    def _expect_look(self) -> None:
        when = self._observer.next_scrape()
        if when < self._horizon:
            self._next_look = self._clock.at(when, Rank.ON_CALL, LOOK)
            self._next_look.callbacks.append(self._look)

    def _look(self, event: Event) -> None:
        if event is not self._next_look or self._rule is None:
            return
        trouble = self._trouble()
        if trouble is not None:
            self._last_trouble = int(self._clock.now)
            if self._reaction is None:
                self._page(self._rule, *trouble)
        self._expect_look()

    def _worst(self, seen: Observation, rule: OnCall) -> tuple[str, Series] | None:
        """The series with the lowest success among those with enough requests, by name; None without any."""
        if rule.per == "stream":
            series = {stream: seen.of(stream=stream) for stream in self._streams}
        else:
            series = {"the whole service": seen.of()}
        enough = [(name, each) for name, each in series.items() if each.requests >= max(1, rule.min_requests)]
        return min(enough, key=lambda pair: pair[1].success, default=None)

    def _page(self, rule: OnCall, name: str, series: Series) -> None:
        """Note the page, and look up how long the person takes to react to a page of this number."""
        now, number = int(self._clock.now), self._journal.pages
        self._journal.pages += 1
        if self._journal.detected_by == Detector.NOBODY:
            self._journal.detected_by = Detector.ON_CALL
            self._journal.reach(Milestone.DETECTED, now)
        share = 1.0 - series.success
        what = f"paged: {show_share(share)} of {name} fails, the level is {show_share(rule.notices_at)}"
        self._journal.tell(now, "page", "on-call", what, share=share, requests=float(series.requests))
        luck = draw(self._key, Purpose.ON_CALL, PAGES, number)[0]
        self._reaction = self._clock.at(now + int(rule.reacts.quantile(luck)), Rank.ON_CALL, REACTION)
        self._reaction.callbacks.append(self._react)

    def _react(self, event: Event) -> None:
        act, rule, now = self._act, self._rule, int(self._clock.now)
        if event is not self._reaction or act is None or rule is None:
            return
        quiet = now - self._last_trouble
        if quiet > rule.clears_after:
            self._reaction = None
            what = f"stands down: no trouble for {show_duration(quiet, nearest=10**9)}"
            self._journal.tell(now, "page", "on-call", what)
            return
        self.stop()
        self._journal.tell(now, "page", "on-call", "has reacted and rolls back")
        act()
