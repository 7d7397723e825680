"""Two-loop integrals of neutrino masses and moments, each as a sum over fixed nodes in the logarithm of a momentum.

Integrands analytic in a strip of half-width pi make the trapezoidal rule exact to exp(-2 pi^2 / step): rounding, for
the derivatives too. No integrand cancels, so masses may be equal, far apart or, where it is said, zero.
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from nmmjax._public import public
from nmmjax.constants import PDG_2026
from nmmjax.loops import _arguments
from nmmjax.loops._feynman import ONE_MINUS_X, STEP, X, inner_fermions, outer_loop
from nmmjax.loops._self_energy import self_energy_difference
from nmmjax.numerics.arrays import Real, RealLike


def _spectral_weight(P: np.ndarray) -> np.ndarray:
    """W(P), what the loops leave when the squared momentum of the doubly charged scalar is P and leptons are massless.

    By v = 2 / (P + sqrt(P (P + 4))) and s = 1/v, with c(x) = (1 + x + x^2) ln(1 + x^2/(1 + x)) - x ln(1 + x):
    W / 2 = c(v) - v^2 ln v for v < 1, c(s) / s^2 - ln s else.
    """
    s = 0.5 * (P + np.sqrt(P * (P + 4.0)))
    x = np.minimum(s, 1.0 / s)
    core = (1.0 + x + x**2) * np.log1p(x**2 / (1.0 + x)) - x * np.log1p(x)
    return 2.0 * np.where(s > 1.0, core - x**2 * np.log(x), core / x**2 - np.log(x))


_POLES = np.exp(STEP * np.arange(-100, 167))
_RESIDUES = STEP * _POLES**2 * _spectral_weight(_POLES)


def _spread_nodes() -> tuple[np.ndarray, np.ndarray]:
    """K in units of m_f^2, and d ln K: steps of 0.45 in -20 < ln K < 32, where the scales are, and longer ones outside.

    ln K = 6 + s + A sinh(0.4 s): singularities are far from the outer nodes, or as weak as the integrand there. It is
    left at 1e-17 of its maximum.
    """
    s, growth = STEP * np.arange(-68, 73), 0.4
    turn = math.exp(-26.0 * growth)  # 26 from the middle both terms of d ln K / ds are equal
    return np.exp(6.0 + s + 2.0 * turn / growth * np.sinh(growth * s)), STEP * (1.0 + 2.0 * turn * np.cosh(growth * s))


_MOMENTUM, _MEASURE = _spread_nodes()


@public
def massless(r: RealLike) -> Real:
    """The two-loop integral of Zee and Babu for massless leptons, I = T(r) / m_f^2 with r = (m_h / m_f)^2.

        T(r) = -int_0^1 dx int_0^{1-x} dy ln[y (1-y) / (x + r y)] / (x + (r - 1) y + y^2)
             = int_0^inf dP P W(P) / (P + r).

    The second form, P the squared momentum of the doubly charged scalar, is what is summed, over the poles of
    sum_j w_j / (P_j + r). T(0) = pi^2/3, T(r) = (ln^2 r + pi^2/3 - 1) / r for large r. Other papers write
    I~ = (3/pi^2) max(1, r) T(r).

    **Arguments:** 0 <= r <= 1e12 (and r >= 1e-12 for derivatives, which diverge at zero), any shape. Error below 1e-14,
    of T' and T'' too. Babu and Macesanu, Phys. Rev. D 67, 073010 (2003); Nebot et al., Phys. Rev. D 77, 093013 (2008).
    """
    return _massless(_arguments.ratio("r", r))


@public
def massive(m_l: RealLike, m_lp: RealLike, m_f: RealLike, m_h: RealLike) -> Real:
    """Two-loop integral of the Zee-Babu model with massive leptons [GeV^-2], in Euclidean momenta

        I = (16 pi^2)^2 int d4k/(2pi)^4 int d4q/(2pi)^4
            1 / [(k^2 + m_l^2) (k^2 + m_f^2) (q^2 + m_l'^2) (q^2 + m_f^2) ((k - q)^2 + m_h^2)],

    symmetric in the leptons, whose masses [GeV] may be zero; those of the singly charged scalar m_f and of the doubly
    charged one m_h are positive. All may be equal. Error below 1e-14 for m_h / m_f in [1e-6, 1e6].

    The integral over q is the difference of two self-energies of momentum K = k^2; K is summed over.
    McDonald and McKellar, hep-ph/0309270.
    """
    return _massive(*_arguments.masses(positive=("m_f", "m_h"), m_l=m_l, m_lp=m_lp, m_f=m_f, m_h=m_h))


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
    """Loop J of the neutrino moment from fermions that join a charged scalar, W and the photon [GeV^-1].

        J = int_0^1 dx [Q_u x + Q_d (1-x)] [y_d m_d (1-x) (2-x) + y_u m_u x (1-x)] K(x),
        K(x) = int_0^inf K dK / [(K + M_S^2) (K + M_W^2) (x (1-x) K + x m_u^2 + (1-x) m_d^2)],

    for L = -ubar (y_d P_R - y_u P_L) d S^+ - F_ab nubar_a^c P_L l_b S^+ + h.c.: the moment is
    |mu_ab| = (N_c g^2 e |F_ab| / 256 pi^4) |sum_S J_S|, summed over the scalars S. The mass of the outer lepton is
    neglected, and photons on it or on the outer bosons are left out. The weights are those of neutrinos; those of
    charged leptons differ (`barr_zee.w_gamma_fermion`).

    **Arguments:** masses [GeV], those of the bosons positive, those of the fermions not negative; charges in units
    of e; real Yukawa couplings.
    """
    positive = _arguments.masses(positive=("m_scalar", "m_w"), m_scalar=m_scalar, m_w=m_w, m_down=m_down, m_up=m_up)
    couplings = _arguments.numbers(
        charge_down=charge_down, charge_up=charge_up, yukawa_down=yukawa_down, yukawa_up=yukawa_up
    )
    return _w_gamma_fermion(*positive, *couplings)


@public
def w_gamma_scalar(
    m_scalar: RealLike, *, m_charged: RealLike, m_neutral: RealLike, m_w: RealLike = PDG_2026.w_mass
) -> Real:
    """Barr-Freire-Zee loop J of a charged and a neutral scalar, the photon on the charged one [GeV^-2].

        J = int_0^1 dx x^2 (1-x) K(x),    m_u -> m_charged, m_d -> m_neutral in K(x).

    For a trilinear coupling -lambda S^- S'^+ phi and the coupling (g/2) kappa (p_phi - p_S') to W it replaces N_c J of
    `w_gamma_fermion` by +-(lambda kappa / sqrt 2) J. **Arguments:** masses [GeV], those of S and W positive.
    """
    return _w_gamma_scalar(
        *_arguments.masses(
            positive=("m_scalar", "m_w"), m_scalar=m_scalar, m_w=m_w, m_neutral=m_neutral, m_charged=m_charged
        )
    )


@jax.jit
def _massless(r: Real) -> Real:
    return _pole_sums(r, 1)[0]


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _pole_sums(r: Real, n: int) -> tuple[Real, ...]:
    """sum_j w_j / (P_j + r)^n and the next, n + 1, in one loop that stores nothing."""
    inverse = 1.0 / (_POLES + r[..., None])
    term = _RESIDUES * inverse**n
    zero = jnp.zeros((), r.dtype)
    return tuple(jax.lax.reduce((term, term * inverse), (zero, zero), _added, (r.ndim,)))


@_pole_sums.defjvp
def _pole_sums_jvp(
    n: int, primals: tuple[Real, ...], tangents: tuple[Real, ...]
) -> tuple[tuple[Real, ...], tuple[Real, ...]]:
    (r,), (dr,) = primals, tangents
    sums, following = _pole_sums(r, n), _pole_sums(r, n + 1)
    return sums, (-n * sums[1] * dr, -(n + 1) * following[1] * dr)


def _added(one: tuple[Real, Real], other: tuple[Real, Real]) -> tuple[Real, Real]:
    return one[0] + other[0], one[1] + other[1]


@jax.jit
def _massive(m_l: Real, m_lp: Real, m_f: Real, m_h: Real) -> Real:
    """Integral of `massive` as a trapezoidal sum over s(ln K), masses in units of m_f."""
    a, b, c = ((m / m_f)[..., None] ** 2 for m in (m_l, m_lp, m_h))
    propagators = _MEASURE * _MOMENTUM**2 / ((_MOMENTUM + a) * (_MOMENTUM + 1.0))
    return jnp.sum(propagators * self_energy_difference(_MOMENTUM, b, c), axis=-1) / m_f**2


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
    return inner_fermions(masses, charges, yukawas, of_down=ONE_MINUS_X * (1.0 + ONE_MINUS_X), of_up=X * ONE_MINUS_X)


@jax.jit
def _w_gamma_scalar(m_scalar: Real, m_w: Real, m_neutral: Real, m_charged: Real) -> Real:
    loop = outer_loop(m_scalar, m_w, m_neutral, m_charged)
    return STEP * jnp.sum(X**2 * ONE_MINUS_X * loop, axis=-1)
