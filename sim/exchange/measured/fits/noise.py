"""What of a row of points is luck, told by how much neighbouring counts differ; and the row without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats


@dataclass(frozen=True, slots=True)
class Noise:
    """The variance of a point that is luck, and from how many degrees of freedom that is known."""

    variance: float
    freedom: float


def noise_of(total: Floats, points: float) -> Noise:
    """From how neighbouring counts differ, where all of them would be ``points`` points.

    Of second differences, which a steady rise or fall leaves alone (T. Gasser, L. Sroka, C. Jennen-Steinmetz, 1986).
    """
    if len(total) < 4:
        return Noise(0.0, 0.0)
    variance = float((np.diff(total, 2) ** 2).mean()) / 6
    return Noise(variance * points / len(total), 18 / 35 * (len(total) - 2))


def without_noise(total: Floats, noise: Noise) -> Floats:
    """The points without what is luck, for else the highest of them, which is the peak, would be too high by chance.

    All alike where luck alone makes such differences once in twenty times; else drawn towards their mean by the share
    of their variance that is luck (W. James, C. Stein, 1961).
    """
    from scipy.special import fdtri

    there = total[~np.isnan(total)]
    if len(there) < 4 or noise.variance <= 0:
        return total
    times = float(((there - there.mean()) ** 2).sum()) / (len(there) - 1) / noise.variance
    if times <= float(fdtri(len(there) - 1, noise.freedom, 0.95)):
        return np.where(np.isnan(total), np.nan, there.mean())
    drawn: Floats = there.mean() + (1 - 1 / times) * (total - there.mean())
    return drawn
