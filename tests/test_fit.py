"""Wiring errors are found when a fit is built, and say what is wrong."""

import math
from typing import Annotated

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import DATA, LogSplittings, toy_fit

from nmmjax.analysis import Analysis, Published, Settings
from nmmjax.fit import Fit
from nmmjax.low_energy import Majorana
from nmmjax.models import GrimusLavoura, Scalar, SeesawTypeOne, ThreeFlavor, parameter
from nmmjax.ordering import InvertedOrdering
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


class Odd(LogSplittings):
    """A toy experiment with one thing wrong."""

    kind: str = eqx.field(static=True)

    def __init__(self, kind):
        super().__init__(DATA)
        self.kind = kind

    def nuisances(self):
        odd = {"list": ["toy_shift"], "number": {"toy_shift": 0.1}, "of the model": {"r": dist.Normal(0.0, 1.0)}}
        return odd.get(self.kind, super().nuisances())

    def predict(self, theory, nuisance):
        if self.kind == "unknown":
            return super().predict(theory, nuisance) + nuisance["toy_shifts"]
        found = super().predict(theory, nuisance)
        odd = {"column": found[:, None], "scalar": found[0], "complex": found + 0j, "short": found[:2], "none": None}
        return odd.get(self.kind, found)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("column", r"predict their 3 data as one real array, but toy.predict\(\) returns shape \(3, 1\)"),
        ("scalar", r"toy.predict\(\) returns shape \(\)"),
        ("complex", "toy.predict.* complex128"),
        ("short", r"toy.predict\(\) returns shape \(2,\)"),
        ("none", "toy.predict.* returns None"),
        ("unknown", r"toy.predict\(\) asks for 'toy_shifts', and there are \['toy_shift'\]"),
        ("list", r"return their nuisances as a dictionary, but toy.nuisances\(\) returns"),
        ("number", "give `toy_shift` a numpyro distribution"),
        ("of the model", "names of their own, but r is also an argument of the model"),
    ],
)
def test_experiments_that_predict_something_else_are_refused(kind, message):
    with pytest.raises(ValueError, match=message):
        toy_fit(experiments=(Odd(kind),))
    assert toy_fit(experiments=(Odd("right"),)).space.size == 4


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (dist.Uniform(-5.0, 5e12), r"support inside \[1000, 1e\+16\] GeV, but that is \[-5, 5e\+12\]"),
        (dist.LogUniform(1.0, 1e12), r"support inside \[1000, 1e\+16\]"),
        (dist.LogUniform(1e3, 1.1e16), r"support inside \[1000, 1e\+16\]"),
        (dist.LogUniform(1e12, 1e10), "rise from a lower to a higher number"),
    ],
)
def test_the_support_of_a_prior_is_held_against_both_ends_of_a_wide_domain(prior, message):
    def scaled(mass: Annotated[Scalar, parameter("m", "GeV", low=1e3, high=1e16)]):
        return 1e-14 * mass * jnp.eye(3)

    with pytest.raises(ValueError, match=message):
        Fit(scaled, (LogSplittings(DATA),), {"mass": prior}, nature=Majorana())
    whole = Fit(scaled, (LogSplittings(DATA),), {"mass": dist.LogUniform(1e3, 1e16)}, nature=Majorana())
    assert whole.space.size == 2


@pytest.mark.parametrize("low", [-2.7e-3, -1e-3])
@pytest.mark.parametrize(
    ("model", "others"),
    [(ThreeFlavor.from_sin2, {}), (SeesawTypeOne.from_oscillations, {"m_1": 1e12, "m_2": 1e12, "m_3": 1e12})],
)
def test_the_sign_of_a_splitting_is_that_of_the_ordering_over_the_whole_prior(low, model, others):
    fixed = {"dm21": 7.5e-5, "sin2_theta12": 0.3, "sin2_theta13": 0.02, "sin2_theta23": 0.5} | others
    with pytest.raises(ValueError, match=r"`dm3l` must lie in \[0, 1\] eV\^2 for normal ordering"):
        Fit(model, (LogSplittings(DATA),), {"dm3l": dist.Uniform(low, low + 4e-3)}, fixed)
    inverted = {"dm3l": dist.Uniform(-2.7e-3, -2.3e-3)}
    assert Fit(model, (LogSplittings(DATA),), inverted, fixed | {"ordering": InvertedOrdering()}).space.size == 2
