"""GERDA: the likelihood against single events, the limits of the paper, data and draws, bad input."""

import csv
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import gammaln, logsumexp
from scipy.stats import norm

from nmmjax.experiments import Gerda2020
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.tables import DATA

SETS = ("golden", "bege", "silver", "extra", "phase_2")
PER_RATE = np.log(2) * 6.02214076e23 / 75.92e-3  # decays of 1 kg times half-life
PER_MASS = 2.37e-15 * 1.2724**4 * (2.66 / 510998.95) ** 2  # 1 / T [1 / yr] of 1 eV^2


def gerda():
    return loaded(Gerda2020)


def theory(mass, nature=None):
    M = mass * jnp.diag(jnp.array([1.0, 0.0, 0.0]))
    return LowEnergy(Neutrinos(M) if nature is None else Neutrinos(M, nature=nature))


def center(experiment, indices, efficiency=0.0):
    given = dict(zip(SETS, indices, strict=True)) | {"efficiency": efficiency}
    return {f"{experiment.name}_{name}": jnp.asarray(float(value)) for name, value in given.items()}


# Brute force: partition by partition, event by event


@cache
def rows(name):
    with (DATA / f"gerda_2020_{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


@cache
def columns():
    numbers = ("exposure", "efficiency", "efficiency_error", "bias", "bias_error", "resolution")
    read = {name: np.array([float(row[name]) for row in rows("partitions")]) for name in numbers}
    read["set"] = np.array([SETS.index(row["data_set"]) for row in rows("partitions")])
    of = np.array([int(row["partition"]) for row in rows("events")])
    energy = np.array([float(row["energy"]) for row in rows("events")])
    return read, of, energy


def signal(per_year, efficiency=0.0):
    """Events of each partition."""
    read, _, _ = columns()
    return PER_RATE * per_year * read["exposure"] * (read["efficiency"] + efficiency * read["efficiency_error"])


def density(per_year, efficiency=0.0):
    """Signal and background by unit index at each event [1 / keV]."""
    read, of, energy = columns()
    sigma = np.hypot(read["resolution"], read["bias_error"])[of]
    peak = norm.pdf(energy, 2039.061 - read["bias"][of], sigma)
    return signal(per_year, efficiency)[of] * peak, 1e-3 * read["exposure"][of]


def unbinned(per_year, indices, efficiency=0.0):
    """ln L of the single events, up to a constant."""
    read, of, _ = columns()
    peak, flat = density(per_year, efficiency)
    expected = signal(per_year, efficiency).sum() + 0.24 * np.asarray(indices)[read["set"]] @ read["exposure"]
    return np.sum(np.log(peak + np.asarray(indices)[read["set"][of]] * flat)) - expected


BEST = (10.7, 5.2, 32.0, 4.4, 0.52)


@pytest.mark.parametrize("indices", [BEST, (8.0, 9.0, 20.0, 6.0, 0.9)])
def test_cells_are_as_good_as_single_events(indices):
    """Differences of -2 ln L to 0.03, while these are of order ten."""
    experiment = gerda()
    points = [(0.0, 0.0), (2e-27, 0.0), (5e-27, 1.0), (1e-26, -1.0), (2e-26, 0.0)]
    mass = [np.sqrt(per_year / PER_MASS) for per_year, _ in points]
    here = [
        float(experiment.log_likelihood(theory(m), center(experiment, indices, e)))
        for m, (_, e) in zip(mass, points, strict=True)
    ]
    brute = [unbinned(per_year, indices, e) for per_year, e in points]
    np.testing.assert_allclose(2 * np.diff(here), 2 * np.diff(brute), atol=0.03)


def test_exposures_events_and_half_life():
    """Published: 103.7 and 23.5 kg yr; 13 events in phase II, with an index of 5.2e-4."""
    experiment = gerda()
    exposure = 1e3 * np.asarray(experiment.background).sum(1) / 240
    np.testing.assert_allclose((exposure[4], exposure[:4].sum()), (103.7, 23.5), atol=0.05)
    counts = [float(experiment.counts[np.asarray(own) > 0].sum()) for own in experiment.background]
    assert counts == [46, 3, 10, 2, 13]
    assert counts[4] / exposure[4] / 240 == pytest.approx(5.2e-4, abs=0.05e-4)
    assert float(experiment.half_life(theory(0.1))) == pytest.approx(1 / (PER_MASS * 0.01), rel=1e-9)
    assert float(experiment.half_life(theory(0.1, Dirac()))) == np.inf


@pytest.mark.parametrize(("element", "published"), [(2.66, 0.180), (6.04, 0.079)])
def test_masses_of_the_published_half_life(element, published):
    experiment = loaded(Gerda2020, element)
    assert float(experiment.half_life(theory(published))) == pytest.approx(1.8e26, rel=0.03)
    assert experiment.name == f"gerda_2020_m{element}"


def test_limits_by_profile():
    """No signal is best; 2.71 lies at 2.2e26 yr with both phases."""
    start = np.array([*BEST, 0.0])

    def worst(per_year):
        def of(x):
            return 0.5 * x[5] ** 2 - unbinned(per_year, np.exp(x[:5]) * start[:5], x[5])

        return 2 * minimize(of, np.zeros(6)).fun

    least = worst(0.0)
    assert worst(1e-28) > least
    half_life = 1 / brentq(lambda r: worst(r) - least - 2.7055, 2e-27, 1e-26, xtol=1e-30)
    assert half_life == pytest.approx(2.24e26, rel=0.01)


def posterior(per_year):
    """ln of the likelihood, integrated over indices with flat priors: a polynomial times exp for each data set."""
    read, of, _ = columns()
    peak, flat = density(per_year)
    total = -signal(per_year).sum()
    for number in range(len(SETS)):
        own = read["set"][of] == number
        polynomial = np.poly1d(1.0)
        for s, b in zip(peak[own] / flat[own].max(), flat[own] / flat[own].max(), strict=True):
            polynomial *= np.poly1d([b, s])
        powers, width = np.arange(polynomial.order, -1, -1), 0.24 * read["exposure"][read["set"] == number].sum()
        kept = polynomial.coeffs > 0
        terms = np.log(polynomial.coeffs[kept]) + (gammaln(powers + 1) - (powers + 1) * np.log(width))[kept]
        total += logsumexp(terms)
    return total


def test_bayesian_limit():
    """Published: 1.4e26 yr, flat in 1 / T, 90 %."""
    zero = posterior(0.0)

    def weight(rate):
        return np.exp(posterior(1e-26 * rate) - zero)

    total = quad(weight, 0.0, 6.0)[0]
    limit = brentq(lambda r: quad(weight, 0.0, r)[0] - 0.9 * total, 0.2, 2.0, xtol=1e-3)
    assert 1.0 / limit == pytest.approx(1.4, abs=0.05)


# Likelihood


def test_gradients():
    experiment = gerda()

    def f(x):
        given = center(experiment, BEST) | {f"{experiment.name}_phase_2": x[1], f"{experiment.name}_efficiency": x[2]}
        return experiment.log_likelihood(theory(x[0]), given)

    value, gradient = jax.jit(f), jax.jit(jax.grad(f))
    x, step = jnp.array([0.15, 0.6, 0.4]), 1e-5
    differences = [(value(x + step * e) - value(x - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(gradient(x), differences, rtol=1e-6)
    assert np.all(np.isfinite(gradient(x.at[0].set(0.0))))


def test_data_and_draws():
    experiment = gerda()
    given, point = center(experiment, BEST), theory(0.4)
    expected = experiment.predict(point, given)
    seen = signal(0.16 * PER_MASS).sum() + 0.24 * np.sum(
        np.array(BEST) * np.array([17.9, 2.404, 1.304, 1.904, 103.727])
    )
    assert float(expected.sum()) == pytest.approx(seen, rel=1e-5)
    drawn = experiment.simulate(jax.random.PRNGKey(1), point, given)
    assert float(drawn.counts.sum()) == pytest.approx(seen, abs=4 * np.sqrt(seen))
    assert float(experiment.asimov(point, given).log_likelihood(point, given)) == 0.0
    lines = experiment.pulls(point, given)
    assert len(lines) == 6
    assert sum(line.observed[0] for line in lines[:5]) == 74
    assert experiment.not_chi2(point, given) is not None


@pytest.mark.parametrize("bad", [2.0, 7.0, float("nan"), "great"])
def test_bad_input(bad):
    with pytest.raises((ValueError, TypeError), match="Argument `matrix_element` must"):
        Gerda2020.load(bad)
