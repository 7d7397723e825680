"""Events in bins over a background that is known to a few percent: forecasts of it are known in closed form."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.experiments.likelihoods.poisson import Counts
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura
from nmmjax.tables import Source

BACKGROUND = 400.0


class Counting(Counts):
    """x + background (1 + error y) events in one bin, and tilt x further ones in another, over as much background."""

    reference: ClassVar[str] = "none: a test"
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    counts: jax.Array
    error: jax.Array
    tilt: jax.Array

    @classmethod
    def load(cls, signal=100.0, error=0.05, tilt=0.0, name="counting"):
        expected = jnp.array([signal, tilt * signal]) + BACKGROUND
        return cls(name, (), expected, jnp.asarray(error), jnp.asarray(tilt))

    @property
    def bins(self):
        return 2

    @property
    def labels(self):
        return ("one", "another")

    def nuisances(self):
        return {"x": dist.Uniform(0.0, 2000.0), f"{self.name}_y": dist.Normal(0.0, 1.0)}

    def predict(self, theory, nuisance):
        background = BACKGROUND * (1.0 + self.error * nuisance[f"{self.name}_y"] * jnp.array([1.0, 0.0]))
        return background + nuisance["x"] * jnp.stack([jnp.ones(()), self.tilt])

    def pulls(self, theory, nuisance):
        return ()


def counting_fit(*choices, fixed=None, other=()):
    """A fit of x, and of the background unless it is fixed."""
    held = {"m0": 0.05, "r": 1.0, "dm21": 1e-7} | (fixed or {})
    return Fit(GrimusLavoura.from_splittings, (Counting.load(*choices), *other), {}, held)
