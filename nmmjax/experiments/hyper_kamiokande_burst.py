"""Hyper-Kamiokande: the burst of a supernova in water, a forecast."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from nmmjax.experiments.shared import burst
from nmmjax.scattering import electron, inverse_beta
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.tables import Source

_POSITRONS, _ELECTRONS = np.arange(5.0, 61.0, 5.0), np.arange(5.0, 46.0, 5.0)
_CELLS = np.arange(0.0, 80.5, 0.5)
"""Kinetic energies of electrons between which recoils are counted [MeV]."""
_MOLAR_MASS, _PROTONS, _BOUND = 18.015, 2.0, 10.0
"""Of water [g/mol]; free protons and electrons of a molecule."""


class HyperKamiokandeBurst(burst.Burst):
    """Inverse beta decay and scattering on electrons in water, 220 kt, by energy of the positron or electron.

    Assumed: every event above 5 MeV is counted, with the resolution of Super-Kamiokande, sigma = -0.084 + 0.349 sqrt E
    + 0.040 E [MeV], and the two channels are told apart, by neutrons and directions. Left out: oxygen. The mass is that
    inside of the inner detector of one tank.
    """

    reference: ClassVar[str] = "K. Abe et al. (Hyper-Kamiokande), Astrophys. J. 916, 15 (2021), arXiv:2101.05269"
    panel: ClassVar[str] = "Hyper-Kamiokande"
    mass: ClassVar[float] = 220.0

    @classmethod
    def _channels(cls, mass: float) -> tuple[list[burst.Channel], tuple[Source, ...]]:
        """The reactions in a mass [kt], and the tables of their cross sections."""
        return [_positrons(mass), _electrons(mass)], ()


def _resolution(energy: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Standard deviation [MeV] of an energy [MeV]."""
    return np.maximum(-0.084 + 0.349 * np.sqrt(energy) + 0.040 * energy, 0.1)


def _positrons(mass: float) -> burst.Channel:
    energy, _ = burst.nodes()
    positron = np.asarray(inverse_beta.prompt_energy(jnp.asarray(energy))) - ELECTRON_MASS
    seen = burst.smeared(_POSITRONS, positron, _resolution(positron))
    events = burst.targets(mass, _MOLAR_MASS, _PROTONS) * np.asarray(inverse_beta.cross_section(jnp.asarray(energy)))
    response = np.zeros((*seen.shape, 4))
    response[..., 2] = seen * events
    return burst.Channel("inverse beta decay", _POSITRONS, response)


def _electrons(mass: float) -> burst.Channel:
    energy, _ = burst.nodes()
    low, high = (jnp.asarray(1e3 * edge) for edge in (_CELLS[:-1], _CELLS[1:]))
    couplings = electron.Couplings.radiatively_corrected()
    per_cell = []
    for given in (couplings, couplings.of_antineutrinos()):
        matrix = electron.cross_section(jnp.asarray(energy)[:, None], given, low=low, high=high)
        per_cell += [np.asarray(matrix[..., k, k].real) for k in (0, 1)]
    middle = 0.5 * (_CELLS[:-1] + _CELLS[1:])
    seen = burst.smeared(_ELECTRONS, middle, _resolution(middle))
    events = burst.targets(mass, _MOLAR_MASS, _BOUND) * np.einsum("bc,sec->bes", seen, np.stack(per_cell))
    return burst.Channel("scattering on electrons", _ELECTRONS, events)
