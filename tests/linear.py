"""Experiments that are linear in what is sampled, with Gaussian errors: posteriors known in closed form."""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist

from nmmjax.experiments import Experiment
from nmmjax.fit import Fit
from nmmjax.low_energy import Majorana
from nmmjax.tables import Source


class Linear(Experiment):
    """One number a mu + b nu + sum_n c_n nuisance_n with an error; mu and nu are entries of the mass matrix."""

    reference: ClassVar[str] = "none: a test"
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)
    data: jax.Array
    error: jax.Array
    slopes: jax.Array
    coefficients: jax.Array
    undefined_below: float = eqx.field(static=True)

    def __init__(self, name, data, error, slopes, nuisances: Mapping[str, float] | None = None, undefined_below=-9e9):
        self.name, self.sources, self.names = name, (), tuple(nuisances or {})
        self.data, self.error = jnp.reshape(jnp.asarray(data, float), (1,)), jnp.asarray(error, float)
        self.slopes = jnp.asarray(slopes, float)
        self.coefficients = jnp.asarray(list((nuisances or {}).values()), float)
        self.undefined_below = undefined_below

    @classmethod
    def load(cls):
        return cls("linear", 0.0, 1.0, (1.0, 0.0))

    def nuisances(self):
        return {name: dist.Normal(0.0, 1.0) for name in self.names}

    @property
    def observed(self):
        return self.data

    @property
    def labels(self):
        return (self.name,)

    def predict(self, theory, nuisance):
        M = theory.neutrinos.mass_matrix
        value = self.slopes[0] * M[0, 0].real + self.slopes[1] * M[1, 1].real
        value = value + sum(
            (c * nuisance[n] for n, c in zip(self.names, self.coefficients, strict=True)), jnp.zeros(())
        )
        return jnp.reshape(value, (1,))

    def log_likelihood(self, theory, nuisance):
        value = self.predict(theory, nuisance)
        nothing = 0.0 * jnp.sum(jnp.sqrt(value - self.undefined_below))  # NaN, with its derivatives, below
        return -0.5 * jnp.sum(((value - self.data) / self.error) ** 2) + nothing

    def simulate(self, key, theory, nuisance):
        noise = self.error * jax.random.normal(key, (1,))
        return eqx.tree_at(lambda e: e.data, self, self.predict(theory, nuisance) + noise)

    def pulls(self, theory, nuisance):
        return ()


def matrix(mu, nu):
    """Two numbers of a mass matrix."""
    return jnp.diag(jnp.stack([mu, nu, 1.0 + 0.0 * mu]))


FLAT = dist.Uniform(-20.0, 20.0)


def linear_fit(*experiments, **priors):
    """Flat priors on mu and nu unless others are given."""
    return Fit(matrix, tuple(experiments), {"mu": FLAT, "nu": FLAT} | priors, nature=Majorana())


def solved(fit: Fit, left_out: str | None = None):
    """Best values and covariance of mu, nu and all nuisances, by linear algebra; flat directions have no prior."""
    names = ["mu", "nu", *sorted({n for e in fit.experiments for n in e.names})]  # pyright: ignore
    weight, right = np.zeros((len(names),) * 2), np.zeros(len(names))
    for name, prior in fit.priors.items():
        if isinstance(prior, dist.Normal):
            i = names.index(name)
            weight[i, i] += float(prior.scale) ** -2.0
            right[i] += float(prior.loc) * float(prior.scale) ** -2.0
    for e in fit.experiments:
        if e.name == left_out:
            continue
        row = np.zeros(len(names))
        row[:2] = e.slopes  # pyright: ignore
        for n, c in zip(e.names, e.coefficients, strict=True):  # pyright: ignore
            row[names.index(n)] = float(c)
        weight += np.outer(row, row) / float(e.error) ** 2  # pyright: ignore
        right += row * float(e.data[0]) / float(e.error) ** 2  # pyright: ignore
    return names, weight, right
