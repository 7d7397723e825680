"""Layers of matter and non-standard interactions, for three and four flavors."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import (
    along,
    assert_close,
    gradients,
    hessians,
    mp_amplitude,
    mp_array,
    mp_derivatives,
    mp_probability,
    random_hermitian,
)

from nmmjax import matter, mixing
from nmmjax.oscillation import Layers, Uniform, amplitude, density_matrix, probability

SCALE = 2.5e-3
LENGTHS, DENSITIES, FRACTIONS = np.array([300.0, 0.0, 2500.0, 700.0]), np.array([0.0, 3.0, 11.0, 4.5]), 0.48


def theory(n, rng):
    """A mass-squared matrix [eV^2] near the real one, with sterile states coupled to it."""
    masses = np.array([0.0, 7.5e-5, SCALE, 0.1, 1.0])[:n]
    U = np.eye(n, dtype=complex)
    U[:3, :3] = mixing.pmns(*rng.uniform(0.0, 2.0 * np.pi, 4))
    U = U @ np.linalg.qr(np.eye(n) + 0.2 * random_hermitian(rng, n))[0]
    M = (U * masses) @ U.conj().T
    return 0.5 * (M + M.conj().T)


def mp_layers(M, energy, lengths, densities, fractions, antineutrino, nsi=None):
    S = mp_array(np.eye(len(M)))
    for length, density, fraction in zip(lengths, densities, fractions, strict=True):
        S = mp_amplitude(M, energy, length, density, fraction, antineutrino, nsi=nsi) @ S
    return S


@pytest.mark.parametrize("flavors", [3, 4])
def test_layers_against_mpmath(flavors):
    """Up to a total phase of a thousand."""
    rng = np.random.default_rng(flavors)
    worst = 0.0
    for k in range(8):
        M, eps = theory(flavors, rng), (0.3 * random_hermitian(rng, 3) if k % 2 else None)
        energy, anti = 10.0 ** rng.uniform(2.0, 4.0), k % 4 > 1
        lengths, densities = rng.uniform(0.0, 1.0, 5), rng.uniform(0.0, 13.0, 5)
        fractions = rng.uniform(0.3, 0.6, 5)
        H = np.asarray(matter.hamiltonian(M, energy, density=densities.max(), antineutrino=anti, nsi=eps))
        lengths *= (1e3 if k < 5 else 10.0) / np.ptp(np.linalg.eigvalsh(H)) / lengths.sum()
        S = amplitude(M, energy, Layers(lengths, densities, fractions), antineutrino=anti, nsi=eps)
        P = probability(M, energy, Layers(lengths, densities, fractions), antineutrino=anti, nsi=eps)
        rho = density_matrix(M, energy, Layers(lengths, densities, fractions), antineutrino=anti, nsi=eps)
        with mpmath.workdps(50):
            numbers = [np.vectorize(mpmath.mpf, otypes=[object])(x) for x in (lengths, densities, fractions)]
            exact = mp_layers(mp_array(M), mpmath.mpf(energy), *numbers, anti, None if eps is None else mp_array(eps))
            worst = max(worst, np.abs(P - mp_probability(exact).astype(float)).max())
        exact = exact.astype(complex)
        np.testing.assert_allclose(S, exact, rtol=0, atol=1e-12)
        np.testing.assert_allclose(rho, np.einsum("ba,ca->abc", exact, exact.conj()), rtol=0, atol=1e-12)
    assert worst < 1e-12


DEMOCRATIC = np.ones((3, 3)) - np.eye(3)
CASES = {
    "generic": theory(3, np.random.default_rng(1)),
    "all masses zero": np.zeros((3, 3)),
    "dm21 = 0": np.diag([0.0, 0.0, SCALE]),
    "dm31 = 0": np.diag([0.0, SCALE, 0.0]),
    "democratic": SCALE / 3.0 * DEMOCRATIC @ DEMOCRATIC,
    "no mixing": np.diag([0.0, 7.5e-5, SCALE]),
}
RNG = np.random.default_rng(8)
DIRECTIONS = np.stack([SCALE * random_hermitian(RNG, 3), random_hermitian(RNG, 3)])
"""Of the mass matrix and of the non-standard interactions."""
ENERGY = 1500.0


def perturbed(x, M, directions):
    """At x: the mass matrix, non-standard interactions, one length and one density."""
    lengths = jnp.asarray(LENGTHS).at[2].add(100.0 * x[2])
    densities = jnp.asarray(DENSITIES).at[3].add(x[3])
    M, eps = M + x[0] * directions[0], x[1] * directions[1]
    return probability(M, ENERGY, Layers(lengths, densities, FRACTIONS), nsi=eps)


def exact_derivatives(M):
    M, directions = mp_array(M), [mp_array(d) for d in DIRECTIONS]

    def f(x):
        lengths = [mpmath.mpf(v) for v in LENGTHS]
        densities = [mpmath.mpf(v) for v in DENSITIES]
        lengths[2] += 100 * x[2]
        densities[3] += x[3]
        fractions = len(lengths) * [mpmath.mpf(FRACTIONS)]
        S = mp_layers(
            M + x[0] * directions[0], mpmath.mpf(ENERGY), lengths, densities, fractions, False, x[1] * directions[1]
        )
        return mp_probability(S)

    return mp_derivatives(f, 4)


def test_derivatives_at_degeneracy():
    first, second = gradients(perturbed), hessians(perturbed, outer=["forward"])  # reverse compiles for long
    for name, M in CASES.items():
        value, gradient, hessian = exact_derivatives(M)
        arguments = (jnp.zeros(4), jnp.asarray(M, complex), jnp.asarray(DIRECTIONS))
        scale = 0.0 if np.abs(gradient).max() > 1e-20 else 1.0  # a stationary point
        assert_close(perturbed(*arguments), value, 1e-13, name)
        for mode, f in first.items():
            assert_close(f(*arguments), gradient, 1e-11, f"{name}, {mode}", scale=scale)
        for mode, f in second.items():
            assert_close(f(*arguments), hessian, 1e-10, f"{name}, {mode}")


def test_one_layer_is_constant_density():
    M = theory(3, np.random.default_rng(2))
    keywords = {"antineutrino": True, "nsi": 0.2 * random_hermitian(np.random.default_rng(3), 3)}
    constant = amplitude(M, 2e3, Uniform(1000.0, density=3.0, electron_fraction=0.49), **keywords)
    np.testing.assert_allclose(amplitude(M, 2e3, Layers([1000.0], [3.0], 0.49), **keywords), constant, atol=1e-14)
    pieces = amplitude(M, 2e3, Layers([100.0, 0.0, 600.0, 300.0], 3.0, 0.49), **keywords)
    np.testing.assert_allclose(pieces, constant, atol=1e-13)


def test_interactions_like_those_of_electrons_rescale_the_density():
    M = theory(3, np.random.default_rng(4))
    P = probability(M, 2e3, Uniform(5000.0, density=3.0), nsi=np.diag([0.5, 0.0, 0.0]))
    np.testing.assert_allclose(P, probability(M, 2e3, Uniform(5000.0, density=4.5)), atol=1e-13)
    common = probability(M, 2e3, Uniform(5000.0, density=3.0), nsi=0.7 * np.eye(3))
    np.testing.assert_allclose(common, probability(M, 2e3, Uniform(5000.0, density=3.0)), atol=1e-13)


def test_everything_broadcasts():
    M = np.stack([theory(3, np.random.default_rng(k)) for k in range(2)])
    energy = np.array([1e3, 2e3, 3e3])[:, None, None]
    densities = np.stack([DENSITIES, DENSITIES[::-1]])[:, None]
    eps = 0.1 * np.stack([random_hermitian(np.random.default_rng(k), 3) for k in range(2)])
    P = probability(M, energy, Layers(LENGTHS, densities, FRACTIONS), nsi=eps)
    assert P.shape == (3, 2, 2, 3, 3)
    one = probability(M[1], 2e3, Layers(LENGTHS, DENSITIES[::-1], FRACTIONS), nsi=eps[1])
    np.testing.assert_allclose(P[1, 1, 1], one, atol=1e-14)
    mapped = jax.vmap(lambda e: probability(M[1], e, Layers(LENGTHS, DENSITIES[::-1], FRACTIONS), nsi=eps[1]))
    np.testing.assert_allclose(mapped(energy.ravel())[1], one, atol=1e-14)


GOOD = {"mass_squared": np.eye(3), "energy": 1e3, "lengths": [1.0, 2.0], "densities": [3.0, 4.0]}
BAD = [
    ("energy", 0.0, "lie in"),
    ("energy", -1.0, "lie in"),
    ("energy", 1.0 + 1.0j, "real"),
    ("lengths", [1.0, -2.0], "km"),
    ("lengths", [1.0, 2.0, 3.0], "layers"),
    ("densities", [1.0, 2.0, 3.0], "layers"),
    ("densities", [-1.0, 2.0], "g/cm"),
    ("electron_fractions", [0.5, 0.5, 0.5], "layers"),
    ("electron_fractions", 1.5, "lie in"),
    ("nsi", 1j * np.ones((3, 3)), "Hermitian"),
    ("antineutrino", 1, "boolean"),
]


@pytest.mark.parametrize(("name", "value", "why"), BAD)
def test_bad_arguments_are_named(name, value, why):
    with pytest.raises(ValueError, match="Argument `.*` must .*" + why) as error:
        along(probability, Layers, **GOOD | {name: value})
    assert name in str(error.value)
