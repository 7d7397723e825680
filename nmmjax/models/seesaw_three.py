"""Seesaw of type III: three triplets of fermions."""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import ChargedLeptons
from nmmjax.models._casas_ibarra import ComplexRotation
from nmmjax.models._heavy_majorana import HeavyMajorana
from nmmjax.models._seesaw import SCALES, heavy_priors
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos


class SeesawTypeThree(HeavyMajorana):
    """L = -sqrt(2) Y_ka phi~^dagger bar(Sigma_k) L_a - (1/2) M_k tr(bar(Sigma_k) Sigma_k^c) + h.c., hypercharge 0.

    Sigma = [[Sigma^0 / sqrt(2), Sigma^+], [Sigma^-, -Sigma^0 / sqrt(2)]]: its neutral parts are the right-handed
    neutrinos of type I,

        m_D = Y v / sqrt(2),    M = -m_D^T M_Sigma^-1 m_D.

    Fields: `yukawa` Y (3, 3), rows Sigma and columns flavors; m_1, m_2, m_3 [GeV]. The charged parts mix with e, mu and
    tau, by sqrt(2) Theta: flavor changes at tree level, through the Z. These are not part of the model here, whose
    `ChargedLeptons` are those of the Standard Model.
    """

    reference: ClassVar[str] = "R. Foot, H. Lew, X.-G. He, G. C. Joshi, Z. Phys. C 44, 441 (1989)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = SCALES

    def charged_leptons(self) -> ChargedLeptons:
        """Left to the Standard Model."""
        return ChargedLeptons()

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The mixing of heavy with light states and the largest coupling."""
        return self.scales()

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: from where the LHC has not looked to the scale of grand unification."""
        return {**LightNeutrinos.sin2_priors(), **heavy_priors(1e3, 1e15), **ComplexRotation.default_priors()}

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; triplets of some TeV."""
        return cls.from_oscillations(
            LightNeutrinos.with_small_mass(), ComplexRotation.benchmark(), m_1=2e3, m_2=3e3, m_3=5e3
        )
