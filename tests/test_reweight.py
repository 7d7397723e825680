"""Other priors by importance weights, and powers of prior and likelihood, on draws whose posterior is known."""

import json
import math

import msgspec
import numpy as np
import numpyro.distributions as dist
import pytest
import xarray
from scipy import stats
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import _environment, _prior_words, decisions, plots, results
from nmmjax.priors import ComplexNormal, UniformPhase
from nmmjax.results import Row, Verdict
from nmmjax.results.conclusion import written
from nmmjax.results.reweighting import density, old_bounds
from nmmjax.results.sensitivity import CONFLICT, PRIOR_DECIDES, distance, power_scaling

with _environment.importing_arviz():
    import arviz

CHAINS, DRAWS = 4, 5000
PRIOR, DATUM, ERROR = dist.Normal(0.0, 3.0), 1.5, 0.8


def posterior(prior_mean, prior_sd):
    """Mean and standard deviation of x, measured as DATUM +- ERROR."""
    weight = prior_sd**-2 + ERROR**-2
    return (prior_mean / prior_sd**2 + DATUM / ERROR**2) / weight, weight**-0.5


def evidence(prior_mean, prior_sd):
    return stats.norm.logpdf(DATUM, prior_mean, math.hypot(prior_sd, ERROR))


def row(name, circular=False):
    numbers = {"mean": 0.0, "sd": 1.0, "low": 0.0, "high": 0.0, "rhat": 1.0, "ess_bulk": 2e4, "ess_tail": 2e4}
    return Row(name, name, "", True, circular, 0.0, **numbers)


def made(draws, priors, parameters, **variables):
    """A result with draws, of which `priors` are those by parameter."""
    names = [line.name for line in parameters]
    variables = variables or {name: draws[name] for name in names}
    log_prior = {name: np.asarray(prior.log_prob(draws[name])) for name, prior in priors.items()}
    axes = ("chain", "draw")
    return toy_result(
        "known",
        priors={name: written(prior) for name, prior in priors.items()},
        parameters=parameters,
        posterior=xarray.Dataset({name: (axes, value) for name, value in variables.items()}),
        statistics=xarray.Dataset({"lp": (axes, np.zeros((CHAINS, DRAWS)))}),
        groups={"log_prior": xarray.Dataset({name: (axes, value) for name, value in log_prior.items()})},
    )


def normal_draws(mean, sd, seed=5):
    return mean + sd * np.random.default_rng(seed).normal(size=(CHAINS, DRAWS))


@pytest.fixture(scope="module")
def known():
    x = normal_draws(*posterior(0.0, 3.0))
    return made({"x": x, "y": x**2}, {"x": PRIOR}, (row("x"), msgspec.structs.replace(row("y"), sampled=False)))


@pytest.fixture(scope="module")
def folder(known, tmp_path_factory):
    path = tmp_path_factory.mktemp("known")
    results.save(known, path)
    return path


@pytest.mark.parametrize(("mean", "sd"), [(1.0, 1.0), (0.0, 1.5), (0.5, 6.0)])
def test_another_prior_is_bayes_theorem(known, mean, sd):
    found = results.reweight(known, {"x": dist.Normal(mean, sd)}).record
    assert found.verdict.good, found.verdict.reasons
    x, y = found.rows
    best, width = posterior(mean, sd)
    error = 4.0 * width / math.sqrt(found.ess)
    assert x.new.mean == pytest.approx(best, abs=error)
    assert x.new.sd == pytest.approx(width, abs=error)
    low, high = (stats.norm.ppf(p, best, width) for p in (0.05, 0.95))
    assert (x.new.low, x.new.high) == pytest.approx((low, high), abs=3.0 * error)
    assert y.new.mean == pytest.approx(best**2 + width**2, abs=6.0 * error)
    assert x.old.mean == pytest.approx(posterior(0.0, 3.0)[0], abs=0.03)
    expected = evidence(mean, sd) - evidence(0.0, 3.0)
    assert found.log_evidence_ratio == pytest.approx(expected, abs=4.0 * found.error)
    assert 0.0 < found.error < 0.05


def test_the_same_prior_changes_nothing(known):
    found = results.reweight(known, {"x": PRIOR}).record
    assert found.log_evidence_ratio == pytest.approx(0.0, abs=1e-12)
    assert found.error == pytest.approx(0.0, abs=1e-12)
    before, after = msgspec.structs.astuple(found.rows[0].old), msgspec.structs.astuple(found.rows[0].new)
    assert after == pytest.approx(before, rel=1e-9)
    assert found.ess == pytest.approx(CHAINS * DRAWS, rel=0.05)


