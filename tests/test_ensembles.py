"""Toys, bands, limits and calibration, on fits whose answers are known in closed form."""

import dataclasses
import json
import math

import equinox as eqx
import jax
import numpy as np
import numpyro.distributions as dist
import pytest
from gaussian import gaussian_fit
from helpers import loaded
from scipy.optimize import brentq
from scipy.special import erf
from scipy.stats import norm
from toys import SETTINGS

from nmmjax import __main__ as cli
from nmmjax import _checks, _compilation, infer, plots, results, simulations
from nmmjax._commands import _shared
from nmmjax.experiments import DayaBay2022
from nmmjax.fit import Fit
from nmmjax.infer import Held, Settings
from nmmjax.infer._ensemble import simulate
from nmmjax.infer._kept import Kept
from nmmjax.infer.calibration import DRAWS, band
from nmmjax.models import ThreeFlavor
from nmmjax.space import Space

X = (Held(("x",)),)
FEW = Settings(starts=4)
KEY = jax.random.PRNGKey(11)


def solved(**changes):
    fit = gaussian_fit(**changes)
    return fit, infer.maximize(fit, settings=FEW)


@pytest.fixture(scope="module")
def scaled():
    """x + y, each with an error of one: the interval of x has an error of sqrt 2."""
    return solved(data=1.0, weight=1.0)


def test_intervals_cover_where_auxiliary_measurements_fluctuate_too(scaled):
    fit, maximum = scaled
    found = infer.toys(fit, maximum, 4000, key=KEY, at=maximum.parameters, tests=X)
    assert found.auxiliary == ("y",)
    assert found.lost == 0
    for level in (0.5, 0.6827, 0.9):
        share = found.coverage(0, level)
        assert abs(share.value - level) < 4.0 * share.error
    assert found.critical(0, 0.6827) == pytest.approx(1.0, abs=0.1)
    true, best = found.select("x")
    np.testing.assert_allclose(true, maximum.parameters["x"])
    assert np.std(best - true) == pytest.approx(math.sqrt(2.0), rel=0.05)


def test_with_auxiliary_measurements_held_they_cover_more_often(scaled):
    """x of the toys then spreads by one, within an interval of sqrt 2."""
    fit, maximum = scaled
    found = infer.toys(fit, maximum, 4000, key=KEY, at=maximum.parameters, tests=X, auxiliary=())
    expected, share = erf(math.sqrt(2.0 / 2.0)), found.coverage(0, 0.6827)
    assert found.auxiliary == ()
    assert abs(share.value - expected) < 4.0 * share.error
    assert share.value > 0.8


