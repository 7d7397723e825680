"""Kinds of arrays that many functions take and return."""

import jax
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


def on_device(values: np.ndarray) -> Array:
    """Numbers that are known, as an array of JAX: `jnp.asarray` compiles a program for each shape, this none.

    What is changed in `values` later changes nothing here: JAX may share the memory, but of a copy.
    """
    return jax.device_put(np.array(values))
