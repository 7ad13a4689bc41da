"""A study from start to end: what is there is read, what is missing is played, and everything is told."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.scenario import from_text, identity
from sim.scenario.resolved import Default, Ranged, Scenario
from sim.scenario.text import write
from sim.study import analysis, asides, digests, folders, outputs, soundness, store
from sim.study.beside import Beside
from sim.study.cells import Cell, Job, cells_played
from sim.study.collect import ENDED, Collection, Progress, Stage
from sim.study.disk import sweep
from sim.study.executors import InProcess, Runner, Stop
from sim.study.extras import NOTHING, Wanted
from sim.study.findings import Findings
from sim.study.history import History, engines, in_words
from sim.study.interrupt import TooEarlyError, first_interrupt_finishes
from sim.study.joins import join_of
from sim.study.keeping import Keeping
from sim.study.kin import Borrowing, cell_identities, rows_of_kin
from sim.study.model import model_digest, rooms
from sim.study.play import LINE, Work
from sim.study.processes import LocalProcesses
from sim.study.provenance import now, provenance
from sim.study.rows import Row, Table
from sim.study.shards import Shards
from sim.study.store import Store
from sim.study.until_best import reach

if TYPE_CHECKING:
    import pandas as pd

Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a study is run. Nothing here changes a result."""

    workers: int | None = None  # None: all cores; 1: in this process
    runner: Runner | None = None  # instead of local processes
    engine: str = "compiled"
    fresh: bool = False  # forget what is there
    command: str | None = None
    replicate: str = LINE
    stop: Stop | None = None  # None: the first Ctrl-C
    wanted: Wanted = NOTHING  # what to keep beyond the rows
    file: Path | None = None  # where the scenario was read from
    beside: bool = True  # play what the study's own cells leave open


