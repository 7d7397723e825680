"""Profiles of sampled and derived numbers along refined lattices, against scipy's constrained optimizer."""

import csv
import math

import jax
import numpy as np
import pytest
from scipy.optimize import minimize
from test_cli import USER_FIT, keep_host_devices, run, user_fit  # noqa: F401  (fixtures)
from test_profiles import Diagonal, Several
from toys import SETTINGS, toy_fit

from nmmjax import __main__ as cli
from nmmjax import infer, plots, surveys
from nmmjax.analysis import Analysis, Derived
from nmmjax.fit import Fit
from nmmjax.infer import Axis
from nmmjax.quantities import Quantity

M0 = math.sqrt(3.2e-3)


@pytest.fixture(scope="module")
def fit():
    return toy_fit()


@pytest.fixture(scope="module")
def maximum(fit):
    return infer.maximize(fit, settings=SETTINGS)


def by_scipy(fit, maximum, axes, values):
    """Delta chi^2 by sequential quadratic programming, with all numbers, sampled or derived, as constraints."""
    names, z = tuple(axis.name for axis in axes), np.asarray(maximum.z)
    value_and_slope = jax.jit(jax.value_and_grad(lambda z: -fit.log_density(z, jacobian=False)))

    def number(z):
        parameters = fit.space.parameters(z)
        everything = {**fit.derived(parameters), **parameters}
        return jax.numpy.stack([everything[name] for name in names])

    numbers, slopes, wanted = jax.jit(number), jax.jit(jax.jacfwd(number)), np.asarray(values)
    constraint = {
        "type": "eq",
        "fun": lambda z: np.asarray(numbers(z)) / wanted - 1.0,
        "jac": lambda z: np.asarray(slopes(z)) / wanted[:, None],
    }
    found = minimize(
        lambda z: [np.asarray(x) for x in value_and_slope(z)],
        z,
        jac=True,
        constraints=[constraint],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert np.max(np.abs(constraint["fun"](found.x))) < 1e-7
    return 2.0 * (found.fun + maximum.log_density)


def around(fit, maximum, **factors):
    """Axes around the maximum, whose ranges are factors of what the numbers are there."""
    numbers = infer.numbers_at(fit, np.asarray(maximum.z)[None], tuple(factors))[0]
    return [
        Axis(name, x * low, x * high) for (name, (low, high)), x in zip(factors.items(), numbers.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    "factors",
    [
        {"scalar_mass": (0.3, 3.5)},
        {"sum_of_masses": (0.8, 1.3)},
        {"b": (0.5, 2.0), "r": (0.92, 1.08)},
        {"sum_of_masses": (0.9, 1.15), "scalar_mass": (0.4, 2.6)},
    ],
)
def test_constrained_maxima_are_those_of_scipy(factors, fit, maximum):
    centered = around(fit, maximum, **factors)
    found = infer.survey(fit, maximum, centered, levels=[1.0], points=5, refinements=1)
    assert found.failed == 0
    at = infer.numbers_at(fit, found.z, tuple(factors))
    widths = np.ptp(found.values, axis=0) / 8.0
    assert np.max(np.abs(at - found.values) / widths) < 5e-3  # stated for the logarithm, where a range is wide
    for i in range(0, len(found.places), max(1, len(found.places) // 6)):
        expected = by_scipy(fit, maximum, centered, found.values[i])
        assert found.delta_chi2[i] == pytest.approx(expected, rel=1e-3, abs=3e-3)


def test_a_derived_number_has_the_interval_of_the_one_it_follows(fit, maximum):
    """The sum of masses is twice m0, whose logarithm is normal."""
    found = infer.survey(fit, maximum, [Axis("sum_of_masses", 1.6 * M0, 2.4 * M0)], levels=[1.0], points=9)
    ((low, high),) = found.regions(1.0)
    assert np.log([low, high]) == pytest.approx(math.log(2 * M0) + np.array([-0.1, 0.1]), abs=1e-3)


def test_the_lattice_is_fine_only_where_a_contour_runs(fit, maximum):
    axes = [Axis("m0", 0.6 * M0, 1.5 * M0), Axis("r", 0.8, 1.25)]
    level = infer.region(0.9, 2)
    found = infer.survey(fit, maximum, axes, levels=[level], points=9, refinements=3)
    whole = math.prod(map(len, found.lattice))
    assert len(found.places) < 0.3 * whole
    expected = (np.log(found.values[:, 0] / M0) / 0.1) ** 2 + (np.log(found.values[:, 1]) / 0.05) ** 2
    np.testing.assert_allclose(found.delta_chi2, expected, atol=3e-3)
    computed, finest = set(map(tuple, found.places.tolist())), found.profile.delta_chi2
    crossed = np.argwhere((finest[:-1, :-1] < level) != (finest[1:, 1:] < level))
    assert len(crossed) > 20
    assert all((i, j) in computed and (i + 1, j + 1) in computed for i, j in crossed.tolist())
    assert found.extent(level)[0] == pytest.approx(
        [
            *M0 * np.exp(0.1 * math.sqrt(level) * np.array([-1, 1])),
            *np.exp(0.05 * math.sqrt(level) * np.array([-1, 1])),
        ],
        rel=0.02,
    )


def test_what_cannot_be_is_counted_and_not_drawn(fit, maximum):
    """The sum of masses is 2 m0: off that line there is nothing."""
    axes = [Axis("m0", 0.8 * M0, 1.2 * M0), Axis("sum_of_masses", 1.6 * M0, 2.4 * M0)]
    found = infer.survey(fit, maximum, axes, levels=[2.3], points=3, refinements=1)
    on_line = np.isclose(found.values[:, 1], 2 * found.values[:, 0])
    assert np.all(np.isnan(found.delta_chi2) == ~on_line)
    assert found.failed == np.sum(~on_line) > 0
    figure = plots.surveyed(
        found, (Quantity("m_0", "eV"), Quantity("s", "eV")), best=(M0, 2 * M0), levels=(0.68, 0.9), title="x"
    )
    assert np.isnan(found.profile.delta_chi2).any()
    figure.canvas.draw()


@pytest.mark.parametrize("descents", [1, 33])
def test_a_survey_that_was_cut_goes_on_to_the_same_end(descents, fit, maximum, tmp_path):
    about = {"levels": [1.0, 2.71], "points": 9, "refinements": 2}
    axes, path = around(fit, maximum, scalar_mass=(0.3, 3.0)), tmp_path / "x.checkpoint.npz"
    whole = infer.survey(fit, maximum, axes, **about)
    seen = []

    def cut(report):
        seen.append(report.descents)
        if report.descents >= descents:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer.survey(fit, maximum, axes, checkpoint=path, progress=cut, **about)
    with np.load(path) as stored:
        assert len(stored["z"]) == seen[-1] > 0
    resumed = infer.survey(fit, maximum, axes, checkpoint=path, resume=True, **about)
    np.testing.assert_array_equal(resumed.places, whole.places)
    np.testing.assert_allclose(resumed.delta_chi2, whole.delta_chi2, atol=1e-9)
    with pytest.raises(ValueError, match=r"same question, but .*points \(9, now 7\)"):
        infer.survey(fit, maximum, axes, checkpoint=path, resume=True, **(about | {"points": 7}))
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="must be intact"):
        infer.survey(fit, maximum, axes, checkpoint=path, resume=True, **about)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ([Axis("m1", 0.1, 0.2)], "must be one of a, b, "),
        ([Axis("m0", 0.2, 0.1)], "`range of m0` must ascend"),
        ([Axis("m0", 1e-5, 0.1)], "must lie within its prior, between 0.001 and 1"),
        ([Axis("m0", 0.01, 0.1)] * 2, "one or two different numbers"),
        ([Axis("m0", 0.01, math.inf)], "must be finite"),
    ],
)
def test_bad_axes_are_named(axes, message, fit, maximum):
    with pytest.raises(ValueError, match=message):
        infer.survey(fit, maximum, axes, levels=[1.0])


def test_regions_are_quantiles_of_chi2():
    from scipy.stats import chi2

    for level in (0.68, 0.9, 0.9973):
        for parameters in (1, 2):
            assert infer.region(level, parameters) == pytest.approx(chi2.ppf(level, parameters), rel=1e-12)
    with pytest.raises(ValueError, match="`parameters` must be one or two"):
        infer.region(0.9, 3)


def test_numbers_of_ones_own_and_default_ranges(tmp_path, fit):
    """Twice the sum of masses, four standard deviations to both sides."""
    own = Derived(lambda theory: 2.0 * theory.neutrinos.states.sum_of_masses, "4 m_0", "eV")
    found = surveys.run(Analysis(fit, SETTINGS, derived={"mine": own}), ["mine"], tmp_path, points=7)
    assert found.good
    (axis,) = found.survey.axes
    assert (axis.low, axis.high) == pytest.approx((4 * M0 * 0.6, 4 * M0 * 1.4), rel=1e-3)
    assert {path.name for path in tmp_path.iterdir()} == {"mine.csv", "mine.png", "mine.checkpoint.npz"}
    with (tmp_path / "mine.csv").open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert list(rows[0]) == ["mine", "delta_chi2", "dm21", "m0", "r", "toy_shift"]
    for row in rows:
        assert float(row["m0"]) == pytest.approx(float(row["mine"]) / 4, rel=1e-3)
        assert float(row["delta_chi2"]) == pytest.approx((math.log(float(row["m0"]) / M0) / 0.1) ** 2, abs=0.01)


def test_the_command(user_fit, tmp_path, capsys):  # noqa: F811
    out = tmp_path / "out"
    assert run("profile", user_fit, "scalar_mass", "--points", "7", "--out", out) == cli.GOOD
    text = capsys.readouterr().out
    assert "profile likelihood of scalar_mass" in text
    assert "Delta chi2" in text
    assert str(out / "scalar_mass.png") in text.replace("\n", "")
    assert run("profile", user_fit, "dm31", "--range", "-4e-3", "-2e-3", "--points", "5", "--out", out) == cli.GOOD
    capsys.readouterr()
    wrong = {
        ("scalar_mas",): "did you mean 'scalar_mass'?",
        ("m0", "m0"): "`PARAMETER` must be one number or two different ones",
        ("m0", "--range", "0.3", "0.1"): "`range of m0` must ascend",
        ("m0", "--hypothesis", "other"): "`--hypothesis` must be one of",
        ("m0", "--range", "0.1", "0.2", "--range", "0.1", "0.2"): "`ranges` must be one for each",
    }
    for arguments, message in wrong.items():
        assert run("profile", user_fit, *arguments, "--out", out) == cli.USAGE
        assert message in capsys.readouterr().err.replace("\n", " ")
    with pytest.raises(SystemExit):
        run("profile", "--help")
    assert "nmmjax profile grimus_lavoura_2000 scalar_mass" in capsys.readouterr().out


def test_an_interrupted_command_says_what_is_kept(user_fit, tmp_path, monkeypatch, capsys):  # noqa: F811
    out, solve = tmp_path / "out", infer.survey

    def interrupted(*arguments, **options):
        def cut(report):
            raise KeyboardInterrupt

        return solve(*arguments, **(options | {"progress": cut}))

    monkeypatch.setattr(infer, "survey", interrupted)
    arguments = ("profile", user_fit, "m0", "--points", "5", "--out", out)
    assert run(*arguments) == cli.NOT_CONVERGED
    assert "keeps what was finished, and `--resume` goes on from there" in capsys.readouterr().err
    monkeypatch.setattr(infer, "survey", solve)
    assert run(*arguments, "--resume") == cli.GOOD
    assert (out / "m0.csv").exists()


@pytest.mark.parametrize(("label", "center", "sd"), [("real[1]", 0.5, 0.709), ("plane_im[0]", 0.0, 1.0)])
def test_entries_of_arrays_are_held(label, center, sd):
    """Sums of two normal numbers of width 1 are measured to 0.1; the other entries stay where they are."""
    own = Fit(Several, (Diagonal([1.0, 1.0]),), Several.default_priors())
    found = infer.survey(
        own, infer.maximize(own, settings=SETTINGS), [Axis(label, center - 2.0, center + 2.0)], levels=[1.0], points=9
    )
    assert found.regions(1.0)[0] == pytest.approx((center - sd, center + sd), abs=0.01)
    np.testing.assert_allclose(infer.numbers_at(own, found.z, (label,))[:, 0], found.values[:, 0], atol=1e-9)
