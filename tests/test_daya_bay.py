"""Daya Bay: the prediction against a brute-force average, the published result, gradients, bad input."""

import csv
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import minimize
from scipy.stats import norm

from nmmjax import mixing
from nmmjax.experiments.daya_bay_2022 import DM21, DM32, SIN2_2THETA13, SIN2_THETA12, DayaBay2022
from nmmjax.experiments.likelihoods import gaussian
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.tables import DATA

REFERENCE = Path(__file__).parent / "reference" / "daya_bay_2022_delta_chi2.csv"
SHAPE_MODES = 26 + 1 + 6 + 8
"""Leading modes, those proportional to the prediction."""


def daya_bay():
    return loaded(DayaBay2022)


def nuisances(values=(0.0, 0.0, 0.0, 0.0)):
    return dict(zip(daya_bay().nuisances(), jnp.asarray(values), strict=True))


def theory(sin2_2theta13, dm32, dm21=DM21, sin2_theta12=SIN2_THETA12, lightest=0.01):
    theta13 = 0.5 * jnp.arcsin(jnp.sqrt(sin2_2theta13))
    pmns = mixing.pmns(jnp.arcsin(jnp.sqrt(sin2_theta12)), theta13, 0.7, 1.0)
    squares = jnp.stack([0.0 * dm32, dm21 + 0.0 * dm32, dm32 + dm21])
    masses = jnp.sqrt(squares - jnp.min(squares) + lightest**2)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(pmns, masses)))


# The prediction once more: loops over detectors and cores, a dense grid of energies, the textbook formula


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


@cache
def energy_weights(stretch=1.0):
    """Antineutrino energies and their weights in each prompt bin; prompt energies multiplied by `stretch`."""
    energy = np.linspace(1.8043, 13.2, 40_001)[1:]
    fractions = {r["isotope"]: float(r["fission_fraction"]) for r in rows("daya_bay_reactor")}
    flux = sum(
        fractions[r["isotope"]] * np.exp(sum(float(r[f"a{k}"]) * energy**k for k in range(6)))
        for r in rows("reactor_spectra")
        if r["model"] == "huber_mueller"
    )
    positron = energy - 1.29333236
    momentum = np.sqrt(np.clip(positron**2 - 0.51099895**2, 0.0, None))
    exponent = -0.07056 + 0.02018 * np.log(energy) - 0.001953 * np.log(energy) ** 3
    first_order = positron * (1 - energy / 938.919) - (1.29333236**2 - 0.51099895**2) / (2 * 938.919)
    prompt = np.maximum(first_order, 0.51099895) + 0.51099895
    sigma = np.sqrt((0.016 * prompt) ** 2 + 0.081**2 * prompt + 0.026**2)
    edges = np.asarray(daya_bay().edges) / stretch
    inside = np.diff(norm.cdf((edges[:, None] - prompt) / sigma), axis=0)
    return energy, inside * flux * momentum * positron * energy**exponent


def survival(x, sin2_2theta13, dm32, dm21=DM21, sin2_theta12=SIN2_THETA12):
    """1 - cos^4(t13) sin^2(2 t12) sin^2(D21) - sin^2(2 t13) [cos^2(t12) sin^2(D31) + sin^2(t12) sin^2(D32)]."""
    c2 = 0.5 * (1 + np.sqrt(1 - sin2_2theta13))
    s21, s31, s32 = (np.sin(1266.93268 * d * x) ** 2 for d in (dm21, dm32 + dm21, dm32))
    solar = 4 * sin2_theta12 * (1 - sin2_theta12)
    return 1 - c2**2 * solar * s21 - sin2_2theta13 * ((1 - sin2_theta12) * s31 + sin2_theta12 * s32)


def brute_means(*point):
    """Mean survival probability in each hall, period and bin."""
    energy, weights = energy_weights()
    means = np.empty((3, 3, 26))
    for h, hall in enumerate(("EH1", "EH2", "EH3")):
        for p, period in enumerate(("6AD", "8AD", "7AD")):
            total = above = 0.0
            for r in rows("daya_bay_detectors"):
                if r["hall"] != hall or r[period] != "1":
                    continue
                for core in ("D1", "D2", "L1", "L2", "L3", "L4"):
                    length = float(r[core]) / 1000
                    share = float(r["target_mass"]) * float(r["efficiency"]) / length**2
                    above = above + share * (weights @ survival(length / energy, *point))
                    total = total + share * weights.sum(1)
            means[h, p] = above / total
    return means


@cache
def spectra():
    table = rows("daya_bay_2022_spectra")
    signal = np.zeros((3, 3, 26))
    background, observed = np.zeros((3, 26)), np.zeros((3, 26))
    for h, hall in enumerate(("EH1", "EH2", "EH3")):
        for p, period in enumerate(("6AD", "8AD", "7AD")):
            chosen = [r for r in table if r["hall"] == hall and r["period"] == period]
            signal[h, p] = [float(r["predicted"]) for r in chosen]
            observed[h] += [float(r["observed"]) for r in chosen]
            kinds = ("accidental", "lithium_helium", "fast_neutron", "americium_carbon", "alpha_neutron")
            background[h] += [sum(float(r[kind]) for kind in kinds) for r in chosen]
    return signal, background, observed


