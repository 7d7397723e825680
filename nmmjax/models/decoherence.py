"""Neutrinos that lose their coherence on the way, at a rate that goes as a power of the energy."""

from dataclasses import KW_ONLY
from typing import Any, ClassVar, Self

import numpyro.distributions as dist

from nmmjax.low_energy import CoherenceLoss, LowEnergy
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.three_flavor import LightNeutrinos, Sin2, given_or_benchmark


class Decoherence(Model):
    """An environment takes the coherence of mass states: interference terms fall as e^{-Gamma L}, with

        Gamma = gamma_0 (E / GeV)^n,

    the same for all pairs of states (`oscillation.Decohering`). n = -1 is what a Lorentz-invariant rate has, n = 2 what
    strings and branes have been said to give. Masses and mixing are those of `origin`, Majorana or Dirac.
    """

    reference: ClassVar[str] = (
        "E. Lisi, A. Marrone and D. Montanino, Phys. Rev. Lett. 85, 1166 (2000), hep-ph/0002053; "
        "G. Balieiro Gomes, M. M. Guzzo, P. C. de Holanda and R. L. N. Oliveira, Phys. Rev. D 95, 113005 (2017), "
        "1603.04126"
    )

    rate: Scalar = parameter(r"\gamma_0", "GeV", low=0.0, high=1e-10)
    _: KW_ONLY
    power: Scalar = parameter("n", low=-4.0, high=4.0, default=0.0)
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=("origin",))
    def from_oscillations(cls, light: Sin2, rate: Scalar, **others: Any) -> Self:
        """Together with masses and mixing."""
        return cls(rate, origin=light, **others)

    def low_energy(self) -> LowEnergy:
        """Light neutrinos of `origin`, and the rate."""
        return LowEnergy(self.origin.neutrinos(), coherence_loss=CoherenceLoss(self.rate, self.power))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`, n = 0: a few times what KamLAND leaves."""
        return {**LightNeutrinos.sin2_priors(), "rate": dist.Uniform(0.0, 5e-21)}

    @classmethod
    def benchmark(cls) -> Self:
        """What KamLAND leaves at 95 % for n = 0, as published."""
        return cls(6.8e-22, origin=LightNeutrinos.with_small_mass())
