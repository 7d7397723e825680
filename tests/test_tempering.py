"""Posteriors of several modes, and their integrals, against those that are known in closed form."""

import dataclasses
import io
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import numpyro.distributions as dist
import pytest
from rich.console import Console
from scipy import integrate, special
from toys import LogSplittings, landscape_fit, toy_result

from nmmjax import infer, report, results
from nmmjax.experiments import NuFIT53Tables, NuFIT60Gaussian
from nmmjax.fit import Fit
from nmmjax.infer import Sampler, Settings
from nmmjax.infer._mixture import Mixture
from nmmjax.infer.tempering import _effective, _next, _systematic
from nmmjax.models import GrimusLavoura
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.priors import UniformPhase
from nmmjax.results.records import EvidenceRecord, ExperimentRecord, ModeRecord, SamplingRecord

FEW = Settings(starts=8, warmup=500, samples=1000)
SMC = dataclasses.replace(FEW, sampler=Sampler.SMC)
HALF = 5.0
"""Of the width of flat priors."""


class Density(LogSplittings):
    """Any ln L of a vector x with a prior."""

    function: object = eqx.field(static=True)
    prior: object = eqx.field(static=True)

    def __init__(self, function, prior):
        super().__init__(jnp.zeros(3), "density")
        self.function, self.prior = function, prior

    def nuisances(self):
        return {"x": self.prior}

    def predict(self, theory, nuisance):
        return jnp.zeros(3)

    def log_likelihood(self, theory, nuisance):
        return self.function(nuisance["x"])


def fit_of(function, prior):
    fixed = {"m0": 0.05, "r": 1.0, "dm21": 1e-7}
    return Fit(GrimusLavoura.from_splittings, (Density(function, prior),), {}, fixed)


def flat(size, half=HALF):
    return dist.Uniform(-half, half).expand([size])


def normal(x, mean, sd):
    """ln of a normal density."""
    return jnp.sum(-0.5 * ((x - mean) / sd) ** 2 - jnp.log(sd * jnp.ones(x.shape)) - 0.5 * math.log(2.0 * math.pi))


def two_modes(x):
    """0.8 and 0.2 of normal distributions, 10 standard deviations apart in each coordinate."""
    return jnp.logaddexp(math.log(0.8) + normal(x, 1.0, 0.2), math.log(0.2) + normal(x, -1.0, 0.2))


def banana(x):
    """x_0 is normal, all others lie around x_0^2 / 2."""
    return normal(x[:1], 0.0, 1.0) + normal(x[1:], 0.5 * x[0] ** 2, 0.1)


def funnel(x):
    """The width of all others is e^(x_0 / 2) [R. Neal, Ann. Statist. 31, 705 (2003)]."""
    return normal(x[:1], 0.0, 1.5) + normal(x[1:], 0.0, jnp.exp(0.5 * x[0]))


def ring(x):
    """Around a sphere of radius 3."""
    return -0.5 * ((jnp.sqrt(x @ x) - 3.0) / 0.1) ** 2


def log_of_ring(size):
    radial = integrate.quad(lambda r: r ** (size - 1) * math.exp(-0.5 * ((r - 3.0) / 0.1) ** 2), 2.0, 4.0)[0]
    return math.log(2.0 * radial) + 0.5 * size * math.log(math.pi) - special.gammaln(0.5 * size)


def answered(fit, settings, maximum=None):
    maximum = infer.maximize(fit, settings=settings) if maximum is None else maximum
    draw = infer.temper if settings.sampler is Sampler.SMC else infer.sample
    draws = draw(fit, maximum, settings=settings)
    return results.conclude(fit, maximum, infer.laplace(fit, maximum), draws)


def volume(size, half=HALF):
    return -size * math.log(2.0 * half)


# Evidences

KNOWN = {
    "normal": (lambda x: normal(x, 0.3, 0.1), flat(3), volume(3)),
    "normal prior": (
        lambda x: normal(x, 0.5, 0.3),
        dist.Normal(0.0, 1.0).expand([4]),
        4 * (-0.5 * math.log(2.0 * math.pi * 1.09) - 0.125 / 1.09),
    ),
    "two modes": (two_modes, flat(2), volume(2)),
    "cut by its prior": (lambda x: normal(x, HALF, 0.5), flat(2), volume(2) + 2 * math.log(0.5)),
    "modes of two phases": (
        lambda x: 20.0 * jnp.sum(jnp.cos(2.0 * x)),
        UniformPhase().expand([2]),
        2 * math.log(special.i0(20.0)),
    ),
}


