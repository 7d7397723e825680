"""MiniBooNE: the published fit from the 60 x 60 matrix, electrons by brute force, photons by Monte Carlo."""

import csv

import dirac
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import loaded
from scipy import constants

from nmmjax.constants import PDG_2026
from nmmjax.experiments import MiniBooNE2020
from nmmjax.experiments.miniboone_2020 import DM2, SIN2_2THETA
from nmmjax.experiments.shared.single_photons import passing, quasi_elastic_energy
from nmmjax.low_energy import HeavyLepton, LowEnergy, Neutrinos
from nmmjax.models import SterileNeutrino, ThreeFlavor
from nmmjax.scattering import dipole_portal, dipole_proton
from nmmjax.scattering.form_factor import helm
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import DATA

THREE = ThreeFlavor.benchmark().low_energy()
E_BINS, MU_BINS = 11, 8
M_P, M_N, M_E = 938.27208943, 939.56542194, 0.51099895
ELECTRON_LIKE = np.r_[0:11, 19:30]


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def miniboone(*choices):
    return loaded(MiniBooNE2020, *choices)


def sterile(dm41, electron, muon):
    """Three massless states, and a fourth with these elements of the mixing matrix."""
    column = np.array([electron, muon, 0.0, np.sqrt(1.0 - electron**2 - muon**2)])
    return LowEnergy(Neutrinos(np.sqrt(dm41) * np.outer(column, column) + 0j))


def brute_signal(dm2, sin2):
    signal = np.zeros(38)
    for row in rows("miniboone_2020_response"):
        P = sin2 * np.sin(1.2669328 * dm2 * float(row["mean"])) ** 2
        signal[int(row["bin"])] += float(row["events"]) * P
    return signal


def brute_minus_two_log_likelihood(signal):
    """From the matrix as it is released: the statistics of the background are in it, those of the signal are not."""
    matrix = np.zeros((60, 60))
    for row in rows("miniboone_2020_covariance"):
        i, j = int(row["first"]), int(row["second"])
        matrix[i, j] = matrix[j, i] = float(row["covariance"])
    spectra = rows("miniboone_2020_spectra")
    observed, background = (np.array([float(row[key]) for row in spectra]) for key in ("observed", "background"))
    parts, target = [], []
    for start in (0, 19):
        parts += [signal[start : start + 11], background[start : start + 19]]
        target += [*range(start, start + 11), *range(start, start + 19)]
    absolute = matrix * np.outer(np.concatenate(parts), np.concatenate(parts))
    covariance = np.diag(signal)
    np.add.at(covariance, (np.array(target)[:, None], np.array(target)), absolute)
    residual = observed - background - signal
    return residual @ np.linalg.solve(covariance, residual), np.linalg.slogdet(covariance)[1]


def test_the_published_fit():
    """Counts of the paper, and what the collaboration's own fit has stored: 373.406 and 344.519."""
    chi2, determinant = brute_minus_two_log_likelihood(np.zeros(38))
    assert chi2 == pytest.approx(69.23, abs=0.01)
    assert chi2 + determinant == pytest.approx(373.406, abs=0.01)
    best = brute_minus_two_log_likelihood(brute_signal(DM2, SIN2_2THETA))
    assert best[0] == pytest.approx(36.30, abs=0.01)
    assert sum(best) == pytest.approx(344.519, abs=0.01)
    counts = np.asarray(miniboone().counts)
    assert (counts[:9].sum(), counts[19:28].sum()) == (2870, 478)
    no_signal = LowEnergy(Neutrinos(np.zeros((3, 3), complex)))
    found = -2 * float(miniboone().log_likelihood(no_signal, {}))
    assert found == pytest.approx(chi2 + determinant - best[1], abs=2e-3)


@pytest.mark.parametrize(("dm41", "electron", "muon"), [(DM2, 0.3, 0.4), (0.5, 0.1, 0.2), (3.0, 0.05, 0.3)])
def test_sterile_neutrinos(dm41, electron, muon):
    theory = sterile(dm41, electron, muon)
    signal = brute_signal(dm41, 4 * electron**2 * muon**2)
    np.testing.assert_allclose(miniboone().signal(theory), signal, rtol=1e-6, atol=1e-9)
    chi2, determinant = brute_minus_two_log_likelihood(signal)
    reference = brute_minus_two_log_likelihood(brute_signal(DM2, SIN2_2THETA))[1]
    expected = chi2 + determinant - reference
    assert -2 * float(miniboone().log_likelihood(theory, {})) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("dm41", "sin2"), [(DM2, SIN2_2THETA), (0.5, 5e-3), (0.02, 1.0)])
