"""Hyper-Kamiokande: the burst of a supernova in water, a forecast."""

from collections.abc import Sequence
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.experiments.shared import burst
from nmmjax.fluxes import SupernovaBurst, SupernovaFluence
from nmmjax.oscillation import ThroughEarth
from nmmjax.precession import CollapsingStar
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

    name: str = eqx.field(static=True)
    counts: Float[Array, " data"]
    channels: tuple[str, ...] = eqx.field(static=True)
    edges: tuple[Float[Array, " _"], ...]
    times: Float[Array, " windows+1"]
    energy: Float[Array, " energies"]
    between: Float[Array, "energies k"]
    emitted: Float[Array, "windows energies 3"]
    response: Float[Array, "bins energies 4"]
    star: CollapsingStar
    earth: ThroughEarth | None
    interstellar: Float[Array, ""]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    @public
    def load(
        cls,
        source: SupernovaBurst | SupernovaFluence | None = None,
        *,
        distance: Float[ArrayLike, ""] = 10.0,
        mass: float = 220.0,
        times: Sequence[float] = burst.TIMES,
        star: CollapsingStar | None = None,
        cos_zenith: float | None = None,
        interstellar_field: float = 0.0,
    ) -> Self:
        """Neutrinos of a source at a distance [kpc] in a mass [kt], between `times` [s] after the bounce.

        Unless others are given, those of `SupernovaBurst.load()` from `CollapsingStar.edge_of_core()`. The Earth is on
        the way where the star stands at `cos_zenith`; an interstellar field [gauss] lies across all of it.
        """
        _checks.check_range("mass", mass, low=0.0, open_low=True, unit="kt")
        channels = [_positrons(mass), _electrons(mass)]
        prepared = burst.fields(
            channels,
            source,
            distance=distance,
            times=times,
            star=star,
            cos_zenith=cos_zenith,
            interstellar_field=interstellar_field,
        )
        return cls._with_expectation(prepared, "hyper_kamiokande_burst")


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
