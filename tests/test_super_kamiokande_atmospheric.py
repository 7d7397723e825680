"""Super-Kamiokande's atmospheric neutrinos: prediction by brute force, likelihood by a full covariance, the fit."""

import csv
from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import brentq, minimize
from scipy.stats import norm

from nmmjax import mixing
from nmmjax.experiments.super_kamiokande_atmospheric_2023 import (
    DELTA_CP,
    DM21,
    DM32,
    SIN2_THETA12,
    SIN2_THETA13,
    SIN2_THETA23,
    SuperKamiokandeAtmospheric2023,
)
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.media.earth import EarthModel
from nmmjax.tables import DATA

BINS = 930


def atmospheric():
    return loaded(SuperKamiokandeAtmospheric2023)


def parts_of(sin2_theta23, dm32, delta, sin2_theta13=SIN2_THETA13, dm21=DM21):
    """Half of a Majorana mass matrix with this oscillation, real and imaginary."""
    theta12, theta13, theta23 = (jnp.arcsin(jnp.sqrt(x)) for x in (SIN2_THETA12, sin2_theta13, sin2_theta23))
    squares = jnp.stack([0.0 * dm32, dm21 + 0.0 * dm32, dm32 + dm21])
    masses = jnp.sqrt(squares - jnp.min(squares) + 0.02**2)
    matrix = 0.5 * mixing.majorana_mass_matrix(mixing.pmns(theta12, theta13, theta23, delta), masses)
    return jnp.stack([matrix.real, matrix.imag])


def theory_of(parts):
    matrix = parts + jnp.swapaxes(parts, -1, -2)
    return LowEnergy(Neutrinos(matrix[0] + 1j * matrix[1]))


def chi2_of(parts, experiment):
    return -2.0 * experiment.log_likelihood(theory_of(parts), {})


value_and_grad = eqx.filter_jit(jax.value_and_grad(chi2_of))
PUBLISHED = parts_of(SIN2_THETA23, DM32, DELTA_CP)


def predict(parts):
    return atmospheric().predict(theory_of(parts), {})


# The prediction once more: all of it in numpy, on a finer grid and through more layers

SPECIES = ("nue", "nuebar", "numu", "numubar")
ENERGY = np.exp(np.linspace(np.log(0.15), np.log(3e3), 280))
ZENITH = np.concatenate([np.linspace(-0.999, -0.1, 108), np.linspace(-0.09, 0.09, 24), np.linspace(0.11, 0.99, 10)])
WEIGHT = np.gradient(ZENITH)
LAYERS = 10
CHOSEN = np.arange(3, BINS, 23)


@cache
def columns():
    with (DATA / "super_kamiokande_2023_bins.csv").open() as lines:
        table = list(csv.DictReader(lines))
    words = {name: np.array([row[name] for row in table]) for name in table[0]}
    return {name: column if name == "sample" else column.astype(float) for name, column in words.items()}


@cache
def layers():
    """Lengths and electrons [mol/cm^3] of each direction: equal parts of the chord, the air before them."""
    earth = EarthModel.prem()
    radii = np.asarray(earth.outer_radius)
    lengths, electrons = np.zeros((2, len(ZENITH), LAYERS + 1))
    for i, c in enumerate(ZENITH):

        def excess(height, c=c):
            return height - 18.0 + 7.0 * np.log(np.sqrt(1 - (1 - c**2) * (radii[-1] / (radii[-1] + height)) ** 2))

        birth = radii[-1] + brentq(excess, 1.0, 100.0)
        lengths[i, 0] = np.sqrt(birth**2 - radii[-1] ** 2 * (1 - c**2)) - radii[-1] * abs(c)
        lengths[i, 1:] = max(-2 * radii[-1] * c, 0.0) / LAYERS
    x = (np.arange(LAYERS * 20) + 0.5) / (LAYERS * 20) - 0.5
    radius = np.sqrt((2 * radii[-1] * x * ZENITH[:, None]) ** 2 + radii[-1] ** 2 * (1 - ZENITH[:, None] ** 2))
    fraction = np.asarray(earth.electron_fraction)[np.searchsorted(radii, np.minimum(radius, radii[-1]))]
    density = np.asarray(eqx.filter_jit(earth.density_at)(np.minimum(radius, radii[-1]))) * fraction
    electrons[:, 1:] = density.reshape(len(ZENITH), LAYERS, 20).mean(-1)
    return lengths, electrons


