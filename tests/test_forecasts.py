"""Forecasts by data without fluctuations, against closed forms and the median of toys."""

import csv
import json
import math

import jax
import numpy as np
import pytest
from counting import BACKGROUND, Counting, counting_fit
from gaussian import gaussian_fit
from helpers import loaded
from test_experiments import CASES, nuisance, theory
from test_experiments import loaded as choice

from nmmjax import __main__ as cli
from nmmjax import _checks, infer
from nmmjax._commands import _shared
from nmmjax.experiments import DayaBay2022, Minos2017, SuperKamiokandeAtmospheric2023, XenonNT2022
from nmmjax.experiments.likelihoods.tabulated import Linear, Tabulated
from nmmjax.experiments.likelihoods.terms import CircularSplitGaussian, Limit, LogNormal, SplitGaussian
from nmmjax.infer import Held, Settings
from nmmjax.infer.forecasting import median

FEW = Settings(starts=4)
KEY = jax.random.PRNGKey(5)
GROWING = (DayaBay2022, Minos2017, SuperKamiokandeAtmospheric2023, XenonNT2022)


def solved(fit):
    return fit, infer.maximize(fit, settings=FEW)


@pytest.fixture(scope="module")
def counting():
    return solved(counting_fit())


def exposures(*factors):
    return [{"counting": factor} for factor in factors]


# Data without fluctuations


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith(("MiniBooNE", "Minos"))])
def test_what_is_expected_describes_itself_perfectly(case):
    """But for what an ordering costs; covariances that follow the theory have a determinant besides."""
    experiment = choice(case)
    of, at = theory(), nuisance(experiment)
    expected = experiment.asimov(of, at)
    offset = float(getattr(experiment, "offset", 0.0))
    assert -2.0 * float(expected.log_likelihood(of, at)) == pytest.approx(offset, abs=1e-8)
    np.testing.assert_allclose(expected.observed, experiment.predict(of, at), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("term", "value", "best"),
    [
        (SplitGaussian(1.0, 0.2, 0.1), 3.0, 3.0),
        (CircularSplitGaussian(1.0, 0.2, 0.1), 4.0, 4.0 - 2.0 * math.pi),
        (LogNormal(2.0, 0.3), 5.0, 5.0),
        (Limit(1.0, boundary=0.0), 0.4, 0.4),
        (Limit(1.0, boundary=0.0), -0.4, 0.0),
        (Tabulated([Linear()], [np.linspace(-3.0, 3.0, 25)], np.linspace(-3.0, 3.0, 25) ** 2), 0.7, 0.7),
    ],
)
def test_a_likelihood_is_centered_on_a_value(term, value, best):
    moved = term.centered(np.array([value]))
    assert float(moved.best[0]) == pytest.approx(best, abs=1e-9)
    assert float(moved.log_likelihood(np.array([best]))) == pytest.approx(0.0, abs=1e-9)


def test_asimov_moves_auxiliary_measurements_too():
    fit = gaussian_fit(data=1.0, weight=1.0)
    expected = infer.asimov(fit, {"x": np.array(2.0), "y": np.array(-0.5)})
    assert float(expected.priors["y"].loc) == -0.5
    found = infer.maximize(expected, settings=FEW)
    assert float(found.parameters["x"]) == pytest.approx(2.0, abs=1e-5)
    with pytest.raises(ValueError, match="`at` must give all parameters"):
        infer.asimov(fit, {"x": np.array(2.0)})


# Exposure


@pytest.mark.parametrize("kind", GROWING)
def test_expectations_grow_with_exposure(kind):
    experiment = loaded(kind)
    of, at = theory(), nuisance(experiment)
    grown = experiment.exposed(4.0)
    np.testing.assert_allclose(grown.predict(of, at), 4.0 * experiment.predict(of, at), rtol=1e-9)
    np.testing.assert_allclose(grown.observed, 4.0 * experiment.observed, rtol=1e-12)
    assert grown.nuisances().keys() == experiment.nuisances().keys()
    assert grown.labels == experiment.labels


def test_poisson_events_of_more_exposure_are_simulated():
    """Their mean is the expectation, and so is their variance."""
    experiment = loaded(XenonNT2022).exposed(100.0)
    of, at = theory(), nuisance(experiment)
    drawn = np.array([experiment.simulate(jax.random.PRNGKey(i), of, at).counts for i in range(40)])
    expected = np.asarray(experiment.predict(of, at))
    z = (drawn - expected) / np.sqrt(expected)
    assert abs(np.mean(z)) < 0.15
    assert np.var(z) == pytest.approx(1.0, abs=0.2)
    assert experiment.pulls(of, at)[0].predicted[0] == pytest.approx(expected.sum())


