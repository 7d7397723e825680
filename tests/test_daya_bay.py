"""Daya Bay: the prediction against a brute-force average, the published result, gradients, bad input."""

import csv
import dataclasses
from functools import cache, partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import minimize
from scipy.stats import norm

from nmmjax import mixing, tables
from nmmjax.experiments.daya_bay_2022 import DM21, DM32, SIN2_2THETA13, SIN2_THETA12, DayaBay2022
from nmmjax.experiments.shared import daya_bay as release_of
from nmmjax.experiments.shared.daya_bay_errors import Expectation, compressed
from nmmjax.low_energy import CoherenceLoss, LowEnergy, Neutrinos
from nmmjax.models import SterileNeutrino
from nmmjax.tables import DATA, Table
from nmmjax.three_flavor import LightNeutrinos

REFERENCE = Path(__file__).parent / "reference" / "daya_bay_2022_delta_chi2.csv"
NUISANCES = 8


def daya_bay():
    return loaded(DayaBay2022)


def nuisances(values=(0.0,) * NUISANCES):
    return dict(zip(daya_bay().nuisances(), jnp.asarray(values), strict=True))


def theory(sin2_2theta13, dm32, dm21=DM21, sin2_theta12=SIN2_THETA12, lightest=0.01):
    theta13 = 0.5 * jnp.arcsin(jnp.sqrt(sin2_2theta13))
    pmns = mixing.pmns(jnp.arcsin(jnp.sqrt(sin2_theta12)), theta13, 0.7, 1.0)
    squares = jnp.stack([0.0 * dm32, dm21 + 0.0 * dm32, dm32 + dm21])
    masses = jnp.sqrt(squares - jnp.min(squares) + lightest**2)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(pmns, masses)))


# The prediction once more: its own quadrature, loops over runs and cores, the textbook formula


CORES = ("R1", "R2", "R3", "R4", "R5", "R6")
M_E, DELTA, MASS = 0.51099895, 1.29333236, 938.919


