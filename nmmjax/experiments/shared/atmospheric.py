"""Atmospheric neutrinos: energies and directions at which probabilities are taken, and what a detector makes of them.

Counts of a species in a bin are an integral over true energy and direction. Energies are cut into cells, directions
into the nodes of a quadrature; shares of the cells and weights of the directions are computed once, so that what is
left for a theory are probabilities on the grid and products with arrays.
"""

import itertools
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Num

from nmmjax import oscillation
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, MEV_PER_GEV, MUON, PDG_2026
from nmmjax.matter import Nsi
from nmmjax.media.earth import EarthModel
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import normal_cdf
from nmmjax.tables import Table

LOWEST = 0.15
"""Lowest energy of the grid [GeV]."""
_CELLS = ((LOWEST, 1.5, 0.08), (1.5, 20.0, 0.1), (20.0, 3e3, 1.25))
"""Ranges of energy [GeV] and widths of their cells in ln E: narrow enough for splittings far from what is meant."""
_ZENITH = ((-1.0, -0.838, 16), (-0.838, -0.1, 44), (-0.1, 0.1, 14), (0.1, 1.0, 4))
"""Ranges of cos zenith, cut where the core and the sky begin, and their numbers of nodes."""
_NARROWEST = 0.1
"""Smallest half-width of a distribution of ln E: quantiles of a single event coincide."""

_HEIGHT, _SCALE_HEIGHT = 18.0, 7.0
"""Where neutrinos from the vertical are born, and over which height the density of the air falls by e [km]."""
_LAYERS = 3


class Grid(eqx.Module):
    """Where probabilities are taken: (neutrino or antineutrino, cell of energy, direction, node), flat but for `ratio`.

    A cell has two nodes. They are those of Gauss and Legendre in ln E where the splitting that is meant oscillates
    slowly over the cell, else half an oscillation apart, so that what oscillates quickly averages out.
    """

    energies: Float[Array, " nodes"]
    """Energies [MeV] of the nodes."""
    lengths: Float[Array, "nodes layers"]
    """Lengths [km] of the layers on the way to each node."""
    densities: Float[Array, "nodes layers"]
    """Mean densities [g/cm^3] of the layers."""
    electron_fractions: Float[Array, "nodes layers"]
    antineutrino: Bool[Array, " nodes"]
    ratio: Float[Array, "2 cells directions"]
    """Flux of nu_mu over flux of nu_e, neutrinos and antineutrinos."""

    def oscillated(self, mass_squared: Num[Array, "n n"], nsi: Nsi | None = None) -> Float[Array, "4 cells directions"]:
        """Flux of nu_e, nu_e-bar, nu_mu and nu_mu-bar with oscillations over the flux without, r that of mu over e:

        P_ee + r P_mu,e  and  P_mu,mu + P_e,mu / r.
        """
        path = oscillation.Layers(self.lengths, self.densities, self.electron_fractions)
        P = oscillation.probability(mass_squared, self.energies, path, antineutrino=self.antineutrino, nsi=nsi)

        def mean(before: int, after: int) -> Float[Array, "2 cells directions"]:
            return jnp.mean(P[:, before, after].reshape(*self.ratio.shape, -1), -1)

        ee, em, me, mm = (mean(*pair) for pair in itertools.product((ELECTRON, MUON), repeat=2))
        return jnp.concatenate([ee + self.ratio * me, mm + em / self.ratio])

    def scaled(self, factor: float) -> "Grid":
        """The grid with all energies multiplied by a factor."""
        return eqx.tree_at(lambda grid: grid.energies, self, factor * self.energies)


def cells() -> Float[np.ndarray, " cells+1"]:
    """Edges in ln (E / GeV) of the cells of energy."""
    parts = [
        np.linspace(math.log(low), math.log(high), round(math.log(high / low) / width) + 1)
        for low, high, width in _CELLS
    ]
    return np.unique(np.concatenate(parts).round(12))


