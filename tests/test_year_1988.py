"""The limits of 1988, at their edges and against numbers worked out by hand."""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
from helpers import radiative_widths

from nmmjax.experiments import (
    LaboratoryMasses1988,
    MuonRadiativeDecay1988,
    ShortBaseline1988,
    SolarMoment1988,
    UnstableNeutrinos1988,
)
from nmmjax.experiments.shared.year_1988 import REFERENCE
from nmmjax.low_energy import ChargedLeptons, Dirac, LowEnergy, Majorana, Neutrinos

Z90 = 1.6448536269514722
EXPERIMENTS = (LaboratoryMasses1988, MuonRadiativeDecay1988, ShortBaseline1988, SolarMoment1988, UnstableNeutrinos1988)


@cache
def loaded(kind):
    return kind.load()


def neutrinos(mass_matrix, moments=None, nature=None):
    moments = np.zeros((3, 3)) if moments is None else moments
    return LowEnergy(Neutrinos(jnp.asarray(mass_matrix) + 0j, jnp.asarray(moments) + 0j, nature or Dirac()))


def chi2(kind, theory):
    return -2.0 * float(loaded(kind).log_likelihood(theory, {}))


def rotation(angle, i=0, j=2):
    R = np.eye(3)
    R[i, i] = R[j, j] = math.cos(angle)
    R[i, j], R[j, i] = math.sin(angle), -math.sin(angle)
    return R


def test_they_name_the_paper_and_their_year():
    for kind in EXPERIMENTS:
        assert kind.reference == REFERENCE
        assert loaded(kind).name.endswith("_1988")


def test_laboratory_masses():
    limits = (30.0, 2.7e5, 5e7)
    for flavor, limit in enumerate(limits):
        M = np.zeros((3, 3))
        M[flavor, flavor] = limit
        assert chi2(LaboratoryMasses1988, neutrinos(M)) == pytest.approx(Z90**2, rel=1e-2)
        M[flavor, flavor] = limit / 2
        assert chi2(LaboratoryMasses1988, neutrinos(M)) == pytest.approx(Z90**2 / 16, rel=1e-2)
    # m_a^2 = sum_i |U_ai|^2 m_i^2 of what is emitted, for either nature, whatever the right-handed basis.
    U, masses = rotation(0.3) @ rotation(0.8, 1, 2), np.array([25.0, 1e5, 2e7])
    released = np.array([18.6e3, 33.9e6, 1.08e9])
    expected = np.array([U[a] ** 2 @ (masses**2 / (1 + (masses / released[a]) ** 2)) for a in range(3)])
    for M, nature in ((rotation(1.1, 0, 1) @ np.diag(masses) @ U.T, Dirac()), (U @ np.diag(masses) @ U.T, Majorana())):
        found = loaded(LaboratoryMasses1988).predict(neutrinos(M, nature=nature), {})
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_solar_moment_window():
    """Both ends at Delta chi^2 = 2.71, to which the laboratory bound of 2e-10 adds (mu / 2e-10)^4 of its own 2.71."""

    def expected(mu):
        window = math.log(mu**2 / (0.3e-10 * 1e-10)) / math.log(1.0 / 0.3)
        return Z90**2 * (window**2 + (mu / 2e-10) ** 4)

    for mu in (0.3e-10, math.sqrt(0.3) * 1e-10, 1e-10, 2e-10):
        for column in ((mu, 0, 0), (0.6 * mu, 0, 0.8 * mu), (0, 1j * mu, 0)):
            moments = np.zeros((3, 3), complex)
            moments[:, 0] = column
            moments[0, 1:] = 7e-10  # from other flavors, which nobody looks at
            assert chi2(SolarMoment1988, neutrinos(np.zeros((3, 3)), moments)) == pytest.approx(expected(mu), rel=1e-9)
    window, laboratory = loaded(SolarMoment1988).terms
    for end in (0.3e-10, 1e-10):
        assert -2.0 * float(window.log_likelihood(jnp.array([end**2]))) == pytest.approx(2.71, abs=0.01)
    assert -2.0 * float(laboratory.log_likelihood(jnp.array([4e-20]))) == pytest.approx(2.71, abs=0.01)


