"""Numerical methods whose derivatives are right where the textbook's are not."""

from nmmjax.numerics import (
    closed_form,
    entrywise,
    hermitian,
    interpolate,
    positive,
    projectors,
    quadrature,
    special,
    spectral,
    takagi,
    trigonometry,
)

__all__ = [
    "closed_form",
    "entrywise",
    "hermitian",
    "interpolate",
    "positive",
    "projectors",
    "quadrature",
    "special",
    "spectral",
    "takagi",
    "trigonometry",
]
