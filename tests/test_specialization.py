"""What does not depend on the last argument is computed once, and the rest is the same function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toys import toy_fit

from nmmjax import _compilation
from nmmjax._specialization import specialize

X = np.array([0.3, -1.2, 2.0])


@jax.custom_jvp
def cube(x):
    return x**3


@cube.defjvp
def _(primals, tangents):
    return cube(*primals), 30.0 * primals[0] ** 2 * tangents[0]  # ten times the slope: to be told from JAX's own


@jax.jit
def called(matrix, x):
    """A program in which only the end depends on x."""
    return jnp.linalg.inv(matrix @ matrix) @ x


def function(held, x):
    inverse = called(held["matrix"], x)
    grid = jnp.broadcast_to(held["number"], (50, 3)) * jnp.arange(50.0)[:, None]
    walked = jax.lax.scan(lambda carry, row: (carry + row @ x, carry), 0.0, grid)[0]
    branch = jax.lax.cond(x[0] > held["number"], jnp.sum, jnp.prod, x)
    return {
        "inverse": inverse,
        "cube": cube(x * held["number"]),
        "walked": walked + branch,
        "known": held["number"] ** 2,
    }


def held(scale):
    return {"matrix": scale * np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]]), "number": jnp.asarray(0.7)}


def total(specialized, x):
    return sum(jnp.sum(part) for part in specialized(x).values())


def test_it_is_the_same_function():
    for scale in (1.0, 1.7):
        given = held(scale)
        rest = specialize(function, given, X)
        for x in (X, -X, np.zeros(3)):
            jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-13), rest(x), function(given, x))


def test_derivatives_of_every_kind_are_the_same():
    """In both modes, with rules of one's own, and in batches."""
    given = held(1.0)
    rest = specialize(function, given, X)
    for of in (jax.grad, jax.hessian, lambda f: jax.vmap(jax.grad(f), 0)):
        x = np.stack([X, -X]) if of not in (jax.grad, jax.hessian) else X
        expected = of(lambda x: sum(jnp.sum(part) for part in function(given, x).values()))(x)
        np.testing.assert_allclose(of(lambda x: total(rest, x))(x), expected, rtol=1e-12)
    slope = jax.grad(lambda x: jnp.sum(rest(x)["cube"]))(X)
    np.testing.assert_allclose(slope, 30.0 * 0.7**3 * X**2, rtol=1e-13)


def test_what_does_not_depend_is_left_out():
    """Neither the inverse nor the grid is computed again; a spread-out number is kept as it is."""
    rest = specialize(function, held(1.0), X)
    text = jax.jit(lambda rest, x: rest(x)).lower(rest, X).as_text()
    assert "lapack" not in text
    assert "triangular" not in text
    assert sum(np.size(known) for known in rest.known) < 50 * 3 + 20


def test_what_is_repeated_is_left_out():
    """Also what a called program repeats, with equal constants; but 0 is not -0."""

    def twice(held, x):
        return [called(held["matrix"] + 1.0, jnp.sin(x) * np.array([1.0, 2.0, 3.0])) for _ in range(2)]

    def signs(held, x):
        return [1.0 / (held["number"] * 0.0 * x + zero) for zero in (0.0, -0.0)]

    text = str(jax.make_jaxpr(specialize(twice, held(1.0), X))(X))
    assert text.count("= sin") == text.count("dot_general[") == 1
    one, other = specialize(signs, held(1.0), -np.abs(X))(-np.abs(X))
    np.testing.assert_array_equal(one, -other)


def test_new_numbers_compile_nothing():
    once = jax.jit(total)
    once(specialize(function, held(1.0), X), X)
    before = _compilation.programs()
    changed = once(specialize(function, held(1.3), X), X)
    assert _compilation.programs() == before
    assert float(changed) == pytest.approx(float(total(specialize(function, held(1.3), X), X)), rel=1e-12)


def test_a_prepared_fit_has_the_density_of_the_fit():
    fit = toy_fit()
    prepared = fit.prepare()
    for z in np.random.default_rng(0).normal(size=(5, fit.space.size)):
        for jacobian in (True, False):
            assert float(prepared.log_density(z, jacobian=jacobian)) == pytest.approx(
                float(fit.log_density(z, jacobian=jacobian)), rel=1e-13, nan_ok=True
            )
