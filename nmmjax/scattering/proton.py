"""What a photon sees of a proton: form factors where it stays whole, a structure function where it breaks.

The electromagnetic current of a proton, averaged over its spin, is

    W^{mn} = W_1 (q^m q^n / q^2 - g^{mn}) + (W_2 / M^2) (P^m - q^m P.q / q^2) (P^n - q^n P.q / q^2),

with W_1 = tau G_M^2 and W_2 = (G_E^2 + tau G_M^2) / (1 + tau), tau = Q^2 / 4 M^2, times delta(nu - Q^2 / 2M) where it
stays whole, and with M W_1 = F_1, nu W_2 = F_2 where it does not.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import MEV_PER_GEV
from nmmjax.numerics.arrays import Real, RealLike

PROTON_MASS = 938.27208943
"""[MeV]; CODATA 2022."""
_MAGNETIC_MOMENT = 2.79284734463
"""In nuclear magnetons; CODATA 2022."""
_DIPOLE = 0.71
"""Lambda^2 of the dipole [GeV^2]."""

# ALLM97: H. Abramowicz and A. Levy, hep-ph/9712415, table 1, in GeV^2; as coded, with squares and sums carried out.
_POMERON_MASS, _REGGEON_MASS, _PHOTON_MASS = 49.457, 0.15052, 0.31985
_SCALE, _LAMBDA = 0.52544, 0.06526
_POMERON = ((-0.0808, -0.44812, 1.1709), (0.36292, 1.8917, 1.8439), (0.28067, 0.22291, 2.1979))
_REGGEON = ((0.58400, 0.37888, 2.6063), (0.01147, 3.7582, 0.49338), (0.80107, 0.97307, 3.4942))


@public
def form_factors(momentum_squared: RealLike) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Form factors G_E = (1 + Q^2 / 0.71 GeV^2)^-2 and G_M = 2.793 G_E of a proton at Q^2 >= 0 [MeV^2].

    The dipole is right to 5 % up to 1 GeV^2, above which G_E falls below it.
    """
    squared = _checks.as_array("momentum_squared", momentum_squared, float)
    _checks.check_range("momentum_squared", squared, low=0.0, unit="MeV^2")
    return dipoles(jnp.asarray(squared))


def dipoles(momentum_squared: Real) -> tuple[Real, Real]:
    """`form_factors`, of which nothing is checked."""
    electric = (1.0 + momentum_squared / (_DIPOLE * MEV_PER_GEV**2)) ** -2
    return electric, _MAGNETIC_MOMENT * electric


@public
def structure_function(x: RealLike, momentum_squared: RealLike) -> Float[Array, "..."]:
    """Structure function F_2(x, Q^2) of a proton that breaks, by the fit ALLM97 to data from Q^2 = 0 to 5000 GeV^2:

        F_2 = Q^2 / (Q^2 + m_0^2) sum_{P, R} c(t) x_i^{a(t)} (1 - x)^{b(t)},
        x_i = (Q^2 + m_i^2) / (Q^2 + m_i^2 + W^2 - M^2),    t = ln [ln((Q^2 + Q_0^2) / L^2) / ln(Q_0^2 / L^2)].

    **Arguments:** 0 < x < 1 and Q^2 >= 0 [MeV^2], which broadcast. Fitted to 3e-6 < x < 0.85 and W^2 > 3 GeV^2: it runs
    through the resonances below, and is an extrapolation where x is smaller.

    H. Abramowicz and A. Levy, hep-ph/9712415.
    """
    x = _checks.as_array("x", x, float)
    _checks.check_range("x", x, low=0.0, high=1.0, open_low=True)
    squared = _checks.as_array("momentum_squared", momentum_squared, float)
    _checks.check_range("momentum_squared", squared, low=0.0, unit="MeV^2")
    x, squared = jnp.asarray(x), jnp.asarray(squared) / MEV_PER_GEV**2
    return allm(x, squared, squared * (1.0 / x - 1.0))


def allm(x: Real, squared: Real, above: Real) -> Real:
    """F_2 of x, of Q^2 and of W^2 - M^2 [GeV^2], which is Q^2 (1/x - 1); x < 1."""
    t = jnp.log(jnp.log((squared + _SCALE) / _LAMBDA) / jnp.log(_SCALE / _LAMBDA))

    def falling(p: tuple[float, float, float]) -> Real:
        return p[0] + (p[0] - p[1]) * (1.0 / (1.0 + _power(t, p[2])) - 1.0)

    def rising(p: tuple[float, float, float]) -> Real:
        return p[0] + p[1] * _power(t, p[2])

    def part(mass: float, a: Real, b: Real, c: Real) -> Real:
        return c * ((squared + mass) / (squared + mass + above)) ** a * (1.0 - x) ** b

    pomeron = part(_POMERON_MASS, falling(_POMERON[0]), rising(_POMERON[1]), falling(_POMERON[2]))
    reggeon = part(_REGGEON_MASS, *(rising(p) for p in _REGGEON))
    return squared / (squared + _PHOTON_MASS) * (pomeron + reggeon)


def _power(t: Real, exponent: float) -> Real:
    """Power t^p of t >= 0, with a finite derivative at zero also where p < 1."""
    return jnp.where(t > 0.0, jnp.where(t > 0.0, t, 1.0) ** exponent, 0.0)
