"""Magnetic moments of neutrinos, mechanism by mechanism [mu_B].

A moment matrix has [a, b] for nu_b(L) -> antinu_a (Majorana) or N_a (Dirac), L = -(1/2) antinu_a sigma F lambda_ab nu_b
with each pair once; mu / mu_B = 2 m_e (mu / e), so that no value of alpha enters. Formulas that the literature gives as
orders of magnitude only say so.
"""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import GEV_PER_EV, PDG_2026, Constants
from nmmjax.loops import one_loop
from nmmjax.numerics.arrays import RealLike, ScalarLike

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)


@public
def in_bohr_magnetons(over_charge: Num[ArrayLike, "..."], *, constants: Constants = PDG_2026) -> Num[Array, "..."]:
    """Moment in Bohr magnetons, mu / mu_B = 2 m_e (mu / e), from mu / e [GeV^-1]."""
    return 2.0 * constants.electron_mass * jnp.asarray(over_charge)


# The Standard Model


@public
def w_loop_dirac(mass_matrix: Num[ArrayLike, "n n"], *, constants: Constants = PDG_2026) -> Num[Array, "n n"]:
    """Moments of Dirac neutrinos from the loop of W and charged leptons: lambda = (e G_F / 4 sqrt(2) pi^2) M f.

    f = diag f(m_l^2 / M_W^2) of `loops.one_loop.w_loop`, zero for sterile states; M [eV], its rows the right-handed
    states: no mixing matrix is needed. In mass states mu_kj = (e G_F / 8 sqrt(2) pi^2) (m_k + m_j) sum_l f_l U_lk^*
    U_lj, so mu_ii = 3 e G_F m_i / 8 sqrt(2) pi^2. Fujikawa and Shrock, Phys. Rev. Lett. 45, 963 (1980).
    """
    _checks.check_square("mass_matrix", mass_matrix, at_least=3)
    M = jnp.asarray(mass_matrix)
    gim = _of_leptons(len(M), constants)
    active = np.arange(len(M)) < 3
    return _weak_scale(constants) * M * (gim + 1.5 * active)


@public
def w_loop_majorana(mass_matrix: Num[ArrayLike, "n n"], *, constants: Constants = PDG_2026) -> Num[Array, "n n"]:
    """Moments of Majorana neutrinos from the loop of W and charged leptons:

        lambda_ab = (e G_F / 4 sqrt(2) pi^2) M_ab (f_b - f_a),    f_l = f(m_l^2 / M_W^2) of `loops.one_loop.w_loop`.

    Twice the Dirac transition moments, projected: i Im or Re of sum_l f_l U_li^* U_lj with (m_i + m_j) or (m_i - m_j).
    A sterile state, f = 0, radiates with Gamma = 9 alpha G_F^2 m^5 sin^2(2 theta) / 1024 pi^4. Pal and Wolfenstein,
    Phys. Rev. D 25, 766 (1982).
    """
    _checks.check_square("mass_matrix", mass_matrix, at_least=3)
    _checks.check_symmetric("mass_matrix", mass_matrix)
    M = jnp.asarray(mass_matrix)
    n = len(M)
    sterile = np.arange(n) >= 3
    active_difference = 1.5 * (1.0 * sterile[:, None] - 1.0 * sterile)
    gim = _of_leptons(n, constants)
    symmetric = 0.5 * (M + M.T)
    return _weak_scale(constants) * (symmetric * (gim - gim[:, None] + active_difference))


def _weak_scale(constants: Constants) -> float:
    """Moment [mu_B] over mass [eV]: (G_F / 4 sqrt(2) pi^2) 2 m_e."""
    return 2.0 * constants.electron_mass * constants.fermi_constant / (4.0 * math.sqrt(2.0) * math.pi**2) * GEV_PER_EV


def _of_leptons(n: int, constants: Constants) -> Float[Array, " n"]:
    """Loop functions f(a_l) - f(0) of the charged leptons, (n,), zero for sterile states."""
    a = (jnp.asarray(constants.lepton_masses) / constants.w_mass) ** 2
    return jnp.pad(one_loop.w_loop_gim(a), (0, n - 3))


# One loop of a charged scalar


@public
def charged_scalar(
    left: Num[ArrayLike, "3 3"],
    right: Num[ArrayLike, "3 3"],
    m_scalar: ScalarLike,
    *,
    constants: Constants = PDG_2026,
) -> Num[Array, "3 3"]:
    """A singly charged scalar and a charged lepton that flips its chirality:

        lambda_ji = (e / 16 pi^2 M^2) sum_l B_jl^* m_l A_il F(m_l^2 / M^2)

    for L = S^+ (A_il antinu_i^c l_L + B_jl bar(l_R^c) N_j) + h.c., F of `loops.one_loop.chirality_flip`.

    **Arguments:** `left` A, `right` B in vertex normalization; M [GeV]. L. Lavoura, Eur. Phys. J. C 29, 191 (2003).
    """
    _checks.check_range("m_scalar", m_scalar, low=0.0, open_low=True, unit="GeV")
    leptons, m_scalar = jnp.asarray(constants.lepton_masses), jnp.asarray(m_scalar)
    flip = leptons * one_loop.chirality_flip((leptons / m_scalar) ** 2) * _ONE_LOOP / m_scalar**2
    return in_bohr_magnetons((jnp.conj(right) * flip) @ jnp.asarray(left).T, constants=constants)


# Effective operators and orders of magnitude


