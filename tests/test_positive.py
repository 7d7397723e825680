"""Inverse and determinant of a covariance: values, derivatives of first and second order."""

import jax
import numpy as np
import pytest
from helpers import gradients, hessians

from nmmjax.numerics.positive import inverse_and_log_determinant
from nmmjax.testing import check_derivatives

RNG = np.random.default_rng(0)
A, B = (RNG.normal(size=(7, 7)) for _ in range(2))
S, D = A @ A.T + np.eye(7), B + B.T


def test_values():
    inverse, log_determinant = inverse_and_log_determinant(S)
    np.testing.assert_allclose(inverse, np.linalg.inv(S), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(log_determinant, np.linalg.slogdet(S)[1], rtol=1e-13)


def gaussian(x, v):
    inverse, log_determinant = inverse_and_log_determinant(S + x[0] * D + x[1] ** 2 * np.eye(7))
    return v @ inverse @ v + log_determinant


def test_derivatives():
    v, x = RNG.normal(size=7), np.array([0.01, 0.3])
    check_derivatives(gaussian, x, v, rtol=1e-7, atol=1e-8)
    slope, step = gradients(gaussian)["reverse"], 1e-6
    numeric = np.stack([(slope(x + step * e, v) - slope(x - step * e, v)) / (2 * step) for e in np.eye(2)])
    for mode, hessian in hessians(gaussian).items():
        np.testing.assert_allclose(hessian(x, v), numeric, rtol=1e-6, atol=1e-6, err_msg=mode)


def test_equal_eigenvalues():
    """At the unit matrix the slope of ln det is the trace."""
    assert jax.grad(lambda t: inverse_and_log_determinant(np.eye(7) + t * D)[1])(0.0) == pytest.approx(np.trace(D))