def test_a_model_of_two_flavors(dm41, sin2):
    theory = SterileNeutrino.two_flavors(dm41, sin2).low_energy()
    np.testing.assert_allclose(miniboone().signal(theory), brute_signal(dm41, sin2), rtol=1e-6, atol=1e-9)


def test_the_three_flavors_do_nothing():
    assert float(jnp.sum(miniboone().signal(THREE))) < 0.1


def test_a_part_that_passes():
    def exact(x):
        with mpmath.workdps(40):
            integral = mpmath.quad(lambda t: t * (1 - mpmath.exp(-t)), [0, x])
            return float(3 * integral / mpmath.mpf(x) ** 3)

    points = [1e-9, 1e-3, 0.2, 0.4999, 0.5001, 1.0, 30.0, 1e4]
    np.testing.assert_allclose([float(passing(jnp.asarray(x))) for x in points], list(map(exact, points)), rtol=3e-14)
    assert float(passing(jnp.zeros(()))) == 1.0
    assert float(jax.grad(passing)(0.0)) == pytest.approx(-3 / 8, rel=1e-14)


def test_quasi_elastic_energy():
    """The neutrino that makes this electron leaves a proton of its mass, but for the mass left out in p_l."""
    lepton, cosine = 600.0, 0.3
    E = float(quasi_elastic_energy(np.array(lepton), np.array(cosine)))
    proton = np.array([E + M_N - 34.0 - lepton, -lepton * np.sqrt(1 - cosine**2), 0.0, E - lepton * cosine])
    assert proton[0] ** 2 - (proton[1:] ** 2).sum() == pytest.approx(M_P**2 - M_E**2, rel=1e-9)
    assert quasi_elastic_energy(np.array(1500.0), np.array(-1.0)) == -np.inf


@pytest.mark.parametrize(("E", "m"), [(500.0, 100.0), (800.0, 300.0), (1000.0, 400.0)])
def test_helicity(E, m):
    """Of (m / 2E)^2, and not much more, N have the other helicity; on carbon, with its form factor."""
    carbon = Nucleus(6, 12, 11174.86)
    low, high = (float(end) / 1e3 for end in dipole_portal.recoil_limits(E, m, 11174.86))
    T = np.geomspace(1.0001 * low, min(high, 20.0), 200)
    weight = T * np.asarray(dipole_portal.differential_cross_section(E, 1e3 * T, m, carbon))
    positive, negative = np.array([dirac.helicities(E, t, 11174.86, m=m) for t in T]).T
    assert np.sum(weight * negative / (positive + negative)) / np.sum(weight) < 1.6 * (m / (2 * E)) ** 2


def test_photons_go_against_the_spin():
    cosines = np.linspace(-1, 1, 7)
    weights = np.array([dirac.photon_of_decay(c) for c in cosines])
    np.testing.assert_allclose(weights / weights[3], 1 - cosines, atol=1e-12)


# Photons once more: N followed one by one through a ball


def boosted(momentum, gamma_beta_direction):
    """A massless momentum (n, 3) of the frame of N, in the laboratory."""
    b = np.linalg.norm(gamma_beta_direction, axis=1)
    n = gamma_beta_direction / b[:, None]
    gamma = np.sqrt(1 + b**2)
    energy = np.linalg.norm(momentum, axis=1)
    along = (momentum * n).sum(1)
    return momentum + ((gamma - 1) * along + b * energy)[:, None] * n


