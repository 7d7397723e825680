"""Checks at the doors of oscillation: arguments as arrays, errors before anything is compiled."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Bool, Num, Real

from nmmjax import _checks, matter
from nmmjax.oscillation._propagation import Beam


def checked_beam(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    antineutrino: Bool[Array, "..."] | bool,
    nsi: Num[Array, "... 3 3"] | None,
) -> Beam:
    """What evolves, if it can. Everything takes the precision of the mass matrix; `energy` then shows which."""
    mass_squared = _checks.as_array("mass_squared", mass_squared)
    precision = _precision(mass_squared)
    mass_squared = _checks.as_array("mass_squared", mass_squared, precision)
    energy = _checks.as_array("energy", energy, precision)
    antineutrino = _checks.as_array("antineutrino", antineutrino)
    matter.check_propagation(mass_squared, energy, antineutrino)
    if nsi is not None:
        nsi = _checks.as_array("nsi", nsi, precision)
        matter.check_nsi(nsi)
    return Beam(mass_squared, energy, antineutrino, nsi)


def checked_batch(beam: Beam, **others: Any) -> tuple[int, ...]:
    """The common batch shape of a beam and of arrays without the axes that are not batch axes."""
    shapes = {"mass_squared": beam.mass_squared.shape[:-2], "energy": beam.energy.shape}
    shapes |= {"antineutrino": beam.antineutrino.shape} | {name: x.shape for name, x in others.items()}
    if beam.nsi is not None:
        shapes["nsi"] = beam.nsi.shape[:-2]
    common: tuple[int, ...] = ()
    for name, shape in shapes.items():
        try:
            common = jnp.broadcast_shapes(common, shape)
        except ValueError:
            must = "broadcast (without its matrix or layer axes) with the arguments before it"
            _checks.fail(name, must, f"the shapes are {shapes}")
    return common


def _precision(mass_squared: Num[Array, "... n n"]) -> Any:
    return jnp.float32 if mass_squared.dtype in (jnp.float32, jnp.complex64) else float
