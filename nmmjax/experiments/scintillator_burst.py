"""A large scintillator: the burst of a supernova by inverse beta decay, a forecast."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from nmmjax.experiments.shared import burst
from nmmjax.scattering import inverse_beta
from nmmjax.tables import Source

_EDGES = np.arange(2.0, 61.0, 2.0)
_MOLAR_MASS, _PROTONS = 246.43, 30.0
"""Of linear alkylbenzene C18H30 [g/mol], and its protons."""
_RESOLUTION = 0.03
"""Relative at 1 MeV; it falls with the root of the energy."""


class ScintillatorBurst(burst.Burst):
    """Inverse beta decay in 20 kt of linear alkylbenzene, as in JUNO, by prompt energy.

    Assumed: every event above 2 MeV is counted and known by its neutron; sigma = 3 % sqrt(E MeV).
    """

    reference: ClassVar[str] = "F. An et al. (JUNO), J. Phys. G 43, 030401 (2016), arXiv:1507.05613"
    panel: ClassVar[str] = "scintillator"
    mass: ClassVar[float] = 20.0

    @classmethod
    def _channels(cls, mass: float) -> tuple[list[burst.Channel], tuple[Source, ...]]:
        """The reactions in a mass [kt], and the tables of their cross sections."""
        energy, _ = burst.nodes()
        prompt = np.asarray(inverse_beta.prompt_energy(jnp.asarray(energy)))
        seen = burst.smeared(_EDGES, prompt, _RESOLUTION * np.sqrt(prompt))
        protons = burst.targets(mass, _MOLAR_MASS, _PROTONS)
        response = np.zeros((*seen.shape, 4))
        response[..., 2] = seen * protons * np.asarray(inverse_beta.cross_section(jnp.asarray(energy)))
        return [burst.Channel("inverse beta decay", _EDGES, response)], ()
