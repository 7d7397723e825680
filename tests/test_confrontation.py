"""What a result file says of the data: cross-validation, replicated data and priors, as ArviZ reads them."""

import io
import math

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from matplotlib import pyplot
from rich.console import Console
from scipy import stats
from toys import DATA, LogSplittings, TwoHeavy, toy_fit

from nmmjax import _environment, infer, report, results
from nmmjax.experiments import XenonNT2022
from nmmjax.experiments.likelihoods.poisson import drawn
from nmmjax.fit import Fit
from nmmjax.infer import Draws, Settings
from nmmjax.models import GrimusLavoura, ThreeFlavor, UniversalMoment
from nmmjax.priors import FlatInSquare
from nmmjax.results import confrontation
from nmmjax.results.confrontation import confront
from nmmjax.results.leave_one_out import leave_one_out, smoothed
from nmmjax.results.quantities import BLOCK

with _environment.importing_arviz():
    import arviz

OF_ARVIZ = pytest.mark.skipif(not hasattr(arviz, "InferenceData"), reason="functions of ArviZ before 1.0")
FIXED = {"m0": 0.05, "r": 1.0, "dm21": 1e-7}
Y = np.array([-1.3, -0.4, 0.1, 0.3, 0.4, 0.9, 1.0, 1.2, 2.1, 2.2])


class Repeated(LogSplittings):
    """Numbers that are normal around x, each with the error 1."""

    def nuisances(self):
        return {"x": dist.Uniform(-50.0, 50.0)}

    @property
    def labels(self):
        return tuple(f"number {i}" for i in range(len(self.data)))

    @property
    def factors(self):
        return self.labels

    def predict(self, theory, nuisance):
        return jnp.full(self.data.shape, nuisance["x"])

    def log_likelihoods(self, theory, nuisance):
        return -0.5 * (self.data - self.predict(theory, nuisance)) ** 2

    def log_likelihood(self, theory, nuisance):
        return jnp.sum(self.log_likelihoods(theory, nuisance))

    def simulate(self, key, theory, nuisance):
        return Repeated(self.predict(theory, nuisance) + jax.random.normal(key, self.data.shape), self.name)


class Twice(Repeated):
    """Whose ln L is not that of its data."""

    def log_likelihood(self, theory, nuisance):
        return 2.0 * super().log_likelihood(theory, nuisance)


def repeated_fit(*experiments):
    return Fit(GrimusLavoura.from_splittings, experiments, {}, FIXED)


def exact(fit, data, chains=4, count=1000):
    """Independent draws of x from its posterior, normal around the mean of the data."""
    rng = np.random.default_rng(3)
    x = data.mean() + rng.normal(size=(chains, count)) / math.sqrt(data.size)
    z = np.array(jax.vmap(lambda x: fit.space.vector({"x": x}))(jnp.asarray(x.ravel()))).reshape(chains, count, 1)
    shape, names = z.shape[:2], ("potential_energy", "energy", "accept_prob", "num_steps")
    statistics = {name: rng.normal(size=shape) for name in names} | {"diverging": np.zeros(shape, bool)}
    return Draws(z, statistics, 100, 1.0, True)


def concluded(fit, draws):
    maximum = infer.maximize(fit, settings=Settings(starts=4))
    return results.conclude(fit, maximum, infer.laplace(fit, maximum), draws)


def opened(result, folder):
    results.save(result, folder)
    return arviz.from_netcdf(folder / "posterior.nc")


def exact_elpd(y):
    """ln p(y_i | others), without the constant of a normal distribution of width 1."""
    others = (y.sum() - y) / (y.size - 1)
    return stats.norm.logpdf(y, others, math.sqrt(1.0 + 1.0 / (y.size - 1))) + 0.5 * math.log(2.0 * math.pi)


@pytest.fixture(scope="module")
def normal():
    fit = repeated_fit(Repeated(Y, "numbers"))
    return fit, concluded(fit, exact(fit, Y))


