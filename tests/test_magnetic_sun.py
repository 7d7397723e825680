"""Flips in the Sun: the convective zone against scipy, its fast path, fields in the core, experiments, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from nmmjax.constants import PDG_2026
from nmmjax.experiments import Homestake1998, Sno2013, SolarAntineutrinos2022
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.media import Arch, SolarModel
from nmmjax.models import TransitionMoments, UniversalMoment
from nmmjax.oscillation import ProductionAverage
from nmmjax.precession import MagneticSun, level_survival, solar_probability, sunspot_numbers
from nmmjax.precession.solar import unflipped
from nmmjax.three_flavor import LightNeutrinos

MODEL = SolarModel.b16_gs98()
ENERGIES = np.array([0.5, 3.0, 10.0])
AVERAGE = ProductionAverage.build(ENERGIES, MODEL, "b8")
ORIGIN = LightNeutrinos.benchmark()
MASSLESS = Neutrinos(jnp.zeros((3, 3)), 1e-10 * jnp.eye(3), Dirac())
SUNS = {
    "flat": MagneticSun(6e3),
    "arch": MagneticSun(2e4, shape="arch"),
    "twisted": MagneticSun(6e3, twist=-2e-5, bottom=0.75),
}


def dirac(moment):
    return UniversalMoment(moment, origin=ORIGIN).low_energy().neutrinos


def populations(state):
    return np.asarray(jnp.real(jnp.diagonal(state, axis1=-2, axis2=-1)))


@pytest.mark.parametrize("name", SUNS)
def test_massless_neutrinos_against_scipy(name):
    """i d(nu_e, N)/dr = [[V_CC + V_NC + phi', mu B], [mu B, 0]], from the tables of the Sun by numpy."""
    sun = SUNS[name]
    path, n_per_e = sun.path(), (1.0 - 0.8702) / 0.8702
    density, field = jax.jit(lambda r: path.matter.density(r)), jax.jit(lambda r: path.field(r))

    def slope(r, y):
        V = PDG_2026.matter_potential * 0.8702 * float(density(r)) * (1.0 - 0.5 * n_per_e) + float(sun.twist)
        b = PDG_2026.magnetic_rate * 1e-10 * float(field(r))
        return -1j * np.array([V * y[0] + b * y[1], b * y[0]])

    ends = float(path.start), float(path.stop)
    found = solve_ivp(slope, ends, [1.0 + 0j, 0j], "DOP853", rtol=1e-9, atol=1e-10, max_step=5e3)
    survival, flipped = np.abs(found.y[:, -1]) ** 2
    P = np.asarray(solar_probability(MASSLESS, AVERAGE, sun))
    np.testing.assert_allclose(P[:, 0], survival, atol=2e-6)
    np.testing.assert_allclose(P[:, 3], flipped, atol=2e-6)
    assert 0.1 < survival < 0.9
    assert float(level_survival(MASSLESS, sun)[-1]) == pytest.approx(survival, abs=1e-5)


@pytest.mark.parametrize("name", ["flat", pytest.param("arch", marks=pytest.mark.slow)])
def test_levels_flip_alone(name):
    """The fast path against the whole equation, for masses and mixing of today."""
    neutrinos = dirac(1e-10)
    P = np.asarray(solar_probability(neutrinos, AVERAGE, SUNS[name]))
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-9)
    state = unflipped(neutrinos, AVERAGE.state(neutrinos.mass_squared), level_survival(neutrinos, SUNS[name]))
    np.testing.assert_allclose(populations(state), P[:, :3], atol=3e-4)
    assert np.min(P[:, 3:].sum(-1)) > 0.05


def test_without_a_field_it_is_the_sun_of_oscillations():
    neutrinos = dirac(0.0)
    P = np.asarray(solar_probability(neutrinos, AVERAGE, MagneticSun(0.0)))
    np.testing.assert_allclose(P[:, :3], np.asarray(AVERAGE.probability(neutrinos.mass_squared)), atol=2e-5)
    np.testing.assert_allclose(P[:, 3:], 0.0, atol=1e-12)


def test_the_state_inside_is_on_the_same_levels():
    """At a density on the way out, each population sits on a level of that place."""
    square, density = dirac(0.0).mass_squared, 5.0
    inside, outside = AVERAGE.state(square, at_density=density), AVERAGE.state(square)
    for k, energy in enumerate(ENERGIES):
        H = np.asarray(square).copy()
        H[0, 0] += energy * density * PDG_2026.matter_potential / PDG_2026.phase
        there, free = np.linalg.eigh(H)[1], np.linalg.eigh(np.asarray(square))[1]
        found = there.conj().T @ np.asarray(inside[k]) @ there
        expected = free.conj().T @ np.asarray(outside[k]) @ free
        np.testing.assert_allclose(found, np.diag(np.diag(expected).real), atol=1e-7)


def test_a_field_in_the_core_against_all_six_levels():
    """nu_e on the levels of the whole Hamiltonian at birth, each of which leaves the Sun as it is."""
    neutrinos, field = TransitionMoments(2e-12, 1e-12, origin=ORIGIN).low_energy().neutrinos, 3e6
    neutrons, expected = 0.43, np.zeros((3, 3))
    U = np.asarray(np.linalg.eigh(np.asarray(neutrinos.mass_squared))[1])
    flip = PDG_2026.magnetic_rate * field * np.asarray(neutrinos.moment_matrix)
    densities, weights = np.asarray(MODEL.electron_density), np.asarray(MODEL.production[MODEL.index("b8")])
    for k, energy in enumerate(ENERGIES):
        square = np.asarray(neutrinos.mass_squared) * PDG_2026.phase / energy
        for density, weight in zip(densities, weights, strict=True):
            V = PDG_2026.matter_potential * density * np.diag([1.0, 0.0, 0.0])
            neutral = -0.5 * neutrons * PDG_2026.matter_potential * density * np.eye(3)
            H = np.block([[square + V + neutral, flip.conj().T], [flip, square.conj() - V - neutral]])
            vectors = np.linalg.eigh(H)[1]
            right = np.sum(np.abs(vectors[3:]) ** 2, 0) > 0.5  # ascending, as the mass states outside
            expected[k] += weight * np.abs(vectors[0, right]) ** 2 @ np.abs(U.conj().T) ** 2
    P = np.asarray(solar_probability(neutrinos, AVERAGE, MagneticSun(0.0, core=field)))
    np.testing.assert_allclose(P[:, 3:], expected, rtol=2e-3)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)
    with pytest.raises(ValueError, match="`sun` must have fields that flip less than 1 %"):
        solar_probability(neutrinos, AVERAGE, MagneticSun(0.0, core=1e9))
    inside = jax.jit(lambda field: solar_probability(neutrinos, AVERAGE, MagneticSun(0.0, core=field)))(1e9)
    assert np.all(np.isnan(np.asarray(inside)[-1]))


