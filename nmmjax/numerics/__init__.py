"""Numerical methods whose derivatives are right where the textbook's are not."""

from nmmjax.numerics import hermitian, interpolate, positive, special, spectral, takagi

__all__ = ["hermitian", "interpolate", "positive", "special", "spectral", "takagi"]
