"""What stars feel of neutrinos: plasmons that decay, the energy they carry off, and a scalar that holds them back.

Plasma of degenerate electrons at zero temperature, as in the helium core of a red giant.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_FM, CM_PER_KM, EV_PER_GEV, EV_PER_KEV, EV_PER_MEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.special import safe_sqrt
from nmmjax.numerics.trigonometry import polynomial

_UNIT_MOMENT = 1e-12
"""[mu_B] in which shifts of stars are written."""
_LARGEST_CORE_SHIFT, _LARGEST_TIP_SHIFT = 1.5e-11, 1.36e-11
"""Moments beyond which the formulas of shifts turn back [mu_B]."""
_CENTER = tuple((-1.0) ** n / (math.factorial(n) * (n + 2)) for n in range(20))
"""[1 - (1 + k) e^-k] / k^2 in k, to rounding for k <= 1."""
_SINH = tuple(1.0 / math.factorial(2 * n + 1) for n in range(11))
"""sinh w / w in w^2, to rounding for w <= 1."""
_DENSITY_SERIES = tuple(3.0 / (2 * k + 3) * (-0.25) ** k * math.comb(2 * k, k) for k in range(14))
"""3 int_0^1 t^2 (1 + x^2 t^2)^(-1/2) dt in x^2."""


# The plasma


@public
def electron_density(
    density: RealLike,
    electron_fraction: RealLike = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Electron density n_e [1/cm^3] of matter of density > 0 [g/cm^3] with Y_e electrons per nucleon; helium: 1/2."""
    density = _number("density", density, open_low=True, unit="g/cm^3")
    electron_fraction = _number("electron_fraction", electron_fraction, open_low=True, high=1.0)
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
    number = _natural(electron_density(density, electron_fraction, constants=constants), constants)
    fermi_energy = jnp.sqrt(jnp.cbrt(3.0 * math.pi**2 * number) ** 2 + _electron_mass(constants) ** 2)
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
    x = jnp.cbrt(3.0 * math.pi**2 * _natural(number, constants)) / _electron_mass(constants)
    small = x < 0.2
    series = polynomial(_DENSITY_SERIES, jnp.where(small, x, 0.0) ** 2)
    x = jnp.where(small, 1.0, x)
    return number * jnp.where(small, series, 1.5 * (x * jnp.sqrt(1.0 + x**2) - jnp.arcsinh(x)) / x**3)


# Plasmons


