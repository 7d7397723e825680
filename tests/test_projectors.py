"""Projectors on the levels of a Hermitian matrix: against LAPACK, and where two levels meet up to rounding."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import random_hermitian, random_unitary

from nmmjax.numerics.projectors import levels

found_of = jax.jit(levels)


def of_batch(matrices):
    """Projectors (3, batch, 3, 3), ascending, and energies (3, batch) above the mean."""
    found = found_of(jnp.moveaxis(jnp.asarray(matrices), 0, -1))
    return np.moveaxis(np.stack(found.projectors), -1, 1), np.stack(found.energies)


def test_against_lapack():
    rng = np.random.default_rng(3)
    A = np.stack([random_hermitian(rng, 3) for _ in range(200)])
    w, U = np.linalg.eigh(A)
    projectors, energies = of_batch(A)
    np.testing.assert_allclose(energies.T, w - w.mean(-1, keepdims=True), atol=1e-14)
    expected = U.swapaxes(-1, -2)[:, :, :, None] * U.conj().swapaxes(-1, -2)[:, :, None, :]
    gap = np.diff(w).min(-1)
    assert np.all(np.abs(projectors.swapaxes(0, 1) - expected).max((1, 2, 3)) < 3e-15 / gap)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e9])
@pytest.mark.parametrize("rows", [(0, 1, 1), (1, 1, 0)], ids=["below", "above"])
def test_a_pair_that_meets_up_to_rounding_shares_its_space(size, rows):
    """What rounding leaves of a gap of zero is no direction: divided by itself it would be any number."""
    rng = np.random.default_rng(4)
    unitary = np.stack([np.eye(3, dtype=complex), *(random_unitary(rng, 3) for _ in range(500))])
    w = size * np.array(rows, dtype=float)
    A = (unitary * w) @ unitary.conj().swapaxes(-1, -2)
    projectors, energies = of_batch(0.5 * (A + A.conj().swapaxes(-1, -2)))
    assert np.abs(projectors).max() < 1.0 + 1e-14
    np.testing.assert_allclose(projectors.sum(0), np.broadcast_to(np.eye(3), (501, 3, 3)), atol=1e-14)
    expected = size * np.sort(np.array(rows) - np.mean(rows))
    np.testing.assert_allclose(energies.T, np.broadcast_to(expected, (501, 3)), atol=1e-14 * size)
