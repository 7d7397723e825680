"""The dipole portal on protons: whole, with their form factors, and broken, by their structure function.

Contracted with the current of a proton (`scattering.proton`), nu(k) -> N(k') by L = (1/2) mu antinu sigma N_R F gives

    d^2 sigma / dQ^2 dnu = (alpha mu^2 / 4 E^2 Q^4) { W_2 [4 Q^2 e^2 - m^2 (m^2 + Q^2) (1 + nu^2 / Q^2)]
                                                     + W_1 (m^2 + Q^2) (2 m^2 - Q^2) },
    e = E - nu (m^2 + Q^2) / 2 Q^2,

nu the energy that the photon brings and Q^2 minus its mass squared. With W_2 = 1, W_1 = Q^2 / 4 M^2 it is the point of
spin 1/2 of `scattering.dipole_portal`. It is what coherent scattering on a nucleus leaves over where q_0 = m^2 / 2E is
beyond 1/R: protons in a nucleus count one by one with 1 - F(q)^2, which keeps the sum over final states; Pauli blocking
and binding beyond that are left out. G.-y. Huang, S. Jana, M. Lindner and W. Rodejohann, 2204.10347, discuss the parts.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import KEV_PER_MEV, MEV_PER_GEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.quadrature import gauss_legendre_mean
from nmmjax.numerics.special import larger, safe_sqrt, smaller
from nmmjax.scattering.electromagnetic import moment_scale
from nmmjax.scattering.form_factor import helm_of_squared
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.scattering.proton import PROTON_MASS, allm, dipoles

Rule = tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]

_PION = 139.57039
"""[MeV]."""
_MOMENTA, _MASSES = gauss_legendre_mean(64), gauss_legendre_mean(64)
"""In ln Q^2, and in ln (W - M) of what the proton breaks into."""


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    heavy_mass: RealLike,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section dsigma/dT [cm^2 / keV] of nu -> N on a free proton that stays whole, zero out of reach.

    **Arguments:** E > 0 and m >= 0 [MeV], T > 0 [keV], moment mu >= 0 [mu_B], which broadcast.
    """
    energy, heavy_mass, moment = _checked(energy, heavy_mass, moment)
    recoil = _checks.as_array("recoil_energy", recoil_energy, float)
    _checks.check_range("recoil_energy", recoil, low=0.0, open_low=True, unit="keV")
    energy, heavy_mass, recoil = jnp.broadcast_arrays(energy, heavy_mass, jnp.asarray(recoil) / KEV_PER_MEV)
    return moment**2 * _elastic_differential(energy, recoil, heavy_mass, constants=constants)


