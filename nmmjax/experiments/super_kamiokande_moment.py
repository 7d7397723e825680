"""The spectrum of recoils in Super-Kamiokande: a moment of 8B neutrinos."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax.experiments import _electromagnetic, _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.tables import Source

_SOURCES = ("b8",)
_LOWEST, _HIGHEST = 4489.0, 19489.0
"""Kinetic energies of recoils [keV]: 5 to 20 MeV in all."""


class SuperKamiokandeMoment2004(MeasuredQuantities):
    """mu_eff < 1.1e-10 mu_B at 90 %: a half-Gaussian above zero in mu_eff^2 = tr(rho lambda^+ lambda) of 8B neutrinos.

    At their energies matter in the Sun makes most of them nu_2: another effective moment than that of pp and 7Be
    neutrinos. rho is their mean by day, weighted with the rate by a moment above 5 MeV. With the mixing that other
    solar experiments and KamLAND left in 2004; the limit of Super-Kamiokande alone is weaker.
    """

    reference: ClassVar[str] = "D. W. Liu et al. (Super-Kamiokande), Phys. Rev. Lett. 93, 021802 (2004), hep-ex/0402015"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    state: _electromagnetic.SolarState
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, sun: SolarModel | None = None) -> Self:
        """From the packaged table, with fluxes of B16-GS98 unless another model is given."""
        sun = SolarModel.b16_gs98() if sun is None else sun
        spectra = SolarSpectra.load()
        moment, moments = _limits.upper("moment_limits", "super_kamiokande_2004", power=2)
        return cls(
            name="super_kamiokande_2004",
            terms=(moment,),
            state=_electromagnetic.SolarState.build(sun, spectra, _SOURCES, _LOWEST, _HIGHEST),
            sources=(moments, *spectra.tables, *sun.tables),
        )

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment squared."""
        return (("moment^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """tr(rho lambda^dagger lambda)."""
        return self.state.moment_squared(theory.neutrinos).reshape(1)
