"""A small experiment with a known posterior, for tests of inference."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.experiments import Experiment
from nmmjax.fit import Fit, Settings
from nmmjax.models import GrimusLavoura
from nmmjax.tables import Source

WIDTHS = jnp.array([0.2, 0.3, 0.1])


class LogSplittings(Experiment):
    """Normal in ln m_0, ln dm21 and ln r, so that with log-uniform priors the posterior is normal in them."""

    reference: ClassVar[str] = "none: a test"
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    data: jax.Array
    nuisance_width: float = eqx.field(static=True)

    def __init__(self, data, name="toy", nuisance_width=1.0):
        self.name, self.sources, self.data = name, (), jnp.asarray(data, float)
        self.nuisance_width = nuisance_width

    @classmethod
    def load(cls):
        return cls(DATA)

    def nuisances(self):
        return {"toy_shift": dist.Normal(0.0, self.nuisance_width)}

    @property
    def observed(self):
        return self.data

    @property
    def labels(self):
        return ("ln m0^2", "ln dm21", "ln tan^2")

    def predict(self, theory, nuisance):
        n = theory.neutrinos.states
        tangent = jnp.log(n.sin2_theta23 / (1 - n.sin2_theta23))
        return jnp.stack([jnp.log(-n.dm31), jnp.log(n.dm21) + 0.1 * nuisance["toy_shift"], tangent])

    def log_likelihood(self, theory, nuisance):
        return -0.5 * jnp.sum(((self.predict(theory, nuisance) - self.data) / WIDTHS) ** 2)

    def simulate(self, key, theory, nuisance):
        noise = WIDTHS * jax.random.normal(key, (3,))
        return LogSplittings(self.predict(theory, nuisance) + noise, self.name, self.nuisance_width)

    def pulls(self, theory, nuisance):
        return ()


DATA = jnp.log(jnp.array([3.2e-3, 1e-7, 1.0]))
"""m_0 = 0.0566 eV, r = 1, and a splitting that is small against m_0^2 but not against rounding."""


def toy_fit(data=DATA, experiments=None, settings=None, **changes):
    """Three parameters and one nuisance."""
    priors = {
        "m0": dist.LogUniform(1e-3, 1.0),
        "r": dist.LogUniform(0.2, 5.0),
        "dm21": dist.LogUniform(1e-10, 1e-4),
    } | changes.pop("priors", {})
    settings = Settings(starts=8, warmup=300, samples=500) if settings is None else settings
    experiments = (LogSplittings(data),) if experiments is None else experiments
    fixed = changes.pop("fixed", None)
    return Fit(GrimusLavoura.from_splittings, experiments, priors, fixed, settings=settings, **changes)
