"""The dipole portal: a neutrino turns into a heavy neutral lepton N by a photon, on nuclei and on electrons.

    L = (1/2) sum_a mu_a antinu_aL sigma^{mn} N_R F_mn + h.c.,

mu in Bohr magnetons; where d antinu_L sigma N F is written instead, d = mu / 2. The chirality flips, so this adds to
weak scattering. A neutrino of flavor a sees |mu_a|, a mixture sum_ab rho_ab mu_a^* mu_b under the root. Decays of N:
`decays.heavy_neutrino_radiative_rate`. G. Magill, R. Plestid, M. Pospelov and Y.-D. Tsai, Phys. Rev. D 98, 115015
(2018), 1803.03262, whose d is mu / 2; the form for spin 0 holds for even-even nuclei.
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
from nmmjax.numerics.special import larger, safe_sqrt, smaller
from nmmjax.scattering import _recoil
from nmmjax.scattering.electromagnetic import moment_scale
from nmmjax.scattering.kinematics import checked_high
from nmmjax.scattering.nucleus import Nucleus, charge_form_factor, form_factor_end, form_factor_turn


@public
def threshold(heavy_mass: RealLike, target_mass: RealLike) -> Float[Array, "..."]:
    """Neutrino energy m + m^2 / 2M [MeV] from which N of mass m appears on a target of mass M at rest [MeV]."""
    heavy_mass, target_mass = _positive(heavy_mass=heavy_mass), _positive(target_mass=target_mass, open_low=True)
    return heavy_mass + 0.5 * heavy_mass**2 / target_mass


@public
def heaviest(energy: RealLike, target_mass: RealLike) -> Float[Array, "..."]:
    """The N of greatest mass [MeV] that a neutrino of energy E [MeV] makes on a target of mass M [MeV] at rest:

    m = M [sqrt(1 + 2E/M) - 1], the inverse of `threshold`.
    """
    energy, target_mass = _positive(energy=energy), _positive(target_mass=target_mass, open_low=True)
    return 2.0 * energy / (jnp.sqrt(1.0 + 2.0 * energy / target_mass) + 1.0)


@public
def recoil_limits(
    energy: RealLike, heavy_mass: RealLike, target_mass: RealLike
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Least and greatest recoil [keV] of a target of mass M by nu -> N, both zero below threshold:

        T_+ = (a + d) / (2 M (2E + M)),   T_- = m^4 / (2 (a + d)),
        a = 2 M E^2 - m^2 (M + E),   d^2 = E^2 ((2 M E - m^2)^2 - 4 M^2 m^2).

    **Arguments:** energy E > 0, masses m >= 0 of N and M > 0 [MeV], which broadcast.
    """
    energy = _positive(energy=energy, open_low=True)
    target_mass = _positive(target_mass=target_mass, open_low=True)
    least, greatest, _ = _limits(energy, _positive(heavy_mass=heavy_mass), target_mass)
    return KEV_PER_MEV * least, KEV_PER_MEV * greatest


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    heavy_mass: RealLike,
    nucleus: Nucleus,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section dsigma/dT [cm^2 / keV] of nu -> N on a nucleus, mean over isotopes, zero out of reach. For spin 0

        alpha mu^2 Z^2 F^2 [(E - T/2 - m^2/4M)^2 / T E^2 - m^2 (2M + T)(2MT + m^2) / (16 M^2 T^2 E^2)],

    for spin 1/2 as on electrons times Z^2 F^2; higher spins as spin 0. The elastic one by a moment where m = 0.

    **Arguments:** E > 0 and m >= 0 [MeV], T > 0 [keV], moment mu >= 0 [mu_B], which broadcast. Coherent part only.
    """
    energy, recoil, heavy_mass = _broadcast(energy, recoil_energy, heavy_mass)
    return _moment(moment) ** 2 * _on_nucleus(energy, recoil, heavy_mass, nucleus, constants=constants)


@public
def cross_section(
    energy: RealLike,
    heavy_mass: RealLike,
    nucleus: Nucleus,
    *,
    moment: RealLike = 1.0,
    low: RealLike = 0.0,
    high: RealLike = jnp.inf,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section of nu -> N [cm^2] per nucleus with recoils between two ends, by fixed nodes; zero below threshold.

    **Arguments:** E > 0 and m >= 0 [MeV], `low` and `high` >= 0 [keV], mu >= 0 [mu_B].
    All broadcast. For m = 0 it diverges unless `low` > 0.
    """
    energy, heavy_mass, low, high = _window(energy, heavy_mass, low, high)
    return _moment(moment) ** 2 * _total_on_nucleus(energy, heavy_mass, low, high, nucleus, constants=constants)


