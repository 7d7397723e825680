"""A small experiment with a known posterior, for tests of inference."""

import math
from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex

from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.experiments import Experiment
from nmmjax.fit import Fit
from nmmjax.infer import Settings
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models import GrimusLavoura, Model, Scalar, parameter
from nmmjax.priors import ComplexNormal
from nmmjax.results import Result, run_record
from nmmjax.results.records import Goodness, Interval, LaplaceRecord, MaximumRecord, ModelRecord, Verdict
from nmmjax.tables import Source


class TwoHeavy(Model):
    """Type I seesaw with two heavy neutrinos, as a user would write it; its moments are taken to vanish.

    M = -m^T M_R^-1 m, m = Y v / sqrt(2), Y (2, 3) complex.
    """

    reference: ClassVar[str] = "P. H. Frampton, S. L. Glashow and T. Yanagida, Phys. Lett. B 548, 119 (2002)"

    yukawa: Complex[Array, "2 3"] = parameter("Y")
    _: KW_ONLY
    m_1: Scalar = parameter("M_1", "GeV", low=1.0, high=1e16)
    m_2: Scalar = parameter("M_2", "GeV", low=1.0, high=1e16, default=1e13)

    def low_energy(self):
        m = PDG_2026.higgs_vev / math.sqrt(2.0) * self.yukawa
        M = -EV_PER_GEV * m.T @ (m / jnp.stack([self.m_1, self.m_2])[:, None])
        return LowEnergy(Neutrinos(0.5 * (M + M.T), jnp.zeros((3, 3))))

    @classmethod
    def default_priors(cls):
        return {"yukawa": ComplexNormal(0.1).expand([2, 3]), "m_1": dist.LogUniform(1e11, 1e13)}

    @classmethod
    def benchmark(cls):
        return cls(jnp.array([[0.02, 0.05 + 0.01j, 0.04j], [0.01j, 0.09, -0.1]]), m_1=2e12)


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
        expected = self.predict(theory, nuisance)
        noise = WIDTHS[: expected.size] * jax.random.normal(key, expected.shape)
        return eqx.tree_at(lambda experiment: experiment.data, self, expected + noise)

    def pulls(self, theory, nuisance):
        return ()


class Masses(LogSplittings):
    """Normal in the logarithms of the sum of masses, of m_beta and of dm21: sees every model."""

    def predict(self, theory, nuisance):
        n = theory.neutrinos.states
        shift = 0.1 * nuisance["toy_shift"]
        return jnp.log(jnp.stack([n.sum_of_masses, theory.neutrinos.m_beta, n.dm21])) + shift


class Landscape(LogSplittings):
    """Any ln L of two nuisances: x, flat in (-3, 3), and y, normal."""

    function: Callable = eqx.field(static=True)

    def __init__(self, function):
        super().__init__(jnp.zeros(3), "landscape")
        self.function = function

    def nuisances(self):
        return {"x": dist.Uniform(-3.0, 3.0), "y": dist.Normal(0.0, 1.0)}

    def predict(self, theory, nuisance):
        return jnp.zeros(3)

    def log_likelihood(self, theory, nuisance):
        return self.function(nuisance["x"], nuisance["y"])


def landscape_fit(function, **priors):
    """A posterior in x and y alone."""
    fixed = {"m0": 0.05, "r": 1.0, "dm21": 1e-7}
    return Fit(GrimusLavoura.from_splittings, (Landscape(function),), priors, fixed)


DATA = jnp.log(jnp.array([3.2e-3, 1e-7, 1.0]))
"""m_0 = 0.0566 eV, r = 1, and a splitting that is small against m_0^2 but not against rounding."""


SETTINGS = Settings(starts=8, warmup=300, samples=500)
"""With which they converge."""


def toy_fit(data=DATA, experiments=None, **changes):
    """Three parameters and one nuisance."""
    priors = {
        "m0": dist.LogUniform(1e-3, 1.0),
        "r": dist.LogUniform(0.2, 5.0),
        "dm21": dist.LogUniform(1e-10, 1e-4),
    } | changes.pop("priors", {})
    experiments = (LogSplittings(data),) if experiments is None else experiments
    fixed = changes.pop("fixed", None)
    return Fit(GrimusLavoura.from_splittings, experiments, priors, fixed, **changes)


def toy_result(name, **parts):
    """A result with a name and what a test is about: parameters, limits, profiles, spectra."""
    empty = {"priors": {}, "fixed": {}, "experiments": (), "parameters": (), "sampling": None, "limits": ()}
    return Result(
        run=run_record(name, SETTINGS),
        model=ModelRecord("Toy", "Toy", "none: a test"),
        goodness=Goodness(0.0, 0.0, 0, 0, None),
        interval=Interval(0.9),
        maximum=MaximumRecord(0.0, 0.0, 0.0, "converged", (), 1),
        laplace=LaplaceRecord((), True, (), ()),
        published=None,
        corner=(),
        verdict=Verdict(True, ()),
        **(empty | parts),
    )
