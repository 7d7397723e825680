from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

from nmmjax import mixing

examples = settings(max_examples=50, deadline=None)
inside = st.floats(0.02, np.pi / 2 - 0.02)
phase = st.floats(-np.pi + 1e-6, np.pi)
parameters = st.tuples(inside, inside, inside, phase, phase, phase)
row_phases = st.tuples(*3 * [st.floats(-4.0, 4.0)])
POINT = (0.58, 0.15, 0.8, -2.1, 1.3, -2.9)


def rotation(i, j, angle, delta=0.0):
    R = np.eye(3, dtype=complex)
    R[i, i] = R[j, j] = np.cos(angle)
    R[i, j], R[j, i] = np.sin(angle) * np.exp(-1j * delta), -np.sin(angle) * np.exp(1j * delta)
    return R


def with_phases(t12, t13, t23, delta, a21, a31):
    return mixing.pmns(t12, t13, t23, delta) @ mixing.majorana_phases(a21, a31)


def wrapped(x):
    return np.angle(np.exp(1j * np.asarray(x)))


# Angles -> matrices


@examples
@given(st.tuples(*4 * [st.floats(-7.0, 7.0)]))
def test_pmns_is_the_product_of_rotations(x):
    t12, t13, t23, delta = x
    U = rotation(1, 2, t23) @ rotation(0, 2, t13, delta) @ rotation(0, 1, t12)
    np.testing.assert_allclose(mixing.pmns(*x), U, rtol=0, atol=1e-14)


def test_majorana_phases_by_hand():
    expected = np.diag([1.0, np.exp(0.65j), np.exp(-1.45j)])
    np.testing.assert_allclose(mixing.majorana_phases(1.3, -2.9), expected, atol=1e-15)


def test_matrices_broadcast():
    U = mixing.pmns(jnp.linspace(0.1, 0.5, 4), 0.1, jnp.linspace(0.5, 0.9, 3)[:, None], 1.0)
    assert U.shape == (3, 4, 3, 3)
    np.testing.assert_allclose(U[2, 1], mixing.pmns(0.1 + 0.4 / 3, 0.1, 0.9, 1.0), atol=1e-15)
    M = mixing.mass_squared_matrix(U, 7.5e-5, jnp.array([2.5e-3, -2.4e-3, 1e-3])[:, None])
    assert M.shape == (3, 4, 3, 3)


@examples
@given(parameters, st.tuples(*3 * [st.floats(0.0, 1.0)]))
def test_mass_matrices(x, masses):
    """All three constructions square to the same matrix; the Majorana one is symmetric."""
    U, m = with_phases(*x), np.array(masses)
    majorana, dirac = np.asarray(mixing.majorana_mass_matrix(U, m)), np.asarray(mixing.dirac_mass_matrix(U, m))
    dm21, dm31 = m[1:] ** 2 - m[0] ** 2
    squared = np.asarray(mixing.mass_squared_matrix(U, dm21, dm31)) + m[0] ** 2 * np.eye(3)
    np.testing.assert_allclose(majorana, majorana.T, rtol=0, atol=1e-15)
    np.testing.assert_allclose(np.asarray(U).T @ majorana @ np.asarray(U), np.diag(m), atol=1e-14)
    np.testing.assert_allclose(majorana.conj().T @ majorana, squared, atol=1e-14)
    np.testing.assert_allclose(dirac.conj().T @ dirac, squared, atol=1e-14)


def test_mass_squared_with_a_sterile_state():
    U = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    M = mixing.mass_squared_matrix(U, 7.5e-5, 2.5e-3, 1.0)
    np.testing.assert_allclose(M, U @ np.diag([0, 7.5e-5, 2.5e-3, 1.0]) @ U.T, atol=1e-15)


# Matrices -> angles


@examples
@given(parameters, row_phases)
def test_round_trip_through_any_row_phases(x, rows):
    U = np.exp(1j * np.array(rows))[:, None] * np.asarray(with_phases(*x))
    found = np.array(mixing.angles(U))
    np.testing.assert_allclose(wrapped(found - np.array(x)), 0.0, atol=1e-9)
    assert np.all((found[3:] > -np.pi) & (found[3:] <= np.pi))
    for f, angle in zip((mixing.sin2_theta12, mixing.sin2_theta13, mixing.sin2_theta23), x, strict=False):
        np.testing.assert_allclose(f(U), np.sin(angle) ** 2, atol=1e-13)


