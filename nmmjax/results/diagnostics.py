"""What draws are worth: R-hat, effective sample sizes and E-BFMI, by ArviZ's definitions."""

from typing import Any

import numpy as np
import xarray

from nmmjax import _environment
from nmmjax.infer import Draws

with _environment.importing_arviz():
    import arviz

_FEWEST = 8
"""Draws of a chain that tell anything."""


def mixing(series: tuple[np.ndarray, ...]) -> tuple[float | None, float | None]:
    """Largest rank-normalized split R-hat and smallest (bulk or tail) effective sample size of some series.

    Of a single chain, which cannot show that it has seen all, and of fewer than eight draws, nothing is known:
    (None, 0). Of series that never move neither is defined: (None, None).

    **Arguments:** arrays (chains, draws); several where one quantity is judged by
    several, as a phase by its sine and cosine.
    """
    moving = {str(i): (("chain", "draw"), s) for i, s in enumerate(series) if np.ptp(s) > 0}
    if not moving:
        return None, None
    if series[0].shape[0] == 1 or series[0].shape[1] < _FEWEST:
        return None, 0.0
    dataset = xarray.Dataset(moving)
    rhat: Any = arviz.rhat(dataset)
    ess: list[Any] = [arviz.ess(dataset, method=method) for method in ("bulk", "tail")]
    return max(float(rhat[name]) for name in moving), min(float(found[name]) for found in ess for name in moving)


def within_chains(series: tuple[np.ndarray, ...]) -> float:
    """Effective sample size of the chains each by itself, added up: also of chains that sit in different modes."""
    half, chains = series[0].shape[1] // 2, range(len(series[0]))
    halves = (tuple(np.stack([s[chain, :half], s[chain, -half:]]) for s in series) for chain in chains)
    return sum(mixing(both)[1] or 0.0 for both in halves)


def energy_information(draws: Draws) -> np.ndarray:
    """E-BFMI of each chain: how well resampled momenta explore the energy [M. Betancourt, arXiv:1604.00695].

    Empty for particles, which have no energies that follow each other.
    """
    if draws.tempered is not None:
        return np.zeros(0)
    energy = draws.statistics["energy"]
    return np.asarray(arviz.bfmi(energy)) if energy.shape[1] >= _FEWEST else np.zeros(len(energy))
