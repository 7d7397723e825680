"""Chains of separate runs of one fit as one result."""

import shutil

import msgspec
import numpy as np
import pytest
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import _environment, results, slha
from nmmjax._commands import _shared
from nmmjax.results import Verdict
from nmmjax.results.joining import check_joinable, joined_draws

with _environment.importing_arviz():
    import arviz

FILE = '''"""Linear: two numbers that three experiments measure."""

import numpyro.distributions as dist
from linear import Linear, linear_fit

from nmmjax.analysis import Analysis, Settings

PAPER = "none: a test"


def build():
    """Two numbers, one nuisance."""
    one = Linear("one", {data}, 0.5, (1.0, 0.3), {{"scale": 0.4}})
    fit = linear_fit(one, Linear("two", 2.0, 0.3, (0.2, 1.0)), mu=dist.Normal(0.0, 2.0), nu=dist.Normal(1.0, 2.0))
    settings = Settings(starts=4, warmup=200, samples=300, chains=2)
    return Analysis(fit, settings=settings, limits=("mu",), level=0.8)
'''


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture(scope="module", autouse=True)
def keep_host_devices():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_shared, "configure", lambda options: None)
        yield


@pytest.fixture(scope="module")
def runs(tmp_path_factory, keep_host_devices):
    """A file and two runs of it with different seeds and numbers of draws."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "linear_fit.py").write_text(FILE.format(data=1.0))
    for seed, samples in ((1, 300), (2, 350)):
        out = folder / f"seed{seed}"
        run("fit", folder / "linear_fit.py", "--seed", seed, "--samples", samples, "--out", out)
    return folder


@pytest.fixture(scope="module")
def both(runs):
    code = run("join", runs / "seed1", runs / "seed2", "--out", runs / "both")
    return code, results.load(runs / "both")


def test_joined_chains_are_those_of_both(runs, both):
    code, found = both
    one, two = (results.load(runs / f"seed{seed}") for seed in (1, 2))
    assert code == (cli.GOOD if found.good else cli.NOT_CONVERGED)
    assert found.sampling.chains == 4
    assert found.sampling.draws == 300
    assert found.run.settings.chains == 4
    assert found.name == "linear_fit"
    for name in ("mu", "nu", "scale", "dm21"):
        expected = np.concatenate([one.draws(name), two.draws(name)[:, :300]])
        np.testing.assert_allclose(found.draws(name), expected, rtol=1e-9, atol=1e-12)
    assert found.row("mu").mean == pytest.approx(float(found.draws("mu").mean()))
    assert found.row("mu").ess > one.row("mu").ess
    assert found.interval.level == 0.8
    assert any("300 and 350 draws were cut" in words for words in found.verdict.notes)
    assert found.limit("mu").upper == one.limit("mu").upper
    np.testing.assert_allclose(found.statistics["lp"][:2], one.statistics["lp"])
    assert found.sampling.e_bfmi == (*one.sampling.e_bfmi, *two.sampling.e_bfmi)


def test_the_maximum_as_a_file_of_the_accord(runs, capsys):
    """The command rebuilds the fit, and writes the theory of the best row of each parameter."""
    assert run("slha", runs / "seed1", "--out", runs / "best.slha") == cli.GOOD
    result, found = results.load(runs / "seed1"), slha.light(slha.read(runs / "best.slha"))
    assert found["lightest_mass"] + np.sqrt(found["lightest_mass"] ** 2 + found["dm21"]) > 0.0
    total = sum(slha.read(runs / "best.slha").blocks["SMINPUTS"].values()) * 1e9
    assert total == pytest.approx(result.row("sum_of_masses").best, rel=1e-12)
    assert run("slha", runs / "seed1", "--fit", "grimus_lavoura_2000", "--out", runs / "best.slha") == cli.USAGE
    assert "must" in capsys.readouterr().err


def test_joined_evidence_and_files(runs, both):
    """The posterior is normal, so that Laplace's evidence is exact."""
    _, found = both
    bridged, exact = found.evidences
    assert bridged.log_evidence == pytest.approx(exact.log_evidence, abs=4.0 * bridged.error + 1e-3)
    for name in ("corner.png", "trace.png", "posterior.nc", "summary.json", "profile_mu.png"):
        assert (runs / "both" / name).exists()


def test_sensitivities_of_a_file_are_those_of_arviz(runs, both):
    _, found = both
    data = arviz.from_netcdf(runs / "both" / "posterior.nc")
    assert found.power_scaling.priors == ("mu", "nu")
    given = {"var_names": ["mu", "nu"], "delta": 0.25}
    of_prior = arviz.psens(data, component="prior", component_var_names=["mu", "nu"], **given)
    of_likelihood = arviz.psens(data, component="likelihood", **given)
    for line in found.power_scaling.lines[:2]:
        assert line.prior == pytest.approx(float(of_prior[line.name]), rel=0.03)
        assert line.likelihood == pytest.approx(float(of_likelihood[line.name]), rel=0.03)
    scale = next(line for line in found.power_scaling.lines if line.name == "scale")
    assert scale.says == ""


def test_every_third_draw_of_one_run(runs, tmp_path):
    run("join", runs / "seed1", "--thin", 3, "--out", tmp_path / "thin")
    one, thin = results.load(runs / "seed1"), results.load(tmp_path / "thin")
    assert thin.sampling.draws == 100
    np.testing.assert_allclose(thin.draws("mu"), one.draws("mu")[:, ::3], rtol=1e-9)
    assert thin.sampling.e_bfmi == one.sampling.e_bfmi
    assert thin.question == one.question


