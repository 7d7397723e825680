"""Profile likelihoods: of every mode, of entries of arrays, with all intervals that they give."""

import dataclasses
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from jaxtyping import Array, Complex, Float
from toys import SETTINGS, LogSplittings, landscape_fit

from nmmjax import infer, plots
from nmmjax.analysis import Analysis, run
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Majorana, Neutrinos
from nmmjax.models import Model, parameter
from nmmjax.priors import ComplexLogUniform, ComplexNormal

WIDTH = 0.1
SHORT = dataclasses.replace(SETTINGS, starts=8, warmup=150, samples=150)


class Diagonal(LogSplittings):
    """Two elements of the mass matrix, measured to 0.1."""

    @property
    def labels(self):
        return ("M_ee", "M_mumu")

    def nuisances(self):
        return {}

    def predict(self, theory, nuisance):
        return jnp.real(jnp.diagonal(theory.neutrinos.mass_matrix)[:2])

    def log_likelihood(self, theory, nuisance):
        return -0.5 * jnp.sum(((self.predict(theory, nuisance) - self.data) / WIDTH) ** 2)


class Several(Model):
    """The elements are entries of arrays."""

    reference: ClassVar[str] = "none: a test"
    real: Float[Array, "2"] = parameter("x")
    plane: Complex[Array, "2"] = parameter("c")

    def low_energy(self):
        elements = jnp.stack([self.real[0] + jnp.real(self.plane[1]), self.real[1] + jnp.imag(self.plane[1])])
        return LowEnergy(Neutrinos(jnp.diag(jnp.concatenate([elements, jnp.ones(1)])) + 0j))

    @classmethod
    def default_priors(cls):
        return {"real": dist.Normal(0.0, 1.0).expand([2]), "plane": ComplexNormal(1.0).expand([2])}

    @classmethod
    def benchmark(cls):
        return cls(jnp.ones(2), jnp.ones(2) + 0j)


def two_signs(x: float, y: float):
    """x is known up to its sign, and y by a sum with x: two modes, (1, 0.5) and (-1, -0.5)."""
    return jnp.diag(jnp.stack([x**2, y - 0.5 * x, jnp.ones_like(x)]))


@pytest.fixture(scope="module")
def of_two_signs():
    priors = {"x": dist.Uniform(-2.0, 2.0), "y": dist.Uniform(-2.0, 2.0)}
    fit = Fit(two_signs, (Diagonal([1.0, 0.0]),), priors, nature=Majorana())
    maximum = infer.maximize(fit, settings=SHORT)
    assert len(maximum.modes) == 2
    return fit, maximum


@pytest.mark.parametrize("points", [13, 61])
def test_a_profile_knows_every_mode(points, of_two_signs):
    fit, maximum = of_two_signs
    found = infer.profile(fit, maximum, {"y": np.linspace(-1.5, 1.5, points)})
    grid = found.grids[0]
    np.testing.assert_allclose(found.delta_chi2[np.isclose(np.abs(grid), 0.5)], 0.0, atol=1e-5)
    np.testing.assert_allclose(found.delta_chi2, found.delta_chi2[::-1], atol=1e-4)
    plane = infer.profile(fit, maximum, {"x": np.linspace(-1.5, 1.5, 7), "y": np.linspace(-1.5, 1.5, points)})
    np.testing.assert_allclose(plane.delta_chi2[1, np.isclose(grid, -0.5)], 0.0, atol=1e-5)


def test_two_intervals_are_two(of_two_signs):
    fit, maximum = of_two_signs
    found = infer.limits(fit, maximum, "y", (-1.5, 1.5), 0.6827)
    (other,) = found.further
    half = np.hypot(WIDTH, 0.5 * WIDTH / 2.0)  # of y, as x = 1 +- 0.05
    both = sorted([(found.low, found.high), other])
    for (low, high), center in zip(both, (-0.5, 0.5), strict=True):
        assert low == pytest.approx(center - half, abs=0.01)
        assert high == pytest.approx(center + half, abs=0.01)
    assert found.upper == pytest.approx(0.5 + 0.475 * half, abs=0.02)


@pytest.mark.parametrize(
    ("label", "center", "sd"), [("real[1]", 0.5, 0.709), ("plane_re[1]", 0.5, 0.709), ("plane_im[0]", 0.0, 1.0)]
)
def test_entries_of_arrays_have_profiles(label, center, sd):
    """Sums of two normal numbers of width 1 are measured to 0.1: one of them is known to 1 / sqrt(1 + 1 / 1.01)."""
    fit = Fit(Several, (Diagonal([1.0, 1.0]),), Several.default_priors())
    maximum = infer.maximize(fit, settings=SHORT)
    found = infer.limits(fit, maximum, label, (-2.5, 3.5), 0.6827)
    assert found.further == ()
    assert (found.low, found.high) == pytest.approx((center - sd, center + sd), abs=0.02)


def test_numbers_that_are_not_walked_by_themselves_have_none():
    priors = Several.default_priors() | {"plane": ComplexLogUniform(0.1, 1.0).expand([2])}
    fit = Fit(Several, (Diagonal([1.0, 1.0]),), priors)
    with pytest.raises(ValueError, match=r"`limits` must be one of real\[0\], real\[1\], but it is 'plane_re\[0\]'"):
        Analysis(fit, limits=("plane_re[0]",))


def test_figures_and_tables_take_entries_of_arrays(tmp_path):
    fit = Fit(Several, (Diagonal([1.0, 1.0]),), Several.default_priors())
    wanted = Analysis(fit, SHORT, limits=("real[0]",), corner=("real", "plane_im[1]"))
    result = run(wanted, tmp_path)
    assert result.limit("real[0]").upper == pytest.approx(0.5 + 1.2816 * 0.709, abs=0.02)
    labels = {axes.get_xlabel() + axes.get_ylabel() for axes in plots.corner(result).axes}
    assert {text for label in labels for text in ("x[0]", "x[1]", "[1]") if text in label} == {"x[0]", "x[1]", "[1]"}
    assert {path.name for path in tmp_path.iterdir()} >= {"profile_real_0.png", "corner.png"}


def test_where_the_likelihood_is_undefined_a_profile_is_infinite():
    """Also where both parameters are held, and nothing is searched."""
    fit = landscape_fit(lambda x, y: jnp.where(x > 1.5, jnp.nan, -(x**2) - y**2))
    maximum = infer.maximize(fit, settings=infer.Settings(starts=4))
    x = np.array([0.0, 0.5, 1.6])
    both = infer.profile(fit, maximum, {"x": x, "y": np.array([0.0, 0.5])}).delta_chi2
    assert np.all(np.isfinite(both[:2]))
    assert np.all(both[2] == np.inf)
    assert infer.profile(fit, maximum, {"x": x}).delta_chi2[2] == np.inf


@pytest.mark.parametrize("grid", [[], 1.0, [[0.0, 1.0]]])
def test_a_grid_is_a_row_of_values(grid, of_two_signs):
    with pytest.raises(ValueError, match=r"`grids\['y'\]` must be a row of values"):
        infer.profile(*of_two_signs, {"y": grid})
