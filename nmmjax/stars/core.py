"""Cores of stars: the plasmons in them, and the energy with which these decay."""

from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.constants import EV_PER_KEV, MEV_PER_ERG, PDG_2026
from nmmjax.numerics.quadrature import gauss_legendre_mean
from nmmjax.stars._numbers import centimeters_ev, electron_mass, natural
from nmmjax.stars.plasma import electron_density, plasma_frequency
from nmmjax.stars.sphere import Sphere

_HELIUM_BURNS = 8.617333262
"""1e8 K [keV]."""
_NODES = 64
_REACH = 40.0
"""Largest momentum of transverse plasmons, in temperatures."""
_HALVINGS = 60
_SERIES = 40
"""Terms of atanh s for s < 1/2."""


class Core(eqx.Module):
    """A star's core: a uniform sphere with plasmons at one temperature.

    A plasmon of energy omega and momentum k decays as one at rest of mass K, K^2 = omega^2 - k^2, with its time
    dilated: Gamma = (K / omega) Gamma_0(K). So what a gram loses is sum_q E_q Gamma_0(K_q), with

        transverse:    E = (1 / rho) 2 k^2 dk / (2 pi^2) K Z_T / (e^(omega / T) - 1),
        longitudinal:  E = (1 / rho) k^2 dk / (2 pi^2) (omega^2 / K) Z_L / (e^(omega / T) - 1),  as long as omega > k.

    Dispersion relations and Z as E. Braaten and D. Segel, Phys. Rev. D 48, 1478 (1993), (5) to (12), of electrons that
    all have the Fermi velocity, which is exact to a per cent where they are degenerate or slow.

    **Fields:** `sphere`; `plasmon_masses` K [keV] and `plasmon_energies` E [erg/g] of the nodes.
    """

    sphere: Sphere
    plasmon_masses: Float[Array, " plasmons"]
    plasmon_energies: Float[Array, " plasmons"]

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def build(cls, sphere: Sphere, temperature: float) -> Self:
        """The core of this temperature [keV], 1e-3 to 1e3; 8.617 keV are 1e8 K."""
        _checks.check_range("temperature", temperature, low=1e-3, high=1e3, unit="keV")
        T = float(temperature)
        density, fraction = float(sphere.density), float(sphere.electron_fraction)
        frequency = float(plasma_frequency(density, fraction))
        momentum = np.cbrt(3.0 * np.pi**2 * float(natural(electron_density(density, fraction), PDG_2026)))
        velocity = momentum / np.hypot(momentum, electron_mass(PDG_2026))
        parts = (_transverse(frequency, velocity, T), _longitudinal(frequency, velocity, T))
        masses, energies = (np.concatenate(both) for both in zip(*parts, strict=True))
        # keV^4 of natural units to erg/cm^3
        unit = EV_PER_KEV**4 / centimeters_ev(PDG_2026) ** 3 / (1e6 * MEV_PER_ERG)
        return cls(sphere, on_device(masses), on_device(unit * energies / density))

    @public
    def loss(self, rates: Float[ArrayLike, " plasmons"]) -> Float[Array, ""]:
        """Energy loss [erg/g/s] for decay rates at rest (plasmons,) [1/s] of plasmons of the masses K."""
        if jnp.shape(rates) != (shape := self.plasmon_masses.shape):
            _checks.fail("rates", f"have shape {shape}, as `plasmon_masses`", f"its shape is {jnp.shape(rates)}")
        return jnp.sum(self.plasmon_energies * jnp.asarray(rates))


def red_giant() -> Core:
    """The core of a red giant before helium ignites, `Sphere.red_giant` at 1e8 K."""
    return Core.build(Sphere.red_giant(), _HELIUM_BURNS)


def horizontal_branch() -> Core:
    """The core of a star that burns helium, `Sphere.horizontal_branch` at 1e8 K."""
    return Core.build(Sphere.horizontal_branch(), _HELIUM_BURNS)


def white_dwarf() -> Core:
    """`Sphere.white_dwarf` at 5e7 K, where neutrinos cool it; the temperature is quoted from memory."""
    return Core.build(Sphere.white_dwarf(), 0.5 * _HELIUM_BURNS)


def _slope(s: np.ndarray) -> np.ndarray:
    """(atanh(s) / s - 1) / s^2 for 0 <= s < 1."""
    near, far = np.minimum(s, 0.5), np.maximum(s, 0.5)
    series = sum(near ** (2 * n) / (2 * n + 3) for n in range(_SERIES))
    return np.where(s < 0.5, series, (np.arctanh(far) / far - 1.0) / far**2)


def _transverse(frequency: float, v: float, T: float) -> tuple[np.ndarray, np.ndarray]:
    """K [keV] and rho E [keV^4] of both polarizations: K^2 = (3/2) omega_pl^2 [1 - (1 - s^2) g(s)], s = v k / omega."""
    share, weight = gauss_legendre_mean(_NODES)
    k = _REACH * T * share**2
    dk = 2.0 * _REACH * T * share * weight

    def mass2(omega2: np.ndarray) -> np.ndarray:
        s2 = v**2 * k**2 / omega2
        return 1.5 * frequency**2 * (1.0 - (1.0 - s2) * _slope(np.sqrt(s2)))

    omega2 = _root(lambda x: k**2 + mass2(x) - x, k**2 + 0.99 * frequency**2, k**2 + 1.51 * frequency**2)
    K2, p2 = mass2(omega2), frequency**2
    slow = omega2 - v**2 * k**2
    Z = 2.0 * omega2 * slow / (3.0 * p2 * omega2 + (omega2 + k**2) * slow - 2.0 * omega2 * K2)
    return np.sqrt(K2), 2.0 * _thermal(k, dk, omega2, T) * np.sqrt(K2) * Z


def _longitudinal(frequency: float, v: float, T: float) -> tuple[np.ndarray, np.ndarray]:
    """K [keV] and rho E [keV^4] of the third polarization: omega^2 = 3 omega_pl^2 g(s), up to omega = k."""
    share, weight = gauss_legendre_mean(_NODES)
    end = frequency * float(np.sqrt(3.0 * _slope(np.asarray(v))))
    k = end * (1.0 - (1.0 - share) ** 2)
    dk = 2.0 * end * (1.0 - share) * weight
    p2 = frequency**2
    omega2 = _root(lambda x: 3.0 * p2 * _slope(v * k / np.sqrt(x)) - x, k**2, p2 + k**2)
    slow = omega2 - v**2 * k**2
    Z = 2.0 * slow / (3.0 * p2 - slow)
    K = np.sqrt(omega2 - k**2)
    return K, _thermal(k, dk, omega2, T) * omega2 * Z / K


def _thermal(k: np.ndarray, dk: np.ndarray, omega2: np.ndarray, T: float) -> np.ndarray:
    """Plasmons of one polarization per volume, k^2 dk / (2 pi^2) / (e^(omega / T) - 1) [keV^3]."""
    return k**2 * dk / (2.0 * np.pi**2) / np.expm1(np.sqrt(omega2) / T)


def _root(function, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Zeros of a function that falls from `low` to `high`, by halving."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        positive = function(middle) > 0.0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return 0.5 * (low + high)
