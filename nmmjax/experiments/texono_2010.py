"""TEXONO: antineutrinos of the Kuo-Sheng reactor on the electrons of cesium iodide."""

import math
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, KEV_PER_MEV
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.terms import SplitGaussian
from nmmjax.experiments.shared import electromagnetic, electron_recoils
from nmmjax.fluxes import ReactorSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import modulus_squared
from nmmjax.scattering import dipole_portal, electron, helicity_flip, scalar_tensor
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.tables import read_table

_FISSIONS = {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06}
"""Typical shares of a pressurized-water reactor's fissions; the ratio hardly depends on them."""
_HIGHEST = 9.0
"""[MeV], of the antineutrinos."""
_NODES, _CELLS = 40, 12
_UNIT = 1e-10
"""Moment [mu_B] for which responses are kept."""


class Texono2010(MeasuredQuantities):
    """Rate of antinu_e e scattering over that of the Standard Model, recoils of 3 to 8 MeV: 1.08 +- 0.21 +- 0.16.

    A Gaussian in the rate, whatever it comes from: weak couplings at tree level with sin^2 theta_W = 0.23863, charge
    radii, charges, moments, interactions of all kinds with electrons, a heavy lepton, for the spectrum of Huber and
    Mueller. From spectrum and rate the authors have sin^2 theta_W = 0.251 +- 0.031 +- 0.024, mu < 2.2e-10 mu_B and
    <r^2> in (-4.2, 6.6)e-32 cm^2 at 90 % (printed as half of it, in another normalization); the rate alone has 0.251 +-
    0.037, 2.1e-10 and (-5.2, 5.8)e-32.

    Ask either this one or `ElectronScattering2008` about the radius. Tensor interactions: |T| < 0.074 in units of
    2 sqrt2 G_F at one-sided 90 %.
    """

    reference: ClassVar[str] = "M. Deniz et al. (TEXONO), Phys. Rev. D 81, 072001 (2010), arXiv:0911.1597"

    weak: Float[Array, "k m"]
    """Rate per product k of `electron.Couplings.products` that goes with T^-m, T in keV."""
    flips: Float[Array, " 4"]
    """The same per product of `scalar_tensor.FlipCouplings.products`, of neutrinos."""
    magnetic: Float[Array, ""]
    """For a moment of 1e-10 mu_B."""
    window: tuple[float, float] = eqx.field(static=True)
    """Recoils that are counted [keV]."""
    energy: Float[Array, " nodes"]
    """Of antineutrinos [MeV]."""
    flux: Float[Array, " nodes"]
    """Their shares per cross section of the Standard Model [cm^-2]."""

    @classmethod
    def load(cls) -> Self:
        """Read the published rate, and fold the reactor's spectrum with cross sections."""
        table, spectra = read_table("antineutrino_electron_rates"), ReactorSpectra.huber_mueller()
        row = {name: table.where(quantity="texono_2010")[name].item() for name in table.columns}
        error = math.hypot(row["stat"], row["syst"])
        low, high = KEV_PER_MEV * row["low"], KEV_PER_MEV * row["high"]
        nodes, weights = gauss_legendre(_NODES)
        half_way = 0.5 * row["low"]
        least = half_way + math.sqrt(half_way * (half_way + ELECTRON_MASS))  # that can leave the lowest recoil
        energy = least + 0.5 * (_HIGHEST - least) * (1.0 + nodes)
        flux = weights * np.asarray(spectra.spectrum(jnp.asarray(energy), _FISSIONS))
        weak, flips, magnetic = map(
            np.asarray, _folded(*map(on_device, (energy, flux, np.geomspace(low, high, _CELLS))))
        )
        standard = float(weak[:, 0] @ np.asarray(_products(None))[:, 0])
        return cls(
            name="texono_2010",
            terms=(SplitGaussian(row["value"], error, error),),
            sources=(table.source, *spectra.tables),
            weak=on_device(weak / standard),
            flips=on_device(flips / standard),
            magnetic=on_device(magnetic / standard),
            window=(low, high),
            energy=on_device(energy),
            flux=on_device(flux / standard),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the detector of cesium iodide."""
        return frozenset({"texono/cesium_iodide"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the rate."""
        return (("rate over that of the Standard Model", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Rate over that of the Standard Model (1,)."""
        products = _products(theory)
        rate = jnp.sum(self.weak[:, : products.shape[1]] * products)
        rate += self.magnetic * electromagnetic.moment_squared(theory.neutrinos) / _UNIT**2
        if (flips := electron_recoils.flip_couplings(theory)) is not None:
            matrices = flips.products(antineutrino=True)
            rate += self.flips @ jnp.stack([jnp.real(A[ELECTRON, ELECTRON]) for A in matrices])
        if theory.heavy_lepton is not None:
            moment = modulus_squared(theory.heavy_lepton.moments[ELECTRON] / _UNIT)
            rate += moment * self._portal(theory.heavy_lepton.mass)
        return rate.reshape(1)

    def _portal(self, mass: Float[Array, ""]) -> Float[Array, ""]:
        """Rate into a heavy lepton, for a moment of 1e-10 mu_B."""
        low, high = self.window
        section = dipole_portal.electron_cross_section(self.energy, mass, moment=_UNIT, low=low, high=high)
        return jnp.sum(self.flux * section)


def _products(theory: LowEnergy | None) -> Float[Array, "k m"]:
    """Products of weak couplings of antinu_e, at tree level, by powers of 1/T [keV]."""
    return electron_recoils.products_of_antinu_e(theory, electron.Couplings.tree_level())


@quick()
def _folded(
    energy: Float[Array, " nodes"], flux: Float[Array, " nodes"], edges: Float[Array, " edges"]
) -> tuple[Float[Array, "k m"], Float[Array, " 4"], Float[Array, ""]]:
    """Flux x cross section of each kind, for recoils between the ends of the edges [keV]."""
    low, high = edges[:-1, None], edges[1:, None]
    weak = [jnp.stack(electron.strengths(energy, low=low, high=high, power=m)) for m in electron_recoils.POWERS]
    flips = jnp.stack(scalar_tensor.strengths(energy, low=low, high=high))
    magnetic = helicity_flip.magnetic_cross_section(energy, _UNIT * jnp.eye(1), low=low, high=high)[..., 0, 0]
    return jnp.sum(jnp.stack(weak, 1), -2) @ flux, jnp.sum(flips, -2) @ flux, jnp.sum(magnetic, -2) @ flux