def test_a_part_of_a_flat_prior_cuts_and_a_wider_one_says_so():
    x = normal_draws(1.5, 0.8)
    flat = made({"x": x}, {"x": dist.Uniform(-10.0, 10.0)}, (row("x"),))
    cut = results.reweight(flat, {"x": dist.Uniform(-10.0, 1.5)}).record
    assert cut.k == 0.0
    assert cut.ess == pytest.approx(0.5 * x.size, rel=0.05)
    assert cut.rows[0].new.mean == pytest.approx(1.5 - 0.8 * math.sqrt(2.0 / math.pi), abs=0.02)
    assert cut.log_evidence_ratio == pytest.approx(math.log(0.5 * 20.0 / 11.5), abs=4.0 * cut.error)
    assert not cut.verdict.notes
    wide = results.reweight(flat, {"x": dist.Uniform(-10.0, 30.0)}).record
    assert wide.log_evidence_ratio == pytest.approx(-math.log(2.0), abs=1e-9)
    assert "50 % of the new prior of x lies beyond the old one (-10 to 10)" in wide.verdict.notes[0]


def test_too_few_draws_are_refused(known):
    for prior in (dist.Normal(9.0, 0.3), dist.Uniform(30.0, 31.0)):
        found = results.reweight(known, {"x": prior}).record
        assert not found.verdict.good
        assert found.rows == ()
        assert found.log_evidence_ratio is None
        assert "fit with these priors instead" in found.verdict.reasons[0]


def test_draws_that_are_not_good_stay_so(known):
    doubtful = msgspec.structs.replace(known, verdict=Verdict(False, ("R-hat is large",)))
    found = results.reweight(doubtful, {"x": dist.Normal(0.0, 2.0)}).record
    assert found.verdict.reasons == ("the result itself is not good: R-hat is large",)
    assert found.rows


def test_complex_numbers_and_phases():
    rng = np.random.default_rng(2)
    z = (rng.normal(size=(2, CHAINS, DRAWS)) * 0.5).T @ np.array([1.0, 1j])
    z = z.T
    phase = rng.uniform(-math.pi, math.pi, size=(CHAINS, DRAWS))
    found = made(
        {"z": z, "phase": phase},
        {"z": ComplexNormal(0.5), "phase": UniformPhase()},
        (row("z_re"), row("z_im"), row("phase", circular=True)),
        z_re=z.real,
        z_im=z.imag,
        phase=phase,
    )
    other = results.reweight(found, {"z": ComplexNormal(0.4), "phase": dist.VonMises(3.0, 2.0)})
    rows = {line.name: line for line in other.record.rows}
    assert rows["z_re"].new.sd == pytest.approx(0.4, rel=0.05)
    assert rows["phase"].new.mean == pytest.approx(3.0, abs=0.05)
    assert rows["phase"].new.low < math.pi < rows["phase"].new.high
    assert rows["phase"].new.below is None
    assert len(plots.reweighted(other).axes) == 3
    with pytest.raises(ValueError, match="`--prior` must be one of complex numbers for z, but it is one of real ones"):
        results.reweight(found, {"z": dist.Normal(0.0, 1.0)})


def test_densities_end_with_their_support():
    x = np.array([-1.0, 0.5, 3.0])
    np.testing.assert_allclose(density(dist.Uniform(0.0, 2.0), x), [-np.inf, -math.log(2.0), -np.inf])
    square = density(_prior_words.parsed("x=FlatInSquare(2.0)")[1], x)
    np.testing.assert_allclose(square, [-np.inf, math.log(2.0 * 0.5 / 4.0), -np.inf], rtol=1e-6)
    assert np.all(np.isinf(density(dist.LogUniform(5.0, 6.0), x)))


@pytest.mark.parametrize(
    "prior",
    [
        dist.LogUniform(1e-3, 2.0),
        dist.Uniform(-3.0, 4.0),
        dist.Normal(0.0, 1.0),
        dist.TruncatedNormal(0.0, 1.0, low=0.5),
    ],
)
def test_ends_of_a_prior_that_was_kept(prior):
    low, high = old_bounds(written(prior))
    expected = (getattr(prior, "low", -math.inf), getattr(prior, "high", math.inf))
    assert (low, high) == pytest.approx(tuple(map(float, expected)))


