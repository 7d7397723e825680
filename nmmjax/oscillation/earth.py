"""Oscillation through the Earth, from where a neutrino is born to a detector near the surface."""

from functools import partial

import jax
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import _checks
from nmmjax.constants import PDG_2026, Constants
from nmmjax.media.earth import EarthModel, check_path
from nmmjax.media.stretch import Stretch
from nmmjax.oscillation._blocks import blockwise
from nmmjax.oscillation._doors import checked_batch, checked_beam
from nmmjax.oscillation._propagation import Beam, chain, density_matrices, propagation


def probability_earth(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    cos_zenith: Real[Array, "..."] | float,
    *,
    earth: EarthModel | None = None,
    production_height: Real[Array, "..."] | float = 0.0,
    detector_depth: Real[Array, "..."] | float = 0.0,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] = P(nu_alpha -> nu_beta) of neutrinos that come from a zenith angle: -1 is straight up.

    **Arguments:**

    - `earth`: `EarthModel.prem()` unless another is given; its docstring states the error of the layering.
    - `production_height` above the surface [km], and `detector_depth` below it, at most 10 km.
    - The rest is as for `nmmjax.oscillation.probability`; all broadcast, and what does not depend on the energy is
      computed once for all energies that share a zenith angle.

    Derivatives in the zenith angle leave out a shell that is touched exactly, whose length grows as a square root, and
    at the horizon are those from above.
    """
    earth = EarthModel.prem() if earth is None else earth
    beam, way, batch = _checked(
        mass_squared, energy, cos_zenith, production_height, detector_depth, antineutrino, nsi, earth
    )
    return _probability(beam, way, earth, batch=batch, constants=constants)


def amplitude_earth(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    cos_zenith: Real[Array, "..."] | float,
    *,
    earth: EarthModel | None = None,
    production_height: Real[Array, "..."] | float = 0.0,
    detector_depth: Real[Array, "..."] | float = 0.0,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """S[..., beta, alpha], the amplitude of nu_alpha -> nu_beta. Arguments as for `probability_earth`."""
    earth = EarthModel.prem() if earth is None else earth
    beam, way, batch = _checked(
        mass_squared, energy, cos_zenith, production_height, detector_depth, antineutrino, nsi, earth
    )
    return _amplitude(beam, way, earth, batch=batch, constants=constants)


def density_matrix_earth(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    cos_zenith: Real[Array, "..."] | float,
    *,
    earth: EarthModel | None = None,
    production_height: Real[Array, "..."] | float = 0.0,
    detector_depth: Real[Array, "..."] | float = 0.0,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c], the state of a neutrino born as nu_alpha. Arguments as for `probability_earth`."""
    earth = EarthModel.prem() if earth is None else earth
    beam, way, batch = _checked(
        mass_squared, energy, cos_zenith, production_height, detector_depth, antineutrino, nsi, earth
    )
    return density_matrices(_amplitude(beam, way, earth, batch=batch, constants=constants))


@partial(jax.jit, static_argnames=("batch", "constants"))
def _probability(beam: Beam, way, earth: EarthModel, *, batch, constants):
    def block(beam, way, batch):
        steps = propagation(beam, constants)
        return steps.probability(chain(steps, _stretches(earth, *way), steps.nothing_of_two(batch)))

    return blockwise(block, beam, way, batch)


@partial(jax.jit, static_argnames=("batch", "constants"))
def _amplitude(beam: Beam, way, earth: EarthModel, *, batch, constants):
    def block(beam, way, batch):
        steps = propagation(beam, constants)
        return steps.amplitude(chain(steps, _stretches(earth, *way), steps.nothing(batch)))

    return blockwise(block, beam, way, batch)


def _stretches(earth: EarthModel, cos_zenith, production_height, detector_depth) -> Stretch:
    path = earth.path(cos_zenith, production_height=production_height, detector_depth=detector_depth)
    return path.in_order()


def _checked(mass_squared, energy, cos_zenith, production_height, detector_depth, antineutrino, nsi, earth):
    """The beam, its way (zenith, height, depth) and the batch shape."""
    _checks.check_instance("earth", earth, EarthModel)
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    way = {"cos_zenith": cos_zenith, "production_height": production_height, "detector_depth": detector_depth}
    way = {name: _checks.as_array(name, value, beam.energy.dtype) for name, value in way.items()}
    check_path(*way.values(), outer_radius=earth.outer_radius)
    return beam, list(way.values()), checked_batch(beam, **way)
