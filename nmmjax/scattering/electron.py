"""Elastic scattering of neutrinos on electrons by the weak interaction, as matrices in flavor space.

With the couplings G_L, G_R of L = -2 sqrt2 G_F (nubar gamma_mu P_L G_X nu)(ebar gamma^mu P_X e), X = L, R,

    D(E, T) = (2 G_F^2 m_e / pi) [G_L^+ G_L + G_R^+ G_R (1 - T/E)^2 - (G_L^+ G_R + G_R^+ G_L) m_e T / (2 E^2)]
            = sum_k K_k(E, T) Q_k,        K = (2 G_F^2 m_e / pi) (1, (1 - T/E)^2, -m_e T / 2 E^2),

and a neutrino that arrives in the state rho scatters with dsigma/dT = Re Tr[rho D]. The diagonal of D holds the cross
sections of nu_e, nu_mu and nu_tau. Charge radii and millicharges shift the couplings; moments and scalar and
tensor interactions add to D (`scattering.helicity_flip`, `scattering.scalar_tensor`).
"""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Num

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.constants import CM_PER_FM, GEV_PER_MEV, KEV_PER_MEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike, ScalarLike
from nmmjax.numerics.entrywise import weighted
from nmmjax.numerics.hermitian import adjoint
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.scattering.electromagnetic import charge_radius_shift, millicharge_shift
from nmmjax.scattering.kinematics import ELECTRON_MASS, checked, checked_high, maximal_recoil, reached, window

_NODES, _WEIGHTS = gauss_legendre(4)
"""Gauss-Legendre on -1 ... 1."""


class Couplings(eqx.Module):
    """Couplings G_L and G_R of neutrinos to electrons, (..., 3, 3), rows and columns e, mu, tau."""

    left: Num[Array, "... 3 3"]
    right: Num[Array, "... 3 3"]

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def of_flavors(cls, vector: Float[ArrayLike, "3"], axial: Float[ArrayLike, "3"]) -> "Couplings":
        """Diagonal couplings from g_V and g_A of the three flavors: G_L = (g_V + g_A) / 2, G_R = (g_V - g_A) / 2."""
        vector, axial = jnp.asarray(vector), jnp.asarray(axial)
        return cls(jnp.diag(0.5 * (vector + axial)), jnp.diag(0.5 * (vector - axial)))

    @classmethod
    @public
    def tree_level(cls, sin2_theta_w: ScalarLike = 0.23863) -> "Couplings":
        """Couplings g_V = 2 sin^2 theta_W -+ 1/2, g_A = -+ 1/2; upper signs: nu_mu, nu_tau. Default: low momentum."""
        _checks.check_range("sin2_theta_w", sin2_theta_w, low=0.0, high=1.0)
        axial = jnp.array([0.5, -0.5, -0.5])
        return cls.of_flavors(axial + 2.0 * jnp.asarray(sin2_theta_w), axial)

    @classmethod
    def radiatively_corrected(cls) -> "Couplings":
        """Effective couplings at low momentum, the charge radii of the standard model included.

        g_V = (0.9521, -0.0397, -0.0353), g_A = (0.4938, -0.5062, -0.5062) of low energies, after J. Erler and S. Su,
        Prog. Part. Nucl. Phys. 71, 119 (2013), quoted from memory. Photon emission (1-2 % of the rate at 1 MeV) is not
        in them.
        """
        return cls.of_flavors(jnp.array([0.9521, -0.0397, -0.0353]), jnp.array([0.4938, -0.5062, -0.5062]))

    @public
    def with_charge_radius(
        self, charge_radius: Num[ArrayLike, "... 3 3"], *, constants: Constants = PDG_2026
    ) -> "Couplings":
        """Add charge radii <r^2> [cm^2], Hermitian in flavor, to those of the Standard Model, which are in already."""
        _checks.check_hermitian("charge_radius", charge_radius)
        _checks.check_range("charge_radius", jnp.abs(jnp.asarray(charge_radius)), high=1e-26, unit="cm^2")
        return self._shifted(charge_radius_shift(charge_radius, constants=constants))

    @public
    def with_millicharge(
        self,
        charge: Num[ArrayLike, "... 3 3"],
        recoil_energy: RealLike,
        *,
        constants: Constants = PDG_2026,
    ) -> "Couplings":
        """Add charges q [e] of the neutrinos, Hermitian in flavor, at the recoil T > 0 [keV].

        The couplings that come back hold at this T alone: there is a differential, but no total cross section of them.
        """
        _checks.check_hermitian("charge", charge)
        _checks.check_range("charge", jnp.abs(jnp.asarray(charge)), high=1e-3, unit="e")
        recoil_energy = _checks.as_array("recoil_energy", recoil_energy, float)
        _checks.check_range("recoil_energy", recoil_energy, low=0.0, open_low=True, unit="keV")
        recoil = recoil_energy[..., None, None]
        return self._shifted(-millicharge_shift(charge, ELECTRON_MASS, recoil, constants=constants))

    @public
    def with_interactions(self, vector: Num[ArrayLike, "... 3 3"], axial: Num[ArrayLike, "... 3 3"]) -> "Couplings":
        """Add eps_V to g_V and eps_A to g_A:

            L = -sqrt2 G_F (nubar gamma_mu P_L nu) ebar gamma^mu (eps_V - eps_A gamma_5) e.

        **Arguments:** Hermitian matrices in flavor space.
        """
        _checks.check_hermitian("vector", vector)
        _checks.check_hermitian("axial", axial)
        vector, axial = jnp.asarray(vector), jnp.asarray(axial)
        return Couplings(self.left + 0.5 * (vector + axial), self.right + 0.5 * (vector - axial))

    def _shifted(self, vector: Num[Array, "... 3 3"]) -> "Couplings":
        """Couplings with `vector` added to g_V."""
        return Couplings(self.left + 0.5 * vector, self.right + 0.5 * vector)

    @property
    def products(self) -> tuple[Num[Array, "... 3 3"], ...]:
        """Matrices Q_k of D(E, T): G_L^+ G_L, G_R^+ G_R and G_L^+ G_R + G_R^+ G_L, each (..., 3, 3)."""
        mixed = adjoint(self.left) @ self.right
        return adjoint(self.left) @ self.left, adjoint(self.right) @ self.right, mixed + adjoint(mixed)

    def of_antineutrinos(self) -> "Couplings":
        """Couplings of antineutrinos: left and right trade places, and both are conjugated.

        So g_A changes its sign and g_V does not, nor what charges and radii of the neutrino add to it.
        """
        return Couplings(jnp.conj(self.right), jnp.conj(self.left))


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    couplings: Couplings,
    *,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """Matrix D(E, T) [cm^2 / keV] per electron, zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and kinetic energy T >= 0 [keV] of the electron, which broadcast.
    """
    return weighted(differential_strengths(energy, recoil_energy, constants=constants), couplings.products)


