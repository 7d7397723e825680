"""Tests of two hypotheses, coverage over true values and planes of limits, on fits whose answers are known."""

import json
import math

import jax
import numpy as np
import numpyro.distributions as dist
import pytest
from gaussian import gaussian_fit
from scipy.stats import chi2, kstest, norm

from nmmjax import __main__ as cli
from nmmjax import _checks, infer
from nmmjax._commands import _shared
from nmmjax.experiments import NuFIT60Gaussian
from nmmjax.fit import Fit
from nmmjax.infer import Settings
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering

FEW = Settings(starts=4)
KEY = jax.random.PRNGKey(3)
APART = 3.0
"""Two values of x that are hypotheses of a measurement with an error of one, or of sqrt 2 with an auxiliary one."""


def hypotheses():
    """x = 0 or 3, y an auxiliary measurement."""
    fits = {f"x{x:g}": gaussian_fit(data=1.0, weight=1.0, fixed={"x": x}) for x in (0.0, APART)}
    return fits, {name: infer.maximize(fit, settings=FEW) for name, fit in fits.items()}


@pytest.fixture(scope="module")
def with_auxiliary():
    return hypotheses()


@pytest.fixture(scope="module")
def found(with_auxiliary):
    return infer.discriminate(*with_auxiliary, 1500, key=KEY, settings=FEW)


def test_two_values_of_a_gaussian_number(found):
    """T = ((d - 3)^2 - d^2) / 2 with the auxiliary measurement at zero: T_0 = 9 / 2, widths 2 sqrt(T_0)."""
    expected = APART**2 / 2.0
    assert found.names == ("x0", "x3")
    assert found.lost == 0
    np.testing.assert_allclose(found.expected, [expected, -expected], rtol=1e-5)
    assert found.observed == pytest.approx(((1.0 - APART) ** 2 - 1.0) / 2.0, rel=1e-5)
    for true, sign in enumerate((1.0, -1.0)):
        width = 2.0 * math.sqrt(expected)
        assert np.mean(found.statistic[true]) == pytest.approx(sign * expected, abs=4.0 * width / math.sqrt(1500))
        assert np.std(found.statistic[true]) == pytest.approx(width, rel=0.08)
        assert found.normal_sensitivity(true) == pytest.approx(math.sqrt(expected), rel=1e-4)
        assert found.sensitivity(true) == pytest.approx(math.sqrt(expected), abs=0.25)
    for true, sign in enumerate((1.0, -1.0)):
        share = found.p_value(true, found.observed)
        exact = norm.cdf(sign * (found.observed - sign * expected) / (2.0 * math.sqrt(expected)))
        assert abs(share.value - exact) < 4.0 * share.error


def test_toys_of_either_are_the_same_data_for_both(with_auxiliary, found):
    """T is linear in what is measured, so that both fits of one toy must see the same numbers: no scatter besides."""
    fits, maxima = with_auxiliary
    again = infer.discriminate(fits, maxima, 20, key=KEY, settings=FEW)
    for true in (0, 1):
        np.testing.assert_allclose(again.statistic[true], found.statistic[true][:20], atol=1e-4)
    assert np.std(found.statistic[0]) < 2.2 * math.sqrt(APART**2 / 2.0)


def test_tables_of_each_hypothesis_are_no_common_data():
    priors, fits = {"dm21": dist.Uniform(6e-5, 9e-5)}, {}
    fixed = {"sin2_theta12": 0.3, "sin2_theta13": 0.022, "sin2_theta23": 0.5, "delta_cp": 0.0}
    for order in (NormalOrdering(), InvertedOrdering()):
        held = fixed | {"ordering": order, "dm3l": order.sign * 2.5e-3}
        fits[order.long_name] = Fit(ThreeFlavor.from_sin2, (NuFIT60Gaussian.load(order),), priors, held)
    with pytest.raises(_checks.ArgumentError, match="`hypotheses` must be confronted with the same data"):
        infer.discriminate(fits, {}, 10, key=KEY)


def test_bad_hypotheses_are_named(with_auxiliary):
    fits, maxima = with_auxiliary
    with pytest.raises(_checks.ArgumentError, match="`fits` must be two"):
        infer.discriminate({"x0": fits["x0"]}, maxima, 10, key=KEY)
    with pytest.raises(_checks.ArgumentError, match="`fits` must be two by name"):
        infer.check_rivals([fits["x0"], fits["x0"]])
    other = gaussian_fit(fixed={"x": 0.0}, data=2.0, weight=1.0)
    with pytest.raises(_checks.ArgumentError, match="the same data"):
        infer.discriminate({"x0": fits["x0"], "other": other}, maxima, 10, key=KEY)
    without = gaussian_fit(data=1.0, weight=1.0, fixed={"y": 0.0})
    with pytest.raises(_checks.ArgumentError, match="the same auxiliary measurements, but one has y"):
        infer.discriminate({"x0": fits["x0"], "without": without}, maxima, 10, key=KEY)


