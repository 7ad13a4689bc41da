"""Requests gathered one by one into streams."""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np

from sim.exchange.measured.data import Bools, Series, Single
from sim.exchange.measured.streams import Streams


class Gathering:
    """Takes requests with what they are known by, of which nothing is kept."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._known: dict[tuple[str, ...], str | None] = {}
        self._began: dict[str, array[int]] = {}
        self._took: dict[str, array[float]] = {}
        self._failed: dict[str, array[int]] = {}
        self.nobodys = 0
        self._words: Counter[str] = Counter()

    def take(self, marks: tuple[str, ...], began: int, took: float, *, failed: bool | None) -> None:
        """A request: when it began, ns; how long it took, ns or nan; whether it failed, None where nobody tells."""
        if marks not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[marks] = self._streams.of(marks)
        stream = self._known[marks]
        if stream is None:
            self.nobodys += 1
            self._note(marks)
            return
        if stream not in self._began:
            self._began[stream], self._took[stream], self._failed[stream] = array("q"), array("d"), array("b")
        self._began[stream].append(began)
        self._took[stream].append(took)
        self._failed[stream].append(-1 if failed is None else failed)

    def _note(self, marks: tuple[str, ...]) -> None:
        """The first word of a path, where it is a plain word that many have: nothing else of a path is told."""
        for mark in marks[:1]:
            word = mark.strip("/").split("/")[0]
            if 1 < len(word) <= 20 and word.isascii() and word.replace("-", "").isalpha() and word.islower():
                self._words[word] += 1

    def often(self) -> tuple[str, ...]:
        """First words of the paths of requests that belong to nobody, each of at least 5 % of them."""
        least = max(20, self.nobodys // 20)
        return tuple(word for word, number in self._words.most_common(5) if number >= least)

    def __len__(self) -> int:
        return sum(map(len, self._began.values()))

    def series(self) -> tuple[Series, ...]:
        """What was gathered, a series for each stream."""
        return tuple(
            Series(
                stream=stream,
                data=Single(
                    began=np.array(self._began[stream], dtype=np.int64),
                    took=np.array(self._took[stream], dtype=np.float64),
                    failed=_told(self._failed[stream]),
                ).sorted(),
            )
            for stream in self._began
        )


def _told(failed: array[int]) -> Bools | None:
    """Which failed; None where nobody tells of all."""
    found = np.array(failed, dtype=np.int64)
    return None if (found < 0).any() else found.astype(np.bool_)
