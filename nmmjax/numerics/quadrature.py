"""Nodes and weights of numerical integration."""

import math
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


def gauss_of(
    nodes: Float[np.ndarray, " n"], weights: Float[np.ndarray, " n"], count: int
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Fewer nodes with the same moments: the Gauss quadrature of a discrete measure, by the Lanczos process."""
    if len(nodes) <= count:
        return nodes, weights
    vectors = [np.sqrt(weights / weights.sum())]
    diagonal, side = [], []
    for _ in range(count):
        new = nodes * vectors[-1]
        diagonal.append(vectors[-1] @ new)
        basis = np.array(vectors)
        for _ in range(2):  # once more, for orthogonality to rounding
            new = new - basis.T @ (basis @ new)
        side.append(math.sqrt(new @ new))
        vectors.append(new / side[-1])
    jacobi = np.diag(diagonal) + np.diag(side[:-1], 1) + np.diag(side[:-1], -1)
    points, eigenvectors = np.linalg.eigh(jacobi)
    return points, weights.sum() * eigenvectors[0] ** 2