QUICK = ("two modes", "cut by its prior")


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in KNOWN])
def test_evidences_are_right_within_their_errors(name):
    """By both methods: within 0.1 and two and a half standard deviations, but for one in three."""
    function, prior, known = KNOWN[name]
    fit, off = fit_of(function, prior), {"sequential Monte Carlo": [], "bridge sampling": []}
    maximum = infer.maximize(fit, settings=SMC)
    for seed in range(3):
        found = answered(fit, dataclasses.replace(SMC, seed=seed), maximum)
        assert found.good, found.verdict.reasons
        for evidence in found.evidences:
            if evidence.error is not None:
                off[evidence.method].append((evidence.log_evidence - known, evidence.error))
    for errors in off.values():
        assert len(errors) == 3
        assert sum(abs(error) < min(0.1, max(2.5 * claimed, 0.01)) for error, claimed in errors) >= 2
        assert all(abs(error) < 0.2 for error, _ in errors)
        assert all(claimed < 0.1 for _, claimed in errors)


def test_draws_of_chains_have_an_evidence_too():
    function, prior, known = KNOWN["normal prior"]
    found = answered(fit_of(function, prior), FEW)
    assert found.good, found.verdict.reasons
    bridged, laplace = found.evidences
    assert bridged.method == "bridge sampling"
    assert bridged.log_evidence == pytest.approx(known, abs=max(3.0 * bridged.error, 0.01))
    assert laplace.method == "Laplace"
    assert laplace.log_evidence == pytest.approx(known, abs=1e-6)


def test_what_contradicts_each_other_is_told(monkeypatch):
    function, prior, known = KNOWN["normal"]
    wrong = infer.Evidence("bridge sampling", known + 1.0, 0.05)
    monkeypatch.setattr("nmmjax.results.conclusion.bridged_evidence", lambda *_: wrong)
    found = answered(fit_of(function, prior), dataclasses.replace(SMC, samples=200))
    (words,) = found.verdict.reasons
    assert words.startswith("ln Z is ")
    assert "by bridge sampling" in words
    assert "by sequential Monte Carlo" in words


# Modes


def weight(result):
    """Of the mode to the right."""
    return float(np.mean(result.draws("x[0]") > 0.0))


@pytest.mark.parametrize("size", [1, 3])
def test_weights_of_modes_far_apart(size):
    fit = fit_of(two_modes, flat(size))
    maximum = infer.maximize(fit, settings=SMC)
    for seed in range(3):
        found = answered(fit, dataclasses.replace(SMC, seed=seed), maximum)
        assert found.good, found.verdict.reasons
        assert weight(found) == pytest.approx(0.8, abs=0.03)


def of_particles(result):
    return next(one for one in result.evidences if one.method == "sequential Monte Carlo")


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 10, 20])
def test_weights_of_modes_far_apart_again_and_again(size):
    fit = fit_of(two_modes, flat(size))
    maximum = infer.maximize(fit, settings=SMC)
    found = [answered(fit, dataclasses.replace(SMC, seed=seed), maximum) for seed in range(12)]
    weights, evidences = np.array(list(map(weight, found))), np.array([of_particles(one).log_evidence for one in found])
    assert np.all(np.abs(weights - 0.8) < 0.03)
    assert np.mean(weights) == pytest.approx(0.8, abs=0.01)
    errors = np.array([of_particles(one).error for one in found])
    assert np.mean(np.abs(evidences - volume(size)) < 2.0 * errors) > 0.7


@pytest.mark.slow
def test_a_mode_that_the_search_has_not_found_is_weighed():
    """Particles come from the prior: jumps lead to the other mode alone."""
    fit = fit_of(two_modes, flat(2))
    maximum = infer.maximize(fit, settings=SMC)
    known = maximum._replace(modes=maximum.modes[:1], mode_log_densities=maximum.mode_log_densities[:1])
    found = answered(fit, SMC, known)
    assert weight(found) == pytest.approx(0.8, abs=0.05)
    assert found.evidences[0].log_evidence == pytest.approx(volume(2), abs=0.2)


def test_chains_alone_never_pass():
    fit = fit_of(two_modes, flat(2))
    maximum = infer.maximize(fit, settings=FEW)
    for seed, chains in ((0, 1), (2, 4)):
        found = answered(fit, dataclasses.replace(FEW, seed=seed, chains=chains), maximum)
        assert not found.good
        assert any("--sampler smc" in reason for reason in found.verdict.reasons)


SHAPES = {
    "banana": (banana, lambda size: flat(size, 10.0), lambda size: volume(size, 10.0), (1.0, 1.0)),
    "funnel": (funnel, lambda size: flat(size, 30.0), lambda size: volume(size, 30.0), (1.5, 1.5)),
    "ring": (ring, flat, lambda size: log_of_ring(size) + volume(size), (3.0, 3.01)),
}


