"""Solar neutrinos by night: what the Earth does to them, averaged over the zenith angles of a detector."""

from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax import oscillation
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON
from nmmjax.matter import Nsi
from nmmjax.media import EarthModel
from nmmjax.numerics.special import normal_quantile

_OBLIQUITY = np.radians(23.44)
_LAYERS = 256
_FINE, _FINE_LAYERS = 240.0, 40
"""The last so many kilometers, where the regeneration happens, are cut finer than the rest."""
_NEUTRONS = 1.0 / 0.4954 - 1.0
"""Neutrons per electron in the mantle."""
_SMEARING = np.array([1.0 + 0.15 * normal_quantile((k + 0.5) / 40) for k in range(40)])
"""Factors of distances, equally probable."""


class Night(eqx.Module):
    """The evolution through a mean Earth: at each distance before the detector the mean density over all nights.

    To first order in the density the mean over zenith angles of the day-night difference depends on that mean profile
    alone, and the mean takes with it what the boundaries far away do in phase. What is left of that ripples with the
    energy; distances are smeared by 15 %, which is to average over so much of the spectrum. Compared with the mean of
    the evolution along every way, smeared alike, the difference is right to 2.5 % (8B neutrinos, dm21 from 2e-5 to
    1.2e-4 eV^2); the ripples themselves are 5 % at a single energy. The profile is cut into 256 layers of constant
    density, short against the oscillation length while dm21 / E < 3e-5 eV^2/MeV.
    """

    length: Float[Array, " layers"]
    """Lengths of the layers [km], from the far side to the detector."""
    electron_density: Float[Array, " layers"]
    """Densities of electrons in the layers [mol/cm^3]."""

    @classmethod
    def at(cls, latitude: float, *, depth: float, earth: EarthModel | None = None) -> Self:
        """The night at a latitude [degrees] and depth [km], detector always on; PREM unless another Earth is given."""
        earth = EarthModel.prem() if earth is None else earth
        distance, profile = _mean_profile(earth, float(earth.outer_radius[-1]) - depth, _night_cosines(latitude))
        far = np.linspace(_FINE, distance[-1], _LAYERS - _FINE_LAYERS + 1)
        edges = np.concatenate([np.linspace(0.0, _FINE, _FINE_LAYERS + 1), far[1:]])
        column = np.concatenate([[0.0], np.cumsum(0.5 * (profile[1:] + profile[:-1]) * np.diff(distance))])
        density = np.diff(np.interp(edges, distance, column)) / np.diff(edges)
        return cls(on_device(np.diff(edges)[::-1]), on_device(density[::-1]))

    @classmethod
    def sudbury(cls) -> Self:
        """The night of SNO, in the mine at Sudbury."""
        return cls.at(46.475, depth=2.09)

    @classmethod
    def kamioka(cls) -> Self:
        """The night of Super-Kamiokande, under a mountain: rock of the upper crust in the place of PREM's ocean."""
        prem = EarthModel.prem()
        replaced = [leaf.at[-1].set(leaf[-2]) for leaf in (prem.density, prem.electron_fraction)]
        earth = eqx.tree_at(lambda earth: (earth.density, earth.electron_fraction), prem, replaced)
        return cls.at(36.43, depth=1.0, earth=earth)

    def state(
        self,
        mass_squared: Complex[Array, "3 3"],
        state: Complex[Array, "points 3 3"],
        energy: Float[Array, " points"],
        nsi: Nsi | None = None,
    ) -> Complex[Array, "points 3 3"]:
        """The states S rho S^+ by night of states rho by day at energies [MeV], for M^+ M [eV^2]."""
        S = self._amplitude(mass_squared, energy, nsi)
        return S @ state @ jnp.conj(jnp.swapaxes(S, -1, -2))

    def survival(
        self,
        mass_squared: Complex[Array, "3 3"],
        state: Complex[Array, "points 3 3"],
        energy: Float[Array, " points"],
        nsi: Nsi | None = None,
    ) -> tuple[Float[Array, " points"], Float[Array, " points"]]:
        """Survival probabilities P_ee by day and by night of states at energies [MeV], for M^+ M [eV^2]."""
        night = oscillation.regenerated(state, self._amplitude(mass_squared, energy, nsi))
        return state[:, ELECTRON, ELECTRON].real, night[:, ELECTRON]

    def _amplitude(
        self, mass_squared: Complex[Array, "3 3"], energy: Float[Array, " points"], nsi: Nsi | None
    ) -> Complex[Array, "points 3 3"]:
        """Amplitude of the whole way: the product of all layers, pair by pair.

        The share of neutrons is that of the mantle throughout.
        """
        path = oscillation.Uniform(self.length, density=self.electron_density, electron_fraction=1.0)
        eps = None if nsi is None else nsi.where(_NEUTRONS)
        S = oscillation.amplitude(mass_squared, energy[:, None], path, nsi=eps)
        while S.shape[1] > 1:
            # Written out: a product of many small matrices by `@` takes five times as long.
            S = jnp.sum(S[:, 1::2, :, :, None] * S[:, ::2, None, :, :], -2)
        return S[:, 0]


def _night_cosines(latitude: float) -> Float[np.ndarray, " n"]:
    """cos(zenith) of the Sun below the horizon, equally probable.

    Weighted with the flux, 1 / distance^2, time is uniform in the ecliptic longitude (Kepler's second law).
    """
    turn = (np.arange(240) + 0.5) / 240 * np.pi
    sine = np.sin(_OBLIQUITY) * np.sin(2.0 * turn)[:, None]
    place = np.radians(latitude)
    cosines = np.sin(place) * sine + np.cos(place) * np.sqrt(1.0 - sine**2) * np.cos(turn)
    below = np.sort(cosines[cosines < 0.0])
    return below[:: max(1, below.size // 500)]


_density_at = quick()(EarthModel.density_at)


def _mean_profile(
    earth: EarthModel, place: float, cosines: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]]:
    """Distances before the detector [km] and the mean density of electrons there [mol/cm^3]."""
    radii = np.asarray(earth.outer_radius)
    # As a function of the radius, tabulated once; both sides of every boundary are in the table.
    grid = np.concatenate([np.linspace(low + 1e-6, high, 200) for low, high in zip([0.0, *radii], radii, strict=False)])
    fraction = np.asarray(earth.electron_fraction)[np.minimum(np.searchsorted(radii, grid), len(radii) - 1)]
    electrons = fraction * np.asarray(_density_at(earth, on_device(grid)))
    distance = np.concatenate(
        [np.arange(0.0, 100.0, 0.5), np.arange(100.0, 1000.0, 5.0), np.arange(1e3, 2.6 * place, 20.0)]
    )
    radius = np.sqrt(place**2 + distance**2 + 2.0 * place * distance * cosines[:, None])
    profile = np.interp(radius, grid, electrons, right=0.0).mean(0)
    return distance, np.mean([np.interp(distance * scale, distance, profile) for scale in _SMEARING], axis=0)