def test_a_hypothesis_that_contains_the_other():
    """x = 0 against any x, both with the auxiliary measurement: -T of toys of the first is chi^2 of one degree."""
    fits = {"zero": gaussian_fit(data=1.0, weight=1.0, fixed={"x": 0.0}), "free": gaussian_fit(data=1.0, weight=1.0)}
    maxima = {name: infer.maximize(fit, settings=FEW) for name, fit in fits.items()}
    found = infer.discriminate(fits, maxima, 1500, key=KEY, settings=FEW)
    assert found.observed == pytest.approx(-0.5, abs=1e-6)
    assert found.nested
    assert kstest(-found.statistic[0], chi2(1).cdf).pvalue > 1e-3
    assert found.expected[0] == pytest.approx(0.0, abs=1e-6)
    assert found.expected[1] == pytest.approx(-0.5, abs=1e-5)
    assert np.isnan(found.normal_sensitivity(0))
    share = found.p_value(0, found.observed)
    assert abs(share.value - chi2(1).sf(0.5)) < 4.0 * share.error


def test_a_test_is_kept_and_resumed(with_auxiliary, found, tmp_path):
    def stop(done):
        if done > 60:
            raise KeyboardInterrupt

    asked = {"key": KEY, "settings": FEW, "folder": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        infer.discriminate(*with_auxiliary, 50, progress=stop, **asked)
    assert {path.name for path in tmp_path.iterdir()} == {"toys_of_x0_as_x0.npz", "toys_of_x0_as_x3.npz"}
    seen = []
    resumed = infer.discriminate(*with_auxiliary, 50, resume=True, progress=seen.append, **asked)
    assert min(seen) > 60
    np.testing.assert_allclose(resumed.statistic[1], found.statistic[1][:50], atol=1e-4)


def test_the_order_of_hypotheses_is_not_random(with_auxiliary, found):
    fits, maxima = with_auxiliary
    other = infer.discriminate(dict(reversed(fits.items())), maxima, 20, key=KEY, settings=FEW)
    for true in (0, 1):
        np.testing.assert_allclose(other.statistic[true], -found.statistic[1 - true][:20], atol=1e-4)


def test_numbers_of_parameters_and_back():
    fit = gaussian_fit(data=1.0, weight=1.0)
    z = fit.space.draw(KEY)
    flat = fit.space.flat(fit.space.parameters(z))
    np.testing.assert_allclose(fit.space.vector(fit.space.unflat(flat)), z, rtol=1e-9)


# Coverage over true values


def test_coverage_near_a_bound():
    """A mean that is not negative, error one: two-sided, one-sided and of Feldman and Cousins, by integrals."""
    fit = gaussian_fit(data=0.0, low=0.0, fixed={"y": 0.0})
    maximum = infer.maximize(fit, settings=FEW)
    grid = np.array([0.5, 5.0])
    found = infer.coverage(fit, maximum, "x", grid, 1500, key=KEY)
    x = np.linspace(-9.0, 15.0, 200001)
    for place, mu in enumerate(grid):
        gain = (x - mu) ** 2 - np.minimum(x, 0.0) ** 2
        weight = norm.pdf(x - mu) * (x[1] - x[0])
        exact = np.sum(weight[gain <= 2.7055]), np.sum(weight[~((x < mu) & (gain > 1.6424))]), 0.9
        for shares, value in zip((found.interval, found.limit, found.band), exact, strict=True):
            error = math.sqrt(2.0) * shares[place].error
            assert abs(shares[place].value - value) < 4.0 * error
    assert found.critical[0] < 2.5 < found.critical[1] < 3.0


# Limits in planes


def test_cls_in_a_plane_is_that_of_normal_tails():
    """T = chi^2(point) - chi^2(null) of two numbers, of which y is known by itself."""
    fit = gaussian_fit(data=0.3, weight=1.0)
    maximum = infer.maximize(fit, settings=FEW)
    grids = {"x": np.array([1.0, 3.0]), "y": np.array([-0.5, 0.5])}
    found = infer.cls_plane(fit, maximum, grids, 600, key=KEY, null={"x": 0.0}, auxiliary=())
    assert found.cls.shape == (2, 2)
    assert np.all(found.cls[1] < found.cls[0])
    assert np.all((found.cls >= found.with_signal) & (found.cls <= 1.0))
    for argument, given in (
        ("null", {"null": {}}),
        ("null", {"null": {"q": 1.0}}),
        ("null", {"null": {"x": math.nan}}),
    ):
        with pytest.raises(_checks.ArgumentError, match=f"`{argument}` must"):
            infer.cls_plane(fit, maximum, grids, 5, key=KEY, **given)
    with pytest.raises(_checks.ArgumentError, match="`grids` must name two"):
        infer.cls_plane(fit, maximum, {"x": grids["x"]}, 5, key=KEY, null={"x": 0.0})


def test_cls_of_two_simple_hypotheses():
    """With y held the statistic is linear in d: CL(s+b) = Phi of its distance from the point."""
    fit = gaussian_fit(data=0.5, weight=0.0, fixed={})
    maximum = infer.maximize(fit, settings=FEW)
    grids = {"x": np.array([2.0, 2.5]), "y": np.array([0.0, 0.1])}
    found = infer.cls_plane(fit, maximum, grids, 2000, key=KEY, null={"x": 0.0, "y": 0.0}, auxiliary=())
    for row, x in enumerate(grids["x"]):
        exact = norm.cdf(0.5 - x) / norm.cdf(0.5)
        assert found.cls[row, 0] == pytest.approx(exact, abs=4.0 * math.sqrt(exact / 2000) + 0.01)


# Commands


FILE = '''"""A number, two hypotheses: one headline."""

from gaussian import gaussian_fit
from nmmjax.analysis import Analysis, Settings

PAPER = "nobody (2026)"


def build() -> dict[str, Analysis]:
    """x = 0, x = 3, or any x that is not negative."""
    few = Settings(starts=4)
    fits = {name: gaussian_fit(data=1.0, weight=1.0, fixed={"x": x}) for name, x in (("none", 0.0), ("some", 3.0))}
    fits["any"] = gaussian_fit(data=1.0, weight=1.0, low=0.0)
    return {name: Analysis(fit, settings=few) for name, fit in fits.items()}
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "several.py"
    path.write_text(FILE)
    return path


def run(*arguments):
    return cli.main(["toys", *(str(argument) for argument in arguments)])


def test_the_option_test(file, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(file, "--test", "none", "some", "--number", 100, "--out", out) == cli.GOOD
    printed = capsys.readouterr().out
    assert "T = chi2(some) - chi2(none), 100 toys of each" in printed
    record = json.loads((out / "hypotheses.json").read_text())
    assert record["observed"] == pytest.approx(1.5, rel=1e-4)
    assert [one["name"] for one in record["tested"]] == ["none", "some"]
    assert (out / "hypotheses.png").exists()
    assert run(file, "--test", "none", "some", "--number", 150, "--out", out, "--resume") == cli.GOOD


def test_the_option_scan(file, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(file, "--hypothesis", "any", "--scan", "x=0:4:3", "--number", 60, "--out", out) == cli.GOOD
    assert "coverage at 90%, 60 toys at each value of x" in capsys.readouterr().out
    record = json.loads((out / "any/coverage.json").read_text())
    assert record["limit"][0][0] == 1.0
    assert (out / "any/coverage.png").exists()


def test_a_band_of_two_numbers(file, tmp_path, capsys):
    out = tmp_path / "out"
    asked = (file, "--hypothesis", "any", "--number", 40, "--out", out)
    assert run(*asked, "--band", "x=0.5:4:3,y=-1:1:2", "--null", 0.0) == cli.GOOD
    assert "of the points lie inside at 90% (Feldman and Cousins)" in capsys.readouterr().out
    (plane,) = json.loads((out / "any/toys.json").read_text())["planes"]
    assert plane["names"] == ["x", "y"]
    assert np.array(plane["critical"]).shape == np.array(plane["cls"]).shape == (3, 2)
    assert (out / "any/plane_0.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--test", "none", "other"), "`--test` must be one of any, none, some"),
        (("--test", "none", "none"), "`--test` must name two different hypotheses"),
        (("--test", "none", "some", "--band", "x=1:2:3"), "`--test` must stand without --band"),
        (("--test", "none", "some", "--at", "prior"), "`--test` must stand without --at"),
        (("--test", "none", "some", "--conditional"), "`--test` must stand without --conditional"),
        (("--scan", "x=0:1:2", "--parameter", "x"), "`--scan` must stand without --parameter"),
        (("--scan", "q=0:1:2"), "`--scan` must be one of"),
        (("--scan", "x=0:1:2,y=0:1:2"), "`--scan` must name one number"),
        (("--hypothesis", "other"), "`--hypothesis` must be one of"),
    ],
)
def test_bad_input_is_named(arguments, message, file, tmp_path, capsys):
    assert run(file, "--out", tmp_path / "out", *arguments) == cli.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--test", "none"), ("--band", "x=0:1:2,x=0:1:2"), ("--scan", "x=1:0:2")])
def test_usage_errors(arguments, file):
    with pytest.raises(SystemExit) as error:
        run(file, *arguments)
    assert error.value.code == cli.USAGE
