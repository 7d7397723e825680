"""Oscillation in vacuum and in matter of constant density: S = exp(-i H L)."""

from functools import partial

import jax
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import _checks, matter
from nmmjax.constants import PDG_2026, Constants
from nmmjax.media.stretch import Stretch
from nmmjax.oscillation._blocks import blockwise
from nmmjax.oscillation._doors import checked_batch, checked_beam
from nmmjax.oscillation._propagation import Beam, density_matrices, propagation


def probability(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] = P(nu_alpha -> nu_beta) = |exp(-i H L)_beta,alpha|^2 at constant density.

    **Arguments:**

    - `mass_squared`: M^dagger M [eV^2] in the flavour basis, Hermitian, n >= 3 (sterile states after e, mu, tau).
    - `energy` [MeV], `baseline` [km], `density` [g/cm^3], `electron_fraction` (electrons per nucleon).
    - `antineutrino`: true where the beam is one of antineutrinos.
    - `nsi`: non-standard interactions eps of e, mu and tau, Hermitian, relative to those of nu_e with electrons.

    All of them broadcast. H is that of `nmmjax.matter`. Value, gradient and Hessian are right for every such matrix,
    degenerate or not. Three flavours take a closed form and more a decomposition; the two agree to rounding.
    """
    beam, way, batch = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino, nsi)
    return _probability(beam, way, batch=batch, constants=constants)


def amplitude(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """S[..., beta, alpha] = exp(-i H L)_beta,alpha, the amplitude of nu_alpha -> nu_beta.

    The phase common to all flavours is that of mass_squared as given. Arguments as for `probability`.
    """
    beam, way, batch = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino, nsi)
    return _amplitude(beam, way, batch=batch, constants=constants)


def density_matrix(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c] = S_b,alpha S_c,alpha^*, the state at the detector of a neutrino born as nu_alpha.

    Its diagonal is P(nu_alpha -> nu_b). Any other initial state rho_0 arrives as S rho_0 S^dagger, S from `amplitude`.
    Arguments as for `probability`.
    """
    beam, way, batch = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino, nsi)
    return density_matrices(_amplitude(beam, way, batch=batch, constants=constants))


@partial(jax.jit, static_argnames=("batch", "constants"))
def _probability(beam: Beam, way, *, batch, constants):
    def block(beam, way, _):
        steps = propagation(beam, constants)
        return steps.probability(steps.through(_stretch(*way)))

    return blockwise(block, beam, way, batch)


@partial(jax.jit, static_argnames=("batch", "constants"))
def _amplitude(beam: Beam, way, *, batch, constants):
    def block(beam, way, _):
        steps = propagation(beam, constants)
        return steps.amplitude(steps.through(_stretch(*way)))

    return blockwise(block, beam, way, batch)


def _stretch(baseline, density, electron_fraction) -> Stretch:
    return Stretch(baseline, density * baseline, None, electron_fraction)


def _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino, nsi):
    """The beam, its way (baseline, density and electron fraction) and the batch shape."""
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    way = {"baseline": baseline, "density": density, "electron_fraction": electron_fraction}
    way = {name: _checks.as_array(name, value, beam.energy.dtype) for name, value in way.items()}
    _checks.check_range("baseline", way["baseline"], low=0.0, unit="km")
    matter.check_matter(way["density"], way["electron_fraction"])
    return beam, list(way.values()), checked_batch(beam, **way)
