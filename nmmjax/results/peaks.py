"""Highest-density intervals of a quantity whose posterior has several peaks with valleys between."""

import math

import numpy as np
from jaxtyping import Float

_GRID = 1024
_VALLEY = 0.2
"""Of the lower of two peaks: a density that falls below this between them parts them."""
_LEAST = 0.02
"""Share of the draws that a peak has."""
_FEWEST = 100.0
"""Effective draws that show peaks."""
_SEEN = 10.0
"""Effective draws within one bandwidth of a peak: fewer are an accident of its tail."""
_REACH = 4.0
"""Bandwidths beyond the outermost draws where a density has fallen to nothing."""


def intervals(draws: Float[np.ndarray, " n"], level: float, effective: float) -> tuple[tuple[float, float], ...]:
    """The highest-density interval of each peak, together with probability `level`; empty where there is one peak.

    The density is a sum of Gaussians around the draws, of Silverman's width: first around all, to find the valleys,
    then around those of each peak, which may fall apart again.

    **Arguments:** the draws of one quantity, and how many independent ones they are worth.
    """
    if not effective > _FEWEST or _is_one_number(draws):
        return ()
    parts = _parts(np.sort(draws), effective, _LEAST * len(draws))
    if len(parts) < 2:
        return ()
    densities = [_density(part, effective * len(part) / len(draws), len(part) / len(draws)) for part in parts]
    at_draws = np.concatenate([np.interp(p, x, density) for p, (x, density, _) in zip(parts, densities, strict=True)])
    threshold = float(np.quantile(at_draws, 1.0 - level))
    return tuple(piece for x, density, _ in densities for piece in _above(x, density, threshold))


def _parts(draws: Float[np.ndarray, " n"], effective: float, least: float) -> list[Float[np.ndarray, " _"]]:
    """Sorted draws, cut at all valleys of their density; each part has at least so many."""
    cut = _valley(draws, effective, least)
    if cut is None:
        return [draws]
    both = np.split(draws, [int(np.searchsorted(draws, cut))])
    return [part for half in both for part in _parts(half, effective * len(half) / len(draws), least)]


def unrolled(angles: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The same angles, cut where the circle is emptiest rather than through a peak, their middle in (-pi, pi]."""
    counts, edges = np.histogram(np.remainder(angles, 2.0 * math.pi), bins=72, range=(0.0, 2.0 * math.pi))
    smooth = sum(np.roll(counts, shift) for shift in (-1, 0, 1))
    start = edges[int(np.argmin(smooth))] + math.pi / 72
    beyond = start + np.remainder(angles - start, 2.0 * math.pi)
    middle = 0.5 * (beyond.min() + beyond.max())
    return beyond - 2.0 * math.pi * math.ceil((middle - math.pi) / (2.0 * math.pi))


def _is_one_number(draws: Float[np.ndarray, " n"]) -> bool:
    """Whether the draws differ by no more than the grid can tell apart."""
    return not np.ptp(draws) > _GRID * _rounding(draws)


def _rounding(draws: Float[np.ndarray, " n"]) -> float:
    return 8.0 * np.finfo(float).eps * float(np.abs(draws).max())


def _bandwidth(draws: Float[np.ndarray, " n"], effective: float) -> float:
    """Silverman's, by the smaller of two measures of the spread."""
    quartiles = np.quantile(draws, (0.25, 0.75))
    spreads = [s for s in (float(draws.std()), float(np.ptp(quartiles)) / 1.34) if s > 0.0]
    return 0.9 * min(spreads, default=1.0) * max(effective, 1.0) ** -0.2


def _density(
    draws: Float[np.ndarray, " n"], effective: float, weight: float
) -> tuple[Float[np.ndarray, " grid"], Float[np.ndarray, " grid"], float]:
    """Abscissae, density and bandwidth of some draws; `weight` is its integral.

    Mirrored at the outermost draws, where a prior may end.
    """
    width = max(_bandwidth(draws, effective), 1e-6 * float(np.ptp(draws)), _rounding(draws), 1e-300)
    x = draws.min() + width * np.arange(2) if _is_one_number(draws) else np.linspace(draws.min(), draws.max(), _GRID)
    step = float(x[1] - x[0])
    counts, _ = np.histogram(draws, bins=len(x), range=(x[0] - 0.5 * step, x[-1] + 0.5 * step))
    reach = min(math.ceil(_REACH * width / step), len(x))
    kernel = np.exp(-0.5 * (step / width * np.arange(-reach, reach + 1)) ** 2)
    smooth = np.convolve(np.pad(counts, reach, mode="symmetric"), kernel / kernel.sum(), mode="valid")
    return x, weight * smooth / (smooth.sum() * step), width


def _valley(draws: Float[np.ndarray, " n"], effective: float, least: float) -> float | None:
    """The deepest place where the density has fallen well below peaks to both sides that are no accident."""
    if len(draws) < 2.0 * least or _is_one_number(draws):
        return None
    x, density, width = _density(draws, effective, 1.0)
    share = np.cumsum(density) / density.sum()
    lower = np.minimum(np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1])
    enough = np.minimum(share, 1.0 - share) * len(draws) > least
    deep = (density < _VALLEY * lower) & enough & (lower * width * effective > _SEEN)
    return float(x[np.argmin(np.where(deep, density / lower, np.inf))]) if np.any(deep) else None


def _above(
    x: Float[np.ndarray, " grid"], density: Float[np.ndarray, " grid"], threshold: float
) -> list[tuple[float, float]]:
    """From the first to the last abscissa at which one peak is above a threshold; none where it is not."""
    inside = np.flatnonzero(density >= threshold)
    return [(float(x[inside[0]]), float(x[inside[-1]]))] if len(inside) > 1 else []
