"""KamLAND: the prediction against brute force and the published one, the published result, gradients, bad input."""

import csv
from functools import cache, partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import brentq, least_squares, minimize
from scipy.stats import norm, poisson

from nmmjax import mixing
from nmmjax.experiments import KamLAND2011
from nmmjax.low_energy import CoherenceLoss, LowEnergy, Neutrinos
from nmmjax.tables import DATA, read_table

CENTRAL = (0.0, 0.0, 0.0, 0.0, 1.0, 1.0)
PUBLISHED = (7.49e-5, 0.436 / 1.436, 0.032)
"""dm21, sin^2 theta12 and sin^2 theta13."""


def kamland():
    return loaded(KamLAND2011)


def nuisances(values=CENTRAL):
    return dict(zip(kamland().nuisances(), jnp.asarray(values), strict=True))


def theory(dm21, sin2_theta12=0.3, sin2_theta13=0.022, dm31=2.5e-3, lightest=0.01):
    pmns = mixing.pmns(jnp.arcsin(jnp.sqrt(sin2_theta12)), jnp.arcsin(jnp.sqrt(sin2_theta13)), 0.8, 1.0)
    squares = jnp.stack([0.0 * dm21, dm21, dm31 + 0.0 * dm21])
    masses = jnp.sqrt(squares - jnp.min(squares) + lightest**2)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(pmns, masses)))


# The prediction once more: loops over sites, a dense grid of energies, eigenvalues in matter


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def column(name):
    return np.array([float(r[name]) for r in rows("kamland_2011_spectrum")])


@cache
def energy_weights(stretch=1.0):
    """Antineutrino energies and their weights in each prompt bin; prompt energies multiplied by `stretch`."""
    energy = 1.8043 + 1e-3 * (np.arange(9000) + 0.5)
    fractions = {"U235": 0.571, "U238": 0.078, "Pu239": 0.295, "Pu241": 0.056}
    flux = sum(
        fractions[r["isotope"]] * np.exp(sum(float(r[f"a{k}"]) * energy**k for k in range(6)))
        for r in rows("reactor_spectra")
        if r["model"] == "huber_mueller"
    )
    positron = energy - 1.29333236
    momentum = np.sqrt(np.clip(positron**2 - 0.51099895**2, 0.0, None))
    exponent = -0.07056 + 0.02018 * np.log(energy) - 0.001953 * np.log(energy) ** 3
    first_order = positron * (1 - energy / 938.919) - (1.29333236**2 - 0.51099895**2) / (2 * 938.919)
    prompt = stretch * (np.maximum(first_order, 0.51099895) + 0.51099895)
    inside = np.diff(norm.cdf((np.asarray(kamland().edges)[:, None] - prompt) / (0.065 * np.sqrt(prompt))), axis=0)
    return energy, inside * flux * momentum * positron * energy**exponent


def survival(mass_squared, energy, baselines, density=2.7, loss=0.0):
    """P(nubar_e -> nubar_e) from eigenvalues and eigenvectors at every energy, a row for each baseline.

    `loss` is the rate [km^-1] at which coherence is lost, at every energy.
    """
    phase, potential = 2533.86536, 3.8683e-4 * 0.5 * density
    hamiltonian = phase * np.conj(mass_squared) / energy[:, None, None]
    hamiltonian[:, 0, 0] -= potential
    values, vectors = np.linalg.eigh(hamiltonian)
    electron = np.abs(vectors[:, 0, :]) ** 2
    rows = []
    for baseline in baselines:
        kept = np.exp(-loss * baseline)
        coherent = np.abs(np.sum(electron * np.exp(-1j * values * baseline), -1)) ** 2
        rows.append(kept * coherent + (1.0 - kept) * np.sum(electron**2, -1))
    return rows


