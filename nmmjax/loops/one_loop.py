"""One-loop functions of squared mass ratios, and the differences of self-energies that give finite masses.

A fermion of mass m_F and a scalar of mass M_S in the loop, external momenta neglected, t = m_F^2 / M_S^2. Terms
t^n ln t vanish in the massless limit; a derivative in t that diverges there is taken without its logarithm at t = 0,
so that derivatives in the mass itself are right.
"""

import math

import jax
import jax.numpy as jnp

from nmmjax._public import public
from nmmjax.loops import _arguments
from nmmjax.loops._quotients import X, entropy, entropy_difference, log_of, log_quotient, ordered, regular
from nmmjax.numerics.arrays import Real, RealLike


@public
def chirality_flip(t: RealLike) -> Real:
    """The dipole of a neutral fermion with the chirality flip on the line inside, the photon on both lines.

        F(t) = int_0^1 x dx / (1 - x + t x) = (t - 1 - ln t) / (1 - t)^2,    F(1) = 1/2.

    **Arguments:** t > 0, any shape; F diverges as -ln t - 1 at zero. Error below 1e-14 for t in [1e-14, 1e6].
    Lavoura, Eur. Phys. J. C 29, 191 (2003).
    """
    return _chirality_flip(_arguments.ratio("t", t, positive=True))


@public
def flip_on_fermion(t: RealLike) -> Real:
    """The dipole with the chirality flip and the photon on the internal fermion, t = m_F^2 / M_S^2.

        G(t) = int_0^1 x^2 dx / (1 - x + t x) = (-3 + 4t - t^2 - 2 ln t) / (2 (1 - t)^3),
        G = -ln t - 3/2 for small t,  G(1) = 1/3.

    **Arguments:** t > 0, any shape. Error below 1e-14 for t <= 1e6. Leveille, Nucl. Phys. B 137, 63 (1978).
    """
    return _flip_on_fermion(_arguments.ratio("t", t, positive=True))


@public
def photon_on_fermion(t: RealLike) -> Real:
    """The dipole with the chirality flip outside, the photon on the internal fermion.

        E(t) = int_0^1 x^2 (1 - x) dx / (1 - x + t x) = (2 + 3t - 6t^2 + t^3 + 6t ln t) / (6 (1 - t)^4),
        E(0) = 1/3,  E(1) = 1/12.

    **Arguments:** t >= 0, any shape. Error below 1e-14 for t <= 1e6. Lavoura, Eur. Phys. J. C 29, 191 (2003).
    """
    return _photon_on_fermion(_arguments.ratio("t", t))


@public
def photon_on_scalar(t: RealLike) -> Real:
    """The dipole with the chirality flip outside, the photon on the internal scalar.

        H(t) = int_0^1 x (1 - x)^2 dx / (1 - x + t x) = (1 - 6t + 3t^2 + 2t^3 - 6t^2 ln t) / (6 (1 - t)^4),
        H(0) = 1/6,  H(1) = 1/12.

    **Arguments:** t >= 0, any shape. Error below 1e-14 for t <= 1e6. Lavoura, Eur. Phys. J. C 29, 191 (2003).
    """
    return _photon_on_scalar(_arguments.ratio("t", t))


@public
def w_loop(a: RealLike) -> Real:
    """The moment of a neutrino from the loop of a charged lepton and W, a = m_l^2 / M_W^2.

        f(a) = (3/4) [1 + 1/(1 - a) - 2a/(1 - a)^2 - 2a^2 ln a/(1 - a)^3],    f(0) = 3/2.

    **Arguments:** a >= 0, any shape. Lee and Shrock, Phys. Rev. D 16, 1444 (1977).
    """
    return 1.5 + w_loop_gim(a)


@public
def w_loop_gim(a: RealLike) -> Real:
    """Difference f(a) - f(0), what unitarity of the mixing leaves of `w_loop` in a transition moment.

        f(a) - 3/2 = -(3/4) a (1 - a^2 + 2a ln a) / (1 - a)^3,

    without cancellation for light leptons. **Arguments:** a >= 0, any shape.
    """
    return _w_loop_gim(_arguments.ratio("a", a))


@public
def b0_minimal(m_1: RealLike, m_2: RealLike, *, scale: RealLike) -> Real:
    """The two-point function at zero momentum in the minimal scheme.

        B0 = 1 - (m_1^2 ln(m_1^2/mu^2) - m_2^2 ln(m_2^2/mu^2)) / (m_1^2 - m_2^2).

    **Arguments:** masses [GeV], not both zero where they meet; scale mu > 0 [GeV].
    """
    m_1, m_2, scale = _arguments.masses(positive=("scale",), m_1=m_1, m_2=m_2, scale=scale)
    _arguments.not_both_zero(m_1=m_1, m_2=m_2)
    return _b0_minimal(m_1, m_2, scale)


