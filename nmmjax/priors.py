"""Priors that numpyro does not have."""

import jax
import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, ArrayLike, Float
from numpyro.distributions import constraints
from numpyro.distributions.transforms import PowerTransform

from nmmjax import _checks

_LEAST = 1e-6


class FlatInSquare(dist.TransformedDistribution):
    """p(x) = 2 x / high^2 between 0 and `high`, walked in x^2: for moments, in whose squares rates are linear.

    The least value is 1e-6 of the largest, which keeps the root smooth.
    """

    arg_constraints = {"high": constraints.positive}  # noqa: RUF012 (numpyro's own declaration)
    pytree_data_fields = ("high",)

    def __init__(self, high: ArrayLike):
        _checks.check_range("high", high, low=0.0, open_low=True)
        self.high = high
        square = jnp.square(jnp.asarray(high))
        super().__init__(dist.Uniform(_LEAST**2 * square, square), PowerTransform(0.5))


class UniformPhase(dist.Distribution):
    """Flat on the circle. The density has period 2 pi, so a sampler may walk the real line without a seam."""

    arg_constraints = {}  # noqa: RUF012 (numpyro's own declaration)
    support = constraints.circular  # pyright: ignore  (numpyro's own manner of declaring it)

    def __init__(self) -> None:
        super().__init__(batch_shape=(), event_shape=())

    def sample(self, key: jax.Array | None, sample_shape: tuple[int, ...] = ()) -> Float[Array, "..."]:
        """Uniform in (-pi, pi]."""
        assert key is not None
        return jax.random.uniform(key, sample_shape, minval=-jnp.pi, maxval=jnp.pi)

    def log_prob(self, value: ArrayLike, intermediates: object = None) -> Float[Array, "..."]:
        """-ln(2 pi), everywhere."""
        return jnp.full(jnp.shape(value), -jnp.log(2.0 * jnp.pi))

    @property
    def mean(self) -> Float[Array, ""]:
        """Undefined on a circle; 0 by convention."""
        return jnp.zeros(())
