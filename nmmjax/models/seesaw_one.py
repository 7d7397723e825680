"""Seesaw of type I: three right-handed neutrinos."""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import _charged_currents
from nmmjax.models._casas_ibarra import ComplexRotation
from nmmjax.models._heavy_majorana import HeavyMajorana
from nmmjax.models._seesaw import SCALES, heavy_priors
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos


class SeesawTypeOne(HeavyMajorana):
    """L = -Y_ka bar(nu_Rk) phi~^dagger L_a - (1/2) M_k bar(nu_Rk) nu_Rk^c + h.c., in the basis where M_R is diagonal.

        m_D = Y v / sqrt(2),    M = -m_D^T M_R^-1 m_D.

    Fields: `yukawa` Y (3, 3), rows nu_R and columns flavors; m_1, m_2, m_3 [GeV]. Heavy and light states mix by Theta =
    m_D^dagger M_R^-1, and the loop of the W gives l -> l' gamma; charged leptons take M_k to be above m_tau.
    """

    reference: ClassVar[str] = (
        "P. Minkowski, Phys. Lett. B 67, 421 (1977); R. N. Mohapatra, G. Senjanovic, Phys. Rev. Lett. 44, 912 (1980)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {**SCALES, **_charged_currents.RADIATIVE_DECAY}

    def charged_leptons(self) -> ChargedLeptons:
        """Heavy neutrinos in the loop of the W."""
        return _charged_currents.heavy_neutrinos(self.mixing, self.heavy_masses)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The mixing of heavy with light states, the largest coupling, and mu -> e gamma."""
        return self.scales() | _charged_currents.radiative_decay(self.charged_leptons())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: from the weak scale to that of grand unification."""
        return {**LightNeutrinos.sin2_priors(), **heavy_priors(1e2, 1e15), **ComplexRotation.default_priors()}

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; thermal leptogenesis would ask for M_1 of this size."""
        return cls.from_oscillations(
            LightNeutrinos.with_small_mass(), ComplexRotation.benchmark(), m_1=1e10, m_2=1e11, m_3=1e12
        )