@public
def tensor(
    couplings: Num[ArrayLike, "..."],
    scale: ScalarLike,
    *,
    mass: ScalarLike,
    charge: float | int,
    colors: int = 1,
    constants: Constants = PDG_2026,
) -> Num[Array, "..."]:
    """Closing the loop of f in L = -(epsilon_ab / M^2) (antinu_a sigma P_L nu_b) (fbar sigma f), leading logarithm:

        mu_ab = -epsilon_ab (N_c Q / pi^2) (m_e m_f / M^2) ln(M^2 / m_f^2) mu_B.

    **Arguments:** epsilon, M > m_f [GeV], mass, charge [e] and number of colors of f. Healey, Petrov and Zhuridov,
    Phys. Rev. D 87, 117301 (2013), 1305.0584.
    """
    _checks.check_range("mass", mass, low=0.0, open_low=True, unit="GeV")
    _checks.check_range(
        "scale", scale, low=0.0 if (least := _checks.concrete(mass)) is None else float(least), unit="GeV"
    )
    _checks.check_integer("colors", colors, low=1)
    mass, scale = jnp.asarray(mass), jnp.asarray(scale)
    logarithm = 2.0 * jnp.log(scale / mass)
    size = -colors * charge / math.pi**2 * constants.electron_mass * mass / scale**2 * logarithm
    return jnp.asarray(couplings) * size


@public
def left_right(
    sin_2xi: RealLike,
    lepton_mass: RealLike,
    neutrino_mass: RealLike = 0.0,
    *,
    mass_ratio: RealLike = 0.0,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """The moment of a Dirac neutrino where W_L and W_R mix by the angle xi:

        mu = (e G_F / 2 sqrt(2) pi^2) [m_l (1 - r^2) sin 2xi + (3/4) m_nu (1 + r^2)],    r = M_W1 / M_W2.

    **Arguments:** m_l [GeV], m_nu [eV]. R. E. Shrock, Nucl. Phys. B 206, 359 (1982).
    """
    for name, value in (("sin_2xi", sin_2xi), ("mass_ratio", mass_ratio)):
        _checks.check_range(name, value, low=-1.0 if name == "sin_2xi" else 0.0, high=1.0)
    _checks.check_range("lepton_mass", lepton_mass, low=0.0, unit="GeV")
    _checks.check_range("neutrino_mass", neutrino_mass, low=0.0, unit="eV")
    r2 = jnp.asarray(mass_ratio) ** 2
    mixed = jnp.asarray(lepton_mass) * (1.0 - r2) * jnp.asarray(sin_2xi)
    ordinary = 0.75 * jnp.asarray(neutrino_mass) * GEV_PER_EV * (1.0 + r2)
    scale = constants.fermi_constant / (2.0 * math.sqrt(2.0) * math.pi**2)
    return in_bohr_magnetons(scale * (mixed + ordinary), constants=constants)


@public
def r_parity_violation(
    coupling: RealLike,
    m_slepton: RealLike,
    *,
    lepton_mass: RealLike,
    trilinear: RealLike,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Order of magnitude where R parity is broken: mu ~ e lambda'^2 m_l^2 A / (16 pi^2 M^4), all masses [GeV].

    K. S. Babu and R. N. Mohapatra, Phys. Rev. Lett. 64, 1705 (1990). An estimate: not for a fit.
    """
    _checks.check_range("m_slepton", m_slepton, low=0.0, open_low=True, unit="GeV")
    _checks.check_range("lepton_mass", lepton_mass, low=0.0, unit="GeV")
    size = jnp.asarray(coupling) ** 2 * jnp.asarray(lepton_mass) ** 2 * jnp.asarray(trilinear) * _ONE_LOOP
    return in_bohr_magnetons(size / jnp.asarray(m_slepton) ** 4, constants=constants)


@public
def barr_freire_zee(
    coupling: Num[ArrayLike, "..."],
    loop: RealLike,
    *,
    fine_structure_2: float | None = None,
    constants: Constants = PDG_2026,
) -> Num[Array, "..."]:
    """mu = (g^2 e / 256 pi^4) F J: two loops that join a charged scalar, W and a photon; no neutrino mass of that size.

    **Arguments:** F = F_ab of -F_ab antinu_a^c P_L l_b S^+, antisymmetric; J [GeV^-1] = sum N_c J of
    `loops.two_loop.w_gamma_fermion` and `w_gamma_scalar`. g^2 = 8 M_W^2 G_F / sqrt 2 unless `fine_structure_2` =
    g^2 / 4 pi is given. S. M. Barr, E. M. Freire and A. Zee, Phys. Rev. Lett. 65, 2626 (1990).
    """
    if fine_structure_2 is None:
        squared = 8.0 * constants.w_mass**2 * constants.fermi_constant / math.sqrt(2.0)
    else:
        _checks.check_range("fine_structure_2", fine_structure_2, low=0.0, open_low=True)
        squared = 4.0 * math.pi * fine_structure_2
    size = squared / (256.0 * math.pi**4) * jnp.asarray(coupling) * jnp.asarray(loop)
    return in_bohr_magnetons(size, constants=constants)


@public
def expected_mass(
    moment: RealLike,
    m_heavy: RealLike,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """The conundrum: the mass [eV] that comes with a moment where the photon is taken off the loop,

        m_nu ~ M^2 mu / (2 m_e mu_B),

    0.1 MeV for 1e-11 mu_B and M = 100 GeV; an order of magnitude, times (ln Lambda^2 / M^2) / (ln M^2 / m_l^2 - 1).
    """
    _checks.check_range("m_heavy", m_heavy, low=0.0, unit="GeV")
    heavy = jnp.asarray(m_heavy)
    return heavy**2 * jnp.asarray(moment) / (2.0 * constants.electron_mass) / GEV_PER_EV
