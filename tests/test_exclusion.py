"""Exclusion curves against numbers that are known, and as they are drawn and kept."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import SETTINGS, landscape_fit

from nmmjax import infer, plots, results
from nmmjax.analysis import Analysis, run

EDGE = 2.0
HEIGHT = infer.two_sided(0.9)
PRIORS = {"x": dist.LogUniform(0.01, 2.9), "y": dist.LogUniform(1e-3, 10.0)}


def strength(x, y):
    """A signal y^2 / (1 + x^2), none above x = 2, measured as 0.5 +- 1."""
    return -0.5 * (jnp.where(x < EDGE, y**2 / (1 + x**2), 0.0) - 0.5) ** 2


def expected(x):
    """The signal is best at 0.5, with an upper end at 0.5 + 1.645."""
    limit = np.sqrt((0.5 + np.sqrt(HEIGHT)) * (1 + x**2))
    return np.where(x < EDGE, limit, np.nan)


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exclusion") / "toy"
    settings = dataclasses.replace(SETTINGS, sampled=False)
    analysis = Analysis(landscape_fit(strength, **PRIORS), settings, exclusions=(("x", "y"),))
    return run(analysis, folder), folder


def test_the_curve_is_the_limit_at_each_value(answer):
    (curve,) = answer[0].exclusions
    assert curve.failed == 0
    there, known = np.isfinite(curve.limit), expected(curve.over)
    away = np.abs(np.log(curve.over / EDGE)) > 0.01
    assert np.array_equal(there[away], np.isfinite(known)[away])
    both = there & np.isfinite(known)
    np.testing.assert_allclose(curve.limit[both], known[both], rtol=3e-3)
    last = curve.over[there][-1]
    assert last == pytest.approx(EDGE, rel=0.01)
    jumps = np.abs(np.diff(np.log(curve.limit[there]))) / np.log(1e4)
    assert jumps.max() < 0.021


def test_with_something_else_free():
    """y + v is measured as 0 +- 0.3 with v known to 0.4, at any x: 0.5 together."""
    from test_profiles import Diagonal

    from nmmjax.fit import Fit
    from nmmjax.low_energy import Majorana

    def model(x, y, v):
        return jnp.diag(jnp.stack([(y + v) / 3.0, v / 4.0, x]))

    priors = {"x": dist.Uniform(0.0, 1.0), "y": dist.Uniform(0.0, 4.0), "v": dist.Normal(0.0, 1.0).expand([])}
    fit = Fit(model, (Diagonal([0.0, 0.0]),), priors, nature=Majorana())
    maximum = infer.maximize(fit, settings=SETTINGS)
    axes = (infer.Axis("x", 0.1, 0.9), infer.Axis("y", 1e-3, 3.9))
    curve = infer.exclusion(fit, maximum, *axes, level=0.9)
    sd = np.hypot(0.3, 1.0 / np.hypot(1.0, 1.0 / 0.4))  # v: its prior and the second datum
    np.testing.assert_allclose(curve.limit, sd * np.sqrt(HEIGHT), rtol=0.01)


def test_it_is_kept_and_drawn(answer):
    result, folder = answer
    assert (folder / "exclusion_x_y.png").exists()
    assert results.load(folder) == result
    figure = plots.exclusions([result], ("x", "y"))
    (axes,) = figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert [text.get_text() for text in axes.texts] == ["toy"]
    (line,), (filled,) = axes.lines, axes.collections
    assert np.nanmax(line.get_ydata()) == pytest.approx(10.0, rel=1e-4)
    bottom, top = filled.get_paths()[0].vertices[:, 1].min(), filled.get_paths()[0].vertices[:, 1].max()
    assert (bottom, top) == pytest.approx((float(expected(0.01)), 10.0), rel=3e-3)


def test_bad_pairs_are_named():
    fit = landscape_fit(strength, **PRIORS)
    with pytest.raises(ValueError, match="`exclusions` must be a tuple of pairs of two different parameters"):
        Analysis(fit, exclusions=(("x", "x"),))
    with pytest.raises(ValueError, match="`exclusions` must be one of x, y"):
        Analysis(fit, exclusions=(("x", "z"),))
    open_ended = landscape_fit(strength, x=dist.Uniform(-1.0, 1.0), y=dist.Normal(0.0, 1.0))
    with pytest.raises(ValueError, match="name parameters whose priors have two ends, but that of y has not"):
        Analysis(open_ended, exclusions=(("x", "y"),))
