"""Large batches go through a CPU in blocks: the same numbers and derivatives as point by point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import mixing
from nmmjax.oscillation import Layers, Uniform, amplitude, probability

PRIME, COMPOSITE = 6007, 6000
RNG = np.random.default_rng(3)


def inputs(size, flavors=3):
    mixings = mixing.pmns(0.6, 0.15, 0.85, jnp.asarray(RNG.uniform(0, 6, size)))
    if flavors == 4:
        turn = np.linalg.qr(np.eye(4) + 0.2 * RNG.normal(size=(4, 4)))[0]
        mixings = jnp.pad(mixings, ((0, 0), (0, 1), (0, 1))).at[:, 3, 3].set(1.0) @ turn
    splittings = (7.4e-5, 2.5e-3, 1.0)[: flavors - 1]
    matrices = mixing.mass_squared_matrix(mixings, *splittings)
    return matrices, RNG.uniform(300, 3e4, size), RNG.uniform(100, 13000, size), RNG.uniform(2, 13, size)


def slopes(f, *arguments):
    """Value, gradient of a weighted sum and derivative along one direction, in one compilation."""
    rng = np.random.default_rng(5)
    tangents = tuple((rng.normal(size=x.shape) * jnp.abs(x)).astype(x.dtype) for x in arguments)
    values, tangent = jax.jvp(f, arguments, tangents)
    weights = rng.normal(size=values.shape)
    gradient = jax.grad(lambda *a: jnp.sum(weights * jnp.abs(f(*a)) ** 2), argnums=tuple(range(len(arguments))))
    return values, tangent, gradient(*arguments)


def assert_same(f, point, *arguments):
    arguments = tuple(map(jnp.asarray, arguments))
    found, expected = jax.jit(lambda *a: slopes(f, *a))(*arguments), jax.jit(lambda *a: slopes(point, *a))(*arguments)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10 * float(jnp.max(jnp.abs(b))))


def constant(matrix, energy, baseline, density):
    return probability(matrix, energy, Uniform(baseline, density=density))


@pytest.mark.parametrize("size", [PRIME, COMPOSITE])
def test_one_matrix(size):
    matrices, *place = inputs(size)
    assert_same(constant, jax.vmap(constant, (None, 0, 0, 0)), matrices[0], *place)


@pytest.mark.parametrize(("size", "flavors"), [(PRIME, 3), (COMPOSITE, 3), (COMPOSITE, 4)])
def test_a_matrix_at_every_point(size, flavors):
    assert_same(constant, jax.vmap(constant), *inputs(size, flavors))


def test_interactions_at_every_point():
    matrices, *place = inputs(PRIME)
    eps = RNG.normal(size=(PRIME, 3, 3)) + 1j * RNG.normal(size=(PRIME, 3, 3))

    def f(nsi, energy, baseline, density):
        return amplitude(matrices[0], energy, Uniform(baseline, density=density), antineutrino=True, nsi=nsi)

    assert_same(f, jax.vmap(f), 0.1 * (eps + np.conj(np.swapaxes(eps, 1, 2))), *place)


def test_two_axes_and_layers():
    matrices, energy, baseline, density = inputs(97)
    lengths, densities = np.stack([baseline, 0.5 * baseline], -1), np.stack([density, 0.3 * density], -1)

    def f(matrix, energy, lengths, densities):
        return probability(matrix, energy, Layers(lengths, densities))

    def grid(matrix, energy, lengths, densities):
        return f(matrix[:, None], energy, lengths[:, None], densities[:, None])

    each = jax.vmap(f, (None, 0, None, None))
    point = jax.vmap(each, (0, None, 0, 0))
    assert_same(grid, point, matrices, energy[:73], lengths, densities)