def brute_reactor(low_energy, stretch=1.0, loss=lambda energy: 0.0):
    """Reactor events in each bin; those of the world at many baselines beyond 2000 km."""
    energy, weights = energy_weights(stretch)
    mass_squared = np.asarray(low_energy.neutrinos.mass_squared)
    sites = rows("kamland_2011_sites")
    share = np.array([float(r["weight"]) for r in sites])
    baselines, rate = [float(r["distance"]) for r in sites], loss(energy)
    near = share @ survival(mass_squared, energy, baselines, loss=rate) / share.sum()
    far = np.mean(survival(mass_squared, energy, np.linspace(2e3, 9e3, 60), loss=rate), 0)
    return column("reactor") * (weights @ (0.989 * near + 0.011 * far)) / energy_weights()[1].sum(1)


predict = jax.jit(lambda low_energy, nuisance: kamland().predict(low_energy, nuisance))


def reactor_events(low_energy, scale=0.0):
    values = (0.0, scale, 0.0, 0.0, 0.0, 0.0)
    return np.asarray(predict(low_energy, nuisances(values)) - kamland().background)


POINTS = [
    (7.5e-5,),
    PUBLISHED,
    (7.5e-5, 0.3, 0.022, -2.45e-3),
    (2e-5, 0.3),
    (1.6e-4, 0.7, 0.1, 1e-3),
    (7.5e-5, 0.5, 0.0, 2.9e-3),
]


@pytest.mark.parametrize("point", POINTS)
def test_prediction_is_the_brute_force_average(point):
    low_energy = theory(*point)
    got, expected = reactor_events(low_energy), brute_reactor(low_energy)
    np.testing.assert_allclose(got[2:], expected[2:], rtol=3e-4)
    np.testing.assert_allclose(got[:2], expected[:2], rtol=3e-3)
    assert got.sum() == pytest.approx(expected.sum(), rel=5e-5)


@pytest.mark.parametrize(
    ("rate", "power", "tolerance"), [(4e-24, -1.0, 3e-4), (7e-22, 0.0, 2e-3), (1.5e-19, 1.0, 2e-2)]
)
def test_loss_of_coherence(rate, power, tolerance):
    """As large as the limits on it are; between three energies the damping at fixed L/E is a parabola."""
    low_energy = theory(7.5e-5)
    lossy = LowEnergy(low_energy.neutrinos, coherence_loss=CoherenceLoss(rate, power))
    expected = brute_reactor(low_energy, loss=lambda energy: 5.067731e18 * rate * (energy / 1e3) ** power)
    got = reactor_events(lossy)
    np.testing.assert_allclose(got[2:], expected[2:], rtol=tolerance)
    assert got.sum() == pytest.approx(expected.sum(), rel=tolerance)
    assert np.abs(got / reactor_events(low_energy) - 1.0).max() > 0.1


@pytest.mark.parametrize(("scale", "tolerance"), [(-3.0, 0.035), (-1.0, 6e-3), (1.0, 6e-3), (2.0, 4e-3)])
def test_energy_scale_moves_prompt_energies(scale, tolerance):
    low_energy = theory(7.5e-5)
    expected = brute_reactor(low_energy, 1.0 + 0.019 * scale)
    np.testing.assert_allclose(reactor_events(low_energy, scale)[2:], expected[2:], rtol=tolerance)
    assert np.abs(expected / brute_reactor(low_energy) - 1.0).max() > 5 * tolerance


def test_without_oscillation_the_table_comes_out():
    got = predict(theory(0.0, dm31=0.0, lightest=0.05), nuisances())
    kinds = ("reactor", "accidental", "alpha_neutron", "lithium_helium", "geo_uranium", "geo_thorium")
    np.testing.assert_allclose(got, np.sum([column(kind) for kind in kinds], axis=0), rtol=1e-12)
    np.testing.assert_array_equal(kamland().observed, column("observed"))
    assert column("observed").sum() == 2106
    assert column("reactor").sum() == pytest.approx(2879, abs=0.5)


