"""Numerical methods whose derivatives are right where the textbook's are not."""

from nmmjax.numerics import (
    entrywise,
    hermitian,
    interpolate,
    positive,
    quadrature,
    special,
    spectral,
    takagi,
    trigonometry,
)

__all__ = [
    "entrywise",
    "hermitian",
    "interpolate",
    "positive",
    "quadrature",
    "special",
    "spectral",
    "takagi",
    "trigonometry",
]