@cache
def published_means():
    return brute_means(SIN2_2THETA13, DM32)


POINTS = [
    (0.0851, 2.466e-3),
    (0.05, 2.0e-3),
    (0.2, 5e-4),
    (0.1, -2.571e-3),
    (0.3, 8e-3),
    (0.1, 3e-2),
    (0.0851, 2.5e-3, 5e-4, 0.5),
    (0.0, 2.5e-3),
]


@pytest.mark.parametrize("point", POINTS)
def test_prediction_is_the_brute_force_average(point):
    signal, background, _ = spectra()
    expected = (signal * brute_means(*point) / published_means()).sum(1) + background
    np.testing.assert_allclose(daya_bay().predict(theory(*point), nuisances()), expected.ravel(), rtol=3e-6)


def test_published_best_fit_gives_the_published_prediction():
    signal, background, observed = spectra()
    got = daya_bay().predict(theory(SIN2_2THETA13, DM32), nuisances())
    np.testing.assert_allclose(got, (signal.sum(1) + background).ravel(), rtol=1e-9)
    np.testing.assert_allclose(daya_bay().observed, observed.ravel(), rtol=1e-12)
    assert daya_bay().observed.shape == (len(daya_bay().labels),) == (78,)


def test_fast_oscillations_stay_bounded():
    free = np.asarray(daya_bay().predict(theory(0.0, 1e-9, dm21=0.0), nuisances()) - daya_bay().background)
    predict = jax.jit(lambda dm32: daya_bay().predict(theory(0.5, dm32), nuisances()))
    for dm32 in np.geomspace(0.04, 10.0, 60):
        ratio = (np.asarray(predict(dm32)) - daya_bay().background) / free
        assert ratio.min() > 0.4
        assert ratio.max() < 1.01


