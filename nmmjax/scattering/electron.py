"""Elastic scattering of neutrinos on electrons by the weak interaction, as matrices in flavour space.

With the couplings G_L, G_R of L = -2 sqrt2 G_F (nubar gamma_mu P_L G_X nu)(ebar gamma^mu P_X e), X = L, R,

    D(E, T) = (2 G_F^2 m_e / pi) [G_L^+ G_L + G_R^+ G_R (1 - T/E)^2 - (G_L^+ G_R + G_R^+ G_L) m_e T / (2 E^2)],

and a neutrino that arrives in the state rho scatters with dsigma/dT = Re Tr[rho D]. The diagonal of D holds the cross
sections of nu_e, nu_mu and nu_tau.
"""

from functools import partial
from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from nmmjax import _checks
from nmmjax.constants import PDG_2026, Constants

ELECTRON_MASS = 1e3 * PDG_2026.electron_mass
"""[MeV]."""
_KEV_PER_MEV = 1e3
_GEV_PER_MEV = 1e-3
_CM_PER_FM = 1e-13


class Couplings(eqx.Module):
    """G_L and G_R, rows and columns e, mu, tau."""

    left: Num[Array, "... 3 3"]
    right: Num[Array, "... 3 3"]

    @classmethod
    def of_flavors(cls, vector: Float[Array, "3"], axial: Float[Array, "3"]) -> Self:
        """Diagonal couplings from g_V and g_A of the three flavours: G_L = (g_V + g_A) / 2, G_R = (g_V - g_A) / 2."""
        return cls(jnp.diag(0.5 * (vector + axial)), jnp.diag(0.5 * (vector - axial)))

    @classmethod
    def tree_level(cls, sin2_theta_w: Float[Array, ""] | float = 0.23863) -> Self:
        """g_V = 2 sin^2 theta_W -+ 1/2, g_A = -+ 1/2; upper signs: nu_mu and nu_tau. Default: at low momentum."""
        axial = jnp.array([0.5, -0.5, -0.5])
        return cls.of_flavors(axial + 2.0 * sin2_theta_w, axial)

    @classmethod
    def radiatively_corrected(cls) -> Self:
        """Effective couplings at low momentum, the charge radii of the standard model included.

        g_V = (0.9521, -0.0397, -0.0353), g_A = (0.4938, -0.5062, -0.5062): the low-energy values of the electroweak
        review of the Particle Data Group. Photon emission (1-2 % of the rate at 1 MeV) is not in them.
        """
        return cls.of_flavors(jnp.array([0.9521, -0.0397, -0.0353]), jnp.array([0.4938, -0.5062, -0.5062]))

    def of_antineutrinos(self) -> "Couplings":
        """Those of antineutrinos: left and right trade places, and both are conjugated."""
        return Couplings(jnp.conj(self.right), jnp.conj(self.left))


def maximal_recoil(energy: Float[Array, "..."] | float) -> Float[Array, "..."]:
    """T_max = 2 E^2 / (m_e + 2 E) [keV] of a neutrino of energy E [MeV]."""
    energy = jnp.asarray(energy)
    return _KEV_PER_MEV * 2.0 * energy**2 / (ELECTRON_MASS + 2.0 * energy)


def differential_cross_section(
    energy: Float[Array, "..."] | float,
    recoil_energy: Float[Array, "..."] | float,
    couplings: Couplings,
    *,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """D(E, T) [cm^2 / keV] per electron, zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and kinetic energy T >= 0 [keV] of the electron, which broadcast.
    """
    energy, recoil_energy = _checked(energy, recoil_energy=recoil_energy)
    reached = jnp.where(recoil_energy <= maximal_recoil(energy), 1.0, 0.0)
    recoil = recoil_energy / _KEV_PER_MEV
    terms = (jnp.ones_like(recoil), (1.0 - recoil / energy) ** 2, ELECTRON_MASS * recoil / energy**2)
    return _combined([reached * term for term in terms], couplings, constants) / _KEV_PER_MEV


def cross_section(
    energy: Float[Array, "..."] | float,
    couplings: Couplings,
    *,
    low: Float[Array, "..."] | float = 0.0,
    high: Float[Array, "..."] | float = jnp.inf,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """Integral of D(E, T) [cm^2] over the recoils between two thresholds, in closed form.

    **Arguments:** neutrino energy E > 0 [MeV]; `low` and `high` [keV], not negative. All broadcast.
    """
    energy, low = _checked(energy, low=low)
    high = _checks.as_array("high", high)
    _checks.check_real("high", high)
    return _cross_section(energy, couplings, low, high, constants=constants)


@partial(jax.jit, static_argnames="constants")
def _cross_section(energy, couplings, low, high, *, constants):
    greatest = maximal_recoil(energy)
    a = jnp.minimum(low, greatest) / _KEV_PER_MEV
    b = jnp.maximum(jnp.minimum(high, greatest) / _KEV_PER_MEV, a)
    u, v = 1.0 - a / energy, 1.0 - b / energy
    width = b - a
    terms = (width, width * (u**2 + u * v + v**2) / 3.0, 0.5 * ELECTRON_MASS * width * (a + b) / energy**2)
    return _combined(terms, couplings, constants)


def _combined(terms, couplings, constants):
    """The three matrices of D with their kinematic factors [MeV or MeV / MeV]."""
    left, right = couplings.left, couplings.right
    mixed = _adjoint(left) @ right
    matrices = (_adjoint(left) @ left, _adjoint(right) @ right, -0.5 * (mixed + _adjoint(mixed)))
    fermi = constants.fermi_constant * _GEV_PER_MEV**2
    scale = 2.0 * fermi**2 * ELECTRON_MASS / jnp.pi * (constants.hbar_c * _CM_PER_FM) ** 2
    return scale * sum(term[..., None, None] * matrix for term, matrix in zip(terms, matrices, strict=True))


def _adjoint(matrix):
    return jnp.conj(jnp.swapaxes(matrix, -1, -2))


def _checked(energy, **recoil):
    """Energy and recoil as arrays of one shape; errors before anything is compiled."""
    (name, value), *_ = recoil.items()
    energy, value = _checks.as_array("energy", energy, float), _checks.as_array(name, value, float)
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range(name, value, low=0.0, unit="keV")
    return jnp.broadcast_arrays(energy, value)
