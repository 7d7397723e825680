"""DUNE: the burst of a supernova in liquid argon, a forecast."""

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
        mass: float = 40.0,
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
        cross_sections = ArgonCrossSections.load()
        energy, _ = burst.nodes()
        electron, other = np.moveaxis(np.asarray(cross_sections(jnp.asarray(energy))), -1, 0)
        none = np.zeros_like(electron)
        seen = burst.smeared(_EDGES, energy, _RESOLUTION * energy)
        per_target = np.stack([electron, none, other, none], -1)
        response = burst.targets(mass, _MOLAR_MASS) * seen[..., None] * per_target
        channel = burst.Channel("charged currents", _EDGES, response)
        prepared = burst.fields(
            [channel],
            source,
            distance=distance,
            times=times,
            star=star,
            cos_zenith=cos_zenith,
            interstellar_field=interstellar_field,
            tables=cross_sections.tables,
        )
        return cls._with_expectation(prepared, "dune_burst")
