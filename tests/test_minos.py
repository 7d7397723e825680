"""MINOS: prediction against a brute-force average, likelihood against the full covariance, the published fit."""

import csv
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import brentq, minimize
from toys import toy_result

from nmmjax import mixing, plots
from nmmjax.experiments.minos_2017 import DM21, DM32, SIN2_THETA12, SIN2_THETA13, SIN2_THETA23, Minos2017
from nmmjax.low_energy import CoherenceLoss, LowEnergy, Neutrinos
from nmmjax.models import SterileNeutrino
from nmmjax.results import DrawnSpectrum
from nmmjax.tables import DATA
from nmmjax.testing import check_derivatives
from nmmjax.three_flavor import LightNeutrinos

FAR, NEAR = 44, 47


def minos():
    return loaded(Minos2017)


def theory(sin2_theta23, dm32, dm21=DM21, sin2_theta13=SIN2_THETA13, delta=0.0, lightest=0.01):
    sines = jnp.stack(jnp.broadcast_arrays(jnp.sqrt(SIN2_THETA12), jnp.sqrt(sin2_theta13), jnp.sqrt(sin2_theta23)))
    squares = jnp.stack([0.0 * dm32, dm21 + 0.0 * dm32, dm32 + dm21])
    masses = jnp.sqrt(squares - jnp.min(squares) + lightest**2)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(mixing.pmns(*jnp.arcsin(sines), delta), masses)))


def with_sterile(dm41, sine14, sine24):
    """The published three flavors and a fourth state."""
    mass_squared = np.zeros((4, 4), complex)
    mass_squared[:3, :3] = PUBLISHED.neutrinos.mass_squared
    mass_squared[3, 3] = dm41
    for i, sine in ((0, sine14), (1, sine24)):
        rotation = np.eye(4)
        rotation[i, i] = rotation[3, 3] = np.sqrt(1 - sine**2)
        rotation[i, 3], rotation[3, i] = sine, -sine
        mass_squared = rotation @ mass_squared @ rotation.T
    masses, vectors = np.linalg.eigh(mass_squared)
    U = vectors.conj()
    return LowEnergy(Neutrinos(U.conj() @ np.diag(np.sqrt(masses.clip(0))) @ U.conj().T))


PUBLISHED = theory(SIN2_THETA23, DM32)


# The prediction once more: a loop over the rows of the table, many points in each bin, eigenvectors


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def brute_far(mass_squared, points=50, density=2.7, loss=lambda energy: 0.0 * energy):
    """`loss` is the rate [km^-1] at which coherence is lost, of the energy [GeV]."""
    inside = (np.arange(points) + 0.5) / points * 2 - 1
    total, known = np.zeros(FAR), {}
    for row in rows("minos_2017_response"):
        low, high, mean = (float(row[key]) for key in ("low", "high", "mean"))
        half = (high - low) / 2
        if low not in known:
            known[low] = brute_probability(mass_squared, 735 / (low + half + half * inside), density, loss)
        P = known[low]
        of_component = {
            "numu": P[:, 1, 1],
            "nc": 1 - P[:, 1, 3:].sum(1),
            "beam_nue": P[:, 0, 0],
            "nue": P[:, 1, 0],
            "nutau": P[:, 1, 2],
        }
        slope = 3 * np.clip((mean - low - half) / half, -1 / 3, 1 / 3)
        average = np.mean((1 + slope * inside) * of_component[row["component"]])
        total += average * np.array([float(row[f"r{b}"]) for b in range(FAR)])
    return total


def brute_probability(mass_squared, energy, density, loss):
    """Energies in GeV; 2 sqrt2 G_F n_e E = 1.5264e-4 eV^2 Y_e rho E, L/E in units of 5.0677 / eV^2."""
    matter = 1.5264e-4 * density / 2 * np.diag([0.5, 0, 0] + [0.25] * (len(mass_squared) - 3))
    kept, energy = np.exp(-735 * loss(energy)), energy[:, None, None]
    values, vectors = np.linalg.eigh(np.asarray(mass_squared) / (2 * energy) + matter)
    waves = np.exp(-1j * 5.067731 * 735 * values)
    coherent = np.abs(np.einsum("eai,ei,ebi->eab", vectors.conj(), waves, vectors)) ** 2
    levels = np.abs(vectors) ** 2
    return kept[:, None, None] * coherent + (1 - kept[:, None, None]) * (levels @ levels.swapaxes(1, 2))