def directions() -> tuple[Float[np.ndarray, " directions"], Float[np.ndarray, " directions"]]:
    """Cos zenith of the directions, and their weights in an integral over cos zenith."""
    panels = [(low, high, gauss_legendre(n)) for low, high, n in _ZENITH]
    zenith = np.concatenate([0.5 * (low + high) + 0.5 * (high - low) * x for low, high, (x, _) in panels])
    return zenith, np.concatenate([0.5 * (high - low) * w for low, high, (_, w) in panels])


def grid(flux: Table, splitting: float) -> Grid:
    """The grid for a table of flux ratios; quick oscillations with `splitting` [eV^2] average out on it."""
    edges, (zenith, _) = cells(), directions()
    center, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    lengths, densities, fractions = ways(zenith)
    phase = PDG_2026.phase * splitting * lengths.sum(-1) / (MEV_PER_GEV * np.exp(center)[:, None])
    shift = np.minimum(width[:, None] / (2.0 * math.sqrt(3.0)), 0.5 * np.pi / phase)
    energies = MEV_PER_GEV * np.exp(center[:, None, None] + shift[..., None] * np.array([-1.0, 1.0]))
    shape = (2, *energies.shape)

    def flat(values: np.ndarray) -> Array:
        return on_device(np.broadcast_to(values[:, None], (*shape, _LAYERS)).reshape(-1, _LAYERS))

    return Grid(
        energies=on_device(np.broadcast_to(energies, shape).ravel()),
        lengths=flat(lengths),
        densities=flat(densities),
        electron_fractions=flat(fractions),
        antineutrino=on_device(np.broadcast_to(np.array([False, True])[:, None, None, None], shape).ravel()),
        ratio=on_device(_flux_ratio(flux, center, zenith)),
    )


_density_at = quick()(EarthModel.density_at)