def monte_carlo(m, mu, majorana, number=700_000, seed=7):
    """Electron-like events of the beam of neutrinos, by nu_mu."""
    rng = np.random.default_rng(seed)
    beam = [row for row in rows("booster_beam") if row["beam"] == "neutrino"]
    flux = np.array([float(row["numu"]) + float(row["antinumu"]) for row in beam]) * 0.05 * 18.75e20
    low = np.array([float(row["energy"]) for row in beam]) - 25.0
    u = 1.660539e-24
    volume = 4 / 3 * np.pi * 610.6**3
    oil, dirt = 818e6 / volume / (14.027 * u), 2.15 / (60.084 * u)
    targets = {6: (12.0, oil, 1.0), 14: (27.97692653, dirt, 0.0), 8: (15.99491462, 2 * dirt, 0.0)}
    efficiency = rows("miniboone_efficiency")
    table = ([float(r["energy"]) for r in efficiency], [float(r["efficiency"]) for r in efficiency])
    edges = [float(r["energy_low"]) for r in rows("miniboone_2020_spectra")[:11]] + [3.0]
    rate = (1.0 if not majorana else 2.0) * 1.746647761e-9 * (mu / 1e-9) ** 2 * (m / 100) ** 3 / 6.582119569e-16
    total = np.zeros(11)
    jobs = [(Z, "whole", oil if in_oil else number_) for Z, (_, number_, in_oil) in targets.items()]
    jobs += [(1, "free", 2 * oil)] + [(Z, "proton", number_) for Z, (_, number_, _) in targets.items()]
    for Z, kind, density in jobs:
        in_oil = Z in (1, 6)
        A = {1: 1, 6: 12, 14: 28, 8: 16}[Z]
        mass = M_P if kind != "whole" else targets[Z][0] * 931.49410372 - Z * M_E
        nucleus = None if Z == 1 else Nucleus(Z, A, targets[Z][0] * 931.49410372 - Z * M_E)
        pick = rng.integers(len(flux), size=number)
        E = low[pick] + 50 * rng.random(number)
        first, last = (np.asarray(x) for x in dipole_portal.recoil_limits(E, m, mass))
        keep = last > first
        pick, E, first, last = pick[keep], E[keep], first[keep], last[keep]
        recoil = first * (last / first) ** rng.random(len(E))
        if kind == "whole":
            section = np.asarray(dipole_portal.differential_cross_section(E, recoil, m, nucleus, moment=mu))
        else:
            section = np.asarray(dipole_proton.differential_cross_section(E, recoil, m, moment=mu))
        T = 1e-3 * recoil
        if kind == "proton":
            q = np.sqrt(2 * M_P * T) / 197.3269804
            section = section * Z * (1 - np.asarray(helm(q, float(nucleus.proton_radius[0]))) ** 2)
        weight = section * recoil * np.log(last / first) * flux[pick] * density * len(flux) / number
        heavy = E - T
        p = np.sqrt(heavy**2 - m**2)
        cosine = (E**2 + p**2 - (2 * mass * T + T**2)) / (2 * E * p)  # the nucleus has what is left
        sine, phi = np.sqrt(np.maximum(1 - cosine**2, 0)), 2 * np.pi * rng.random(len(E))
        n = np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], 1)
        c = 2 * rng.random(len(E)) - 1
        if not majorana:
            weight = weight * (1 - c)
        other = np.cross(n, [1.0, 0.3, 0.1])
        other /= np.linalg.norm(other, axis=1)[:, None]
        third, turn = np.cross(n, other), 2 * np.pi * rng.random(len(E))
        s = np.sqrt(1 - c**2)
        at_rest = c[:, None] * n + s[:, None] * (np.cos(turn)[:, None] * other + np.sin(turn)[:, None] * third)
        photon = boosted(0.5 * m * at_rest, (p / m)[:, None] * n)
        energy = np.linalg.norm(photon, axis=1)
        length = p / m * 1e2 * constants.c / rate  # cm
        if in_oil:
            place = rng.normal(size=(len(E), 3))
            place *= (610.6 * rng.random(len(E)) ** (1 / 3) / np.linalg.norm(place, axis=1))[:, None]
            left = np.sqrt(610.6**2 - (place[:, :2] ** 2).sum(1)) - place[:, 2]
            weight = -weight * volume * np.expm1(-left / length)
        else:
            way = 2 * 610.6 * np.sqrt(1 - rng.random(len(E)))
            start = 47400.0 * rng.random(len(E))  # before the front of the ball
            decays_inside = -np.exp(-start / length) * np.expm1(-way / length)
            weight = weight * np.pi * 610.6**2 * 47400.0 * decays_inside
        M = M_N - 34
        cos_photon = photon[:, 2] / energy
        taken = (2 * M * energy - M**2 - M_E**2 + M_P**2) / (2 * (M - energy + energy * cos_photon)) / 1e3
        weight = weight * np.interp(energy, *table)
        total += np.histogram(taken, edges, weights=weight)[0]
    return total


@pytest.mark.parametrize(
    ("m", "mu", "majorana"), [(30.0, 3e-9, False), (250.0, 2e-9, False), (250.0, 2e-9, True), (430.0, 6e-9, False)]
)
def test_photons(m, mu, majorana):
    heavy = HeavyLepton(m, np.array([0.0, mu, 0.0]))
    found = np.asarray(miniboone(majorana).photons.events(heavy))[0]
    expected = monte_carlo(m, mu, majorana)
    assert found.sum() == pytest.approx(expected.sum(), rel=0.03)
    np.testing.assert_allclose(found[:9], expected[:9], rtol=0.12, atol=0.015 * expected.sum())


