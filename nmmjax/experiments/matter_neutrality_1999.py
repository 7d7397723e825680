"""Matter is neutral, and so is the electron neutrino."""

from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import SplitGaussian
from nmmjax.low_energy import LowEnergy


class MatterNeutrality1999(MeasuredQuantities):
    """|q_ee| < 1e-21 e, taken as 90 %: a Gaussian around zero in the charge of nu_e.

    The charges of proton, electron and neutron are known to balance, and n -> p e antinu_e conserves charge, so
    antinu_e carries what is left. An order of magnitude, quoted without confidence level; it assumes that the neutron
    itself has no charge beyond that of its atoms. It says nothing of nu_mu and nu_tau unless their charges are equal,
    and leaves nothing to see in scattering; nor does it of charges that go as L_mu - L_tau.
    The turning of pulsars would limit all of them to 1e-19 e; it is not used.
    """

    reference: ClassVar[str] = "G. G. Raffelt, Phys. Rep. 320, 319 (1999)"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("millicharge_limits")
        error = limits.limit("matter_neutrality").sigma.item()
        return cls(name="matter_neutrality", terms=(SplitGaussian(0.0, error, error),), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the charge of nu_e."""
        return (("millicharge_e", "e"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Charge q_ee [e] (1,) of nu_e."""
        charge = theory.neutrinos.millicharge
        return jnp.zeros(1) if charge is None else charge[ELECTRON, ELECTRON].real.reshape(1)