def test_nuisances_act_as_they_should():
    low_energy = theory(7.5e-5)
    plain = np.asarray(predict(low_energy, nuisances()))
    changes = [np.asarray(predict(low_energy, nuisances(np.array(CENTRAL) + row))) - plain for row in np.eye(6)]
    np.testing.assert_allclose(changes[0], 0.041 * reactor_events(low_energy), rtol=1e-9)
    excited = column("energy_low") > 5.39
    np.testing.assert_allclose(changes[2], np.where(excited, 0.0, 0.11) * column("alpha_neutron"), atol=1e-12)
    np.testing.assert_allclose(changes[3], np.where(excited, 0.20, 0.0) * column("alpha_neutron"), atol=1e-12)
    np.testing.assert_allclose(changes[4], column("geo_uranium"), atol=1e-12)
    np.testing.assert_allclose(changes[5], column("geo_thorium"), atol=1e-12)


def test_sites():
    sites = rows("kamland_2011_sites")
    share, distance = (np.array([float(r[name]) for r in sites]) for name in ("weight", "distance"))
    assert share.sum() == pytest.approx(1.0, abs=5e-5)
    assert share @ distance / share.sum() == pytest.approx(215, abs=5)
    assert share[(distance > 138) & (distance < 214)].sum() == pytest.approx(0.74, abs=0.02)  # published: 79 % of Japan


def test_fast_oscillations_stay_bounded():
    free = reactor_events(theory(0.0, dm31=0.0, lightest=0.05))
    average = 1.0 - 2.0 * 0.3 * 0.7
    for dm21 in np.geomspace(3e-3, 1.0, 30):
        ratio = (reactor_events(theory(dm21, 0.3, 0.0, dm31=3.0)) / free)[5:65]
        assert np.all(np.abs(ratio - average) < 0.25)
        assert ratio.mean() == pytest.approx(average, abs=0.1)


# The published prediction and result


def test_published_prediction_comes_out():
    table = read_table("kamland_2011_best_fit")
    unoscillated, best_fit = table["unoscillated"], table["best_fit"]
    np.testing.assert_array_equal(unoscillated, column("reactor"))
    np.testing.assert_allclose(reactor_events(theory(*PUBLISHED))[3:72], best_fit[3:72], rtol=0.014)

    def residual(p):
        return (reactor_events(theory(1e-5 * p[0], p[1] / (1 + p[1]), PUBLISHED[2])) - best_fit) / np.sqrt(best_fit)

    fitted = least_squares(residual, [7.3, 0.5], diff_step=1e-4)
    assert fitted.x[0] == pytest.approx(7.49, rel=1.5e-3)
    assert fitted.x[1] == pytest.approx(0.436, rel=8e-3)
    assert 2 * fitted.cost < 0.1


START = np.array([7.5, 0.44, *CENTRAL])
TRACES: list[int] = []
SCALE = np.array([0.2, 0.07, 1.0, 1.0, 1.0, 1.0, 0.6, 1.4])


def chi2(p, sin2_theta13=0.022, experiment=None):
    """-2 ln (likelihood x prior of the nuisances) of dm21 [1e-5 eV^2], tan^2 theta12 and the nuisances."""
    TRACES.append(1)
    experiment = experiment or kamland()
    low_energy = theory(1e-5 * p[0], p[1] / (1.0 + p[1]), sin2_theta13)
    return -2.0 * experiment.log_likelihood(low_energy, nuisances(p[2:])) + jnp.sum(p[2:6] ** 2)


value_and_grad = eqx.filter_jit(jax.value_and_grad(chi2))


