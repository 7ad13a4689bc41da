"""What a study found: the numbers behind terminal, report and notebook. The pages only lay them out.

``given`` says over which releases a figure is taken: ``release`` (all cases by their probability), ``bad`` (a bad
release), ``good``, or a defect's name. Figures are net of the twin where the measure is defined so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sim.scenario.resolved import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its interval; ``low`` and ``high`` are nan where the data cannot carry one."""

    value: float
    low: float
    high: float
    n: int
    method: str

    @property
    def half_width(self) -> float:
        """Half the interval's length."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """First minus second strategy on common luck."""

    first: str
    second: str
    estimate: Estimate
    correlation: float  # of the two losses over common indexes, within strata
    variance_saved: float  # share of the variance that pairing removed; negative when it backfired


class Standing(StrEnum):
    """How a strategy compares with the recommended one on the deciding measure."""

    BEST = "best"
    WORSE = "worse"
    EQUAL = "equal for your purpose"
    CANNOT_TELL = "cannot tell"
    DOES_NOT_SHIP = "does not ship"
    BASELINE = "ships nothing, for comparison"


NOT_ELECTED = (Standing.DOES_NOT_SHIP, Standing.BASELINE)
"""Who cannot be recommended, whatever it costs."""


class Ships(StrEnum):
    """Whether a strategy brings good releases to everybody."""

    SHIPS = "ships"
    DOES_NOT = "does not ship"  # surely fails to ship more good releases than study.false_aborts allows
    NOT_SETTLED = "not settled"  # more or fewer than that: neither is sure
    EXEMPT = "not meant to ship"  # no release at all, or one that is taken back on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """How many good releases a strategy fails to ship: aborted, stuck, or not finished by the horizon."""

    standing: Ships
    lost: int = 0
    played: int = 0
    low: float = 0.0  # of the share of good releases that are not shipped: one-sided bounds
    high: float = 1.0
    allowed: float = 0.05  # study.false_aborts
    causes: tuple[tuple[str, int], ...] = ()  # in a word or two, with how many releases; the commonest first
    quote: str = ""  # the words of whoever stopped the first release that the commonest cause stopped
    why: str = ""  # a clause for the verdict; empty where everything shipped
    chance: float | None = None  # that its gate stops a good one, by arithmetic; None where that does not reach
    method: str = ""  # of the arithmetic, in words
    by_arithmetic: bool = False  # that it does not ship is settled by the arithmetic, before the plays alone would
    more: int | None = None  # further good releases that would settle it, if none of them is lost
    ends_nowhere: bool = False  # no release at all: a baseline

    @property
    def share(self) -> float:
        """Of good releases played, those that were not shipped."""
        return self.lost / self.played if self.played else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """The strategy that would have been recommended if it shipped."""

    name: str
    loss: Estimate  # expected loss of a release on the deciding measure, as played
    again: float  # the same with the release tried again until it ships; infinite where it never does
    admits: float  # the least study.false_aborts at which it would not be left out


class Holding(StrEnum):
    """Whether the recommended strategy is the right one over the whole range of how often releases are bad."""

    HOLDS = "holds"
    TURNS = "another is better somewhere"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The verdict by the rule of docs/design.md."""

    recommended: str | None  # None: cannot tell
    sentence: str  # one plain sentence, with its certainty
    measure: str
    indifferent: float
    standings: Mapping[str, Standing]
    differences: tuple[Difference, ...]  # each other strategy minus the recommended one
    break_even: float | None  # change-failure rate above which the recommended strategy pays against the reference
    reference: str | None  # the strategy the break-even is taken against
    over_range: Mapping[float, Mapping[str, float]]  # change-failure rate -> strategy -> expected loss
    reversals: tuple[str, ...]  # measures on which the order of recommended and reference turns round
    not_varied: tuple[str, ...] = ()  # inputs given as a range of which only the likely value was played
    against_best: Mapping[str, Estimate] = field(default_factory=dict)  # minus the best of the others, all at once
    wins: Mapping[str, Estimate] = field(default_factory=dict)  # chance that a bad release costs less recommended
    selected: Selected | None = None  # where the study ran until the best was known
    over_range_losses: Mapping[float, Mapping[str, Estimate]] = field(
        default_factory=dict
    )  # over_range, with intervals
    over_range_apart: Mapping[float, Mapping[str, Estimate]] = field(default_factory=dict)
    """At both ends of the range each other's loss minus the recommended one's (less is better), all at once."""
    over_range_holds: Holding | None = None  # None without a range
    break_even_between: tuple[float, float] | None = None  # change-failure rates between which the break-even lies
    none_ships: bool = False
    excluded: Excluded | None = None  # where leaving out what does not ship changed the winner


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What Kim and Nelson's procedure came to: who is left, after how many observations."""

    left: tuple[str, ...]
    seen: int
    needed: int  # observations after which it would surely have decided, as far as the variances tell
    gone: frozenset[str] = frozenset()  # no better by more than the zone, not played on

    @property
    def best(self) -> str | None:
        """The one that is left; None while there are several."""
        return self.left[0] if len(self.left) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TailFound:
    """How far a strategy's loss given a bad release can be trusted, and how bad the worst are."""

    n: int
    hurting: int  # bad releases whose loss is not the commonest one
    skewness: float
    worst_share: float  # the worst release's share of the mean
    worst_tenth: Estimate  # mean of the worst tenth; without figures where the data cannot carry them


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Who stopped the bad releases of a strategy: shares that sum to 1."""

    gate: float
    on_call: float
    before_users: float  # smoke test or deadline, before any user was served
    nobody: float
    good_aborted: Estimate  # share of good releases aborted
    harmless: float = 0.0  # part of ``nobody``: whose defect acted, and cost nothing
    asleep: float = 0.0  # part of ``nobody``: whose defect had not shown by the horizon
    planned_back: bool = False  # the strategy takes good releases back too, on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Awake:
    """What a late defect costs by one strategy once it is awake: its release is through, and only then it acts."""

    failed: Estimate  # net failed requests until it is taken back, or within ``watched`` where nobody does
    per_hour: float  # net failed requests per hour in which it acts
    by_gate: float  # shares: who stops it
    by_on_call: float
    detect: float  # seconds from its waking to the first alarm; infinite where there is none
    mitigate: float  # seconds from its waking until no request reaches it any more; infinite where nobody acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A defect that had not shown when the play ended, in some of its releases."""

    defect: str
    share: float  # of all bad releases that were asleep at the horizon by the strategy where most were
    shows: tuple[int, int, int]  # ns from the release by which it shows in 5, 50 and 95 % of releases (or pods)
    watched: float  # seconds that it was played awake; 0 where it was not
    awake: Mapping[str, Awake] = field(default_factory=dict)  # by strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Requests of a good release that fail in one way, net, per release."""

    stream: str
    outcome: str  # a word of sim.outcomes.Outcome
    version: str  # whose pod it was: "old", "new" or "none"
    failed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """A change that was played on the same good releases, and what it did to them."""

    why: str
    change: str  # what to write, as in a file
    before: float  # net failed requests per good release
    after: float
    longer: float  # seconds by which the rollout takes longer
    pods: float  # by which the peak is higher
    always: float  # pods more at all times


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodPrice:
    """Why a good release by a strategy fails requests, and what cures that."""

    strategy: str
    releases: int  # played in detail
    failed: float  # net, per release
    cuts: tuple[Cut, ...]  # the largest first
    begins: float  # seconds from the release in which requests fail
    ends: float
    worst: float  # share that fails in the worst window
    steps: tuple[tuple[str, float], ...]  # under way while requests fail, with how many
    duration: float
    cures: tuple[Cure, ...] = ()
    no_help: tuple[str, ...] = ()  # changes tried that do not halve it


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The model's twin beside the dashboard."""

    name: str
    modelled: float
    observed: float
    off: float  # relative difference
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """An ``expect:`` line and what became of it: "ok", "FAILED" or "undecided"."""

    text: str
    status: str
    value: float
    low: float
    high: float
    strategy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFound:
    """What a year of releases costs by one strategy, in the currency of the price list."""

    releases: int
    expected: Estimate
    one_in_twenty: Estimate  # exceeded by one year in twenty
    thresholds: tuple[float, ...]
    chances: tuple[float, ...]  # of a year that costs more than the threshold
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a net measure is spread over the good, or over the bad, releases of a strategy."""

    n: int
    half: Estimate  # exceeded by every second
    one_in_ten: Estimate  # exceeded by one in ten
    worst: float  # of those played
    untouched: Estimate  # share that cost nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme:
    """The worst value of a measure that was seen, and in which replication."""

    value: float
    case: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What one input does to the advantage of a strategy over another, as it goes from one end to the other."""

    input: str
    low: str
    high: str
    chosen: str
    other: str
    at_low: Estimate  # the deciding loss of the other minus that of the chosen; above zero the chosen is better
    at_high: Estimate
    better: str | None  # the strategy that is better than the chosen one by more than the zone at an end


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything a reader is told."""

    scenario: Scenario
    identity: str
    folder: str
    strategies: tuple[str, ...]
    cases: tuple[tuple[str, float], ...]
    replications: Mapping[tuple[str, str], int]  # (strategy, case) -> how many
    requests_played: int
    estimates: Mapping[tuple[str, str, str], Estimate]  # (measure, strategy, given)
    ruling: Ruling
    stopped: Mapping[str, Stopped]
    blind: tuple[str, ...]
    checks: tuple[Check, ...]  # against ``observed``
    criteria: tuple[Criterion, ...]
    typical: Mapping[str, tuple[str, int]]  # strategy -> (case, index) of a typical bad release
    unlucky: Mapping[str, tuple[str, int]]  # strategy -> (case, index) of a bad-luck release
    precision_asked: str
    precision_reached: str
    precision_met: bool
    interrupted: bool = False
    provenance: Mapping[str, str] | None = None
    set_aside: tuple[str, ...] = ()  # result files that could not be trusted, each with the reason
    tails: Mapping[str, TailFound] = field(default_factory=dict)  # by strategy, of the deciding measure if bad
    year: Mapping[str, YearFound] = field(default_factory=dict)  # by strategy; empty without releases_per_year
    spreads: Mapping[tuple[str, str, str], Spread] = field(default_factory=dict)  # (measure, strategy, good or bad)
    extremes: Mapping[tuple[str, str], Extreme] = field(default_factory=dict)  # (measure, strategy)
    swings: tuple[Swing, ...] = ()  # what moves the verdict most first
    ranks: Mapping[tuple[str, int], Mapping[str, float]] = field(default_factory=dict)  # of typical and unlucky
    good: tuple[GoodPrice, ...] = ()  # strategies whose good releases fail requests
    late: tuple[Late, ...] = ()  # defects that show only after what was played
    failed_anyway: float = 0.0  # requests that fail without a release, mean; net figures leave them out
    shipping: Mapping[str, Shipping] = field(default_factory=dict)  # by strategy
    cautions: tuple[str, ...] = ()  # why the figures may be less sure than their intervals say