def test_each_toy_depends_on_its_index_alone(scaled, monkeypatch):
    fit, maximum = scaled
    given = {"key": KEY, "at": maximum.parameters, "tests": X}
    many = infer.toys(fit, maximum, 70, **given)
    compiled = _compilation.programs()
    few = infer.toys(fit, maximum, 20, **given)
    assert _compilation.programs() == compiled
    monkeypatch.setattr("nmmjax.infer._plans._LANES", {"cpu": 6})
    small = infer.toys(fit, maximum, 20, **given)
    for other in (few, small):
        np.testing.assert_allclose(other.delta_chi2, many.delta_chi2[:20], rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(other.best, many.best[:20], rtol=1e-5, atol=1e-5)
    assert len(set(many.delta_chi2[:, 0].tolist())) == 70


def test_delta_chi2_of_two_numbers_together_and_at_other_values(scaled):
    fit, maximum = scaled
    tests = (Held(("x", "y")), Held(("x",), (3.0,)))
    found = infer.toys(fit, maximum, 2000, key=KEY, at=maximum.parameters, tests=tests)
    share = found.coverage(0, 0.6827)
    assert abs(share.value - 0.6827) < 4.0 * share.error
    _, best = found.select("x")
    np.testing.assert_allclose(found.delta_chi2[:, 1], (best - 3.0) ** 2 / 2.0, rtol=1e-3, atol=1e-5)


def test_truths_from_the_prior(scaled):
    fit, maximum = scaled
    found = infer.toys(fit, maximum, 1000, key=KEY, tests=X)
    true, best = found.select("x")
    assert np.std(true) == pytest.approx(40.0 / math.sqrt(12.0), rel=0.1)
    inside = np.abs(true) < 15.0
    assert np.std((best - true)[inside]) == pytest.approx(math.sqrt(2.0), rel=0.1)


def test_conditional_point(scaled):
    """At x = 3 the data, 1, pull y half the way to -2."""
    fit, maximum = scaled
    found = infer.conditional(fit, maximum, {"x": 3.0})
    assert float(found["x"]) == pytest.approx(3.0, abs=1e-9)
    assert float(found["y"]) == pytest.approx(-1.0, abs=1e-3)


def test_an_auxiliary_measurement_is_a_center_that_moved(scaled):
    fit, maximum = scaled
    moves = fit.space.normal
    assert dict(zip(fit.space.labels, moves.tolist(), strict=True)) == {"x": False, "y": True}
    toy = simulate(fit, KEY, maximum.z, moves)
    shift = float(toy.shift[1])
    assert shift != 0.0
    moved = Fit(fit.model, _data_of_the_toy(fit, maximum), {"y": dist.Normal(shift, 1.0)}, fit.fixed)
    for z in ([0.3, -0.7], [-1.0, 2.0]):
        parameters = fit.space.parameters(np.array(z))
        expected = moved.log_density(moved.space.vector(parameters), jacobian=False)
        assert float(toy.minus_log_density(np.array(z))) == pytest.approx(-float(expected), rel=1e-9)


def _data_of_the_toy(fit, maximum):
    data, _ = jax.random.split(KEY)
    _, theory, nuisance = fit.point(fit.space.parameters(maximum.z))
    (key,) = jax.random.split(data, 1)
    return (fit.experiments[0].simulate(key, theory, nuisance),)


def test_deviations_of_priors_that_are_normal_or_cut_from_one():
    priors = {
        "a": dist.Normal(2.0, 0.5),
        "b": dist.TruncatedNormal(1.0, 0.2, low=0.0),
        "c": dist.Uniform(0.0, 1.0),
        "d": dist.LogNormal(0.3, 0.1),
        "e": dist.Normal(0.0, 2.0).expand([2]),
    }
    space = Space(priors)
    z = space.vector({"a": 3.0, "b": 1.3, "c": 0.4, "d": np.exp(0.5), "e": np.array([1.0, -4.0])})
    np.testing.assert_allclose(space.deviations(z), [2.0, 1.5, 0.0, 2.0, 0.5, -2.0], rtol=1e-9, atol=1e-12)
    assert space.normal.tolist() == [True, True, False, True, True, True]


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("number", {"number": 0}),
        ("at", {"at": {"x": 1.0}}),
        ("at", {"at": {"x": 99.0, "y": 0.0}}),
        ("tests", {"tests": (Held(("q",)),)}),
        ("tests", {"tests": (Held(("x",), (1.0, 2.0)),)}),
        ("tests", {"tests": (Held(()),)}),
        ("tests", {"tests": ("x",)}),
        ("auxiliary", {"auxiliary": ("x",)}),
        ("auxiliary", {"auxiliary": ("z",)}),
        ("auxiliary", {"auxiliary": "y"}),
    ],
)
def test_bad_arguments_are_named(argument, given, scaled):
    fit, maximum = scaled
    number = given.pop("number", 10) if "number" in given else 10
    with pytest.raises(_checks.ArgumentError) as error:
        infer.toys(fit, maximum, number, key=KEY, **given)
    assert error.value.argument.startswith(argument)


# Bands and limits


