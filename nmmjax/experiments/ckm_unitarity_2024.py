"""The first row of the quark-mixing matrix: leptons against hadrons."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, MUON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class CkmUnitarity2024(MeasuredQuantities):
    """|V_ud|^2 + |V_us|^2 + |V_ub|^2 = 0.9984 +- 0.0007, where rates are divided by the Fermi constant of muon decay.

    Decays of hadrons know nothing of what a scalar adds to muon decay, so a unitary matrix appears as G_F^2 / G_mue^2.
    The sum is 2.3 standard deviations short of one without any scalar; radiative and nuclear corrections are disputed.
    """

    reference: ClassVar[str] = "S. Navas et al. (Particle Data Group), Phys. Rev. D 110, 030001 (2024)"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        values = PublishedValues.read("ckm_first_row")
        return cls(name="ckm_unitarity_2024", terms=(values.gaussian("sum"),), sources=(values.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the sum of squares in the first row."""
        return (("ckm_first_row", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Sum of squares (1,) as it appears, 1 / (1 + shift of G^2 in mu -> e nu nubar)."""
        return (1.0 / (1.0 + theory.charged_leptons.fermi_shift[MUON, ELECTRON])).reshape(1)