def minimum(sin2_theta13=0.022, held=()):
    """The best point and its chi^2, some parameters held where `held` says (index, value)."""
    start = START.copy()
    for index, value in held:
        start[index] = value
    free = np.setdiff1d(np.arange(8), [index for index, _ in held])

    def function(u):
        p = start.copy()
        p[free] += SCALE[free] * u
        value, gradient = value_and_grad(jnp.asarray(p), jnp.asarray(sin2_theta13), kamland())
        return float(value), np.asarray(gradient)[free] * SCALE[free]

    lows, highs = np.array([1.0, 0.05, *[-8.0] * 4, 0.0, 0.0]), np.array([20.0, 3.0, *[8.0] * 4, 4.0, 10.0])
    bounds = np.stack([lows - start, highs - start], -1)[free] / SCALE[free, None]
    options = {"ftol": 1e-14, "gtol": 1e-6}
    result = minimize(function, np.zeros(free.size), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    p = start.copy()
    p[free] += SCALE[free] * result.x
    return p, result.fun


def interval(index, best, lowest):
    """Where Delta chi^2 = 1, less the best value."""

    def excess(shift):
        return minimum(held=[(index, best[index] + shift)])[1] - lowest - 1.0

    width = SCALE[index]
    return [brentq(excess, *sorted((0.5 * side * width, 3 * side * width)), xtol=1e-2 * width) for side in (-1, 1)]


def test_best_fit_is_the_published_one():
    """KamLAND alone, theta13 free: (7.49 +- 0.20)e-5 and 0.436 +0.102 -0.081 at sin^2 theta13 = 0.032 +- 0.037."""
    best, lowest = minimum()
    assert abs(best[0] - 7.49) < 0.5 * 0.20
    assert abs(best[1] - 0.436) < 0.2 * 0.081
    assert best[:2] == pytest.approx([7.577, 0.431], rel=2e-3)
    assert lowest == pytest.approx(91.44, abs=0.05)
    assert np.all(np.abs(best[2:6]) < 1.0)
    predicted = np.asarray(predict(theory(1e-5 * best[0], best[1] / (1 + best[1])), nuisances(best[2:])))
    observed = column("observed")
    deviance = 2 * (predicted - observed + observed * np.log(np.maximum(observed, 1) / predicted))
    assert set(np.argsort(deviance)[-2:]) == {0, 19}
    assert deviance[[0, 19]].sum() == pytest.approx(22, abs=0.5)
    assert interval(0, best, lowest) == pytest.approx([-0.26, 0.25], abs=0.02)
    assert interval(1, best, lowest) == pytest.approx([-0.060, 0.073], abs=0.004)


def test_published_points_are_as_good():
    """With theta13 of the published fits: the three-flavor point, and that of two flavors (7.50e-5, 0.492)."""
    for sin2_theta13, dm21, tan2_theta12 in ((0.032, 7.49, 0.436), (0.0, 7.50, 0.492)):
        there = minimum(sin2_theta13, held=[(0, dm21), (1, tan2_theta12)])[1]
        assert there - minimum(sin2_theta13)[1] < 0.5


def test_no_oscillation_is_excluded():
    assert minimum(held=[(0, 7.5), (1, 0.05)])[1] > minimum()[1] + 80.0


def test_other_periods_of_the_oscillation_are_disfavored():
    """Local minima at a fifth and at twice the splitting; KamLAND, which knows times, gives > 4 sigma (2008)."""
    lowest = minimum()[1]
    for dm21 in (1.5, 1.6, 15.0, 15.3):
        assert 8.0 < minimum(held=[(0, dm21)])[1] - lowest < 16.0
    for dm21 in (1.0, 3.0, 5.0, 12.0, 18.0):
        assert minimum(held=[(0, dm21)])[1] > lowest + 30.0


# Derivatives


def of_mass_matrix(parts):
    """ln L of the mass matrix whose real and imaginary part are the symmetric parts of `parts`, twice."""
    matrix = parts + jnp.swapaxes(parts, -1, -2)
    return kamland().log_likelihood(LowEnergy(Neutrinos(matrix[0] + 1j * matrix[1])), nuisances())


@jax.jit
def along(point, direction):
    """Value and gradient, backwards; their derivatives along a direction, forwards."""
    return jax.jvp(jax.value_and_grad(of_mass_matrix), (point,), (direction,))


SPECIAL = {
    "best fit": partial(theory, 7.58e-5),
    "theta13 zero": partial(theory, 7.58e-5, sin2_theta13=0.0),
    "dm21 zero": partial(theory, 0.0),
    "theta12 zero": partial(theory, 7.58e-5, sin2_theta12=0.0),
    "all degenerate": partial(theory, 0.0, dm31=0.0, lightest=0.05),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_gradient_and_hessian_at_special_points(case):
    half = 0.5 * np.asarray(SPECIAL[case]().neutrinos.mass_matrix)
    point = np.stack([half.real, half.imag])
    for direction in np.random.default_rng(1).normal(size=(3, 2, 3, 3)):
        (_, gradient), (slope, curvature) = along(point, direction)
        assert float(jnp.sum(gradient * direction)) == pytest.approx(float(slope), rel=1e-9, abs=1e-6)
        (ahead, _), (behind, _) = (along(point + h * direction, direction)[0] for h in (3e-9, -3e-9))
        assert float(slope) == pytest.approx(float(ahead - behind) / 6e-9, rel=1e-4, abs=0.1)
        (_, ahead), (_, behind) = (along(point + h * direction, direction)[0] for h in (3e-8, -3e-8))
        expected = np.asarray(ahead - behind) / 6e-8
        np.testing.assert_allclose(curvature, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_gradient_of_the_fit_by_finite_differences():
    def at(p):
        return value_and_grad(jnp.asarray(p), jnp.asarray(0.022), kamland())

    p = START + SCALE * np.array([0.3, -0.7, 0.5, -1.0, 0.2, 1.0, 0.4, -0.3])
    _, gradient = at(p)
    for i in range(8):
        step = 1e-4 * SCALE[i] * np.eye(8)[i]
        expected = (at(p + step)[0] - at(p - step)[0]) / (2e-4 * SCALE[i])
        assert float(gradient[i]) == pytest.approx(float(expected), rel=1e-6, abs=1e-5)


def test_empty_bins():
    empty = kamland().with_counts(np.zeros(76))
    value, gradient = value_and_grad(jnp.asarray(START), jnp.asarray(0.022), empty)
    total = jnp.sum(predict(theory(7.5e-5, 0.44 / 1.44), nuisances()))
    assert float(value) == pytest.approx(2 * float(total), rel=1e-12)
    assert np.all(np.isfinite(gradient))
    assert float(gradient[6]) == pytest.approx(2 * column("geo_uranium").sum(), rel=1e-12)


def test_a_sterile_state_that_does_not_mix_changes_nothing():
    three = theory(7.5e-5).neutrinos.mass_matrix
    four = jnp.zeros((4, 4), complex).at[:3, :3].set(three).at[3, 3].set(0.1)
    got = kamland().predict(LowEnergy(Neutrinos(four)), nuisances())
    np.testing.assert_allclose(got, predict(theory(7.5e-5), nuisances()), rtol=1e-9)


# The contract


def test_new_counts_do_not_recompile():
    minimum_at_start = value_and_grad(jnp.asarray(START), jnp.asarray(0.022), kamland())[0]
    traced = len(TRACES)
    for seed in range(3):
        experiment = kamland().simulate(jax.random.key(seed), theory(7.5e-5), nuisances())
        value = value_and_grad(jnp.asarray(START), jnp.asarray(0.022), experiment)[0]
        assert np.isfinite(value)
        assert value != minimum_at_start
    assert len(TRACES) == traced


def test_simulated_chi2_is_distributed_as_it_should():
    """Mean of the deviance of each bin from the Poisson distribution itself."""
    low_energy = theory(7.5e-5)
    mean = np.asarray(predict(low_energy, nuisances()))[:, None]
    n = np.arange(400)
    deviance = 2 * (mean - n + n * np.log(np.maximum(n, 1) / mean))
    expected = np.sum(poisson.pmf(n, mean) * deviance)

    def one(key):
        return -2 * kamland().simulate(key, low_energy, nuisances()).log_likelihood(low_energy, nuisances())

    values = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 2000)))
    assert values.mean() == pytest.approx(expected, abs=4 * values.std() / np.sqrt(2000))
    assert 76 < expected < 80