BAD = {
    "x": "must be NAME=DISTRIBUTION",
    "x=": "must be NAME=DISTRIBUTION",
    "=Normal(0,1)": "must be NAME=DISTRIBUTION",
    "x=Normal": "must be NAME=DISTRIBUTION",
    "x=Normal(0,1)+1": "must be NAME=DISTRIBUTION",
    "x=Normal(0,1": "must be NAME=DISTRIBUTION",
    "x=Normal(a,1)": "'a' in .* is no number",
    "x=Normal(*(0,1))": "is no number",
    "x=Normal(__import__('os').getpid(),1)": "is no number",
    "x=Normal(True,1)": "is no number",
    "x=Normal(1e999,1)": "must have finite numbers",
    "x=Nrmal(0,1)": "did you mean .*'Normal'",
    "x=Dirichlet(1)": "must be one of",
    "x=Normal(0,-1)": "invalid scale parameter",
    "x=Uniform(2,1)": "must have a support",
    "x=Normal(0,1,2,3)": "must have numbers that its distribution takes",
    "x=Normal(0,wide=1)": "must have numbers that its distribution takes",
    "x=FlatInSquare(-1)": "must have numbers that its distribution takes",
    "w=Normal(0,1)": "must be one of x, but it is 'w'",
}


@pytest.mark.parametrize("words", BAD)
def test_priors_without_sense_are_refused_by_name(words, folder, capsys):
    assert cli.main(["reweight", str(folder), "--prior", words]) == cli.USAGE
    assert "`--prior`" in capsys.readouterr().err
    with pytest.raises(ValueError, match=f"^Argument `--prior` .*{BAD[words]}"):
        results.reweight(results.load(folder), dict([_prior_words.parsed(words)]))


def test_numbers_may_be_named_and_signed():
    name, prior = _prior_words.parsed(" x = Normal(loc=-2, scale=+1e-1)")
    assert (name, float(prior.loc), float(prior.scale)) == ("x", -2.0, 0.1)


def test_the_command(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main(["reweight", str(folder), "--prior", "x=Normal(1,1)"]) == cli.GOOD
    shown, out = capsys.readouterr().out, folder / "reweighted"
    assert "x from Normal(loc = 0, scale = 3) to Normal(loc = 1, scale = 1)" in shown
    assert "ln (new Z / old Z) = " in shown
    record = json.loads((out / "reweighted.json").read_text())
    assert record["verdict"]["good"]
    assert (out / "reweighted.png").exists()
    data = arviz.from_netcdf(out / "posterior.nc")
    best, width = posterior(1.0, 1.0)
    assert data.posterior["x"].shape == (1, int(record["ess"]))
    assert float(data.posterior["x"].mean()) == pytest.approx(best, abs=4.0 * width / math.sqrt(record["ess"]))
    assert float(data.posterior["x"].std()) == pytest.approx(width, rel=0.05)
    twice = ["--prior", "x=Normal(1,1)", "--prior", "x=Normal(2,1)"]
    assert cli.main(["reweight", str(folder), *twice]) == cli.USAGE
    assert "x is there twice" in capsys.readouterr().err
    assert cli.main(["reweight", str(tmp_path), "--prior", "x=Normal(1,1)"]) == cli.USAGE
    assert cli.main(["reweight", str(folder), "--prior", "x=Normal(9,0.3)"]) == cli.NOT_CONVERGED
    assert "NOT GOOD" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ["reweighted.json"]


def test_a_result_without_draws(tmp_path, capsys):
    results.save(toy_result("bare", priors={"x": written(PRIOR)}), tmp_path)
    assert cli.main(["reweight", str(tmp_path), "--prior", "x=Normal(1,1)"]) == cli.USAGE
    assert "`RESULT` must hold draws" in capsys.readouterr().err


def test_help_has_an_example(capsys):
    for command in ("impacts", "reweight", "join"):
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        text = capsys.readouterr().out
        assert f"\n  nmmjax {command} " in text[text.index("example") :]


# Powers of prior and likelihood


def scaled(prior_mean, prior_sd, **changes):
    x = normal_draws(*posterior(prior_mean, prior_sd))
    log_prior = {"x": np.asarray(dist.Normal(prior_mean, prior_sd).log_prob(x))}
    log_likelihood = -0.5 * ((x - DATUM) / ERROR) ** 2
    return x, log_prior, log_likelihood, power_scaling([("x", x)], log_prior, log_likelihood, 1.0, **changes)


def exact(prior_mean, prior_sd, prior_power, likelihood_power):
    """Distance between the posterior and that of powers, both normal, by quadrature."""

    def of(a, b):
        weight = a * prior_sd**-2 + b * ERROR**-2
        return (a * prior_mean / prior_sd**2 + b * DATUM / ERROR**2) / weight, weight**-0.5

    (m0, s0), (m1, s1) = of(1.0, 1.0), of(prior_power, likelihood_power)
    # from the least to the greatest draw, as cumulative distributions of draws have it
    x = np.linspace(*stats.norm.ppf((0.5 / (CHAINS * DRAWS), 1.0 - 0.5 / (CHAINS * DRAWS)), m0, s0), 200001)
    found = []
    for distribution in (stats.norm.cdf, stats.norm.sf):
        f, g = distribution(x, m0, s0), distribution(x, m1, s1)
        mean = 0.5 * (f + g)
        inside = np.trapezoid(f * np.log2(f / mean) + g * np.log2(g / mean), x)
        found.append(math.sqrt(inside / np.trapezoid(f + g, x)))
    return max(found)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 3.0), (0.0, 0.5), (4.0, 0.8)])