@examples
@given(parameters, row_phases, row_phases)
def test_dirac_quantities_through_any_column_phases(x, rows, columns):
    U = np.exp(1j * np.array(rows))[:, None] * np.asarray(mixing.pmns(*x[:4])) * np.exp(1j * np.array(columns))
    np.testing.assert_allclose(wrapped(mixing.delta_cp(U) - x[3]), 0.0, atol=1e-9)
    (s12, s13, s23), (c12, c13, c23) = np.sin(x[:3]), np.cos(x[:3])
    expected = s12 * c12 * s23 * c23 * s13 * c13**2 * np.sin(x[3])
    np.testing.assert_allclose(mixing.jarlskog(U), expected, atol=1e-14)
    minor = U[0, 0] * U[1, 1] * np.conj(U[0, 1] * U[1, 0])
    np.testing.assert_allclose(mixing.jarlskog(U), minor.imag, atol=1e-14)


@pytest.mark.parametrize("delta", [np.pi, -np.pi])
def test_maximal_cp_conservation_is_pi(delta):
    assert float(mixing.delta_cp(mixing.pmns(0.5, 0.1, 0.8, delta).real)) == np.pi


def test_majorana_phases_survive_vanishing_theta13():
    """alpha31 is physical at theta13 = 0 although delta is not."""
    U = with_phases(0.6, 0.0, 0.8, 0.0, 1.3, -2.9)
    np.testing.assert_allclose(mixing.angles(U)[3:], [0.0, 1.3, -2.9], atol=1e-14)


def test_angles_of_a_matrix_with_a_sterile_state():
    U = np.eye(4, dtype=complex)
    U[:3, :3] = with_phases(*POINT)
    np.testing.assert_allclose(mixing.angles(U), POINT, atol=1e-14)


def quantities(x):
    U = with_phases(*x)
    rest = (mixing.sin2_theta12(U), mixing.sin2_theta13(U), mixing.sin2_theta23(U), mixing.jarlskog(U))
    return jnp.stack([*mixing.angles(U), *rest])


@pytest.fixture(scope="module")
def derivatives():
    """Value, gradient and Hessian, compiled once."""
    return jax.jit(quantities), jax.jit(jax.jacrev(quantities)), jax.jit(jax.hessian(quantities))


def test_derivatives_of_the_round_trip(derivatives):
    x = jnp.array(POINT)
    _, gradient, hessian = derivatives
    gradient, hessian, forward = gradient(x), hessian(x), jax.jit(jax.jacfwd(quantities))(x)
    assert_close(forward, gradient, 1e-13)
    assert_close(gradient[:6], np.eye(6), 1e-13)
    assert_close(gradient[6:9], np.diag(np.sin(2 * x))[:3], 1e-13)
    assert_close(hessian[:6], np.zeros((6, 6, 6)), 1e-11, scale=1.0)
    for i in range(3):
        assert_close(hessian[6 + i], np.diag(2 * np.cos(2 * x) * (np.arange(6) == i)), 1e-12)


def test_sine_squared_is_smooth_at_zero(derivatives):
    """d^2 sin^2(theta13) / d theta13^2 = 2 at theta13 = 0, where theta13 itself has a kink."""
    hessian = derivatives[2](jnp.array([0.5, 0.0, 0.8, 1.0, 0.4, -0.7]))
    np.testing.assert_allclose(hessian[7, 1, 1], 2.0, atol=1e-14)


QUARTER = np.pi / 2
UNDEFINED = [
    (0.0, 0.0, 0.0),
    (0.5, 0.0, 0.8),
    (0.5, QUARTER, 0.8),
    (0.5, 0.1, 0.0),
    (0.5, 0.1, QUARTER),
    (0.0, 0.1, 0.7),
    (QUARTER, 0.1, 0.7),
    (QUARTER, QUARTER, QUARTER),
]


@pytest.mark.parametrize("theta", UNDEFINED)
def test_undefined_phases_are_zero_and_nothing_is_nan(theta, derivatives):
    value, gradient, hessian = derivatives
    x = jnp.array([*theta, 1.0, 0.4, -0.7])
    known = [1] if theta[1] == QUARTER else [0, 1, 2]  # the others hang on what rounding makes of cos(pi/2) = 0
    np.testing.assert_allclose(np.asarray(value(x))[known], np.asarray(theta)[known], atol=1e-15)
    assert float(value(x)[3]) == 0.0
    np.testing.assert_array_equal(gradient(x)[3], 0.0)
    assert np.all(np.isfinite(gradient(x)))
    assert np.all(np.isfinite(hessian(x)))


