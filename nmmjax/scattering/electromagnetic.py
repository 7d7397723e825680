"""What neutrinos have of electromagnetism, in the units of the weak couplings: moment, charge radius, charge.

A charge radius and a charge leave the helicity alone and add to the vector coupling of a charged particle, with which
they interfere; a moment flips it and adds to the cross section. Charge and charge radius are those of the neutrino:
in front of antineutrinos weak and electromagnetic amplitude change sign together.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_FM, MEV_PER_GEV, MEV_PER_KEV, PDG_2026, Constants
from nmmjax.numerics import hermitian
from nmmjax.numerics.arrays import RealLike


@public
def flipped(
    matrix: Num[ArrayLike, "... m n"], antineutrino: bool, *, name: str = "moment_matrix"
) -> Num[Array, "... n n"]:
    """Product A^+ A of amplitudes A[a, b] of nu_b -> a, conjugated for antineutrinos; `name` appears in errors."""
    A = jnp.conj(jnp.asarray(matrix)) if antineutrino else jnp.asarray(matrix)
    return hermitian.gram(A)


@public
def moment_scale(constants: Constants = PDG_2026) -> float:
    """Scale alpha mu_B^2 = pi alpha^2 / m_e^2 [cm^2], 2.4947e-25, of dsigma/dT = alpha mu^2 (1/T - 1/E)."""
    length = constants.hbar_c * CM_PER_FM / (MEV_PER_GEV * constants.electron_mass)
    return math.pi * (constants.fine_structure * length) ** 2


@public
def charge_radius_shift(charge_radius: Num[ArrayLike, "..."], *, constants: Constants = PDG_2026) -> Num[Array, "..."]:
    """Shift sqrt(2) pi alpha <r^2> / 3 G_F, added to g_V of the electron and subtracted from g_V of the proton.

    **Arguments:** <r^2> [cm^2] = 6 dF/dq^2 at q^2 = 0 of the vertex antinu_L gamma nu_L F(q^2), anapole included;
    0.0238 for 1e-32 cm^2.
    """
    fermi = constants.fermi_constant * (constants.hbar_c * CM_PER_FM / MEV_PER_GEV) ** 2
    return math.sqrt(2.0) * math.pi * constants.fine_structure / (3.0 * fermi) * jnp.asarray(charge_radius)


@public
def millicharge_shift(
    charge: Num[ArrayLike, "..."],
    mass: RealLike,
    recoil_energy: RealLike,
    *,
    constants: Constants = PDG_2026,
) -> Num[Array, "..."]:
    """Shift sqrt(2) pi alpha q / (G_F M T), added to g_V of the proton and subtracted from g_V of the electron.

    **Arguments:** q of the neutrino [e]; mass M [MeV] and recoil energy T > 0 [keV] of what is hit.
    """
    for name, value, unit in (("mass", mass, "MeV"), ("recoil_energy", recoil_energy, "keV")):
        _checks.check_range(name, value, low=0.0, open_low=True, unit=unit)
    squared = jnp.asarray(mass) * jnp.asarray(recoil_energy) * MEV_PER_KEV / MEV_PER_GEV**2
    scale = math.sqrt(2.0) * math.pi * constants.fine_structure / constants.fermi_constant
    return scale * jnp.asarray(charge) / squared


@public
def standard_model_charge_radii(*, constants: Constants = PDG_2026) -> tuple[float, float, float]:
    """Charge radii <r^2> of nu_e, nu_mu, nu_tau [cm^2], (-8.3, -4.8, -3.0) e-33, as `charge_radius_shift` takes them:

        <r^2> = -(G_F / 2 sqrt(2) pi^2) [3 - 2 ln(m_l^2 / M_W^2)].

    J. Bernabeu, J. Papavassiliou and J. Vidal, Nucl. Phys. B 680, 450 (2004), give the charge part alone with the other
    sign, (4.1, 2.4, 1.5) e-33 cm^2; with its anapole the vertex is twice that. Couplings that are radiatively corrected
    hold them already.
    """
    area = constants.fermi_constant * (constants.hbar_c * CM_PER_FM / MEV_PER_GEV) ** 2

    def of(lepton: float) -> float:
        logarithm = 2.0 * math.log(lepton / constants.w_mass)
        return -area / (2.0 * math.sqrt(2.0) * math.pi**2) * (3.0 - 2.0 * logarithm)

    electron, muon, tau = constants.lepton_masses
    return of(electron), of(muon), of(tau)