def test_pulls_show_the_oscillation():
    pulls = kamland().pulls(theory(7.58e-5), nuisances())
    assert len(pulls) == 8
    assert max(abs(pull.pull) for pull in pulls) < 2.0
    assert sum(pull.observed[0] for pull in pulls[:-1]) == pulls[-1].observed[0] == 2106
    without = kamland().pulls(theory(0.0, dm31=0.0, lightest=0.05), nuisances())
    assert without[-1].label == "KamLAND events, 0.9-8.5 MeV"
    assert without[-1].pull > 20
    total, observed = without[-1].predicted[0], 2106
    squared = 2 * (total - observed + observed * np.log(observed / total))
    assert without[-1].pull ** 2 == pytest.approx(squared, rel=1e-9)


def test_survival_curve():
    values = (0.4, 0.0, 0.5, -0.3, 0.9, 1.5)
    low_energy = theory(7.5e-5)
    curve = kamland().survival_curve(low_energy, nuisances(values))
    free = 1.0164 * column("reactor").reshape(19, 4).sum(1)
    background = np.asarray(predict(low_energy, nuisances(values)) - 1.0164 * reactor_events(low_energy))
    counts = column("observed").reshape(19, 4).sum(1)
    np.testing.assert_allclose(curve.measured, (counts - background.reshape(19, 4).sum(1)) / free, rtol=1e-9)
    np.testing.assert_allclose(curve.errors, np.sqrt(np.maximum(counts, 1)) / free, rtol=1e-9)
    np.testing.assert_allclose(
        curve.predicted, 1.0164 * reactor_events(low_energy).reshape(19, 4).sum(1) / free, rtol=1e-9
    )
    middle = column("energy_low").reshape(19, 4)[:, 0] + 0.2
    np.testing.assert_allclose(180 / np.asarray(curve.baseline_over_energy) - middle, 0.8, atol=0.06)
    near = np.asarray(curve.baseline_over_energy) < 70
    residual = ((curve.measured - curve.predicted) / curve.errors)[near]
    assert np.sum(residual**2) < 2 * near.sum()
    assert kamland().survival_curve(low_energy, nuisances(), merge=2).errors.shape == (38,)


