"""The dipole portal in hot matter: how much energy N carries out of a star that collapses, and when N left the plasma.

    nu + p -> N + p,    nu + gamma -> N,

from thermal neutrinos on protons that are not degenerate, in one zone. G. Magill, R. Plestid, M. Pospelov and
Y.-D. Tsai, 1803.03262, and V. Brdar, A. Greljo, J. Kopp and T. Opferkuch, 2007.15563, compare N of the core of SN1987A
with the energy that its neutrinos had, and N of the early Universe with the helium that it would have made.
"""

import math
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.constants import CM_PER_FM, FM_PER_SECOND, KEV_PER_MEV, MEV_PER_ERG, MEV_PER_GEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.quadrature import gauss_legendre_mean
from nmmjax.numerics.special import safe_sqrt
from nmmjax.scattering import dipole_proton
from nmmjax.scattering.proton import PROTON_MASS

_ENERGIES = gauss_legendre_mean(48)
_END = 40.0
"""Temperatures above the chemical potential at which the spectrum of neutrinos has ended."""
_LIGHT_SPEED = FM_PER_SECOND * CM_PER_FM
"""[cm/s]"""
_LEAST = 1e-3
"""Mass of N [MeV] below which the cut-off of protons, not the mass, ends the cross section."""
_PLANCK_MASS = 1.220890e22
"""[MeV]; CODATA."""


class Core(eqx.Module):
    """One zone of a proto-neutron star; the numbers are the usual round ones, one second after the bounce."""

    temperature: Float[Array, ""]
    """[MeV]"""
    density: Float[Array, ""]
    """[g / cm^3]"""
    proton_fraction: Float[Array, ""]
    radius: Float[Array, ""]
    """[km]"""
    chemical_potential: Float[Array, ""]
    """Of the neutrinos [MeV]; that of antineutrinos is the opposite. Zero for mu and tau, some 200 for e at first."""

    @public
    def __init__(
        self,
        temperature: RealLike = 30.0,
        density: RealLike = 3e14,
        proton_fraction: RealLike = 0.3,
        radius: RealLike = 10.0,
        chemical_potential: RealLike = 0.0,
    ):
        """T > 0 [MeV], density > 0 [g / cm^3], share of protons in (0, 1], R > 0 [km], chemical potential [MeV]."""
        for name, value, high, unit in (
            ("temperature", temperature, 1e3, "MeV"),
            ("density", density, 1e16, "g/cm^3"),
            ("proton_fraction", proton_fraction, 1.0, ""),
            ("radius", radius, 1e4, "km"),
        ):
            _checks.check_range(name, value, low=0.0, high=high, open_low=True, unit=unit)
        _checks.check_range("chemical_potential", chemical_potential, low=-1e3, high=1e3, unit="MeV")
        self.temperature, self.density = jnp.asarray(temperature, float), jnp.asarray(density, float)
        self.proton_fraction, self.radius = jnp.asarray(proton_fraction, float), jnp.asarray(radius, float)
        self.chemical_potential = jnp.asarray(chemical_potential, float)
        check_fields(self)

    @public
    def protons(self, constants: Constants = PDG_2026) -> Float[Array, ""]:
        """Number of protons by cm^3."""
        return self.proton_fraction * self.density * constants.avogadro

    @public
    def screening(self, constants: Constants = PDG_2026) -> Float[Array, ""]:
        """Least recoil [keV] k_D^2 / 2 M that screened protons leave, k_D^2 = 4 pi alpha n_p / T."""
        number = self.protons(constants) * (constants.hbar_c * CM_PER_FM) ** 3
        squared = 4.0 * math.pi * constants.fine_structure * number / self.temperature
        return KEV_PER_MEV * squared / (2.0 * PROTON_MASS)


