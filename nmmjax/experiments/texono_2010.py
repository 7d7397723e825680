"""TEXONO: antineutrinos of the Kuo-Sheng reactor on cesium iodide."""

from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.shared import electromagnetic
from nmmjax.low_energy import LowEnergy


class Texono2010(MeasuredQuantities):
    """Cesium iodide: mu_eff < 2.2e-10 mu_B and <r^2> of nu_e in (-4.2, 6.6)e-32 cm^2 at 90 %.

    A half-Gaussian above zero in mu_eff^2 = (lambda^+ lambda)_ee, and a Gaussian with both ends at Delta chi^2 = 2.71.
    The radius is printed as (-2.1, 3.3)e-32 cm^2 in a normalization of half the size: times sqrt(2) pi alpha / 3 G_F
    its width is that of sin^2 theta_W, 0.251 +- 0.031 +- 0.024, while <r^2> of `scattering.electromagnetic` moves g_V,
    twice sin^2 theta_W. It is counted from a weak mixing angle at low energy, 0.237 to 0.239, whose value does not hold
    the radius of the Standard Model, 0.8e-32 cm^2 below zero: read as the radius beyond, as here, the interval may be
    off by so much.

    Ask either this one or `ElectronScattering2008` about the radius. Both limits are of one rate, each with the other
    property at zero.
    """

    reference: ClassVar[str] = "M. Deniz et al. (TEXONO), Phys. Rev. D 81, 072001 (2010), arXiv:0911.1597"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged tables."""
        moments, radii = (PublishedValues.read(name) for name in ("moment_limits", electromagnetic.RADII))
        terms = (moments.limit("texono_2010", power=2), radii.interval("texono_2010"))
        return cls(name="texono_2010", terms=terms, sources=(moments.source, radii.source))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the detector of cesium iodide."""
        return frozenset({"texono/cesium_iodide"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared moment and of the charge radius."""
        return (("moment^2", "mu_B^2"), ("charge_radius", "cm^2"))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared moment (lambda^dagger lambda)_ee [mu_B^2] and charge radius <r^2>_ee [cm^2] (2,)."""
        neutrinos = theory.neutrinos
        radius = electromagnetic.charge_radius(neutrinos, ELECTRON)
        return jnp.stack([electromagnetic.moment_squared(neutrinos), radius])
