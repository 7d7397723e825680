"""Solar neutrino experiments: rates without oscillation, brute-force spectra, the joint fit, gradients, bad input."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from nmmjax import mixing, oscillation
from nmmjax.experiments import BorexinoRates2019, Gallium2010, Homestake1998, Sno2013, SnoFluxes2005
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.media import B23, EarthModel, SolarModel
from nmmjax.scattering.electron import Couplings, cross_section
from nmmjax.tables import read_table

EXPERIMENTS = {
    e.name: e for e in (k.load() for k in (Homestake1998, Gallium2010, BorexinoRates2019, Sno2013, SnoFluxes2005))
}
RATES = ("homestake", "gallium", "borexino")
JOINT = (*RATES, "sno_2013")
NAMES = tuple(dict.fromkeys(name for e in EXPERIMENTS.values() for name in e.nuisances()))
NONE = dict.fromkeys(NAMES, jnp.zeros(()))
SUN = SolarModel.b16_gs98()


def mass_squared(sin2_theta12, dm21, sin2_theta13=0.0222, dm31=2.5e-3):
    angles = (jnp.arcsin(jnp.sqrt(x)) for x in (sin2_theta12, sin2_theta13, 0.5))
    return mixing.pmns(*angles, 0.7), jnp.stack([0.0 * dm21, dm21, 0.0 * dm21 + dm31]) + 1e-6


def theory(*point, **others):
    pmns, squares = mass_squared(*point, **others)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(pmns, jnp.sqrt(squares))))


def chi2(p, names=JOINT, priors=1.0):
    """p: sin^2(theta12), dm21 [1e-5 eV^2], nuisances."""
    point, nuisance = theory(p[0], 1e-5 * p[1]), dict(zip(NAMES, p[2:], strict=True))
    return -2.0 * sum(EXPERIMENTS[n].log_likelihood(point, nuisance) for n in names) + priors * jnp.sum(p[2:] ** 2)


JOINT_CHI2 = jax.jit(jax.value_and_grad(chi2))


@pytest.fixture(scope="module")
def best():
    start = np.r_[0.31, 6.0, np.zeros(len(NAMES))]
    bounds = [(0.05, 0.9), (0.5, 60.0)] + [(-4.0, 4.0)] * len(NAMES)
    return minimize(
        lambda p: tuple(np.asarray(v) for v in JOINT_CHI2(p)), start, jac=True, method="L-BFGS-B", bounds=bounds
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_likelihood_pulls_and_draws(name):
    experiment = EXPERIMENTS[name]
    point = theory(jnp.array(0.307), jnp.array(7.5e-5))
    predicted = experiment.predict(point, NONE)
    lines = experiment.pulls(point, NONE)
    np.testing.assert_allclose([line.pull for line in lines], (predicted - experiment.observed) / experiment.errors())
    perfect = experiment.with_values(predicted)
    np.testing.assert_allclose(perfect.log_likelihood(point, NONE), 0.0, atol=1e-20)
    residual = np.asarray(experiment.observed - predicted)
    expected = residual @ np.linalg.solve(np.asarray(experiment.covariance), residual)
    np.testing.assert_allclose(-2.0 * experiment.log_likelihood(point, NONE), expected, rtol=1e-9)
    np.testing.assert_array_equal(experiment.fitted(point, NONE), predicted)
    keys = jax.random.split(jax.random.key(1), 2000)
    drawn = jax.vmap(lambda key: experiment.simulate(key, point, NONE).observed)(keys)
    np.testing.assert_allclose((drawn - predicted).std(0) / experiment.errors(), 1.0, atol=0.08)
    np.testing.assert_allclose((drawn - predicted).mean(0) / experiment.errors(), 0.0, atol=0.1)


def test_rates_without_oscillation():
    """As published for the high-metallicity model [SNU], and nu_e alone for Borexino's 7Be line: 73-74 cpd/100t."""
    homestake, gallium, borexino = (np.asarray(EXPERIMENTS[n].weights)[..., 0].sum(-1) for n in RATES)
    assert 7.8 < homestake[0] < 9.0
    np.testing.assert_allclose(gallium, 127.0, atol=2.0)
    np.testing.assert_allclose(borexino[0], 73.5, atol=1.5)
    np.testing.assert_allclose(borexino[2], 195.0, atol=5.0)