@public
def cross_section(
    energy: RealLike,
    couplings: Couplings,
    *,
    low: RealLike = 0.0,
    high: RealLike = jnp.inf,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """Integral of D(E, T) [cm^2] over the recoils between two thresholds, in closed form.

    **Arguments:** neutrino energy E > 0 [MeV]; `low` and `high` [keV], not negative. All broadcast.
    """
    return weighted(strengths(energy, low=low, high=high, constants=constants), couplings.products)


@public
def differential_strengths(
    energy: RealLike, recoil_energy: RealLike, *, constants: Constants = PDG_2026
) -> tuple[Float[Array, "..."], ...]:
    """K_k(E, T) [cm^2 / keV], zero out of reach: with Q_k they make D; E > 0 [MeV] and T >= 0 [keV] broadcast."""
    energy, recoil_energy = checked(energy, recoil_energy=recoil_energy)
    inside = reached(energy, recoil_energy) * weak_scale(constants) / KEV_PER_MEV
    return tuple(inside * term for term in _kinematics(energy, recoil_energy / KEV_PER_MEV))


@public
def strengths(
    energy: RealLike,
    *,
    low: RealLike,
    high: RealLike = jnp.inf,
    power: int = 0,
    constants: Constants = PDG_2026,
) -> tuple[Float[Array, "..."], ...]:
    """Integrals of K_k(E, T) / T^power between two thresholds [cm^2 / keV^power]: with Q_k they make a cross section.

    In closed form, but for powers, which belong to charged neutrinos, whose g_V goes like 1/T: four nodes in T then, to
    1e-13 for `high` < 1.1 `low`.

    **Arguments:** E > 0 [MeV], `low` >= 0 (> 0 with powers) and `high` [keV], which broadcast; `power` 0, 1 or 2.
    """
    _checks.check_integer("power", power, low=0, high=2)
    energy, low = checked(energy, positive=power > 0, low=low)
    high = checked_high(high)
    if power == 0:
        return _totals(energy, low, high, constants=constants)
    a, b, opened = window(maximal_recoil(energy), low, high)
    half = 0.5 * (b - a)[..., None]
    recoil = a[..., None] + half * (1.0 + _NODES)
    weights = _WEIGHTS * half / KEV_PER_MEV / recoil**power
    terms = _kinematics(energy[..., None], recoil / KEV_PER_MEV)
    return tuple(jnp.where(opened, weak_scale(constants) * jnp.sum(weights * term, -1), 0.0) for term in terms)


def _kinematics(energy: Real, recoil: Real) -> tuple[Real, Real, Real]:
    """Factors K_k(E, T) of D without their scale; E and T [MeV]."""
    return jnp.ones_like(recoil), (1.0 - recoil / energy) ** 2, -0.5 * ELECTRON_MASS * recoil / energy**2


@partial(jax.jit, static_argnames="constants")
def _totals(energy: Real, low: Real, high: Real, *, constants: Constants) -> tuple[Real, ...]:
    """Integrals of K_k between two thresholds [cm^2]."""
    start, end, opened = window(maximal_recoil(energy), low, high)
    a, b = start / KEV_PER_MEV, end / KEV_PER_MEV
    u, v = 1.0 - a / energy, 1.0 - b / energy
    width = b - a
    terms = (width, width * (u**2 + u * v + v**2) / 3.0, -0.25 * ELECTRON_MASS * width * (a + b) / energy**2)
    return tuple(jnp.where(opened, weak_scale(constants) * term, 0.0) for term in terms)


def weak_scale(constants: Constants) -> float:
    """Scale of the cross section, 2 G_F^2 m_e / pi [cm^2 / MeV]."""
    fermi = constants.fermi_constant * GEV_PER_MEV**2
    return 2.0 * fermi**2 * ELECTRON_MASS / jnp.pi * (constants.hbar_c * CM_PER_FM) ** 2
