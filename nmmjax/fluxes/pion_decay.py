"""Neutrinos of positive pions that decay at rest, and of the muons they leave.

pi+ -> mu+ nu_mu and mu+ -> e+ nu_e antinu_mu: a line of nu_mu at once and two Michel spectra later. With
x = E / E_max and E_max = m_mu / 2

    nu_mu:      E = (m_pi^2 - m_mu^2) / (2 m_pi),
    nu_e:       f(E) = 12 x^2 (1 - x) / E_max,
    antinu_mu:  f(E) = 2 x^2 (3 - 2 x) / E_max.

Terms of order (m_e / m_mu)^2 and radiative corrections are left out.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_KM, MEV_PER_GEV, PDG_2026
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import larger, normal_cdf

NU_MU, NU_E, ANTINU_MU = "nu_mu", "nu_e", "antinu_mu"
KINDS = (NU_MU, NU_E, ANTINU_MU)
"""One of each for a pion."""
FLAVORS = (1, 0, 1)
"""Of `KINDS`, counting e, mu, tau."""
PION_MASS = 139.57039
"""m_pi of the charged pion [MeV]; Particle Data Group, Phys. Rev. D 110, 030001 (2024)."""
MUON_LIFETIME = 2.1969811
"""[microseconds]; the same."""
_MUON_MASS = MEV_PER_GEV * PDG_2026.muon_mass
LINE = (PION_MASS**2 - _MUON_MASS**2) / (2.0 * PION_MASS)
"""Energy of nu_mu, 29.79 MeV."""
END = 0.5 * _MUON_MASS
"""E_max of the others, 52.83 MeV."""
_GAUSS = gauss_legendre(8)
_WIDEST = 50.0
"""Of pulses [microseconds]: exp(s^2 / 2 tau^2) is finite."""
_LONGEST = 50.0
"""Muon lifetimes before the pulse from where on nothing is counted."""


class Energies(NamedTuple):
    """sum_j weight_j g(energy_j) = int f(E) g(E) dE over a part of a spectrum."""

    energy: Float[Array, "... points"]
    """[MeV]."""
    weight: Float[Array, "... points"]


@public
def greatest_energy(kind: str) -> float:
    """Greatest energy [MeV] of neutrinos of one of `KINDS`."""
    _checks.check_known("kind", kind, KINDS)
    return LINE if kind == NU_MU else END


@public
def density(energy: RealLike, kind: str) -> Float[Array, "..."]:
    """Spectrum f(E) [1/MeV] of nu_e or antinu_mu, one in the integral, zero beyond E_max.

    **Arguments:** E >= 0 [MeV].
    """
    _checks.check_known("kind", kind, (NU_E, ANTINU_MU))
    energy = _checks.as_array("energy", energy, float)
    _checks.check_range("energy", energy, low=0.0, unit="MeV")
    x = jnp.asarray(energy) / END
    shape = 12.0 * x**2 * (1.0 - x) if kind == NU_E else 2.0 * x**2 * (3.0 - 2.0 * x)
    return jnp.where(x <= 1.0, shape, 0.0) / END


@public
def energies(kind: str, low: RealLike = 0.0) -> Energies:
    """The energies above `low` >= 0 [MeV], on a new last axis: exact where f(E) g(E) is a polynomial of degree 15.

    The line is one point, of weight one, and of weight zero where `low` lies above it.
    """
    top = greatest_energy(kind)
    low = _checks.as_array("low", low, float)
    _checks.check_range("low", low, low=0.0, unit="MeV")
    low = jnp.asarray(low)[..., None]
    if kind == NU_MU:
        return Energies(jnp.full(low.shape, LINE), jnp.where(low <= LINE, 1.0, 0.0))
    x, weights = _GAUSS
    half = 0.5 * larger(top - low, 0.0)
    energy = top - half * (1.0 - x)
    return Energies(energy, half * weights * density(energy, kind))


@public
def fluence(protons: float, baseline: float, *, per_proton: float) -> float:
    """Fluence r N / 4 pi L^2 [1/cm^2] of each of `KINDS`: N protons on target, r pions that stop for one of them.

    **Arguments:** N > 0, L > 0 [km], r > 0.
    """
    for name, value in (("protons", protons), ("baseline", baseline), ("per_proton", per_proton)):
        _checks.check_range(name, value, low=0.0, open_low=True)
    return per_proton * protons / (4.0 * math.pi * (CM_PER_KM * baseline) ** 2)


@public
def arrived(time: RealLike, *, center: float, width: float) -> tuple[Array, Array]:
    """The parts of nu_mu, and of nu_e and antinu_mu, that have come by a time t, after a Gaussian pulse of protons:

        Phi(z),   Phi(z) - exp(s^2 / 2 tau^2 - (t - c) / tau) Phi(z - s / tau),   z = (t - c) / s.

    The pion lives for 26 ns, which counts as zero. tau is the lifetime of the muon.

    **Arguments:** t, center c and width 0 < s < 50 of the pulse [microseconds].
    """
    _checks.check_real("time", time)
    _checks.check_range("width", width, low=0.0, high=_WIDEST, open_low=True, unit="microseconds")
    late = jnp.asarray(time) - center
    z, ratio = late / width, width / MUON_LIFETIME
    exponent = 0.5 * ratio**2 - larger(late, -_LONGEST * MUON_LIFETIME) / MUON_LIFETIME
    return normal_cdf(z), normal_cdf(z) - jnp.exp(exponent) * normal_cdf(z - ratio)
