"""Averages against explicit sums over mass states in 50 digits, and against quadratures of the probability."""

import functools
import math

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
    mp_hamiltonian,
    random_hermitian,
    uniform,
    with_spectrum,
)

from nmmjax import matter, mixing
from nmmjax.constants import PDG_2026, Constants
from nmmjax.numerics.spectral import GaussianWave, mean_exp_minus_i
from nmmjax.oscillation import (
    Decohering,
    Incoherent,
    OverBaselines,
    Smeared,
    Uniform,
    WavePackets,
    coherence_length,
    density_matrix,
    probability,
)

SCALE = 2.5e-3  # eV^2
U = np.asarray(mixing.pmns(0.58, 0.15, 0.8, -2.1))
GENERIC = np.asarray(mixing.mass_squared_matrix(U, 7.5e-5, SCALE))
DEMOCRATIC = SCALE / 3 * (np.ones((3, 3)) - np.eye(3)) @ (np.ones((3, 3)) - np.eye(3))


def states(count, seed):
    """Mass-squared matrices of three and four flavors with every degeneracy, and beams for them."""
    rng = np.random.default_rng(seed)
    spectra = [
        (0, 0.03, 1),
        (0, 0, 1),
        (0, 1, 1),
        (1, 1, 1),
        (0, 1e-7, 1),
        (0, 0, 1, 1),
        (0, 0.03, 1, 30),
        (0, 0, 0, 1),
    ]
    for _ in range(count):
        for spectrum in spectra:
            energy = 10.0 ** rng.uniform(0.0, 4.0)
            baseline = 10.0 ** rng.uniform(-1.0, 1.3) * energy / (PDG_2026.phase * SCALE)
            yield SCALE * with_spectrum(rng, spectrum), energy, baseline, bool(rng.integers(2))


# --- Spectral functions -----------------------------------------------------------------------------------------------


def mp_divided(f, *nodes):
    """Divided differences by their definition, for distinct nodes."""
    if len(nodes) == 1:
        return f(nodes[0])
    return (mp_divided(f, *nodes[:-1]) - mp_divided(f, *nodes[1:])) / (nodes[0] - nodes[-1])


def mp_gaussian_wave(length, variance):
    return lambda x: mpmath.exp(-1j * x * length - x**2 * variance / 2)


def mp_mean_wave(low, high):
    return lambda x: (mpmath.expj(-x * low) - mpmath.expj(-x * high)) / (1j * x * (high - low))


@pytest.mark.parametrize(
    ("kind", "reference", "parameters"),
    [
        (
            GaussianWave,
            mp_gaussian_wave,
            [(0, 1), (1, 1), (3, 0.01), (1e3, 0), (1e3, 900), (0.3, 25)],
        ),
        (mean_exp_minus_i, mp_mean_wave, [(0, 1), (-2, 0), (1, 3), (1e2, 1.1e2), (0, 1e3)]),
    ],
)
def test_divided_differences(kind, reference, parameters):
    rng = np.random.default_rng(1)
    count = 20
    x = rng.normal(size=count) * 10.0 ** rng.uniform(-3, 1, count)
    y, z = (x + rng.choice([-1, 1], count) * 10.0 ** rng.uniform(-12, 1, count) for _ in range(2))

    @jax.jit
    def differences(f):
        a, b, c = map(jnp.asarray, (x, y, z))
        return f(a), f.first(a, b), f.second(a, b, c)

    for a, b in parameters:
        found = differences(kind(jnp.asarray(float(a)), jnp.asarray(float(b))))
        scale = abs(a) + (math.sqrt(b) if kind is GaussianWave else b)
        with mpmath.workdps(60):
            exact = reference(mpmath.mpf(a), mpmath.mpf(b))
            triples = [[mpmath.mpf(float(v)) for v in nodes] for nodes in zip(x, y, z, strict=True)]
            for order in range(3):
                wanted = np.array([complex(mp_divided(exact, *nodes[: order + 1])) for nodes in triples])
                phase = 1.0 + scale * np.max(np.abs([x, y, z]), axis=0)
                error = np.abs(found[order] - wanted) / scale**order / phase
                assert error.max() < 5e-15, (a, b, order)


# --- Values: sums over mass states ------------------------------------------------------------------------------------


def mp_slopes(mass_squared, energy, density=0, electron_fraction=0.5, antineutrino=False, constants=PDG_2026):
    """The Hamiltonian and its derivative in the energy [km^-1, MeV]."""
    H = mp_hamiltonian(mass_squared, energy, density, electron_fraction, antineutrino, constants)
    vacuum = mp_hamiltonian(mass_squared, energy, 0, electron_fraction, antineutrino, constants)
    return H, -vacuum / energy