@dataclass(slots=True)
class Run:
    """One run of a study on its folder; iterate to play it, then ask for its findings."""

    scenario: Scenario
    results: Path
    options: Options = field(default_factory=Options)
    last: Progress | None = None
    identity: str = field(init=False)
    folder: Path = field(init=False)
    table: Table = field(init=False)
    _store: Store = field(init=False)
    _shards: Shards = field(init=False)
    _made: dict[str, str] = field(init=False)
    _cells: dict[Cell, str] = field(init=False)
    _history: History = field(init=False)
    _cleared: tuple[str, ...] = ()
    _lent: dict[Job, str] = field(default_factory=dict)
    _asides: asides.Asides = field(default_factory=asides.Asides)

    def __post_init__(self) -> None:
        self.identity = identity(self.scenario)
        self.folder = folders.folder_of(self.results, self.scenario.name, self.identity, self.options.file)
        self.table = Table(join_of(self.scenario), self.folder)
        self._store = Store(self.folder, self.identity)
        self._shards = Shards(self.folder, self.identity, self.options.wanted)
        self._made: dict[str, str] = {}
        self._cells = cell_identities(self.scenario)

    @property
    def quarantined(self) -> tuple[str, ...]:
        """Files that were set aside because they could not be trusted, each with the reason."""
        return (*self._cleared, *self._store.quarantined, *self._shards.quarantined)

    def __iter__(self) -> Iterator[Progress]:
        """Play what is missing; every row is on disk within seconds, whatever ends the run."""
        runner = Keeping(self._runner(), self._shards)
        self._begin(runner)
        work = Work.on(
            self.scenario,
            replicate=self.options.replicate,
            engine=self.options.engine,
            wanted=self.options.wanted,
        )
        lent = {} if self.options.fresh else rows_of_kin(self.results, self.folder, self.scenario)
        self._lent = {job: folder for job, (_, folder) in lent.items()}
        borrowing = Borrowing(runner, lent)
        try:
            with first_interrupt_finishes() as asked:
                stop = self.options.stop or asked
                collection = Collection(
                    self.scenario, self.table, runner=borrowing, work=work, keep=self._keep, stop=stop
                )
                for progress in collection:
                    self.last = borrowing.told(progress)
                    yield self.last
                if self.options.wanted and self.last is not None:
                    runner.catch_up(work, self._rows_there(), stop)
                self._look_beside(runner, stop)
        finally:
            try:
                self._store.flush()
                self._shards.flush()
            finally:
                runner.close()
        self._store.settle(self.table)
        self._describe()

    def findings(self) -> Findings:
        """What the rows say, once the run has ended.

        Raises :class:`TooEarlyError`, a KeyboardInterrupt, where the run was interrupted before there was anything
        to say; all rows are kept.
        """
        assert self.last is not None, "play the study first"
        if not self._has_enough:
            raise TooEarlyError
        told = analysis.Told(
            identity=self.identity,
            folder=str(self.folder),
            provenance=self._made,
            interrupted=self.last.stage == Stage.INTERRUPTED,
            set_aside=self.quarantined,
            asides=self._asides,
            seconds=_seconds_each(folders.read_manifest(self.folder)),
        )
        return analysis.findings(self.scenario, self.table, self.last.counts, told)

    def _look_beside(self, runner: Runner, stop: Stop) -> None:
        """Play what the study leaves open, or take what lies there of the same program and of no fewer rows."""
        if not self.options.beside or self.options.replicate != LINE or self.last is None or not self._has_enough:
            return
        found = asides.kept(self.folder) if not self.last.played else None
        if found is None:
            beside = Beside(runner=runner, stop=stop, engine=self.options.engine)
            found = asides.played(self.scenario, self.table, self.last.counts, beside)
            asides.keep(self.folder, found)
        self._asides = found

    @property
    def _has_enough(self) -> bool:
        """Whether there is anything to tell."""
        return self.last is not None and self.last.stage in ENDED and min(self.last.counts.values()) >= 2

    def _rows_there(self) -> Iterator[Job]:
        """All of them, also those that no longer count: a run that was never killed keeps the extras of each."""
        for cell in cells_played(self.scenario):
            yield from (Job(cell, index) for index in self.table.indexes(cell))

    def _keep(self, rows: Iterable[Row]) -> None:
        rows = tuple(rows)
        self._store.keep(rows)
        self._history.note(rows, self._lent)
        if self._store.is_scattered:
            self._store.settle(self.table)

    def _runner(self) -> Runner:
        if self.options.runner is not None:
            return self.options.runner
        return InProcess() if self.options.workers == 1 else LocalProcesses(self.options.workers)

    def _begin(self, runner: Runner) -> None:
        sweep(self.results, outputs.IN_RESULTS)
        for place in (self.folder, *(self.folder / room for room in soundness.TABLES)):
            sweep(place)
        if soundness.without_digests(self.folder):
            warnings.warn(f"{self.folder} {soundness.EARLIER}", RuntimeWarning, stacklevel=2)
        self._cleared = tuple(soundness.cleared(self.folder))
        if self.options.fresh:
            self._forget()
        self._shards.look()
        self._store.read_into(self.table)
        self._history = History(folders.read_manifest(self.folder), self.table, cells_played(self.scenario))
        self._made = provenance(
            seed=self.scenario.study.seed,
            workers=runner.workers,
            engine=self.options.engine,
            command=self.options.command,
        )
        self._store.describe(self._manifest(), write(self.scenario.document))

    def _forget(self) -> None:
        """What is there, for a run that was asked to begin afresh."""
        self._store.forget()
        self._shards.forget()
        beside = [name for name in (folders.SWEEP, folders.BESIDE) if (self.folder / name).exists()]
        for name in beside:
            (self.folder / name).unlink(missing_ok=True)
        if beside:
            digests.forget(self.folder, beside)

    def _describe(self) -> None:
        assert self.last is not None
        self._made |= {"ended": now(), "played": str(self.last.played), "reused": str(self.last.reused)}
        history = self._told_history()
        self._made |= {"engine": engines(history) or self.options.engine, "rows": in_words(history)}
        self._store.describe(self._manifest())

    def _manifest(self) -> dict[str, Any]:
        before = folders.read_manifest(self.folder)
        return {
            "name": self.scenario.name,
            "rows": [self._described(cell) for cell in cells_played(self.scenario)],
            "counts": dict(self.last.counts) if self.last else before.get("counts", {}),
            "seconds_per_replication": (self.last and self.last.each) or before.get("seconds_per_replication"),
            "set_aside": list(self.quarantined),
            "made": self._made,
            "history": self._told_history(),
            "rooms": dict(rooms()),
            **({"file": folders.seen_from(self.folder, self.options.file)} if self.options.file else {}),
            "defaults": [asdict(each) for each in self.scenario.defaults],
            "ranges": [asdict(each) for each in self.scenario.ranges],
        }

    def _told_history(self) -> list[dict[str, Any]]:
        made = {**self._made, "engine": self.options.engine}
        return self._history.told(made, folders.read_manifest(self.folder))

    def _described(self, cell: Cell) -> dict[str, Any]:
        named = self._cells[cell]
        return {"strategy": cell.strategy, "case": cell.case, "rows": self.table.count(cell), "identity": named}


def run(
    scenario: Scenario,
    *,
    results: Path = Path("results"),
    workers: int | None = None,
    on_progress: Watch | None = None,
    **options: Any,
) -> Findings:
    """Play a study, or what is missing of it, and tell what it found.

    ``options`` are the fields of :class:`Options`: ``fresh``, ``engine``, ``runner``, ``command`` …

    Raises KeyboardInterrupt where it was interrupted before there was anything to tell; what was played is kept.
    """
    study = Run(scenario, Path(results), Options(workers=workers, **options))
    for progress in study:
        if on_progress is not None:
            on_progress(progress)
    return study.findings()