@cache
def rows(name):
    with (DATA / f"daya_bay_2022_{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def column(name, key):
    return np.array([float(row[key]) for row in rows(name)])


def linear(x, nodes, values):
    """Interpolated, and extrapolated from the last two nodes."""
    k = np.clip(np.searchsorted(nodes, x) - 1, 0, len(nodes) - 2)
    return values[k] + (values[k + 1] - values[k]) * (x - nodes[k]) / (nodes[k + 1] - nodes[k])


@cache
def kinematics():
    """Antineutrino energies, bin of deposited energy, weight with the cross section of Strumia and Vissani."""
    lines = []
    x, w = np.polynomial.legendre.leggauss(3)
    for k in range(20, 240):
        low, high = max(0.05 * k, 2 * M_E), 0.05 * (k + 1)
        for u, wu in zip(0.5 * (low + high) + 0.5 * (high - low) * x, 0.5 * (high - low) * w, strict=True):
            for c, wc in zip(x, 0.5 * w, strict=True):
                energies = np.linspace(u + DELTA - M_E - 0.02, u + DELTA - M_E + 0.6, 400)
                e0 = np.maximum(energies - DELTA, M_E)
                v = np.sqrt(1 - (M_E / e0) ** 2)
                e1 = e0 - energies * e0 * (1 - v * c) / MASS - (DELTA**2 - M_E**2) / (2 * MASS)
                j = int(np.argmax(e1 > u - M_E))
                part = slice(j - 2, j + 2)
                cubic = np.poly1d(np.polyfit(e1[part] - u + M_E, energies[part] - energies[j], 3))
                lines.append((energies[j] + cubic(0.0), k, wu * wc * cubic.deriv()(0.0), c))
    energy, place, weight, cosine = np.array(lines).T
    e0 = energy - DELTA
    p = np.sqrt(e0**2 - M_E**2)
    log = np.log(energy)
    asymmetry = (1.2701**2 - 1) / (1 + 3 * 1.2701**2)
    sigma = 1e-43 * p * e0 * energy ** (-0.07056 + 0.02018 * log - 0.001953 * log**3)
    return energy, place.astype(int), weight * sigma * (1 - asymmetry * p / e0 * cosine)


def response(scale=1.0, pulls=(0.0, 0.0, 0.0, 0.0)):
    """Share of bins of deposited energy in those of reconstructed energy."""
    acrylic = np.stack([column("acrylic", f"b{k}") for k in range(240)])
    acrylic = acrylic / acrylic.sum(0)
    energy, f0 = column("nonlinearity", "energy"), column("nonlinearity", "f0")
    factor = f0 + sum(z * (column("nonlinearity", f"f{k}") - f0) for k, z in enumerate(pulls, start=1))
    x, w = np.polynomial.legendre.leggauss(5)
    fine = 0.05 * (np.arange(240)[:, None] + 0.5 + 0.5 * x)
    visible = np.maximum(scale * linear(fine, energy, energy * factor), 0.05)
    sigma = np.sqrt((0.016 * visible) ** 2 + 0.081**2 * visible + 0.026**2)
    edges = np.asarray(daya_bay().edges)[:, None, None]
    return np.diff(norm.cdf((edges - visible) / sigma), axis=0) @ (0.5 * w) @ acrylic


def survival(x, sin2_2theta13, dm32, dm21=DM21, sin2_theta12=SIN2_THETA12):
    """1 - cos^4(t13) sin^2(2 t12) sin^2(D21) - sin^2(2 t13) [cos^2(t12) sin^2(D31) + sin^2(t12) sin^2(D32)]."""
    c2 = 0.5 * (1 + np.sqrt(1 - sin2_2theta13))
    s21, s31, s32 = (np.sin(1266.93268 * d * x) ** 2 for d in (dm21, dm32 + dm21, dm32))
    solar = 4 * sin2_theta12 * (1 - sin2_theta12)
    return 1 - c2**2 * solar * s21 - sin2_2theta13 * ((1 - sin2_theta12) * s31 + sin2_theta12 * s32)


def sources(*point, power=1.0, chance=survival):
    """Antineutrinos at each energy in each run: from fissions, and what the free spectrum does not multiply.

    `power` multiplies that of the first core; `chance` is that to survive, of L/E [km/MeV] and a point.
    """
    energy, _, weight = kinematics()
    isotopes, grid = rows("isotopes"), column("flux", "energy")
    per_fission = sum(float(i["fission_fraction"]) * float(i["antineutrinos"]) for i in isotopes)
    heat = sum(float(i["fission_fraction"]) * float(i["energy"]) for i in isotopes)
    spectra = {
        i["isotope"]: float(i["fission_fraction"]) * np.exp(linear(energy, grid, np.log(column("flux", i["isotope"]))))
        for i in isotopes
    }
    off = sum(s * linear(energy, grid, column("flux", f"off_{name}")) for name, s in spectra.items() if name != "U238")
    total = sum(spectra.values())
    detectors = {r["detector"]: r for r in rows("detectors")}
    main, rest = [], []
    for run in rows("runs"):
        one, other = np.zeros_like(energy), np.zeros_like(energy)
        for core in CORES:
            length = float(detectors[run["detector"]][core]) / 1000
            P = weight * chance(length / energy, *point)
            target = 1.4338e30 * 0.8025190696388883 * float(detectors[run["detector"]]["protons"])
            target /= 4 * np.pi * (1e5 * length) ** 2
            fissions = target * float(run[core]) / per_fission * (power if core == "R1" else 1.0)
            nominal = target * float(run["livetime"]) * 2895 * 6.241509074e18 / heat
            one += fissions * total * P
            other += fissions * off * P
            other += nominal * total * linear(energy, grid, column("flux", f"spent_{core}")) * P
        main.append(one)
        rest.append(other)
    return np.array(main), np.array(rest)


def binned(values):
    """Sums over bins of deposited energy."""
    _, place, _ = kinematics()
    return np.stack([np.bincount(place - 20, v, 220) for v in values])


@cache
def spectra():
    kinds = ("accidental", "lithium_helium", "fast_neutron", "americium_carbon", "alpha_neutron")
    other = np.sum([column("spectra", kind) for kind in kinds], 0)
    return column("spectra", "observed").reshape(21, 26), other.reshape(21, 26)


@cache
def correction():
    """The free spectrum at each energy, fitted to the data at the published best fit."""
    energy, _, _ = kinematics()
    main, rest = sources(SIN2_2THETA13, DM32)
    matrix, (observed, other) = response(), spectra()
    hats = np.stack([linear(energy, release_of.NODES, one) for one in np.eye(len(release_of.NODES))])
    z = np.zeros(len(hats))
    for _ in range(6):
        factor = np.exp(z @ hats)
        signal = binned(main * factor + rest) @ matrix.T
        slopes = np.stack([(binned(main * factor * hat) @ matrix.T).ravel() for hat in hats])
        weighted = slopes / (signal + other).ravel()
        z = z + np.linalg.solve(weighted @ slopes.T, weighted @ (observed - signal - other).ravel())
    return np.exp(z @ hats)


def brute(*point, power=1.0, chance=survival, **detector):
    main, rest = sources(*point, power=power, chance=chance)
    return (binned(main * correction() + rest) @ response(**detector).T).ravel()


POINTS = [
    (0.0851, 2.466e-3),
    (0.05, 2.0e-3),
    (0.2, 5e-4),
    (0.1, -2.571e-3),
    (0.3, 8e-3),
    (0.0851, 2.5e-3, 5e-4, 0.5),
    (0.0, 2.5e-3),
]


@pytest.mark.parametrize("point", POINTS)
def test_prediction_is_the_brute_force_sum(point):
    got = daya_bay().predict(theory(*point), nuisances()) - daya_bay().background
    np.testing.assert_allclose(got, brute(*point), rtol=1e-4)


def with_sterile(dm41, sin2_theta14):
    """The chance to survive by eigenvectors of a 4 x 4 mass matrix, the published three flavors and a fourth state."""
    theta13, theta12 = 0.5 * np.arcsin(np.sqrt(SIN2_2THETA13)), np.arcsin(np.sqrt(SIN2_THETA12))
    U = np.eye(4)
    for i, j, angle in ((0, 1, theta12), (0, 2, theta13), (0, 3, np.arcsin(np.sqrt(sin2_theta14)))):
        turn = np.eye(4)
        turn[i, i] = turn[j, j] = np.cos(angle)
        turn[i, j], turn[j, i] = np.sin(angle), -np.sin(angle)
        U = turn @ U
    mass_squared = (U * [0.0, DM21, DM32 + DM21, dm41]) @ U.T

    def chance(x):
        values, vectors = np.linalg.eigh(mass_squared)
        waves = np.exp(-2j * 1266.93268 * values * np.asarray(x)[..., None])
        return np.abs(waves @ vectors[0] ** 2) ** 2

    return chance


@pytest.mark.parametrize(("dm41", "sin2_theta14"), [(5e-3, 0.1), (0.02, 0.02), (0.04, 0.3)])
def test_a_sterile_neutrino(dm41, sin2_theta14):
    light = LightNeutrinos.from_sin2(
        DM21,
        DM32 + DM21,
        sin2_theta12=SIN2_THETA12,
        sin2_theta13=0.5 * (1 - np.sqrt(1 - SIN2_2THETA13)),
        sin2_theta23=0.45,
        delta_cp=1.0,
    )
    model = SterileNeutrino.from_oscillations(light, dm41, sin2_theta14=sin2_theta14, sin2_theta24=0.1)
    got = daya_bay().predict(model.low_energy(), nuisances()) - daya_bay().background
    np.testing.assert_allclose(got, brute(chance=with_sterile(dm41, sin2_theta14)), rtol=2e-4)


def test_loss_of_coherence_at_a_rate_of_one_over_the_energy():
    rate = 2e-22  # GeV

    def chance(x):
        pairs = np.exp(-rate * 1e3 * 5.067731e18 * x)
        (e1, e2), e3 = (1 - SIN2_THETA12, SIN2_THETA12), 0.5 * (1 - np.sqrt(1 - SIN2_2THETA13))
        e = np.array([e1 * (1 - e3), e2 * (1 - e3), e3])
        m2 = [0.0, DM21, DM32 + DM21]
        damped = [
            e[i] * e[j] * (1.0 if i == j else pairs * np.cos(2 * 1266.93268 * (m2[i] - m2[j]) * x))
            for i in range(3)
            for j in range(3)
        ]
        return sum(damped)

    low_energy = theory(SIN2_2THETA13, DM32)
    lossy = LowEnergy(low_energy.neutrinos, coherence_loss=CoherenceLoss(rate, -1.0))
    got = daya_bay().predict(lossy, nuisances()) - daya_bay().background
    np.testing.assert_allclose(got, brute(chance=chance), rtol=1e-4)
    assert np.abs(got / brute(SIN2_2THETA13, DM32) - 1.0).max() > 5e-3
    with pytest.raises(ValueError, match="`coherence_loss` must go as 1/E"):
        daya_bay().predict(LowEnergy(low_energy.neutrinos, coherence_loss=CoherenceLoss(rate, 0.0)), nuisances())


def test_the_data_are_all_candidates():
    observed, other = spectra()
    assert daya_bay().observed.sum() == 5_546_118
    np.testing.assert_array_equal(daya_bay().observed, observed.ravel())
    np.testing.assert_allclose(daya_bay().background, other.ravel(), rtol=1e-12)
    assert daya_bay().observed.shape == (len(daya_bay().labels),) == (546,)
    assert daya_bay().labels[26] == "6AD AD12 0.7-1.3 MeV"


def test_fast_oscillations_stay_bounded():
    free = np.asarray(daya_bay().predict(theory(0.0, 1e-9, dm21=0.0), nuisances()) - daya_bay().background)
    predict = jax.jit(lambda dm32: daya_bay().predict(theory(0.5, dm32), nuisances()))
    for dm32 in np.geomspace(0.04, 10.0, 20):
        ratio = (np.asarray(predict(dm32)) - daya_bay().background) / free
        assert ratio.min() > 0.4
        assert ratio.max() < 1.01


def test_energy_scale_of_a_detector_takes_its_efficiency_along():
    """Linear in the nuisances, in all runs of that detector and in no others."""
    point = (0.06, 2.2e-3)
    plain = np.asarray(daya_bay().predict(theory(*point), nuisances()))
    scales = np.zeros(NUISANCES)
    scales[4] = 0.5
    change = (np.asarray(daya_bay().predict(theory(*point), nuisances(scales))) - plain).reshape(21, 26)
    of_detector = np.array([row["detector"] == "AD31" for row in rows("runs")])
    assert np.all(change[~of_detector] == 0.0)
    up, down = (brute(*point, scale=1 + 0.002 * z).reshape(21, 26) for z in (0.5, -0.5))
    expected = 0.5 * (up - down) + 0.5 * 0.545 * 0.0010630145812734648 * 0.5 * (up + down)
    np.testing.assert_allclose(change[of_detector], expected[of_detector], rtol=2e-3, atol=1e-6 * up.max())


@cache
def expectation():
    release, sample = release_of.Release.read(), release_of.Sample.make()
    flux, detectors = release_of.Flux.of(release, sample), release_of.Response.of(release)
    P = release_of.survival(release, sample, SIN2_2THETA13, DM32, SIN2_THETA12, DM21)
    return Expectation.fitted(release, flux, detectors.matrix(), P), detectors


@cache
def modes():
    expected, detectors = expectation()
    return expected.modes(detectors)


def test_modes_are_what_pulls_do():
    """Two of them against the brute-force sum: a curve of the non-linearity, and the power of a core."""
    straight = brute(SIN2_2THETA13, DM32)
    first = len(release_of.NODES) + len(column("flux", "energy"))
    up, down = (brute(SIN2_2THETA13, DM32, pulls=(0.0, z, 0.0, 0.0)) for z in (1.0, -1.0))
    curved = 0.5 * (up - down)
    np.testing.assert_allclose(modes()[:, first + 1], curved, atol=2e-6 * straight.max(), rtol=2e-3)
    louder = brute(SIN2_2THETA13, DM32, power=1.005) - straight
    np.testing.assert_allclose(modes()[:, first + 7 + 16], louder, rtol=1e-3)


def test_compressed_modes_have_the_same_covariance():
    variance = np.asarray(daya_bay().variance)
    np.testing.assert_allclose(compressed(modes(), variance), daya_bay().modes, atol=1e-6 * np.abs(modes()).max())
    scaled, all_of_them = (m / np.sqrt(variance)[:, None] for m in (np.asarray(daya_bay().modes), modes()))
    np.testing.assert_allclose(scaled @ scaled.T, all_of_them @ all_of_them.T, atol=3e-4)


def test_equal_cores_shine_by_their_distance():
    expected, _ = expectation()
    runs = expected.release.runs
    equal = Table({**runs.columns, **dict.fromkeys(CORES, runs["R1"])}, runs.source)
    release = dataclasses.replace(expected.release, runs=equal)
    main = release_of.Flux.of(release, release_of.Sample.make()).main.sum((0, 3, 4))
    squares = release.baselines[release.detector] ** 2
    np.testing.assert_allclose(main * squares / (main * squares)[:, :1], 1.0, rtol=1e-12)


def test_without_oscillations_near_and_far_are_one_spectrum():
    counts = np.asarray(daya_bay().predict(theory(0.0, DM32, dm21=0.0), nuisances()) - daya_bay().background)
    shape = counts.reshape(21, 26) / counts.reshape(21, 26).sum(1, keepdims=True)
    assert np.max(np.abs(shape / shape[0] - 1.0)) < 2e-3  # spent fuel


# The fit


CENTER = np.array([0.085, 2.466, *[0.0] * NUISANCES])
SCALE = np.array([0.0025, 0.06, *[1.0] * NUISANCES])


def chi2(u, sign=1.0):
    """-2 ln (likelihood x prior of the nuisances) in units of about one standard deviation."""
    p = CENTER + SCALE * u
    log_likelihood = daya_bay().log_likelihood(theory(p[0], sign * 1e-3 * p[1]), nuisances(p[2:]))
    return -2 * log_likelihood + jnp.sum(p[2:] ** 2)


value_and_grad = jax.jit(jax.value_and_grad(chi2))


def hessian(u, sign):
    """By differences of the gradient."""
    steps = 1e-3 * np.eye(len(CENTER))
    rows = [(value_and_grad(u + h, sign)[1] - value_and_grad(u - h, sign)[1]) / 2e-3 for h in steps]
    return 0.5 * (np.array(rows) + np.array(rows).T)


@cache
def fitted(start=CENTER[1], sign=1.0):
    u = np.zeros(len(CENTER))
    u[1] = (start - CENTER[1]) / SCALE[1]
    result = minimize(value_and_grad, u, args=(sign,), jac=True, method="BFGS", options={"gtol": 1e-5})
    errors = SCALE * np.sqrt(np.diag(np.linalg.inv(0.5 * hessian(result.x, sign))))
    return CENTER + SCALE * result.x, errors, result.fun


def test_best_fit_is_the_published_one():
    value, error, minimum = fitted()
    assert abs(value[0] - 0.0851) < 0.2 * 0.0024
    assert abs(value[1] - 2.466) < 0.1 * 0.060
    assert error[:2] == pytest.approx([0.0024, 0.060], rel=0.10)
    assert np.all(np.abs(value[2:]) < 1.0)
    assert minimum == pytest.approx(575.12, abs=0.05)


def test_best_fit_is_that_of_a_fit_with_every_pull():
    """One without this package: all pulls free and nonlinear, Poisson, the cross section of Vogel and Beacom."""
    value, error, minimum = fitted()
    assert value[:2] == pytest.approx([0.08545, 2.4669], abs=0.1 * 0.00225, rel=0.0025)
    assert error[:2] == pytest.approx([0.002248, 0.05498], rel=0.015)
    assert minimum == pytest.approx(572.7, abs=3.0)


def test_inverted_ordering_is_the_published_one():
    value, _, minimum = fitted(2.571, -1.0)
    assert abs(value[1] - 2.571) < 0.1 * 0.060
    assert minimum == pytest.approx(fitted()[2], abs=0.1)


def test_delta_chi2_of_the_collaboration():
    """The contour is that of the collaboration; ours is up to a fifth narrower."""
    table = np.loadtxt(REFERENCE, delimiter=",", skiprows=4)
    for sin2, dm32, expected in table:
        point = (np.array([sin2, dm32]) - CENTER[:2]) / SCALE[:2]

        def profile(z, point=point):
            value, gradient = value_and_grad(np.concatenate([point, z]), 1.0)
            return value, gradient[2:]

        got = minimize(profile, np.zeros(NUISANCES), jac=True).fun - fitted()[2]
        assert np.sqrt(max(got, 0.0)) == pytest.approx(np.sqrt(expected), abs=0.25, rel=0.20)


# Derivatives


@jax.jit
def of_mass_matrix(parts):
    """ln L of the mass matrix whose real and imaginary part are the symmetric parts of `parts`, twice."""
    matrix = parts + jnp.swapaxes(parts, -1, -2)
    return daya_bay().log_likelihood(LowEnergy(Neutrinos(matrix[0] + 1j * matrix[1])), nuisances())


matrix_gradient = jax.jit(jax.grad(of_mass_matrix))
matrix_curvature = jax.jit(lambda point, direction: jax.jvp(jax.grad(of_mass_matrix), (point,), (direction,))[1])


SPECIAL = {
    "published": theory(SIN2_2THETA13, DM32),
    "theta13 zero": theory(0.0, DM32),
    "dm21 zero": theory(SIN2_2THETA13, DM32, dm21=0.0),
    "both zero": theory(0.0, DM32, dm21=0.0),
    "all degenerate": theory(SIN2_2THETA13, 0.0, dm21=0.0, lightest=0.05),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_gradient_and_hessian_at_special_points(case):
    half = 0.5 * np.asarray(SPECIAL[case].neutrinos.mass_matrix)
    point = np.stack([half.real, half.imag])
    gradient = matrix_gradient(point)
    step = 1e-7
    for direction in np.random.default_rng(1).normal(size=(3, 2, 3, 3)):
        ahead, behind = point + step * direction, point - step * direction
        expected = (of_mass_matrix(ahead) - of_mass_matrix(behind)) / (2 * step)
        assert float(jnp.sum(gradient * direction)) == pytest.approx(float(expected), rel=1e-5, abs=1e-3)
        expected = (matrix_gradient(ahead) - matrix_gradient(behind)) / (2 * step)
        got = np.asarray(matrix_curvature(point, direction))
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 * np.abs(got).max())


def test_gradient_of_the_fit_by_finite_differences():
    u = np.array([0.3, -0.7, 0.5, -1.0, 0.2, 1.0, -0.4, 0.8, 0.1, -0.6])
    _, gradient = value_and_grad(u, 1.0)
    for i in range(len(u)):
        step = 1e-4 * np.eye(len(u))[i]
        expected = (value_and_grad(u + step, 1.0)[0] - value_and_grad(u - step, 1.0)[0]) / 2e-4
        assert float(gradient[i]) == pytest.approx(float(expected), rel=1e-6, abs=1e-6)


def test_a_sterile_state_that_does_not_mix_changes_nothing():
    three = theory(SIN2_2THETA13, DM32).neutrinos.mass_matrix
    four = jnp.zeros((4, 4), complex).at[:3, :3].set(three).at[3, 3].set(0.1)
    got = daya_bay().predict(LowEnergy(Neutrinos(four)), nuisances())
    np.testing.assert_allclose(got, daya_bay().predict(LowEnergy(Neutrinos(three)), nuisances()), rtol=1e-9)


# The contract


def test_simulated_chi2_is_distributed_as_it_should():
    point = theory(0.08, 2.5e-3)
    shifts = nuisances((0.5, -0.5, 1.0, 0.0, 0.0, 0.3, 0.0, -1.0))

    def one(key):
        return -2 * daya_bay().simulate(key, point, shifts).log_likelihood(point, shifts)

    values = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 4000)))
    assert values.mean() == pytest.approx(546.0, abs=4 * np.sqrt(2 * 546 / 4000))
    assert values.var() == pytest.approx(2 * 546, rel=0.15)


