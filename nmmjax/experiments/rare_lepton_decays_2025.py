"""Charged leptons that change flavor: MEG II, BaBar and SINDRUM."""

from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, MUON, TAU
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import ChargedLeptons, LowEnergy


class _Radiative(NamedTuple):
    """l_a -> l_b gamma."""

    mother: int
    daughter: int
    leptonic: float
    """Branching ratio of l_a -> l_b nu nubar [PDG 2024]."""

    def branching_ratio(self, leptons: ChargedLeptons) -> Float[Array, ""]:
        return self.leptonic * leptons.radiative_ratio(self.mother, self.daughter)


class _ThreeElectrons(NamedTuple):
    """mu^- -> e^+ e^- e^-."""

    def branching_ratio(self, leptons: ChargedLeptons) -> Float[Array, ""]:
        return leptons.three_lepton_ratio(MUON, ELECTRON, (ELECTRON, ELECTRON))


_DECAYS = {
    "mu_e_gamma": _Radiative(MUON, ELECTRON, 1.0),
    "tau_e_gamma": _Radiative(TAU, ELECTRON, 0.1782),
    "tau_mu_gamma": _Radiative(TAU, MUON, 0.1739),
    "mu_3e": _ThreeElectrons(),
}


class RareLeptonDecays2025(MeasuredQuantities):
    """mu -> e gamma (MEG II), tau -> e gamma and tau -> mu gamma (BaBar), mu -> 3 e (SINDRUM).

    Each upper limit is a half-Gaussian above zero that holds the confidence level, so the limit lies at Delta chi^2 =
    2.71. The published likelihoods, with the few events that were seen, are not used. mu -> 3 e is that of a doubly
    charged scalar at tree level; photons that turn into a pair are left out.
    """

    reference: ClassVar[str] = "K. Afanaciev et al. (MEG II), arXiv:2504.15711 (2025); BaBar (2010); SINDRUM (1988)"
    decays: tuple[str, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("rare_lepton_decays", key="decay")
        terms = tuple(map(limits.limit, limits.names))
        return cls(name="rare_lepton_decays", terms=terms, decays=limits.names, sources=(limits.source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: three experiments."""
        return frozenset({"meg", "babar/radiative_tau_decays", "sindrum"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Names of the branching ratios."""
        return tuple((f"BR_{decay}", "") for decay in self.decays)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Branching ratios (4,), in the order of `decays`."""
        return jnp.stack([_DECAYS[decay].branching_ratio(theory.charged_leptons) for decay in self.decays])
