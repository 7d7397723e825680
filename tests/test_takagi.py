import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import (
    assert_close,
    gradients,
    hessians,
    mp_adjoint,
    mp_array,
    mp_derivatives,
    mp_eigensystem,
    random_hermitian,
    random_unitary,
)

from nmmjax.numerics.takagi import factorize, singular_values

DEMOCRATIC = np.ones((3, 3)) - np.eye(3)
MASSES = {
    "distinct": [0.01, 0.02, 0.05],
    "m1 = m2": [0.02, 0.02, 0.05],
    "m2 = m3": [0.01, 0.05, 0.05],
    "all equal": [0.05, 0.05, 0.05],
    "m1 = 0": [0.0, 0.0087, 0.05],
    "m1 = m2 = 0": [0.0, 0.0, 0.05],
    "m1 = 0, m2 = m3": [0.0, 0.05, 0.05],
    "all zero": [0.0, 0.0, 0.0],
    "hierarchical": [1e-12, 1e-9, 0.05],
    "hierarchical and equal": [1e-9, 1e-9, 0.05],
    "seesaw": [0.0, 1e-11, 5e-11, 1e5, 2e5],
    "n=6": [0.0, 0.0, 0.01, 0.01, 0.05, 1.0],
    "n=1": [0.3],
    "far apart": [1e-150, 1e-150, 1e-150, 1e150],
}


def symmetric(rng: np.random.Generator, masses) -> np.ndarray:
    """U^* diag(m) U^dagger with a random unitary U."""
    U = random_unitary(rng, len(masses))
    M = (U.conj() * np.asarray(masses)) @ U.conj().T
    return 0.5 * (M + M.T)


def matrices() -> list:
    rng = np.random.default_rng(1)
    cases = [(name, symmetric(rng, m)) for name, m in MASSES.items()]
    real = random_hermitian(rng, 3).real
    cases += [
        ("democratic", 0.02 * DEMOCRATIC + 0j),
        ("real", real),
        ("negative", -np.eye(3)),
        ("imaginary", 1j * real),
        ("one texture zero", np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])),
        ("Dirac pair", np.array([[0.0, 2.0], [2.0, 0.0]])),
        ("opposite signs", np.diag([1.0, -1.0, 0.5])),
        ("integers", np.ones((3, 3), int)),
    ]
    return [pytest.param(M, id=name) for name, M in cases]


def complex_symmetric(rng: np.random.Generator, n: int) -> np.ndarray:
    A = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return A + A.T


# --- The factorization ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("M", matrices())
def test_factorization(M):
    masses, U = (np.asarray(x) for x in factorize(M))
    scale = np.max(np.abs(M)) or 1.0
    assert np.all(masses >= 0.0)
    assert np.all(np.diff(masses) >= 0.0)
    assert_close(U.conj().T @ U, np.eye(len(M)), 1e-14)
    assert_close(U.T @ (M / scale) @ U, np.diag(masses / scale), 2e-15, scale=1.0)
    assert_close(masses / scale, np.linalg.svd(M / scale, compute_uv=False)[::-1], 2e-15, scale=1.0)


def test_batches():
    rng = np.random.default_rng(2)
    M = np.stack([symmetric(rng, MASSES[name]) for name in ("distinct", "m1 = m2", "m1 = m2 = 0", "all equal")])
    M = M.reshape(2, 2, 3, 3)
    masses, U = factorize(M)
    assert masses.shape == (2, 2, 3)
    assert_close(np.einsum("...ai,...ab,...bj->...ij", U, M, U), masses[..., None] * np.eye(3), 1e-14)
    assert_close(singular_values(M), masses, 1e-14)
    vmapped, _ = jax.jit(jax.vmap(jax.vmap(factorize)))(M)
    assert_close(vmapped, masses, 1e-14)


def test_float32_stays_float32():
    masses, U = factorize(jnp.asarray(DEMOCRATIC, jnp.complex64))
    assert masses.dtype == jnp.float32
    assert U.dtype == jnp.complex64
    assert singular_values(jnp.asarray(DEMOCRATIC, jnp.float32)).dtype == jnp.float32


# --- Derivatives ------------------------------------------------------------------------------------------------------


@jax.jit
def masses_and_moduli(t, M, directions):
    """Masses, |U_ai|^2, and Majorana phases in U_ei^2 U_e1^*2: nothing that depends on the gauge."""
    masses, U = factorize(M + jnp.tensordot(t, directions, 1))
    phases = (U[0] * U[0, :1].conj()) ** 2
    return jnp.concatenate([masses[None], U.real**2 + U.imag**2, phases.real[None], phases.imag[None]])


@functools.cache
def takagi_gradients() -> dict[str, Callable]:
    return gradients(masses_and_moduli)


@functools.cache
def takagi_hessians() -> dict[str, Callable]:
    return hessians(masses_and_moduli)


def mp_masses_and_moduli(M, directions) -> Callable:
    """By M^dagger M: its eigenvectors are the columns of U up to phases, which make U^T M U positive."""
    M, directions = mp_array(M), [mp_array(D) for D in directions]

    def at(t):
        total = M + sum(x * D for x, D in zip(t, directions, strict=True))
        squares, U = mp_eigensystem(mp_adjoint(total) @ total)
        diagonal = np.diag(U.T @ total @ U)
        square_of_phase = np.array([abs(d) / d for d in diagonal])
        moduli = np.vectorize(lambda z: z.real**2 + z.imag**2, otypes=[object])(U)
        phases = U[0] ** 2 * square_of_phase * mpmath.conj(U[0, 0] ** 2 * square_of_phase[0])
        masses = [mpmath.sqrt(m) for m in squares]
        return np.array([masses, *moduli, [z.real for z in phases], [z.imag for z in phases]], dtype=object)

    return at


