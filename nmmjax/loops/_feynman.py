"""The Feynman parameter of an inner loop, in steps of its logit: dx = x (1 - x) d logit."""

import jax.numpy as jnp
import numpy as np

from nmmjax.loops._quotients import entropy_difference
from nmmjax.numerics.arrays import Real

STEP = 0.45
_LOGIT = STEP * np.arange(-180, 101)
X, ONE_MINUS_X = 1.0 / (1.0 + np.exp(-_LOGIT)), 1.0 / (1.0 + np.exp(_LOGIT))


def outer_loop(m_scalar: Real, m_w: Real, m_down: Real, m_up: Real) -> Real:
    """x (1-x) K(x) = [h(M_S^2/R) - h(M_W^2/R)] / (M_S^2 - M_W^2), R = m_u^2/(1-x) + m_d^2/x, h(t) = t ln t / (t-1)."""
    R = (m_up**2)[..., None] / ONE_MINUS_X + (m_down**2)[..., None] / X
    s, w = (m_scalar**2)[..., None], (m_w**2)[..., None]
    return entropy_difference(s, w, R)


def inner_fermions(
    masses: tuple[Real, Real, Real, Real],
    charges: tuple[Real, Real],
    yukawas: tuple[Real, Real],
    of_down: np.ndarray,
    of_up: np.ndarray,
) -> Real:
    """int_0^1 dx [Q_u x + Q_d (1-x)] [y_d m_d of_down(x) + y_u m_u of_up(x)] K(x).

    **Arguments:** masses as those of `outer_loop`; charges and Yukawa couplings, that of the down-type fermion first;
    the weights at the nodes X.
    """
    _, _, m_down, m_up = masses
    down, up = (yukawas[0] * m_down)[..., None], (yukawas[1] * m_up)[..., None]
    charge = charges[1][..., None] * X + charges[0][..., None] * ONE_MINUS_X
    return STEP * jnp.sum(charge * (down * of_down + up * of_up) * outer_loop(*masses), axis=-1)
