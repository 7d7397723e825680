"""Oscillation probabilities over energy, and over L/E, with what posteriors leave of them."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, mixing, oscillation, plots
from nmmjax._compilation import quick
from nmmjax.constants import ELECTRON, MUON
from nmmjax.plots._matplotlib import Figure
from nmmjax.plots.channels import Bands, Panel
from nmmjax.results import Result

_ENERGIES, _MOST = 400, 200
"""Points of a curve, and draws of a result of which bands are made."""
_LEVELS = (0.025, 0.16, 0.84, 0.975)
_ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "dm21", "dm31")


class Channel(NamedTuple):
    """Neutrinos of one flavor that arrive as another over a path of constant density."""

    label: str
    before: int
    after: int
    antineutrino: bool
    baseline: float
    """[km]."""
    density: float
    """[g/cm^3]."""
    energies: tuple[float, float]
    """[MeV]."""


CHANNELS = (
    Channel(r"$\nu_\mu \to \nu_e$", MUON, ELECTRON, False, 1285.0, 2.848, (500.0, 8000.0)),
    Channel(r"$\bar\nu_\mu \to \bar\nu_e$", MUON, ELECTRON, True, 1285.0, 2.848, (500.0, 8000.0)),
    Channel(r"$\bar\nu_e \to \bar\nu_e$", ELECTRON, ELECTRON, True, 52.5, 2.6, (1.8, 9.0)),
)
"""The beam of DUNE, and reactors as JUNO sees them."""


def probabilities(results: Sequence[Result], channels: Sequence[Channel] = CHANNELS) -> Figure:
    """Probabilities over energy and L/E: bands of 68 % and 95 % of the posterior, the maximum as a line.

    **Arguments:** any number of results, of three flavors that oscillate by masses alone; the channels, one for each
    panel.
    """
    if not results:
        _checks.fail("results", "be one or more", "there is none")
    panels = []
    for channel in channels:
        energy = np.geomspace(*channel.energies, _ENERGIES)
        bands = tuple(_bands(result, channel, energy) for result in results)
        title = f"{channel.label}, {channel.baseline:g} km, {channel.density:g} g/cm$^3$"
        panels.append(Panel(title, energy, channel.baseline, bands))
    return plots.probabilities(panels)


def _bands(result: Result, channel: Channel, energy: Float[np.ndarray, " n"]) -> Bands:
    rows = [result.row(name) for name in _ANGLES]
    varying = [] if result.posterior is None else [row for row in rows if row.varies]
    count = result.draws(varying[0].name).size if varying else 1
    step = max(1, count // _MOST)
    draws = [result.draws(row.name).ravel()[::step] if row in varying else np.full(1, row.best) for row in rows]
    at = [np.concatenate([np.full(1, row.best), values]) for row, values in zip(rows, _same(draws), strict=True)]
    matrices = _matrices(*map(jnp.asarray, at))
    path = oscillation.Uniform(channel.baseline, density=channel.density)
    curves = np.asarray(_curves(matrices, jnp.asarray(energy), path, antineutrino=channel.antineutrino))
    curves = curves[..., channel.before, channel.after]
    return Bands(result.name, curves[0], np.quantile(curves[1:], _LEVELS, axis=0))


def _same(columns: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of one length."""
    return list(np.broadcast_arrays(*columns))


@quick()
def _matrices(
    s12: Float[Array, " k"],
    s13: Float[Array, " k"],
    s23: Float[Array, " k"],
    delta: Float[Array, " k"],
    dm21: Float[Array, " k"],
    dm31: Float[Array, " k"],
) -> Complex[Array, "k 3 3"]:
    theta12, theta13, theta23 = (jnp.arcsin(jnp.sqrt(s)) for s in (s12, s13, s23))
    return mixing.mass_squared_matrix(mixing.pmns(theta12, theta13, theta23, delta), dm21, dm31)


@quick("antineutrino")
def _curves(
    matrices: Complex[Array, "k 3 3"], energy: Float[Array, " n"], path: oscillation.Uniform, *, antineutrino: bool
) -> Float[Array, "k n 3 3"]:
    return oscillation.probability(matrices[:, None], energy, path, antineutrino=antineutrino)