@pytest.mark.parametrize("name", ["distinct", "nearly equal", "nearly zero"])
def test_derivatives_of_distinct_masses(name):
    rng = np.random.default_rng(3)
    masses = {"distinct": [0.3, 0.5, 1.0], "nearly equal": [0.5, 0.51, 1.0], "nearly zero": [0.01, 0.5, 1.0]}[name]
    M, directions = symmetric(rng, masses), np.stack([complex_symmetric(rng, 3) for _ in range(2)])
    value, gradient, hessian = mp_derivatives(mp_masses_and_moduli(M, directions), 2)
    arguments = (jnp.zeros(2), M, directions)
    assert_close(masses_and_moduli(*arguments), value, 1e-13)
    for mode, function in takagi_gradients().items():
        assert_close(function(*arguments), gradient, 1e-12, mode)
    for mode, function in takagi_hessians().items():
        assert_close(function(*arguments), hessian, 1e-12, mode)


def test_third_derivative():
    """[[0, x], [x, 1]] has the masses sqrt(x^2 + 1/4) +- 1/2."""

    def light_mass(x):
        return factorize(x * jnp.array([[0.0, 1.0], [1.0, 0.0]]) + jnp.array([[0.0, 0.0], [0.0, 1.0]]))[0][0]

    for outer in (jax.jacfwd, jax.jacrev):
        third = jax.jit(outer(jax.jacrev(jax.jacfwd(light_mass))))(0.3)
        assert_close(third, -0.75 * 0.3 / (0.3**2 + 0.25) ** 2.5, 1e-12)


@pytest.mark.parametrize("M", [case for case in matrices() if case.values[0].shape == (3, 3)])
def test_derivatives_are_finite(M):
    rng = np.random.default_rng(4)
    directions = np.stack([complex_symmetric(rng, 3) for _ in range(2)])
    for function in (*takagi_gradients().values(), *takagi_hessians().values()):
        assert np.all(np.isfinite(function(jnp.zeros(2), M + 0j, directions)))


def test_symmetric_functions_of_equal_masses():
    """The sum of squares of masses, tr M^dagger M, and with m1 = m2 > 0 also the sum of masses, to first order."""
    rng = np.random.default_rng(5)
    M, D = symmetric(rng, [0.5, 0.5, 1.0]), complex_symmetric(rng, 3)

    def sums(t):
        masses = factorize(M + t * D)[0]
        return jnp.stack([jnp.sum(masses**2), jnp.sum(masses)])

    squares = 2.0 * np.sum(M.conj() * D).real
    step = 1e-6
    difference = (sums(step)[1] - sums(-step)[1]) / (2.0 * step)
    for mode in (jax.jacfwd, jax.jacrev):
        gradient = jax.jit(mode(sums))(0.0)
        assert_close(gradient[0], squares, 1e-13)
        assert_close(gradient[1], difference, 1e-8)


# --- Singular values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("masses", MASSES.values(), ids=MASSES.keys())
def test_singular_values(masses):
    rng = np.random.default_rng(6)
    n = len(masses)
    M = random_unitary(rng, n) @ np.diag(masses) @ random_unitary(rng, n)
    values = np.asarray(singular_values(M))
    scale = max(masses) or 1.0
    assert np.all(values >= 0.0)
    assert_close(values / scale, np.array(masses) / scale, 4e-15, scale=1.0)


def dirac_masses(t, M, directions):
    return singular_values(M + jnp.tensordot(t, directions, 1))


@functools.cache
def dirac_derivatives() -> tuple[dict[str, Callable], dict[str, Callable]]:
    return gradients(dirac_masses), hessians(dirac_masses)


def test_derivatives_of_singular_values():
    rng = np.random.default_rng(7)
    M = random_unitary(rng, 3) @ np.diag([0.2, 0.5, 1.0]) @ random_unitary(rng, 3)
    directions = rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3))
    exact, exact_directions = mp_array(M), mp_array(directions)

    def at(t):
        total = exact + t[0] * exact_directions[0] + t[1] * exact_directions[1]
        return np.array([mpmath.sqrt(m) for m in mp_eigensystem(mp_adjoint(total) @ total)[0]])

    value, gradient, hessian = mp_derivatives(at, 2)
    first, second = dirac_derivatives()
    arguments = (jnp.zeros(2), M, directions)
    assert_close(dirac_masses(*arguments), value, 1e-14)
    for mode, function in first.items():
        assert_close(function(*arguments), gradient, 1e-13, mode)
    for mode, function in second.items():
        assert_close(function(*arguments), hessian, 1e-13, mode)


@pytest.mark.parametrize("masses", [[0.5, 0.5, 1.0], [0.0, 0.5, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
def test_derivatives_of_singular_values_are_finite(masses):
    rng = np.random.default_rng(8)
    M = random_unitary(rng, 3) @ np.diag(masses) @ random_unitary(rng, 3)
    directions = rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3))
    first, second = dirac_derivatives()
    for function in (*first.values(), *second.values()):
        assert np.all(np.isfinite(function(jnp.zeros(2), M, directions)))


# --- Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: factorize(np.triu(np.ones((3, 3)))), "`M` must be symmetric"),
        (lambda: factorize(np.full((3, 3), np.nan)), "`M` must be finite"),
        (lambda: factorize(np.ones((2, 3))), "`M` must have shape"),
        (lambda: singular_values(np.ones((2, 3))), "`M` must have shape"),
        (lambda: singular_values(np.full((3, 3), np.inf)), "`M` must be finite"),
    ],
)
def test_bad_input_names_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
