"""Likelihoods of single quantities: exact at their defining points, smooth, finite everywhere."""

import math
from statistics import NormalDist

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.interpolate
import scipy.stats

from nmmjax.experiments.likelihoods.poisson import half_deviance, pull
from nmmjax.experiments.likelihoods.tabulated import Circular, Decadic, Linear, Tabulated
from nmmjax.experiments.likelihoods.terms import (
    CircularSplitGaussian,
    CorrelatedGaussian,
    Limit,
    LogNormal,
    SplitGaussian,
    continued_log,
    wrapped,
)

TURN = 2.0 * math.pi
NODES = np.linspace(-1.0, 2.0, 16)
CURVE = 8.0 * (NODES - 0.53) ** 2 * (1.0 + 0.2 * NODES) + 3.0
PHASES = np.linspace(-math.pi, math.pi, 72, endpoint=False)
WAVE = 9.0 * (1.0 - np.cos(PHASES + 2.47)) + 2.0 * np.sin(PHASES) ** 2
DECADES = np.linspace(-4.3, -3.9, 30)
PARABOLA = ((DECADES + 4.13) / 0.02) ** 2

TERMS = {
    "split": SplitGaussian(0.47, 0.017, 0.013),
    "skewed": SplitGaussian(-2.0, 3.0, 1.0),
    "circular": CircularSplitGaussian(math.radians(212.0), math.radians(26.0), math.radians(41.0)),
    "lognormal": LogNormal(3.2e-3, 0.3),
    "upper": Limit(0.10, boundary=0.0),
    "lower": Limit(0.88, boundary=1.0),
    "correlated": CorrelatedGaussian(np.array([1.5, -0.7]), np.array([[0.04, 0.03], [0.03, 0.09]])),
    "curve": Tabulated([Linear()], [NODES], CURVE),
    "decades": Tabulated([Decadic(1e-5)], [DECADES], PARABOLA),
    "phase": Tabulated([Circular()], [PHASES], WAVE),
    "pair": Tabulated([Linear(), Circular()], [NODES, PHASES], np.add.outer(CURVE, WAVE)),
    "plane": Tabulated([Linear(), Decadic(1e-5)], [NODES, DECADES], np.add.outer(CURVE, PARABOLA)),
}


EVERY = pytest.mark.parametrize("term", TERMS.values(), ids=TERMS.keys())
POINTS = 64


def delta_chi2(term, value):
    return -2.0 * float(term.log_likelihood(np.atleast_1d(np.asarray(value, float))))


@jax.jit
def values(term, points):
    return jax.vmap(term.log_likelihood)(points)


@jax.jit
def derivatives(term, points):
    """Gradient in both modes and Hessian at each point."""
    f = term.log_likelihood
    return jax.vmap(lambda point: (jax.grad(f)(point), jax.jacfwd(f)(point), jax.hessian(f)(point)))(points)


def scale(term):
    best = np.abs(np.asarray(term.best))
    return np.where(best > 0.0, best, 0.1)


def around(term, spread, count=POINTS):
    return np.asarray(term.best) + scale(term) * spread * np.random.default_rng(0).normal(size=(count, term.best.size))


@EVERY
def test_zero_at_best_with_zero_gradient_and_nowhere_larger(term):
    assert delta_chi2(term, term.best) == pytest.approx(0.0, abs=1e-10)
    gradient = derivatives(term, np.tile(term.best, (POINTS, 1)))[0][0]
    np.testing.assert_allclose(gradient * scale(term), 0.0, atol=2e-5)
    assert np.max(values(term, around(term, 3.0, 2000))) <= 1e-9


@EVERY
def test_finite_with_finite_derivatives_everywhere_and_forward_equals_reverse(term):
    points = around(term, 3.0)
    points[:6] = scale(term) * np.array([0.0, 1e-15, -1.0, 1e6, -1e6, 1.0])[:, None]
    assert np.all(np.isfinite(values(term, points)))
    reverse, forward, hessian = derivatives(term, points)
    assert np.all(np.isfinite(hessian))
    np.testing.assert_allclose(reverse, forward, rtol=1e-9, atol=1e-9 * np.max(np.abs(reverse)))


