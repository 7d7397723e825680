"""SN1987A: right-handed neutrinos would have carried its heat away."""

from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON
from nmmjax.experiments.shared.electromagnetic import MOMENT, Limited, UpperLimits
from nmmjax.low_energy import LowEnergy
from nmmjax.scattering import effective_moment


class Sn1987A1999(UpperLimits):
    """The core cooled in ten seconds: mu < 4e-12 mu_B of Dirac neutrinos, taken as 90 %.

    A half-Gaussian above zero in (lambda^+ lambda)_ee: degenerate nu_e, with a chemical potential of 200 MeV or so, are
    by far the most numerous and energetic neutrinos of the core, and it is their flips to any right-handed state that
    set it. Thermal nu_mu and nu_tau would add to the loss: leaving them out is on the safe side. Published is a range,
    (0.1 to 0.4)e-11 mu_B, by what is assumed of the core, without confidence; its weak end is taken. Majorana neutrinos
    flip to antineutrinos, which stay: no limit.
    """

    reference: ClassVar[str] = "A. Ayala, J. C. D'Olivo and M. Torres, Phys. Rev. D 59, 111901 (1999)"
    table_name: ClassVar[str] = "sn1987a_1999"
    limited: ClassVar[tuple[Limited, ...]] = (MOMENT._replace(quantity="sterile_moment_e^2"),)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squared moment (lambda^dagger lambda)_ee [mu_B^2] into sterile states: zero for three Majorana neutrinos."""
        neutrinos = theory.neutrinos
        majorana = neutrinos.nature.self_conjugate
        squared = effective_moment.sterile_squared(neutrinos.moment_matrix, majorana=majorana)
        return (jnp.real(squared[ELECTRON, ELECTRON]),)
