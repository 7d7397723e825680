"""Oscillation in vacuum and in matter of constant density: S = exp(-i H L)."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import _checks, matter
from nmmjax.constants import PDG_2026, Constants
from nmmjax.numerics import hermitian
from nmmjax.oscillation import _three

_NAMES = ("mass_squared", "energy", "baseline", "density", "electron_fraction", "antineutrino")


def probability(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] = P(nu_alpha -> nu_beta) = |exp(-i H L)_beta,alpha|^2 at constant density.

    **Arguments:**

    - `mass_squared`: M^dagger M [eV^2] in the flavour basis, Hermitian, n >= 3 (sterile states after e, mu, tau).
    - `energy` [MeV], `baseline` [km], `density` [g/cm^3], `electron_fraction` (electrons per nucleon).
    - `antineutrino`: true where the beam is one of antineutrinos.

    All of them broadcast. H is that of `nmmjax.matter`. Value, gradient and Hessian are right for every such matrix,
    degenerate or not. Three flavours take a closed form and more a decomposition; the two agree to rounding.
    """
    arguments = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino)
    return _probability(*arguments, constants=constants)


def amplitude(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """S[..., beta, alpha] = exp(-i H L)_beta,alpha, the amplitude of nu_alpha -> nu_beta.

    The phase common to all flavours is that of mass_squared as given. Arguments as for `probability`.
    """
    arguments = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino)
    return _amplitude(*arguments, constants=constants)


def density_matrix(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c] = S_b,alpha S_c,alpha^*, the state at the detector of a neutrino born as nu_alpha.

    Its diagonal is P(nu_alpha -> nu_b). Any other initial state rho_0 arrives as S rho_0 S^dagger, S from `amplitude`.
    Arguments as for `probability`.
    """
    arguments = _checked(mass_squared, energy, baseline, density, electron_fraction, antineutrino)
    return _density_matrix(*arguments, constants=constants)


@partial(jax.jit, static_argnames="constants")
def _probability(mass_squared, energy, baseline, density, electron_fraction, antineutrino, *, constants):
    arguments = (mass_squared, energy, baseline, density, electron_fraction, antineutrino, constants)
    if jnp.shape(mass_squared)[-1] == 3:
        X, _ = _phase_matrix(*arguments)
        return _stacked(_three.probabilities(_three.evolution(X).S))
    S = jnp.swapaxes(_decomposed(*arguments), -1, -2)
    return jnp.real(S) ** 2 + jnp.imag(S) ** 2


@partial(jax.jit, static_argnames="constants")
def _amplitude(mass_squared, energy, baseline, density, electron_fraction, antineutrino, *, constants):
    arguments = (mass_squared, energy, baseline, density, electron_fraction, antineutrino, constants)
    if jnp.shape(mass_squared)[-1] != 3:
        return _decomposed(*arguments)
    X, common = _phase_matrix(*arguments)
    phase, S = _three.evolution(X)
    turn = jnp.exp(1j * (phase - common))
    return _stacked([[(x + 1j * y) * turn for x, y in row] for row in S])


@partial(jax.jit, static_argnames="constants")
def _density_matrix(mass_squared, energy, baseline, density, electron_fraction, antineutrino, *, constants):
    S = _amplitude(mass_squared, energy, baseline, density, electron_fraction, antineutrino, constants=constants)
    states = jnp.swapaxes(S, -1, -2)
    return states[..., :, None] * jnp.conj(states)[..., None, :]


def _phase_matrix(mass_squared, energy, baseline, density, electron_fraction, antineutrino, constants):
    """The traceless part of H L, and the third of its trace [rad]."""
    m = jnp.asarray(mass_squared)
    sign = matter.charge_sign(antineutrino)
    x = [[jnp.real(m[..., a, b]) for b in range(3)] for a in range(3)]
    y = [[jnp.imag(m[..., a, b]) * sign for b in range(3)] for a in range(3)]
    scale = constants.phase * jnp.asarray(baseline) / energy
    potential = matter.charged_current_potential(density, electron_fraction, constants=constants)
    third = sign * potential * baseline / 3.0
    mean = (x[0][0] + x[1][1] + x[2][2]) / 3.0
    X = _three.Hermitian(
        (x[0][0] - mean) * scale + 2.0 * third,
        (x[1][1] - mean) * scale - third,
        (x[2][2] - mean) * scale - third,
        *(part[a][b] * scale for a, b in ((0, 1), (0, 2), (1, 2)) for part in (x, y)),
    )
    return X, mean * scale + third


def _decomposed(mass_squared, energy, baseline, density, electron_fraction, antineutrino, constants):
    """exp(-i H L) for any number of flavours."""
    H = matter.hamiltonian(
        mass_squared,
        energy,
        density=density,
        electron_fraction=electron_fraction,
        antineutrino=antineutrino,
        constants=constants,
    )
    return hermitian.exp_minus_i(H, jnp.asarray(baseline))


def _stacked(rows):
    """Rows of arrays that broadcast -> (..., 3, 3), nested so that who picks one entry computes that entry alone."""
    shape = jnp.broadcast_shapes(*(entry.shape for row in rows for entry in row))
    return jnp.stack([jnp.stack([jnp.broadcast_to(entry, shape) for entry in row], -1) for row in rows], -2)


def _checked(*arguments):
    """The arguments as arrays; errors before anything is compiled."""
    arguments = tuple(map(_checks.as_array, _NAMES, arguments))
    mass_squared, energy, baseline, density, electron_fraction, antineutrino = arguments
    matter.check_propagation(mass_squared, energy, antineutrino)
    _checks.check_range("baseline", baseline, low=0.0, unit="km")
    matter.check_matter(density, electron_fraction)
    shapes = [mass_squared.shape[:-2], *(x.shape for x in arguments[1:])]
    try:
        jnp.broadcast_shapes(*shapes)
    except ValueError:
        must = "broadcast (without its last two axes) with the other arguments"
        _checks.fail("mass_squared", must, f"the shapes are {shapes}")
    return arguments