def feldman_cousins_ends(measured, level=0.9):
    """Of a Gaussian number that is not negative, by integrals over what may be measured; not by toys."""

    def accepts(mu):
        def ratio(x):
            return (x - mu) ** 2 - np.minimum(x, 0.0) ** 2

        x = np.linspace(mu - 8.0, mu + 8.0, 40001)
        return np.sum(norm.pdf(x - mu)[ratio(x) < ratio(measured)]) * (x[1] - x[0]) - level

    return brentq(accepts, max(measured, 0.0) + 1e-3, max(measured, 0.0) + 5.0)


PUBLISHED = {0.0: (0.0, 1.64), 1.0: (0.0, 2.64), 3.0: (1.37, 4.64)}
"""Of x0: the 90 % interval of a mean that is not negative [Feldman and Cousins (1998), table X]."""


@pytest.mark.parametrize("measured", PUBLISHED)
def test_bands_are_those_of_feldman_and_cousins(measured):
    low, high = PUBLISHED[measured]
    assert feldman_cousins_ends(measured) == pytest.approx(high, abs=0.015)
    fit, maximum = solved(data=measured, low=0.0, fixed={"y": 0.0})
    around = [end + np.linspace(-0.5, 0.5, 4) for end in (low, high)]
    grid = np.union1d(*around)
    found = infer.feldman_cousins(fit, maximum, {"x": grid[grid > 0.01]}, 1500, key=KEY)
    assert found.intervals[-1][1] == pytest.approx(high, abs=0.12)
    if low:
        assert found.intervals[0][0] == pytest.approx(low, abs=0.12)
    else:
        assert found.intervals[0][0] == found.grids[0][0]


def test_a_limit_by_cls_is_that_of_normal_tails():
    fit, maximum = solved(data=0.5, low=0.0, fixed={"y": 0.0})
    exact = brentq(lambda mu: norm.cdf(0.5 - mu) / norm.cdf(0.5) - 0.1, 0.0, 6.0)
    grid = {"x": np.linspace(1.2, 3.0, 7)}
    found = infer.cls_limit(fit, maximum, grid, 4000, key=KEY, null=0.0)
    assert found.upper == pytest.approx(exact, abs=0.12)
    assert np.all(found.with_signal <= found.cls)
    with pytest.raises(ValueError, match="`null` must"):
        infer.cls_limit(fit, maximum, grid, 10, key=KEY, null=math.nan)


def test_a_band_of_two_numbers_has_the_shape_of_its_grids(scaled):
    fit, maximum = scaled
    grids = {"x": np.linspace(0.0, 2.0, 3), "y": np.array([-0.5, 0.5])}
    found = infer.feldman_cousins(fit, maximum, grids, 400, key=KEY)
    assert found.critical.shape == found.p_value.shape == (3, 2)
    np.testing.assert_allclose(found.critical, 4.605, rtol=0.25)


# Calibration


@pytest.fixture(scope="module")
def calibrated(scaled):
    fit, maximum = scaled
    return infer.calibrate(fit, maximum, 120, key=KEY)


def test_calibration_of_a_posterior_that_is_right(calibrated):
    found = calibrated
    assert found.poor == 0
    assert found.ranks.min() >= 0
    assert found.ranks.max() <= DRAWS
    assert all(found.p_value(place) > 1e-3 for place in range(2))
    low, high = band(120, 0.999)
    for place in range(2):
        assert np.all((found.distribution(place) >= low) & (found.distribution(place) <= high))


def test_posterior_intervals_cover_as_often_as_they_say(calibrated):
    found = calibrated
    for place, level in ((0, 0.6827), (0, 0.9), (1, 0.6827), (1, 0.9)):
        share = found.coverage(place, level)
        assert abs(share.value - level) < 4.0 * share.error
    uniform = infer.Calibration(("x",), np.arange(DRAWS + 1)[:, None], np.full(DRAWS + 1, 200.0))
    for level in (0.1, 0.6827, 0.9, 0.999):
        assert uniform.coverage(0, level).value == pytest.approx(level, abs=1e-12)
    with pytest.raises(ValueError, match="`level` must"):
        uniform.coverage(0, 1.0)


class Mirrored(type(gaussian_fit().experiments[0])):
    """It sees |x| alone."""

    def predict(self, theory, nuisance):
        return jax.numpy.abs(nuisance["x"]) * jax.numpy.ones(1)