@public
def plasmon_decay_rate(
    moment: RealLike,
    plasmon_mass: RealLike,
    mass: RealLike = 0.0,
    other_mass: RealLike | None = None,
    *,
    electric_moment: RealLike = 0.0,
    energy: RealLike | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate Gamma(plasmon -> antinu_i nu_j) [1/s] of a transverse plasmon, mean over its polarizations:

        Gamma = (K^4 / 24 pi omega) (|mu|^2 f_+ + |eps|^2 f_-),   K^2 = omega^2 - k^2,
        f_+- = lambda^(1/2) [1 - (m_i -+ m_j)^2 / K^2] [1 + 2 (m_i +- m_j)^2 / K^2],
        lambda = [1 - (m_i + m_j)^2 / K^2] [1 - (m_i - m_j)^2 / K^2];

    for equal masses beta (1 + 8 m^2 / K^2) and beta^3. Zero at and below threshold, K <= m_i + m_j.

    **Arguments:** |mu| and |eps| of the pair [mu_B], K > 0 [keV], masses of the two [eV] (equal unless the other is
    given), energy omega >= K [keV] (at rest unless given). All broadcast: matrices of moments with masses on rows and
    columns give all channels, over which Dirac neutrinos are summed, Majorana neutrinos over i < j. In total
    sum_ij (|mu_ij|^2 + |eps_ij|^2) or sum_{i<j} |lambda_ij|^2 where masses do not matter.
    """
    moment = _number("moment", moment, unit="mu_B")
    electric_moment = _number("electric_moment", electric_moment, unit="mu_B")
    plasmon_mass = _number("plasmon_mass", plasmon_mass, open_low=True, unit="keV")
    first = _number("mass", mass, unit="eV") / EV_PER_KEV
    second = first if other_mass is None else _number("other_mass", other_mass, unit="eV") / EV_PER_KEV
    energy = plasmon_mass if energy is None else _number("energy", energy, open_low=True, unit="keV")
    _check_timelike(energy, plasmon_mass)
    magnetic, electric = _phase_space(plasmon_mass, first, second)
    strength = _magneton_squared(constants) * (moment**2 * magnetic + electric_moment**2 * electric)
    rate = (EV_PER_KEV * plasmon_mass) ** 4 / (24.0 * math.pi * EV_PER_KEV * energy) * strength
    return rate / constants.hbar


@public
def magnetic_energy_loss(
    moment: RealLike,
    frequency: RealLike,
    mass: RealLike = 0.0,
    *,
    sin2_theta_w: Float[ArrayLike, ""] = 0.2312,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Energy that plasmons lose by a moment over what they lose by the weak interaction:

        Q_mu / Q_SM = 2 pi alpha mu^2 / (C_V^2 G_F^2 omega_pl^2) beta (1 + 8 m^2 / omega_pl^2),
        C_V^2 = (1/2 + 2 s^2)^2 + 2 (2 s^2 - 1/2)^2,   s = sin theta_W;

    0.318 for 1e-12 mu_B and 10 keV. Transverse plasmons with K = omega_pl; zero where neutrinos of mass m > omega_pl/2
    are not made. G. G. Raffelt, Phys. Rep. 320, 319 (1999).

    **Arguments:** mu >= 0 summed as in `plasmon_decay_rate` [mu_B], omega_pl > 0 [keV], m [eV].
    """
    moment, frequency = _number("moment", moment, unit="mu_B"), _frequency(frequency)
    mass = _number("mass", mass, unit="eV") / EV_PER_KEV
    opened, _ = _phase_space(frequency, mass, mass)
    squared = 2.0 * math.pi * constants.fine_structure * _magneton_squared(constants) * moment**2
    return squared * opened / (_weak_squared(sin2_theta_w, constants) * (EV_PER_KEV * frequency) ** 2)


@public
def millicharge_energy_loss(
    charge: RealLike,
    frequency: RealLike,
    *,
    sin2_theta_w: Float[ArrayLike, ""] = 0.2312,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Energy loss by a charge of neutrinos over that of the weak interaction:

        Q_q / Q_SM = 16 pi^2 alpha^2 q^2 / (C_V^2 G_F^2 omega_pl^4).

    **Arguments:** |q| [e], summed in squares over the states, omega_pl > 0 [keV]. 0.665 for 1e-14 e and 10 keV.
    """
    charge, frequency = _number("charge", charge, unit="e"), _frequency(frequency)
    squared = (4.0 * math.pi * constants.fine_structure * charge) ** 2
    return squared / (_weak_squared(sin2_theta_w, constants) * (EV_PER_KEV * frequency) ** 4)


# Red giants


@public
def core_mass_shift(moment: RealLike) -> Float[Array, "..."]:
    """By how much the helium core of a red giant is heavier when it ignites [M_sun]:

        dM = 0.025 [sqrt(mu_12^2 + 1) - 1 - 0.17 mu_12^1.5],   mu_12 = mu / 1e-12 mu_B.

    A fit to evolution codes, G. G. Raffelt and A. Weiss, Astron. Astrophys. 264, 536 (1992), quoted from memory; for
    mu_12 below about 5 (beyond 15 it falls again). Stellar parameters are held fixed in it.
    """
    x = _number("moment", moment, high=_LARGEST_CORE_SHIFT, unit="mu_B") / _UNIT_MOMENT
    return 0.025 * (jnp.sqrt(x**2 + 1.0) - 1.0 - 0.17 * x**1.5)


@public
def tip_shift(moment: RealLike) -> Float[Array, "..."]:
    """By how much the tip of the red-giant branch moves in the I band [mag], negative: brighter:

        dM_I = -0.23 [sqrt(mu_12^2 + 0.64) - 0.80 - 0.18 mu_12^1.5],   mu_12 = mu / 1e-12 mu_B.

    N. Viaux et al., Phys. Rev. Lett. 111, 231301 (2013), 1308.4627, quoted from memory: with the magnitudes printed
    there for M5, -4.17 +- 0.13 observed and -3.99 +- 0.07 computed, it returns their limit of 4.5e-12 mu_B at 95 % to
    1 %. For mu_12 below about 5 (beyond 13.6 it turns back). Disputed: with stellar parameters free, N. Franz, M.
    Dennis and J. Sakstein, 2307.13050, find no bound up to 6e-12 mu_B.
    """
    x = _number("moment", moment, high=_LARGEST_TIP_SHIFT, unit="mu_B") / _UNIT_MOMENT
    return -0.23 * (jnp.sqrt(x**2 + 0.64) - 0.80 - 0.18 * x**1.5)


# A light scalar that makes neutrinos heavy in matter: L = -(y_nu / 2) antinu^c phi nu - y_e phi ebar e + h.c.


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
    source, m_scalar = _source(source_density, constants), _number("m_scalar", m_scalar, open_low=True, unit="eV")
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
    source, m_scalar = _source(source_density, constants), _number("m_scalar", m_scalar, unit="eV")
    position = _number("position", position, high=1.0)
    length = _number("radius", radius, open_low=True, unit="km") * CM_PER_KM / _centimeters_ev(constants)
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


def _phase_space(K: Real, first: Real, second: Real) -> tuple[Real, Real]:
    """Phase space f_+ and f_- of masses in the same unit, zero with their slopes where there is no room."""
    opened = first + second < K
    a = jnp.where(opened, ((first + second) / K) ** 2, 1.0)
    b = jnp.where(opened, ((first - second) / K) ** 2, 0.0)
    root = safe_sqrt((1.0 - a) * (1.0 - b))
    return root * (1.0 - b) * (1.0 + 2.0 * a), root * (1.0 - a) * (1.0 + 2.0 * b)


def _weak_squared(sin2_theta_w: RealLike, constants: Constants) -> Real:
    """C_V^2 G_F^2 [1/eV^4]."""
    s2 = _number("sin2_theta_w", sin2_theta_w, high=1.0)
    vector = (0.5 + 2.0 * s2) ** 2 + 2.0 * (2.0 * s2 - 0.5) ** 2
    return vector * (constants.fermi_constant / EV_PER_GEV**2) ** 2


def _magneton_squared(constants: Constants) -> float:
    """mu_B^2 = pi alpha / m_e^2 [1/eV^2]."""
    return math.pi * constants.fine_structure / _electron_mass(constants) ** 2


def _electron_mass(constants: Constants) -> float:
    """Mass of the electron [eV]."""
    return EV_PER_GEV * constants.electron_mass


def _centimeters_ev(constants: Constants) -> float:
    """Length of one inverse eV, hbar c [eV cm]."""
    return constants.hbar_c * EV_PER_MEV * CM_PER_FM


def _natural(number: Real, constants: Constants) -> Real:
    """Number density [1/cm^3] in natural units [eV^3]."""
    return number * _centimeters_ev(constants) ** 3


def _source(density: RealLike, constants: Constants) -> Real:
    return _natural(_number("source_density", density, unit="1/cm^3"), constants)


def _coupling(electron: RealLike, neutrino: RealLike) -> Real:
    for name, value in (("electron_coupling", electron), ("neutrino_coupling", neutrino)):
        _checks.check_range(name, _checks.as_array(name, value, float))
    return jnp.asarray(electron) * jnp.asarray(neutrino)


def _frequency(frequency: RealLike) -> Real:
    return _number("frequency", frequency, open_low=True, unit="keV")


def _check_timelike(energy: Real, plasmon_mass: Real) -> None:
    difference = _checks.concrete(energy - plasmon_mass)
    if difference is not None and (difference < 0.0).any():
        _checks.fail("energy", "be at least the mass of the plasmon", f"it is {-difference.min():.3g} keV below")


def _number(name: str, value: RealLike, *, open_low: bool = False, high: float = math.inf, unit: str = "") -> Real:
    """Check numbers, not negative, and return them as an array."""
    _checks.check_double_precision(name)
    value = _checks.as_array(name, value, float)
    _checks.check_range(name, value, low=0.0, open_low=open_low, high=high, unit=unit)
    return jnp.asarray(value)
