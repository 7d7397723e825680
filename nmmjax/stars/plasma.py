"""The plasma of a star: electrons at zero temperature, as in the helium core of a red giant."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax._public import public
from nmmjax.constants import EV_PER_KEV, PDG_2026, Constants
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.trigonometry import polynomial
from nmmjax.stars._numbers import electron_mass, natural, not_negative

_DENSITY_SERIES = tuple(3.0 / (2 * k + 3) * (-0.25) ** k * math.comb(2 * k, k) for k in range(14))
"""3 int_0^1 t^2 (1 + x^2 t^2)^(-1/2) dt in x^2."""


@public
def electron_density(
    density: RealLike,
    electron_fraction: RealLike = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Electron density n_e [1/cm^3] of matter of density > 0 [g/cm^3] with Y_e electrons per nucleon; helium: 1/2."""
    density = not_negative("density", density, open_low=True, unit="g/cm^3")
    electron_fraction = not_negative("electron_fraction", electron_fraction, open_low=True, high=1.0)
    return constants.avogadro * density * electron_fraction


@public
def plasma_frequency(
    density: RealLike,
    electron_fraction: RealLike = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Plasma frequency omega_pl = sqrt(4 pi alpha n_e / E_F) [keV], E_F^2 = m_e^2 + (3 pi^2 n_e)^(2/3).

    18.0 keV at 1e6 g/cm^3 of helium. E. Braaten and D. Segel, Phys. Rev. D 48, 1478 (1993), degenerate limit.
    """
    number = natural(electron_density(density, electron_fraction, constants=constants), constants)
    fermi_energy = jnp.sqrt(jnp.cbrt(3.0 * math.pi**2 * number) ** 2 + electron_mass(constants) ** 2)
    return jnp.sqrt(4.0 * math.pi * constants.fine_structure * number / fermi_energy) / EV_PER_KEV


@public
def scalar_density(
    density: RealLike,
    electron_fraction: RealLike = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Scalar density <ebar e> [1/cm^3] of electrons, what a scalar couples to; n_e less the slowness of fast ones:

    n_s = (m_e^3 / 2 pi^2) [x sqrt(1 + x^2) - asinh x],   x = p_F / m_e.
    """
    number = electron_density(density, electron_fraction, constants=constants)
    x = jnp.cbrt(3.0 * math.pi**2 * natural(number, constants)) / electron_mass(constants)
    small = x < 0.2
    series = polynomial(_DENSITY_SERIES, jnp.where(small, x, 0.0) ** 2)
    x = jnp.where(small, 1.0, x)
    return number * jnp.where(small, series, 1.5 * (x * jnp.sqrt(1.0 + x**2) - jnp.arcsinh(x)) / x**3)
