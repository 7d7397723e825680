"""Right-handed neutrinos in the early universe: one species more or less."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments import _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class EffectiveNeutrinos2022(MeasuredQuantities):
    """N_eff of nucleosynthesis and microwave background: mu < 2.7e-12 mu_B of Dirac neutrinos, taken as 95 %.

    A half-Gaussian above zero in mu^2 = tr(lambda^+ lambda) / 3. The plasma holds as many nu_e as nu_mu and nu_tau and
    flips nu_a at a rate proportional to (lambda^+ lambda)_aa, so right-handed neutrinos are made in proportion to the
    trace, in whatever basis; the limit is published for three equal diagonal moments, of which it is the square. Where
    one right-handed state alone is made it can fill up, and the trace overrates it: one species in equilibrium adds
    less than three. Majorana neutrinos flip to antineutrinos, which are there already: no limit.
    """

    reference: ClassVar[str] = "S.-P. Li and X.-J. Xu, arXiv:2211.04669 (2022)"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        term, source = _limits.upper("moment_limits", "effective_neutrinos_2022", power=2)
        return cls(name="effective_neutrinos_2022", terms=(term,), sources=(source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The mean square."""
        return (("mean_moment^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """tr(lambda^dagger lambda) / 3 over e, mu and tau; zero for Majorana neutrinos."""
        neutrinos = theory.neutrinos
        squared = neutrinos.nature.sterile_moments_squared(neutrinos.moment_matrix)[:3, :3]
        return jnp.real(jnp.trace(squared)).reshape(1) / 3.0