def right_or_refused(name, size, settings):
    """The spread of x_0 (of all x together, on the ring), and the integral."""
    function, prior, known, (low, high) = SHAPES[name]
    found = answered(fit_of(function, prior(size)), settings)
    if not found.good:
        return False
    if name == "ring":
        spread = math.sqrt(sum(float(np.var(found.draws(f"x[{i}]"))) for i in range(size)))
        assert spread == pytest.approx(3.0, rel=0.03)
    else:
        assert low * 0.9 < float(np.std(found.draws("x[0]"))) < high * 1.1
    for evidence in found.evidences:
        if evidence.error is not None:
            assert evidence.log_evidence == pytest.approx(known(size), abs=max(4.0 * evidence.error, 0.1))
    return True


@pytest.mark.parametrize("sampler", Sampler)
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_right_or_refused(name, sampler):
    accepted = right_or_refused(name, 2, dataclasses.replace(FEW, sampler=sampler))
    assert accepted or name == "funnel" or sampler is Sampler.NUTS


@pytest.mark.slow
@pytest.mark.parametrize("size", [5, 10, 20])
@pytest.mark.parametrize("sampler", Sampler)
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_many_dimensions_are_right_or_refused(name, sampler, size):
    right_or_refused(name, size, dataclasses.replace(FEW, sampler=sampler))


def test_particles_that_lag_behind_are_told():
    """Into the neck of a funnel: all runs agree, and have not arrived."""
    fit = fit_of(funnel, flat(10, 30.0))
    found = answered(fit, SMC)
    assert any("particles lag behind" in reason for reason in found.verdict.reasons)


# The run


def test_a_run_that_was_cut_goes_on(tmp_path):
    fit, path = fit_of(two_modes, flat(1)), tmp_path / "run.npz"
    settings = dataclasses.replace(SMC, samples=100)
    maximum, seen = infer.maximize(fit, settings=settings), []
    whole = infer.temper(fit, maximum, settings=settings, progress=seen.append)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert seen[-1].done == seen[-1].total
    assert "temperature" in seen[0].words

    def cut(report):
        if len(seen) == 3 or report.done > 95:
            raise KeyboardInterrupt
        seen.append(report)

    seen.clear()
    with pytest.raises(KeyboardInterrupt):
        infer.temper(fit, maximum, settings=settings, checkpoint=path, progress=cut)
    infer.check_resumable(fit, path, settings=settings)
    seen.append(None)
    partial = infer.temper(fit, maximum, settings=settings, checkpoint=path, resume=True, progress=cut)
    assert not partial.complete
    resumed = infer.temper(fit, maximum, settings=settings, checkpoint=path, resume=True)
    assert resumed.complete
    np.testing.assert_array_equal(resumed.z, whole.z)
    np.testing.assert_array_equal(resumed.tempered.log_evidences, whole.tempered.log_evidences)
    with pytest.raises(ValueError, match="setting sampler"):
        infer.check_resumable(fit, path, settings=dataclasses.replace(settings, sampler=Sampler.NUTS))


def test_what_is_impossible_everywhere_is_refused():
    fit = landscape_fit(lambda x, y: jnp.where(x > 2.9999, -(x**2), -jnp.inf))
    maximum = infer.maximize(landscape_fit(lambda x, y: -(x**2)), settings=FEW)
    with pytest.raises(FloatingPointError, match="at all points drawn from the prior"):
        infer.temper(fit, maximum, settings=dataclasses.replace(SMC, chains=1, samples=64))


def test_what_is_impossible_for_most_of_the_prior_is_left():
    """A normal likelihood of which all is cut off but a tenth of the prior, at its peak."""
    fit = fit_of(lambda x: jnp.where(x[0] > 4.0, normal(x, 4.0, 0.3), -jnp.inf), flat(2))
    maximum = infer.maximize(fit_of(lambda x: normal(x, 4.0, 0.3), flat(2)), settings=SMC)
    draws = infer.temper(fit, maximum, settings=SMC)
    found, whole = infer.tempered_evidence(draws.tempered), special.ndtr(1.0 / 0.3)
    known = volume(2) + math.log(whole * (whole - 0.5))
    assert found.log_value == pytest.approx(known, abs=3.0 * found.error)
    assert found.error < 0.15
    assert np.all(np.asarray(jax.vmap(fit.space.parameters)(draws.z.reshape(-1, 2))["x"])[:, 0] > 4.0)


def test_few_particles_do_not_lower_the_evidence():
    """As they would by moves along their own covariance."""
    fit = fit_of(lambda x: normal(x, 0.3, 0.1), flat(10))
    settings = dataclasses.replace(SMC, samples=100, chains=12)
    found = infer.temper(fit, infer.maximize(fit, settings=settings), settings=settings).tempered
    relative = np.exp(found.log_evidences - volume(10))
    assert np.mean(relative) == pytest.approx(1.0, abs=3.0 * np.std(relative) / math.sqrt(12.0))


