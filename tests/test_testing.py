"""The contract tells what is wrong: each of its statements about something that breaks it."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import TwoHeavy

from nmmjax import testing
from nmmjax.experiments.likelihoods.poisson import CountedSpectrum
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models import Model, Scalar, parameter
from nmmjax.testing import models


def broken(base, **members):
    """A class with other members."""
    globals()["Broken"] = type("Broken", (base,), {"__doc__": "Broken.", "__module__": __name__} | members)
    return globals()["Broken"]  # where pickle looks for it


class Diagonal(Model):
    """Masses on the diagonal."""

    reference: ClassVar[str] = "none: a test"
    a: Scalar = parameter("a", "eV", low=0.0, high=1.0)

    def low_energy(self):
        return LowEnergy(Neutrinos(jnp.diag(jnp.stack([0.1 * self.a, 0.2 * self.a, self.a]))))

    @classmethod
    def default_priors(cls):
        return {"a": dist.Uniform(0.0, 0.1)}

    @classmethod
    def benchmark(cls):
        return cls(0.05)


class Bins(CountedSpectrum):
    """Three bins that see the heaviest mass."""

    reference: ClassVar[str] = "none: a test"
    panel: ClassVar[str] = "bins"
    ranges: ClassVar[tuple[tuple[float, float], ...]] = ((0.0, 3.0),)
    name: str = eqx.field(static=True)
    sources: tuple = eqx.field(static=True)
    edges: jax.Array
    counts: jax.Array

    @classmethod
    def load(cls, name="bins", counts=(20.0, 30.0, 40.0)):
        return cls(name, (), jnp.arange(4.0), jnp.asarray(counts))

    def nuisances(self):
        return {f"{self.name}_norm": dist.Normal(0.0, 0.1)}

    def predict(self, theory, nuisance):
        mass = jnp.max(theory.neutrinos.states.masses)
        return (1.0 + nuisance[f"{self.name}_norm"]) * jnp.array([400.0, 600.0, 800.0]) * mass


def test_what_is_right_passes():
    testing.check_model(Diagonal)
    testing.check_model(TwoHeavy, TwoHeavy(1.1 * TwoHeavy.benchmark().yukawa, m_1=3e12))
    testing.check_experiment(Bins.load())
    testing.check_analysis({"one": Fit(Diagonal, (Bins.load(),), Diagonal.default_priors())})


def nan_prior(self):
    return jnp.log(self.a - 1.0)


def slipping(self):
    """A derivative that is none: what follows a kink is stopped."""
    a = jax.lax.stop_gradient(self.a) + 0.5 * (self.a - jax.lax.stop_gradient(self.a))
    return LowEnergy(Neutrinos(jnp.diag(jnp.stack([0.1 * a, 0.2 * a, a]))))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"reference": ""}, "reference must name a paper"),
        ({"log_prior": nan_prior}, "log_prior must be finite"),
        ({"derived": lambda self: {"b": self.a}}, r"derived must return \[\], but it returns \['b'\]"),
        ({"default_priors": classmethod(lambda cls: {"b": dist.Normal()})}, "has b, which is no coupling"),
        ({"default_priors": classmethod(lambda cls: {"a": dist.Uniform(-0.1, 0.1)})}, r"must lie in \[0.0, 1.0\]"),
        ({"low_energy": slipping}, "derivatives and differences differ"),
    ],
)
def test_broken_models(members, message):
    with pytest.raises(AssertionError, match=message):
        testing.check_model(broken(Diagonal, **members))


def test_a_matrix_that_loses_its_symmetry():
    """Past the checks of `Neutrinos`, as inside jit."""
    neutrinos = Diagonal.benchmark().low_energy().neutrinos
    leaning = eqx.tree_at(lambda n: n.mass_matrix, neutrinos, neutrinos.mass_matrix.at[0, 1].set(0.01))
    point = broken(Diagonal, low_energy=lambda self: LowEnergy(leaning)).benchmark()
    with pytest.raises(AssertionError, match="masses of Majorana neutrinos must be symmetric"):
        models.check_matrices(point)


def other_norm(self):
    return {f"{self.name}_norm": dist.Normal(0.0, 0.1), f"{self.name}_more": dist.Normal(0.0, 0.1)}


def short(self, theory, nuisance):
    return Bins.predict(self, theory, nuisance)[:2]


def deaf(self, theory, nuisance):
    return (1.0 + nuisance[f"{self.name}_norm"]) * jnp.array([20.0, 30.0, 40.0])


def infinite(self, theory, nuisance):
    return Bins.predict(self, theory, nuisance) / jnp.zeros(())


def doubled(self, key, theory, nuisance):
    return dataclasses.replace(self, name="simulated", counts=self.predict(theory, nuisance))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"reference": ""}, "reference must name a paper"),
        ({"holds": property(lambda self: frozenset({"Bins"}))}, "a tag must be lower case words"),
        ({"holds": property(lambda self: frozenset())}, "must hold some data"),
        ({"labels": property(lambda self: ("a", "a", "b"))}, "labels of bins must differ"),
        ({"predict": short}, r"predict of bins must have shape \(3,\)"),
        ({"predict": deaf}, "bins must depend on the theory"),
        ({"predict": infinite}, "ln L of bins and its slopes must be finite"),
        ({"nuisances": other_norm}, "must depend on its nuisance bins_more"),
        ({"simulate": doubled}, "simulate of bins must keep"),
        ({"log_likelihood": lambda self, *given: 0.3 * jnp.sum(Bins.log_likelihoods(self, *given))}, "must add up"),
        ({"pulls": lambda self, *given: ()}, "there must be pulls"),
        ({"errors": lambda self: None}, "so it must have errors"),
    ],
)
def test_broken_experiments(members, message):
    with pytest.raises(AssertionError, match=message):
        testing.check_experiment(broken(Bins, **members).load())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Bins 1"}, "a name must be lower case"),
        ({"edges": np.arange(4.0)}, "fields of bins must be arrays, or static"),
        ({"counts": jnp.full(3, 2.0, jnp.float32)}, "fields of bins must be in double precision"),
        ({"counts": jnp.full(3, 2.0) * jnp.asarray(1.0)}, "fields of bins must have a dtype of their own"),
    ],
)
def test_fields_that_are_wrong(changes, message):
    experiment = Bins.load()
    for field, value in changes.items():
        object.__setattr__(experiment, field, value)
    with pytest.raises(AssertionError, match=message):
        testing.check_experiment(experiment)


def test_an_analysis_that_asks_of_what_nothing_depends_on():
    class Two(Diagonal):
        """One coupling too many."""

        b: Scalar = parameter("b", "eV", low=0.0, high=1.0, default=0.1)

    fit = Fit(Two, (Bins.load(),), {"a": dist.Uniform(0.01, 0.1), "b": dist.Uniform(0.0, 1.0)})
    with pytest.raises(AssertionError, match="b must move ln L of the analysis: nothing depends on it"):
        testing.check_analysis(fit)


def test_derivatives_that_are_wrong():
    wrong = jax.custom_jvp(lambda x: x**2)
    wrong.defjvp(lambda primals, tangents: (primals[0] ** 2, 2.1 * primals[0] * tangents[0]))
    with pytest.raises(AssertionError, match="derivatives and differences differ"):
        testing.check_derivatives(wrong, np.array([1.0, 2.0]), rtol=1e-6, atol=0.0)
    testing.check_derivatives(lambda x: x**2, np.array([1.0, 2.0]), rtol=1e-6, atol=0.0)
