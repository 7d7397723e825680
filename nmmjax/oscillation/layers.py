"""Oscillation through layers of matter, each of constant density: S = S_n ... S_2 S_1."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import _checks
from nmmjax.constants import PDG_2026, Constants
from nmmjax.media.stretch import Stretch
from nmmjax.oscillation._blocks import blockwise
from nmmjax.oscillation._doors import checked_batch, checked_beam
from nmmjax.oscillation._propagation import Beam, chain, density_matrices, propagation


def probability_layers(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    lengths: Real[Array, "... layers"],
    densities: Real[Array, "... layers"],
    electron_fractions: Real[Array, "... layers"] | float = 0.5,
    *,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] = P(nu_alpha -> nu_beta) through layers, the last axis ordered from source to detector.

    **Arguments:**

    - `lengths` [km], `densities` [g/cm^3] and `electron_fractions` have equally many layers, or one value for them all;
      a layer of no length changes nothing. Their other axes broadcast with `energy`, `antineutrino` and the batch axes
      of `mass_squared` and `nsi`.
    - The rest is as for `nmmjax.oscillation.probability`.
    """
    beam, way, batch = _checked(mass_squared, energy, lengths, densities, electron_fractions, antineutrino, nsi)
    return _probability(beam, way, batch=batch, constants=constants)


def amplitude_layers(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    lengths: Real[Array, "... layers"],
    densities: Real[Array, "... layers"],
    electron_fractions: Real[Array, "... layers"] | float = 0.5,
    *,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """S[..., beta, alpha], the amplitude of nu_alpha -> nu_beta. Arguments as for `probability_layers`."""
    beam, way, batch = _checked(mass_squared, energy, lengths, densities, electron_fractions, antineutrino, nsi)
    return _amplitude(beam, way, batch=batch, constants=constants)


def density_matrix_layers(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    lengths: Real[Array, "... layers"],
    densities: Real[Array, "... layers"],
    electron_fractions: Real[Array, "... layers"] | float = 0.5,
    *,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c], the state of a neutrino born as nu_alpha. Arguments as for `probability_layers`."""
    beam, way, batch = _checked(mass_squared, energy, lengths, densities, electron_fractions, antineutrino, nsi)
    return density_matrices(_amplitude(beam, way, batch=batch, constants=constants))


@partial(jax.jit, static_argnames=("batch", "constants"))
def _probability(beam: Beam, way, *, batch, constants):
    def block(beam, way, batch):
        steps = propagation(beam, constants)
        return steps.probability(chain(steps, _stretches(*way), steps.nothing_of_two(batch)))

    return blockwise(block, beam, way, batch, axes=1)


@partial(jax.jit, static_argnames=("batch", "constants"))
def _amplitude(beam: Beam, way, *, batch, constants):
    def block(beam, way, batch):
        steps = propagation(beam, constants)
        return steps.amplitude(chain(steps, _stretches(*way), steps.nothing(batch)))

    return blockwise(block, beam, way, batch, axes=1)


def _stretches(lengths, densities, electron_fractions) -> Stretch:
    """Layers on the first axis."""
    rows = (jnp.moveaxis(x, -1, 0) for x in (lengths, densities * lengths, electron_fractions))
    length, column, electron_fraction = rows
    return Stretch(length, column, None, electron_fraction)


def _checked(mass_squared, energy, lengths, densities, electron_fractions, antineutrino, nsi):
    """The beam, its way (lengths, densities and electron fractions with equally many layers) and the batch shape."""
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    way = {"lengths": lengths, "densities": densities, "electron_fractions": electron_fractions}
    way = {name: _checks.as_array(name, value, beam.energy.dtype) for name, value in way.items()}
    way = {name: x.reshape(x.shape or (1,)) for name, x in way.items()}
    _checks.check_range("lengths", way["lengths"], low=0.0, unit="km")
    _checks.check_range("densities", way["densities"], low=0.0, unit="g/cm^3")
    _checks.check_range("electron_fractions", way["electron_fractions"], low=0.0, high=1.0)
    if way["lengths"].shape[-1] == 0:
        _checks.fail("lengths", "have at least one layer", f"its shape is {way['lengths'].shape}")
    counts = [x.shape[-1] for x in way.values()]
    layers = next((count for count in counts if count != 1), 1)
    for name, x in way.items():
        if x.shape[-1] not in (1, layers):
            shapes = {other: value.shape for other, value in way.items()}
            _checks.fail(name, f"have {layers} layers on its last axis, or one value", f"the shapes are {shapes}")
    batch = checked_batch(beam, **{name: x[..., 0] for name, x in way.items()})
    return beam, [jnp.broadcast_to(x, (*x.shape[:-1], layers)) for x in way.values()], batch