def test_efficiency_and_mass_go_together():
    """Quasi-elastic scattering at the measured 9.43e-39 cm^2 a neutron makes most of the transmuted events."""
    beam = [row for row in rows("booster_beam") if row["beam"] == "neutrino"]
    energy, flux = (np.array([float(row[key]) for row in beam]) for key in ("energy", "numu"))
    efficiency = np.array(
        [[float(row[key]) for key in ("energy", "efficiency")] for row in rows("miniboone_efficiency")]
    )
    neutrons = 818e6 / 14.027 * 6 * PDG_2026.avogadro
    seen = np.interp(0.8 * energy, *efficiency.T)
    quasi_elastic = np.sum(0.05 * flux * 18.75e20 * seen * (energy > 250)) * neutrons * 9.43e-39
    transmuted = sum(float(row["events"]) for row in rows("miniboone_2020_response") if int(row["bin"]) < 19)
    assert 0.5 < quasi_elastic / transmuted < 0.85


def test_derivatives():
    """Finite with no moment, no mass and beyond every mass; where there are photons, as differences say."""

    def log_likelihood(u):
        heavy = HeavyLepton(u[0], jnp.stack([0.1 * u[1], u[1], u[2]]))
        return miniboone().log_likelihood(LowEnergy(THREE.neutrinos, heavy_lepton=heavy), {})

    gradient = jax.jit(jax.grad(log_likelihood))
    for mass in (0.0, 1e-3, 4.9, 5.0, 30.0, 1999.0, 2000.0, 1e4):
        for mu in (0.0, 1e-12, 1e-8):
            assert np.isfinite(gradient(jnp.array([mass, mu, 0.0]))).all(), (mass, mu)
    at = jnp.array([210.0, 1.5e-9, 5e-10])
    for k, step in enumerate((1e-2, 1e-14, 1e-14)):
        change = jnp.zeros(3).at[k].set(step)
        difference = (log_likelihood(at + change) - log_likelihood(at - change)) / (2 * step)
        assert float(gradient(at)[k]) == pytest.approx(float(difference), rel=1e-4)


def test_more_decays_where_other_flavors_help():
    """A moment of nu_tau makes no N in this beam, but shortens its life."""
    photons = miniboone().photons
    alone, helped = (photons.events(HeavyLepton(30.0, np.array([0.0, 1e-9, tau]))) for tau in (0.0, 3e-9))
    assert float(jnp.sum(photons.events(HeavyLepton(30.0, np.array([0.0, 0.0, 1e-8]))))) == 0.0
    assert 1.5 < float(jnp.sum(helped) / jnp.sum(alone)) < 10.0


def test_what_is_drawn():
    experiment = miniboone()
    assert experiment.observed.shape == (len(experiment.labels),) == (38,)
    assert experiment.labels[0] == "nu_e-like 0.2-0.3 GeV"
    assert [len(edges) for edges in experiment.spectrum().edges] == [12, 9, 12, 9]
    assert len({source.sha256 for source in experiment.sources}) == 5
    first, second = experiment.pulls(THREE, {})
    assert first.observed == (2870.0,)
    assert second.observed == (478.0,)
    # published: 2309.4 +- 119.6 and 400.6 +- 28.5 expected, 4.7 and 2.7 standard deviations
    assert first.predicted[0] == pytest.approx(2309.4, rel=0.01)
    assert second.predicted[0] == pytest.approx(400.6, rel=0.01)
    assert -5.2 < first.pull < -4.2
    assert -3.2 < second.pull < -2.2


def test_simulated():
    theory = sterile(DM2, 0.3, 0.4)
    keys = jax.random.split(jax.random.key(1), 400)
    draw = jax.jit(jax.vmap(lambda key: miniboone().simulate(key, theory, {}).counts))
    counts, predicted = np.asarray(draw(keys)), np.asarray(miniboone().predict(theory, {}))
    relative = np.asarray(miniboone()._relative(miniboone().signal(theory))[1]) + np.diag(1 / predicted)
    deviation = (counts / predicted - 1).mean(0) / np.sqrt(np.diag(relative) / len(keys))
    assert np.abs(deviation).max() < 4.5
    np.testing.assert_allclose((counts / predicted).var(0), np.diag(relative), rtol=0.4)