def test_posteriors_of_two_modes_are_sampled_in_both():
    """x and -x are as probable: draws from one of them alone would leave half of the ranks at an end."""
    right = gaussian_fit(fixed={"y": 0.0})
    fit = Fit(right.model, (Mirrored(),), {}, right.fixed)
    found = infer.calibrate(fit, infer.maximize(fit, settings=FEW), 80, key=KEY)
    assert found.poor <= 4
    assert found.p_value(0) > 1e-3
    assert found.uniform(0, 0.999)


class Overconfident(type(gaussian_fit().experiments[0])):
    """Its data fluctuate twice as much as its likelihood says."""

    def simulate(self, key, theory, nuisance):
        return eqx.tree_at(lambda e: e.data, self, self.predict(theory, nuisance) + 2.0 * jax.random.normal(key, (1,)))


def test_calibration_finds_a_posterior_that_is_too_narrow():
    right = gaussian_fit(fixed={"y": 0.0})
    fit = Fit(right.model, (Overconfident(),), {}, right.fixed)
    found = infer.calibrate(fit, infer.maximize(fit, settings=FEW), 120, key=KEY)
    assert found.p_value(0) < 1e-4
    assert not found.uniform(0)


def test_the_band_holds_uniform_ranks_as_often_as_it_says():
    sets = np.random.default_rng(5).integers(0, DRAWS + 1, (1500, 200))
    low, high = band(200, 0.9)
    shares = np.stack([np.cumsum(np.bincount(ranks, minlength=DRAWS + 1)) / 200 for ranks in sets])
    inside = np.mean(np.all((shares >= low) & (shares <= high), axis=1))
    assert inside == pytest.approx(0.9, abs=0.035)


# Files and commands


def test_toys_are_kept_and_added_to(scaled, tmp_path):
    fit, maximum = scaled
    path = tmp_path / "toys.npz"
    given = {"key": KEY, "at": maximum.parameters, "tests": X, "checkpoint": path}
    whole = infer.toys(fit, maximum, 100, key=KEY, at=maximum.parameters, tests=X)

    def stop(done):
        if done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer.toys(fit, maximum, 100, progress=stop, **given)
    with np.load(path) as stored:
        assert 50 <= len(stored["to_gain"]) < 100
    seen = []
    resumed = infer.toys(fit, maximum, 100, resume=True, progress=seen.append, **given)
    assert min(seen) > 50
    np.testing.assert_array_equal(resumed.delta_chi2, whole.delta_chi2)
    with pytest.raises(ValueError, match="auxiliary measurements"):
        infer.toys(fit, maximum, 100, resume=True, auxiliary=(), **given)
    path.write_bytes(b"garbage")
    with pytest.raises(ValueError, match="damaged"):
        Kept(path, {}).load({})