def probabilities(mass_squared, sign):
    """P[energy, direction, a, b]; 2 sqrt2 G_F n_e E = 1.5264e-4 eV^2 Y_e rho E, L/E in units of 5.0677 / eV^2."""
    lengths, electrons = layers()
    vacuum = np.asarray(mass_squared if sign > 0 else mass_squared.conj()) / (2 * ENERGY[:, None, None, None])
    S = np.broadcast_to(np.eye(3, dtype=complex), (len(ENERGY), len(ZENITH), 3, 3))
    for length, electron in zip(lengths.T, electrons.T, strict=True):
        H = vacuum + sign * 1.5264e-4 / 2 * electron[:, None, None] * np.diag([1.0, 0.0, 0.0])
        values, vectors = np.linalg.eigh(H)
        waves = np.exp(-1j * 5.067731 * length[:, None] * values)
        S = (vectors * waves[..., None, :]) @ vectors.conj().swapaxes(-1, -2) @ S
    return np.abs(S.swapaxes(-1, -2)) ** 2


@cache
def flux_ratio(kind):
    with (DATA / "super_kamiokande_2023_flux.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    table = {}
    for row in rows:
        table.setdefault((float(row["cos_zenith_low"]) + float(row["cos_zenith_high"])) / 2, []).append(row)
    places = sorted(table)
    at = [
        np.interp(np.log(ENERGY), [np.log(float(r["energy"])) for r in table[c]], [float(r[kind]) for r in table[c]])
        for c in places
    ]
    return np.array([np.interp(ZENITH, places, column) for column in np.transpose(at)])


def root(rising, low, high):
    """Where it is zero, or the end that is nearest to that."""
    if rising(low) > 0:
        return low
    return brentq(rising, low, high) if rising(high) > 0 else high


@cache
def densities(number):
    """For one bin: of each species the density in ln E and the weights of directions."""
    data = columns()
    same = (data["sample"] == data["sample"][number]) & (data["log_momentum_low"] == data["log_momentum_low"][number])
    centers = 0.5 * (data["cos_zenith_low"] + data["cos_zenith_high"])
    found = []
    for name in SPECIES:
        count = np.maximum(data[f"{name}_count"], 1e-9)
        low, middle, high = (
            np.average(np.log(np.maximum(data[f"{name}_e{q}"], 0.15))[same], weights=count[same]) for q in (16, 50, 84)
        )
        sides = np.where(np.log(ENERGY) < middle, max(middle - low, 0.1), max(high - middle, 0.1))
        energy = norm.pdf((np.log(ENERGY) - middle) / sides) / sides
        mean, slope = data[f"{name}_cos_zenith"], 0.0
        if same.sum() > 1:
            slope = np.polyfit(centers[same], mean[same], 1, w=np.sqrt(count[same]))[0]
        k = np.sign(slope) * root(lambda k, s=slope: 1 / np.tanh(k) - 1 / k - abs(s), 1e-4, 300.0)
        edges = np.linspace(data["cos_zenith_low"][number], data["cos_zenith_high"][number], 25)
        reconstructed, azimuth = 0.5 * (edges[1:] + edges[:-1])[:, None, None], np.linspace(0, np.pi, 100)
        sines = np.sqrt((1 - reconstructed**2) * (1 - ZENITH[:, None] ** 2))
        angle = reconstructed * ZENITH[:, None] + sines * np.cos(azimuth)
        zenith = np.exp(k * angle - abs(k)).mean((0, 2)) * WEIGHT

        def tilted(t, zenith=zenith):
            w = zenith * np.exp(t * ZENITH)
            return w / w.sum()

        t = root(lambda t, f=tilted, m=mean[number]: f(t) @ ZENITH - m, -3.0, 3.0)
        found.append((data[f"{name}_count"][number], energy / energy.sum(), tilted(t)))
    return found


def brute(mass_squared):
    oscillated = []
    for sign, kind in ((1, "neutrino"), (-1, "antineutrino")):
        P, ratio = probabilities(mass_squared, sign), flux_ratio(kind)
        oscillated += [P[..., 0, 0] + ratio * P[..., 1, 0], P[..., 1, 1] + P[..., 0, 1] / ratio]
    of_species = [oscillated[i] for i in (0, 2, 1, 3)]
    return np.array(
        [
            columns()["nc"][b] + sum(n * e @ O @ z for (n, e, z), O in zip(densities(b), of_species, strict=True))
            for b in CHOSEN
        ]
    )


POINTS = {"published": PUBLISHED, "inverted, upper octant": parts_of(0.6, -2.6e-3, 1.0, 0.03)}


@pytest.mark.parametrize("point", POINTS)
def test_prediction_is_the_brute_force_mean(point):
    expected = brute(theory_of(POINTS[point]).neutrinos.mass_squared)
    got = np.asarray(predict(POINTS[point]) / atmospheric().anchor)[CHOSEN]
    off = (got - expected) / np.sqrt(np.asarray(atmospheric().variance)[CHOSEN])
    assert np.abs(off).max() < 0.2
    assert np.sqrt(np.mean(off**2)) < 0.05
    np.testing.assert_allclose(got, expected, rtol=0.025)


# The likelihood once more: the covariance of all bins


def test_likelihood_is_that_of_the_full_covariance():
    systematic = np.asarray(atmospheric().modes) @ np.asarray(atmospheric().modes).T
    covariance = systematic + np.diag(columns()["published"])
    for point in POINTS.values():
        predicted = np.asarray(predict(point))
        residual = columns()["observed"] - predicted
        solved = np.linalg.solve(covariance, residual)
        assert float(value_and_grad(point, atmospheric())[0]) == pytest.approx(residual @ solved, rel=1e-9)
        np.testing.assert_allclose(
            atmospheric().fitted(theory_of(point), {}), predicted + systematic @ solved, rtol=1e-8
        )


def test_anchored_at_the_published_prediction():
    np.testing.assert_allclose(predict(PUBLISHED), columns()["published"], rtol=1e-12)
    assert np.asarray(atmospheric().anchor).min() > 0.9


def test_without_oscillations_the_simulation_without_comes_out():
    counts = sum(columns()[f"{name}_count"] for name in SPECIES) + columns()["nc"]
    none = parts_of(0.0, 1e-12, 0.0, 0.0, 0.0)
    np.testing.assert_allclose(predict(none) / atmospheric().anchor, counts, rtol=1e-6)
    assert value_and_grad(none, atmospheric())[0] - value_and_grad(PUBLISHED, atmospheric())[0] > 500


def test_a_perfect_description_has_no_chi2():
    perfect = atmospheric().with_counts(predict(PUBLISHED))
    chi2, gradient = value_and_grad(PUBLISHED, perfect)
    assert abs(float(chi2)) < 1e-18
    assert np.abs(gradient).max() < 1e-6 * np.abs(value_and_grad(PUBLISHED, atmospheric())[1]).max()


# The fit: sin^2 theta23 = 0.5 + u0 / 30, |dm2_32| = 2.4e-3 + 1e-4 u1, delta = -pi / 2 + u2


@eqx.filter_jit
def parts_and_slopes(u, sign, sin2_theta13):
    def parts(u):
        return parts_of(0.5 + u[0] / 30.0, sign * 1e-3 * (2.4 + 0.1 * u[1]), -0.5 * jnp.pi + u[2], sin2_theta13)

    return parts(u), jax.jacfwd(parts)(u)


def value_and_slope(u, experiment, sign=1.0, sin2_theta13=0.022):
    point, slopes = parts_and_slopes(jnp.asarray(u), sign, sin2_theta13)
    value, gradient = value_and_grad(point, experiment)
    return float(value), np.tensordot(np.asarray(gradient), np.asarray(slopes), 3)


def fitted(starts, experiment=None, sign=1.0, sin2_theta13=0.022, held=None):
    """Best of the minima; `held` is (number, value) of what does not vary."""
    experiment, held = experiment or atmospheric(), held or (3, 0.0)
    free = [k for k in range(3) if k != held[0]]

    def function(w):
        u = np.zeros(4)
        u[held[0]], u[free] = held[1], w
        value, slope = value_and_slope(u[:3], experiment, sign, sin2_theta13)
        return value, slope[free]

    found = min((minimize(function, np.array(u)[free], jac=True, tol=1e-5) for u in starts), key=lambda m: m.fun)
    u = np.zeros(4)
    u[held[0]], u[free] = held[1], found.x
    return (0.5 + u[0] / 30.0, 2.4 + 0.1 * u[1], u[2] - 0.5 * np.pi), found.fun


@cache
def best(sign):
    return fitted([(0.0, 3.0, -1.3), (1.0, 4.0, -1.3)], sign=sign)


def test_fit_to_its_own_prediction_returns_the_input():
    perfect = atmospheric().with_counts(atmospheric().variance)
    (sin2, dm32, delta), minimum = fitted([(0.3, 1.0, 0.3)], perfect, sin2_theta13=SIN2_THETA13)
    assert (sin2, dm32, delta) == pytest.approx((SIN2_THETA23, 1e3 * DM32, DELTA_CP), abs=1e-3)
    assert minimum < 1e-4


def test_published_prediction_without_anchor_or_systematic_effects():
    """What was released without oscillations goes over into what was released with them."""
    bare = eqx.tree_at(
        lambda e: (e.anchor, e.counts, e.projection),
        atmospheric(),
        (jnp.ones(BINS), atmospheric().variance, 0.0 * atmospheric().projection),
    )
    published = float(value_and_grad(PUBLISHED, bare)[0])
    assert published == pytest.approx(35.4, abs=0.5)
    (_, dm32, _), minimum = fitted([(-1.5, 0.0, -0.3), (1.0, 0.0, -0.8)], bare, sin2_theta13=SIN2_THETA13)
    assert published - minimum == pytest.approx(0.7, abs=0.3)
    assert dm32 == pytest.approx(2.40, abs=0.05)


def test_best_fit_against_the_published_one():
    (sin2, dm32, delta), minimum = best(1.0)
    assert minimum == pytest.approx(934.1, abs=0.5)
    assert 2.55 < dm32 < 2.9
    assert sin2 == pytest.approx(0.54, abs=0.015)
    assert np.cos(delta) < -0.8
    at_published = parts_of(SIN2_THETA23, DM32, -1.745, 0.022)
    assert float(value_and_grad(at_published, atmospheric())[0]) - minimum == pytest.approx(5.1, abs=0.3)


@pytest.mark.parametrize(("number", "value", "expected"), [(1, 0.0, 1.7), (0, -1.5, 2.3)], ids=["splitting", "angle"])
def test_profile_at_the_published_values(number, value, expected):
    _, minimum = fitted([(0.7, 1.0, -1.3)], held=(number, value))
    assert minimum - best(1.0)[1] == pytest.approx(expected, abs=0.3)


def test_normal_ordering_is_favored():
    assert best(-1.0)[1] - best(1.0)[1] == pytest.approx(4.1, abs=0.4)


# Derivatives


@eqx.filter_jit
def forward(point, direction):
    return jax.jvp(lambda x: chi2_of(x, atmospheric()), (point,), (direction,))[1]


SPECIAL = {
    "published": PUBLISHED,
    "dm31 and theta13 zero": parts_of(0.5, -DM21, 0.0, 0.0),
    "dm21 zero": parts_of(0.5, DM32, 0.3, dm21=0.0),
    "all degenerate": parts_of(0.5, 0.0, 0.0, 0.0, 0.0),
    "no mass": 0.0 * PUBLISHED,
}


@pytest.mark.parametrize("case", SPECIAL)
def test_gradients_agree(case):
    point = SPECIAL[case]
    value, gradient = value_and_grad(point, atmospheric())
    assert np.isfinite(value)
    assert np.all(np.isfinite(gradient))
    _, at_published = value_and_grad(PUBLISHED, atmospheric())
    step = 1e-7 * float(jnp.abs(PUBLISHED).max())
    for direction in np.random.default_rng(2).normal(size=(2, *point.shape)):
        direction = jnp.asarray(direction + direction.swapaxes(-1, -2))
        along = float(jnp.sum(gradient * direction))
        scale = float(jnp.linalg.norm(gradient)) + 1e-3 * float(jnp.linalg.norm(at_published))
        assert float(forward(point, direction)) == pytest.approx(along, rel=1e-9, abs=1e-9 * scale)
        up, down = (float(value_and_grad(point + s * step * direction, atmospheric())[0]) for s in (1.0, -1.0))
        assert (up - down) / (2 * step) == pytest.approx(along, rel=1e-4, abs=1e-4 * scale + 1e-6 / step)


# The contract


def test_simulated_counts_have_the_mean_and_chi2_of_the_likelihood():
    draws = 80
    keys = jax.random.split(jax.random.key(1), draws)
    counts = np.array([atmospheric().simulate(key, theory_of(PUBLISHED), {}).counts for key in keys])
    assert np.all(counts >= 0.0)
    np.testing.assert_array_equal(counts, np.round(counts))
    scaled = (counts - columns()["published"]) / np.sqrt(columns()["published"])
    chi2 = np.sum(scaled**2, 1) - np.sum((scaled @ np.asarray(atmospheric().projection).T) ** 2, 1)
    assert chi2.mean() == pytest.approx(BINS, abs=4 * chi2.std() / np.sqrt(draws))
    spread = np.sqrt(np.sum(np.asarray(atmospheric().modes).sum(0) ** 2) + columns()["published"].sum())
    assert counts.sum(1).mean() == pytest.approx(columns()["published"].sum(), abs=4 * spread / np.sqrt(draws))
    assert counts.sum(1).std() == pytest.approx(spread, rel=0.35)


def test_pulls_show_the_oscillation():
    pulls = {pull.label: pull for pull in atmospheric().pulls(theory_of(PUBLISHED), {})}
    data = columns()
    up, down = (
        sum(data["observed"][(data["sample"] == name) & chosen].sum() for name in ("sk1-5_pc_stop", "sk1-5_pc_thru"))
        for chosen in (data["cos_zenith_high"] < -0.2, data["cos_zenith_low"] > 0.2)
    )
    assert pulls["up / down, partially contained"].observed == pytest.approx((up / down,))
    assert max(abs(pull.pull) for pull in pulls.values()) < 2.5
    without = {pull.label: pull for pull in atmospheric().pulls(theory_of(parts_of(0.0, 1e-12, 0.0, 0.0, 0.0)), {})}
    muons = without["up / down, multi-GeV mu-like"]
    assert muons.predicted == pytest.approx((1.0,), abs=0.02)
    assert muons.observed == pytest.approx((0.535,), abs=0.001)
    assert muons.pull > 5
    assert abs(without["up / down, multi-GeV e-like"].pull) < 1


def test_labels_errors_and_sources():
    assert atmospheric().nuisances() == {}
    assert atmospheric().name == "super_kamiokande_atmospheric_2023"
    assert atmospheric().observed.shape == (len(set(atmospheric().labels)),) == (BINS,)
    first = "sk1-3_fc_subgev_1ring_elike_0decaye, log10(p/MeV) 2 to 2.4, cos zenith -1 to -0.84"
    assert atmospheric().labels[0] == first
    np.testing.assert_allclose(atmospheric().errors() ** 2, columns()["published"])
    assert atmospheric().spectrum() is None
    assert len({source.sha256 for source in atmospheric().sources}) == 2


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.full(BINS, np.nan), "Argument `counts` must be finite, but it is nan at index 0"),
        (np.ones(44), r"Argument `counts` must have shape \(930,\), but its shape is \(44,\)"),
        (-np.ones(BINS), r"Argument `counts` must lie in \[0, inf"),
        (np.ones(BINS, complex), "Argument `counts` must be real"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=message):
        atmospheric().with_counts(counts)
