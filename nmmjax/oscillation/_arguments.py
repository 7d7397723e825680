"""Checks of arguments: arrays of one precision and a common batch, errors before anything is compiled."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ArrayLike, Bool, Num, Real

from nmmjax import _checks, matter
from nmmjax.media.path import Path
from nmmjax.media.sun import FromSun
from nmmjax.oscillation._propagation import Beam


def checked_beam(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    antineutrino: Bool[ArrayLike, "..."],
    nsi: matter.Nsi | Num[ArrayLike, "... 3 3"] | None,
) -> Beam:
    """What evolves, if it can. Everything takes the precision of the mass matrix; `energy` then shows which."""
    _checks.check_precision("mass_squared")
    matrix = _checks.as_array("mass_squared", mass_squared)
    precision = jnp.float32 if matrix.dtype in (jnp.float32, jnp.complex64) else float
    matrix = _checks.as_array("mass_squared", matrix, precision)
    energies = _checks.as_array("energy", energy, precision)
    flags = _checks.as_array("antineutrino", antineutrino)
    matter.check_propagation(matrix, energies, flags)
    _checks.check_size("mass_squared", matrix)
    given = matter.Nsi.of(nsi)
    if given is None:
        return Beam(matrix, energies, flags, None)
    neutron = None if given.neutron is None else _checks.as_array("nsi", given.neutron, precision)
    interactions = matter.Nsi(_checks.as_array("nsi", given.charged, precision), neutron)
    matter.check_nsi(interactions)
    return Beam(matrix, energies, flags, interactions)


def checked_batch(beam: Beam, others: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The common batch shape of a beam and of what else has these batch shapes."""
    shapes = {"mass_squared": beam.mass_squared.shape[:-2], "energy": beam.energy.shape}
    shapes |= {"antineutrino": beam.antineutrino.shape, **others}
    if beam.nsi is not None:
        batches = (jnp.shape(m)[:-2] for m in beam.nsi if m is not None)
        shapes["nsi"] = jnp.broadcast_shapes(*batches)
    return _checks.common_shape(shapes)


def check_path(path: Any) -> None:
    """Raise unless it is an object that says where neutrinos go."""
    if not isinstance(path, Path | FromSun):
        _checks.fail("path", "be a path, such as Uniform(295.0)", f"it is {path!r}")
