"""Kinds of arrays that many functions take and return."""

import jaxtyping
from jaxtyping import Array, ArrayLike, Float

Real = Float[Array, "..."]
"""Real numbers of any shape."""
RealLike = jaxtyping.Real[ArrayLike, "..."]
"""Real numbers of any shape as a caller writes them: of Python, numpy or JAX."""
