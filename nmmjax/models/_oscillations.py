"""What models built from observables share: arguments of their constructors, priors, and the light neutrinos."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import mixing
from nmmjax.models._base import Scalar
from nmmjax.models.three_flavor import NUFIT60, ThreeFlavor
from nmmjax.ordering import Ordering
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity

EV_PER_GEV = 1e9
_ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23")
_PHASES = ("delta_cp", "alpha21", "alpha31")
PARAMETERS: Mapping[str, Quantity] = {
    name: ThreeFlavor.parameters[name] for name in ("dm21", "dm3l", *_ANGLES, *_PHASES, "lightest_mass")
}
"""Of every `from_oscillations`."""
BENCHMARK: Mapping[str, Any] = {**NUFIT60, "lightest_mass": 0.005}
"""As measured, and some mass for nu_1."""


def default_priors() -> dict[str, dist.Distribution]:
    """Normal ordering, a few times wider than what is known; the mass of the lightest state over decades."""
    return {
        "dm21": dist.Uniform(6e-5, 9e-5),
        "dm3l": dist.Uniform(2e-3, 3e-3),
        "sin2_theta12": dist.Uniform(0.2, 0.45),
        "sin2_theta13": dist.Uniform(0.015, 0.03),
        "sin2_theta23": dist.Uniform(0.3, 0.7),
        **{name: UniformPhase() for name in _PHASES},
        "lightest_mass": dist.LogUniform(1e-5, 0.3),
    }


def light_neutrinos(
    splittings: tuple[Scalar, Scalar],
    sin2: tuple[Scalar, Scalar, Scalar],
    phases: tuple[Scalar, Scalar, Scalar],
    lightest_mass: Scalar,
    ordering: Ordering | None,
) -> ThreeFlavor:
    """(dm21, dm3l) [eV^2], sin^2 of (theta12, theta13, theta23), (delta_cp, alpha21, alpha31), mass [eV]; checked."""
    angles, phases_by_name = dict(zip(_ANGLES, sin2, strict=True)), dict(zip(_PHASES, phases, strict=True))
    return ThreeFlavor.from_sin2(
        *splittings, **angles, **phases_by_name, lightest_mass=lightest_mass, ordering=ordering
    )


def mass_matrix(light: ThreeFlavor) -> Complex[Array, "3 3"]:
    """M = U^* diag(m) U^dagger [GeV]."""
    return mixing.majorana_mass_matrix(light.pmns(), masses(light))


def masses(light: ThreeFlavor) -> Float[Array, "3"]:
    """(m_1, m_2, m_3) [GeV]."""
    return jnp.asarray(light.masses()) / EV_PER_GEV
