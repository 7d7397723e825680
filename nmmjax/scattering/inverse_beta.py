"""Inverse beta decay, nubar_e + p -> e+ + n: how often it happens, and the energy that the positron leaves behind.

Everything is to first order in the recoil of the neutron, averaged over its direction.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.special import larger, safe_sqrt
from nmmjax.scattering.kinematics import ELECTRON_MASS

NUCLEON_MASS, NEUTRON_MINUS_PROTON = 938.919, 1.29333236
"""Masses [MeV]; that of the nucleon is the mean of proton and neutron."""
THRESHOLD = NEUTRON_MINUS_PROTON + ELECTRON_MASS
"""Antineutrino energy at which the cross section as given here sets in [MeV]; recoil lifts the true one by 0.0018."""

_RECOIL = 0.5 * (NEUTRON_MINUS_PROTON**2 - ELECTRON_MASS**2) / NUCLEON_MASS


@public
def cross_section(energy: RealLike) -> Float[Array, "..."]:
    """Total cross section [cm^2] of an antineutrino of energy E > 0 [MeV] on a free proton, zero below threshold:

        sigma = 1e-43 cm^2 p_e E_e E^(-0.07056 + 0.02018 ln E - 0.001953 ln^3 E),    E_e = E - (m_n - m_p),

    all in MeV; within a few per mille of the full result up to 300 MeV. It sets in like a square root.

    A. Strumia and F. Vissani, Phys. Lett. B 564, 42 (2003), eq. 25.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    return _cross_section(jnp.asarray(energy))


@public
def prompt_energy(energy: RealLike) -> Float[Array, "..."]:
    """Mean energy [MeV] that the positron and its annihilation leave in a detector, at least 2 m_e:

        E_prompt = E_e + m_e,    E_e = E - D - [E (E - D) + (D^2 - m_e^2) / 2] / M,    D = m_n - m_p,

    of an antineutrino of energy E > 0 [MeV]; recoil takes 0.06 MeV at 8 MeV. To first order in 1/M, mean over
    directions of the positron [P. Vogel and J. F. Beacom, Phys. Rev. D 60, 053003 (1999), eq. 11].
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    return _prompt_energy(jnp.asarray(energy))


@public
def antineutrino_energy(prompt: RealLike) -> Float[Array, "..."]:
    """Antineutrino energy [MeV] for a mean prompt energy of 0 ... 100 MeV: the inverse of `prompt_energy`.

    Below 2 m_e, where there are no positrons, it goes on smoothly.
    """
    _checks.check_range("prompt", prompt, low=0.0, high=100.0, unit="MeV")
    return _antineutrino_energy(jnp.asarray(prompt))


@jax.jit
def _cross_section(energy: Real) -> Real:
    positron = energy - NEUTRON_MINUS_PROTON
    momentum = safe_sqrt(positron**2 - ELECTRON_MASS**2)
    log = jnp.log(energy)
    value = 1e-43 * momentum * positron * energy ** (-0.07056 + 0.02018 * log - 0.001953 * log**3)
    return jnp.where(energy > THRESHOLD, value, 0.0)


@jax.jit
def _prompt_energy(energy: Real) -> Real:
    positron = energy - NEUTRON_MINUS_PROTON
    return larger(positron - energy * positron / NUCLEON_MASS - _RECOIL, ELECTRON_MASS) + ELECTRON_MASS


@jax.jit
def _antineutrino_energy(prompt: Real) -> Real:
    """Energy [MeV] as the smaller root of E^2 / M - b E + c = 0, written without cancellation."""
    b = 1.0 + NEUTRON_MINUS_PROTON / NUCLEON_MASS
    c = prompt - ELECTRON_MASS + NEUTRON_MINUS_PROTON + _RECOIL
    return 2.0 * c / (b + jnp.sqrt(b**2 - 4.0 * c / NUCLEON_MASS))
