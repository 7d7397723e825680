"""Splines against scipy, their derivatives against the same splines, and what happens at and beyond the edges."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.interpolate

from nmmjax.numerics.interpolate import BicubicSpline, CubicSpline, complete_grid

X = np.linspace(0.0, 1.0, 23) ** 1.4 * 3.0 - 0.5
Y = np.sin(2.0 * X) + 0.3 * X**2
ANGLE = np.sort(np.random.default_rng(0).uniform(-np.pi, np.pi, 31))
WAVE = np.cos(ANGLE) + 0.4 * np.sin(3.0 * ANGLE)
INSIDE = np.concatenate([np.linspace(X[0], X[-1], 211), X])


def derivatives(spline, points):
    """Value, first and second derivative at each point."""
    return jax.jit(jax.vmap(lambda p: (spline(p), jax.grad(spline)(p), jax.hessian(spline)(p))))(points)


def test_curve_and_its_derivatives_agree_with_scipy():
    reference = scipy.interpolate.CubicSpline(X, Y)
    for order, ours in enumerate(derivatives(CubicSpline(X, Y), INSIDE)):
        np.testing.assert_allclose(ours, reference(INSIDE, order), rtol=0, atol=1e-11 * 20**order)


def test_periodic_curve_agrees_with_scipy_on_every_turn():
    turn = 2.0 * np.pi
    closed = np.append(ANGLE, ANGLE[0] + turn), np.append(WAVE, WAVE[0])
    reference = scipy.interpolate.CubicSpline(*closed, bc_type="periodic")
    points = np.linspace(-9.0, 15.0, 301)
    for order, ours in enumerate(derivatives(CubicSpline(ANGLE, WAVE, period=turn), points)):
        np.testing.assert_allclose(ours, reference(points, order), rtol=1e-9, atol=1e-9)


def surface():
    x, y = np.linspace(0.0, 1.0, 14) ** 1.3, np.linspace(-1.0, 2.0, 19)
    return x, y, np.sin(3.0 * x)[:, None] * np.cos(2.0 * y) + x[:, None] * y**2


def test_surface_and_its_derivatives_agree_with_scipy():
    x, y, z = surface()
    reference = scipy.interpolate.RectBivariateSpline(x, y, z, s=0)
    spline = BicubicSpline(x, y, z)
    points = np.random.default_rng(1).uniform([0.0, -1.0], [1.0, 2.0], (200, 2))
    value, gradient, hessian = derivatives(lambda p: spline(p[0], p[1]), points)

    def expected(dx, dy):
        return reference(*points.T, dx=dx, dy=dy, grid=False)

    np.testing.assert_allclose(value, expected(0, 0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(gradient, np.stack([expected(1, 0), expected(0, 1)], -1), rtol=0, atol=1e-10)
    np.testing.assert_allclose(hessian[:, 0, 0], expected(2, 0), rtol=0, atol=1e-8)
    np.testing.assert_allclose(hessian[:, 0, 1], expected(1, 1), rtol=0, atol=1e-8)
    np.testing.assert_allclose(hessian[:, 1, 1], expected(0, 2), rtol=0, atol=1e-8)


def test_surface_with_a_periodic_axis_is_the_product_of_its_curves():
    x = np.linspace(0.0, 1.0, 9)
    spline = BicubicSpline(x, ANGLE, np.outer(np.exp(x), WAVE), periods=(None, 2.0 * np.pi))
    first, second = CubicSpline(x, np.exp(x)), CubicSpline(ANGLE, WAVE, period=2.0 * np.pi)
    p, q = np.random.default_rng(2).uniform([0.0, -8.0], [1.0, 8.0], (50, 2)).T
    np.testing.assert_allclose(spline(p, q), first(p) * second(q), rtol=0, atol=1e-13)


def test_beyond_the_table_value_and_slope_continue_with_a_parabola():
    spline = CubicSpline(X, Y, curvature=(3.0, 7.0))
    reference = scipy.interpolate.CubicSpline(X, Y)
    for edge, step, curvature in ((X[0], -1.7, 3.0), (X[-1], 2.3, 7.0)):
        expected = reference(edge) + reference(edge, 1) * step + 0.5 * curvature * step**2
        value, slope, second = derivatives(spline, jnp.array([edge + step]))
        np.testing.assert_allclose(value[0], expected, rtol=1e-12)
        np.testing.assert_allclose(slope[0], reference(edge, 1) + curvature * step, rtol=1e-11)
        np.testing.assert_allclose(second[0], curvature, rtol=1e-11)


@pytest.mark.parametrize("mode", [jax.grad, jax.jacfwd], ids=["reverse", "forward"])
def test_the_slope_at_an_edge_is_that_of_the_inside(mode):
    spline = CubicSpline(X, Y, curvature=5.0)
    for edge in (X[0], X[-1]):
        np.testing.assert_allclose(mode(spline)(edge), scipy.interpolate.CubicSpline(X, Y)(edge, 1), rtol=1e-11)


def test_surface_is_continuously_differentiable_across_every_edge_and_grows_outward():
    x, y, _ = surface()
    z = 40.0 * (x[:, None] - 0.4) ** 2 + 5.0 * (y - 0.6) ** 2 + 6.0 * (x[:, None] - 0.4) * (y - 0.6)
    spline = BicubicSpline(x, y, z, curvature=(80.0, 10.0))

    @jax.jit
    @jax.vmap
    def value_and_slopes(p):
        return jax.value_and_grad(lambda q: spline(q[0], q[1]))(p)

    edges = jnp.array(
        [[0.0, 0.3], [1.0, 0.3], [0.5, -1.0], [0.5, 2.0], [0.0, -1.0], [1.0, 2.0], [1.5, 2.0], [0.0, 3.0]]
    )
    step = 1e-9
    for direction in jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]):
        before, after = (value_and_slopes(edges + s * direction)[1] for s in (-step, step))
        np.testing.assert_allclose(before, after, atol=1e-6)
    # A quadratic surface goes on as itself: the extension is exact, off the corners too.
    far = np.random.default_rng(3).uniform([-9.0, -9.0], [9.0, 9.0], (100, 2))
    exact = 40.0 * (far[:, 0] - 0.4) ** 2 + 5.0 * (far[:, 1] - 0.6) ** 2 + 6.0 * (far[:, 0] - 0.4) * (far[:, 1] - 0.6)
    np.testing.assert_allclose(value_and_slopes(far)[0], exact, rtol=1e-10, atol=1e-9)


def test_numpy_evaluates_the_same_numbers():
    spline = jax.tree.map(np.asarray, CubicSpline(X, Y, curvature=1.0))
    points = np.linspace(-3.0, 6.0, 50)
    assert isinstance(spline(points, xp=np), np.ndarray)
    np.testing.assert_allclose(spline(points, xp=np), CubicSpline(X, Y, curvature=1.0)(points), rtol=1e-13)


def test_batches_of_tables_share_one_compilation():
    tables = jax.tree.map(lambda *leaves: jnp.stack(leaves), *[CubicSpline(X, k * Y) for k in (1.0, 2.0, 3.0)])
    values = jax.vmap(lambda spline: spline(jnp.array(0.7)))(tables)
    np.testing.assert_allclose(values, values[0] * np.array([1.0, 2.0, 3.0]), rtol=1e-13)


def test_missing_nodes_of_parabolas_are_restored_and_given_ones_kept():
    x, y = np.linspace(0.0, 1.0, 12) ** 1.5, np.linspace(-1.0, 1.0, 15)
    exact = 30.0 * (x[:, None] - 0.4) ** 2 + 20.0 * y**2 + 8.0 * x[:, None] * y - 3.0 * x[:, None] ** 2 * y
    holes = np.where(exact < 12.0, exact, np.nan)
    assert 0 < np.isnan(holes).sum() < holes.size
    filled = complete_grid(x, y, holes)
    np.testing.assert_allclose(filled, exact, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(filled[~np.isnan(holes)], exact[~np.isnan(holes)])


def test_missing_nodes_of_a_circular_axis_are_filled_around_the_seam():
    x, angle = np.linspace(0.0, 1.0, 8), np.linspace(-np.pi, np.pi, 36, endpoint=False)
    exact = x[:, None] ** 2 + 2.0 * np.cos(angle)
    holes = exact.copy()
    holes[:, :2], holes[:, -2:] = np.nan, np.nan
    np.testing.assert_allclose(complete_grid(x, angle, holes, periods=(None, 2.0 * np.pi)), exact, atol=0.03)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CubicSpline(X[:3], Y[:3]), r"Argument `x` must have shape \(n,\) with n >= 4"),
        (lambda: CubicSpline(X[::-1], Y), "Argument `x` must be ascending"),
        (lambda: CubicSpline(X, Y[:-1]), "Argument `y` must have the shape"),
        (lambda: CubicSpline(X, np.where(X > 1.0, np.nan, Y)), "Argument `y` must be finite, but it is nan at index"),
        (lambda: CubicSpline(ANGLE, WAVE, period=3.0), "Argument `x` must lie within one period"),
        (lambda: CubicSpline(X, Y, curvature=-1.0), "Argument `curvature` must lie in"),
        (lambda: BicubicSpline(X, X, np.zeros((23, 22))), "Argument `z` must have the shape"),
        (lambda: complete_grid(X, X, np.full((23, 23), np.nan)), "Argument `z` must determine its missing nodes"),
    ],
)
def test_bad_tables_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