@pytest.fixture(scope="module")
def xenon(tmp_path_factory):
    """Fitted to the bins of XENONnT, and the folder that keeps it."""
    settings = Settings(starts=4, warmup=200, samples=300, target_accept=0.9)
    priors, fixed = {"moment": FlatInSquare(2e-11)}, {"origin": ThreeFlavor.benchmark()}
    fit = Fit(UniversalMoment, (XenonNT2022.load(),), priors, fixed)
    maximum = infer.maximize(fit, settings=settings)
    draws = infer.sample(fit, maximum, settings=settings)
    result, folder = results.conclude(fit, maximum, infer.laplace(fit, maximum), draws), tmp_path_factory.mktemp("nt")
    results.save(result, folder)
    return result, folder


# Cross-validation


def test_a_normal_model_is_left_out_as_in_closed_form(normal):
    _, result = normal
    (line,) = result.leave_one_out
    expected = exact_elpd(Y)
    assert (line.name, line.data, line.poor) == ("numbers", 10, ())
    assert line.elpd == pytest.approx(expected.sum(), abs=0.02)
    assert line.error == pytest.approx(math.sqrt(10 * np.var(expected)), rel=0.02)
    # With all data: -[(y - m)^2 / (1 + 1/n) + ln(1 + 1/n)] / 2.
    of_all = -0.5 * ((Y - Y.mean()) ** 2 / 1.1 + math.log(1.1))
    assert line.parameters == pytest.approx((of_all - expected).sum(), abs=0.02)
    assert line.largest_k < line.reliable_k == pytest.approx(0.7)


@OF_ARVIZ
@pytest.mark.parametrize("efficiency", [1.0, 0.3])
def test_weights_are_smoothed_as_arviz_does(efficiency):
    rng = np.random.default_rng(0)
    light = rng.normal(size=2000), rng.exponential(size=40)
    for x in (*light, 3.0 * rng.normal(size=900), rng.standard_t(2, size=1500)):
        weights, k = smoothed(x, efficiency)
        expected, shape = arviz.psislw(x.copy(), efficiency)
        np.testing.assert_allclose(weights, expected, atol=1e-10)
        assert k == pytest.approx(float(shape), abs=1e-10)


def test_weights_of_tails_without_a_shape():
    weights, k = smoothed(np.zeros(100), 1.0)
    assert k == 0.0
    np.testing.assert_allclose(weights, -math.log(100))
    assert smoothed(np.repeat([0.0, 5.0], [98, 2]), 1.0)[1] == math.inf
    (line,) = leave_one_out([("two", "ab", np.repeat([[0.0], [-5.0]], [98, 2], axis=0) * [[1.0, 0.0]])], 1.0)
    assert line.poor == (("a", 99.0),)


def test_data_that_say_most_by_themselves_are_named():
    """One number far off: leaving it out moves the mean by several standard deviations."""
    far = np.append(Y, 14.0)
    fit = repeated_fit(Repeated(far, "numbers"))
    result = concluded(fit, exact(fit, far))
    (line,) = result.leave_one_out
    assert [name for name, _ in line.poor] == ["number 10"]
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.result(result))
    assert "as k is above 0.70: number 10 (" in " ".join(console.export_text().split())


def test_parts_that_are_no_parts_count_as_one(normal):
    fit = repeated_fit(Twice(Y, "numbers"))
    result = concluded(fit, exact(fit, Y, count=20))
    assert result.leave_one_out == ()
    assert "numbers: log_likelihoods do not add up to log_likelihood" in result.verdict.notes[-1]
    values = result.groups["log_likelihood"]["numbers"]
    assert values.dims == ("chain", "draw", "numbers_part")
    by_datum = confront(normal[0], exact(fit, Y, count=20).z).log_likelihoods[0]
    np.testing.assert_allclose(values[..., 0], 2.0 * by_datum.sum(-1))


# What ArviZ makes of a file


@OF_ARVIZ
def test_arviz_reads_cross_validation_from_the_file(normal, tmp_path):
    _, result = normal
    data = opened(result, tmp_path)
    found, (line,) = arviz.loo(data, pointwise=True), result.leave_one_out
    numbers = (found.elpd_loo, found.se, found.p_loo, float(found.pareto_k.max()))
    np.testing.assert_allclose(numbers, (line.elpd, line.error, line.parameters, line.largest_k), rtol=1e-9)
    np.testing.assert_allclose(found.loo_i, exact_elpd(Y), atol=0.01)
    pit = arviz.loo_pit(data, y="numbers")
    others = (Y.sum() - Y) / (Y.size - 1)
    np.testing.assert_allclose(pit, stats.norm.cdf(Y, others, math.sqrt(1.0 + 1.0 / (Y.size - 1))), atol=0.03)
    assert results.load(tmp_path) == result