def mp_filtered(H, X, factor):
    """Element between eigenstates i and j of H times factor(w_i - w_j), for every matrix in X."""
    w, V = mp_eigensystem(H)
    G = np.array([[factor(a - b) for b in w] for a in w], dtype=object)
    return [V @ ((mp_adjoint(V) @ x @ V) * G) @ mp_adjoint(V) for x in X]


def mp_newborn(n):
    return [np.array([[mpmath.mpf(a == b == c) for b in range(n)] for c in range(n)]) for a in range(n)]


def mp_probability(states):
    return np.array([[mpmath.re(z) for z in np.diag(rho)] for rho in states], dtype=object)


def mp_smeared(mass_squared, energy, baseline, energy_spread, baseline_spread, **medium):
    """exp(-iHL) <exp(-i e L B) X exp(i e L B)> exp(iHL), with B written out in the eigenbasis of H."""
    H, slope = mp_slopes(mass_squared, energy, **medium)

    def mean(x):
        return mpmath.mpf(1) if x == 0 else (mpmath.expj(x * baseline) - 1) / (1j * x * baseline)

    def separated(x):
        return mpmath.exp(-((x * baseline * energy_spread) ** 2) / 2)

    def evolved(x):
        return mpmath.exp(-1j * x * baseline - (x * baseline_spread) ** 2 / 2)

    (B,) = mp_filtered(H, [slope], mean)
    states = mp_filtered((B + mp_adjoint(B)) / 2, mp_newborn(len(H)), separated)
    return mp_probability(mp_filtered(H, states, evolved))


def mp_smeared_in_vacuum(mass_squared, energy, baseline, energy_spread, baseline_spread, **medium):
    """The formula of the docstring, term by term."""
    H, _ = mp_slopes(mass_squared, energy, **medium)

    def factor(x):
        spread2 = (baseline * energy_spread / energy) ** 2 + baseline_spread**2
        return mpmath.exp(-1j * x * baseline - x**2 * spread2 / 2)

    return mp_probability(mp_filtered(H, mp_newborn(len(H)), factor))


def mp_flat(mass_squared, energy, nearest, farthest, **medium):
    H, _ = mp_slopes(mass_squared, energy, **medium)

    def factor(x):
        y = x * (farthest - nearest)
        return mpmath.mpf(1) if y == 0 else (mpmath.expj(-x * nearest) - mpmath.expj(-x * farthest)) / (1j * y)

    return mp_probability(mp_filtered(H, mp_newborn(len(H)), factor))


def mp_incoherent(mass_squared, resolution, energy=1, **medium):
    H, _ = mp_slopes(mass_squared, mpmath.mpf(energy), **medium)
    to_ev2 = 2 * mpmath.mpf(energy) * mpmath.mpf(10) ** 12 * mpmath.mpf(PDG_2026.hbar_c) / mpmath.mpf(10) ** 18
    return mp_probability(mp_filtered(H, mp_newborn(len(H)), lambda x: mpmath.exp(-((x * to_ev2 / resolution) ** 2))))


def mp_decohered(mass_squared, energy, baseline, rate, resolution, **medium):
    """Pairs of levels that are apart lose their coherence."""
    H, _ = mp_slopes(mass_squared, energy, **medium)
    to_ev2 = 2 * energy * mpmath.mpf(10) ** 12 * mpmath.mpf(PDG_2026.hbar_c) / mpmath.mpf(10) ** 18
    kept = mpmath.exp(-rate * baseline)

    def factor(x):
        return kept * mpmath.expj(-x * baseline) + (1 - kept) * mpmath.exp(-((x * to_ev2 / resolution) ** 2))

    return mp_probability(mp_filtered(H, mp_newborn(len(H)), factor))


def numbers(*values):
    return [mpmath.mpf(float(v)) for v in values]


def test_values_in_vacuum():
    for M, energy, baseline, anti in states(2, seed=2):
        flavors = len(M)
        smeared = probability(
            M,
            energy,
            Uniform(baseline),
            average=Smeared(energy_spread=0.05 * energy, baseline_spread=0.1 * baseline),
            antineutrino=anti,
        )
        flat = probability(M, energy, Uniform(0.6 * baseline), average=OverBaselines(baseline), antineutrino=anti)
        incoherent = probability(M, 1.0, Uniform(1.0), average=Incoherent(1e-4), antineutrino=anti)
        loss = Decohering(0.7 / baseline, resolution=1e-4)
        decohered = probability(M, energy, Uniform(baseline), average=loss, antineutrino=anti)
        with mpmath.workdps(50):
            m2 = mp_array(M)
            arguments = numbers(energy, baseline, 0.05 * energy, 0.1 * baseline)
            exact = mp_smeared_in_vacuum(m2, *arguments, antineutrino=anti)
            assert_close(smeared, exact.astype(float), 1e-13, flavors)
            exact = mp_flat(m2, *numbers(energy, 0.6 * baseline, baseline), antineutrino=anti)
            assert_close(flat, exact.astype(float), 1e-13, flavors)
            exact = mp_incoherent(m2, mpmath.mpf(1e-4), antineutrino=anti)
            assert_close(incoherent, exact.astype(float), 1e-13, flavors)
            exact = mp_decohered(m2, *numbers(energy, baseline, 0.7 / baseline, 1e-4), antineutrino=anti)
            assert_close(decohered, exact.astype(float), 1e-13, flavors)


