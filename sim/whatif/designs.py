"""Where to try the knobs: points in the unit cube, one column per knob.

``ends`` moves one knob at a time (for a tornado), ``grid`` tries all combinations, ``latin`` and ``sobol`` spread
points evenly over all knobs together; ``morris`` and ``saltelli`` are made for indices of importance and need the
library SALib (the extra ``sensitivity``).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.whatif.knobs import Knob

Points: TypeAlias = NDArray[np.float64]
DESIGNS = ("ends", "grid", "latin", "sobol", "morris", "saltelli")
LEVELS = 4
"""Of Morris' grid."""


def points(design: str, knobs: Sequence[Knob], number: int, seed: int = 0) -> Points:
    """The points of a design; ``number`` is per knob for a grid, trajectories for Morris, else about the points in all.

    Raises UsageError for an unknown design, or where SALib is needed and missing.

    >>> points("ends", [Knob(path="a", high=1.0)], 2).tolist()
    [[0.0], [1.0]]
    """
    count = len(knobs)
    if design == "ends":
        return _ends(count)
    if design == "grid":
        axes = [_shares(knob, number) for knob in knobs]
        return np.array(list(itertools.product(*axes)))
    if design in ("latin", "sobol"):
        return _spread(design, count, number, seed)
    if design in ("morris", "saltelli"):
        return _salib(design, knobs, number, seed)
    raise UsageError(f"there is no design {design!r}; known: {', '.join(DESIGNS)}")


def morris(knobs: Sequence[Knob], at: Points, answers: NDArray[np.float64]) -> list[Mapping[str, float]]:
    """By knob the mean absolute effect, its spread (curvature and interplay), and the effect's confidence (95 %)."""
    from SALib.analyze import morris as analyze

    found = analyze.analyze(_problem(knobs), at, answers, num_levels=LEVELS, seed=1)
    return [
        {"effect": float(effect), "spread": float(spread), "effect_error": float(error)}
        for effect, spread, error in zip(found["mu_star"], found["sigma"], found["mu_star_conf"], strict=True)
    ]


def sobol_indices(knobs: Sequence[Knob], answers: NDArray[np.float64]) -> list[Mapping[str, float]]:
    """By knob the share of the variance due to it alone, and together with others, with their confidence (95 %)."""
    from SALib.analyze import sobol as analyze

    found = analyze.analyze(_problem(knobs), answers, calc_second_order=False, seed=1)
    names = {"S1": "alone", "S1_conf": "alone_error", "ST": "total", "ST_conf": "total_error"}
    return [{name: float(found[key][place]) for key, name in names.items()} for place in range(len(knobs))]


def _ends(count: int) -> Points:
    """Each knob at both its ends, the others as the file has them (marked by nan)."""
    made = np.full((2 * count, count), np.nan)
    for place in range(count):
        made[2 * place, place], made[2 * place + 1, place] = 0.0, 1.0
    return made


def _shares(knob: Knob, number: int) -> list[float]:
    if knob.listed:
        return [(place + 0.5) / len(knob.listed) for place in range(len(knob.listed))]
    return [place / (number - 1) if number > 1 else 0.5 for place in range(number)]


def _spread(design: str, count: int, number: int, seed: int) -> Points:
    from scipy.stats import qmc

    if design == "latin":
        return np.asarray(qmc.LatinHypercube(count, rng=np.random.default_rng(seed)).random(number))
    power = max(0, math.ceil(math.log2(number)))
    return np.asarray(qmc.Sobol(count, scramble=True, rng=np.random.default_rng(seed)).random_base2(power))


def _salib(design: str, knobs: Sequence[Knob], number: int, seed: int) -> Points:
    try:
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError:
        raise UsageError(
            f"the design {design} needs SALib; install it with: pip install 'rollrisk[sensitivity]'"
        ) from None
    if len(knobs) < 2:
        raise UsageError(f"the design {design} compares knobs with each other; vary at least two")
    if design == "morris":
        made: Any = SALib.sample.morris.sample(_problem(knobs), number, num_levels=LEVELS, seed=seed)
    else:
        power = 2 ** max(1, math.ceil(math.log2(number)))
        made = SALib.sample.sobol.sample(_problem(knobs), power, calc_second_order=False, seed=seed)
    return np.asarray(made, dtype=np.float64)


def _problem(knobs: Sequence[Knob]) -> dict[str, Any]:
    return {"num_vars": len(knobs), "names": [knob.path for knob in knobs], "bounds": [[0.0, 1.0]] * len(knobs)}