POINTS = {
    "published": PUBLISHED,
    "inverted": theory(0.42, -2.45e-3),
    "upper octant, delta": theory(0.62, 2.4e-3, delta=1.0),
    "fast": theory(0.4, 2e-2),
    "one splitting": theory(0.5, 2.4e-3, dm21=0.0, sin2_theta13=0.0),
    "sterile 0.01": with_sterile(0.01, 0.2, 0.3),
    "sterile 0.1": with_sterile(0.1, 0.2, 0.3),
    "sterile 0.3": with_sterile(0.3, 0.2, 0.3),
}
TOLERANCES = {"sterile 0.1": 1e-4, "sterile 0.3": 1e-2}


@pytest.mark.parametrize("point", POINTS)
def test_prediction_is_the_brute_force_average(point):
    expected = brute_far(POINTS[point].neutrinos.mass_squared)
    got = minos().predict(POINTS[point], {})
    np.testing.assert_allclose(got[:FAR], expected, rtol=TOLERANCES.get(point, 2e-5))
    np.testing.assert_array_equal(got[FAR:], [float(r["unoscillated"]) for r in spectra()[FAR:]])


def test_a_model_of_a_sterile_neutrino():
    """Four states from angles, against a 4 x 4 matrix turned by hand and its eigenvectors."""
    dm31 = DM32 + DM21
    light = LightNeutrinos.from_sin2(
        DM21, dm31, sin2_theta12=SIN2_THETA12, sin2_theta13=SIN2_THETA13, sin2_theta23=SIN2_THETA23
    )
    model = SterileNeutrino.from_oscillations(light, 0.02, sin2_theta14=0.04, sin2_theta24=0.09)
    got = minos().predict(model.low_energy(), {})[:FAR]
    turned = np.zeros((4, 4), complex)
    turned[:3, :3] = np.asarray(mixing.mass_squared_matrix(np.asarray(light.pmns()), DM21, dm31))
    turned[3, 3] = 0.02
    for i, sine in ((0, 0.2), (1, 0.3)):
        rotation = np.eye(4)
        rotation[i, i] = rotation[3, 3] = np.sqrt(1 - sine**2)
        rotation[i, 3], rotation[3, i] = sine, -sine
        turned = rotation @ turned @ rotation.T
    np.testing.assert_allclose(got, brute_far(turned), rtol=2e-5)


@pytest.mark.parametrize(("rate", "power"), [(3e-22, 0.0), (1e-21, -1.0), (2e-23, 2.0)])
def test_loss_of_coherence(rate, power):
    """Levels in matter, each pair of which keeps exp(-Gamma L) of its interference."""
    lossy = LowEnergy(PUBLISHED.neutrinos, coherence_loss=CoherenceLoss(rate, power))
    expected = brute_far(PUBLISHED.neutrinos.mass_squared, loss=lambda energy: 5.067731e18 * rate * energy**power)
    got = minos().predict(lossy, {})[:FAR]
    np.testing.assert_allclose(got, expected, rtol=1e-4)
    assert np.abs(got / minos().predict(PUBLISHED, {})[:FAR] - 1.0).max() > 0.02


def test_matter_and_antineutrinos_change_little():
    """Negative densities are those of antineutrinos where CP is conserved."""
    mass_squared = theory(0.402, 2.416e-3).neutrinos.mass_squared
    neutrinos = brute_far(mass_squared)

    def change(density):
        return brute_far(mass_squared, density=density) - neutrinos

    assert np.abs(change(0.0) / neutrinos).max() == pytest.approx(0.0088, abs=2e-4)
    assert np.abs(change(2.6) / neutrinos).max() < 4e-4
    assert np.abs(change(-2.7) / neutrinos).max() == pytest.approx(0.0177, abs=2e-4)
    assert np.abs(change(-2.7) / np.sqrt(neutrinos)).max() < 0.06