def test_values_in_matter():
    for M, energy, baseline, anti in states(1, seed=3):
        medium = {"density": 2.0 * 1500.0 / energy, "electron_fraction": 0.47, "antineutrino": anti}
        smeared = uniform(
            probability,
            M,
            energy,
            baseline,
            average=Smeared(energy_spread=0.05 * energy, baseline_spread=0.1 * baseline),
            **medium,
        )
        flat = uniform(probability, M, energy, 0.6 * baseline, average=OverBaselines(baseline), **medium)
        incoherent = uniform(probability, M, energy, 1.0, average=Incoherent(1e-4), **medium)
        loss = Decohering(0.7 / baseline, resolution=1e-4)
        decohered = uniform(probability, M, energy, baseline, average=loss, **medium)
        with mpmath.workdps(50):
            m2 = mp_array(M)
            exact = mp_smeared(m2, *numbers(energy, baseline, 0.05 * energy, 0.1 * baseline), **medium)
            assert_close(smeared, exact.astype(float), 1e-12)
            exact = mp_flat(m2, *numbers(energy, 0.6 * baseline, baseline), **medium)
            assert_close(flat, exact.astype(float), 1e-13)
            exact = mp_incoherent(m2, mpmath.mpf(1e-4), energy, **medium)
            assert_close(incoherent, exact.astype(float), 1e-12)
            exact = mp_decohered(m2, *numbers(energy, baseline, 0.7 / baseline, 1e-4), **medium)
            assert_close(decohered, exact.astype(float), 1e-12)


@pytest.mark.parametrize(("size", "xi"), [(2e-10, 1.3), (4e3, 3.0)])
def test_wave_packets_are_those_of_giunti_and_kim(size, xi):
    """The formula with lengths, term by term: a packet that separates, one too wide to resolve oscillations."""
    m2, energy = np.array([0.0, 7.5e-5, SCALE]), 3.5
    baselines = np.array([0.0, 1.0, 60.0, 2e3, 1e5])
    expected = np.zeros((5, 3, 3))
    hbar_c = PDG_2026.hbar_c * 1e-18 * 1e6  # eV km
    for i in range(3):
        for j in range(3):
            k = (m2[i] - m2[j]) / (2.0 * energy * 1e6)  # eV
            phase = k * baselines / hbar_c
            inverse_coherence = abs(m2[i] - m2[j]) / (4 * math.sqrt(2) * (energy * 1e6) ** 2 * size * 1e-5)
            inverse_oscillation = abs(m2[i] - m2[j]) / (4 * math.pi * energy * 1e6) / hbar_c
            damping = np.exp(
                -((baselines * inverse_coherence) ** 2)
                - 2 * math.pi**2 * xi**2 * (size * 1e-5 * inverse_oscillation) ** 2
            )
            mixing_product = np.einsum("a,b,a,b->ab", U[:, i].conj(), U[:, i], U[:, j], U[:, j].conj())
            expected += np.real(mixing_product * (np.exp(-1j * phase) * damping)[:, None, None])
    found = probability(GENERIC, energy, Uniform(baselines), average=WavePackets(size, localization=xi))
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-11)  # the last phase is 1e5
    assert np.abs(found - probability(GENERIC, energy, Uniform(baselines))).max() > 1e-2


def test_coherence_is_lost_as_papers_have_it():
    """Two flavors: P = 1 - sin^2 2theta (1 - e^{-Gamma L} cos phase) / 2; three: damped pairs of eigenvectors of H."""
    rotation = np.asarray(mixing.pmns(0.6, 0.0, 0.0)).real
    M, lengths = (rotation * [0.0, 7.5e-5, SCALE]) @ rotation.T, np.array([0.0, 60.0, 180.0, 1e3])
    P = probability(M, 4.0, Uniform(lengths), average=Decohering(0.003))[:, 0, 0]
    phase = PDG_2026.phase * 7.5e-5 * lengths / 4.0
    expected = 1.0 - 0.5 * math.sin(1.2) ** 2 * (1.0 - np.exp(-0.003 * lengths) * np.cos(phase))
    np.testing.assert_allclose(P, expected, rtol=0, atol=1e-12)
    w, V = np.linalg.eigh(np.asarray(matter.hamiltonian(GENERIC, 3000.0, density=2.7)))
    pairs = V.conj()[:, None, :] * V[None, :, :]
    damped = np.exp(-1j * np.subtract.outer(w, w) * 735.0 - 0.4 * (1.0 - np.eye(3)))
    expected = np.einsum("abi,abj,ij->ab", pairs, pairs.conj(), damped).real
    P = probability(GENERIC, 3000.0, Uniform(735.0, density=2.7), average=Decohering(0.4 / 735.0))
    np.testing.assert_allclose(P, expected, rtol=0, atol=1e-12)


