"""DUNE: the burst of a supernova in liquid argon, a forecast."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from nmmjax.experiments.shared import burst
from nmmjax.scattering.argon import ArgonCrossSections
from nmmjax.tables import Source

_EDGES = np.arange(5.0, 61.0, 5.0)
_MOLAR_MASS = 39.95
_RESOLUTION = 0.2
"""Relative, of the energy of the neutrino."""


class DuneBurst(burst.Burst):
    """Charged currents of nu_e and antinu_e on argon, 40 kt, by reconstructed energy of the neutrino.

    Assumed: every event above 5 MeV is counted and its energy known to 20 %. Left out: scattering on electrons, some
    tenth of the events, and neutral currents. Without moments and flavor conversion nu_e are most of the events.
    """

    reference: ClassVar[str] = "B. Abi et al. (DUNE), Eur. Phys. J. C 81, 423 (2021), arXiv:2008.06647"
    panel: ClassVar[str] = "DUNE"
    mass: ClassVar[float] = 40.0

    @classmethod
    def _channels(cls, mass: float) -> tuple[list[burst.Channel], tuple[Source, ...]]:
        """The reactions in a mass [kt], and the tables of their cross sections."""
        cross_sections = ArgonCrossSections.load()
        energy, _ = burst.nodes()
        electron, other = np.moveaxis(np.asarray(cross_sections(jnp.asarray(energy))), -1, 0)
        none = np.zeros_like(electron)
        seen = burst.smeared(_EDGES, energy, _RESOLUTION * energy)
        per_target = np.stack([electron, none, other, none], -1)
        response = burst.targets(mass, _MOLAR_MASS) * seen[..., None] * per_target
        return [burst.Channel("charged currents", _EDGES, response)], cross_sections.tables
