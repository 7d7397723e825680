"""Universality of the charged current: leptonic decays of tau and muon."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, MUON, TAU
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import CorrelatedGaussian
from nmmjax.low_energy import LowEnergy


class LeptonUniversality2023(MeasuredQuantities):
    """g_tau / g_mu and g_tau / g_e from tau -> e nu nubar and tau -> mu nu nubar against mu -> e nu nubar, correlated.

    Only ratios matter, since G_F is itself measured in muon decay. With G_ab of l_a -> l_b nu nubar

        (g_tau / g_mu)^2 = (G_taue / G_mue)^2,    (g_tau / g_e)^2 = (G_taumu / G_mue)^2,

    and g_mu / g_e is their quotient: its published error fixes the correlation of the two, 0.5, to first order.
    """

    reference: ClassVar[str] = "Y. Amhis et al. (HFLAV), Phys. Rev. D 107, 052008 (2023), arXiv:2206.07501"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        ratios = PublishedValues.read("lepton_universality", key="ratio")
        term = CorrelatedGaussian(*_independent(ratios))
        return cls(name="lepton_universality", terms=(term,), sources=(ratios.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Names of the ratios of couplings."""
        return (("g_tau / g_mu", ""), ("g_tau / g_e", ""))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Ratios g_tau / g_mu and g_tau / g_e (2,): square roots of rates, each over that of the Standard Model."""
        rates = 1.0 + theory.charged_leptons.fermi_shift
        leptonic = jnp.stack([rates[TAU, ELECTRON], rates[TAU, MUON]])
        return jnp.sqrt(leptonic / rates[MUON, ELECTRON])


def _independent(ratios: PublishedValues) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2 2"]]:
    """Two of the three ratios, and their covariance from var(mu / e) = var(tau / e - tau / mu)."""
    value = np.array([ratios.number(name, "value") for name in ("tau_mu", "tau_e")])
    of_mu, of_e, of_both = (ratios.number(name, "error") ** 2 for name in ("tau_mu", "tau_e", "mu_e"))
    shared = 0.5 * (of_mu + of_e - of_both)
    return value, np.array([[of_mu, shared], [shared, of_e]])