def test_coherence_length():
    assert float(coherence_length(2.4e-3, 10.0, 1e-9)) == pytest.approx(2357.022603955, rel=1e-12)
    assert float(coherence_length(-2.4e-3, 20.0, 1e-9)) == pytest.approx(4 * 2357.022603955, rel=1e-12)
    M = np.diag([0.0, 0.0, 2.4e-3])
    mixed = np.array([[1, 0, 1], [0, math.sqrt(2), 0], [-1, 0, 1]]) / math.sqrt(2)
    M = mixed @ M @ mixed.T
    length = float(coherence_length(2.4e-3, 10.0, 1e-9))
    phase = PDG_2026.phase * 2.4e-3 / 10.0 * length
    P = probability(M, 10.0, Uniform(length), average=WavePackets(1e-9))
    assert float(P[0, 0]) == pytest.approx(0.5 + 0.5 * math.cos(phase) / math.e, abs=1e-11)


def test_other_constants():
    constants = Constants(fermi_constant=1.2e-5, hbar_c=200.0, avogadro=6e23)
    medium = {"density": 3.0, "electron_fraction": 0.5}
    found = uniform(
        probability,
        GENERIC,
        2000.0,
        900.0,
        average=Smeared(energy_spread=150.0, baseline_spread=40.0),
        constants=constants,
        **medium,
    )
    with mpmath.workdps(50):
        exact = mp_smeared(mp_array(GENERIC), *numbers(2000, 900, 150, 40), constants=constants, **medium)
    assert_close(found, exact.astype(float), 1e-12)
    size = 1e-9
    assert float(coherence_length(2.4e-3, 10.0, size, constants=constants)) == pytest.approx(2357.022603955, rel=1e-12)
    packets = probability(GENERIC, 10.0, Uniform(2e3), average=WavePackets(size), constants=constants)
    spread = 200.0 / (2.0 * size * 1e13)
    expected = probability(GENERIC, 10.0, Uniform(2e3), average=Smeared(energy_spread=spread), constants=constants)
    np.testing.assert_allclose(packets, expected, rtol=0, atol=1e-14)


# --- Values: quadratures of the probability ---------------------------------------------------------------------------


def gaussian_mean(f, mean, deviation):
    t = np.linspace(-8.5, 8.5, 3001)
    weights = np.exp(-0.5 * t**2)
    return np.tensordot(weights / weights.sum(), np.asarray(f(mean + deviation * t)), 1)


@pytest.mark.parametrize("density", [0.0, 4.0, 11.0])
@pytest.mark.parametrize("anti", [False, True])
def test_mean_over_energies_to_first_order(density, anti):
    """Of second order in the spread s: damping (phase s)^2 / 2 is right, phase s^2 is left out."""
    energy, baseline = 3000.0, 4e4
    medium = {"density": density, "electron_fraction": 0.48, "antineutrino": anti}
    plain = np.asarray(uniform(probability, GENERIC, energy, baseline, **medium))
    phase = PDG_2026.phase * SCALE * baseline / energy
    errors = []
    for relative in (0.001, 0.002, 0.008):  # the last with a damping by a fifth
        spread = relative * energy
        exact = gaussian_mean(lambda e: uniform(probability, GENERIC, e, baseline, **medium), energy, spread)
        found = uniform(probability, GENERIC, energy, baseline, average=Smeared(energy_spread=spread), **medium)
        errors.append(np.abs(found - exact).max())
        assert errors[-1] < 0.5 * phase * relative**2
        assert errors[-1] < 0.1 * np.abs(plain - exact).max()
    assert errors[1] / errors[0] == pytest.approx(4.0, abs=0.2)


def test_at_a_resonance_states_stay_together():
    """d(w_2 - w_1)/dE = 0 there: packets do not separate, whatever the phase."""
    angle = 0.05
    M = np.asarray(mixing.mass_squared_matrix(mixing.pmns(0.0, angle, 0.0), 0.0, SCALE))
    density = 3.0
    potential = float(matter.charged_current_potential(density, 0.5))
    energy = SCALE * PDG_2026.phase * math.cos(2 * angle) ** -1 / potential  # where w_3 - w_1 is stationary in 1/E
    baseline = 0.4 * math.pi / (potential * math.sin(2 * angle)) * 25
    H = np.asarray(matter.hamiltonian(M, energy, density=density, electron_fraction=0.5))
    gap = np.ptp(np.linalg.eigvalsh(H[::2, ::2]))
    spread = 0.003 * energy
    assert gap * baseline > 20.0
    found = np.asarray(
        probability(M, energy, Uniform(baseline, density=density), average=Smeared(energy_spread=spread))
    )
    exact = gaussian_mean(lambda e: probability(M, e, Uniform(baseline, density=density)), energy, spread)
    plain = np.asarray(probability(M, energy, Uniform(baseline, density=density)))
    np.testing.assert_allclose(found, exact, rtol=0, atol=5e-3)
    assert np.abs(found - plain).max() < 5e-3


