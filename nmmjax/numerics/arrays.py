"""Kinds of arrays that many functions take and return."""

import jaxtyping
import numpy as np
from jaxtyping import Array, ArrayLike, Float

Real = Float[Array, "..."]
"""Real numbers of any shape."""
RealArray = Float[Array | np.ndarray, "..."]
"""Real numbers of any shape, in an array of numpy or JAX."""
RealLike = jaxtyping.Real[ArrayLike, "..."]
"""Real numbers of any shape as a caller writes them: of Python, numpy or JAX."""
ScalarLike = jaxtyping.Real[ArrayLike, ""]
"""One real number as a caller writes it: of Python, numpy or JAX."""