def test_without_oscillations_the_released_simulation_comes_out():
    got = minos().predict(theory(0.0, 1e-12, dm21=0.0, sin2_theta13=0.0), {})
    np.testing.assert_allclose(got, [float(r["unoscillated"]) for r in spectra()], atol=0.02)


def test_sterile_states_take_events_away():
    """Half of the beam sterile: less of everything, bounded whatever the splitting."""
    active = minos().predict(PUBLISHED, {})[:FAR]
    for dm41 in (0.5, 5.0, 50.0):
        got = minos().predict(with_sterile(dm41, 0.0, np.sqrt(0.5)), {})[:FAR]
        assert np.all(got > 0.0)
        assert 0.2 < float(jnp.sum(got) / jnp.sum(active)) < 0.8


def spectra():
    return rows("minos_2017_spectra")


# The likelihood once more: the covariance of all bins


@cache
def relative_covariance():
    matrix = np.zeros((FAR + NEAR, FAR + NEAR))
    for row in rows("minos_2017_covariance"):
        matrix[int(row["first"]), int(row["second"])] = float(row["covariance"])
    return np.triu(matrix) + np.triu(matrix, 1).T


def full_covariance(point):
    predicted = np.asarray(minos().predict(point, {}))
    return predicted, np.outer(predicted, predicted) * relative_covariance() + np.diag(predicted)


@pytest.mark.parametrize("point", POINTS)
def test_likelihood_is_that_of_the_full_covariance(point):
    predicted, covariance = full_covariance(POINTS[point])
    _, published = full_covariance(PUBLISHED)
    residual = np.array([float(r["observed"]) for r in spectra()]) - predicted
    chi2 = residual @ np.linalg.solve(covariance, residual)
    expected = chi2 + np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(published)[1]
    assert -2 * float(minos().log_likelihood(POINTS[point], {})) == pytest.approx(expected, rel=1e-9)
    pulled = minos().counts - predicted * np.linalg.solve(covariance, residual)
    np.testing.assert_allclose(minos().fitted(POINTS[point], {}), pulled, rtol=1e-9)


# The fit


def chi2(u, experiment=None, sign=1.0):
    """-2 ln L at sin^2 theta23 = 0.5 + u0 / 10, |dm2_32| = 2.4e-3 + u1 1e-4."""
    experiment = minos() if experiment is None else experiment
    return -2 * experiment.log_likelihood(theory(0.5 + 0.1 * u[0], sign * 1e-3 * (2.4 + 0.1 * u[1])), {})


value_and_grad = jax.jit(jax.value_and_grad(lambda u, sign=1.0: chi2(u, sign=sign)))


@cache
def fitted(octant, sign=1.0):
    found = minimize(value_and_grad, [octant, 0.0], args=(sign,), jac=True, bounds=[(-3, 3), (-5, 5)])
    columns = [(value_and_grad(found.x + h, sign)[1] - value_and_grad(found.x - h, sign)[1]) for h in 1e-3 * np.eye(2)]
    errors = np.sqrt(2 * np.diag(np.linalg.inv(np.array(columns) / 2e-3)))
    return 0.5 + 0.1 * found.x[0], 2.4 + 0.1 * found.x[1], 0.1 * errors[1], found.fun


def test_best_fit_is_the_published_one():
    sin2, dm32, error, minimum = fitted(-1.0)
    assert abs(dm32 - 2.40) < 0.3 * 0.085
    assert -0.04 < sin2 - 0.43 < 0.20
    assert (sin2, dm32, error) == pytest.approx((0.402, 2.415, 0.092), abs=0.002)
    assert minimum == pytest.approx(78.45, abs=0.05)


