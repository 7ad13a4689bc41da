"""Whether what lies in a results folder is what runs wrote there: looked at when a run begins, and by ``verify``.

What does not match is set aside under another name, never deleted, and made anew by the run that found it. So is a file
that bears a name of ours and that no run wrote: somebody else's ``report.html`` is not overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sim.study.digests import DIFFERS, DIGESTS, DamagedError, checked, digests_in, forget
from sim.study.disk import QUARANTINED, set_aside
from sim.study.extras import REQUESTS, SERIES
from sim.study.folders import BESIDE, MANIFEST, SWEEP, read_manifest
from sim.study.shards import is_sound
from sim.study.shelf import REPORT
from sim.study.store import PARTS, SCENARIO, TABLE, opened, proof

READ = (MANIFEST, SCENARIO, BESIDE, SWEEP)
"""What the answer of a study rests on, beside its tables."""
LIST_DAMAGED = "the list of digests does not match its own"
EARLIER = "was written by an earlier version of rollrisk, without digests of its files; the next run in it adds them"
TABLES = (PARTS, SERIES, REQUESTS)


class State(StrEnum):
    """What was found of a file."""

    SOUND = "ok"
    UNLISTED = "no digest"
    DAMAGED = "DAMAGED"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One file that was read, and what is wrong with it."""

    path: Path
    state: State
    why: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether something must be done about it."""
        return self.state in (State.DAMAGED, State.MISSING)


def without_digests(folder: Path) -> bool:
    """Whether a study lies there whose files have none: an earlier version wrote it."""
    return not digests_in(folder).there and bool(read_manifest(folder))


def damaged(folder: Path, names: Sequence[str] | None = None) -> Iterator[str]:
    """Those of some files, or of all small ones that are listed, that are not what was written."""
    for name in digests_in(folder).known if names is None else names:
        if names is not None or not name.endswith(".parquet"):
            try:
                checked(folder, name)
            except DamagedError:
                yield name
            except OSError:  # not there, or not to be read: whoever wants it says so
                continue


def cleared(folder: Path) -> list[str]:
    """Set aside what is damaged in a study's folder and what is not ours, but for tables, which are looked at when
    they are read.

    Gives back what was set aside, each with the reason.
    """
    return [*cleared_of_damage(folder), *_cleared_of_strangers(folder)]


def cleared_of_damage(folder: Path) -> list[str]:
    """Set aside what is damaged, of any folder; gives back what that was, each with the reason."""
    found, aside = digests_in(folder), []
    if found.damaged:
        aside.append(f"{set_aside(folder / DIGESTS).name}: {LIST_DAMAGED}; it is written anew")
    wrong = list(damaged(folder))
    aside += [f"{set_aside(folder / name).name}: {DIFFERS}; it is written anew" for name in wrong]
    if wrong:
        forget(folder, wrong)
    return aside


def _cleared_of_strangers(folder: Path) -> list[str]:
    found, aside = digests_in(folder), []
    if (found.there and not found.damaged) or not read_manifest(folder):
        for name in (*READ, *REPORT):
            if name not in found.known and _has_content(folder / name):
                aside.append(f"{set_aside(folder / name).name}: no run wrote it")
    return aside


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def verified(folder: Path) -> Iterator[Looked]:
    """Read every file of a study, or of the folder above all studies, and say of each whether it is sound."""
    found = digests_in(folder)
    if found.damaged:
        yield Looked(path=folder / DIGESTS, state=State.DAMAGED, why=LIST_DAMAGED)
    elif found.there:
        yield Looked(path=folder / DIGESTS, state=State.SOUND)
    identity = read_manifest(folder).get("identity")
    for name in sorted({*found.known, *_there(folder)}):
        yield _looked(folder, name, identity)


def _there(folder: Path) -> Iterator[str]:
    """Files that runs write, listed or not."""
    yield from (name for name in (*READ, *REPORT, TABLE) if (folder / name).is_file())
    for room in TABLES:
        yield from (f"{room}/{path.name}" for path in (folder / room).glob("*.parquet"))


def _looked(folder: Path, name: str, identity: str | None) -> Looked:
    path, room = folder / name, name.partition("/")[0]
    try:
        if name == TABLE or room == PARTS:
            table = opened(path)
            why, sound, listed = proof(table.content, identity), table.sound, table.listed
        else:
            content = checked(folder, name)
            why, sound, listed = "", True, name in digests_in(folder).known
            if room in TABLES:
                why = "" if is_sound(content) else "its rows do not match its digest"
    except DamagedError as error:
        return Looked(path=path, state=State.DAMAGED, why=str(error))
    except FileNotFoundError:
        return Looked(path=path, state=State.MISSING, why="was written and is not there")
    except OSError as error:
        return Looked(path=path, state=State.DAMAGED, why=f"cannot be read: {error.strerror or error}")
    if why or not sound:
        return Looked(path=path, state=State.DAMAGED, why=why or DIFFERS)
    return Looked(path=path, state=State.SOUND if listed else State.UNLISTED)


def put_aside(folder: Path) -> list[Path]:
    """Everything in a folder that has been set aside."""
    places = (folder, *(folder / room for room in TABLES))
    return sorted(path for place in places for path in place.glob(f"*{QUARANTINED}") if path.is_file())