def ways(zenith: Float[np.ndarray, " directions"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lengths [km], mean densities [g/cm^3] and electron fractions of three layers: mantle, core, mantle.

    Ways that miss the core are cut at a quarter and three quarters; the air joins the first layer. From above there is
    only air.
    """
    earth = EarthModel.prem()
    radii = np.asarray(earth.outer_radius)
    surface, core = radii[-1], radii[1]
    below = zenith < 0.0
    chord = np.where(below, -2.0 * surface * zenith, 0.0)
    inside = core**2 - surface**2 * (1.0 - zenith**2)
    half_core = np.where(below & (inside > 0.0), np.sqrt(np.maximum(inside, 0.0)), 0.25 * chord)
    cuts = np.stack([0.0 * chord, 0.5 * chord - half_core, 0.5 * chord + half_core, chord])
    lengths, share = np.diff(cuts, axis=0), (np.arange(200) + 0.5) / 200
    places = cuts[:-1, :, None] + lengths[..., None] * share
    radius = np.sqrt((0.5 * chord[:, None] - places) ** 2 + surface**2 * (1.0 - zenith[:, None] ** 2))
    radius = np.minimum(radius, surface)
    density = np.asarray(_density_at(earth, radius)) * below[:, None]
    fraction = np.asarray(earth.electron_fraction)[np.searchsorted(radii, radius)]
    column = density.mean(-1) * lengths
    electrons = np.where(column > 0.0, (density * fraction).mean(-1) / np.where(below, density.mean(-1), 1.0), 0.5)
    lengths[0] += _air(zenith, surface)
    return lengths.T, (column / np.where(lengths > 0.0, lengths, 1.0)).T, electrons.T


def _air(zenith: Float[np.ndarray, " directions"], radius: float) -> Float[np.ndarray, " directions"]:
    """Length [km] of the way to where showers begin: higher up than in the vertical, under as much air."""
    height = np.full_like(zenith, _HEIGHT)
    for _ in range(20):
        cosine = np.sqrt(1.0 - (1.0 - zenith**2) * (radius / (radius + height)) ** 2)
        height = _HEIGHT - _SCALE_HEIGHT * np.log(cosine)
    return np.sqrt((radius + height) ** 2 - radius**2 * (1.0 - zenith**2)) - radius * np.abs(zenith)


def _flux_ratio(
    flux: Table, center: Float[np.ndarray, " cells"], zenith: Float[np.ndarray, " directions"]
) -> Float[np.ndarray, "2 cells directions"]:
    """Flux of mu over e, linear in ln E and cos zenith; constant beyond the table."""
    places = np.unique(0.5 * (flux["cos_zenith_low"] + flux["cos_zenith_high"]))
    energies = np.unique(flux["energy"])
    ratios = np.stack([flux[kind].reshape(len(places), len(energies)) for kind in ("neutrino", "antineutrino")])
    at_energies = np.array([[np.interp(center, np.log(energies), row) for row in ratio] for ratio in ratios])
    return np.array([[np.interp(zenith, places, column) for column in ratio.T] for ratio in at_energies])


# From true to reconstructed quantities


def energy_shares(
    low: Float[np.ndarray, " bins"], middle: Float[np.ndarray, " bins"], high: Float[np.ndarray, " bins"]
) -> Float[np.ndarray, "bins cells"]:
    """Shares of the cells in split normal distributions of ln (E / GeV) with these quantiles: 16, 50 and 84 %."""
    distance = cells() - middle[:, None]
    width = np.maximum(np.where(distance < 0.0, (middle - low)[:, None], (high - middle)[:, None]), _NARROWEST)
    share = np.diff(np.asarray(normal_cdf(distance / width)))
    return share / share.sum(1, keepdims=True)


def zenith_shares(
    low: Float[np.ndarray, " bins"],
    high: Float[np.ndarray, " bins"],
    slope: Float[np.ndarray, " bins"],
    mean: Float[np.ndarray, " bins"],
) -> Float[np.ndarray, "bins directions"]:
    """Shares of true directions, for reconstructed ones with cos zenith from `low` to `high`.

    Fisher's distribution exp(k cos angle) around the reconstructed direction, with k such that the mean true cos zenith
    rises with the reconstructed one by `slope` = coth k - 1 / k (below zero where leptons go backward); times
    exp(t cos zenith) with t such that the mean is `mean`, as far as |t| <= 3 can.
    """
    zenith, weights = directions()
    concentration = _concentration(slope)
    x, w = gauss_legendre(4)
    reconstructed = 0.5 * (low + high) + 0.5 * (high - low) * x[:, None]
    density = np.einsum("q,qdb->db", w, _fisher(concentration, reconstructed[:, None], zenith[:, None]))
    return _tilted(density * weights[:, None], zenith, mean).T


def _concentration(slope: np.ndarray) -> np.ndarray:
    """k with coth k - 1 / k = slope, by interpolation."""
    k = np.geomspace(1e-3, 300.0, 400)
    langevin = 1.0 / np.tanh(k) - 1.0 / k
    return np.sign(slope) * np.interp(np.abs(slope), np.append(0.0, langevin), np.append(0.0, k))


def _fisher(concentration: np.ndarray, reconstructed: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Density of cos zenith, for all azimuths, around a direction; normalized but for a factor of concentration."""
    sines = np.abs(concentration) * np.sqrt((1.0 - reconstructed**2) * (1.0 - true**2))
    return np.exp(concentration * reconstructed * true - np.abs(concentration)) * np.i0(sines)


def _tilted(shares: np.ndarray, zenith: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Shares times exp(t cos zenith) with the given mean: Newton's iteration for t, kept within +-3."""
    tilt = np.zeros_like(mean)
    for _ in range(30):
        tilted = shares * np.exp(tilt * zenith[:, None])
        found, square = (moment @ tilted / tilted.sum(0) for moment in (zenith, zenith**2))
        tilt = np.clip(tilt + (mean - found) / (square - found**2), -3.0, 3.0)
    tilted = shares * np.exp(tilt * zenith[:, None])
    return tilted / tilted.sum(0)