def test_sensitivities_are_those_of_normal_distributions_and_of_arviz(mean, sd):
    x, log_prior, log_likelihood, found = scaled(mean, sd)
    (line,) = found.lines
    data = arviz.from_dict(posterior={"x": x}, log_likelihood={"d": log_likelihood[..., None]})
    data.add_groups(log_prior=xarray.Dataset({"x": (("chain", "draw"), log_prior["x"])}))
    for component, value, powers in (
        ("prior", line.prior, ((0.8, 1.0), (1.25, 1.0))),
        ("likelihood", line.likelihood, ((1.0, 0.8), (1.0, 1.25))),
    ):
        expected = sum(exact(mean, sd, *one) for one in powers) / (2.0 * math.log2(1.25))
        assert value == pytest.approx(expected, rel=0.1, abs=2e-3)
        theirs = float(arviz.psens(data, component=component, delta=0.25)["x"])
        assert value == pytest.approx(theirs, rel=1e-3, abs=1e-6)


def test_what_sensitivities_say():
    (fine,), (conflict,) = scaled(0.0, 30.0)[-1].lines, scaled(6.0, 0.8)[-1].lines
    assert fine.says == ""
    assert conflict.says == CONFLICT
    x = normal_draws(0.0, 1.0)
    weak = {"log_prior": {"x": -0.5 * x**2}, "log_likelihood": -0.5 * (x / 40.0) ** 2, "efficiency": 1.0}
    (line,) = power_scaling([("x", x)], **weak).lines
    assert line.says == PRIOR_DECIDES
    assert line.likelihood < 0.01 < 0.05 < line.prior
    (line,) = power_scaling([("x", x)], **weak, known=("x",)).lines
    assert line.says == ""


def test_priors_that_are_flat_or_improper_do_no_harm():
    x = normal_draws(0.0, 1.0)
    for flat in (np.zeros_like(x), np.full_like(x, 7.0)):
        found = power_scaling([("x", x)], {"x": flat}, -0.5 * x**2, 0.9)
        assert found.lines[0].prior == pytest.approx(0.0, abs=1e-6)
        assert found.lines[0].likelihood > 0.05
    assert power_scaling([("x", x)], {}, -0.5 * x**2, 1.0).lines[0].prior == pytest.approx(0.0, abs=1e-6)
    endless = np.where(x > 0.0, np.inf, 0.0)
    assert power_scaling([("x", x)], {"x": endless}, -0.5 * x**2, 1.0).lines[0].prior is None
    heavy = np.log(np.abs(np.random.default_rng(1).standard_cauchy(x.shape))) * 40.0
    found = power_scaling([("x", x)], {"x": heavy}, -0.5 * x**2, 1.0)
    assert found.prior_k > found.reliable_k
    assert (found.lines[0].prior, found.lines[0].says) == (None, "")


def test_distance_of_a_shift():
    """A normal distribution that moves by 0.3 of its width."""
    x = np.sort(normal_draws(0.0, 1.0).ravel())
    weights = np.exp(0.3 * x)
    assert distance(x, weights / weights.sum()) == pytest.approx(0.05, abs=0.015)
    assert distance(x, np.full(x.size, 1.0 / x.size)) == pytest.approx(0.0, abs=1e-6)


def test_report_of_the_record(known):
    assert decisions.reweighted(results.reweight(known, {"x": dist.Normal(0.0, 2.0)}).record) is not None