@OF_ARVIZ
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of psens, for derived quantities that are constant
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of ArviZ by newer pandas and matplotlib
def test_arviz_works_with_a_file_as_it_is(xenon):
    result, folder = xenon
    data = arviz.from_netcdf(folder / "posterior.nc")
    found = arviz.loo(data)
    assert found.n_data_points == 29
    assert not found.warning
    (line,) = result.leave_one_out
    assert (found.elpd_loo, found.p_loo) == pytest.approx((line.elpd, line.parameters), rel=1e-9)
    assert 0.2 < line.parameters < 3.0
    pit = np.asarray(arviz.loo_pit(data, y="xenonnt_2022"))
    assert pit.shape == (29,)
    assert stats.kstest(pit, "uniform").pvalue > 1e-3
    table = arviz.compare({"one": data, "other": data})
    np.testing.assert_allclose(table["elpd_loo"], line.elpd)
    ess = arviz.ess(data)
    assert float(ess["moment"]) == pytest.approx(result.row("moment").ess_bulk)
    tail = arviz.ess(data, method="tail")
    assert float(tail["moment"]) == pytest.approx(result.row("moment").ess_tail)
    for component in ("prior", "likelihood"):
        assert float(arviz.psens(data, component=component)["moment"]) > 0.05
    for group in ("posterior", "prior"):
        axes = arviz.plot_ppc(data, group=group, num_pp_samples=5, show=False)
        pyplot.close(np.ravel(axes)[0].figure)


# Replicated data


def outside(draws, observed):
    low, high = np.quantile(draws.reshape(-1, observed.size), (0.025, 0.975), axis=0)
    return np.mean((observed < low) | (observed > high))


def test_replicated_events_of_xenonnt_cover_those_observed(xenon):
    """One of 29 bins or so lies outside 95 %, but three quarters outside of what is expected without noise."""
    result, _ = xenon
    observed = result.groups["observed_data"]["xenonnt_2022"].values
    replicated = result.groups["posterior_predictive"]["xenonnt_2022"].values
    (spectrum,) = result.spectra
    assert outside(replicated, observed) <= 0.11
    assert outside(spectrum.expected, observed) > 0.5
    assert np.all(replicated == np.round(replicated))
    # Each draw has events of its own: a mean and a variance of Poisson, and hardly any correlation.
    flat = replicated.reshape(-1, 29)
    np.testing.assert_allclose(flat.mean(0), spectrum.expected.mean(0), rtol=0.06)
    assert np.mean(flat.var(0) / flat.mean(0)) == pytest.approx(1.0, abs=0.1)
    assert abs(np.corrcoef(flat[:, 3], flat[:, 20])[0, 1]) < 0.15
    labels = result.groups["posterior_predictive"]["xenonnt_2022_datum"].values
    assert labels[0] == "1-2 keV"


def test_impossible_expectations_have_no_events_or_none_at_all():
    with np.errstate(all="ignore"):
        found = np.asarray(drawn(jax.random.key(0), jnp.array([-1.0, 0.0, jnp.nan, jnp.inf, 50.0])))
    assert found[0] == found[1] == 0.0
    assert math.isnan(found[2])
    assert found[3] > 1e18
    assert 10.0 < found[4] < 100.0


def test_many_replicated_data_are_thinned(normal, monkeypatch):
    fit, result = normal
    monkeypatch.setattr(confrontation, "LARGEST", 10_000)
    thinned = results.with_draws(result, fit, exact(fit, Y)).groups
    assert thinned["posterior_predictive"]["numbers"].shape == (4, 250, 10)
    np.testing.assert_array_equal(thinned["posterior_predictive"]["draw"], np.arange(0, 1000, 4))
    whole = result.groups["posterior_predictive"]["numbers"]
    np.testing.assert_array_equal(thinned["posterior_predictive"]["numbers"], whole[:, ::4])
    assert thinned["log_likelihood"]["numbers"].shape == (4, 1000, 10)
    monkeypatch.setattr(confrontation, "LARGEST", 5_000)
    assert results.with_draws(result, fit, exact(fit, Y)).groups["log_likelihood"]["numbers"].shape == (4, 500, 10)


