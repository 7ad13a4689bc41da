"""Draws with an address: the published vectors, and that the words behave as independent uniforms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.draws import MASK, Key, Purpose, block, draw, philox, replication_key, uniform

WORDS = 1 << 16
ONE_IN_A_MILLION = 1e-6


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((MASK, MASK, MASK, MASK), (MASK, MASK), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_the_generator_gives_the_published_known_answers(
    counter: tuple[int, ...], key: tuple[int, ...], answer: str
) -> None:
    assert " ".join(f"{word:08x}" for word in philox(*counter, *key)) == answer


@given(st.lists(st.integers(0, MASK), min_size=6, max_size=6))
def test_numpy_arrays_and_plain_integers_give_the_same_words(words: list[int]) -> None:
    arrays = philox(*[np.array([word]) for word in words])
    assert tuple(int(array[0]) for array in arrays) == philox(*words)


def words_by(**given: np.ndarray | int) -> np.ndarray:
    """Four columns of uniforms; one part of the address runs, the rest stands still."""
    address = {"purpose": 1, "entity": 7, "nth": 0, "low": 11, "high": 13} | given
    rows = np.broadcast_arrays(*[np.asarray(address[name]) for name in ("low", "high", "purpose", "entity", "nth")])
    return np.stack([uniform(word) for word in block(*rows)], axis=1)


@pytest.mark.parametrize("runs", ["entity", "nth", "purpose", "low", "high"])
def test_words_are_uniform_whichever_part_of_the_address_runs(runs: str) -> None:
    columns = words_by(**{runs: np.arange(1, WORDS + 1)})
    for column in columns.T:
        assert stats.kstest(column, "uniform").pvalue > ONE_IN_A_MILLION


@pytest.mark.parametrize("runs", ["entity", "nth", "purpose", "low", "high"])
def test_words_of_neighbouring_addresses_are_independent(runs: str) -> None:
    columns = words_by(**{runs: np.arange(1, WORDS + 1)})
    pairs = [(columns[:-1, k], columns[1:, k]) for k in range(4)] + [(columns[:, 0], columns[:, k]) for k in (1, 2, 3)]
    for one, other in pairs:
        cells = np.histogram2d(one, other, bins=16, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(cells.ravel()).pvalue > ONE_IN_A_MILLION


def test_single_bits_of_the_address_change_half_of_the_bits() -> None:
    flips = []
    for bit in range(60):
        one, other = block(1, 2, 3, 12345, 0), block(1, 2, 3, 12345 ^ (1 << bit), 0)
        flips.append(sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True)) / 128)
    assert np.mean(flips) == pytest.approx(0.5, abs=0.02)
    assert min(flips) > 0.3


def test_purposes_and_entities_do_not_share_luck() -> None:
    seen = {draw(Key(1, 2), purpose, entity, nth) for purpose in Purpose for entity in range(50) for nth in range(4)}
    assert len(seen) == len(Purpose) * 50 * 4


def test_uniforms_never_touch_0_or_1() -> None:
    assert 0 < uniform(0) < uniform(MASK) < 1


def test_neighbouring_seeds_and_indexes_have_unrelated_keys() -> None:
    keys = {replication_key(seed, index) for seed in range(100) for index in range(100)}
    assert len(keys) == 10_000
