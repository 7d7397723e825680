"""LUX-ZEPLIN: solar neutrinos on the electrons of liquid xenon, in the hands of theorists."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments import _electromagnetic, _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.tables import Source

_SOURCES = ("pp", "be7", "pep", "n13", "o15")
_LOWEST, _HIGHEST = 1.0, 25.0
"""Recoils [keV]; the mean state hardly depends on them."""


class LuxZeplin2022(MeasuredQuantities):
    """Recast by theorists: mu_eff < 1.1e-11 mu_B and |q_eff| < 1.5e-13 e at 90 %, half-Gaussians in the squares.

    mu_eff^2 = tr(rho lambda^+ lambda) and q_eff^2 = tr(rho q^+ q), rho the mean state of pp, 7Be, pep and CNO neutrinos
    at Earth. Not a result of the collaboration. That of the charge is in the equivalent-photon approximation, which has
    no interference with the weak charge; of one spectrum both, they let a moment and a charge together pass too easily.
    """

    reference: ClassVar[str] = (
        "M. Atzori Corona, W. M. Bonivento, M. Cadeddu, N. Cargioli and F. Dordei, "
        "Phys. Rev. D 107, 053001 (2023), arXiv:2207.05036"
    )
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    state: _electromagnetic.SolarState
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, sun: SolarModel | None = None) -> Self:
        """From the packaged tables, with fluxes of B16-GS98 unless another model is given."""
        sun = SolarModel.b16_gs98() if sun is None else sun
        spectra = SolarSpectra.load()
        moment, moments = _limits.upper("moment_limits", "lux_zeplin_2022", power=2)
        charge, charges = _limits.upper("millicharge_limits", "lux_zeplin_2022", power=2)
        return cls(
            name="lux_zeplin_2022",
            terms=(moment, charge),
            state=_electromagnetic.SolarState.build(sun, spectra, _SOURCES, _LOWEST, _HIGHEST),
            sources=(moments, charges, *spectra.tables, *sun.tables),
        )

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Moment and charge squared."""
        return (("moment^2", "mu_B^2"), ("millicharge^2", "e^2"))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """tr(rho lambda^dagger lambda) and tr(rho q^dagger q)."""
        neutrinos = theory.neutrinos
        return jnp.stack([self.state.moment_squared(neutrinos), self.state.charge_squared(neutrinos)])
