"""The real controllers' recorded rollouts pass through the same values in the cluster that ``rollrisk run`` plays.

A file dropped into ``timelines/`` is played by its inputs alone. What cannot be played yet is counted, by its kind.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import timeline_player as player
from timeline_judge import Judged, judged, steps

from sim.cluster import arriving, performer
from sim.cluster.availability import Availability
from sim.cluster.rolling import Limits
from sim.hpa import limits
from sim.hpa import reconcile as hpa

FOLDER = Path(__file__).parent / "timelines"
PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
OURS = 139
"""Recordings that came with the repository."""
FILES = sorted(FOLDER.glob("*.json"))


@cache
def recording(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


PLAYED = [file for file in FILES if not player.cannot_play(recording(file))]


def compared(name: str) -> Judged:
    found = recording(FOLDER / f"{name}.json")
    return judged(found, player.played(found))


@pytest.mark.parametrize("file", PLAYED, ids=lambda file: file.stem)
def test_a_timeline_passes_through_the_recorded_values(file: Path) -> None:
    found = compared(file.stem)
    assert [f"{' '.join(each.field)}: {each.how}" for each in found.differences] == []


@pytest.mark.parametrize("file", PLAYED, ids=lambda file: file.stem)
def test_in_each_of_them_the_controller_acts(file: Path) -> None:
    """A player that does nothing cannot agree by saying nothing: pods come and go, or an HPA sees usage change."""
    found = recording(file)
    events = player.played(found)
    looks = [value for _, thing, field, _, value in events if (thing, field) == ("HPA app", "cpu utilisation")]
    if found["controller"] == "HPA":
        assert len(looks) >= found["until"] // 15
        assert len(set(looks)) > 1
    else:
        assert any(len(line) > 2 for line in steps(events, found["start"], found["until"]).values())


def test_the_page_tells_which_agree_with_their_largest_gap_and_what_is_not_played() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| yes \| ([\d.]+) \|", text, flags=re.M))
    agreeing = [file.stem for file in PLAYED]
    assert {name: f"{compared(name).largest_gap:.1f}" for name in agreeing if name in rows} == rows
    waiting = Counter(why for file in FILES if (why := player.cannot_play(recording(file))))
    told = {why: int(number) for number, why in re.findall(r"^\| (\d+) \| (.+) \|$", text, flags=re.M)}
    if len(FILES) == OURS:  # more may be dropped in
        assert waiting == told
        assert len(rows) == len(PLAYED)


def one_more_surge(patch: pytest.MonkeyPatch) -> None:
    real = performer.Limits
    patch.setattr(performer, "Limits", lambda size, surge, unavailable: real(size, surge + 1, unavailable))


def one_fewer_missing(patch: pytest.MonkeyPatch) -> None:
    real = performer.Limits
    patch.setattr(performer, "Limits", lambda size, surge, less: real(size, surge, max(less - 1, 0)))


def old_ones_go_first(patch: pytest.MonkeyPatch) -> None:
    real = performer.reconcile_each

    def wrong(sets: Any, limits: Limits, *, terminating: int = 0) -> list[int]:
        wanted = real(sets, limits, terminating=terminating)
        return [*(0 for _ in wanted[:-1]), wanted[-1]] if sets[-1].asked else wanted

    patch.setattr(performer, "reconcile_each", wrong)


def seconds_are_rounded_up(patch: pytest.MonkeyPatch) -> None:
    def due(self: Any, pod: Any) -> int:
        ready: int = pod.ready_since
        return ready + (self.full_second - ready) % 10**9 + int(self._min_ready)

    patch.setattr(Availability, "_due", due)


def ready_is_available(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Availability, "_due", lambda self, pod: pod.ready_since)


def the_scheduler_backs_off(patch: pytest.MonkeyPatch) -> None:
    def placed(self: Any, pod: Any) -> Any:
        attempts = 0
        while pod.node is None and not self._scheduled(pod):
            attempts, tried_at = attempts + 1, self._around.now
            yield self._room
            yield from self._around.wait(pod, tried_at + arriving.between_attempts(attempts) - self._around.now)

    patch.setattr(arriving.Arrival, "be_placed", placed)


def the_deadline_is_late(patch: pytest.MonkeyPatch) -> None:
    real = performer.timed_out
    patch.setattr(performer, "timed_out", lambda now, since, limit: real(now, since, 2 * limit))
    due = performer.wakes_at
    patch.setattr(performer, "wakes_at", lambda since, limit: due(since, 2 * limit))


def nothing_is_stabilised(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hpa, "between_windows", lambda history, wish, **_: (wish, history))


def policies_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits, "changed_within", lambda changes, period, now: 0)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (one_more_surge, "deployment-default-10"),
        (one_fewer_missing, "deployment-surge0-unavailable1"),
        (old_ones_go_first, "deployment-default-4"),
        (seconds_are_rounded_up, "deployment-surge1-min-ready5"),
        (ready_is_available, "deployment-min-ready-10"),
        (the_scheduler_backs_off, "deployment-node-full"),
        (the_deadline_is_late, "deployment-never-ready"),
        (seconds_are_rounded_up, "deployment-min-ready-10"),
        (one_more_surge, "argo-basic-surge1-unavailable0-10"),
        (nothing_is_stabilised, "hpa-down-stabilised-60"),
        (policies_are_forgotten, "hpa-up-policy-50pct-per-30s"),
    ],
)
def test_a_wrong_rule_is_noticed(
    fault: Callable[[pytest.MonkeyPatch], None], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not compared(name).differences
    fault(monkeypatch)
    assert compared(name).differences
