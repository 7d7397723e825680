"""What draws are worth: R-hat, effective sample sizes and E-BFMI, by ArviZ's definitions."""

import math
from typing import Any, NamedTuple

import numpy as np
import xarray

from nmmjax import _environment
from nmmjax.infer import Draws

with _environment.importing_arviz():
    import arviz

_FEWEST = 8
"""Draws of a chain that tell anything."""
_BATCHES = 20
"""Of the particles of a run."""


class Mixing(NamedTuple):
    """What draws of one quantity are worth; None where it is not defined."""

    rhat: float | None
    bulk: float | None
    """Effective sample size of rank-normalized draws."""
    tail: float | None
    """Effective sample size for the 5 % and 95 % quantiles, the smaller of both."""

    @property
    def ess(self) -> float | None:
        """The smaller effective sample size."""
        return None if self.bulk is None or self.tail is None else min(self.bulk, self.tail)


def mixing(series: tuple[np.ndarray, ...]) -> Mixing:
    """Largest rank-normalized split R-hat and smallest effective sample sizes of some series.

    Of a single chain, which cannot show that it has seen all, and of fewer than eight draws, nothing is known: None,
    and no effective draw. Of series that never move nothing is defined.

    **Arguments:** arrays (chains, draws); several where one quantity is judged by several, as a phase by its sine and
    cosine.
    """
    moving = {str(i): (("chain", "draw"), s) for i, s in enumerate(series) if np.ptp(s) > 0}
    if not moving:
        return Mixing(None, None, None)
    if series[0].shape[0] == 1 or series[0].shape[1] < _FEWEST:
        return Mixing(None, 0.0, 0.0)
    dataset = xarray.Dataset(moving)
    rhat: Any = arviz.rhat(dataset)
    ess: list[Any] = [arviz.ess(dataset, method=method) for method in ("bulk", "tail")]
    bulk, tail = (min(float(found[name]) for name in moving) for found in ess)
    return Mixing(max(float(rhat[name]) for name in moving), bulk, tail)


def error_of_share(inside: np.ndarray) -> float | None:
    """Standard deviation of the share of the draws (chains, draws) of which something is true.

    None where all draws agree, or are too few.
    """
    share = float(np.mean(inside))
    if share in (0.0, 1.0) or inside.shape[1] < _FEWEST:
        return None
    ess: Any = arviz.ess(np.asarray(inside, float), method="mean")
    return math.sqrt(share * (1.0 - share) / float(ess))


def within_chains(series: tuple[np.ndarray, ...]) -> float:
    """Effective sample size of the chains each by itself, added up: also of chains that sit in different modes."""
    half, chains = series[0].shape[1] // 2, range(len(series[0]))
    halves = (tuple(np.stack([s[chain, :half], s[chain, -half:]]) for s in series) for chain in chains)
    return sum(mixing(both).ess or 0.0 for both in halves)


def efficiency(posterior: xarray.Dataset) -> float:
    """Independent draws for each draw, by the effective sample sizes of the means of all quantities; 1 for one."""
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    if chains == 1 or draws < _FEWEST:
        return 1.0
    ess: Any = arviz.ess(posterior, method="mean")
    return float(np.hstack([np.ravel(ess[name]) for name in ess.data_vars]).mean()) / (chains * draws)


def drift(draws: Draws) -> float:
    """By how many standard errors the mean of ln L of particles changed in their last moves; 0 for chains.

    The error is that of means of batches of neighbors, which may descend from one particle.
    """
    gains = draws.statistics.get("log_likelihood_drift")
    if gains is None or gains.shape[1] < _FEWEST:
        return 0.0
    means = np.array([batch.mean() for run in gains for batch in np.array_split(run, min(_BATCHES, len(run)))])
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    return float(means.mean() / error) if error > 0.0 else 0.0


def energy_information(draws: Draws) -> np.ndarray:
    """E-BFMI of each chain: how well resampled momenta explore the energy [M. Betancourt, arXiv:1604.00695].

    Empty for particles, which have no energies that follow each other.
    """
    if draws.tempered is not None:
        return np.zeros(0)
    energy = draws.statistics["energy"]
    return np.asarray(arviz.bfmi(energy)) if energy.shape[1] >= _FEWEST else np.zeros(len(energy))
