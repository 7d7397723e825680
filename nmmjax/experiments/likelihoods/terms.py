"""Likelihoods of published quantities: two-sided, circular, logarithmic and correlated Gaussians, limits.

Each is zero at its best value, so that -2 ln L is the Delta chi^2 of the publication, and takes its value in the
documented units (eV^2, rad, pure numbers). Simulated data keep the shape of a likelihood and move its best value to
the truth less a deviation drawn from the likelihood, read as a density of that deviation.
"""

import math
from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.experiments.likelihoods.measured import Term
from nmmjax.numerics.special import clipped, two_sided_quantile

TURN = 2.0 * math.pi


class SplitGaussian(Term):
    """Best value with different errors up and down: best +plus -minus.

    -2 ln L = (d v(d))^2 at the deviation d: the inverse width v passes from 1/minus at d = -minus to 1/plus at
    d = +plus by a quintic step, so that chi^2 is twice continuously differentiable, exactly the two half parabolas
    outside one sigma, exactly 1 at both one-sigma points, and has its only minimum at d = 0.

    **Arguments:** `best`, `plus`, `minus` > 0 in the unit of the quantity; `plus` and `minus` within a factor 3.
    """

    best: Float[Array, "1"]
    plus: Float[Array, "1"]
    minus: Float[Array, "1"]

    def __init__(self, best: ArrayLike, plus: ArrayLike, minus: ArrayLike):
        _check_widths(best, plus, minus)
        self.best, self.plus, self.minus = _vector(best), _vector(plus), _vector(minus)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """ln L = -(d v)^2 / 2 at the deviation d of a value (1,), v the inverse width."""
        return -0.5 * jnp.sum(_sigmas(value - self.best, self.plus, self.minus) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """A term of these widths around the true `value` less a split-normal deviation."""
        return self.centered(value - _split_normal(key, self.plus, self.minus))


class CircularSplitGaussian(Term):
    """A phase with different errors up and down: the split Gaussian wrapped around the circle.

    L is the sum of the split Gaussians around the best value and its images a turn away: smooth everywhere and
    periodic; the images change Delta chi^2 at one sigma by 2 exp(-(turn / sigma)^2 / 2) at most.

    **Arguments:** `best`, `plus`, `minus` in (0, pi / 2) [rad]; `plus` and `minus` within a factor 3.
    """

    best: Float[Array, "1"]
    plus: Float[Array, "1"]
    minus: Float[Array, "1"]

    def __init__(self, best: ArrayLike, plus: ArrayLike, minus: ArrayLike):
        _check_widths(best, plus, minus, high=math.pi / 2)
        self.best, self.plus, self.minus = wrapped(_vector(best)), _vector(plus), _vector(minus)

    def deviation(self, value: Float[Array, "1"]) -> Float[Array, "1"]:
        """Signed distance (1,) [rad] of an angle from the best one, the shorter way around."""
        return wrapped(value - self.best)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """ln L of an angle (1,) [rad]: ln of the sum over images, less that at the best value."""
        images = jnp.array([-TURN, 0.0, TURN])

        def log_sum(deviation: Float[Array, "1"]) -> Float[Array, ""]:
            return jax.nn.logsumexp(-0.5 * _sigmas(deviation + images, self.plus, self.minus) ** 2)

        return log_sum(self.deviation(value)) - log_sum(jnp.zeros_like(self.best))

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """A term of these widths around the true angle less a split-normal deviation, in (-pi, pi]."""
        return self.centered(value - _split_normal(key, self.plus, self.minus))

    def centered(self, value: Float[Array, "1"]) -> Self:
        """A term of these widths around an angle (1,), in (-pi, pi]."""
        return super().centered(wrapped(value))


class LogNormal(Term):
    """A positive quantity known up to a factor: -2 ln L = (ln(value / best) / width)^2.

    Below 1e-12 of the best value the logarithm is continued by its Taylor parabola (value, slope and curvature joined):
    at and below zero the likelihood is finite, tiny, and rises toward positive values.

    **Arguments:** `best` > 0; `width` > 0, the standard deviation of the logarithm: 0.3 for 30 %, ln 2 for a factor 2.
    """

    best: Float[Array, "1"]
    width: Float[Array, "1"]

    def __init__(self, best: ArrayLike, width: ArrayLike):
        _checks.check_range("best", best, low=0.0, open_low=True)
        _checks.check_range("width", width, low=0.0, open_low=True)
        self.best, self.width = _vector(best), _vector(width)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """ln L = -(ln(value / best) / width)^2 / 2 of a value (1,)."""
        return -0.5 * jnp.sum((continued_log(value / self.best) / self.width) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """A term of this width around the true `value` times a log-normal factor."""
        moved = self.centered(value)
        return moved.centered(moved.best * jnp.exp(self.width * jax.random.normal(key, (1,))))

    def centered(self, value: Float[Array, "1"]) -> Self:
        """A term of this width around a value (1,); what is not positive counts as the logarithm goes on below it."""
        return super().centered(self.best * jnp.exp(continued_log(value / self.best)))


class Limit(Term):
    """A limit on a quantity that has a physical boundary: a Gaussian around the boundary, of which half is physical.

    `limit` above `boundary` is an upper limit (sin^2 2theta < 0.10 above 0), below it a lower one (> 0.88 below 1).
    sigma = |limit - boundary| / z with erf(z / sqrt 2) the confidence level: z = 1.644854 at 90 %. So the limit lies at
    Delta chi^2 = z^2 (2.71), and the half-Gaussian holds the confidence level inside: the two common readings agree.

    `measured` is the value the Gaussian is centered on: the boundary, but in simulated data, where it may lie on either
    side; then `best` is the physical value nearest to it, at which the log-likelihood is zero.
    """

    best: Float[Array, "1"]
    boundary: Float[Array, "1"]
    sigma: Float[Array, "1"]
    measured: Float[Array, "1"]
    upper: bool = eqx.field(static=True)

    def __init__(self, limit: ArrayLike, *, boundary: ArrayLike, confidence: float = 0.9):
        _checks.check_range("boundary", boundary)
        _checks.check_range("limit", limit)
        _checks.check_range("confidence", confidence, low=0.0, high=1.0, open_low=True, open_high=True)
        distance = float(np.asarray(limit).item() - np.asarray(boundary).item())
        if distance == 0.0:
            _checks.fail("limit", "differ from the boundary", f"both are {limit}")
        self.best = self.boundary = self.measured = _vector(boundary)
        self.sigma = _vector(abs(distance) / two_sided_quantile(confidence))
        self.upper = distance > 0.0

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """ln L = -((value - measured)^2 - (best - measured)^2) / (2 sigma^2) of a value (1,)."""
        # Each factor over sigma: its square may be too small a number in single precision.
        difference, sum_ = (value - self.best) / self.sigma, (value + self.best - 2.0 * self.measured) / self.sigma
        return -0.5 * jnp.sum(difference * sum_)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """A limit of this sigma, measured at a normal draw around the true `value`, which may be unphysical."""
        return self.centered(value + self.sigma * jax.random.normal(key, (1,)))

    def centered(self, value: Float[Array, "1"]) -> Self:
        """A limit of this sigma, measured at a value (1,), which may be unphysical."""
        best = jnp.maximum(value, self.boundary) if self.upper else jnp.minimum(value, self.boundary)
        return eqx.tree_at(lambda term: (term.measured, term.best), self, (value, best))


class CorrelatedGaussian(Term):
    """k quantities measured together: -2 ln L = d^T C^-1 d at the deviation d from the best values.

    **Arguments:** `best` (k); `covariance` C (k, k), symmetric and positive definite.
    """

    best: Float[Array, " k"]
    root: Float[Array, "k k"]
    """Lower triangular root of the covariance, C = root root^T."""
    whitening: Float[Array, "k k"]
    """Inverse of `root`."""

    def __init__(self, best: ArrayLike, covariance: ArrayLike):
        best, covariance = np.asarray(best, float), np.asarray(covariance, float)
        _checks.check_finite("best", best)
        _checks.check_finite("covariance", covariance)
        _checks.check_shape("covariance", covariance, (best.size, best.size))
        _checks.check_symmetric("covariance", covariance)
        least = np.linalg.eigvalsh(covariance).min()
        if least <= 0.0:
            _checks.fail("covariance", "be positive definite", f"its least eigenvalue is {least}")
        root = np.linalg.cholesky(covariance)
        self.best, self.root, self.whitening = on_device(best), on_device(root), on_device(np.linalg.inv(root))

    def log_likelihood(self, value: Float[Array, " k"]) -> Float[Array, ""]:
        """ln L = -d^T C^-1 d / 2 at the deviation d of values (k,) from the best ones."""
        return -0.5 * jnp.sum((self.whitening @ self.deviation(value)) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, " k"]) -> Self:
        """A term of this covariance around the true `value` less a normal deviation."""
        return self.centered(value - self.root @ jax.random.normal(key, self.best.shape))


def wrapped(angle: Float[Array, "..."]) -> Float[Array, "..."]:
    """An angle [rad] brought into (-pi, pi] by full turns."""
    return angle - TURN * jnp.ceil((angle - math.pi) / TURN)


def continued_log(x: Float[Array, "..."], floor: float = 1e-12) -> Float[Array, "..."]:
    """ln x above `floor`, its second-order Taylor polynomial there below: finite, and rising, at and below zero."""
    above = x > floor
    u = jnp.where(above, 1.0, x / floor) - 1.0
    return jnp.where(above, jnp.log(jnp.where(above, x, 1.0)), math.log(floor) + u - 0.5 * u**2)


def _vector(value: ArrayLike) -> Float[Array, "1"]:
    return jnp.asarray(np.asarray(value, float).reshape(1))


def _check_widths(best: ArrayLike, plus: ArrayLike, minus: ArrayLike, high: float = math.inf) -> None:
    _checks.check_range("best", best)
    for name, width in (("plus", plus), ("minus", minus)):
        _checks.check_range(name, width, low=0.0, high=high, open_low=True, open_high=True)
    ratio = np.asarray(plus) / np.asarray(minus)
    if not np.all((ratio <= 3.0) & (ratio >= 1.0 / 3.0)):
        _checks.fail("plus", "lie within a factor 3 of `minus`", f"they are {plus} and {minus}")


def _sigmas(
    deviation: Float[Array, "..."], plus: Float[Array, "..."], minus: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Signed number of standard deviations of a split Gaussian."""
    t = clipped((deviation + minus) / (plus + minus), 0.0, 1.0)
    step = t**3 * (10.0 + t * (6.0 * t - 15.0))
    return deviation * ((1.0 - step) / minus + step / plus)


def _split_normal(key: PRNGKeyArray, plus: Float[Array, "1"], minus: Float[Array, "1"]) -> Float[Array, "1"]:
    """A deviation with the density of two half-Gaussians of equal height."""
    key_side, key_size = jax.random.split(key)
    up = jax.random.uniform(key_side, (1,)) < plus / (plus + minus)
    return jnp.where(up, plus, -minus) * jnp.abs(jax.random.normal(key_size, (1,)))
