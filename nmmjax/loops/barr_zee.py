"""Two loops that give charged leptons dipoles: a scalar and a photon, or W, joined by an inner loop (Barr and Zee).

A sum over fixed nodes in the logarithm of the Feynman parameter of the inner loop, exact to rounding. The outer lepton
is massless in the loop. For couplings -L = phi lbar_b y_ba P_R l_a, and the inner loop at one mass, the dipole
amplitude [b, a] with the flip of chirality inside, m_a times that of `nmmjax.decays`, is

    fermion, -L = phi fbar (s + i p gamma_5) f:  (alpha / 4 pi^3) (N_c Q^2 / m_f) y [s S(r) - i p P(r)],
    W, L = g_W (2 M_W^2 / v) phi W W:            (alpha / 8 pi^3) (g_W / v) y V(M_W^2 / M^2),
    charged scalar, W and photon:                -(g^2 N_c / 256 pi^4) y J,    r = m_f^2 / M^2,

and Delta a_l = m_l Re amplitude_ll. The Z in place of the photon is left out: 1 - 4 sin^2 theta_W, a few percent.

V. Ilisie, JHEP 04 (2015) 077, 1502.04199, equations (19) to (29); D. Chang, W. S. Hou and W. Y. Keung, Phys. Rev. D
48, 217 (1993).
"""

import jax
import jax.numpy as jnp
import numpy as np

from nmmjax._public import public
from nmmjax.constants import PDG_2026
from nmmjax.loops import _arguments
from nmmjax.loops._feynman import ONE_MINUS_X, STEP, X, inner_fermions
from nmmjax.loops._quotients import log_quotient
from nmmjax.numerics.arrays import Real, RealLike

_Z = X * ONE_MINUS_X
_HALF = _Z[30:181]
"""At logits from -67.5 to 0: what is symmetric in x and 1 - x needs no more."""
_WEIGHT = STEP * np.append(np.full(150, 2.0), 1.0)


@public
def scalar(r: RealLike) -> Real:
    """Inner loop S of a fermion, scalar coupling, r = m_f^2 / M^2; negative.

        S(r) = (r/2) int_0^1 dx (2 x (1-x) - 1) ln[r / (x (1-x))] / (r - x (1-x)).

    **Arguments:** r > 0, any shape. S is -1/3 (ln r + 13/6) for r large, -(r/2) (ln^2 r + 2 ln r + pi^2/3 + 4) for r
    small.
    """
    return _scalar(_arguments.ratio("r", r, positive=True))


@public
def pseudoscalar(r: RealLike) -> Real:
    """Inner loop P of a fermion, pseudoscalar coupling, r = m_f^2 / M^2.

        P(r) = (r/2) int_0^1 dx ln[r / (x (1-x))] / (r - x (1-x)).

    **Arguments:** r > 0, any shape. P is (ln r + 2) / 2 for r large, (r/2) (ln^2 r + pi^2/3) for r small.
    """
    return _pseudoscalar(_arguments.ratio("r", r, positive=True))


@public
def w_boson(r: RealLike) -> Real:
    """Inner loop V of W, r = M_W^2 / M^2.

        V(r) = (1/2) int_0^1 dx [x r (3x (4x-1) + 10) - x (1-x)] ln[r / (x (1-x))] / (r - x (1-x)).

    **Arguments:** r > 0, any shape. The diagrams beside it that Chang, Hou and Keung count make it 1 % larger for M =
    125 GeV.
    """
    return _w_boson(_arguments.ratio("r", r, positive=True))


@public
def w_gamma_fermion(
    m_scalar: RealLike,
    *,
    m_down: RealLike,
    m_up: RealLike,
    charge_down: RealLike,
    charge_up: RealLike,
    yukawa_down: RealLike,
    yukawa_up: RealLike,
    m_w: RealLike = PDG_2026.w_mass,
) -> Real:
    """Inner loop J of fermions that join a charged scalar, W and the photon, for charged leptons outside [GeV^-1].

        J = int_0^1 dx [Q_u x + Q_d (1-x)] [y_d m_d x (1-x) + y_u m_u x (1+x)] K(x),

    K and the couplings as in `two_loop.w_gamma_fermion`, whose weights are those of neutrinos. The lepton's coupling is
    that of the same doublet, -L = y S^+ nubar_L l_R.

    **Arguments:** masses [GeV], those of the bosons positive, those of the fermions not negative; charges in units
    of e; real Yukawa couplings.
    """
    masses = _arguments.masses(positive=("m_scalar", "m_w"), m_scalar=m_scalar, m_w=m_w, m_down=m_down, m_up=m_up)
    couplings = _arguments.numbers(
        charge_down=charge_down, charge_up=charge_up, yukawa_down=yukawa_down, yukawa_up=yukawa_up
    )
    return _w_gamma_fermion(*masses, *couplings)


@jax.jit
def _scalar(r: Real) -> Real:
    return 0.5 * r * _summed(r, 2.0 * _HALF - 1.0)


@jax.jit
def _pseudoscalar(r: Real) -> Real:
    return 0.5 * r * _summed(r, np.ones_like(_HALF))


@jax.jit
def _w_boson(r: Real) -> Real:
    return 0.5 * (r * _summed(r, 9.5 - 15.0 * _HALF) - _summed(r, _HALF))


def _summed(r: Real, weight: np.ndarray) -> Real:
    """Integral int_0^1 dx weight ln[r / (x (1-x))] / (r - x (1-x)), weight a function of x (1-x)."""
    return jnp.sum(_WEIGHT * weight * log_quotient(r[..., None] / _HALF), axis=-1)


@jax.jit
def _w_gamma_fermion(
    m_scalar: Real,
    m_w: Real,
    m_down: Real,
    m_up: Real,
    charge_down: Real,
    charge_up: Real,
    yukawa_down: Real,
    yukawa_up: Real,
) -> Real:
    masses, charges, yukawas = (m_scalar, m_w, m_down, m_up), (charge_down, charge_up), (yukawa_down, yukawa_up)
    return inner_fermions(masses, charges, yukawas, of_down=_Z, of_up=X * (1.0 + X))