def read(folder: Path) -> Findings:
    """The findings in a results folder; nothing is played and nothing is changed.

    Warns of a report beside them that is damaged, and of a folder whose files have no digests.

    Raises :class:`UsageError` where there is no study, not enough of one, or one whose files are not what was written.
    """
    _check(folder)
    manifest = folders.read_manifest(folder)
    try:
        text = digests.checked(folder, store.SCENARIO).decode()
    except (OSError, ValueError) as error:
        why = "there is no" if isinstance(error, FileNotFoundError) else f"{error}:"
        raise UsageError(f"{folder} holds no study: {why} {store.SCENARIO} in it") from None
    scenario = _as_asked(from_text(text, str(folder / store.SCENARIO)), manifest)
    table, counts = stored(scenario, folder)
    told = analysis.Told(
        identity=_identity_in(folder, scenario),
        folder=str(folder),
        provenance=manifest.get("made", {}),
        asides=asides.kept(folder, str(manifest.get("made", {}).get("model"))) or asides.Asides(),
        seconds=_seconds_each(manifest),
    )
    wanted = {case: min(count, manifest.get("counts", {}).get(case, count)) for case, count in counts.items()}
    if min(wanted.values()) < 2:
        raise UsageError(f"{folder} holds too few replications to tell anything; run its scenario again")
    return analysis.findings(scenario, table, wanted, told)


def _seconds_each(manifest: dict[str, Any]) -> float:
    """Of the clock for one replication, by as many workers as the last run had; nan where no run has told."""
    try:
        return float(manifest["seconds_per_replication"]) / max(1, int(manifest["made"]["workers"])) or math.nan
    except (KeyError, TypeError, ValueError):
        return math.nan


def _check(folder: Path) -> None:
    """Compare every small file of a study with its digest.

    Raises :class:`UsageError` naming those on which the answer would rest.
    """
    wrong = list(soundness.damaged(folder))
    if digests.digests_in(folder).damaged:
        warnings.warn(f"{folder / digests.DIGESTS}: {soundness.LIST_DAMAGED}", RuntimeWarning, stacklevel=3)
    elif soundness.without_digests(folder):
        warnings.warn(f"{folder} {soundness.EARLIER}", RuntimeWarning, stacklevel=3)
    resting = [name for name in wrong if name in soundness.READ]
    if resting:
        raise UsageError(
            f"{folder}: damaged: {', '.join(resting)} (the bytes do not match the digest); run the scenario again, "
            "which sets aside what is damaged and makes it anew"
        )
    for name in wrong:
        warnings.warn(
            f"{folder / name}: {digests.DIFFERS}; rollrisk report {folder} writes it anew", RuntimeWarning, stacklevel=3
        )


def _as_asked(scenario: Scenario, manifest: dict[str, Any]) -> Scenario:
    """The scenario with what its author left open: the stored text says everything, so nothing in it looks assumed."""
    try:
        defaults = tuple(Default(**each) for each in manifest.get("defaults", []))
        ranges = tuple(Ranged(**each) for each in manifest.get("ranges", []))
    except TypeError:
        return scenario
    return replace(scenario, defaults=defaults or scenario.defaults, ranges=ranges or scenario.ranges)


def stored(scenario: Scenario, folder: Path) -> tuple[Table, dict[str, int]]:
    """The rows in a folder, and how many of each case there are without a gap."""
    table = Table(join_of(scenario), folder)
    Store(folder, _identity_in(folder, scenario)).look_into(table)
    return table, reach(table, scenario)


def _identity_in(folder: Path, scenario: Scenario) -> str:
    """The identity that a folder's rows bear.

    Another version of the program may read more into the same text, and so give it another identity; then the
    folder's own word counts. The same program gives the same, so that a scenario changed by hand is found out.
    """
    manifest, own = folders.read_manifest(folder), identity(scenario)
    same = manifest.get("made", {}).get("model") == model_digest()
    return own if same else str(manifest.get("identity", own))


def frame(findings: Findings, measures: Container[str] | None = None) -> pd.DataFrame:
    """The rows behind findings, tidy: strategy, case, index and a column per net measure, of all or of those named."""
    import pandas as pd

    table, _ = stored(findings.scenario, Path(findings.folder))
    parts = []
    for (strategy, case), count in findings.replications.items():
        known = table.columns(Cell(strategy, case), count)
        columns = {name: known[name] for name in known if measures is None or name in measures}
        parts.append(pd.DataFrame({"strategy": strategy, "case": case, "index": range(count), **columns}))
    return pd.concat(parts, ignore_index=True)