@cache
def brute(name, row, point):
    """The rate once more: every node of the published spectra, every radius of the Sun."""
    spectra, M = SolarSpectra.load(), theory(*map(jnp.asarray, point)).neutrinos.mass_squared
    couplings = Couplings.radiatively_corrected()
    if name == "borexino":
        sources = {0: ["be7"], 1: ["b8", "hep"], 2: ["pp"], 3: ["pep"], 4: ["be7"]}[row]
    else:
        sources = ["pep", "be7", "b8", "hep", "n13", "o15", "f17"] + ["pp"] * (name == "gallium")
        table = read_table("solar_cross_section_" + {"homestake": "cl37", "gallium": "ga71"}[name])
        threshold = {"homestake": table["energy"][0], "gallium": 0.2332}[name]
        first = int(name == "homestake")
        x, y = np.log(table["energy"][first:] - threshold), np.log(1e-10 * table["cross_section"][first:])
    total = 0.0
    for source in sources:
        energy, weight = map(np.asarray, spectra.quadrature(source))
        order = np.argsort(energy)
        energy, weight = energy[order], weight[order]
        thin = slice(None, None, max(1, len(energy) // 300))
        P = np.zeros((len(energy), 3))
        coarse = oscillation.probability(M, jnp.asarray(energy[thin]), oscillation.FromSun(SUN, source))
        for flavor in range(3):
            P[:, flavor] = np.interp(energy, energy[thin], coarse[:, flavor])
        if name == "borexino":
            sections = np.asarray(cross_section(jnp.asarray(energy), couplings, low=3000.0 if row == 1 else 0.0))
            rate = np.einsum("eaa,ea->e", sections, P) * 3.307e31 * 86400.0
            rate = np.where(energy > (0.6 if row == 0 else 0.0), rate, 0.0)
        else:
            inside = energy > threshold
            u = np.log(np.where(inside, energy - threshold, 1.0))
            low = y[0] + (y[1] - y[0]) / (x[1] - x[0]) * (u - x[0])
            rate = np.where(inside, np.exp(np.where(u < x[0], low, np.interp(u, x, y))), 0.0) * P[:, 0]
        total += float(SUN.fluxes[SUN.index(source)]) * weight @ rate
    return total


@pytest.mark.parametrize("point", [(0.307, 7.5e-5), (0.25, 3e-5)])
@pytest.mark.parametrize("name", RATES)
def test_rates_are_the_brute_force_sums(name, point):
    got = EXPERIMENTS[name].predict(theory(*map(jnp.asarray, point)), NONE)
    rows = range(len(got)) if name == "borexino" else [0]
    np.testing.assert_allclose(got[np.array(rows)], [brute(name, row, point) for row in rows], rtol=1e-3)


def test_nuisances_scale_the_fluxes():
    """All fluxes but hep's, each by its own theoretical error."""
    point = theory(jnp.array(0.307), jnp.array(7.5e-5))
    errors = {"pp": "pp", "pep": "pep", "be7": "be7", "b8": "b8", "cno": "o15"}
    borexino = EXPERIMENTS["borexino"]
    base = borexino.predict(point, NONE)
    for row, flux in ((2, "pp"), (3, "pep"), (4, "be7")):
        name = f"b16_gs98_flux_{flux}"
        moved = borexino.predict(point, {**NONE, name: jnp.array(2.0)})
        error = float(SUN.flux_errors[SUN.index(errors[flux])])
        np.testing.assert_allclose(moved[row] / base[row], 1.0 + 2.0 * error, rtol=1e-12)
    for name in ("sno_2013", "sno_fluxes"):
        experiment = EXPERIMENTS[name]
        row = 0 if name == "sno_2013" else 1
        flux = experiment.predict(point, {**NONE, "b16_gs98_flux_b8": jnp.array(1.0)})[row]
        np.testing.assert_allclose(flux, 5.46 * 1.12, rtol=1e-9)


def test_sno_sees_the_survival_probability():
    """CC / NC and the polynomial at 10 MeV lie by the day's P_ee there, and the Earth adds 2 to 4 %."""
    point = theory(jnp.array(0.307), jnp.array(7.5e-5))
    M = point.neutrinos.mass_squared
    day = float(oscillation.probability(M, 10.0, oscillation.FromSun(SUN, "b8"))[0])
    polynomial = EXPERIMENTS["sno_2013"].predict(point, NONE)
    np.testing.assert_allclose(polynomial[1], day, rtol=0.01)
    ratio = EXPERIMENTS["sno_fluxes"].predict(point, NONE)[0]
    assert day < ratio < 1.06 * day
    assert 0.02 < polynomial[4] < 0.04
    still = EXPERIMENTS["sno_2013"].predict(theory(jnp.array(1e-12), jnp.array(7.5e-5), 1e-12), NONE)
    np.testing.assert_allclose(still[1:], [1.0, 0.0, 0.0, 0.0, 0.0], atol=1e-4)


@pytest.mark.parametrize("point", [(0.307, 7.5e-5), (0.3, 2e-5)])
def test_mean_night_is_the_mean_of_all_nights(point):
    """Against the evolution through every depth of PREM, zenith angles as they pass by in a year.

    Scaling distances by s is scaling energies by s, and the whole effect by 1 / s.
    """
    experiment = EXPERIMENTS["sno_2013"]
    M = theory(*map(jnp.asarray, point)).neutrinos.mass_squared
    day, night = experiment.night.survival(M, experiment.average.state(M), experiment.average.energy)
    longitude, turn = (a.ravel() for a in np.meshgrid(*[(np.arange(n) + 0.5) / n * 2 * np.pi for n in (40, 60)]))
    latitude, declination = np.radians(46.475), np.arcsin(np.sin(np.radians(23.44)) * np.sin(longitude))
    cosine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(turn)
    cosine = np.sort(cosine[cosine < 0.0])[::4]
    smearing = 1.0 + 0.15 * norm.ppf((np.arange(20) + 0.5) / 20)
    energy = experiment.average.energy * smearing[:, None]
    S = oscillation.amplitude(
        M,
        energy[..., None],
        oscillation.ThroughEarth(cosine, earth=EarthModel.prem(piece=100.0), detector_depth=2.09),
    )
    exact = oscillation.regenerated(experiment.average.state(M)[:, None], S)[..., 0].mean(-1)
    np.testing.assert_allclose(night - day, ((exact - day) / smearing[:, None]).mean(0), rtol=0.025)


def test_joint_fit(best):
    """The known solution of large mixing, found without KamLAND; every experiment is described."""
    assert 0.29 < best.x[0] < 0.33
    assert 4.5 < best.x[1] < 7.5
    assert best.fun < 10.0
    assert np.all(np.abs(best.x[2:]) < 1.0)
    at = np.r_[best.x[0], 40.0, best.x[2:]]
    assert JOINT_CHI2(at)[0] > best.fun + 9.0


def test_gradients(best):
    p = jnp.asarray(best.x).at[0].add(0.02).at[1].add(0.8).at[2:].add(0.3)
    reverse = JOINT_CHI2(p)[1]
    step = 1e-5
    numeric = [(JOINT_CHI2(p + step * e)[0] - JOINT_CHI2(p - step * e)[0]) / (2 * step) for e in jnp.eye(len(p))]
    np.testing.assert_allclose(reverse, numeric, rtol=1e-5, atol=1e-6)
    forward = jax.jit(lambda p, v: jax.jvp(chi2, (p,), (v,))[1])
    direction = jnp.linspace(-1.0, 1.0, len(p))
    np.testing.assert_allclose(forward(p, direction), reverse @ direction, rtol=1e-9)


@pytest.mark.parametrize("point", [(0.0, 7.5), (0.307, 0.0), (1.0, 7.5), (0.5, 1e-3)])
def test_extremes_are_finite(point):
    value, gradient = JOINT_CHI2(
        jnp.array([*point, *np.zeros(len(NAMES))]).at[0].set(np.clip(point[0], 1e-12, 1 - 1e-12))
    )
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_survival_points():
    """What each experiment says about P_ee: a half below 2 MeV, a third above."""
    points = [p for name in JOINT for p in EXPERIMENTS[name].survival()]
    for point in points:
        expected = 0.32 if point.energy > 5.0 else 0.53
        assert abs(point.probability - expected) < 2.0 * point.error, point.label
        assert 0.0 < point.error < 0.2


def test_another_solar_model_brings_its_own_nuisances():
    other = Homestake1998.load(SolarModel.b16_agss09met())
    assert all(name.startswith("b16_agss09met_flux_") for name in other.nuisances())
    zero = dict.fromkeys(other.nuisances(), jnp.zeros(()))
    point = theory(jnp.array(0.307), jnp.array(7.5e-5))
    ratio = other.predict(point, zero) / EXPERIMENTS["homestake"].predict(point, NONE)
    assert 0.8 < float(ratio[0]) < 0.9


def test_electrons_of_another_model_change_next_to_nothing():
    """SNO with the densities of B23: P_ee by 2e-4 at most, the asymmetry by a percent of itself; the same nuisances."""
    other = Sno2013.load(SUN.with_electrons_of(B23.AGSS09MET))
    assert other.nuisances().keys() == EXPERIMENTS["sno_2013"].nuisances().keys()
    assert len(other.sources) == len(EXPERIMENTS["sno_2013"].sources) + 1
    point = theory(jnp.array(0.307), jnp.array(7.5e-5))
    new, old = (np.asarray(e.predict(point, NONE)) for e in (other, EXPERIMENTS["sno_2013"]))
    assert new[0] == old[0]
    assert 0.0 < abs(new[1] - old[1]) < 2e-4
    np.testing.assert_allclose(new[1:4], old[1:4], atol=2e-4)
    np.testing.assert_allclose(new[4:], old[4:], rtol=0.01)


@pytest.mark.parametrize("values", [jnp.ones(4), jnp.array([np.nan]), jnp.array([1j])])
def test_bad_values(values):
    with pytest.raises(ValueError, match="Argument `values` must"):
        EXPERIMENTS["homestake"].with_values(values)


def test_spectra():
    spectra = SolarSpectra.load()
    means = {"pp": 0.2668, "b8": 6.73, "n13": 0.7067, "o15": 0.9965, "f17": 0.9994, "hep": 9.628, "pep": 1.442}
    for source, mean in means.items():
        energy, weight = spectra.quadrature(source)
        np.testing.assert_allclose(weight.sum(), 1.0, rtol=1e-12)
        np.testing.assert_allclose(weight @ energy, mean, rtol=0.01)
    with pytest.raises(ValueError, match="Argument `source` must be one of"):
        spectra.quadrature("b9")
