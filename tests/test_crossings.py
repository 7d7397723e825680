"""Crossings of levels in a star: against closed forms, and against the evolution that knows nothing of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import assert_close

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Constant, Linear, PowerLaw, Steps
from nmmjax.precession import (
    CollapsingStar,
    Medium,
    Path,
    interstellar_survival,
    level_crossing_probability,
    levels,
    mass_state_probability,
    mass_states,
    resonances,
)
from nmmjax.precession.composition import composed, estimated_error

U = mixing.pmns(0.588, 0.149, 0.755, 3.7)
NORMAL = mixing.majorana_mass_matrix(U, jnp.array([0.001, 0.0087, 0.0501]))
INVERTED = mixing.majorana_mass_matrix(U, jnp.array([0.0493, 0.05, 0.001]))
ANTISYMMETRIC = jnp.array([[0.0, 1.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, -1.0, 0.0]]) + 0j
ELECTRON = jnp.diag(jnp.array([1.0, 0.0, 0.0])) + 0j
STAR = Path(5000.0, 3e5, Medium(PowerLaw(1e7, 1000.0, 3.0), Constant(0.497)), PowerLaw(1e10, 1000.0, 2.0))
ENERGIES = jnp.array([8.0, 12.0, 20.0])


def majorana(size, M=NORMAL):
    return Neutrinos(M, size * ANTISYMMETRIC)


def dirac(size, moments=None):
    return Neutrinos(NORMAL, size * (jnp.eye(3) + 0j if moments is None else moments), Dirac())


def both(neutrinos, energy, path, antineutrino=False):
    """The approximation, the error it claims, and the truth."""
    given = (neutrinos, energy, path, jnp.asarray(antineutrino), PDG_2026)
    exact = mass_state_probability(neutrinos, energy, path, antineutrino=antineutrino, tolerance=1e-3)
    return composed(*given), estimated_error(*given), exact


# Where levels cross


def test_adiabaticity_of_a_twist_is_one():
    """At mu = 9.336e-16 mu_B for B = 1e12 G, phi' = -1/km and V_e = (1000 km / r)^3 / km; twice it at 6.60e-16.

    At an energy at which masses do nothing.
    """
    fraction = 0.45
    density = 2.0 / (PDG_2026.matter_potential * (3.0 * fraction - 1.0))
    path = Path(
        500.0,
        1e5,
        Medium(PowerLaw(density, 1000.0, 3.0), Constant(fraction)),
        PowerLaw(1e12, 1000.0, 3.0),
        Linear(0.0, -1.0),
    )
    for size, gamma in ((9.336e-16, 1.0), (6.60e-16, 0.5)):
        flips = [line for line in resonances(dirac(size, ELECTRON), 1e9, path) if line.kind == "twist"]
        assert [round(line.place) for line in flips] == [1000] * len(flips)
        assert sum(line.adiabaticity for line in flips) == pytest.approx(gamma, rel=1e-3)
        assert sum(line.doubled_adiabaticity for line in flips) == pytest.approx(2.0 * gamma, rel=1e-3)
        assert flips[0].jump == pytest.approx(np.exp(-0.5 * np.pi * flips[0].adiabaticity))


@pytest.mark.parametrize(
    ("M", "kinds"), [(NORMAL, ["nu", "nu"]), (INVERTED, ["antinu", "nu"])], ids=["normal", "inverted"]
)
def test_msw_resonances_are_where_they_should_be(M, kinds):
    """V_CC = dm^2 cos 2theta / 2E, the second with cos^2 theta13: to what the other splitting moves them."""
    energy = 12.0
    found = [line for line in resonances(majorana(0.0, M), energy, STAR) if line.kind == "MSW"]
    assert [line.levels[0].split("_")[0] for line in found] == kinds
    states = Neutrinos(M).states
    scale = PDG_2026.phase / energy
    V = [
        scale * abs(float(states.dm31)) * np.cos(2 * 0.149),
        scale * float(states.dm21) * np.cos(2 * 0.588) / np.cos(0.149) ** 2,
    ]
    V_CC = [PDG_2026.matter_potential * 1e7 * (1000.0 / line.place) ** 3 * 0.497 for line in found]
    np.testing.assert_allclose(V_CC, V, rtol=0.04)
    two_level = scale * abs(float(states.dm31)) * np.sin(2 * 0.149) ** 2 / np.cos(2 * 0.149) * found[0].place / 3.0
    assert found[0].adiabaticity == pytest.approx(two_level, rel=0.05)
    assert {"nu_e", "antinu_e"} & set(found[0].flavors)


def test_levels_are_those_of_the_hamiltonian():
    places = jnp.geomspace(5e3, 3e5, 7)
    scheme = levels(majorana(3e-13), 12.0, STAR, places)
    assert scheme.left.shape == scheme.right.shape == (7, 3)
    free = levels(majorana(0.0), 12.0, STAR, places)
    assert_close(np.sort(np.concatenate([free.left, free.right], -1), -1), free.together, 1e-12)
    assert np.all(np.diff(scheme.together, axis=-1) > 0.0)


# What comes out


STEP = Medium(PowerLaw(1e7, 1000.0, 3.0), Steps([9000.0], [0.49, 0.4995]))
CASES = {
    "spin-flavor": (majorana(3e-13), STAR, False),
    "inverted": (majorana(2e-13, INVERTED), STAR, False),
    "step": (majorana(2e-13), Path(5000.0, 3e5, STEP, PowerLaw(1e10, 1000.0, 2.0)), False),
    "twist": (dirac(3e-16), CollapsingStar.edge_of_core(twist=-2.0).path(), False),
    "adiabatic twist": (dirac(2e-15), CollapsingStar.edge_of_core(twist=-2.0).path(), False),
    "antineutrinos": (dirac(5e-16), CollapsingStar.edge_of_core(twist=2.0).path(), True),
}


@pytest.mark.parametrize("case", CASES)
def test_composition_is_the_evolution_within_its_error(case):
    """And the error is no wild guess. What two crossings of the same levels interfere is not in it: some per cent."""
    P, error, exact = both(CASES[case][0], ENERGIES, *CASES[case][1:])
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)
    np.testing.assert_allclose(P.sum(-2), 1.0, atol=1e-12)
    seen = 6 if CASES[case][0].nature.self_conjugate else 3
    difference = np.abs(P - exact)[..., :3, :seen].max((-1, -2))
    assert np.all(difference < 1.5 * np.asarray(error) + 0.02)
    assert np.all(error < 0.2)


def flipped(x):
    """Of nu_e, for moment, twist and density."""
    star = CollapsingStar.edge_of_core(density=1e4 * x[2], twist=x[1])
    P = composed(dirac(1e-16 * x[0]), jnp.array([15.0]), star.path(), jnp.asarray(False), PDG_2026)
    return jnp.sum(P[0, 0, 3:])


POINT = jnp.array([4.0, -1.6, 1.2])


def test_slopes_of_the_composition():
    """Where a crossing is, and what it does, follow moment, twist and density."""
    value, step = jax.jit(jax.value_and_grad(flipped)), 1e-4
    differences = [(value(POINT + step * e)[0] - value(POINT - step * e)[0]) / (2 * step) for e in np.eye(3)]
    assert 0.2 < value(POINT)[0] < 0.9
    assert_close(value(POINT)[1], differences, 1e-6)
    assert value(POINT.at[0].set(0.0))[1][0] == 0.0


@pytest.mark.slow
def test_curvature_of_the_composition():
    slope, step = jax.jit(jax.grad(flipped)), 1e-4
    differences = [(slope(POINT + step * e) - slope(POINT - step * e)) / (2 * step) for e in np.eye(3)]
    assert_close(jax.jit(jax.hessian(flipped))(POINT), differences, 1e-5)


def test_in_vacuum_mass_states_arrive():
    P = mass_state_probability(majorana(0.0), ENERGIES, Path(0.0, 100.0))
    V = mass_states(majorana(0.0), jnp.asarray(False))
    assert_close(P, np.broadcast_to(np.abs(V) ** 2, (3, 6, 6)), 1e-9)
    np.testing.assert_allclose(np.abs(V[:3, :3]), np.abs(U), atol=1e-9)


def test_a_domain_is_checked():
    near = CollapsingStar.edge_of_core(twist=0.1).path()
    with pytest.raises(ValueError, match="`path` must have crossings that stand apart"):
        level_crossing_probability(dirac(3e-15), ENERGIES, near)
    inside = jax.jit(lambda mu: level_crossing_probability(dirac(mu), ENERGIES, near))(3e-15)
    assert np.any(np.isnan(inside))
    with pytest.raises(ValueError, match="`neutrinos` must have three flavors"):
        resonances(Neutrinos(jnp.diag(jnp.arange(4.0)) + 0j, jnp.zeros((4, 4)) + 0j), 10.0, STAR)
    with pytest.raises(ValueError, match="`antineutrino` must be false for Majorana"):
        levels(majorana(0.0), 10.0, STAR, [1e4], antineutrino=True)
    with pytest.raises(ValueError, match="`compactness`"):
        CollapsingStar.iron_core(compactness=0.0)


# Between the stars


def test_a_galactic_field_flips_dirac_neutrinos():
    """mu B L = 0.9051580 for 1e-13 mu_B, 1 microgauss and 10 kpc."""
    column = 1e-6 * 10.0 * 3.0856775814913673e16
    moment = 1e-13 * jnp.conj(U) @ jnp.eye(3) @ jnp.conj(U).T
    kept = interstellar_survival(Neutrinos(NORMAL, moment, Dirac()), column)
    np.testing.assert_allclose(kept, np.cos(0.9051580) ** 2, rtol=1e-4)
    np.testing.assert_array_equal(interstellar_survival(majorana(1e-12), column), np.ones(3))
