"""Marginalized linear nuisances against scipy, quadrature and least squares."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import nmmjax  # noqa: F401
from nmmjax.experiments.likelihoods import gaussian

RNG = np.random.default_rng(3)
VARIANCE = RNG.uniform(0.5, 2.0, 7)
MODES = RNG.normal(size=(7, 4)) * [0.1, 1.0, 30.0, 1e-3]
RESIDUAL = RNG.normal(size=7)
COVARIANCE = np.diag(VARIANCE) + MODES @ MODES.T


def test_covariance_and_determinant():
    np.testing.assert_allclose(gaussian.covariance(jnp.asarray(VARIANCE), jnp.asarray(MODES)), COVARIANCE, rtol=1e-13)
    expected = np.linalg.slogdet(COVARIANCE)[1]
    assert float(gaussian.log_determinant(jnp.asarray(VARIANCE), jnp.asarray(MODES))) == pytest.approx(expected)


@pytest.mark.parametrize("reference", [None, 0.0, 1.5])
def test_log_likelihood_is_that_of_a_multivariate_normal(reference):
    got = gaussian.log_likelihood(jnp.asarray(RESIDUAL), jnp.asarray(VARIANCE), jnp.asarray(MODES), reference=reference)
    expected = -0.5 * RESIDUAL @ np.linalg.solve(COVARIANCE, RESIDUAL)
    if reference is not None:
        expected = multivariate_normal(np.zeros(7), COVARIANCE).logpdf(RESIDUAL)
        expected += 0.5 * (7 * np.log(2 * np.pi) + reference)
    assert float(got) == pytest.approx(expected, rel=1e-11)


def test_marginalization_is_the_integral_over_the_nuisance():
    z = np.linspace(-12.0, 12.0, 4001)
    mode = MODES[:, 1]
    integrand = norm.pdf(z) * np.prod(norm.pdf(RESIDUAL - z[:, None] * mode, scale=np.sqrt(VARIANCE)), axis=1)
    expected = np.log(np.trapezoid(integrand, z)) + 0.5 * 7 * np.log(2 * np.pi)
    got = gaussian.log_likelihood(
        jnp.asarray(RESIDUAL), jnp.asarray(VARIANCE), jnp.asarray(mode[:, None]), reference=0.0
    )
    assert float(got) == pytest.approx(expected, rel=1e-11)


def test_best_amplitudes_solve_least_squares():
    design = np.concatenate([MODES / np.sqrt(VARIANCE)[:, None], np.eye(4)])
    expected, *_ = np.linalg.lstsq(design, np.concatenate([RESIDUAL / np.sqrt(VARIANCE), np.zeros(4)]))
    got = gaussian.best_amplitudes(jnp.asarray(RESIDUAL), jnp.asarray(VARIANCE), jnp.asarray(MODES))
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-13)


def test_whitening():
    white = np.asarray(gaussian.whitening(jnp.asarray(COVARIANCE)))
    np.testing.assert_allclose(white @ COVARIANCE @ white.T, np.eye(7), atol=1e-12)


def test_draws_have_the_covariance():
    keys = jax.random.split(jax.random.key(0), 40_000)
    draws = jax.vmap(lambda key: gaussian.draw(key, jnp.asarray(VARIANCE), jnp.asarray(MODES)))(keys)
    white = np.asarray(draws) @ np.linalg.inv(np.linalg.cholesky(COVARIANCE)).T
    np.testing.assert_allclose(white.mean(0), 0.0, atol=0.025)
    np.testing.assert_allclose(np.cov(white.T), np.eye(7), atol=0.04)


def test_gradients_by_finite_differences():
    @jax.jit
    def f(scale):
        modes = jnp.asarray(MODES) * jnp.exp(scale)
        return gaussian.log_likelihood(
            jnp.asarray(RESIDUAL) * (1 + scale), VARIANCE * (1 + scale**2), modes, reference=0.0
        )

    step = 1e-5
    expected = (f(0.1 + step) - f(0.1 - step)) / (2 * step)
    assert float(jax.grad(f)(0.1)) == pytest.approx(float(expected), rel=1e-7)
    assert float(jax.jvp(f, (0.1,), (1.0,))[1]) == pytest.approx(float(expected), rel=1e-7)
