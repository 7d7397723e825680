"""The anomalous magnetic moment of the muon."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import MUON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class MuonTheory(eqx.Module):
    """Abstract: what the Standard Model is taken to predict for a_mu."""

    short_name: ClassVar[str]
    """Name in the packaged table and in that of the experiment."""


class WhitePaper2020(MuonTheory):
    """Hadronic vacuum polarization from e+ e- data before CMD-3."""

    short_name: ClassVar[str] = "wp2020"


class WhitePaper2025(MuonTheory):
    """Hadronic vacuum polarization from lattice QCD."""

    short_name: ClassVar[str] = "wp2025"


class MuonMagneticMoment2025(MeasuredQuantities):
    """Delta a_mu = a_mu(experiment) - a_mu(Standard Model), a Gaussian with the errors of both in quadrature.

    (3.8 +- 6.4) 1e-10 with the Standard Model of `WhitePaper2025`, (26.1 +- 4.5) 1e-10 with that of `WhitePaper2020`:
    which of them is right is not for a fit to say, so the name of the experiment tells which was used. The measured
    value is the world average of Fermilab and Brookhaven.
    """

    reference: ClassVar[str] = "D. P. Aguillard et al. (Muon g-2), Phys. Rev. Lett. 135, 101802 (2025), 2506.03069"

    @classmethod
    @public
    def load(cls, standard_model: MuonTheory | None = None) -> Self:
        """Read the difference from its packaged table, against `WhitePaper2025` unless another theory is given."""
        standard_model = WhitePaper2025() if standard_model is None else standard_model
        _checks.check_instance("standard_model", standard_model, MuonTheory)
        values = PublishedValues.read("muon_magnetic_moment", key="determination")
        term = values.difference("experiment", standard_model.short_name)
        return cls(name=f"muon_magnetic_moment_{standard_model.short_name}", terms=(term,), sources=(values.source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the world average, whatever it is compared with."""
        return frozenset({"muon_magnetic_moment"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the difference Delta a_mu."""
        return (("delta_a_mu", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Contribution Delta a_mu (1,) of the couplings to the anomalous moment of the muon."""
        return theory.charged_leptons.anomalous_moments[MUON].reshape(1)