@public
def b0_cutoff(m_1: RealLike, m_2: RealLike, *, cutoff: RealLike) -> Real:
    """The two-point function at zero momentum, the Euclidean momentum cut off.

        int_0^{Lambda^2} K dK / ((K + m_1^2) (K + m_2^2)),

    to 1e-15 of the larger of its value and one. **Arguments:** masses [GeV], not both zero where they meet; cutoff
    Lambda > 0 [GeV].
    """
    m_1, m_2, cutoff = _arguments.masses(positive=("cutoff",), m_1=m_1, m_2=m_2, cutoff=cutoff)
    _arguments.not_both_zero(m_1=m_1, m_2=m_2)
    return _b0_cutoff(m_1, m_2, cutoff)


@public
def b0_difference(m: RealLike, m_1: RealLike, m_2: RealLike) -> Real:
    """Difference B0(m, m_1) - B0(m, m_2): finite, and without cancellation for m_1 -> m_2.

        ln(m_2^2/m_1^2) + t_1 ln t_1/(1 - t_1) - t_2 ln t_2/(1 - t_2),    t_i = m^2/m_i^2.

    This is the bracket of Zee's neutrino mass, m that of the charged lepton, m_1 and m_2 those of the charged scalars:
    M = (sin 2 phi / 16 pi^2) (f m b0_difference Y^+ + transpose). **Arguments:** masses [GeV], m not zero together with
    another.
    """
    m, m_1, m_2 = _arguments.masses(m=m, m_1=m_1, m_2=m_2)
    _arguments.not_both_zero(m_1=m_1, m=m)
    _arguments.not_both_zero(m_2=m_2, m=m)
    return _b0_difference(m, m_1, m_2)


@public
def scotogenic(m_fermion: RealLike, m_real: RealLike, m_imaginary: RealLike) -> Real:
    """Neutrino mass per squared coupling from a fermion M and the two parts of an inert neutral scalar [GeV].

        (M / 32 pi^2) [g(m_R^2) - g(m_I^2)],    g(x) = x ln(x / M^2) / (x - M^2).

    For eta^0 = (eta_R + i eta_I) / sqrt 2 and L = -h_ij Nbar_j nu_i eta^0 + h.c.: M_ij = sum_k h_ik h_jk scotogenic_k.
    (1/16 pi^2 in the paper is twice too large.) **Arguments:** masses [GeV], the fermion's positive. Ma,
    Phys. Rev. D 73, 077301 (2006).
    """
    m_fermion, m_real, m_imaginary = _arguments.masses(
        positive=("m_fermion",), m_fermion=m_fermion, m_real=m_real, m_imaginary=m_imaginary
    )
    return m_fermion / (32.0 * math.pi**2) * _b0_difference(m_fermion, m_imaginary, m_real)


@jax.jit
def _chirality_flip(t: Real) -> Real:
    return regular(t, X, lambda t: (t - 1.0 - jnp.log(t)) / (1.0 - t) ** 2)


@jax.jit
def _flip_on_fermion(t: Real) -> Real:
    return regular(t, X**2, lambda t: (t * (4.0 - t) - 3.0 - 2.0 * jnp.log(t)) / (2.0 * (1.0 - t) ** 3))


@jax.jit
def _photon_on_fermion(t: Real) -> Real:
    def closed(t: Real) -> Real:
        return (2.0 + t * (3.0 + t * (t - 6.0) + 6.0 * log_of(t))) / (6.0 * (1.0 - t) ** 4)

    return regular(t, X**2 * (1.0 - X), closed)


@jax.jit
def _photon_on_scalar(t: Real) -> Real:
    def closed(t: Real) -> Real:
        return (1.0 + t * (t * (3.0 + 2.0 * t - 6.0 * log_of(t)) - 6.0)) / (6.0 * (1.0 - t) ** 4)

    return regular(t, X * (1.0 - X) ** 2, closed)


@jax.jit
def _w_loop_gim(a: Real) -> Real:
    return -0.75 * a * regular(a, 2.0 * X * (1.0 - X), lambda a: (1.0 - a**2 + 2.0 * a * log_of(a)) / (1.0 - a) ** 3)


@jax.jit
def _b0_minimal(m_1: Real, m_2: Real, scale: Real) -> Real:
    larger, smaller = ordered(*jnp.broadcast_arrays(m_1, m_2))
    return 1.0 - 2.0 * jnp.log(larger / scale) - entropy((smaller / larger) ** 2)


@jax.jit
def _b0_cutoff(m_1: Real, m_2: Real, cutoff: Real) -> Real:
    larger, smaller = ordered(*jnp.broadcast_arrays(m_1, m_2))
    x, y, end = larger**2, smaller**2, cutoff**2
    return jnp.log1p(end / x) + y / (x + end) * log_quotient((y + end) / (x + end)) - entropy(y / x)


@jax.jit
def _b0_difference(m: Real, m_1: Real, m_2: Real) -> Real:
    return (m_2 - m_1) * (m_2 + m_1) * entropy_difference(m_2**2, m_1**2, m**2)
