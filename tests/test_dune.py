"""DUNE's beam: events against sums over the tables, the sensitivities of the design report, gradients and draws."""

import csv
import itertools
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.optimize import minimize

from nmmjax.experiments import DuneForecast
from nmmjax.experiments.dune_forecast import PANELS
from nmmjax.low_energy import LowEnergy
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.tables import DATA
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

FLAVORS = {"nue": 0, "numu": 1}
POINT = (2.513, 0.02215, 0.47, -2.58)
"""dm3l [1e-3 eV^2], sin^2 of theta13 and theta23, delta_cp."""


def dune():
    return loaded(DuneForecast)


def theory(x, inverted=False):
    ordering = InvertedOrdering() if inverted else NormalOrdering()
    sines = {"sin2_theta12": NUFIT60["sin2_theta12"], "sin2_theta13": x[1], "sin2_theta23": x[2]}
    dm3l = -1e-3 * x[0] if inverted else 1e-3 * x[0]
    sector = LightNeutrinos.from_sin2(NUFIT60["dm21"], dm3l, **sines, delta_cp=x[3], ordering=ordering)
    return LowEnergy(sector.neutrinos())


def center(**others):
    given = {name: jnp.zeros(()) for name in dune().nuisances()}
    return given | {f"dune_forecast_{name}": jnp.asarray(value) for name, value in others.items()}


# Brute force: amplitudes by eigenvectors, sums over the rows of the table


@cache
def rows(name):
    with (DATA / f"dune_forecast_{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def oscillated(energy, anti, x):
    """P[produced, seen] in matter of 2.848 g/cm^3 along 1284.9 km, energy in GeV."""
    s12, s13, s23 = (np.sqrt(v) for v in (NUFIT60["sin2_theta12"], x[1], x[2]))
    c12, c13, c23 = (np.sqrt(1 - s**2) for s in (s12, s13, s23))
    phase = np.exp(1j * x[3])
    r23 = np.array([[1, 0, 0], [0, c23, s23], [0, -s23, c23]])
    r13 = np.array([[c13, 0, s13 / phase], [0, 1, 0], [-s13 * phase, 0, c13]])
    U = r23 @ r13 @ np.array([[c12, s12, 0], [-s12, c12, 0], [0, 0, 1]])
    U = U.conj() if anti else U
    H = U @ np.diag([0.0, NUFIT60["dm21"], 1e-3 * x[0]]) @ U.conj().T / (2e9 * energy)
    potential = 7.6325e-14 * 2.848 * 0.5  # eV, for a gram of moles of electrons
    H[0, 0] += -potential if anti else potential
    levels, vectors = np.linalg.eigh(H)
    turned = np.exp(-1j * levels * 1284.9 / 1.973269804e-10)  # hbar c in eV km
    return np.abs((vectors * turned) @ vectors.conj().T).T ** 2


def summed(x):
    """Events of each panel and bin."""
    total = {panel: np.zeros(32) for panel in PANELS}
    for row in rows("response"):
        produced, seen = (FLAVORS[name.removeprefix("anti")] for name in row["component"].split("_"))
        energy = 0.5 * (float(row["low"]) + float(row["high"]))
        P = oscillated(energy, row["component"].startswith("anti"), x)[produced, seen]
        total[row["mode"], row["sample"]] += P * np.array([float(row[f"r{b}"]) for b in range(32)])
    for number, row in enumerate(rows("bins")):
        total[row["mode"], row["sample"]][number % 32] += float(row["neutral"])
    return np.concatenate([total[panel] for panel in PANELS])


def test_events_by_brute_force():
    got = dune().predict(theory(POINT), center())
    np.testing.assert_allclose(got, summed(POINT), rtol=2e-3, atol=0.05)
    np.testing.assert_allclose(dune().observed, summed((*POINT[:3], NUFIT60["delta_cp"])), rtol=2e-3, atol=0.05)


def test_unoscillated_muon_neutrinos():
    """5.0e4 charged currents, of which the selection keeps most."""
    kept = sum(
        float(row[f"r{b}"])
        for row in rows("response")
        for b in range(32)
        if (row["mode"], row["component"], row["sample"]) == ("fhc", "numu_numu", "disappearance")
    )
    assert kept == pytest.approx(0.95 * 5.1e4, rel=0.02)


def test_errors_move_what_they_should():
    """One standard deviation each, over the central events of a panel."""
    central = np.asarray(dune().predict(theory(POINT), center())).reshape(4, 32)
    moved = {}
    for name in dune().errors_by_name:
        up = np.asarray(dune().predict(theory(POINT), center(**{name: 1.0}))).reshape(4, 32)
        moved[name] = up.sum(1) - central.sum(1)
    signal = np.asarray(dune().components(theory(POINT))).sum(1)
    own = {tuple(row) for row in np.asarray(dune().flavors).tolist()}
    assert own == {(0, 1, 0), (1, 1, 0), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1)}
    appeared = (np.asarray(dune().flavors)[:, 1] == 1) & (np.asarray(dune().flavors)[:, 2] == 0)
    forward = np.asarray(dune().panel) < 2
    assert moved["nue_signal"][0] == pytest.approx(0.02 * signal[appeared & forward].sum())
    assert moved["antinue_signal"][2] == pytest.approx(0.02 * signal[appeared & ~forward].sum())
    assert [np.count_nonzero(moved[name]) for name in moved] == [1, 1, 1, 1, 2, 1, 1, 2]
    total = sum(moved[name] / size for name, size in zip(moved, np.asarray(dune().sizes), strict=True))
    np.testing.assert_allclose(total, central.sum(1), rtol=1e-9)


