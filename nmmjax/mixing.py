"""Lepton mixing: angles and phases -> matrices, matrices -> angles and phases, and the labels of the mass states.

Convention of the Particle Data Group: nu_alpha = U_{alpha i} nu_i with U = R23 R13(delta) R12, for Majorana neutrinos
times diag(1, e^{i alpha21/2}, e^{i alpha31/2}). The functions that read a mixing matrix accept any phases of its rows;
all but `alpha21` and `alpha31` accept any phases of its columns too. A matrix with sterile states is read by its
first three rows and columns.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike, Complex, Float, Int, Num, Real

from nmmjax._checks import check_range, check_square, concrete, fail
from nmmjax._public import public_in_any_precision
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.entrywise import entries, stacked
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.numerics.trigonometry import sine_and_cosine

Rows = Sequence[Sequence[Num[Array, "..."]]]

_UNDEFINED = 64.0
"""A phase is undefined where the modulus of its carrier is below so many rounding errors."""


class Angles(NamedTuple):
    """Mixing angles, Dirac phase and Majorana phases [rad]; the last two mean something for Majorana neutrinos only."""

    theta12: Float[Array, "..."]
    theta13: Float[Array, "..."]
    theta23: Float[Array, "..."]
    delta_cp: Float[Array, "..."]
    alpha21: Float[Array, "..."]
    alpha31: Float[Array, "..."]


# Angles -> matrices


@public_in_any_precision
def pmns(
    theta12: RealLike,
    theta13: RealLike,
    theta23: RealLike,
    delta_cp: RealLike = 0.0,
) -> Complex[Array, "... 3 3"]:
    """The mixing matrix U = R23 R13(delta) R12 with U_e3 = s13 e^{-i delta} [PDG 2026, eq. 14.33].

    Angles in rad, of any sign and size; they broadcast.
    """
    for name, angle in zip(Angles._fields, (theta12, theta13, theta23, delta_cp), strict=False):
        check_range(name, angle, unit="rad")
    given = theta12, theta13, theta23, delta_cp
    angles = jnp.broadcast_arrays(*(jnp.asarray(angle, jnp.result_type(*given)) for angle in given))
    (s12, c12), (s13, c13), (s23, c23), (sine, cosine) = map(sine_and_cosine, angles)
    x, y = s13 * cosine, s13 * sine
    zero = jnp.zeros_like(x)
    rows = (
        ((c12 * c13, zero), (s12 * c13, zero), (x, -y)),
        ((-s12 * c23 - c12 * s23 * x, -c12 * s23 * y), (c12 * c23 - s12 * s23 * x, -s12 * s23 * y), (s23 * c13, zero)),
        ((s12 * s23 - c12 * c23 * x, -c12 * c23 * y), (-c12 * s23 - s12 * c23 * x, -s12 * c23 * y), (c23 * c13, zero)),
    )
    return stacked([[lax.complex(*entry) for entry in row] for row in rows])


@public_in_any_precision
def majorana_phases(alpha21: RealLike, alpha31: RealLike) -> Complex[Array, "... 3 3"]:
    """The matrix diag(1, e^{i alpha21/2}, e^{i alpha31/2}) that multiplies `pmns` from the right [PDG 2026, eq. 14.33].

    Phases in rad; they broadcast.
    """
    check_range("alpha21", alpha21, unit="rad")
    check_range("alpha31", alpha31, unit="rad")
    alphas = jnp.broadcast_arrays(jnp.zeros_like(alpha21, dtype=float), alpha21, alpha31)
    return jnp.exp(0.5j * jnp.stack(alphas, -1))[..., None] * jnp.eye(3)


@public_in_any_precision
def mass_squared_matrix(
    pmns: Num[ArrayLike, "... n n"],
    dm21: RealLike,
    dm31: RealLike,
    *further: RealLike,
) -> Complex[Array, "... n n"]:
    """Matrix U diag(0, dm21, dm31, ...) U^dagger [eV^2], flavor basis; one splitting for each state beyond the first.

    It is M^dagger M less m_1^2, for Majorana and Dirac neutrinos alike; dm31 < 0 is the inverted ordering.
    """
    check_square("pmns", pmns, at_least=3)
    splittings = (dm21, dm31, *further)
    if len(splittings) != jnp.shape(pmns)[-1] - 1:
        fail(
            "pmns",
            "have one state more than there are splittings",
            f"it has {jnp.shape(pmns)[-1]} for {len(splittings)}",
        )
    for k, splitting in enumerate(splittings, 2):
        check_range(f"dm{k}1", splitting, unit="eV^2")
    rows = [row[1:] for row in entries(jnp.asarray(pmns))]
    return _conjugate_diagonal(rows, splittings, [list(map(jnp.conj, row)) for row in rows])


@public_in_any_precision
def majorana_mass_matrix(
    pmns: Num[ArrayLike, "... n n"], masses: Real[ArrayLike, "... n"]
) -> Complex[Array, "... n n"]:
    """Majorana mass matrix M = U^* diag(m) U^dagger [unit of the masses], symmetric; U with its Majorana phases."""
    _check_masses(pmns, masses)
    rows = entries(jnp.conj(pmns))
    return _conjugate_diagonal(rows, jnp.unstack(jnp.asarray(masses), axis=-1), rows)


@public_in_any_precision
def dirac_mass_matrix(pmns: Num[ArrayLike, "... n n"], masses: Real[ArrayLike, "... n"]) -> Complex[Array, "... n n"]:
    """Dirac mass matrix M = diag(m) U^dagger [unit of the masses]; rows: right-handed mass states, columns: flavors."""
    _check_masses(pmns, masses)
    return jnp.asarray(masses)[..., :, None] * jnp.conj(jnp.swapaxes(pmns, -1, -2)) + 0j


def _check_masses(pmns: Num[ArrayLike, "... n n"], masses: Real[ArrayLike, "... n"]) -> None:
    check_square("pmns", pmns, at_least=3)
    check_range("masses", masses, low=0.0)


def _conjugate_diagonal(left: Rows, diagonal: Sequence[RealLike], right: Rows) -> Complex[Array, "... n n"]:
    """Sum_k left_ak d_k right_bk."""

    def entry(a: Sequence[Num[Array, "..."]], b: Sequence[Num[Array, "..."]]) -> Complex[Array, "..."]:
        first, *others = (x * y * d for x, y, d in zip(a, b, diagonal, strict=True))
        return sum(others, first) + 0j

    return stacked([[entry(a, b) for b in right] for a in left])


# Matrices -> angles


@public_in_any_precision
def sin2_theta12(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """sin^2 theta_12 = |U_e2|^2 / (|U_e1|^2 + |U_e2|^2); 0 with zero gradient where both vanish."""
    u = _modulus_squared(pmns)
    return _fraction(u[..., 0, 1], u[..., 0, 0])


@public_in_any_precision
def sin2_theta13(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """sin^2 theta_13 = |U_e3|^2."""
    return _modulus_squared(pmns)[..., 0, 2]


@public_in_any_precision
def sin2_theta23(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """sin^2 theta_23 = |U_mu3|^2 / (|U_mu3|^2 + |U_tau3|^2); 0 with zero gradient where both vanish."""
    u = _modulus_squared(pmns)
    return _fraction(u[..., 1, 2], u[..., 2, 2])


@public_in_any_precision
def jarlskog(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """Jarlskog invariant J = Im[U_e3 U_mu3^* U_mu1 U_e1^*] = s12 c12 s23 c23 s13 c13^2 sin(delta) [PDG 2026]."""
    return jnp.imag(_rephasing_invariant(pmns))


@public_in_any_precision
def delta_cp(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """The Dirac phase in (-pi, pi] from rephasing invariants.

    With Q = U_e3 U_mu3^* U_mu1 U_e1^* the number -(Q + |U_e1 U_e3 U_mu3|^2 / (1 - |U_e3|^2)) is
    s12 c12 s23 c23 s13 c13^2 e^{-i delta}. Where it vanishes delta is undefined: 0, with zero gradient.
    """
    u = _modulus_squared(pmns)
    cos2_theta12 = _fraction(u[..., 0, 0], u[..., 0, 1])
    return _argument(-jnp.conj(_rephasing_invariant(pmns)) - cos2_theta12 * u[..., 0, 2] * u[..., 1, 2])


@public_in_any_precision
def alpha21(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """The Majorana phase 2 arg(U_e2 U_e1^*) in (-pi, pi]; 0 with zero gradient where an element vanishes.

    The columns of U must carry the phases that make the masses real: U from a Takagi factorization.
    """
    U = _matrix(pmns)
    return _argument(U[..., 0, 1] * jnp.conj(U[..., 0, 0]), power=2)


@public_in_any_precision
def alpha31(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "..."]:
    """The Majorana phase 2 arg(U_e3 U_e1^*) + 2 delta in (-pi, pi], U from a Takagi factorization.

    With w = -(U_mu3 U_mu1^* + |U_mu3|^2 U_e3 U_e1^* / (1 - |U_e3|^2)) = s12 s23 c23 c13 e^{i alpha31/2} it is 2 arg w,
    which theta13 = 0 leaves defined; where w vanishes: 0, with zero gradient.
    """
    U, u = _matrix(pmns), _modulus_squared(pmns)
    weight = _safe_ratio(u[..., 1, 2], u[..., 0, 0] + u[..., 0, 1])
    w = -U[..., 1, 2] * jnp.conj(U[..., 1, 0]) - weight * U[..., 0, 2] * jnp.conj(U[..., 0, 0])
    return _argument(w, power=2)


@public_in_any_precision
def angles(pmns: Num[ArrayLike, "... n n"]) -> Angles:
    """All angles and phases of a mixing matrix [rad].

    theta_ij lies in [0, pi/2] and comes from moduli of elements: where one of these vanishes the angle has a kink,
    and its gradient there is zero.
    """
    u = _modulus_squared(pmns)
    e1, e2, e3, mu3, tau3 = (
        safe_sqrt(x) for x in (u[..., 0, 0], u[..., 0, 1], u[..., 0, 2], u[..., 1, 2], u[..., 2, 2])
    )
    e12 = safe_sqrt(u[..., 0, 0] + u[..., 0, 1])
    return Angles(_angle(e2, e1), _angle(e3, e12), _angle(mu3, tau3), delta_cp(pmns), alpha21(pmns), alpha31(pmns))


# Labels


@public_in_any_precision
def label_order(mass_squared: Real[ArrayLike, "... n"]) -> Int[Array, "... n"]:
    """The permutation that turns masses in ascending order into nu_1, nu_2, nu_3, ...

    Of the three lightest states nu_3 is the one whose m^2 is farther from its neighbor and nu_1 the lighter of the
    other two, so dm21 >= 0 and dm31 < 0 is the inverted ordering; equal gaps count as normal. Further states by mass.
    Apply with `jnp.take_along_axis`; the order is an integer, so gradients pass through what is permuted.
    """
    n = jnp.shape(mass_squared)[-1]
    if n < 3:
        fail("mass_squared", "have at least three entries on its last axis", f"it has {n}")
    check_range("mass_squared", mass_squared, unit="eV^2")
    values = concrete(mass_squared)
    if values is not None and (np.diff(values) < -1e-9 * np.abs(values).max(initial=0.0)).any():
        fail("mass_squared", "ascend along its last axis", f"it is {values}")
    m2 = jnp.asarray(mass_squared)
    inverted = m2[..., 1] - m2[..., 0] > m2[..., 2] - m2[..., 1]
    normal_order = jnp.arange(n)
    inverted_order = jnp.concatenate([jnp.array([1, 2, 0]), jnp.arange(3, n)])
    return jnp.where(inverted[..., None], inverted_order, normal_order)


# Pieces that keep their gradient where a modulus vanishes


def _matrix(pmns: Num[ArrayLike, "... n n"]) -> Num[Array, "... n n"]:
    check_square("pmns", pmns, at_least=3)
    return jnp.asarray(pmns)


def _modulus_squared(pmns: Num[ArrayLike, "... n n"]) -> Float[Array, "... n n"]:
    return modulus_squared(_matrix(pmns))


def _rephasing_invariant(pmns: Num[ArrayLike, "... n n"]) -> Complex[Array, "..."]:
    """Q = U_e3 U_mu3^* U_mu1 U_e1^*."""
    U = _matrix(pmns) + 0j
    return U[..., 0, 2] * jnp.conj(U[..., 1, 2]) * U[..., 1, 0] * jnp.conj(U[..., 0, 0])


def _safe_ratio(x: Float[Array, "..."], y: Float[Array, "..."]) -> Float[Array, "..."]:
    """Quotient of non-negative numbers; 0 with zero gradient where the divisor vanishes."""
    return jnp.where(y > 0.0, x / jnp.where(y > 0.0, y, 1.0), 0.0)


def _fraction(x: Float[Array, "..."], y: Float[Array, "..."]) -> Float[Array, "..."]:
    return _safe_ratio(x, x + y)


def _angle(opposite: Float[Array, "..."], adjacent: Float[Array, "..."]) -> Float[Array, "..."]:
    """arctan(opposite/adjacent) of a right triangle; 0 with zero gradient where both sides vanish."""
    void = (opposite == 0.0) & (adjacent == 0.0)
    return jnp.where(void, 0.0, jnp.arctan2(opposite, jnp.where(void, 1.0, adjacent)))


def _argument(z: Num[Array, "..."], power: int = 1) -> Float[Array, "..."]:
    """The argument of z^power in (-pi, pi]; 0 with zero gradient where z is nothing but rounding error."""
    x, y = jnp.real(z), jnp.imag(z)
    void = x**2 + y**2 <= (_UNDEFINED * jnp.finfo(x.dtype).eps) ** 2
    z = jnp.where(void, 1.0, x + 1j * y) ** power
    argument = jnp.arctan2(jnp.imag(z), jnp.real(z))
    # arctan2 gives -pi at a negative zero: the same point as pi, which the interval contains.
    return jnp.where(void, 0.0, jnp.where(argument <= -jnp.pi, argument + 2.0 * jnp.pi, argument))
