"""Inference on a posterior that is known: normal in the logarithms of the parameters."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import DATA, SETTINGS, WIDTHS, LogSplittings, landscape_fit, toy_fit

from nmmjax import _compilation, _specialization, infer, results
from nmmjax.fit import Fit
from nmmjax.infer import Settings, sampling
from nmmjax.infer._placement import placement
from nmmjax.infer.sampling import BLOCK
from nmmjax.models import GrimusLavoura
from nmmjax.numerics import hermitian, positive
from nmmjax.numerics.special import modulus_squared
from nmmjax.priors import FlatInSquare, SoftLogUniform
from nmmjax.space import Space


@pytest.fixture(scope="module")
def fit():
    return toy_fit()


@pytest.fixture(scope="module")
def maximum(fit):
    return infer.maximize(fit, settings=SETTINGS)


@pytest.fixture(scope="module")
def draws(fit, maximum):
    return infer.sample(fit, maximum, settings=SETTINGS)


def test_maximum(maximum):
    assert maximum.good
    assert maximum.status is infer.Status.CONVERGED
    assert float(maximum.parameters["m0"]) == pytest.approx(math.sqrt(3.2e-3), rel=1e-4)
    assert float(maximum.parameters["dm21"]) == pytest.approx(1e-7, rel=1e-5)
    assert float(maximum.parameters["r"]) == pytest.approx(1.0, rel=1e-5)
    assert abs(float(maximum.parameters["toy_shift"])) < 1e-5
    assert len(maximum.modes) == 1


def test_laplace_is_exact_for_a_normal_posterior(fit, maximum):
    found = infer.laplace(fit, maximum)
    relative = dict(zip(found.labels, found.standard_deviations, strict=True))
    assert found.good
    assert relative["m0"] / math.sqrt(3.2e-3) == pytest.approx(float(WIDTHS[0]) / 2, rel=1e-4)
    assert relative["dm21"] / 1e-7 == pytest.approx(math.hypot(0.3, 0.1), rel=1e-4)
    assert relative["toy_shift"] == pytest.approx(1.0, rel=1e-6)
    i, j = found.labels.index("dm21"), found.labels.index("toy_shift")
    assert found.correlations[i, j] == pytest.approx(-0.1 / math.hypot(0.3, 0.1), rel=1e-4)


def test_profile(fit, maximum):
    m0 = math.sqrt(3.2e-3)
    found = infer.profile(fit, maximum, {"m0": m0 * np.exp(np.linspace(-0.3, 0.3, 31))})
    np.testing.assert_allclose(found.delta_chi2, (np.log(found.grids[0] / m0) / 0.1) ** 2, atol=1e-3)
    left, right = found.crossings()
    assert left == pytest.approx(m0 * math.exp(-0.1), rel=1e-4)
    assert right == pytest.approx(m0 * math.exp(0.1), rel=1e-4)


def test_profile_in_two_dimensions(fit, maximum):
    splittings = 1e-7 * np.exp(np.linspace(-0.6, 0.6, 5))
    found = infer.profile(fit, maximum, {"dm21": splittings, "r": np.array([0.9, 1.0, 1.1])})
    log_r = np.log([0.9, 1.0, 1.1])
    expected = (np.log(splittings / 1e-7) ** 2 / (0.09 + 0.01))[:, None] + (2 * log_r / 0.1) ** 2
    np.testing.assert_allclose(found.delta_chi2, expected, atol=1e-3)


def test_profile_leaves_a_bound():
    """x y = 0.3 describes the data, larger x a little better: the maximum lies at the bound of x, at which no slope is
    felt, and a profile over y has to leave it.
    """
    fit = landscape_fit(
        lambda x, y: -0.5 * ((x * y - 0.3) / 0.03) ** 2 + 0.3 * x, x=dist.Uniform(0.0, 3.0), y=dist.Uniform(0.0, 2.0)
    )
    maximum = infer.maximize(fit, settings=Settings(starts=8))
    assert maximum.at_bound == ("x",)
    grid = np.linspace(0.11, 1.0, 12)
    found = infer.profile(fit, maximum, {"y": grid})
    np.testing.assert_allclose(found.delta_chi2, 0.6 * (3.0 - 0.3 / grid), atol=0.02)


def test_a_soft_prior_is_log_uniform_within():
    """To 15 % over the middle four fifths, none beyond its ends, and highest in the middle of its coordinate."""
    prior = SoftLogUniform(1e-3, 1e3)
    share = np.linspace(0.1, 0.9, 33)
    places = 1e-3 * 1e6**share
    density = np.exp(np.asarray(prior.log_prob(places))) * places * np.log(1e6)
    assert np.all(np.abs(density - 1.0) < 0.15)
    drawn = np.asarray(prior.sample(jax.random.key(0), (20_000,)))
    assert drawn.min() > 1e-3
    assert drawn.max() < 1e3
    assert np.mean(drawn < 1.0) == pytest.approx(0.5, abs=0.02)
    with pytest.raises(ValueError, match="`high`"):
        SoftLogUniform(1.0, 0.5)


def test_limits_of_a_normal_posterior(fit, maximum):
    """m0 is log-normal with half the error of ln m0^2: both conventions of 90 % are known."""
    best, sd = float(jnp.log(maximum.parameters["m0"])), 0.5 * float(WIDTHS[0])
    found = infer.limits(fit, maximum, "m0", (float(jnp.exp(best - 4 * sd)), float(jnp.exp(best + 4 * sd))))
    np.testing.assert_allclose(np.log([found.low, found.high]), best + np.array([-1, 1]) * 1.644854 * sd, atol=3e-4)
    np.testing.assert_allclose(np.log(found.upper), best + 1.281552 * sd, atol=3e-4)


@pytest.mark.parametrize("span", [0.5, 1.2])
def test_a_narrow_range_grows_until_both_ends_are_found(fit, maximum, span):
    best, sd = float(jnp.log(maximum.parameters["m0"])), 0.5 * float(WIDTHS[0])
    found = infer.limits(fit, maximum, "m0", (float(jnp.exp(best - span * sd)), float(jnp.exp(best + span * sd))))
    np.testing.assert_allclose(np.log([found.low, found.high]), best + np.array([-1, 1]) * 1.644854 * sd, atol=3e-4)


def test_limits_where_nothing_else_is_free():
    """One parameter, which a bound cuts: no lower end."""
    fixed = {"dm21": 1e-7, "r": 1.0, "toy_shift": 0.0}
    fit = Fit(
        GrimusLavoura.from_splittings,
        (LogSplittings(DATA),),
        {"m0": dist.LogUniform(float(jnp.exp(0.5 * DATA[0])) * 1.05, 1.0)},
        fixed,
    )
    maximum = infer.maximize(fit, settings=Settings(starts=4))
    found = infer.limits(fit, maximum, "m0", (float(maximum.parameters["m0"]) * 1.0001, 0.09))
    assert np.isnan(found.low)
    sd, bound = 0.5 * float(WIDTHS[0]), np.log(1.05)
    expected = sd * np.sqrt((bound / sd) ** 2 + 2.705543454) - bound
    np.testing.assert_allclose(np.log(found.high / float(maximum.parameters["m0"])), expected, atol=1e-3)


def test_flat_in_square_is_walked_in_the_square():
    """Its density, its quantiles, and a finite slope at the lower end."""
    prior = FlatInSquare(3e-11)
    draws = np.asarray(prior.sample(jax.random.PRNGKey(0), (20000,)))
    np.testing.assert_allclose(np.quantile(draws, [0.25, 0.81]), [1.5e-11, 2.7e-11], rtol=0.02)
    assert float(prior.log_prob(2e-11) - prior.log_prob(1e-11)) == pytest.approx(np.log(2.0), rel=1e-9)
    space = Space({"moment": prior})
    slope = jax.jacfwd(lambda z: space.parameters(z)["moment"] ** 2)
    assert np.all(np.isfinite(slope(jnp.array([-800.0]))))
    low, high = Space.support_bounds(prior)
    assert 0.0 < low < 1e-16
    assert high == pytest.approx(3e-11)
    with pytest.raises(ValueError, match="Argument `high` must"):
        FlatInSquare(-1.0)


def test_draws_have_the_known_moments(fit, maximum, draws):
    result = results.conclude(fit, maximum, infer.laplace(fit, maximum), draws)
    assert result.good, result.verdict.reasons
    log_m0 = np.log(result.posterior["m0"].values)
    assert log_m0.mean() == pytest.approx(0.5 * float(DATA[0]), abs=0.1 * 0.12)
    assert log_m0.std() == pytest.approx(0.1, rel=0.1)
    rows = {row.name: row for row in result.parameters}
    assert set(rows) >= {"m0", "r", "dm21", "toy_shift", "a", "b", "sin2_theta23", "scalar_mass"}
    low, high = rows["m0"].low, rows["m0"].high
    assert math.log(high / low) == pytest.approx(2 * 1.645 * 0.1, rel=0.1)


def test_draws_do_not_depend_on_blocks_or_interruption(fit, maximum, draws, tmp_path):
    """Cut once in the middle of sampling, then resumed: the same draws, bit for bit."""

    def cut(report):
        if report.done >= SETTINGS.warmup + 3 * BLOCK:
            raise KeyboardInterrupt

    checkpoint = tmp_path / "run.npz"
    partial = infer.sample(fit, maximum, settings=SETTINGS, checkpoint=checkpoint, progress=cut)
    assert not partial.complete
    assert partial.z.shape[1] == 3 * BLOCK
    np.testing.assert_array_equal(partial.z, draws.z[:, : 3 * BLOCK])
    resumed = infer.sample(fit, maximum, settings=SETTINGS, checkpoint=checkpoint, resume=True)
    assert resumed.complete
    np.testing.assert_array_equal(resumed.z, draws.z)
    verdict = results.conclude(fit, maximum, infer.laplace(fit, maximum), partial).verdict.reasons
    assert any("interrupted" in reason for reason in verdict)


def test_interrupted_warm_up_is_resumed(fit, maximum, draws, tmp_path):
    def cut(report):
        if report.done >= 2 * BLOCK:
            raise KeyboardInterrupt

    checkpoint = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        infer.sample(fit, maximum, settings=SETTINGS, checkpoint=checkpoint, progress=cut)
    done = []
    resumed = infer.sample(
        fit, maximum, settings=SETTINGS, checkpoint=checkpoint, resume=True, progress=lambda r: done.append(r.done)
    )
    assert done[0] == 3 * BLOCK
    np.testing.assert_array_equal(resumed.z, draws.z)


def test_chains_that_are_compiled_ahead_are_found(fit, maximum):
    """For a number of chains that nothing else has: their program is not compiled a second time."""
    compiled = []

    def listen(event, duration, **about):
        if event.endswith("backend_compile_duration"):
            compiled.append(about["fun_name"])

    jax.monitoring.register_event_duration_secs_listener(listen)
    settings = dataclasses.replace(SETTINGS, chains=3, warmup=20, samples=20)
    infer.chains_ahead(fit, settings)()
    infer.sample(fit, maximum, settings=settings)
    assert compiled.count("jit(_advance)") == 1


def test_nine_refits_with_new_data_compile_nothing(fit, maximum):
    infer.laplace(fit, maximum)
    short = dataclasses.replace(SETTINGS, warmup=20, samples=20)
    infer.sample(fit, maximum, settings=short)
    before = _compilation.programs()
    for shift in np.linspace(-0.1, 0.1, 9):
        refit = toy_fit(np.asarray(DATA) + np.array([shift, 2 * shift, 0.0]))
        moved = infer.maximize(refit, settings=SETTINGS)
        infer.laplace(refit, moved)
        infer.sample(refit, moved, settings=dataclasses.replace(short, seed=int(100 * shift) + 50))
        assert float(moved.parameters["m0"]) == pytest.approx(math.sqrt(3.2e-3) * math.exp(shift / 2), rel=1e-4)
    assert _compilation.programs() == before


def test_bound_is_reported():
    """The likelihood pulls m0 beyond its prior: a maximum, at the bound, and named."""
    import numpyro.distributions as dist

    found = infer.maximize(toy_fit(priors={"m0": dist.Uniform(1e-3, 0.05)}), settings=SETTINGS)
    assert found.status is infer.Status.BOUND
    assert found.at_bound == ("m0",)
    assert found.good


class Correlated(LogSplittings):
    """With a covariance that the theory widens, as of counts."""

    size: int = eqx.field(static=True, default=40)

    def log_likelihood(self, theory, nuisance):
        m = 1e3 * theory.neutrinos.states.masses
        S = jnp.eye(self.size) + jnp.outer(jnp.resize(m, self.size), jnp.resize(m, self.size))
        inverse, log_determinant = positive.inverse_and_log_determinant(S)
        return super().log_likelihood(theory, nuisance) - 1e-3 * (jnp.trace(inverse) + log_determinant)


class Propagated(LogSplittings):
    """With probabilities that decompose a matrix at each energy."""

    def log_likelihood(self, theory, nuisance):
        H = theory.neutrinos.mass_squared / jnp.linspace(1.0, 2.0, 3)[:, None, None]
        S = hermitian.exp_minus_i(H, 1e4)
        return super().log_likelihood(theory, nuisance) - 1e-3 * jnp.sum(modulus_squared(S[:, 0, 0]))


def test_chains_do_not_wait_for_each_other_in_lapack(monkeypatch):
    """Threads that decompose a batch wait for threads: two devices did so for ever, two chains on each."""
    fit, asked = toy_fit(experiments=(Correlated(DATA),)), []
    monkeypatch.setattr(sampling._advance, "ahead", lambda *arguments: asked.append(arguments))
    infer.chains_ahead(fit, dataclasses.replace(SETTINGS, chains=4), devices=2)
    program = jax.make_jaxpr(sampling._advance.function, static_argnums=(4, 5))(*asked[0])
    operations = list(_specialization._equations([program.jaxpr]))
    assert "eigh" in {operation.primitive.name for operation in operations}
    assert not any(map(_specialization._decomposes_a_batch, operations))


@pytest.mark.parametrize(("experiment", "devices"), [(Correlated, 4), (Propagated, 1)])
def test_what_decomposes_batches_keeps_to_one_device(experiment, devices):
    density = toy_fit(experiments=(experiment(DATA),)).prepare()
    assert density.terms.program.decomposes_batches == (devices == 1)
    assert placement(density, 4, None).size == devices
    assert placement(density, 4, 2).size == 2


def test_devices_must_divide_chains(fit, maximum):
    with pytest.raises(ValueError, match="`devices` must divide the number of chains, 4"):
        infer.sample(fit, maximum, settings=SETTINGS, devices=3)


def test_unconverged_maximum_says_so(fit):
    found = infer.maximize(fit, settings=Settings(starts=1), max_steps=0)
    assert found.good  # Newton's steps alone get there from any start drawn from this prior
    rough = found._replace(status=infer.Status.GRADIENT, to_gain=0.1)
    verdict = results.conclude(fit, rough, infer.laplace(fit, found), None)
    assert not verdict.good
    assert "gradient does not vanish" in verdict.verdict.reasons[0]