def kept(x):
    """For the moment and the strength of the field."""
    neutrinos = UniversalMoment(1e-10 * x[0], origin=ORIGIN).low_energy().neutrinos
    return jnp.sum(level_survival(neutrinos, SUNS["arch"], stronger=x[1]) * jnp.array([1.0, 2.0, -0.5]))


POINT, STEP = jnp.array([0.8, 1.1]), 1e-4


def differences(f):
    return np.stack([(f(POINT + h) - f(POINT - h)) / (2 * STEP) for h in STEP * jnp.eye(2)])


def test_slopes():
    np.testing.assert_allclose(jax.jit(jax.grad(kept))(POINT), differences(jax.jit(kept)), rtol=1e-6)


@pytest.mark.slow
def test_curvature():
    expected = differences(jax.jit(jax.grad(kept)))
    np.testing.assert_allclose(jax.jit(jax.hessian(kept))(POINT), expected, rtol=1e-6, atol=1e-7)


def test_rates_follow_the_levels():
    """Massless nu_e on chlorine: captures without oscillation, times what has not flipped; no day and night."""
    experiment = Homestake1998.load()
    fluxes = dict.fromkeys(experiment.flux_names, jnp.zeros(()))
    full = float(experiment.predict(LowEnergy(MASSLESS), fluxes)[0])
    flipping = experiment.with_magnetic_sun(SUNS["flat"])
    assert set(flipping.nuisances()) == {*experiment.flux_names, "solar_log10_field"}
    survival = float(level_survival(MASSLESS, SUNS["flat"], stronger=1.2)[-1])
    found = flipping.predict(LowEnergy(MASSLESS), fluxes | {"solar_log10_field": jnp.log10(1.2)})
    assert float(found[0]) == pytest.approx(full * survival, rel=1e-9)
    sno = Sno2013.load().with_magnetic_sun(SUNS["flat"])
    point = {sno.flux_names[0]: jnp.zeros(()), "solar_log10_field": jnp.log10(1.2)}
    measured = np.asarray(sno.predict(LowEnergy(MASSLESS), point))
    np.testing.assert_allclose(measured[1:], [survival, 0.0, 0.0, 0.0, 0.0], atol=1e-9)