def test_divergences_that_are_left_out_count(runs, both):
    one = results.load(runs / "seed1")
    diverging = one.statistics["diverging"].values.copy()
    diverging[1, 4] = True
    one = msgspec.structs.replace(one, statistics=one.statistics.assign(diverging=(("chain", "draw"), diverging)))
    fit = both_fit()
    draws = joined_draws([one], fit, thin=3)
    assert draws.statistics["diverging"].sum() == 1
    assert draws.statistics["diverging"][1, 1]


def both_fit():
    namespace = {}
    exec(FILE.format(data=1.0), namespace)
    return namespace["build"]().fit


def test_the_same_chains_twice_are_refused(runs, both, tmp_path, capsys):
    for pair in (("seed1", "seed1"), ("both", "seed2")):
        assert run("join", *(runs / name for name in pair), "--out", tmp_path / "out") == cli.USAGE
        assert "must be runs of different seeds, but" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_questions_are_refused_and_named(runs, tmp_path, capsys):
    one = results.load(runs / "seed1")
    other = msgspec.structs.replace(one, question={**one.question, "data of one": "0" * 64, "random key": "[0, 9]"})
    results.save(other, tmp_path / "other")
    assert run("join", runs / "seed1", tmp_path / "other", "--out", tmp_path / "out") == cli.USAGE
    assert f"{runs / 'seed1'} and {tmp_path / 'other'} differ in data of one." in capsys.readouterr().err
    sampler = {**one.question, "setting sampler": "<Sampler.SMC: 'smc'>", "random key": "[0, 9]"}
    with pytest.raises(ValueError, match="one and smc differ in setting sampler"):
        check_joinable([one, msgspec.structs.replace(one, question=sampler)], ["one", "smc"])
    setting = {**one.question, "setting samples": "7", "setting seed": "9", "random key": "[0, 9]"}
    check_joinable([one, msgspec.structs.replace(one, question=setting)], ["one", "longer"])


def test_a_file_that_has_changed_is_refused(runs, tmp_path, capsys):
    (tmp_path / "linear_fit.py").write_text(FILE.format(data=1.1))
    given = ("--fit", tmp_path / "linear_fit.py", "--out", tmp_path / "out")
    assert run("join", runs / "seed1", runs / "seed2", *given) == cli.USAGE
    assert "`--fit` must be the fit that linear_fit was" in (said := capsys.readouterr().err)
    assert "data of one" in said
    assert not (tmp_path / "out" / "summary.json").exists()


def test_bad_input(runs, tmp_path, capsys):
    out = ("--out", tmp_path / "out")
    results.save(toy_result("bare"), tmp_path / "bare")
    shutil.copytree(runs / "seed1", tmp_path / "kept")
    unnamed = results.load(runs / "seed1")
    unnamed = msgspec.structs.replace(unnamed, question={})
    with pytest.raises(ValueError, match="`RESULT` must say what question it answers, but it was"):
        check_joinable([unnamed], ["it"])
    cases = {
        "`RESULT` must be a folder that `nmmjax fit` wrote": (tmp_path / "nothing", *out),
        "`RESULT` must hold draws": (tmp_path / "bare", *out),
        "`--out` must be a folder of its own": (runs / "seed1", "--out", runs / "seed1"),
        "`--out` must hold no run of its own": (runs / "seed1", "--out", tmp_path / "kept"),
    }
    for words, arguments in cases.items():
        assert run("join", *arguments) == cli.USAGE
        assert words in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run("join", runs / "seed1", "--thin", 0, *out)


def test_a_result_whose_file_is_gone_asks_for_it(runs, tmp_path, capsys):
    one = results.load(runs / "seed1")
    file = msgspec.structs.replace(one.run.file, path=str(tmp_path / "gone.py"))
    results.save(msgspec.structs.replace(one, run=msgspec.structs.replace(one.run, file=file)), tmp_path / "moved")
    assert run("join", tmp_path / "moved", "--out", tmp_path / "out") == cli.USAGE
    assert "`--fit` must name the analysis of RESULT" in capsys.readouterr().err


def test_joined_chains_that_are_interrupted_or_poor_stay_so(runs, both):
    one = results.load(runs / "seed1")
    poor = msgspec.structs.replace(one.sampling, complete=False, e_bfmi=(0.9, 0.1))
    fit = both_fit()
    from nmmjax import infer

    maximum = infer.maximize(fit, settings=one.run.settings)
    found = results.joined([msgspec.structs.replace(one, sampling=poor)], fit, maximum, thin=2)
    assert any("E-BFMI is 0.10" in words for words in found.verdict.reasons)
    assert any("interrupted" in words for words in found.verdict.reasons)
    assert isinstance(found.verdict, Verdict)


@pytest.mark.slow
def test_runs_of_particles(runs, tmp_path):
    for seed in (1, 2):
        options = ("--sampler", "smc", "--samples", 200, "--out", tmp_path / f"smc{seed}")
        run("fit", runs / "linear_fit.py", "--seed", seed, *options)
    run("join", tmp_path / "smc1", tmp_path / "smc2", "--out", tmp_path / "both")
    one, two, found = (results.load(tmp_path / name) for name in ("smc1", "smc2", "both"))
    assert found.sampling.sampler == "sequential Monte Carlo"
    assert found.sampling.chains == 4
    evidence = {e.method: e for e in found.evidences}["sequential Monte Carlo"]
    runs_of = np.concatenate([one.statistics["log_evidence"], two.statistics["log_evidence"]])
    assert evidence.log_evidence == pytest.approx(float(np.log(np.mean(np.exp(runs_of)))))
