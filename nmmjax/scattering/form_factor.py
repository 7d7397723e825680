"""How a nucleus is spread out: the form factor of its protons or neutrons, and its size."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.trigonometry import polynomial

SKIN = 0.9
"""s of the Helm form factor [fm]."""
_SERIES = tuple((-1.0) ** k * 6.0 * (k + 1) / math.factorial(2 * k + 3) for k in range(12))
"""3 j_1(x) / x in x^2, to rounding for x <= 1."""


@public
def standard_radius(mass_number: ArrayLike) -> Float[Array, "..."]:
    """Root mean square radius [fm] of A nucleons:

        R_rms^2 = (3/5) (c^2 + (7/3) pi^2 a^2),    c = 1.23 A^(1/3) - 0.60 fm,    a = 0.52 fm.

    J. D. Lewin and P. F. Smith, Astropart. Phys. 6, 87 (1996), eqs. 10 and 11.
    """
    _checks.check_range("mass_number", mass_number, low=1.0)
    return _standard_radius(_checks.as_array("mass_number", mass_number, float))


@jax.jit
def _standard_radius(mass_number: Real) -> Real:
    half_density = 1.23 * jnp.cbrt(mass_number) - 0.60
    return jnp.sqrt(0.6 * (half_density**2 + 7.0 / 3.0 * (math.pi * 0.52) ** 2))


@public
def helm(momentum: RealLike, radius: RealLike, *, skin: float = SKIN) -> Float[Array, "..."]:
    """The form factor of a ball with a soft skin, one at q = 0:

        F(q) = 3 j_1(q R_0) / (q R_0) exp(-q^2 s^2 / 2),    R_0^2 = (5/3) (R_rms^2 - 3 s^2).

    **Arguments:** q >= 0 [1/fm], root mean square radius >= sqrt(3) s [fm], which broadcast, and s [fm].

    R. H. Helm, Phys. Rev. 104, 1466 (1956).
    """
    momentum = _checks.as_array("momentum", momentum, float)
    _checks.check_range("momentum", momentum, low=0.0, unit="1/fm")
    _checks.check_range("skin", skin, low=0.0, unit="fm")
    _checks.check_range("radius", radius, low=math.sqrt(3.0) * skin, unit="fm")
    return helm_of_squared(jnp.asarray(momentum) ** 2, jnp.asarray(radius), skin)


def helm_of_squared(
    momentum_squared: Float[Array, "..."], radius: Float[Array, "..."], skin: float = SKIN
) -> Float[Array, "..."]:
    """Helm form factor as a function of q^2 [1/fm^2], in which it is analytic; nothing is checked."""
    z = momentum_squared * ball_radius_squared(radius, skin)
    small = z < 1.0
    series = polynomial(_SERIES, jnp.where(small, z, 0.0))
    x = jnp.sqrt(jnp.where(small, 1.0, z))
    ball = jnp.where(small, series, 3.0 * (jnp.sin(x) - x * jnp.cos(x)) / x**3)
    return ball * jnp.exp(-0.5 * momentum_squared * skin**2)


def ball_radius_squared(radius: Float[Array, "..."], skin: float = SKIN) -> Float[Array, "..."]:
    """Squared ball radius R_0^2 [fm^2] of the Helm form factor with this root mean square radius [fm]."""
    return 5.0 / 3.0 * (radius**2 - 3.0 * skin**2)