@public
def scattering_emissivity(
    heavy_mass: RealLike, core: Core, *, moment: RealLike = 1.0, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Energy [erg / (cm^3 s)] of the N and antiN that nu p -> N p makes in a core,

        n_p sum_{+-} int E^3 dE / (2 pi^2) sigma(E) / (exp((E -+ eta) / T) + 1).

    **Arguments:** m >= 0 [MeV] and mu >= 0 [mu_B] of one flavor, which broadcast. Protons rest, nothing is blocked and
    screening cuts recoils below k_D^2 / 2 M. Electrons, degenerate, and neutrons, by their magnetic moment, are left
    out: right to a factor of two.
    """
    heavy_mass, moment = _checked(heavy_mass, moment)
    return moment**2 * _scattered(heavy_mass, core, constants=constants)


@public
def decay_emissivity(
    heavy_mass: RealLike, rate: RealLike, core: Core, *, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Energy [erg / (cm^3 s)] of the N and antiN that nu gamma -> N makes, the inverse of a decay at `rate` Gamma:

        (m Gamma / pi^2) sum_{+-} int p^2 dp exp(-(E -+ eta) / T).

    **Arguments:** m >= 0 [MeV] and Gamma >= 0 [1/s] at rest to one flavor (`decays.heavy_neutrino_radiative_rate`),
    which broadcast. Boltzmann statistics; a photon in this matter weighs some 10 MeV, which is left out: not for N
    below that.
    """
    heavy_mass, _ = _checked(heavy_mass, 0.0)
    rate = _checks.as_array("rate", rate, float)
    _checks.check_range("rate", rate, low=0.0, unit="1/s")
    return _decayed(heavy_mass, jnp.asarray(rate), core, constants=constants)


@public
def absorption_length(
    heavy_mass: RealLike,
    rate: RealLike,
    core: Core,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Way [km] after which an N of E = m + 3 T is a neutrino again, by N p -> nu p or by a decay.

    By detailed balance sigma(N -> nu) = sigma(nu -> N) E^2 / 2 p^2; decays at `rate` m / E in the time that N needs.

    **Arguments:** m >= 0 [MeV], Gamma >= 0 [1/s], mu >= 0 [mu_B].
    """
    heavy_mass, moment = _checked(heavy_mass, moment)
    rate = _checks.as_array("rate", rate, float)
    _checks.check_range("rate", rate, low=0.0, unit="1/s")
    absorbed = _absorbed(heavy_mass, jnp.asarray(rate), moment, core, constants=constants)
    some = absorbed > 0.0
    return jnp.where(some, 1.0 / jnp.where(some, absorbed, 1.0), jnp.inf)


@public
def luminosity(
    heavy_mass: RealLike,
    rate: RealLike,
    core: Core,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Energy [erg / s] that N carries out of a core: (4 pi / 3) R^3 (Q_scattering + Q_decay) exp(-R / length).

    SN1987A allows some 3e52 erg/s at one second, what neutrinos carried away. The exponential stands for N that are
    taken back on their way out; N that are trapped and shine from a sphere of their own are not in it.

    **Arguments:** m >= 0 [MeV], mu >= 0 [mu_B], and the rate Gamma >= 0 [1/s] of N at rest that belongs to them.
    """
    volume = 4.0 / 3.0 * math.pi * (1e5 * core.radius) ** 3
    made = scattering_emissivity(heavy_mass, core, moment=moment, constants=constants)
    made += decay_emissivity(heavy_mass, rate, core, constants=constants)
    heavy_mass, moment = _checked(heavy_mass, moment)
    absorbed = _absorbed(heavy_mass, jnp.asarray(rate), moment, core, constants=constants)
    return volume * made * jnp.exp(-core.radius * absorbed)


@public
def freeze_out_temperature(
    moment: RealLike, *, degrees_of_freedom: RealLike = 10.75, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Temperature [MeV] below which the expanding Universe no longer makes N that are light, by nu e -> N e:

        n_e alpha mu^2 [ln(s / k_D^2) - 1] = 1.66 g^(1/2) T^2 / M_Planck,

    n_e = 3 zeta(3) T^3 / pi^2 of electrons and positrons, s = 2 (3.15 T)^2, k_D^2 = 4 pi alpha T^2 / 3. Right to a
    factor of two; above it N is as frequent as a neutrino, where a temperature as high was there.

    **Arguments:** mu > 0 [mu_B] and the degrees of freedom g > 0 at that temperature.
    """
    moment = _checks.as_array("moment", moment, float)
    _checks.check_range("moment", moment, low=0.0, open_low=True, unit="mu_B")
    _checks.check_range("degrees_of_freedom", degrees_of_freedom, low=0.0, open_low=True)
    alpha = constants.fine_structure
    magneton2 = math.pi * alpha / (MEV_PER_GEV * constants.electron_mass) ** 2
    logarithm = math.log(2.0 * 3.15**2 * 3.0 / (4.0 * math.pi * alpha)) - 1.0
    strength = 3.0 * 1.2020569031595942 / math.pi**2 * alpha * magneton2 * logarithm
    return 1.66 * jnp.sqrt(jnp.asarray(degrees_of_freedom)) / (_PLANCK_MASS * strength * jnp.asarray(moment) ** 2)


# In MeV from here on


@partial(jax.jit, static_argnames="constants")
def _scattered(m: Real, core: Core, *, constants: Constants) -> Real:
    energy, weights = _spectrum(core, m + 0.5 * m**2 / PROTON_MASS)
    occupied = sum(
        jax.nn.sigmoid(-(energy - eta) / core.temperature)
        for eta in (core.chemical_potential, -core.chemical_potential)
    )
    held = jnp.maximum(m, _LEAST)[..., None]
    section = dipole_proton.elastic_cross_section(energy, held, low=core.screening(constants), constants=constants)
    flux = energy**3 * occupied / (2.0 * math.pi**2) / (constants.hbar_c * CM_PER_FM) ** 3 * _LIGHT_SPEED
    return core.protons(constants) * jnp.sum(weights * flux * section, -1) / MEV_PER_ERG


@partial(jax.jit, static_argnames="constants")
def _decayed(m: Real, rate: Real, core: Core, *, constants: Constants) -> Real:
    energy, weights = _spectrum(core, m)
    p = safe_sqrt(energy**2 - m[..., None] ** 2)
    occupied = 2.0 * jnp.cosh(core.chemical_potential / core.temperature) * jnp.exp(-energy / core.temperature)
    total = jnp.sum(weights * p * energy * occupied, -1)  # p^2 dp = p E dE
    return m * rate / math.pi**2 * total / (constants.hbar_c * CM_PER_FM) ** 3 / MEV_PER_ERG


@partial(jax.jit, static_argnames="constants")
def _absorbed(m: Real, rate: Real, moment: Real, core: Core, *, constants: Constants) -> Real:
    energy = m + 3.0 * core.temperature
    p = jnp.sqrt(energy**2 - m**2)
    # a neutrino of more energy, so that the threshold is behind it
    before = energy + 0.5 * m**2 / PROTON_MASS
    held = jnp.maximum(m, _LEAST)
    section = dipole_proton.elastic_cross_section(before, held, low=core.screening(constants), constants=constants)
    back = core.protons(constants) * moment**2 * section * 0.5 * (energy / p) ** 2
    return 1e5 * (back + m * rate / p / _LIGHT_SPEED)


def _spectrum(core: Core, least: Real) -> tuple[Real, Real]:
    """Energies, on a new last axis, and weights, from `least` to where neutrinos end; denser at the beginning."""
    u, weights = map(jnp.asarray, _ENERGIES)
    width = (jnp.abs(core.chemical_potential) + _END * core.temperature) * jnp.ones_like(least)[..., None]
    return least[..., None] + width * u**2, 2.0 * width * u * weights


def _checked(heavy_mass: RealLike, moment: RealLike) -> tuple[Real, Real]:
    found = []
    for name, value, unit in (("heavy_mass", heavy_mass, "MeV"), ("moment", moment, "mu_B")):
        _checks.check_double_precision(name)
        array = _checks.as_array(name, value, float)
        _checks.check_range(name, array, low=0.0, unit=unit)
        found.append(jnp.asarray(array))
    return found[0], found[1]
