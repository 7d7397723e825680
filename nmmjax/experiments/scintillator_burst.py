"""A large scintillator: the burst of a supernova by inverse beta decay, a forecast."""

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
        mass: float = 20.0,
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
        energy, _ = burst.nodes()
        prompt = np.asarray(inverse_beta.prompt_energy(jnp.asarray(energy)))
        seen = burst.smeared(_EDGES, prompt, _RESOLUTION * np.sqrt(prompt))
        protons = burst.targets(mass, _MOLAR_MASS, _PROTONS)
        response = np.zeros((*seen.shape, 4))
        response[..., 2] = seen * protons * np.asarray(inverse_beta.cross_section(jnp.asarray(energy)))
        prepared = burst.fields(
            [burst.Channel("inverse beta decay", _EDGES, response)],
            source,
            distance=distance,
            times=times,
            star=star,
            cos_zenith=cos_zenith,
            interstellar_field=interstellar_field,
        )
        return cls._with_expectation(prepared, "scintillator_burst")