def test_what_has_no_exposure_refuses(counting):
    with pytest.raises(_checks.ArgumentError, match="`exposure` must be of experiments whose statistical errors"):
        infer.exposed(gaussian_fit(), {"gaussian": 2.0})
    fit, _ = counting
    with pytest.raises(_checks.ArgumentError, match="`exposure` must be one of counting"):
        infer.exposed(fit, {"other": 2.0})
    for factor in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="`exposure` must"):
            infer.exposed(fit, {"counting": factor})


# Forecasts in closed form


def test_errors_of_counts_shrink_as_the_root_of_exposure():
    """Background known: sd(x) = sqrt(x + background) / sqrt(factor)."""
    fit, maximum = solved(counting_fit(fixed={"counting_y": 0.0}))
    found = infer.forecast(fit, maximum, exposures(1.0, 4.0, 100.0), ("x",))
    expected = np.sqrt((100.0 + BACKGROUND) / np.array([1.0, 4.0, 100.0]))
    np.testing.assert_allclose(found.standard_deviations[:, 0], expected, rtol=1e-6)
    half = 0.5 * np.diff(found.one_sigma[:, 0], axis=1)[:, 0]
    np.testing.assert_allclose(half, expected, rtol=2e-3)
    assert np.isnan(found.floor[0])


def test_a_systematic_error_is_a_floor(counting):
    """sd(x)^2 = (x + background) / factor + (error background)^2."""
    fit, maximum = counting
    found = infer.forecast(fit, maximum, exposures(1.0, 10.0, 1000.0), ("x",))
    place, floor = found.place("x"), 0.05 * BACKGROUND
    expected = np.sqrt(500.0 / np.array([1.0, 10.0, 1000.0]) + floor**2)
    np.testing.assert_allclose(found.standard_deviations[:, place], expected, rtol=1e-5)
    assert found.floor[place] == pytest.approx(floor, rel=1e-4)
    other = found.place("counting_y")
    assert found.correlations[-1, place, other] == pytest.approx(-floor / expected[-1], rel=1e-4)
    np.testing.assert_allclose(found.truth[place], 100.0, rtol=1e-6)


def test_an_upper_limit_without_a_signal():
    """Delta chi^2 = 2 (x - n ln(1 + x / b)) over b = 400: one-sided and two-sided ends at 90 %."""
    fit, maximum = solved(counting_fit(fixed={"counting_y": 0.0}))
    found = infer.forecast(fit, maximum, exposures(1.0, 100.0), ("x",), at={"x": 0.0})
    assert np.all(np.isnan(found.standard_deviations))
    for row, factor in enumerate((1.0, 100.0)):
        for end, height in ((found.upper[row, 0], 1.6424), (found.interval[row, 0, 1], 2.7055)):
            apart = 2.0 * factor * (end - BACKGROUND * math.log1p(end / BACKGROUND))
            assert apart == pytest.approx(height, rel=2e-3)


def test_significances_are_those_of_cowan_and_others():
    """sqrt(2 ((s + b) ln(1 + s / b) - s)), eq. 97 of arXiv:1007.1727, and the median of toys."""
    fit, maximum = solved(counting_fit(fixed={"counting_y": 0.0}))
    at, null = {"x": 60.0}, {"x": 0.0}
    found = infer.forecast(fit, maximum, exposures(1.0, 4.0), ("x",), at=at, null=null)
    one = math.sqrt(2.0 * (460.0 * math.log(460.0 / BACKGROUND) - 60.0))
    np.testing.assert_allclose(found.significance, [one, 2.0 * one], rtol=1e-4)
    tests = (Held(("x",), (0.0,)),)
    toys = infer.toys(fit, maximum, 1000, key=KEY, at={"x": np.array(60.0)}, tests=tests)
    assert np.median(np.sqrt(toys.delta_chi2[:, 0])) == pytest.approx(one, abs=0.15)


def test_the_median_of_toys_is_that_of_more_exposure(counting):
    """Toys of the fit that grew spread as the forecast says, auxiliary measurements included."""
    fit, maximum = counting
    truth = infer.conditional(fit, maximum, {})
    here = median(fit, truth, {"counting": 10.0})
    toys = infer.toys(here.fit, here.maximum, 1000, key=KEY, at=truth, tests=(Held(("x",)),))
    found = infer.forecast(fit, maximum, exposures(10.0), ("x",))
    true, best = toys.select("x")
    assert np.std(best - true) == pytest.approx(found.standard_deviations[0, found.place("x")], rel=0.08)
    assert np.median(best) == pytest.approx(100.0, abs=3.0)