def test_few_particles_are_refused():
    fit = fit_of(two_modes, flat(1))
    maximum = infer.maximize(fit, settings=SMC)
    with pytest.raises(ValueError, match="`samples` must be at least 16"):
        infer.temper(fit, maximum, settings=dataclasses.replace(SMC, samples=8))


def test_half_of_the_particles_count_after_a_raise():
    log_likelihood = -1e4 * np.random.default_rng(0).exponential(size=1000)
    beta = _next(0.0, log_likelihood)
    assert _effective(beta * log_likelihood) == pytest.approx(500.0, rel=1e-6)
    assert _next(0.5, 1e-6 * log_likelihood) == 1.0


def test_particles_are_drawn_as_often_as_their_weights_say():
    log_weights = np.log(np.array([0.1, 0.4, 0.0, 0.5]) + 1e-300)
    counts = np.bincount(_systematic(np.repeat(log_weights, 100), 0.3) // 100, minlength=4)
    np.testing.assert_allclose(counts, [40, 160, 0, 200], atol=1)


def test_a_mixture_is_a_density():
    """Its integral over a plane and a circle is one, and its draws have it."""
    covariance = np.array([[[0.5, 0.1], [0.1, 0.7]], [[0.2, 0.0], [0.0, 4.0]]])
    mixture = Mixture.around(
        np.array([[0.0, 3.0], [1.0, -2.0]]), covariance, np.array([False, True]), np.array([0.3, 0.7])
    )
    mixture = jax.tree.map(jnp.asarray, mixture)
    x, phi = np.linspace(-8.0, 8.0, 401), np.linspace(-np.pi, np.pi, 200, endpoint=False)
    points = jnp.stack(jnp.meshgrid(x, phi, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(np.asarray(jax.vmap(mixture.log_density)(points)))
    cell = (x[1] - x[0]) * (phi[1] - phi[0])
    assert density.sum() * cell == pytest.approx(1.0, abs=1e-9)
    drawn = np.asarray(jax.vmap(mixture.draw)(jax.random.split(jax.random.key(0), 40_000)))
    known = (density * np.cos(points[:, 1])).sum() * cell
    assert np.mean(np.cos(drawn[:, 1])) == pytest.approx(float(known), abs=0.02)
    assert np.mean(drawn[:, 0]) == pytest.approx(0.7, abs=0.02)


# What is shown


def test_hypotheses_are_weighed():
    """By their best method, those of the same data, and only good ones."""
    sampled = SamplingRecord(4, 10, 5, True, 0, 0.8, 3.0, (), 1.0)

    def one(name, log_evidence, good=True):
        evidences = (EvidenceRecord("bridge sampling", log_evidence, 0.03), EvidenceRecord("Laplace", -99.0, None))
        verdict = results.Verdict(good, () if good else ("poor",))
        return msgspec.structs.replace(toy_result(name, sampling=sampled, evidences=evidences), verdict=verdict)

    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.comparison([one("first", -10.0), one("second", -12.5), one("third", -1.0, good=False)]))
    lines = {line.split()[0]: line for line in console.export_text().splitlines() if line.strip()}
    first, second, third = (lines[name] for name in ("first", "second", "third"))
    assert "-10.00 +- 0.03" in first
    assert "+0.00" in first
    assert "-2.50 +- 0.04" in second
    assert "+-" not in third


def test_orderings_of_a_global_fit_are_weighed_and_other_data_are_not():
    def one(name, experiment):
        line = ExperimentRecord(experiment.name, "", 6, experiment.counted_from, 0.0, (), ())
        return toy_result(name, experiments=(line,))

    normal, inverted = (NuFIT53Tables.load(ordering()) for ordering in (NormalOrdering, InvertedOrdering))
    assert normal.counted_from == inverted.counted_from == "nufit53_sk_tables"
    gaussian = NuFIT60Gaussian.load(InvertedOrdering())
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.comparison([one("first", normal), one("second", inverted), one("third", gaussian)]))
    lines = {line.split()[0]: line for line in console.export_text().splitlines() if line.strip()}
    assert "+0.00" in lines["first"]
    assert "+0.00" in lines["second"]
    assert "+" not in lines["third"]


def test_modes_carry_their_mass():
    found = answered(fit_of(two_modes, flat(1)), SMC)
    right, left = found.maximum.modes
    assert isinstance(right, ModeRecord)
    assert right.log_mass - left.log_mass == pytest.approx(math.log(4.0), abs=1e-3)
    assert found.sampling.sampler == "sequential Monte Carlo"
    assert found.sampling.e_bfmi == ()
    assert found.row("x[0]").intervals
    console = Console(width=300, record=True, file=io.StringIO())
    console.print(report.result(found))
    text = console.export_text()
    assert f"ln Z = {found.evidences[0].log_evidence:.2f} +- " in text
    assert f"{found.evidences[-1].log_evidence:.2f} (Laplace)" in text