def test_antineutrinos():
    """The mean over what inverse beta decay sees of 8B neutrinos, P going as the square of the moment."""
    experiment = SolarAntineutrinos2022.load(magnetic=MagneticSun(0.0, core=1e6))
    zero = {"solar_log10_field": jnp.zeros(())}
    assert set(experiment.nuisances()) == set(zero)
    predicted = jax.jit(lambda mu: experiment.predict(TransitionMoments(mu, origin=ORIGIN).low_energy(), zero))
    small, large = (np.asarray(predicted(mu)) for mu in (1e-12, 3e-12))
    np.testing.assert_allclose(large, 9.0 * small, rtol=1e-4)
    average = ProductionAverage.build(np.array([11.0]), MODEL, "b8")
    neutrinos = TransitionMoments(1e-12, origin=ORIGIN).low_energy().neutrinos
    at_11 = float(solar_probability(neutrinos, average, experiment.magnetic)[0, 3])
    assert small[0] == pytest.approx(at_11, rel=0.15)
    assert float(experiment.log_likelihood(LowEnergy(neutrinos), zero)) == pytest.approx(
        -0.5 * np.sum((small / np.array([5.3e-5, 7.2e-5, 4.7e-4]) * 1.6448536) ** 2), rel=1e-5
    )
    np.testing.assert_array_equal(experiment.predict(LowEnergy(dirac(1e-10)), zero), 0.0)


def test_sunspots_come_and_go():
    years, numbers = sunspot_numbers()
    assert (years[0], years[-1]) == (1970, 1994)
    assert {1979.0, 1989.0} == {float(years[:15][np.argmax(numbers[:15])]), float(years[15:][np.argmax(numbers[15:])])}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MagneticSun(-1.0), "`field` must lie in"),
        (lambda: MagneticSun(1.0, core=-1.0), "`core` must lie in"),
        (lambda: MagneticSun(1.0, shape="dome"), "`shape`"),
        (lambda: MagneticSun(1.0, bottom=0.3), "`bottom`"),
        (lambda: Arch(1.0, 2.0, 1.0), "`stop`"),
        (lambda: solar_probability(MASSLESS, AVERAGE, MagneticSun(), tolerance=0.0), "`tolerance`"),
        (lambda: level_survival(MASSLESS, MagneticSun(), stronger=-1.0), "`stronger`"),
        (lambda: level_survival(dirac(1e-10), MagneticSun(1e8)), "`neutrinos` must have splittings"),
        (lambda: level_survival(Neutrinos(1e-4 * jnp.diag(jnp.arange(3.0))), MagneticSun()), "`neutrinos` must have"),
        (lambda: AVERAGE.state(MASSLESS.mass_squared, at_density=-1.0), "`at_density`"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