def test_mixing_of_electron_and_tau_neutrino():
    phi = 0.5 * math.asin(math.sqrt(3e-3))
    for masses in ((1.0, 40.0, 2e6), (0.0, 2e5, 30.0)):
        for side in (phi, 0.5 * math.pi - phi):
            M = np.diag(masses) @ rotation(side).T
            assert chi2(ShortBaseline1988, neutrinos(M)) == pytest.approx(Z90**2, rel=1e-6)
    # Without a splitting there is nothing to see, and one of 0.5 eV^2 is halfway: 1 - exp(-1/4).
    equal = np.diag([2.0, 7.0, 2.0]) @ rotation(phi).T
    assert chi2(ShortBaseline1988, neutrinos(equal)) == pytest.approx(0.0, abs=1e-12)
    near = np.diag([2.0, 7.0, math.sqrt(4.5)]) @ rotation(phi).T
    seen = 1.0 - math.exp(-0.25)
    found = loaded(ShortBaseline1988).predict(neutrinos(near), {})
    assert float(found[0]) == pytest.approx(3e-3 * seen, rel=1e-6)


def test_mixing_of_three():
    U, masses = rotation(0.2, 0, 1) @ rotation(0.1) @ rotation(0.7, 1, 2), np.array([2.0, 30.0, 500.0])
    found = loaded(ShortBaseline1988).predict(neutrinos(np.diag(masses) @ U.T), {})
    assert float(found[0]) == pytest.approx(2.0 * np.sum(U[0] ** 2 * U[2] ** 2), rel=1e-9)


def test_muon_decay_with_the_width_of_the_paper():
    """Gamma = 1e-4 / s is a branching ratio of 2.2e-10 with the lifetime of the muon."""
    muon, hbar, alpha = 0.1056583755, 6.582119569e-25, 1.0 / 137.035999
    amplitude = math.sqrt(1e-4 * hbar * 16.0 / (alpha * muon**5))  # both chiralities together
    left = np.zeros((3, 3), complex)
    right = left.copy()
    left[0, 1], right[0, 1] = 0.6 * amplitude, 0.8j * amplitude
    leptons = ChargedLeptons(dipole_left=jnp.asarray(left), dipole_right=jnp.asarray(right))
    theory = LowEnergy(Neutrinos(jnp.zeros((3, 3)) + 0j), leptons)
    branching = float(loaded(MuonRadiativeDecay1988).predict(theory, {})[0])
    assert branching == pytest.approx(1e-4 * 2.1969811e-6, rel=5e-3)  # radiative corrections to the lifetime
    assert chi2(MuonRadiativeDecay1988, theory) == pytest.approx((branching / 2e-10 * Z90) ** 2, rel=1e-9)


def test_stable_neutrinos():
    for masses in ((60.0, 0.0, 0.0), (10.0, 20.0, 30.0)):
        rounded = sum(math.sqrt(m**2 + 1) - 1 for m in masses)
        expected = Z90**2 * (rounded / 60.0) ** 2
        assert chi2(UnstableNeutrinos1988, neutrinos(np.diag(masses))) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("mass", [250e3, 68.0 * 50, 6.8e3])
def test_unstable_neutrinos_keep_the_bound_of_the_paper(mass):
    """m^2 tau = 2e20 eV^2 s at Delta chi^2 = 2.71, with tau = 1.884e19 s (1e-10 mu_B / mu)^2 (eV / m)^3."""
    moment = 1e-10 * math.sqrt(1.884214927968355e19 / (2e20 * mass))
    moments = np.zeros((3, 3))
    moments[0, 1] = math.sqrt(2.0) * moment  # nu_2 -> N_1 gamma: half of it is magnetic, half electric
    theory = neutrinos(np.diag([0.0, mass, 0.0]), moments)
    lifetime = 1.0 / np.asarray(radiative_widths(theory.neutrinos)).max()
    assert mass**2 * lifetime == pytest.approx(2e20, rel=1e-6)
    short = 3600.0 / (1.0 + 3600.0 / mass**2)  # squared: 60 eV where the lifetime is much shorter than t
    expected = Z90**2 * (math.sqrt(short + 1) - 1) ** 2 / 3600.0
    assert chi2(UnstableNeutrinos1988, theory) == pytest.approx(expected, rel=1e-6)
