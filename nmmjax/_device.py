"""Known numbers where JAX computes."""

import jax
import numpy as np
from jaxtyping import Array


def on_device(values: np.ndarray) -> Array:
    """Numbers that are known, as an array of JAX: `jnp.asarray` compiles a program for each shape, this none.

    What is changed in `values` later changes nothing here: JAX may share the memory, but of a copy.
    """
    return jax.device_put(np.array(values))