# Sensitivities


@cache
def worst(inverted):
    """-2 ln L with its slope, by parameters of oscillation and nuisances, in units of their sizes."""
    scale, names = jnp.array([0.02, 6e-4, 0.02, 0.3]), tuple(dune().nuisances())

    def f(p, start, counts, factor, free):
        x = start + scale * p[:4] * jnp.array([1.0, 1.0, 1.0, free])
        t = factor * dune().predict(theory(x, inverted), dict(zip(names, p[4:], strict=True)))
        deviance = 2 * jnp.sum(t - counts + counts * jnp.log(counts / t))
        return deviance + jnp.sum(p[4:] ** 2) + ((x[1] - POINT[1]) / 6e-4) ** 2

    return jax.jit(jax.value_and_grad(f)), 4 + len(names)


def fitted(counts, factor, *, inverted=False, phases=(-1.6, 0.5, 2.5), free=1.0):
    function, size = worst(inverted)

    def of(start):
        return minimize(
            lambda p: tuple(map(np.asarray, function(p, jnp.array(start), counts, factor, free))),
            np.zeros(size),
            jac=True,
            method="BFGS",
        ).fun

    return min(float(of([2.5, POINT[1], s, d])) for s, d in itertools.product((0.44, 0.57), phases))


def test_ordering():
    """In standard deviations after 2 years at full size; published, of a detector that grows: 5."""
    point, ordering = np.array([2.513, POINT[1], 0.58, np.pi / 2]), 2 / 13  # where the orderings are most alike
    counts = ordering * dune().predict(theory(point), center())
    assert np.sqrt(fitted(counts, ordering, inverted=True)) == pytest.approx(5.9, abs=0.1)


@pytest.mark.slow
def test_violation_of_cp():
    """In standard deviations for half of all phases, after 5 and 13 years at full size.

    Published, of a detector and a beam that grow: 3 after 5 years, 5 after 10 years.
    """
    violation = []
    for phase in np.radians([-150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150, 180]):
        counts = dune().predict(theory((2.513, POINT[1], 0.58, phase)), center())
        violation.append([fitted(f * counts, f, phases=(0.0, np.pi), free=0.0) for f in (5 / 13, 1.0)])
    np.testing.assert_allclose(np.median(np.sqrt(np.maximum(violation, 0.0)), axis=0), (3.16, 4.5), atol=0.1)


# Likelihood


def test_gradients():
    experiment, names = dune(), ("nue_signal", "neutral_background")

    def f(x):
        return experiment.log_likelihood(theory(x[:4]), center(**dict(zip(names, x[4:], strict=True))))

    value, gradient = jax.jit(f), jax.jit(jax.grad(f))
    x = jnp.array([2.45, 0.021, 0.52, -1.0, 0.3, -0.5])
    steps = 1e-4 * np.diag([0.02, 6e-4, 0.02, 0.3, 1.0, 1.0])
    differences = np.array([(value(x + s) - value(x - s)) / (2 * s.sum()) for s in steps])
    np.testing.assert_allclose(gradient(x), differences, rtol=1e-5)


def test_data_and_draws():
    experiment, point = dune(), theory(POINT)
    expected = experiment.predict(point, center())
    drawn = experiment.simulate(jax.random.PRNGKey(1), point, center())
    assert -2 * float(drawn.log_likelihood(point, center())) == pytest.approx(128, abs=60)
    assert float(experiment.asimov(point, center()).log_likelihood(point, center())) == 0.0
    more = experiment.exposed(2.0)
    np.testing.assert_allclose(more.predict(point, center()), 2 * expected)
    lines = experiment.pulls(point, center())
    assert lines[0].label == "DUNE, neutrino beam, e-like"
    assert sum(line.predicted[0] for line in lines) == pytest.approx(float(expected.sum()))
    assert len(set(experiment.labels)) == experiment.bins == 128


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("counts", lambda: dune().with_counts(jnp.ones(3))),
        ("counts", lambda: dune().with_counts(dune().counts.at[0].set(-1.0))),
        ("exposure", lambda: dune().exposed(0.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises((ValueError, TypeError), match=f"Argument `{argument}` must"):
        call()