def test_interval_of_the_splitting():
    """Where the profile over the octant of the best fit has Delta chi^2 = 1."""
    sin2, dm32, _, minimum = fitted(-1.0)

    def excess(shift):
        def profile(x):
            value, gradient = value_and_grad(np.array([x[0], 10 * (dm32 + shift - 2.4)]), 1.0)
            return value, gradient[:1]

        return minimize(profile, [10 * (sin2 - 0.5)], jac=True).fun - minimum - 1.0

    ends = [brentq(excess, *interval, xtol=1e-4) for interval in ((-0.12, -0.06), (0.06, 0.12))]
    assert ends == pytest.approx([-0.089, 0.096], abs=0.001)


def test_without_the_determinant_the_fit_is_biased():
    """What the published search leaves out: mixing farther from maximal."""
    predict = jax.jit(lambda u: minos().predict(theory(0.5 + 0.1 * u[0], 1e-3 * (2.4 + 0.1 * u[1])), {}))

    def chi2_alone(u):
        predicted = np.asarray(predict(u))
        residual = np.asarray(minos().counts) / predicted - 1
        return residual @ np.linalg.solve(relative_covariance() + np.diag(1 / predicted), residual)

    for octant in (-1.0, 1.0):
        biased = minimize(chi2_alone, [octant, 0.2], method="Nelder-Mead", options={"xatol": 1e-3}).x[0]
        assert octant * (0.5 + 0.1 * biased - fitted(octant)[0]) == pytest.approx(0.015, abs=0.002)


def test_octants_and_orderings_are_equally_good():
    upper, dm32, _, minimum = fitted(1.0)
    assert upper == pytest.approx(0.626, abs=0.003)
    assert dm32 == pytest.approx(fitted(-1.0)[1], abs=0.003)
    assert minimum == pytest.approx(fitted(-1.0)[3], abs=0.1)
    sin2, dm32, _, minimum = fitted(-1.0, -1.0)
    assert abs(dm32 - 2.45) < 0.5 * 0.075
    assert abs(sin2 - 0.42) < 0.03
    assert minimum == pytest.approx(fitted(-1.0)[3], abs=0.1)


def test_maximal_mixing_is_allowed():
    def profile(x):
        value, gradient = value_and_grad(np.array([0.0, x[0]]), 1.0)
        return value, gradient[1:]

    assert minimize(profile, [0.0], jac=True).fun - fitted(1.0)[3] == pytest.approx(1.2, abs=0.05)


def test_score_has_zero_mean():
    """E[d ln L / d parameter] = 0 at the truth: the determinant belongs to a covariance that follows the theory."""
    truth, draws = jnp.array([-0.7, 0.0]), 800

    def log_determinant(u):
        predicted = minos().predict(theory(0.5 + 0.1 * u[0], 1e-3 * (2.4 + 0.1 * u[1])), {})
        covariance = jnp.outer(predicted, predicted) * relative_covariance() + jnp.diag(predicted)
        return jnp.linalg.slogdet(covariance)[1]

    def one(key):
        experiment = minos().simulate(key, theory(0.43, 2.4e-3), {})
        return jax.value_and_grad(lambda u: chi2(u, experiment))(truth)

    values, scores = map(np.asarray, jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), draws)))
    assert values.mean() == pytest.approx(91.0, abs=4 * np.sqrt(2 * 91 / draws))
    assert values.var() == pytest.approx(2 * 91, rel=0.25)
    error = scores.std(0) / np.sqrt(draws)
    assert np.all(np.abs(scores.mean(0)) < 4 * error)
    assert np.all(np.abs(jax.jit(jax.grad(log_determinant))(truth)) > 4 * error)


# Derivatives


@jax.jit
def of_mass_matrix(parts):
    """ln L of the mass matrix whose real and imaginary part are the symmetric parts of `parts`, twice."""
    matrix = parts + jnp.swapaxes(parts, -1, -2)
    return minos().log_likelihood(LowEnergy(Neutrinos(matrix[0] + 1j * matrix[1])), {})


