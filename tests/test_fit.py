"""Wiring errors are found when a fit is built, and say what is wrong."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import DATA, LogSplittings, toy_fit

from nmmjax.analysis import Analysis, Published, Settings
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura
from nmmjax.priors import ComplexLogUniform, ComplexNormal, UniformPhase
from nmmjax.space import Space, real_parts


class Bounded(LogSplittings):
    """Knows its nuisance in a finite range only."""

    def nuisances(self):
        return {"toy_shift": dist.Uniform(-1.0, 1.0)}


FLAT = dist.Uniform(0.1, 1.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: toy_fit(priors={"m_0": FLAT}), r"`priors` must be one of .*'m_0'; did you mean 'm0'"),
        (lambda: toy_fit(fixed={"dirac_mas": 1.0}), r"`fixed` must be one of .*did you mean 'dirac_mass'"),
        (lambda: toy_fit(fixed={"r": 1.0}), r"`fixed` must name no parameter that has a prior, but it names \['r'\]"),
        (lambda: toy_fit(priors={"r": dist.Normal(1.0, 1.0)}), r"`priors\['r'\]` must have its support inside \[0"),
        (lambda: toy_fit(priors={"r": 1.0}), r"`priors\['r'\]` must be a numpyro distribution, but it is 1.0"),
        (lambda: toy_fit(experiments=(LogSplittings(DATA), LogSplittings(DATA))), "must have different names"),
        (
            lambda: toy_fit(experiments=(LogSplittings(DATA), LogSplittings(DATA, "other", 2.0))),
            "must agree on the prior of `toy_shift`, but other differs",
        ),
        (lambda: toy_fit(experiments=(LogSplittings,)), "was `load\\(\\)` forgotten"),
        (lambda: Fit(GrimusLavoura, (LogSplittings(DATA),), {"a": FLAT, "r": FLAT}), r"\['b'\] lack one"),
        (lambda: Fit(dict, (LogSplittings(DATA),), {}), "`model` must be a subclass of Model"),
        (lambda: Fit(GrimusLavoura, (), {}), "`experiments` must be a tuple of one or more experiments"),
        (lambda: toy_fit(experiments=LogSplittings(DATA)), "`experiments` must be a tuple of one or more experiments"),
        (lambda: toy_fit(priors={"r": dist.Poisson(1.0)}), r"`priors\['r'\]` must be continuous"),
        (lambda: toy_fit(priors={"r": FLAT.expand([2])}), r"`priors\['r'\]` must be that of one number"),
        (lambda: toy_fit(fixed={"coupling": "one"}), "`fixed` must hold numbers and objects"),
        (
            lambda: toy_fit(experiments=(Bounded(DATA),), priors={"toy_shift": dist.Uniform(-2.0, 0.5)}),
            r"`priors\['toy_shift'\]` must have its support inside \[-1, 1\], but that is \[-2, 0.5\]",
        ),
        (
            lambda: toy_fit(experiments=(Bounded(DATA),), fixed={"toy_shift": 1.5}),
            r"`fixed\['toy_shift'\]` must lie in \[-1, 1\]",
        ),
        (lambda: Settings(seed=2**70), "`seed` must be an integer"),
        (lambda: Settings(chains=0), "`chains` must be a positive integer"),
        (lambda: Settings(target_accept=1.5), "`target_accept` must lie in"),
        (lambda: Settings(sampled="no"), "`sampled` must be True or False"),
        (lambda: Analysis(toy_fit(), published=Published("a", {"q": (1.0, 0.1, 0.1)})), r"`published` must be .*'q'"),
        (lambda: Analysis(toy_fit(), limits=("m_0",)), r"`limits` must be one of .*did you mean 'm0'"),
        (lambda: Analysis(toy_fit(), limits="m0"), r"`limits` must be a tuple of names"),
        (lambda: Analysis(toy_fit(), corner=("q",)), r"`corner` must be one of .*'q'"),
        (lambda: Analysis(toy_fit(), contours=(("m0", "m0"),)), r"`contours` must be a tuple of pairs"),
        (lambda: Analysis(toy_fit(), derived={"a": lambda theory: 1.0}), r"`derived` must have names of its own"),
        (lambda: Analysis(toy_fit(), derived={"x": 1.0}), r"`derived\['x'\]` must be a Derived or a function"),
        (lambda: Analysis(toy_fit(), level=90), r"`level` must lie in \[0.5, 1\)"),
        (lambda: Analysis(GrimusLavoura), r"`fit` must be an object of the class Fit"),
        (lambda: toy_fit(settings=Settings()), r"`settings` must be given to `nmmjax.analysis.Analysis\(Fit\("),
        (lambda: toy_fit(limits=("m0",)), r"`limits` must be given to `nmmjax.analysis.Analysis\(Fit\("),
        (lambda: toy_fit(beside=None), r"`beside` must be given to .*published="),
        (lambda: Published("a", {"r": (1.0, 0.1, 0.0)}), r"`values\['r'\]` must lie in"),
    ],
)
def test_wiring_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_shared_nuisance_is_sampled_once():
    fit = toy_fit(experiments=(LogSplittings(DATA), LogSplittings(DATA, "other")))
    assert fit.space.labels == ("dm21", "m0", "r", "toy_shift")


def test_nuisance_may_be_fixed_or_given_another_prior():
    assert "toy_shift" not in toy_fit(fixed={"toy_shift": 0.0}).space.labels
    assert float(toy_fit(priors={"toy_shift": dist.Normal(0.0, 5.0)}).priors["toy_shift"].scale) == 5.0


class Faulty(LogSplittings):
    """Its likelihood is nowhere a number."""

    def log_likelihood(self, theory, nuisance):
        return jnp.nan * super().log_likelihood(theory, nuisance)


def test_blamed_experiment_is_named():
    from nmmjax.infer import maximize

    with pytest.raises(FloatingPointError, match="not finite at any start: toy fails, for example at"):
        maximize(toy_fit(experiments=(Faulty(DATA),)))


def test_data_that_are_not_numbers_are_named():
    with pytest.raises(ValueError, match="Argument `data` must be finite, but it is nan at index 0"):
        toy_fit(jnp.full(3, jnp.nan))


PRIORS = {
    "log_uniform": dist.LogUniform(1e-3, 1.0),
    "log_normal": dist.LogNormal(0.3, 2.0),
    "narrow": dist.Normal(3.0, 1e-5),
    "phase": UniformPhase(),
    "flat": dist.Uniform(-1.0, 2.0),
    "half": dist.HalfNormal(3.0),
    "von_mises": dist.VonMises(0.0, 1.0),
    "truncated": dist.TruncatedNormal(0.0, 1.0, low=-1.0, high=2.0),
    "vector": dist.Normal(jnp.zeros(3), jnp.array([1.0, 2.0, 3.0])),
    "matrix": dist.LogUniform(1e-3, 1.0).expand([2, 3]),
    "event": dist.Normal(1.0, jnp.array([0.1, 0.2])).expand([3, 2]).to_event(2),
    "phases": UniformPhase().expand([2]),
    "complex": ComplexNormal(0.3),
    "plane": ComplexNormal(jnp.array([0.1, 2.0])).expand([2, 2]).to_event(1),
    "polar": ComplexLogUniform(1e-4, 1.0).expand([2]),
}
SIZES = {"vector": 3, "matrix": 6, "event": 6, "phases": 2, "complex": 2, "plane": 8, "polar": 4}


def test_space_round_trip():
    space = Space(PRIORS)
    z = space.draw(jax.random.PRNGKey(3))
    assert z.shape == (sum(SIZES.get(name, 1) for name in PRIORS),) == (space.size,)
    assert space.circular == ("phase", "phases", "von_mises")
    parameters = space.parameters(z)
    assert jnp.allclose(space.vector(parameters), z, rtol=1e-10, atol=1e-10)
    assert bool(jnp.all(jnp.abs(z) < 10.0))
    assert {name: parameters[name].shape for name in PRIORS} == {n: p.shape() for n, p in PRIORS.items()}
    assert space.complex_names == ("complex", "plane", "polar")


def test_space_labels_of_arrays():
    """By entries, real and imaginary parts apart; in the order of `flat`, whose values they name."""
    space = Space({name: PRIORS[name] for name in ("complex", "event", "plane", "vector")})
    labels = space.labels
    assert labels[:2] == ("complex_re", "complex_im")
    assert labels[2:8] == tuple(f"event[{i},{j}]" for i in range(3) for j in range(2))
    assert labels[8:12] == tuple(f"plane_re[{i},{j}]" for i in range(2) for j in range(2))
    assert labels[-3:] == ("vector[0]", "vector[1]", "vector[2]")
    parameters = space.parameters(space.draw(jax.random.PRNGKey(0)))
    flat = dict(zip(labels, space.flat(parameters), strict=True))
    assert float(flat["plane_im[1,0]"]) == float(parameters["plane"][1, 0].imag)
    parts = real_parts(parameters)
    assert tuple(parts) == space.real_names == ("complex_re", "complex_im", "event", "plane_re", "plane_im", "vector")
    assert float(parts["plane_re"][0, 1]) == float(parameters["plane"][0, 1].real)


@pytest.mark.parametrize("name", PRIORS)
def test_space_density_is_that_of_the_prior(name):
    """ln p(z) = ln p(x) + ln |dx/dz|, with dx/dz by automatic differentiation of the real components."""
    prior = PRIORS[name]
    space = Space({"x": prior})
    for value in (-1.3, 0.2, 1.9):
        z = value + 0.1 * jnp.arange(space.size)
        located = space.locate(z)
        slopes = jax.jacfwd(lambda t: space.flat(space.parameters(t)))(z)
        expected = jnp.sum(prior.log_prob(located.parameters["x"])) + jnp.linalg.slogdet(slopes)[1]
        assert float(located.log_prior + located.log_jacobian) == pytest.approx(float(expected), rel=1e-10)


def test_bounds_and_phases_of_complex_numbers():
    """The modulus of a polar prior has ends, its phase turns."""
    polar = ComplexLogUniform(1e-4, jnp.array([0.1, 1.0]))
    assert Space.support_bounds(polar) == pytest.approx((1e-4, 1.0))
    assert Space.support_bounds(ComplexNormal(2.0)) == (0.0, math.inf)
    space = Space({"x": polar})
    z = np.array([0.0, 10.0, 7.0, -7.0])
    assert space.at_bound(z) == ("x_re[1]",)
    turned = space.wrap(z)
    np.testing.assert_allclose(turned, [0.0, 10.0, 7.0 - 2 * np.pi, 2 * np.pi - 7.0])
    np.testing.assert_allclose(space.parameters(turned)["x"], space.parameters(jnp.asarray(z))["x"], rtol=1e-12)
    drawn = np.asarray(polar.expand([5, 2]).sample(jax.random.PRNGKey(1)))
    assert drawn.shape == (5, 2)
    assert np.all((np.abs(drawn) > 1e-4) & (np.abs(drawn) < [0.1, 1.0]))
