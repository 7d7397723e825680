"""Muonium that turns into antimuonium."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax import decays
from nmmjax.constants import ELECTRON, MUON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import modulus_squared


class Muonium1999(MeasuredQuantities):
    """mu+ e- -> mu- e+: |G| < 0.0030 G_F at 90 %, a half-Gaussian above zero in |G / G_F|^2, which the rate follows.

    For a (V + A) x (V + A) coupling, that of a doubly charged scalar singlet, in the field of 0.1 T of the experiment.
    """

    reference: ClassVar[str] = "L. Willmann et al., Phys. Rev. Lett. 82, 49 (1999), hep-ex/9807011"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("muonium_1999")
        return cls(name="muonium_1999", terms=(limits.limit("coupling", power=2),), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the squared coupling."""
        return (("|G / G_F|^2", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared coupling |G / G_F|^2 (1,)."""
        coefficient = theory.charged_leptons.four_leptons((ELECTRON, ELECTRON), (MUON, MUON))
        return modulus_squared(decays.muonium_conversion(coefficient)).reshape(1)