def test_permutations_have_finite_gradients():
    """Where an element of U is exactly zero, angles and phases are flat in it."""
    U = jnp.stack([np.eye(3)[list(rows)] for rows in permutations(range(3))])

    def f(x):
        return jnp.stack(mixing.angles(U + x[0] + 1j * x[1]))

    x = jnp.zeros((2, 3, 3))
    assert np.all(np.isfinite(f(x)))
    assert np.all(np.isfinite(jax.jit(jax.jacrev(f))(x)))
    assert np.all(np.isfinite(jax.jit(jax.jacfwd(f))(x)))


def test_rounding_noise_in_u_e3_is_no_phase():
    """What a decomposition leaves of U_e3 = 0 must not be taken for a CP phase with a huge gradient."""
    U = np.asarray(mixing.pmns(0.6, 0.0, np.pi / 4)).copy()
    U[0, 2] = 3e-17 * np.exp(2.0j)
    f = lambda x: mixing.delta_cp(jnp.asarray(U) + x)  # noqa: E731
    assert float(f(jnp.zeros((3, 3)))) == 0.0
    np.testing.assert_array_equal(jax.grad(f)(jnp.zeros((3, 3))), 0.0)


# Labels

ORDERS = [
    ([0.0, 7.5e-5, 2.5e-3], [0, 1, 2]),
    ([0.0, 2.4e-3, 2.5e-3], [1, 2, 0]),
    ([0.0, 1.0, 2.0], [0, 1, 2]),
    ([1.0, 1.0, 1.0], [0, 1, 2]),
    ([0.0, 0.0, 1.0], [0, 1, 2]),
    ([0.0, 1.0, 1.0], [1, 2, 0]),
    ([0.0, 2.4e-3, 2.5e-3, 1.0, 3.0], [1, 2, 0, 3, 4]),
]


@pytest.mark.parametrize(("m2", "order"), ORDERS)
def test_labels(m2, order):
    np.testing.assert_array_equal(mixing.label_order(jnp.array(m2)), order)
    np.testing.assert_array_equal(jax.jit(mixing.label_order)(jnp.array(m2)), order)


def test_labels_in_batches_and_under_differentiation():
    m2 = jnp.array([[0.0, 7.5e-5, 2.5e-3], [0.0, 2.4e-3, 2.5e-3]])
    np.testing.assert_array_equal(mixing.label_order(m2), [[0, 1, 2], [1, 2, 0]])
    np.testing.assert_array_equal(jax.vmap(mixing.label_order)(m2), [[0, 1, 2], [1, 2, 0]])

    def dm31(m2):
        ordered = m2[mixing.label_order(m2)]
        return ordered[2] - ordered[0]

    np.testing.assert_array_equal(jax.vmap(jax.grad(dm31))(m2), [[-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])


# Errors


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: mixing.pmns(np.nan, 0.1, 0.1), "theta12"),
        (lambda: mixing.pmns(0.1, 0.1, 0.1, 1j), "delta_cp"),
        (lambda: mixing.majorana_phases(0.1, np.inf), "alpha31"),
        (lambda: mixing.mass_squared_matrix(np.eye(2), 1.0, 1.0), "pmns"),
        (lambda: mixing.mass_squared_matrix(np.eye(4), 1.0, 1.0), "pmns"),
        (lambda: mixing.mass_squared_matrix(np.eye(3), 1.0, np.nan), "dm31"),
        (lambda: mixing.majorana_mass_matrix(np.eye(3), np.ones(2)), "masses"),
        (lambda: mixing.dirac_mass_matrix(np.eye(3), -np.ones(3)), "masses"),
        (lambda: mixing.angles(np.full((3, 3), np.nan)), "pmns"),
        (lambda: mixing.delta_cp(np.ones((3, 2))), "pmns"),
        (lambda: mixing.label_order(np.ones(2)), "mass_squared"),
        (lambda: mixing.label_order(np.array([0.0, 2.0, 1.0])), "mass_squared"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"Argument `{name}` must"):
        call()


def test_angles_of_mixed_precision():
    U = mixing.pmns(np.float64(0.59), np.float64(0.15), np.float64(0.78), np.float32(0.5))
    assert U.dtype == complex
    np.testing.assert_array_equal(U, mixing.pmns(0.59, 0.15, 0.78, 0.5))