@public
def electron_differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    heavy_mass: RealLike,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section dsigma/dT [cm^2 / keV] of nu -> N on an electron at rest, M = m_e, zero out of reach:

        alpha mu^2 [1/T - 1/E + m^2 (T - 2E - M) / (4 E^2 T M) + m^4 (T - M) / (8 E^2 T^2 M^2)].

    **Arguments:** E > 0 and m >= 0 [MeV], T > 0 [keV], moment mu >= 0 [mu_B], which broadcast.
    """
    energy, recoil, heavy_mass = _broadcast(energy, recoil_energy, heavy_mass)
    return _moment(moment) ** 2 * _on_electron(energy, recoil, heavy_mass, constants=constants)


@public
def electron_cross_section(
    energy: RealLike,
    heavy_mass: RealLike,
    *,
    moment: RealLike = 1.0,
    low: RealLike = 0.0,
    high: RealLike = jnp.inf,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section of nu -> N [cm^2] per electron with recoils from `low` to `high` [keV], in closed form.

    For m = 0 `low` must be positive.
    """
    energy, heavy_mass, low, high = _window(energy, heavy_mass, low, high)
    return _moment(moment) ** 2 * _total_on_electron(energy, heavy_mass, low, high, constants=constants)


@public
def primakoff_cross_section(
    energy: RealLike,
    heavy_mass: RealLike,
    nucleus: Nucleus,
    *,
    moment: RealLike = 1.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Cross section of nu -> N on a nucleus at ultra-high energy, where it stays at rest, [cm^2] per nucleus:

        sigma = alpha mu^2 Z^2 int dQ^2 / Q^2 (1 - q_0^2 / Q^2) F(Q)^2,   Q > q_0 = m^2 / 2E.

    Holds for E >> m and E >> Q; coherent part only: for q_0 beyond 1/R protons one by one and broken take over
    (`dipole_proton`).

    **Arguments:** E > 0 and m > 0 [MeV], mu >= 0 [mu_B]. G.-y. Huang, S. Jana, M. Lindner and W. Rodejohann,
    2204.10347.
    """
    energy, heavy_mass = _positive(energy=energy, open_low=True), _positive(heavy_mass=heavy_mass, open_low=True)
    energy, heavy_mass = jnp.broadcast_arrays(energy, heavy_mass)
    return _moment(moment) ** 2 * _primakoff(energy, heavy_mass, nucleus, constants=constants)


# Energies and recoils in MeV from here on, with the isotopes on the axis -1 or, before nodes, -2


def _limits(energy: Real, m: Real, mass: Real | float) -> tuple[Real, Real, Bool[Array, "..."]]:
    """Least and greatest recoil T_-, T_+, and whether N can be made.

    The root is taken of its factors: their difference would cancel.
    """
    excess = energy - m - 0.5 * m**2 / mass
    opened = excess > 0.0
    d = 2.0 * mass * energy * safe_sqrt(jnp.where(opened, excess, 0.0) * (energy + m - 0.5 * m**2 / mass))
    both = jnp.where(opened, 2.0 * mass * energy**2 - m**2 * (mass + energy) + d, 1.0)
    least = jnp.where(opened, 0.5 * m**4 / both, 0.0)
    greatest = jnp.where(opened, 0.5 * both / (mass * (2.0 * energy + mass)), 0.0)
    return least, greatest, opened


def _spin_zero(energy: Real, recoil: Real, m: Real, mass: Real | float) -> Real:
    """Recoil spectrum on a target of spin zero, without its scale [1 / MeV]."""
    forward = (1.0 - 0.5 * recoil / energy - 0.25 * m**2 / (mass * energy)) ** 2
    return (forward - m**2 * (2.0 * mass + recoil) * (2.0 * mass + m**2 / recoil) / (4.0 * mass * energy) ** 2) / recoil


def _spin_half(energy: Real, recoil: Real, m: Real, mass: Real | float) -> Real:
    """Recoil spectrum on a target of spin one half, without its scale [1 / MeV]."""
    first = m**2 * (recoil - 2.0 * energy - mass) / (4.0 * energy**2 * mass)
    second = m**4 * (recoil - mass) / (8.0 * energy**2 * recoil * mass**2)
    return (1.0 + first + second) / recoil - 1.0 / energy


def _of_isotopes(energy: Real, recoil: Real, m: Real, nucleus: Nucleus, constants: Constants) -> Real:
    """Differential cross section of each isotope, weighted with its abundance [cm^2 / MeV]."""
    charge = nucleus.abundance * (nucleus.protons * charge_form_factor(recoil, nucleus, constants)) ** 2
    half, zero = (f(energy, recoil, m, nucleus.mass) for f in (_spin_half, _spin_zero))
    return moment_scale(constants) * charge * jnp.where(nucleus.spin == 0.5, half, zero)


@partial(jax.jit, static_argnames="constants")
def _on_nucleus(energy: Real, recoil: Real, m: Real, nucleus: Nucleus, *, constants: Constants) -> Real:
    energy, recoil, m = energy[..., None], recoil[..., None], m[..., None]
    least, greatest, _ = _limits(energy, m, nucleus.mass)
    reached = (recoil >= least) & (recoil <= greatest)
    values = _of_isotopes(energy, recoil, m, nucleus, constants)
    return jnp.sum(jnp.where(reached, values, 0.0), -1) / KEV_PER_MEV


@partial(jax.jit, static_argnames="constants")
def _on_electron(energy: Real, recoil: Real, m: Real, *, constants: Constants) -> Real:
    mass = MEV_PER_GEV * constants.electron_mass
    least, greatest, _ = _limits(energy, m, mass)
    reached = (recoil >= least) & (recoil <= greatest)
    values = moment_scale(constants) * _spin_half(energy, recoil, m, mass) / KEV_PER_MEV
    return jnp.where(reached, values, 0.0)


def _between(least: Real, greatest: Real, opened: Bool[Array, "..."], low: Real, high: Real) -> tuple[Real, Real]:
    """Ends of the recoils that count; one and one where there are none."""
    greatest = jnp.where(opened, greatest, 1.0)
    a = jnp.where(opened, smaller(larger(low, least), greatest), 1.0)
    return a, larger(smaller(high, greatest), a)


@partial(jax.jit, static_argnames="constants")
def _total_on_nucleus(energy: Real, m: Real, low: Real, high: Real, nucleus: Nucleus, *, constants: Constants) -> Real:
    energy, m, low, high = (x[..., None] for x in (energy, m, low, high))
    least, greatest, opened = _limits(energy, m, nucleus.mass)
    a, b = _between(least, smaller(greatest, form_factor_end(nucleus, constants)), opened, low, high)
    nodes, weights = (jnp.swapaxes(x, -1, -2) for x in _recoil.both(a, b, form_factor_turn(nucleus, constants)))
    values = _of_isotopes(energy[..., None], nodes, m[..., None], nucleus, constants)
    return jnp.sum(jnp.where(opened[..., None, :], weights * values, 0.0), (-1, -2))


@partial(jax.jit, static_argnames="constants")
def _total_on_electron(energy: Real, m: Real, low: Real, high: Real, *, constants: Constants) -> Real:
    """Integral of `_spin_half` over the recoil, its differences written so that they keep their digits."""
    mass = MEV_PER_GEV * constants.electron_mass
    least, greatest, opened = _limits(energy, m, mass)
    a, b = _between(least, greatest, opened, low, high)
    width, q = b - a, (0.5 * m / energy) ** 2 / mass
    inverse = 1.0 - q * (2.0 * energy + mass) + 0.5 * q * m**2 / mass
    total = inverse * jnp.log1p(width / a) + width * (q - 1.0 / energy - 0.5 * q * m**2 / (a * b))
    return jnp.where(opened, moment_scale(constants) * total, 0.0)


@partial(jax.jit, static_argnames="constants")
def _primakoff(energy: Real, m: Real, nucleus: Nucleus, *, constants: Constants) -> Real:
    least = 0.125 * (m**2 / energy)[..., None] ** 2 / nucleus.mass  # T at Q = q_0
    end = form_factor_end(nucleus, constants)
    a = smaller(least, end)
    nodes, weights = _recoil.both(a, larger(end, a), form_factor_turn(nucleus, constants))
    nodes, weights = jnp.swapaxes(nodes, -1, -2), jnp.swapaxes(weights, -1, -2)
    charge = nucleus.abundance * (nucleus.protons * charge_form_factor(nodes, nucleus, constants)) ** 2
    values = charge * (1.0 - least[..., None, :] / nodes) / nodes
    return moment_scale(constants) * jnp.sum(weights * values, (-1, -2))


# What callers pass


def _positive(*, open_low: bool = False, unit: str = "MeV", **argument: RealLike) -> Real:
    ((name, value),) = argument.items()
    _checks.check_double_precision(name)
    value = _checks.as_array(name, value, float)
    _checks.check_range(name, value, low=0.0, open_low=open_low, unit=unit)
    return jnp.asarray(value)


def _moment(moment: RealLike) -> Real:
    return _positive(moment=moment, unit="mu_B")


def _broadcast(energy: RealLike, recoil_energy: RealLike, heavy_mass: RealLike) -> list[Real]:
    """Energy, recoil and mass of N as arrays of one shape, in MeV."""
    energy = _positive(energy=energy, open_low=True)
    recoil = _positive(recoil_energy=recoil_energy, open_low=True, unit="keV") / KEV_PER_MEV
    return jnp.broadcast_arrays(energy, recoil, _positive(heavy_mass=heavy_mass))


def _window(energy: RealLike, heavy_mass: RealLike, low: RealLike, high: RealLike) -> list[Real]:
    """Energy, mass of N and ends of the recoil as arrays of one shape, in MeV."""
    values = [_checks.concrete(x) for x in (heavy_mass, low)]
    if all(x is not None for x in values) and np.any((values[0] == 0.0) & (values[1] == 0.0)):
        _checks.fail("low", "be positive for a massless N", "it is 0: the cross section is infinite")
    arguments = (
        _positive(energy=energy, open_low=True),
        _positive(heavy_mass=heavy_mass),
        _positive(low=low, unit="keV") / KEV_PER_MEV,
        checked_high(high) / KEV_PER_MEV,
    )
    return jnp.broadcast_arrays(*arguments)