def test_two_experiments_of_which_one_grows():
    """The information of the other one stays: 1 / sd^2 = (factor + 1) / (x + background)."""
    other = Counting.load(100.0, 0.0, 0.0, "second")
    fit = counting_fit(fixed={"counting_y": 0.0, "second_y": 0.0}, other=(other,))
    found = infer.forecast(*solved(fit), exposures(1.0, 9.0), ("x",))
    np.testing.assert_allclose(found.standard_deviations[:, 0], np.sqrt([250.0, 50.0]), rtol=1e-5)


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("names", {"names": ("q",)}),
        ("at", {"at": {"q": 1.0}}),
        ("values", {"at": {"x": -5.0}}),
        ("null", {"null": {"q": 1.0}}),
        ("level", {"level": 1.5}),
        ("exposures", {"exposures": []}),
    ],
)
def test_bad_arguments_are_named(argument, given, counting):
    fit, maximum = counting
    asked = {"exposures": exposures(1.0), "names": ("x",)} | given
    with pytest.raises(_checks.ArgumentError) as error:
        infer.forecast(fit, maximum, asked.pop("exposures"), asked.pop("names"), **asked)
    assert error.value.argument.startswith(argument)


def test_a_forecast_is_kept_and_resumed(counting, tmp_path):
    fit, maximum = counting
    path, asked = tmp_path / "forecast.npz", (exposures(1.0, 2.0, 3.0), ("x",))

    def stop(done):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer.forecast(fit, maximum, *asked, checkpoint=path, progress=stop)
    seen = []
    resumed = infer.forecast(fit, maximum, *asked, checkpoint=path, resume=True, progress=seen.append)
    assert seen == [3]
    whole = infer.forecast(fit, maximum, *asked)
    np.testing.assert_array_equal(resumed.covariance, whole.covariance)
    with pytest.raises(ValueError, match="exposures"):
        infer.forecast(fit, maximum, exposures(1.0), ("x",), checkpoint=path, resume=True)


# The command


FILE = '''"""Events over a background: one headline."""

from counting import counting_fit
from nmmjax.analysis import Analysis, Settings

PAPER = "nobody (2026)"


def build() -> dict[str, Analysis]:
    """Of one experiment, with and without an error of the background."""
    settings = Settings(starts=4)
    return {
        "error": Analysis(counting_fit(100.0, 0.05), settings=settings, contours=(("x", "counting_y"),)),
        "known": Analysis(counting_fit(fixed={"counting_y": 0.0}), settings=settings, limits=("x",)),
    }
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "planned.py"
    path.write_text(FILE)
    return path


def run(*arguments):
    return cli.main(["forecast", *(str(argument) for argument in arguments)])


def test_the_command_forecast(file, tmp_path, capsys):
    out = tmp_path / "out"
    asked = (file, "--hypothesis", "error", "--out", out, "--exposure", "counting=1,10", "--null", "x=0")
    assert run(*asked) == cli.GOOD
    printed = capsys.readouterr().out
    for words in ("expected at the maximum of the data", "10 x counting", "no exposure brings", "excluded by"):
        assert words in printed
    assert {path.name for path in (out / "error").iterdir() if path.suffix} == {
        "forecast.csv",
        "forecast.json",
        "forecast.npz",
        "forecast.png",
        "forecast_x_counting_y.png",
    }
    record = json.loads((out / "error/forecast.json").read_text())
    assert [line["exposure"]["counting"] for line in record["lines"]] == [1.0, 1.0, 10.0, 10.0]
    assert np.array(record["fisher"]).shape == (2, 2, 2)
    assert record["significance"][1] > record["significance"][0]
    with (out / "error/forecast.csv").open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert float(rows[0]["sd"]) == pytest.approx(record["lines"][0]["sd"], rel=1e-6)
    assert run(*asked, "--resume") == cli.GOOD
    assert run(*asked, "--resume", "--level", 0.95) == cli.USAGE
    assert "level" in capsys.readouterr().err


def test_without_options_exposure_grows_a_hundredfold(file, tmp_path, capsys):
    assert run(file, "--hypothesis", "known", "--out", tmp_path / "out", "--at", "x=0") == cli.GOOD
    assert "100 x counting" in capsys.readouterr().out
    assert (tmp_path / "out/known/forecast.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "z=1"), "`--at` must be one of"),
        (("--null", "z=1"), "`--null` must be one of"),
        (("--parameter", "q"), "`--parameter` must be one of"),
        (("--parameter", "x,x"), "`--parameter` must be NAME"),
        (("--exposure", "q=2"), "`--exposure` must be one of"),
        (("--exposure", "counting=1,2,3", "--level", "2"), "`level` must"),
        (("--hypothesis", "other"), "`--hypothesis` must be one of"),
    ],
)
def test_bad_input_is_named(arguments, message, file, tmp_path, capsys):
    hypothesis = () if "--hypothesis" in arguments else ("--hypothesis", "error")
    assert run(file, "--out", tmp_path / "out", *hypothesis, *arguments) == cli.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--exposure", "x"), ("--exposure", "x=0"), ("--at", "x"), ("--null", "x=inf")])
def test_usage_errors(arguments, file):
    with pytest.raises(SystemExit) as error:
        run(file, *arguments)
    assert error.value.code == cli.USAGE


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        run("--help")
    assert "nmmjax forecast dayabay_theta13 --exposure" in capsys.readouterr().out