def test_pulls_show_the_oscillation():
    pulls = daya_bay().pulls(theory(SIN2_2THETA13, DM32), nuisances())
    assert len(pulls) == 10
    assert max(abs(pull.pull) for pull in pulls) < 2.0
    without = daya_bay().pulls(theory(0.0, DM32, dm21=0.0), nuisances())
    deepest = max(without[:8], key=lambda pull: pull.pull)
    assert deepest.label == "EH3 / (EH1 + EH2), 2.55-3.55 MeV"
    assert deepest.pull > 15
    assert deepest.predicted[0] > deepest.observed[0]


def test_spectrum_errors_and_sources():
    spectrum = daya_bay().spectrum()
    assert spectrum.panels[:2] == ("AD11, 6AD", "AD12, 6AD")
    assert [len(edges) for edges in spectrum.edges] == [27] * 21
    np.testing.assert_allclose(daya_bay().errors() ** 2, daya_bay().observed, rtol=0.3)
    assert daya_bay().name == "daya_bay_2022"
    assert len({source.sha256 for source in daya_bay().sources}) == 7


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.full(546, np.nan), "Argument `counts` must be finite, but it is nan at index 0"),
        (np.ones(77), r"Argument `counts` must have shape \(546,\), but its shape is \(77,\)"),
        (np.ones((2, 546)), r"Argument `counts` must have shape \(546,\)"),
        (-np.ones(546), r"Argument `counts` must lie in \[0, inf"),
        (np.ones(546, complex), "Argument `counts` must be real"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        daya_bay().with_counts(counts)


def doubled(lines):
    return [*lines[:4], lines[3], *lines[5:]]


def reordered(lines):
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def not_a_number(lines):
    cells = lines[3].split(",")
    return [*lines[:3], ",".join([*cells[:-1], "nan"]), *lines[4:]]


@pytest.mark.parametrize("name", release_of.NAMES)
@pytest.mark.parametrize("damage", [doubled, reordered, not_a_number, lambda lines: lines[:-1]])
def test_damaged_tables_are_refused(name, damage, tmp_path, monkeypatch):
    for known in release_of.NAMES:
        (tmp_path / f"{known}.toml").write_text((DATA / f"{known}.toml").read_text())
        lines = (DATA / f"{known}.csv").read_text().splitlines()
        (tmp_path / f"{known}.csv").write_text("\n".join(damage(lines) if known == name else lines))
    monkeypatch.setattr(release_of, "read_table", partial(tables.read_table, folder=tmp_path))
    with pytest.raises(ValueError, match=rf"{name}.* row"):
        release_of.Release.read()
