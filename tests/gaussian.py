"""One number measured with a Gaussian error, and an energy scale known from an auxiliary measurement."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.experiments import Experiment
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura
from nmmjax.tables import Source


class Gaussian(Experiment):
    """x + weight y with an error of one; y is normal around zero, with an error of one."""

    reference: ClassVar[str] = "none: a test"
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    data: jax.Array
    weight: jax.Array
    low: float = eqx.field(static=True)
    sparse: bool = eqx.field(static=True)

    def __init__(self, data=0.0, weight=0.0, low=-20.0, sparse=False):
        self.name, self.sources, self.low, self.sparse = "gaussian", (), low, sparse
        self.data, self.weight = jnp.reshape(jnp.asarray(data, float), (1,)), jnp.asarray(weight, float)

    @classmethod
    def load(cls):
        return cls()

    def nuisances(self):
        return {"x": dist.Uniform(self.low, 20.0), "y": dist.Normal(0.0, 1.0)}

    @property
    def observed(self):
        return self.data

    @property
    def labels(self):
        return ("x",)

    def predict(self, theory, nuisance):
        return jnp.reshape(nuisance["x"] + self.weight * nuisance["y"], (1,))

    def log_likelihood(self, theory, nuisance):
        return -0.5 * jnp.sum((self.predict(theory, nuisance) - self.data) ** 2)

    def simulate(self, key, theory, nuisance):
        return eqx.tree_at(lambda e: e.data, self, self.predict(theory, nuisance) + jax.random.normal(key, (1,)))

    def asimov(self, theory, nuisance):
        return eqx.tree_at(lambda e: e.data, self, self.predict(theory, nuisance))

    def pulls(self, theory, nuisance):
        return ()

    def not_chi2(self, theory, nuisance):
        return "few events" if self.sparse else None


def gaussian_fit(*, fixed=None, **changes):
    """A fit of x and y alone."""
    held = {"m0": 0.05, "r": 1.0, "dm21": 1e-7} | (fixed or {})
    return Fit(GrimusLavoura.from_splittings, (Gaussian(**changes),), {}, held)
