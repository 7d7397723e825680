"""The anomalous magnetic moment of the muon."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax.constants import MUON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities, Term
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class MuonTheory(eqx.Module):
    """Abstract: what the Standard Model is taken to predict for a_mu."""

    short_name: ClassVar[str]
    """As in the packaged table."""


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
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, standard_model: MuonTheory | None = None) -> Self:
        """From the packaged table, against `WhitePaper2025` unless another is given."""
        standard_model = WhitePaper2025() if standard_model is None else standard_model
        _checks.check_instance("standard_model", standard_model, MuonTheory)
        values = PublishedValues.read("muon_magnetic_moment", key="determination")
        term = values.difference("experiment", standard_model.short_name)
        return cls(name=f"muon_magnetic_moment_{standard_model.short_name}", terms=(term,), sources=(values.source,))

    @property
    def holds(self) -> frozenset[str]:
        """The world average, whatever it is compared with."""
        return frozenset({"muon_magnetic_moment"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The difference."""
        return (("delta_a_mu", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """What the couplings add to a_mu."""
        return theory.charged_leptons.anomalous_moments[MUON].reshape(1)