def test_energy_scale_moves_the_edges():
    """Linear in the nuisances; of the reactor spectrum itself, the derivative of its counts."""
    no_oscillation = theory(0.0, 1e-9, dm21=0.0)
    plain = daya_bay().predict(no_oscillation, nuisances()) - daya_bay().background
    both = daya_bay().predict(no_oscillation, nuisances((1.0, 0.0, 0.0, 2.0))) - daya_bay().background
    change = np.asarray(both / plain - 1.0).reshape(3, 26)
    assert np.asarray(daya_bay().scales)[:, 2] == pytest.approx([0.005, 0.0, 0.0, 0.001])
    stretched, shrunk, straight = (energy_weights(s)[1].sum(1) for s in (1.0005, 0.9995, 1.0))
    expected = (stretched - shrunk) / 0.001
    outer = np.zeros(26)  # the outermost edges are held
    outer[0] = (daya_bay().shift @ straight - expected)[0]
    np.testing.assert_allclose(daya_bay().shift @ straight - outer, expected, rtol=1e-4, atol=1e-4 * straight.max())
    assert abs(outer[0]) < 0.3 * abs(expected[0])
    slope = daya_bay().shift @ plain.reshape(3, 26).T / plain.reshape(3, 26).T
    np.testing.assert_allclose(change.T, slope * np.array([0.005, 0.005, 0.007]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(both.reshape(3, 26).sum(1), plain.reshape(3, 26).sum(1), rtol=1e-12)


# The fit


CENTER = np.array([0.085, 2.466, 0.0, 0.0, 0.0, 0.0])
SCALE = np.array([0.0025, 0.06, 1.0, 1.0, 1.0, 1.0])


def chi2(u, sign=1.0):
    """-2 ln (likelihood x prior of the nuisances) in units of about one standard deviation."""
    p = CENTER + SCALE * u
    log_likelihood = daya_bay().log_likelihood(theory(p[0], sign * 1e-3 * p[1]), nuisances(p[2:]))
    return -2 * log_likelihood + jnp.sum(p[2:] ** 2)


value_and_grad = jax.jit(jax.value_and_grad(chi2))


def hessian(u, sign):
    """By differences of the gradient."""
    steps = 1e-3 * np.eye(6)
    rows = [(value_and_grad(u + h, sign)[1] - value_and_grad(u - h, sign)[1]) / 2e-3 for h in steps]
    return 0.5 * (np.array(rows) + np.array(rows).T)


def chi2_of_moving_covariance(u):
    """The same with modes proportional to the prediction, and the determinant of their covariance."""
    p = CENTER + SCALE * u
    prediction = daya_bay().predict(theory(p[0], 1e-3 * p[1]), nuisances(p[2:]))
    published = daya_bay().predict(theory(SIN2_2THETA13, DM32), nuisances())
    growth = (prediction - daya_bay().background) / (published - daya_bay().background)
    modes = daya_bay().modes.at[:, :SHAPE_MODES].multiply(growth[:, None])
    reference = gaussian.log_determinant(daya_bay().variance, daya_bay().modes)
    residual = daya_bay().counts - prediction
    log_likelihood = gaussian.log_likelihood(residual, daya_bay().variance, modes, reference=reference)
    return -2 * log_likelihood + jnp.sum(p[2:] ** 2)


@cache
def fitted(start=CENTER[1], sign=1.0):
    u = np.array([0.0, (start - CENTER[1]) / SCALE[1], 0.0, 0.0, 0.0, 0.0])
    result = minimize(value_and_grad, u, args=(sign,), jac=True, method="BFGS", options={"gtol": 1e-5})
    errors = SCALE * np.sqrt(np.diag(np.linalg.inv(0.5 * hessian(result.x, sign))))
    return CENTER + SCALE * result.x, errors, result.fun


def test_best_fit_is_the_published_one():
    value, error, minimum = fitted()
    assert abs(value[0] - 0.0851) < 0.1 * 0.0024
    assert abs(value[1] - 2.466) < 0.1 * 0.060
    assert error[:2] == pytest.approx([0.0024, 0.060], rel=0.15)
    assert error[:2] == pytest.approx([0.00247, 0.0530], rel=0.01)
    assert np.all(np.abs(value[2:]) < 0.2)
    assert minimum == pytest.approx(58.07, abs=0.02)


def test_inverted_ordering_is_the_published_one():
    value, _, minimum = fitted(2.571, -1.0)
    assert abs(value[1] - 2.571) < 0.1 * 0.060
    assert minimum == pytest.approx(fitted()[2], abs=0.1)


def test_fixed_covariance_is_good_enough():
    """One Newton step from the best fit, with its Hessian, to that of the moving covariance."""
    value, error, minimum = fitted()
    u = (value - CENTER) / SCALE
    moving, gradient = jax.jit(jax.value_and_grad(chi2_of_moving_covariance))(u)
    step = -SCALE * np.linalg.solve(hessian(u, 1.0), np.asarray(gradient))
    assert np.all(np.abs(step / error)[:2] < 0.05)
    assert float(moving) == pytest.approx(minimum, abs=0.2)


def test_delta_chi2_of_the_collaboration():
    """The contour is that of the collaboration; ours is 12 % narrower in dm2_32."""
    table = np.loadtxt(REFERENCE, delimiter=",", skiprows=4)
    for sin2, dm32, expected in table:
        point = (np.array([sin2, dm32]) - CENTER[:2]) / SCALE[:2]

        def profile(z, point=point):
            value, gradient = value_and_grad(np.concatenate([point, z]), 1.0)
            return value, gradient[2:]

        got = minimize(profile, np.zeros(4), jac=True).fun - fitted()[2]
        assert np.sqrt(max(got, 0.0)) == pytest.approx(np.sqrt(expected), abs=0.2, rel=0.16)


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
    u = np.array([0.3, -0.7, 0.5, -1.0, 0.2, 1.0])
    _, gradient = value_and_grad(u, 1.0)
    for i in range(6):
        step = 1e-4 * np.eye(6)[i]
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
    shifts = nuisances((0.5, -0.5, 1.0, 0.0))

    def one(key):
        return -2 * daya_bay().simulate(key, point, shifts).log_likelihood(point, shifts)

    values = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 4000)))
    assert values.mean() == pytest.approx(78.0, abs=4 * np.sqrt(2 * 78 / 4000))
    assert values.var() == pytest.approx(2 * 78, rel=0.15)


def test_pulls_show_the_oscillation():
    pulls = daya_bay().pulls(theory(SIN2_2THETA13, DM32), nuisances())
    assert len(pulls) == 10
    assert max(abs(pull.pull) for pull in pulls) < 1.5
    without = daya_bay().pulls(theory(0.0, DM32, dm21=0.0), nuisances())
    deepest = max(without[:8], key=lambda pull: pull.pull)
    assert deepest.label == "EH3 / (EH1 + EH2), 2.55-3.55 MeV"
    assert deepest.pull > 15
    assert deepest.predicted[0] > deepest.observed[0]


def test_spectrum_errors_and_sources():
    spectrum = daya_bay().spectrum()
    assert spectrum.panels == ("EH1", "EH2", "EH3")
    assert [len(edges) for edges in spectrum.edges] == [27, 27, 27]
    np.testing.assert_allclose(daya_bay().errors() ** 2, daya_bay().observed, rtol=0.1)
    assert daya_bay().name == "daya_bay_2022"
    assert len({source.sha256 for source in daya_bay().sources}) == 5


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.full(78, np.nan), "Argument `counts` must be finite, but it is nan at index 0"),
        (np.ones(77), r"Argument `counts` must have shape \(78,\), but its shape is \(77,\)"),
        (np.ones((2, 78)), r"Argument `counts` must have shape \(78,\)"),
        (-np.ones(78), r"Argument `counts` must lie in \[0, inf"),
        (np.ones(78, complex), "Argument `counts` must be real"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        daya_bay().with_counts(counts)
