"""The magnetic moment of the electron neutrino that the Sun seemed to ask for in 1988."""

import math
from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.terms import LogNormal
from nmmjax.experiments.shared import year_1988
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import modulus_squared, two_sided_quantile


class SolarMoment1988(MeasuredQuantities):
    """mu^2 = sum_b |lambda_be|^2 of nu_e: mu = (0.3 to 1)e-10 mu_B from the Sun, below 2e-10 mu_B in the laboratory.

    The window is that of Voloshin, Vysotsky and Okun, for neutrinos that flip in the magnetic field of the Sun, with
    every final state counted, as the paper's equation (8) does. It is a log-normal around the geometric mean of its
    ends, both of which lie at Delta chi^2 = 2.71: our choice, as the paper gives no likelihood. The laboratory bound is
    a half-Gaussian above zero in mu^2, which the rate of scattering follows. Neither the field in the Sun nor flavor
    conversion enters.
    """

    reference: ClassVar[str] = year_1988.REFERENCE

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = year_1988.read()
        least, greatest = (limits.number(f"moment_solar_{end}", "limit") for end in ("least", "greatest"))
        width = math.log(greatest / least) / two_sided_quantile(year_1988.CONFIDENCE)
        laboratory = limits.limit("moment_laboratory", power=2, confidence=year_1988.CONFIDENCE)
        terms = (LogNormal(least * greatest, width), laboratory)
        return cls(name="solar_moment_1988", terms=terms, sources=(limits.source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the lack of solar neutrinos on chlorine, which the moment would explain."""
        return frozenset({"homestake"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared moment, once for the Sun and once for the laboratory."""
        return (("moment_solar^2", "mu_B^2"), ("moment_laboratory^2", "mu_B^2"))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared moment (lambda^dagger lambda)_ee [mu_B^2], for the Sun and for the laboratory (2,)."""
        squared = jnp.sum(modulus_squared(theory.neutrinos.moment_matrix[:, ELECTRON]))
        return jnp.stack([squared, squared])
