"""Numbers with correlated normal errors that do not depend on the theory."""

import dataclasses
from typing import Self, TypedDict

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.experiments.base import Experiment, Nuisance, Pull, prediction
from nmmjax.experiments.likelihoods import gaussian
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class CorrelatedNumbers(Experiment):
    """Abstract: -2 ln L = (observed - predicted)^T C^-1 (observed - predicted) with a known covariance C."""

    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    quantities: tuple[tuple[str, str], ...] = eqx.field(static=True)
    """Label and unit of each datum."""
    values: Float[Array, " data"]
    covariance: Float[Array, "data data"]
    whitening: Float[Array, "data data"]

    @property
    def observed(self) -> Float[Array, " data"]:
        """Measured numbers (data,)."""
        return self.values

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each measured number."""
        return tuple(label for label, _ in self.quantities)

    def errors(self) -> Float[Array, " data"]:
        """Standard deviations (data,), statistical and systematic in quadrature."""
        return jnp.sqrt(jnp.diagonal(self.covariance))

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L = -|W (observed - predicted)|^2 / 2, W the inverse root of the covariance."""
        return -0.5 * jnp.sum((self.whitening @ (self.values - self.predict(theory, nuisance))) ** 2)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with numbers drawn from the likelihood."""
        drawn = jax.random.normal(key, self.values.shape, self.values.dtype)
        return self.with_values(self.predict(theory, nuisance) + jnp.linalg.cholesky(self.covariance) @ drawn)

    def asimov(self, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with the numbers that are predicted."""
        return self.with_values(self.predict(theory, nuisance))

    def with_values(self, values: Float[Array, " data"]) -> Self:
        """The experiment with other results (data,) in the place of its own.

        **Raises:** `ValueError` for results that are not finite or not as many as before.
        """
        _checks.check_real("values", values)
        _checks.check_finite("values", values)
        if jnp.shape(values) != self.values.shape:
            _checks.fail("values", f"have shape {self.values.shape}", f"its shape is {jnp.shape(values)}")
        return dataclasses.replace(self, values=jnp.asarray(values, self.values.dtype))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls, one for each number; correlations are left aside."""
        predicted = prediction(self, theory, nuisance)
        columns = (self.quantities, predicted.tolist(), self.values.tolist(), self.errors().tolist())
        return tuple(
            Pull(label, unit, (p,), (o,), (p - o) / error) for (label, unit), p, o, error in zip(*columns, strict=True)
        )


class CorrelatedFields(TypedDict):
    """The fields of `CorrelatedNumbers` that say what was measured."""

    values: Float[Array, " data"]
    covariance: Float[Array, "data data"]
    whitening: Float[Array, "data data"]


def correlated_fields(
    values: Float[np.ndarray, " data"], covariance: Float[np.ndarray, "data data"]
) -> CorrelatedFields:
    """The fields of `CorrelatedNumbers` that hold results, with their covariance and its whitening."""
    matrix = on_device(covariance)
    return {"values": on_device(values), "covariance": matrix, "whitening": gaussian.whitening(matrix)}