@pytest.mark.parametrize("merge", [0, -4, 3, 77])
def test_bad_merge(merge):
    with pytest.raises(ValueError, match=f"Argument `merge` must be a divisor of 76, but it is {merge}"):
        kamland().survival_curve(theory(7.5e-5), nuisances(), merge=merge)


def test_nuisances_spectrum_errors_and_sources():
    assert all(name.startswith("kamland_2011_") for name in kamland().nuisances())
    spectrum = kamland().spectrum()
    assert spectrum.panels == ("KamLAND",)
    assert [len(edges) for edges in spectrum.edges] == [77]
    np.testing.assert_allclose(kamland().errors() ** 2, np.maximum(column("observed"), 1.0))
    assert kamland().labels[:2] == ("0.9-1 MeV", "1-1.1 MeV")
    assert kamland().observed.shape == (len(kamland().labels),) == (76,)
    assert kamland().name == "kamland_2011"
    assert len({source.sha256 for source in kamland().sources}) == 3


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.full(76, np.nan), "Argument `counts` must be finite, but it is nan at index 0"),
        (np.ones(75), r"Argument `counts` must have shape \(76,\), but its shape is \(75,\)"),
        (-np.ones(76), r"Argument `counts` must lie in \[0, inf"),
        (np.ones(76, complex), "Argument `counts` must be real"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        kamland().with_counts(counts)
