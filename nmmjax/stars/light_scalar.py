"""A light scalar that makes neutrinos heavy in matter: L = -(y_nu / 2) antinu^c phi nu - y_e phi ebar e + h.c."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_KM, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.trigonometry import polynomial
from nmmjax.stars._numbers import centimeters_ev, natural, not_negative

_CENTER = tuple((-1.0) ** n / (math.factorial(n) * (n + 2)) for n in range(20))
"""[1 - (1 + k) e^-k] / k^2 in k, to rounding for k <= 1."""
_SINH = tuple(1.0 / math.factorial(2 * n + 1) for n in range(11))
"""sinh w / w in w^2, to rounding for w <= 1."""


@public
def mass_in_medium(
    source_density: RealLike,
    m_scalar: RealLike,
    *,
    electron_coupling: RealLike,
    neutrino_coupling: RealLike,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Neutrino mass m_nu = y_nu y_e n / m_phi^2 [eV] in matter without an end.

    **Arguments:** n >= 0 [1/cm^3], see `scalar_density`; m_phi > 0 [eV]; dimensionless y_e and y_nu, of either sign.

    K. S. Babu, G. Chauhan and P. S. B. Dev, Phys. Rev. D 101, 095029 (2020), 1912.13488.
    """
    source, m_scalar = _source(source_density, constants), not_negative("m_scalar", m_scalar, open_low=True, unit="eV")
    return _coupling(electron_coupling, neutrino_coupling) * source / m_scalar**2


@public
def mass_in_star(
    source_density: RealLike,
    m_scalar: RealLike,
    radius: RealLike,
    position: RealLike = 0.0,
    *,
    electron_coupling: RealLike,
    neutrino_coupling: RealLike,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Neutrino mass [eV] inside a uniform sphere, where the range of the scalar is not short against its radius R:

        m_nu(r) = (y_nu y_e n / m_phi^2) [1 - (1 + kappa) e^-kappa sinh(kappa r/R) / (kappa r/R)],   kappa = m_phi R.

    Smooth at m_phi = 0, y_nu y_e n (R^2 / 2 - r^2 / 6).

    **Arguments:** as in `mass_in_medium`, m_phi >= 0 [eV]; R > 0 [km]; r/R in 0 ... 1, by default the center.

    A. Y. Smirnov and X.-J. Xu, JHEP 12 (2019) 046, 1909.07505.
    """
    source, m_scalar = _source(source_density, constants), not_negative("m_scalar", m_scalar, unit="eV")
    position = not_negative("position", position, high=1.0)
    length = not_negative("radius", radius, open_low=True, unit="km") * CM_PER_KM / centimeters_ev(constants)
    shape = _sphere(m_scalar * length, position)
    return _coupling(electron_coupling, neutrino_coupling) * source * length**2 * shape


def _sphere(kappa: Real, u: Real) -> Real:
    """[1 - (1 + kappa) e^-kappa sinh(kappa u) / (kappa u)] / kappa^2, without cancellation at either end."""
    small = kappa < 1.0
    k, w = jnp.where(small, kappa, 0.0), jnp.where(small, kappa * u, 0.0)
    wide = polynomial(_CENTER, k) - (1.0 + k) * jnp.exp(-k) * u**2 * polynomial(_SINH[1:], w**2)
    k = jnp.where(small, 1.0, kappa)
    near = k * u < 1.0
    inner = jnp.exp(-k) * polynomial(_SINH, jnp.where(near, k * u, 0.0) ** 2)
    w = jnp.where(near, 1.0, k * u)
    outer = 0.5 * (jnp.exp(w - k) - jnp.exp(-w - k)) / w
    return jnp.where(small, wide, (1.0 - (1.0 + k) * jnp.where(near, inner, outer)) / k**2)


def _source(density: RealLike, constants: Constants) -> Real:
    return natural(not_negative("source_density", density, unit="1/cm^3"), constants)


def _coupling(electron: RealLike, neutrino: RealLike) -> Real:
    for name, value in (("electron_coupling", electron), ("neutrino_coupling", neutrino)):
        _checks.check_range(name, _checks.as_array(name, value, float))
    return jnp.asarray(electron) * jnp.asarray(neutrino)
