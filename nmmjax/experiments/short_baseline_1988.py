"""Electron neutrinos that do not turn into tau neutrinos, 1988."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, TAU
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.shared import year_1988
from nmmjax.low_energy import LowEnergy
from nmmjax.oscillation import Incoherent, Uniform, probability

_RESOLUTION = 1.0
"""[eV^2] Splittings below it do not show at short baselines: about E / L of an accelerator experiment, our choice.

Beside a mass m splittings are lost in rounding below 1e-16 m^2: 1e-5 eV^2 for nu_mu at its bound of 270 keV.
"""


class ShortBaseline1988(MeasuredQuantities):
    """sin^2 2phi < 3e-3 in the mixing of nu_e and nu_tau, for all but tiny splittings: a half-Gaussian above zero.

    Twice P(nu_e -> nu_tau) with oscillations averaged out is sin^2 2phi for two flavors and right for any number. Mass
    states i and j keep their coherence by exp[-(Dm2_ij / eV^2)^2], so states that are equal do not oscillate.
    """

    reference: ClassVar[str] = year_1988.REFERENCE

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = year_1988.read()
        term = limits.limit("sin2_2phi_e_tau", confidence=year_1988.CONFIDENCE)
        return cls(name="short_baseline_1988", terms=(term,), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the amplitude sin^2 2phi."""
        return (("sin2_2phi_e_tau", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Amplitude sin^2 2phi = 2 <P(nu_e -> nu_tau)> (1,), oscillations averaged out."""
        P = probability(theory.neutrinos.mass_squared, 1.0, Uniform(1.0), average=Incoherent(_RESOLUTION))
        return 2.0 * P[ELECTRON, TAU].reshape(1)