@public
def elastic_cross_section(
    energy: RealLike,
    heavy_mass: RealLike,
    *,
    nucleus: Nucleus | None = None,
    moment: RealLike = 1.0,
    low: RealLike = 0.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section of nu -> N [cm^2] on a proton that stays whole; of the Z protons of a nucleus where one is given.

    In a nucleus each recoil counts with 1 - F(q)^2, F the form factor of coherent scattering.

    **Arguments:** E > 0 and m > 0 [MeV], mu >= 0 [mu_B], least recoil `low` >= 0 [keV], which broadcast.
    """
    energy, heavy_mass, moment = _checked(energy, heavy_mass, moment, massive=True)
    low = _checks.as_array("low", low, float)
    _checks.check_range("low", low, low=0.0, unit="keV")
    energy, heavy_mass, low = jnp.broadcast_arrays(energy, heavy_mass, jnp.asarray(low) / KEV_PER_MEV)
    return moment**2 * _elastic(energy, heavy_mass, low, nucleus, constants=constants)


@public
def inelastic_cross_section(
    energy: RealLike,
    heavy_mass: RealLike,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section of nu -> N [cm^2] on a proton that breaks, from the first pion on, with F_2 = 2 x F_1 of ALLM97.

    A neutron has 0.4 (x near 1) to 1 (x small) of it. F_2 is known to a few per cent; without F_L the part of W_1 is
    right to 20 %. Above E = 1e8 MeV part of it lies beyond the data, W > 300 GeV. Fixed nodes, right to 1e-6.

    **Arguments:** E > 0 and m > 0 [MeV], mu >= 0 [mu_B], which broadcast.
    """
    energy, heavy_mass, moment = _checked(energy, heavy_mass, moment, massive=True)
    energy, heavy_mass = jnp.broadcast_arrays(energy, heavy_mass)
    return moment**2 * _inelastic(energy, heavy_mass, constants=constants)


# In MeV from here on


def _spectrum(energy: Real, squared: Real, nu: Real, m: Real, waves: tuple[Real, Real]) -> Real:
    """d^2 sigma / dQ^2 dnu over alpha mu^2 for (W_1, W_2)."""
    first, second = waves
    both = m**2 + squared
    e = energy - 0.5 * nu * both / squared
    brackets = second * (4.0 * squared * e**2 - m**2 * both * (1.0 + nu**2 / squared))
    return (brackets + first * both * (2.0 * m**2 - squared)) / (4.0 * energy**2 * squared**2)


def _momenta(energy: Real, m: Real, W: Real) -> tuple[Real, Real, Bool[Array, "..."]]:
    """Least and greatest Q^2 [MeV^2] where the proton becomes a mass W, and whether there are any.

    Q^2 = m^2 (2 (W^2 - M^2) + 4 m^2 W^2 / (A + d)) / (A + 2 m^2 + d), A = s - m^2 - W^2, d^2 = A^2 - 4 m^2 W^2: nothing
    cancels.
    """
    M2 = PROTON_MASS**2
    s = M2 + 2.0 * PROTON_MASS * energy
    opened = s > (m + W) ** 2
    s = jnp.where(opened, s, (m + W) ** 2 + 1.0)
    A = s - m**2 - W**2
    d = safe_sqrt(A**2 - 4.0 * m**2 * W**2)
    forward = A + 2.0 * m**2 + d
    least = m**2 * (2.0 * (W**2 - M2) + 4.0 * m**2 * W**2 / (A + d)) / forward
    return least, 0.5 * (s - M2) * forward / s - m**2, opened


def _waves(squared: Real) -> tuple[Real, Real]:
    """W_1 and W_2 of a proton that stays whole, without their delta(nu - Q^2 / 2M)."""
    electric, magnetic = dipoles(squared)
    tau = squared / (4.0 * PROTON_MASS**2)
    return tau * magnetic**2, (electric**2 + tau * magnetic**2) / (1.0 + tau)


@partial(jax.jit, static_argnames="constants")
def _elastic_differential(energy: Real, recoil: Real, m: Real, *, constants: Constants) -> Real:
    squared = 2.0 * PROTON_MASS * recoil
    least, greatest, opened = _momenta(energy, m, jnp.asarray(PROTON_MASS))
    values = _spectrum(energy, squared, recoil, m, _waves(squared)) * 2.0 * PROTON_MASS
    reached = opened & (squared >= least) & (squared <= greatest)
    return jnp.where(reached, moment_scale(constants) * values / KEV_PER_MEV, 0.0)


@partial(jax.jit, static_argnames="constants")
def _elastic(energy: Real, m: Real, low: Real, nucleus: Nucleus | None, *, constants: Constants) -> Real:
    least, greatest, opened = _momenta(energy, m, jnp.asarray(PROTON_MASS))
    least = smaller(larger(least, 2.0 * PROTON_MASS * low), greatest)
    squared, weights = _logarithmic(least, greatest, _MOMENTA)
    values = _spectrum(energy[..., None], squared, 0.5 * squared / PROTON_MASS, m[..., None], _waves(squared))
    if nucleus is not None:
        values = values * _protons(squared, nucleus, constants)
    return jnp.where(opened, moment_scale(constants) * jnp.sum(weights * values, -1), 0.0)


def _protons(squared: Real, nucleus: Nucleus, constants: Constants) -> Real:
    """Protons of a nucleus that scatter one by one, Z (1 - F^2), mean over isotopes."""
    form = helm_of_squared(squared[..., None] / constants.hbar_c**2, nucleus.proton_radius)
    return jnp.sum(nucleus.abundance * nucleus.protons * (1.0 - form**2), -1)


@partial(jax.jit, static_argnames="constants")
def _inelastic(energy: Real, m: Real, *, constants: Constants) -> Real:
    first = PROTON_MASS + _PION
    energy, m = energy[..., None], m[..., None]
    end = jnp.sqrt(PROTON_MASS**2 + 2.0 * PROTON_MASS * energy) - m
    opened = end > first
    above, in_mass = _logarithmic(
        jnp.full_like(end[..., 0], _PION), jnp.where(opened, end, 2.0 * first)[..., 0] - PROTON_MASS, _MASSES
    )
    W = PROTON_MASS + above
    least, greatest, reached = _momenta(energy, m, W)
    squared, in_momentum = _logarithmic(least, larger(greatest, least), _MOMENTA)
    gap = (W**2 - PROTON_MASS**2)[..., None]
    nu = 0.5 * (gap + squared) / PROTON_MASS
    x = squared / (gap + squared)
    second = allm(x, squared / MEV_PER_GEV**2, gap / MEV_PER_GEV**2)
    waves = (0.5 * second / (x * PROTON_MASS), second / nu)
    values = _spectrum(energy[..., None], squared, nu, m[..., None], waves)
    inner = jnp.where(reached, jnp.sum(in_momentum * values, -1), 0.0)
    total = jnp.sum(in_mass * W / PROTON_MASS * inner, -1)
    return jnp.where(opened[..., 0], moment_scale(constants) * total, 0.0)


def _logarithmic(low: Real, high: Real, rule: Rule) -> tuple[Real, Real]:
    """Nodes in the logarithm on a new last axis, and weights, between 0 < low <= high."""
    u, weights = map(jnp.asarray, rule)
    log = jnp.log(high / low)[..., None]
    nodes = low[..., None] * jnp.exp(log * u)
    return nodes, weights * log * nodes


def _checked(
    energy: RealLike, heavy_mass: RealLike, moment: RealLike, *, massive: bool = False
) -> tuple[Real, Real, Real]:
    arguments = (
        ("energy", energy, True, "MeV"),
        ("heavy_mass", heavy_mass, massive, "MeV"),
        ("moment", moment, False, "mu_B"),
    )
    found = []
    for name, value, open_low, unit in arguments:
        _checks.check_double_precision(name)
        array = _checks.as_array(name, value, float)
        _checks.check_range(name, array, low=0.0, open_low=open_low, unit=unit)
        found.append(jnp.asarray(array))
    return found[0], found[1], found[2]
