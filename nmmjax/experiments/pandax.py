"""PandaX-II: solar neutrinos on the electrons of liquid xenon."""

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

_SOURCES = ("pp", "be7", "pep", "n13", "o15")
_LOWEST, _HIGHEST = 1.0, 25.0
"""Recoils [keV]; the mean state hardly depends on them."""


class PandaX2021(MeasuredQuantities):
    """mu_eff < 4.9e-11 mu_B at 90 %: a half-Gaussian above zero in mu_eff^2 = tr(rho lambda^+ lambda).

    rho is the mean state of the pp, 7Be, pep and CNO neutrinos that arrive from the Sun: the rate at a few keV is that
    of a moment for every energy, so fluxes weigh them. Zero is taken to be the best value.
    """

    reference: ClassVar[str] = "X. Zhou et al. (PandaX-II), Chin. Phys. Lett. 38, 011301 (2021), arXiv:2008.06485"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    state: _electromagnetic.SolarState
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, sun: SolarModel | None = None) -> Self:
        """From the packaged table, with fluxes of B16-GS98 unless another model is given."""
        sun = SolarModel.b16_gs98() if sun is None else sun
        spectra = SolarSpectra.load()
        moment, moments = _limits.upper("moment_limits", "pandax_2021", power=2)
        return cls(
            name="pandax_2021",
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
