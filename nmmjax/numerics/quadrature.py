"""Nodes and weights of numerical integration."""

from functools import cache

import numpy as np
from jaxtyping import Float


@cache
def gauss_legendre(count: int) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, " count"]]:
    """Nodes x and weights w, sum_k w_k f(x_k) = int_-1^1 f dx, exact for polynomials of degree below 2 count.

    The arrays are shared by all who ask: do not change them.
    """
    return np.polynomial.legendre.leggauss(count)


@cache
def gauss_legendre_mean(count: int) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, " count"]]:
    """Nodes and weights of a mean over [0, 1], of the degree of `gauss_legendre`; the weights add up to one.

    The arrays are shared by all who ask: do not change them.
    """
    nodes, weights = gauss_legendre(count)
    return 0.5 * (1.0 + nodes), 0.5 * weights
