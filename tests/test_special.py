"""Larger, smaller and clipped: their values, and derivatives that no rounding can lose."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax.numerics.special import clipped, larger, smaller

NAN = float("nan")


@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (2.0, 1.0), (-0.5, -0.5), (np.inf, 1.0), (-np.inf, np.inf)])
def test_values_are_those_of_numpy(x, y):
    assert larger(x, y) == np.maximum(x, y)
    assert smaller(x, y) == np.minimum(x, y)


@pytest.mark.parametrize("function", [larger, smaller])
@pytest.mark.parametrize("pair", [(NAN, 1.0), (1.0, NAN), (NAN, NAN)])
def test_a_fault_is_not_hidden(function, pair):
    assert np.isnan(function(*pair))


@pytest.mark.parametrize(("x", "value", "slope"), [(-1.0, 0.0, 0.0), (0.25, 0.25, 1.0), (3.0, 0.5, 0.0)])
def test_clipped(x, value, slope):
    assert clipped(x, 0.0, 0.5) == value
    assert jax.grad(clipped)(x, 0.0, 0.5) == slope


def test_at_a_tie_the_second_has_the_derivative():
    for function in (larger, smaller):
        assert jax.grad(function, (0, 1))(1.0, 1.0) == (0.0, 1.0)


def test_one_of_two_has_the_derivative_whatever_the_result_is():
    """The rule compares the arguments with each other, and neither with the result: no compiler can make it zero."""
    for function in (larger, smaller):
        text = str(jax.make_jaxpr(lambda x, y, f=function: jax.jvp(f, (x, y), (x, y)))(1.0, 2.0))
        assert " eq " not in text
        assert sum(map(float, jax.grad(function, (0, 1))(1.0, jnp.nextafter(1.0, 2.0)))) == 1.0
