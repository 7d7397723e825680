"""What limits on electromagnetic properties of neutrinos share: intervals of charge radii, states that scatter."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax.experiments import _solar
from nmmjax.experiments._terms import SplitGaussian
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import Neutrinos
from nmmjax.media import SolarModel
from nmmjax.numerics.special import modulus_squared
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering import effective_moment
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.tables import Source, read_table

_NODES = 4
"""Energies that stand for a continuous spectrum."""
_KEV_PER_MEV = 1e3


def radius(quantity: str) -> tuple[SplitGaussian, Source]:
    """The Gaussian with both ends of a published interval at the Delta chi^2 of its confidence, and its table."""
    table = read_table("charge_radius_limits")
    row = table.where(quantity=quantity)
    low, high = (row["factor"].item() * row[end].item() for end in ("low", "high"))
    error = 0.5 * (high - low) / NormalDist().inv_cdf(0.5 * (1.0 + row["confidence"].item()))
    return SplitGaussian(0.5 * (low + high), error, error), table.source


# Antineutrinos of a reactor some 10 to 30 m away are antinu_e still.


def moment_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """(lambda^+ lambda)_ee [mu_B^2], of antinu_e and nu_e alike."""
    return jnp.sum(modulus_squared(neutrinos.moment_matrix[:, 0]))


def charge_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """(q^+ q)_ee [e^2]: a charge may change the flavor, too."""
    if neutrinos.millicharge is None:
        return jnp.zeros(())
    return jnp.sum(modulus_squared(neutrinos.millicharge[:, 0]))


def charge_radius(neutrinos: Neutrinos, flavor: int) -> Float[Array, ""]:
    """<r^2>_aa beyond the Standard Model [cm^2]."""
    if neutrinos.charge_radius is None:
        return jnp.zeros(())
    return jnp.real(neutrinos.charge_radius[flavor, flavor])


class SolarState(eqx.Module):
    """The mean state of the solar neutrinos that an experiment would see scatter by a moment.

    The mean is over sources and energies, with the weights flux x (ln(T_2 / T_1) - (T_2 - T_1) / E), T from the lowest
    recoil to the highest that the energy allows. At low recoils only fluxes matter.
    """

    average: ProductionAverage
    shares: Float[Array, " points"]
    """They sum to one."""

    @classmethod
    def build(cls, sun: SolarModel, spectra: SolarSpectra, sources: Sequence[str], low: float, high: float) -> Self:
        """For recoils from `low` to `high` [keV]."""
        averages, weights = [], []
        for source in sources:
            energy, weight = (np.asarray(x, float) for x in spectra.quadrature(source))
            seen = weight * _magnetic(_KEV_PER_MEV * energy, low, high) * float(sun.fluxes[sun.index(source)])
            nodes, shares = _solar.gauss(energy[seen > 0.0], seen[seen > 0.0], _NODES)
            averages.append(ProductionAverage.build(nodes, sun, source))
            weights.append(shares)
        shares = np.concatenate(weights)
        return cls(ProductionAverage.joined(*averages), jnp.asarray(shares / shares.sum()))

    def __call__(self, mass_squared: Complex[Array, "3 3"]) -> Complex[Array, "3 3"]:
        """rho in the flavor basis, by day."""
        return jnp.einsum("p,pab->ab", self.shares, self.average.state(mass_squared))

    def moment_squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """tr(rho lambda^+ lambda) [mu_B^2]."""
        return effective_moment.squared(self(neutrinos.mass_squared), neutrinos.moment_matrix)

    def charge_squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """tr(rho q^+ q) [e^2]."""
        if neutrinos.millicharge is None:
            return jnp.zeros(())
        return effective_moment.squared(self(neutrinos.mass_squared), neutrinos.millicharge)


def _magnetic(energy: Float[np.ndarray, " n"], low: float, high: float) -> Float[np.ndarray, " n"]:
    """Integral of 1/T - 1/E over recoils [keV], zero below threshold."""
    top = np.clip(2.0 * energy**2 / (_KEV_PER_MEV * ELECTRON_MASS + 2.0 * energy), low, high)
    return np.log(top / low) - (top - low) / energy