@pytest.mark.parametrize("density", [0.0, 5.0])
def test_means_over_baselines_are_exact(density):
    energy = 2500.0
    nodes, weights = np.polynomial.legendre.leggauss(120)
    baselines = 1000.0 + 3000.0 * (nodes + 1.0)
    P = np.asarray(probability(GENERIC, energy, Uniform(baselines, density=density)))
    found = probability(GENERIC, energy, Uniform(1000.0, density=density), average=OverBaselines(7000.0))
    np.testing.assert_allclose(found, np.tensordot(0.5 * weights, P, 1), rtol=0, atol=1e-12)
    found = probability(GENERIC, energy, Uniform(4000.0, density=density), average=Smeared(baseline_spread=400.0))
    exact = gaussian_mean(lambda b: probability(GENERIC, energy, Uniform(b, density=density)), 4000.0, 400.0)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12)


def test_mean_over_a_bin_of_l_over_e():
    """At 1 MeV the baselines are L/E; here a bin of energies at one baseline, flat in 1/E."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    inverse = 0.5 * (1 / 2.0 + 1 / 6.0) + 0.5 * (1 / 2.0 - 1 / 6.0) * nodes
    P = np.asarray(probability(GENERIC, 1.0 / inverse, Uniform(52.0)))
    found = probability(GENERIC, 1.0, Uniform(52.0 / 6.0), average=OverBaselines(52.0 / 2.0))
    np.testing.assert_allclose(found, np.tensordot(0.5 * weights, P, 1), rtol=0, atol=1e-12)


# --- Derivatives ------------------------------------------------------------------------------------------------------

ENERGY, BASELINE = 1500.0, 2000.0


def smeared_at(x, M, direction):
    """In vacuum, at x: along a direction of the mass matrix, the two spreads."""
    spreads = {"energy_spread": 120.0 * (1.0 + x[1]), "baseline_spread": 150.0 * (1.0 + x[2])}
    return probability(M + x[0] * direction, ENERGY, Uniform(BASELINE), average=Smeared(**spreads))


def smeared_in_matter_at(x, M, direction):
    """In matter, at x: along a direction of the mass matrix, energy, density."""
    return probability(
        M + x[0] * direction,
        ENERGY * (1.0 + x[1]),
        Uniform(BASELINE, density=3.0 + x[2]),
        average=Smeared(energy_spread=120.0),
    )


def flat_at(x, M, direction):
    """Over a bin of L/E, at x: along a direction of the mass matrix, the edges."""
    return probability(M + x[0] * direction, 1.0, Uniform(0.5 + x[1]), average=OverBaselines(1.5 + x[2]))


def incoherent_at(x, M, direction):
    """At x: along a direction of the mass matrix, the resolution."""
    return probability(M + x[0] * direction, 1.0, Uniform(1.0), average=Incoherent(0.4 * SCALE * (1.0 + x[1] + x[2])))


def decohered_at(x, M, direction):
    """At x: along a direction of the mass matrix, the rate, the baseline."""
    path = Uniform(BASELINE * (1.0 + x[2]))
    return probability(M + x[0] * direction, ENERGY, path, average=Decohering(3e-4 * (1.0 + x[1]), resolution=1e-3))


def mp_decohered_at(x, M, direction):
    rate = mpmath.mpf(3e-4) * (1 + x[1])
    length = mpmath.mpf(BASELINE) * (1 + x[2])
    return mp_decohered(M + x[0] * direction, mpmath.mpf(ENERGY), length, rate, mpmath.mpf(1e-3))


def mp_smeared_at(x, M, direction):
    spreads = 120 * (1 + x[1]), 150 * (1 + x[2])
    return mp_smeared_in_vacuum(M + x[0] * direction, mpmath.mpf(ENERGY), mpmath.mpf(BASELINE), *spreads)


def mp_smeared_in_matter_at(x, M, direction):
    energy = mpmath.mpf(ENERGY) * (1 + x[1])
    return mp_smeared(M + x[0] * direction, energy, mpmath.mpf(BASELINE), 120, 0, density=3 + x[2])


def mp_flat_at(x, M, direction):
    return mp_flat(M + x[0] * direction, mpmath.mpf(1), 0.5 + x[1], 1.5 + x[2])


def mp_incoherent_at(x, M, direction):
    return mp_incoherent(M + x[0] * direction, mpmath.mpf(0.4 * SCALE) * (1 + x[1] + x[2]))


DEGENERATE = {
    "democratic": DEMOCRATIC,
    "all masses zero": np.zeros((3, 3)),
    "upper pair": np.diag([0.0, SCALE, SCALE]),
    "two pairs of four": np.diag([0.0, SCALE, SCALE, 0.0]),
    "three of four": with_spectrum(np.random.default_rng(8), [0.0, 0.0, 0.0, SCALE]),
}
QUANTITIES = {
    "smeared": (smeared_at, mp_smeared_at),
    "smeared in matter": (smeared_in_matter_at, mp_smeared_in_matter_at),
    "flat": (flat_at, mp_flat_at),
    "incoherent": (incoherent_at, mp_incoherent_at),
    "decohered": (decohered_at, mp_decohered_at),
}
MODES = {
    ("smeared", 3): ("forward over reverse", "reverse over reverse"),
    ("smeared", 4): (),
    ("smeared in matter", 3): ("forward over reverse",),
}
"""Of the Hessian, in the everyday tests: compilation is what takes the time."""


@functools.cache
def derivatives_of(quantity):
    f = QUANTITIES[quantity][0]
    return gradients(f), hessians(f)


def check_derivatives(quantity, case, modes):
    M = DEGENERATE[case]
    f, mp_f = QUANTITIES[quantity]
    first, second = derivatives_of(quantity)
    direction = SCALE * random_hermitian(np.random.default_rng(len(M)), len(M))
    m2, mp_direction = mp_array(M), mp_array(direction)
    value, gradient, hessian = mp_derivatives(lambda x: mp_f(x, m2, mp_direction), 3)
    arguments = (jnp.zeros(3), jnp.asarray(M, complex), direction)
    assert_close(f(*arguments), value, 1e-13)
    for mode, function in first.items():
        assert_close(function(*arguments), gradient, 1e-12, mode, scale=1.0)
    for mode in modes:
        assert_close(second[mode](*arguments), hessian, 1e-11, mode, scale=1.0)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("case", DEGENERATE)
def test_derivatives_at_degeneracy(quantity, case):
    flavors = len(DEGENERATE[case])
    if flavors == 3 or (quantity, flavors) in MODES:
        check_derivatives(quantity, case, MODES.get((quantity, flavors), ()))


@pytest.mark.slow
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("case", DEGENERATE)
def test_every_mode_of_derivatives_at_degeneracy(quantity, case):
    check_derivatives(quantity, case, derivatives_of(quantity)[1])


def test_no_spread_has_derivatives_in_the_spread():
    """The spreads enter squared: at zero the slope is zero and the curvature is not."""

    def f(spreads):
        return probability(
            GENERIC, 3.0, Uniform(50.0), average=Smeared(energy_spread=spreads[0], baseline_spread=spreads[1])
        )[0, 0]

    zero, step = jnp.zeros(2), 1e-3
    slope, curvature = jax.jit(lambda x: (jax.grad(f)(x), jax.hessian(f)(x)))(zero)
    np.testing.assert_allclose(slope, 0.0, atol=1e-14)
    for i, direction in enumerate(step * np.eye(2)):
        difference = 2.0 * float(f(direction) - f(zero)) / step**2
        assert abs(difference) > 1e-4
        assert float(curvature[i, i]) == pytest.approx(difference, rel=1e-3)


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_without_spread_it_is_the_probability():
    M = np.stack([GENERIC, DEMOCRATIC + 0j, np.zeros((3, 3))])[:, None, None]
    energy, density = np.geomspace(300.0, 1e4, 7), np.array([[0.0], [3.0]])
    plain = np.asarray(probability(M, energy, Uniform(1300.0, density=density)))
    for averaged in (
        probability(M, energy, Uniform(1300.0, density=density), average=Smeared()),
        probability(M, energy, Uniform(1300.0, density=density), average=OverBaselines(1300.0)),
        probability(M, energy, Uniform(1300.0, density=density), average=WavePackets(1.0)),
        probability(M, energy, Uniform(1300.0, density=density), average=Decohering(0.0)),
    ):
        np.testing.assert_allclose(averaged, plain, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        probability(M[:, 0], energy, Uniform(1300.0), average=Smeared()), plain[:, 0], rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(
        probability(M[:, 0], energy, Uniform(1300.0), average=OverBaselines(1300.0)), plain[:, 0], rtol=0, atol=1e-12
    )


def test_far_away_nothing_oscillates():
    """Sum |U_ai|^2 |U_bi|^2 for distinct masses; in matter, with the mixing there."""
    moduli = np.abs(U) ** 2
    expected = moduli @ moduli.T
    far = 1e9
    for P in (
        probability(GENERIC, 1.0, Uniform(1.0), average=Incoherent(1e-6)),
        probability(GENERIC, 10.0, Uniform(far), average=WavePackets(1e-9)),
        probability(GENERIC, 10.0, Uniform(far), average=Smeared(energy_spread=0.5)),
    ):
        np.testing.assert_allclose(P, expected, rtol=0, atol=1e-12)
    _, V = np.linalg.eigh(np.asarray(matter.hamiltonian(GENERIC, 4000.0, density=5.0)))
    moduli = np.abs(V) ** 2
    P = probability(GENERIC, 4000.0, Uniform(1.0, density=5.0), average=Incoherent(1e-6))
    np.testing.assert_allclose(P, moduli @ moduli.T, rtol=0, atol=1e-12)
    P = probability(GENERIC, 4000.0, Uniform(far, density=5.0), average=Smeared(energy_spread=100.0))
    np.testing.assert_allclose(P, moduli @ moduli.T, rtol=0, atol=1e-6)  # off by the inverse phase


def test_a_degenerate_pair_keeps_its_coherence():
    """5/9 for the democratic matrix, not the 7/18 of a sum over three states; 7/18 once the pair is resolved."""
    for P in (
        probability(DEMOCRATIC, 1.0, Uniform(1.0), average=Incoherent(1e-8)),
        probability(DEMOCRATIC, 10.0, Uniform(1.5e8), average=WavePackets(1e-9)),
        probability(DEMOCRATIC, 10.0, Uniform(1.5e8), average=Smeared(energy_spread=1.0)),
        probability(DEMOCRATIC, 10.0, Uniform(1.5e8), average=Decohering(1.0)),
    ):
        np.testing.assert_allclose(np.diag(P), 5.0 / 9.0, rtol=0, atol=1e-9)
    tribimaximal = np.array([[1, 1, 1], [-1, 1, 1], [0, -2, 1]]) / np.sqrt([2.0, 6.0, 3.0])
    for lift, expected in ((1e-18, 5 / 9), (1e-4, 7 / 18)):
        M = (tribimaximal * [0.0, lift, SCALE]) @ tribimaximal.T
        assert float(probability(M, 1.0, Uniform(1.0), average=Incoherent(1e-8))[0, 0]) == pytest.approx(
            expected, abs=1e-12
        )


def test_in_between_the_pair_loses_it_slowly():
    """At a splitting of one resolution the interference of the pair is down by e."""
    rotation = np.asarray(mixing.pmns(0.6, 0.0, 0.0)).real
    P = [
        float(
            probability((rotation * [0.0, dm21, SCALE]) @ rotation.T, 1.0, Uniform(1.0), average=Incoherent(1e-6))[0, 0]
        )
        for dm21 in (0.0, 1e-6, 1e-4)
    ]
    amplitude = 0.5 * math.sin(1.2) ** 2
    assert P[0] == pytest.approx(1.0, abs=1e-12)
    assert P[1] == pytest.approx(1.0 - amplitude * (1.0 - 1.0 / math.e), abs=1e-9)
    assert P[2] == pytest.approx(1.0 - amplitude, abs=1e-12)


# --- States -----------------------------------------------------------------------------------------------------------


def test_states_are_density_matrices():
    """Trace one, Hermitian, no negative eigenvalue; probabilities add up to one both ways."""
    nsi = 0.2 * random_hermitian(np.random.default_rng(4), 3)
    for M, energy, baseline, anti in list(states(1, seed=5))[1::3]:
        for density in (0.0, 3000.0 / energy):
            medium = {"density": density, "antineutrino": anti, "nsi": nsi}
            found = (
                uniform(
                    density_matrix,
                    M,
                    energy,
                    baseline,
                    average=Smeared(energy_spread=0.1 * energy, baseline_spread=0.2 * baseline),
                    **medium,
                ),
                uniform(density_matrix, M, energy, 1.0, average=Incoherent(1e-4), **medium),
            )
            for rho in map(np.asarray, found):
                np.testing.assert_allclose(rho, rho.conj().swapaxes(-1, -2), rtol=0, atol=1e-13)
                np.testing.assert_allclose(np.trace(rho, axis1=-2, axis2=-1), 1.0, rtol=0, atol=1e-13)
                assert np.linalg.eigvalsh(rho).min() > -1e-13
                P = np.diagonal(rho, axis1=-2, axis2=-1).real
                np.testing.assert_allclose(P.sum(0), 1.0, rtol=0, atol=1e-12)
            P = uniform(
                probability,
                M,
                energy,
                baseline,
                average=Smeared(energy_spread=0.1 * energy, baseline_spread=0.2 * baseline),
                **medium,
            )
            np.testing.assert_allclose(P, np.diagonal(found[0], axis1=-2, axis2=-1).real, rtol=0, atol=1e-15)


def test_a_mixture_goes_on_through_matter():
    """Incoherent on arrival, then S rho S^dagger: sum over mass states of P(nu_alpha -> nu_i) P(nu_i -> nu_beta)."""
    H = np.asarray(matter.hamiltonian(GENERIC, 15.0, density=5.0))
    w, V = np.linalg.eigh(H)
    S = (V * np.exp(-1j * w * 4000.0)) @ V.conj().T
    rho = np.asarray(density_matrix(GENERIC, 1.0, Uniform(1.0), average=Incoherent(1e-7)))
    found = np.einsum("bi,aij,bj->ab", S, rho, S.conj()).real
    expected = np.abs(U) ** 2 @ (np.abs(S @ U) ** 2).T
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_vacuum_is_matter_without_density():
    """One decomposition for all energies, or one for each where the density is not known before: the same numbers."""
    energy = np.array([800.0, 3000.0])[:, None]
    baseline = np.array([100.0, 1300.0, 9000.0])

    def averaged(density):
        spreads = {"energy_spread": 200.0, "baseline_spread": 30.0}
        return (
            probability(GENERIC, energy, Uniform(baseline, density=density), average=Smeared(**spreads)),
            probability(GENERIC, energy, Uniform(0.5 * baseline, density=density), average=OverBaselines(baseline)),
            probability(GENERIC, energy, Uniform(1.0, density=density), average=Incoherent(1e-7)),
        )

    vacuum = averaged(0.0)
    assert [P.shape for P in vacuum] == [(2, 3, 3, 3), (2, 3, 3, 3), (2, 1, 3, 3)]
    for found, expected in zip(jax.jit(averaged)(0.0), vacuum, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    for found, expected in zip(averaged(np.zeros((4, 1, 1))), vacuum, strict=True):
        np.testing.assert_array_equal(found, np.broadcast_to(expected, (4, *expected.shape)))


# --- Bad input --------------------------------------------------------------------------------------------------------

SKEW = GENERIC + np.triu(np.ones((3, 3)), 1) * 1e-4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: probability(SKEW, 3.0, Uniform(1.0), average=Smeared()), "`mass_squared` must be Hermitian"),
        (lambda: probability(np.eye(2), 3.0, Uniform(1.0), average=Smeared()), "`mass_squared` must have shape"),
        (lambda: probability(GENERIC, 0.0, Uniform(1.0), average=Smeared()), "`energy` must lie in"),
        (lambda: probability(GENERIC, 3.0, Uniform(-1.0), average=Smeared()), "`baseline` must lie in"),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0), average=Smeared(energy_spread=-0.1)),
            "`energy_spread` must lie in",
        ),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0), average=Smeared(energy_spread="wide")),
            "`energy_spread` must be a number",
        ),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0), average=Smeared(baseline_spread=np.nan)),
            "`baseline_spread` must be finite",
        ),
        (lambda: probability(GENERIC, 3.0, Uniform(1.0, density=-1.0), average=Smeared()), "`density` must lie in"),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0, electron_fraction=1.5), average=Smeared()),
            "`electron_fraction` must lie in",
        ),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0), average=Smeared(), antineutrino=1),
            "`antineutrino` must be boolean",
        ),
        (lambda: probability(GENERIC, 3.0, Uniform(1.0), average=Smeared(), nsi=SKEW), "`nsi` must be Hermitian"),
        (lambda: probability(GENERIC, np.ones(2), Uniform(np.ones(3)), average=Smeared()), "`baseline` must broadcast"),
        (lambda: probability(GENERIC, 3.0, Uniform(1.0), average=WavePackets(0.0)), "`size` must lie in"),
        (
            lambda: probability(GENERIC, 3.0, Uniform(1.0), average=WavePackets(1.0, localization=-1.0)),
            "`localization` must lie",
        ),
        (lambda: probability(GENERIC, 3.0, Uniform(-1.0), average=OverBaselines(1.0)), "`baseline` must lie in"),
        (lambda: probability(GENERIC, 3.0, Uniform(1.0), average=OverBaselines(np.inf)), "`farthest` must be finite"),
        (lambda: probability(GENERIC, 1.0, Uniform(1.0), average=Incoherent(0.0)), "`resolution` must lie in"),
        (lambda: density_matrix(GENERIC, 1.0, Uniform(1.0), average=Incoherent(-1.0)), "`resolution` must lie in"),
        (lambda: probability(GENERIC, 1.0, Uniform(1.0), average=Decohering(-1.0)), "`rate` must lie in"),
        (lambda: Decohering(1.0, resolution=0.0), "`resolution` must lie in"),
        (lambda: coherence_length(0.0, 10.0, 1e-9), "`splitting` must lie in"),
        (lambda: coherence_length(1e-3, 10.0, -1e-9), "`size` must lie in"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
