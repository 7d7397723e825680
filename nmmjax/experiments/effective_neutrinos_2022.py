"""Right-handed neutrinos in the early universe: one species more or less."""

from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments.shared.electromagnetic import MOMENT, Limited, UpperLimits
from nmmjax.low_energy import LowEnergy
from nmmjax.scattering import effective_moment


class EffectiveNeutrinos2022(UpperLimits):
    """N_eff of nucleosynthesis and microwave background: mu < 2.7e-12 mu_B of Dirac neutrinos, taken as 95 %.

    A half-Gaussian above zero in mu^2 = tr(lambda^+ lambda) / 3. The plasma holds as many nu_e as nu_mu and nu_tau and
    flips nu_a at a rate proportional to (lambda^+ lambda)_aa, so right-handed neutrinos are made in proportion to the
    trace, in whatever basis; the limit is published for three equal diagonal moments, of which it is the square. Where
    one right-handed state alone is made it can fill up, and the trace overrates it: one species in equilibrium adds
    less than three. Majorana neutrinos flip to antineutrinos, which are there already: no limit.
    """

    reference: ClassVar[str] = "S.-P. Li and X.-J. Xu, arXiv:2211.04669 (2022)"
    table_name: ClassVar[str] = "effective_neutrinos_2022"
    limited: ClassVar[tuple[Limited, ...]] = (MOMENT._replace(quantity="mean_moment^2"),)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squared moment tr(lambda^+ lambda) / 3 [mu_B^2] into sterile states: zero for three Majorana neutrinos."""
        neutrinos = theory.neutrinos
        majorana = neutrinos.nature.self_conjugate
        squared = effective_moment.sterile_squared(neutrinos.moment_matrix, majorana=majorana)[:3, :3]
        return (jnp.real(jnp.trace(squared)) / 3.0,)