FILE = '''"""A Gaussian: one headline."""

from gaussian import gaussian_fit
from nmmjax.analysis import Analysis, Settings

PAPER = "nobody (2026)"


def build() -> Analysis:
    """x, in bins of few events."""
    return Analysis(gaussian_fit(data=1.0, weight=1.0, low=0.0, sparse=True), settings=Settings(starts=4))
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "sparse.py"
    path.write_text(FILE)
    return path


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


def test_the_command_toys(file, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ("toys", file, "--out", out, "--parameter", "x", "x,y")
    assert run(*asked, "--number", 64) == cli.GOOD
    assert run(*asked, "--number", 200, "--resume", "--band", "x=0.5:5:4", "--null", 0.0) == cli.GOOD
    printed = capsys.readouterr().out
    for words in ("200 toys at the maximum", "by toys", "few events", "Feldman and Cousins", "CLs", "fluctuate: y"):
        assert words in printed
    record = json.loads((out / "toys.json").read_text())
    assert record["number"] == 200
    assert record["goodness"]["refused"] == "gaussian: few events"
    assert [row["tested"] for row in record["coverage"]] == ["x"] * 3 + ["x, y"] * 3
    kept = {"band_x_0_5_5_4.npz", "cls_x_0_5_5_4.npz", "toys.npz"}
    assert {path.name for path in out.iterdir()} == {*kept, "toys.json", "toys.png", "band_0.png"}


def test_the_command_calibrate(file, tmp_path, capsys):
    assert run("calibrate", file, "--number", 64, "--out", tmp_path / "out") in (cli.GOOD, cli.NOT_CONVERGED)
    assert "64 draws from the prior" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "calibration.npz",
        "calibration.json",
        "calibration.png",
    }


def test_several_calibrations_make_one_table(file, tmp_path, capsys):
    """And what is finished is not done again."""
    other = tmp_path / "other.py"
    other.write_text(FILE)
    out = tmp_path / "out"
    assert run("calibrate", file, other, "--number", 32, "--out", out) in (cli.GOOD, cli.NOT_CONVERGED)
    printed = capsys.readouterr().out
    assert "ranks of draws from the prior in posteriors of data simulated there" in printed
    rows = (out / "calibrations.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["sparse", "sparse", "other", "other"]
    assert (out / "calibrations.png").exists()
    assert (out / "other/calibration.npz").exists()
    assert run("calibrate", file, file, "--out", out) == cli.USAGE
    assert "`FIT` must be analyses of different names" in capsys.readouterr().err
    assert run("calibrate", file, other, "--out", out, "--hypothesis", "x") == cli.USAGE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "z=1"), "`--at` must be one of x, y"),
        (("--at", "x=99"), "must lie within the priors, but x does not"),
        (("--at", "hello"), "`--at` must be best, prior, or NAME=VALUE"),
        (("--parameter", "q"), "`--parameter` must be one of"),
        (("--band", "q=1:2:3"), "`--band` must be one of"),
        (("--seed", "-1"), "`seed` must"),
    ],
)
def test_bad_input_is_named(arguments, message, file, tmp_path, capsys):
    assert run("toys", file, "--out", tmp_path / "out", *arguments) == cli.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("--number", "0"), ("--band", "x"), ("--band", "x=2:1:5"), ("--band", "x=1:2:z")]
)
def test_usage_errors(arguments, file):
    with pytest.raises(SystemExit) as error:
        run("toys", file, *arguments)
    assert error.value.code == cli.USAGE


# Experiments of the package


def test_toys_of_daya_bay():
    """Bins and eight energy scales: toys spread as the curvature says, and chi^2 as many bins as there are."""
    fit = Fit(
        ThreeFlavor.from_sin2,
        (loaded(DayaBay2022),),
        {"sin2_theta13": dist.Uniform(0.002, 0.06), "dm3l": dist.Uniform(1.5e-3, 3.5e-3)},
        {"dm21": 7.53e-5, "sin2_theta12": 0.307, "sin2_theta23": 0.5},
    )
    maximum = infer.maximize(fit, settings=dataclasses.replace(SETTINGS, starts=4))
    tests = (Held(("sin2_theta13",)), Held(("dm3l",)))
    found = infer.toys(fit, maximum, 640, key=KEY, at=maximum.parameters, tests=tests)
    errors = dict(zip(fit.space.labels, infer.laplace(fit, maximum).standard_deviations, strict=True))
    assert found.lost == 0
    assert len(found.auxiliary) == 8
    for place, name in enumerate(("sin2_theta13", "dm3l")):
        assert np.std(found.select(name)[1]) == pytest.approx(errors[name], rel=0.12)
        share = found.coverage(place, 0.6827)
        assert abs(share.value - 0.6827) < 4.0 * share.error
    assert np.mean(found.chi2) == pytest.approx(542.0, abs=5.0)
    record = results.toy_record(results.run_record("daya", SETTINGS), found, "the maximum", None)
    assert record.good
    assert "sin2_theta13" in str(simulations.toys(record).renderables[0].columns[0]._cells)
    assert len(plots.toys(found).axes) == 4
