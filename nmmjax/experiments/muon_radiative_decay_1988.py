"""mu -> e gamma, 1988."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, MUON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.shared import year_1988
from nmmjax.low_energy import LowEnergy


class MuonRadiativeDecay1988(MeasuredQuantities):
    """BR(mu -> e gamma) < 2e-10: a half-Gaussian above zero. Today's limit is in `RareLeptonDecays2025`."""

    reference: ClassVar[str] = year_1988.REFERENCE

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = year_1988.read()
        term = limits.limit("br_mu_e_gamma", confidence=year_1988.CONFIDENCE)
        return cls(name="muon_radiative_decay_1988", terms=(term,), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the branching ratio."""
        return (("BR_mu_e_gamma", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Branching ratio (1,) of mu -> e gamma over mu -> e nu nubar, which is all that muons do."""
        return theory.charged_leptons.radiative_ratio(MUON, ELECTRON).reshape(1)