@EVERY
def test_gradient_and_hessian_are_finite_differences(term):
    points, unit = around(term, 0.1), scale(term)
    gradient, _, hessian = derivatives(term, points)
    for k, direction in enumerate(np.eye(unit.size)):
        step = 1e-5 * unit * direction
        first = (values(term, points + step) - values(term, points - step)) / (2.0 * step[k])
        np.testing.assert_allclose(gradient[:, k] * unit[k], first * unit[k], rtol=1e-5, atol=1e-5)
        ahead, behind = (derivatives(term, points + s * step)[0] for s in (1, -1))
        error = np.abs((ahead - behind) / (2.0 * step[k]) - hessian[:, k]) * unit[k] * unit
        # The second derivative of a spline has kinks at its nodes, which a few differences step over.
        assert np.quantile(error, 0.9) < 1e-6 * np.max(np.abs(hessian[:, k]) * unit[k] * unit)


@pytest.mark.parametrize(("best", "plus", "minus"), [(0.47, 0.017, 0.013), (7.49e-5, 1.9e-6, 1.9e-6), (-2.0, 3.0, 1.0)])
def test_split_gaussian_is_exact_at_and_outside_one_sigma(best, plus, minus):
    term = SplitGaussian(best, plus, minus)
    for n in (1.0, 1.5, 3.0, 7.0):
        assert delta_chi2(term, best + n * plus) == pytest.approx(n**2, rel=1e-9)
        assert delta_chi2(term, best - n * minus) == pytest.approx(n**2, rel=1e-9)
    inside = np.linspace(best - minus, best + plus, 400)
    pulls = np.sign(inside - best) * np.sqrt(np.abs(2.0 * values(term, inside[:, None])))
    assert np.all(np.diff(pulls) > 0.0)
    joints = np.repeat([best - minus, best, best + plus], POINTS // 3)[:, None]
    below, above = (derivatives(term, joints + s * 1e-6 * plus)[2] for s in (-1, 1))
    np.testing.assert_allclose(below, above, rtol=1e-3)


def test_circular_gaussian_is_periodic_smooth_at_the_antipode_and_exact_at_one_sigma():
    term = TERMS["circular"]
    best, plus, minus = (math.radians(v) for v in (212.0, 26.0, 41.0))
    assert -math.pi < term.best.item() <= math.pi
    for turns in (-2.0, -1.0, 0.0, 1.0):
        assert delta_chi2(term, best + plus + turns * TURN) == pytest.approx(1.0, abs=1e-8)
        assert delta_chi2(term, best - minus + turns * TURN) == pytest.approx(1.0, abs=1e-8)
    cuts = np.resize([math.pi, best + math.pi, best - math.pi], (POINTS, 1))
    np.testing.assert_allclose(values(term, cuts - 1e-9), values(term, cuts + 1e-9), rtol=1e-6, atol=1e-6)
    for below, above in zip(*(derivatives(term, cuts + s * 1e-9) for s in (-1, 1)), strict=True):
        np.testing.assert_allclose(below, above, rtol=1e-6, atol=1e-6)
    assert term.deviation(jnp.array([best + TURN - 0.1])).item() == pytest.approx(-0.1)


def test_log_normal_is_scipys_up_to_its_norm_and_rises_from_zero():
    term, width = LogNormal(1e-10, math.log(2.0)), math.log(2.0)
    for value in (1e-13, 5e-11, 2e-10, 1e-6):
        expected = scipy.stats.norm.logpdf(math.log(value / 1e-10), scale=width) - scipy.stats.norm.logpdf(
            0, scale=width
        )
        assert term.log_likelihood(jnp.array([value])).item() == pytest.approx(expected, rel=1e-12)
    for value in (0.0, -1e-10):
        likelihood, slope = jax.value_and_grad(term.log_likelihood)(jnp.array([value]))
        assert np.isfinite(likelihood)
        assert likelihood < -500.0
        assert np.isfinite(slope[0])
        assert slope[0] > 0.0


def test_the_logarithm_is_continued_with_two_derivatives():
    for f in (continued_log, jax.grad(continued_log), jax.grad(jax.grad(continued_log))):
        below, above = f(1e-12 * (1.0 - 1e-9)), f(1e-12 * (1.0 + 1e-9))
        np.testing.assert_allclose(below, above, rtol=1e-8)


def test_limit_of_a_tiny_quantity_in_single_precision():
    """A moment squared, whose own square no such number can hold."""
    term = Limit((1.5e-12) ** 2, boundary=0.0, confidence=0.95)
    found = jax.tree.map(jnp.float32, term).log_likelihood(jnp.array([2.25e-24], jnp.float32))
    assert found.dtype == jnp.float32
    assert float(found) == pytest.approx(-0.5 * NormalDist().inv_cdf(0.975) ** 2, rel=1e-5)


@pytest.mark.parametrize(
    ("limit", "boundary", "confidence", "z"),
    [(0.10, 0.0, 0.9, 1.644854), (0.88, 1.0, 0.9, 1.644854), (0.7, 1.0, 0.95, 1.959964)],
)
def test_limits_hold_their_confidence_level_in_the_physical_half(limit, boundary, confidence, z):
    term = Limit(limit, boundary=boundary, confidence=confidence)
    assert delta_chi2(term, limit) == pytest.approx(z**2, rel=1e-6)
    inside, outside = sorted((limit, boundary)), 1.0 if limit > boundary else -1.0
    x = np.linspace(0.0, 12.0 * abs(limit - boundary), 20001) * outside + boundary
    density = np.exp(values(term, x[:, None]))
    within = (x >= inside[0]) & (x <= inside[1])
    assert density[within].sum() / density.sum() == pytest.approx(confidence, abs=1e-3)


def test_curve_is_scipys_spline_less_its_minimum():
    term, reference = TERMS["curve"], scipy.interpolate.CubicSpline(NODES, CURVE)
    roots = reference.derivative().roots(extrapolate=False)
    lowest = roots[np.argmin(reference(roots))]
    assert term.best.item() == pytest.approx(lowest, abs=1e-7)
    points = np.linspace(-1.0, 2.0, 101)
    ours = -2.0 * values(term, points[:, None])
    np.testing.assert_allclose(ours, reference(points) - reference(lowest), rtol=0, atol=1e-11)


def test_logarithmic_table_takes_its_value_in_plain_units():
    term = TERMS["decades"]
    assert term.best.item() == pytest.approx(10.0**-4.13, rel=1e-7)
    assert delta_chi2(term, 10.0**-4.09) == pytest.approx(4.0, rel=1e-6)


def test_outside_a_table_it_goes_on_growing_from_value_and_slope_at_the_edge():
    term = TERMS["curve"]
    edge = delta_chi2(term, 2.0)
    slope = scipy.interpolate.CubicSpline(NODES, CURVE)(2.0, 1)
    step = 1e-4
    assert delta_chi2(term, 2.0 + step) == pytest.approx(edge + slope * step, rel=1e-6)
    assert np.all(np.diff(values(term, np.linspace(2.0, 500.0, 300)[:, None])) < 0.0)


def test_a_pair_is_the_sum_of_curves_where_it_is_built_so_and_grows_off_its_corners():
    pair, value = TERMS["pair"], jnp.array([0.91, 4.0])
    alone = TERMS["curve"].log_likelihood(value[:1]) + TERMS["phase"].log_likelihood(value[1:])
    assert pair.log_likelihood(value).item() == pytest.approx(alone.item(), rel=1e-10)
    # Strong correlation: the bilinear term off a corner must not win over the parabolas.
    x = np.linspace(-1.0, 1.0, 21)
    ellipse = 40.0 * (x[:, None] ** 2 + x**2 - 1.9 * x[:, None] * x)
    term = Tabulated([Linear(), Linear()], [x, x], ellipse)
    for direction in ((1.0, 1.0), (-1.0, -1.0)):
        assert np.all(np.diff(values(term, np.outer(np.linspace(1.0, 100.0, 200), direction))) < 0.0)


@pytest.mark.parametrize("name", TERMS)
def test_simulated_best_values_scatter_around_the_truth(name):
    term = TERMS[name]
    keys = jax.random.split(jax.random.key(7), 4000)
    truth = jnp.asarray(term.best) * 1.01

    @jax.jit
    @jax.vmap
    def draw(key):
        moved = term.simulate(key, truth)
        return moved.best, moved.log_likelihood(moved.best), moved.log_likelihood(truth)

    best, at_best, at_truth = draw(keys)
    np.testing.assert_allclose(at_best, 0.0, atol=1e-8)
    assert np.all(np.isfinite(best))
    assert jax.tree.structure(term.simulate(keys[0], truth)) == jax.tree.structure(term)
    if name not in ("upper", "lower"):
        inside = np.mean(-2.0 * at_truth < 1.0)
        assert inside == pytest.approx(scipy.stats.chi2.cdf(1.0, term.best.size), abs=0.06)


def test_a_simulated_limit_may_be_measured_beyond_its_boundary():
    term, truth = Limit(0.10, boundary=0.0), jnp.array([0.0])
    moved = jax.vmap(lambda key: term.simulate(key, truth))(jax.random.split(jax.random.key(0), 2000))
    assert np.min(moved.best) == 0.0
    assert np.mean(moved.measured < 0.0) == pytest.approx(0.5, abs=0.05)
    below = eqx.tree_at(lambda t: (t.measured, t.best), term, (jnp.array([-0.05]), jnp.array([0.0])))
    sigma = 0.10 / NormalDist().inv_cdf(0.95)
    assert delta_chi2(below, 0.02) == pytest.approx((0.07**2 - 0.05**2) / sigma**2, rel=1e-10)


def test_angles_wrap_into_the_half_open_turn():
    np.testing.assert_allclose(wrapped(np.array([-math.pi, math.pi, 3.0 * math.pi])), math.pi)
    np.testing.assert_allclose(wrapped(np.array([4.0, -4.0, 0.0])), [4.0 - TURN, TURN - 4.0, 0.0])


DEVIANCES = [
    (0.0, 0.0, 0.0, 1.0, 0.0),
    (0.0, 2.0, 2.0, 1.0, 0.0),
    (3.0, 3.0, 0.0, 0.0, 1.0 / 3.0),
    (3.0, 1.0, 3.0 * math.log(3.0) - 2.0, -2.0, 3.0),
    (3.0, 0.0, math.inf, 0.0, 0.0),
    (3.0, -1.0, math.inf, 0.0, 0.0),
    (0.0, -1.0, math.inf, 0.0, 0.0),
]
"""Events, expectation; half the deviance with its first and second derivative."""


@pytest.mark.parametrize(("count", "expected", "value", "slope", "curvature"), DEVIANCES)
def test_poisson_is_defined_everywhere(count, expected, value, slope, curvature):
    """In an empty bin too, where nothing is expected; a negative expectation cannot be, and is no NaN."""

    def half(t):
        return half_deviance(jnp.array([count]), t.reshape(1))[0]

    at = jnp.asarray(expected)
    found = half(at), jax.grad(half)(at), jax.hessian(half)(at)
    np.testing.assert_allclose(found, [value, slope, curvature], rtol=1e-14, atol=1e-14)
    root = pull(count, expected)
    assert root == (-math.inf if math.isinf(value) else pytest.approx(math.copysign(math.sqrt(2 * value), root)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SplitGaussian(np.nan, 1.0, 1.0), "Argument `best` must be finite"),
        (lambda: SplitGaussian(0.0, 0.0, 1.0), r"Argument `plus` must lie in \(0"),
        (lambda: SplitGaussian(0.0, 1.0, np.inf), "Argument `minus` must"),
        (lambda: SplitGaussian(0.0, 4.0, 1.0), "Argument `plus` must lie within a factor 3"),
        (lambda: CircularSplitGaussian(0.0, 2.0, 1.0), "Argument `plus` must lie in"),
        (lambda: LogNormal(0.0, 0.3), "Argument `best` must lie in"),
        (lambda: LogNormal(1.0, np.nan), "Argument `width` must be finite"),
        (lambda: Limit(0.1, boundary=0.1), "Argument `limit` must differ"),
        (lambda: Limit(0.1, boundary=0.0, confidence=1.0), "Argument `confidence` must lie in"),
        (
            lambda: Tabulated([Linear()], [NODES], np.where(NODES > 1, np.nan, CURVE)),
            "Argument `delta_chi2` must be finite",
        ),
        (lambda: Tabulated([Linear()], [np.where(NODES > 1, np.nan, NODES)], CURVE), "Argument `nodes` must be finite"),
        (lambda: Tabulated([Linear()], [NODES, NODES], CURVE), "Argument `nodes` must be as many as `axes`"),
        (lambda: Tabulated([Linear()], [NODES], -CURVE), "Argument `delta_chi2` must fall inward"),
    ],
)
def test_bad_input_names_the_argument(build, message):
    with pytest.raises(ValueError, match=message):
        build()
