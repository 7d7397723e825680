"""CONUS: antineutrinos of a reactor on germanium."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments import _electromagnetic, _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class Conus2026(MeasuredQuantities):
    """mu_eff < 5.18e-11 mu_B and |q| < 1.76e-12 e at 90 %: half-Gaussians above zero in the squares.

    mu_eff^2 = (lambda^+ lambda)_ee and q^2 = (q^+ q)_ee of antinu_e that have not begun to oscillate, as in
    `Gemma2013`, with the same reservations. Scattering on electrons; the numbers were read in a summary of the paper.
    """

    reference: ClassVar[str] = "N. Ackermann et al. (CONUS), arXiv:2605.22815 (2026)"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged tables."""
        moment, moments = _limits.upper("moment_limits", "conus_2026", power=2)
        charge, charges = _limits.upper("millicharge_limits", "conus_2026", power=2)
        return cls(name="conus_2026", terms=(moment, charge), sources=(moments, charges))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Moment and charge squared."""
        return (("moment^2", "mu_B^2"), ("millicharge^2", "e^2"))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """(lambda^dagger lambda)_ee and (q^dagger q)_ee."""
        neutrinos = theory.neutrinos
        return jnp.stack([_electromagnetic.moment_squared(neutrinos), _electromagnetic.charge_squared(neutrinos)])