# Several experiments


@OF_ARVIZ
def test_independent_data_of_several_experiments_are_one_row(tmp_path):
    fit = repeated_fit(Repeated(Y[:4], "first"), Repeated(Y[4:], "second"))
    result = concluded(fit, exact(fit, Y))
    assert [line.name for line in result.leave_one_out] == ["first", "second", "joint"]
    first, second, joint = result.leave_one_out
    assert first.elpd + second.elpd == pytest.approx(joint.elpd)
    assert joint.elpd == pytest.approx(exact_elpd(Y).sum(), abs=0.02)
    data = opened(result, tmp_path)
    assert list(data.log_likelihood.data_vars) == ["joint"]
    assert data.log_likelihood["part"].values[4] == "second: number 0"
    assert list(data.log_likelihood["experiment"].values) == ["first"] * 4 + ["second"] * 6
    assert arviz.loo(data).elpd_loo == pytest.approx(joint.elpd)
    assert np.shape(arviz.loo_pit(data, y="joint")) == (10,)
    assert set(data.posterior_predictive.data_vars) == {"first", "second", "joint"}
    assert results.load(tmp_path) == result


def test_correlated_data_of_several_experiments_count_by_experiment():
    """Three correlated numbers each: there are no parts but the experiments."""
    fit = toy_fit(experiments=(LogSplittings(DATA, "one"), LogSplittings(DATA, "other")))
    seen = confront(fit, np.zeros((2, 5, fit.space.size)))
    groups = confrontation.groups(fit, seen, results.Wanted())
    values = groups["log_likelihood"]["joint"]
    assert list(values["part"].values) == ["one", "other"]
    assert set(groups["observed_data"].data_vars) == {"one", "other"}
    expected = fit.log_likelihoods(fit.space.parameters(jnp.zeros(fit.space.size)))
    np.testing.assert_allclose(values[1, 3], [expected["one"], expected["other"]], rtol=1e-12)
    assert not np.array_equal(seen.replicated[0], seen.replicated[1])
    assert not np.array_equal(seen.replicated[0][0, 0], seen.replicated[0][0, 1])


# Priors


def test_priors_are_densities_in_their_parameters(normal):
    fit = toy_fit()
    z = np.random.default_rng(0).normal(size=(2, 3, fit.space.size))
    found = confront(fit, z).log_prior
    m0 = np.array([float(fit.space.parameters(jnp.asarray(one))["m0"]) for one in z.reshape(6, -1)])
    np.testing.assert_allclose(found["m0"].ravel(), -np.log(m0 * np.log(1e3)), rtol=1e-9)
    assert set(found) == {"m0", "r", "dm21", "toy_shift"}
    prior = normal[1].groups["prior"]["x"].values
    assert prior.shape == (1, BLOCK)
    assert stats.kstest(prior.ravel(), "uniform", (-50.0, 100.0)).pvalue > 1e-3
    replicated = normal[1].groups["prior_predictive"]["numbers"].values[0]
    np.testing.assert_allclose(replicated.mean(-1), prior[0], atol=2.0)


class Heavy(TwoHeavy):
    """Which knows that its lightest heavy neutrino lies above 1e12 GeV."""

    def log_prior(self):
        return jnp.where(self.m_1 > 1e12, 0.0, -jnp.inf)


class Shift(LogSplittings):
    def predict(self, theory, nuisance):
        return jnp.zeros(3) + nuisance["toy_shift"]


def test_draws_from_the_prior_obey_that_of_the_model():
    fit = Fit(Heavy, (Shift(DATA),), Heavy.default_priors(), {"m_2": 1e13})
    z = confrontation.of_prior(fit)
    assert z.shape == (1, BLOCK, fit.space.size)
    m_1 = np.asarray(jax.vmap(lambda z: fit.space.parameters(z)["m_1"])(jnp.asarray(z[0])))
    assert m_1.min() > 1e12
    assert stats.kstest(np.log10(m_1), "uniform", (12.0, 1.0)).pvalue > 1e-3
    found = confront(fit, z).log_prior
    np.testing.assert_array_equal(found["model"], 0.0)
    assert found["yukawa"].shape == (1, BLOCK, 2, 3)