matrix_gradient = jax.jit(jax.grad(of_mass_matrix))

SPECIAL = {
    "published": PUBLISHED,
    "theta13 zero": theory(0.43, DM32, sin2_theta13=0.0),
    "dm21 zero": theory(0.43, DM32, dm21=0.0),
    "both zero": theory(0.43, DM32, dm21=0.0, sin2_theta13=0.0),
    "all degenerate": theory(0.43, 0.0, dm21=0.0, lightest=0.05),
    "sterile": with_sterile(0.1, 0.2, 0.3),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_gradient_at_special_points(case):
    half = 0.5 * np.asarray(SPECIAL[case].neutrinos.mass_matrix)
    point = np.stack([half.real, half.imag])
    gradient = matrix_gradient(point)
    step = 1e-6 * np.abs(point).max()
    for direction in np.random.default_rng(1).normal(size=(3, *point.shape)):
        expected = (of_mass_matrix(point + step * direction) - of_mass_matrix(point - step * direction)) / (2 * step)
        assert float(jnp.sum(gradient * direction)) == pytest.approx(float(expected), rel=2e-5, abs=1e-3)


def test_derivatives_of_the_fit_agree():
    check_derivatives(chi2, jnp.array([-0.4, 0.3]), rtol=1e-6, atol=1e-6, step=1e-4)


# The contract


def test_pulls_show_the_oscillation():
    pulls = minos().pulls(theory(0.402, 2.415e-3), {})
    assert [pull.label for pull in pulls[:2]] == ["far detector, 0-2 GeV", "far detector, 2-3 GeV"]
    assert sum(pull.observed[0] for pull in pulls[:-1]) == pulls[-1].observed[0] == minos().counts[:FAR].sum()
    assert max(abs(pull.pull) for pull in pulls[:-2]) < 1.5
    without = minos().pulls(theory(0.0, 1e-12, dm21=0.0, sin2_theta13=0.0), {})
    deepest = max(without, key=lambda pull: pull.pull)
    assert deepest.pull > 10
    assert deepest.predicted[0] > 1.5 * deepest.observed[0]


def test_labels_spectrum_errors_and_sources():
    assert minos().nuisances() == {}
    assert minos().name == "minos_2017"
    assert minos().observed.shape == (len(minos().labels),) == (91,)
    assert (minos().labels[1], minos().labels[-1]) == ("far 1-1.25 GeV", "near 38-40 GeV")
    np.testing.assert_allclose(minos().errors() ** 2, minos().observed)
    assert [len(edges) for edges in minos().spectrum().edges] == [FAR + 1, NEAR + 1]
    assert len({source.sha256 for source in minos().sources}) == 3


def test_each_panel_of_the_figure_has_its_own_bins():
    spectrum = minos().spectrum()
    drawn = DrawnSpectrum(
        name="minos",
        panels=("far", "near"),
        edges=spectrum.edges,
        axis=spectrum.axis,
        unit=spectrum.unit,
        observed=np.asarray(minos().counts),
        errors=np.asarray(minos().errors()),
        expected=np.asarray(minos().counts * jnp.array([0.9, 1.0, 1.1])[:, None]),
    )
    figure = plots.spectrum(toy_result("toy", spectra=(drawn,)), "minos")
    for panel, edges, counts in zip(figure.axes[:2], spectrum.edges, np.split(minos().counts, [FAR]), strict=True):
        drawn = panel.patches[0].get_data()
        np.testing.assert_array_equal(drawn.edges, edges)
        np.testing.assert_allclose(drawn.values, 1e-3 * counts / np.diff(edges))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.full(91, np.nan), "Argument `counts` must be finite, but it is nan at index 0"),
        (np.ones(44), r"Argument `counts` must have shape \(91,\), but its shape is \(44,\)"),
        (-np.ones(91), r"Argument `counts` must lie in \[0, inf"),
        (np.ones(91, complex), "Argument `counts` must be real"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        minos().with_counts(counts)
