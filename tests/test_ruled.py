"""Functions with a derivative of their own, wherever JAX takes second derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import MODES, assert_close, random_hermitian

from nmmjax.numerics import hermitian, positive, projectors, spectral, takagi
from nmmjax.numerics.ruled import Ruled

RNG = np.random.default_rng(3)
A, B, C = (random_hermitian(RNG, 3) for _ in range(3))
PLACES = jnp.linspace(0.2, 1.1, 3)


def at(x, place):
    """A Hermitian matrix that depends on x, not linearly."""
    return A + jnp.sin(x * place) * B + x**2 * C


def weighted(*arrays):
    return sum(jnp.sum(jnp.cos(1.0 + jnp.arange(array.size)) * jnp.ravel(array)) for array in arrays)


def parts(z):
    return weighted(jnp.real(z), jnp.imag(z))


FUNCTIONS = {
    "exp_minus_i": lambda H: parts(hermitian.exp_minus_i(H, 1.3)),
    "hadamard": lambda H: parts(hermitian.hadamard(H, H @ H, spectral.ExpMinusI(0.7))),
    "eigensystem": lambda H: weighted(hermitian.eigensystem(H)[0]),
    "levels": lambda H: weighted(projectors.levels(H).eigenvalues) + parts(projectors.levels(H).apart),
    "takagi": lambda H: weighted(takagi.factorize(H + H.T)[0]),
    "positive": lambda H: weighted(*positive.inverse_and_log_determinant(jnp.real(H @ jnp.conj(H.T)) + jnp.eye(3))),
}


def scanned(step):
    return lambda x: jax.lax.scan(lambda total, place: (total + step(x, place), None), 0.0, PLACES)[0]


WAYS = {
    "in scan": scanned,
    "in map": lambda step: lambda x: jnp.sum(jax.lax.map(lambda place: step(x, place), PLACES)),
    "in scan and checkpoint": lambda step: scanned(jax.checkpoint(step)),
    "in a compiled function": lambda step: lambda x: sum(jax.jit(step)(x, place) for place in PLACES),
    "in vmap": lambda step: lambda x: jnp.sum(jax.vmap(step, (None, 0))(x, PLACES)),
    "in scan of vmap": lambda step: (
        lambda x: scanned(lambda x, place: jnp.sum(jax.vmap(step, (0, None))(x, place)))(x * jnp.ones(2))
    ),
}


@pytest.mark.parametrize(
    ("name", "way"), [*((name, "in scan") for name in FUNCTIONS), *(("exp_minus_i", way) for way in WAYS)]
)
def test_second_derivatives_survive(name, way):
    """Against the sum written out, forward over forward; the inner one in reverse, which splits what is known."""

    def step(x, place):
        return FUNCTIONS[name](at(x, place))

    def written_out(x):
        return sum(step(x, place) for place in PLACES)

    several = WAYS[way](step)
    scale = 2.0 if way == "in scan of vmap" else 1.0
    exact = scale * jax.jit(jax.jacfwd(jax.jacfwd(written_out)))(0.7)
    outer = "reverse" if way == "in scan" else "forward"
    for mode in {"forward", outer}:
        assert_close(jax.jit(MODES[mode](jax.jacrev(several)))(0.7), exact, 1e-11, (name, way, mode))


@Ruled
def cube(x, exponent):
    """x^3, as if it had been worked out elsewhere."""
    return {"power": jnp.asarray(np.nan) * x if exponent is None else x**3.0}


@cube.defjvp
def _(primals, tangents):
    (x, exponent), (dx, dexponent) = primals, tangents
    assert dexponent is None
    slope = 3.0 * x**2
    return cube(x, exponent), {"power": slope * dx}


def test_what_does_not_move_has_no_tangent():
    assert jax.jit(jax.grad(lambda x: cube(x, jnp.asarray(3))["power"]))(2.0) == 12.0
    slopes = jax.vmap(jax.grad(lambda x, n: cube(x, n)["power"]), (0, None))(jnp.asarray([1.0, 2.0]), jnp.asarray(3))
    np.testing.assert_allclose(slopes, [3.0, 12.0])
    assert float(cube(2.0, jnp.asarray(3))["power"]) == 8.0
