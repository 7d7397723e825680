"""Charges and charge radii off the diagonal: what states have of them, by nature and CP, and what experiments see."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
from dirac import GAMMA, GAMMA_5
from helpers import loaded

from nmmjax.constants import PDG_2026
from nmmjax.experiments import BorexinoSpectrum2018, CoherentCsI2021, MatterNeutrality1999, XenonNT2022
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos
from nmmjax.models import ChargeRadii, Millicharges
from nmmjax.scattering import electron, nucleus
from nmmjax.three_flavor import LightNeutrinos

RADII = {"r2_e": 1e-32, "r2_mu": -2e-32, "r2_emu": 3e-32 - 1e-32j, "r2_etau": 2e-32j, "r2_mutau": -1e-32 + 0.5e-32j}
MATRIX = 1e-32 * np.array([[1, 3 - 1j, 2j], [3 + 1j, -2, -1 + 0.5j], [-2j, -1 - 0.5j, 0]])


@pytest.mark.parametrize("nature", [Majorana(), Dirac()])
def test_the_matrix_is_hermitian_whatever_the_nature(nature):
    origin = LightNeutrinos(7.5e-5, 2.5e-3, theta12=0.58, theta13=0.15, theta23=0.83, delta_cp=1.0, nature=nature)
    found = ChargeRadii(**RADII, origin=origin).low_energy().neutrinos
    np.testing.assert_allclose(found.charge_radius, MATRIX, rtol=1e-14)
    with pytest.raises(ValueError, match="`charge_radius` must"):
        Neutrinos(found.mass_matrix, nature=nature, charge_radius=jnp.asarray(MATRIX + 1e-33 * np.eye(3, k=1)))


def states(radius, alpha=(0.0, 0.0), delta=0.0, nature=None):
    origin = LightNeutrinos(
        7.5e-5, 2.5e-3, theta12=0.58, theta13=0.15, theta23=0.83, delta_cp=delta, alpha21=alpha[0], alpha31=alpha[1],
        lightest_mass=0.01, nature=Majorana() if nature is None else nature,
    )  # fmt: skip
    neutrinos = Neutrinos(origin.mass_matrix(), nature=origin.nature, charge_radius=jnp.asarray(radius) + 0j)
    return neutrinos, neutrinos.radii_of_states()


def test_majorana_states_have_no_charge_radius_of_their_own():
    """Charge radii imaginary and antisymmetric, anapoles real and symmetric; together they are U^+ r U."""
    neutrinos, (charge, anapole) = states(MATRIX, (0.7, -2.0), 1.1)
    np.testing.assert_allclose(np.asarray(charge).real, 0.0, atol=1e-50)
    np.testing.assert_allclose(charge, -charge.T, atol=1e-47)
    np.testing.assert_allclose(np.asarray(anapole).imag, 0.0, atol=1e-50)
    np.testing.assert_allclose(anapole, anapole.T, atol=1e-47)
    U = np.asarray(neutrinos.states.mixing)
    np.testing.assert_allclose(U @ (charge + anapole) @ U.conj().T, MATRIX, atol=1e-46)
    np.testing.assert_allclose(
        U.T @ np.asarray(neutrinos.mass_matrix) @ U, np.diag(neutrinos.states.masses), atol=1e-12
    )


def test_cp_chooses_between_charge_radius_and_anapole():
    """Real radii of flavors: equal CP phases leave anapoles alone, a state of the other phase has charge radii."""
    real = MATRIX.real
    _, (charge, anapole) = states(real)
    assert np.abs(charge).max() < 1e-10 * np.abs(anapole).max()
    _, (charge, anapole) = states(real, (math.pi, 0.0))
    scale = np.abs(anapole).max()
    for i, j in ((0, 1), (1, 2)):
        assert abs(anapole[i, j]) < 1e-9 * scale
        assert abs(charge[i, j]) > 1e-3 * scale
    assert abs(charge[0, 2]) < 1e-9 * scale
    assert abs(anapole[0, 2]) > 1e-3 * scale


def test_dirac_states_have_both():
    neutrinos, (charge, anapole) = states(MATRIX, delta=1.1, nature=Dirac())
    U = np.asarray(neutrinos.states.mixing)
    np.testing.assert_allclose(charge, anapole, rtol=1e-14)
    np.testing.assert_allclose(2.0 * np.asarray(charge), U.conj().T @ MATRIX @ U, atol=1e-46)
    assert np.abs(np.diag(charge)).min() > 0


def test_majorana_fields_by_explicit_matrices():
    """antinu_i G nu_j = antinu_j C G^T C^-1 nu_i: r_ij gamma^mu (1 - gamma_5) / 2 contracted both ways."""
    rng = np.random.default_rng(4)
    r = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    r = r + r.conj().T
    charge, anapole = (np.asarray(x) for x in Majorana().split_radius(jnp.asarray(r)))
    C = 1j * GAMMA[2] @ GAMMA[0]
    for gamma in GAMMA:
        vertex = 0.5 * gamma @ (np.eye(4) - GAMMA_5)
        exchanged = C @ vertex.T @ np.linalg.inv(C)
        both = np.einsum("ij,ab->ijab", r, vertex) + np.einsum("ji,ab->ijab", r, exchanged)
        expected = np.einsum("ij,ab->ijab", charge, gamma) - np.einsum("ij,ab->ijab", anapole, gamma @ GAMMA_5)
        np.testing.assert_allclose(both, expected, atol=1e-12)


def neutrinos_with(radius, nature=None):
    M = LightNeutrinos.benchmark().mass_matrix()
    return LowEnergy(Neutrinos(M, nature=nature, charge_radius=jnp.asarray(radius) + 0j))


def test_scattering_uses_the_whole_matrix():
    """Off the diagonal r adds |delta_ab|^2 without interference, by hand for electron and nucleus."""
    E, T = 5.0, 1000.0
    off = np.zeros((3, 3), complex)
    off[0, 1], off[1, 0] = 3e-32 - 4e-32j, 3e-32 + 4e-32j
    delta = math.sqrt(2) * math.pi * PDG_2026.fine_structure / (3 * PDG_2026.fermi_constant * (1.973269804e-14) ** 2)
    delta *= 5e-32  # of g_V, <r^2> in cm^2
    before = electron.Couplings.radiatively_corrected()
    after = before.with_charge_radius(jnp.asarray(off))
    found = [electron.differential_cross_section(E, T, couplings)[0, 0].real for couplings in (before, after)]
    m_e, y = 0.51099895, 1.0 / 5.0
    units = (1.1663788e-11) ** 2 * (197.3269804e-13) ** 2 / 1000.0  # MeV^-4 (MeV cm)^2 per MeV and keV
    added = units * m_e / (2 * math.pi) * delta**2 * (1 + (1 - y) ** 2 - m_e * 1.0 / E**2)
    assert float(found[1] - found[0]) == pytest.approx(added, rel=1e-6)
    cesium = nucleus.Nucleus.load("Cs")
    plain = nucleus.Couplings.tree_level()
    sections = [
        nucleus.differential_cross_section(30.0, 10.0, cesium, couplings)
        for couplings in (plain, plain.with_charge_radius(jnp.asarray(off)))
    ]
    proton = nucleus.Couplings(delta * jnp.eye(3), 0.0 * jnp.eye(3))
    alone = nucleus.differential_cross_section(30.0, 10.0, cesium, proton)
    assert float((sections[1] - sections[0])[0, 0].real) == pytest.approx(float(alone[0, 0].real), rel=1e-9)
    interference = (sections[1] - sections[0])[0, 1]
    assert abs(complex(interference)) > 10 * float(alone[0, 0].real)  # coherent superpositions see it to first order


@pytest.mark.parametrize("kind", [CoherentCsI2021, BorexinoSpectrum2018, XenonNT2022])
def test_experiments_see_what_is_off_the_diagonal(kind):
    """Accelerators to second order, the Sun's mixed states to first; both natures alike."""
    experiment = loaded(kind)
    nuisance = {name: prior.mean for name, prior in experiment.nuisances().items()}
    pair = np.zeros((3, 3), complex)
    pair[0, 1] = pair[1, 0] = 1.0

    def change(radius, nature=None):
        base = experiment.predict(neutrinos_with(np.zeros((3, 3)), nature), nuisance)
        return np.asarray(experiment.predict(neutrinos_with(radius, nature), nuisance) - base)

    plus, minus = change(2e-32 * pair), change(-2e-32 * pair)
    np.testing.assert_allclose(change(2e-32 * pair, Dirac()), plus, rtol=1e-9, atol=1e-12)
    odd, even = 0.5 * np.abs(plus - minus).sum(), 0.5 * np.abs(plus + minus).sum()
    assert even > 0
    if kind is CoherentCsI2021:
        assert odd < 1e-9 * even
        turned = np.array([[0, 1j, 0], [-1j, 0, 0], [0, 0, 0]])
        np.testing.assert_allclose(change(2e-32 * turned), plus, rtol=1e-9)
    else:
        assert odd > even


# Charges


def test_charges_of_differences_of_flavor():
    model = Millicharges.from_differences(1e-13, 2e-13, -3e-13, b_minus_l=5e-14)
    found = np.array([float(x) for x in (model.q_e, model.q_mu, model.q_tau)])
    np.testing.assert_allclose(found, [2.5e-13, -4.5e-13, 0.5e-13], rtol=1e-12)
    diagonal = np.diag(model.low_energy().neutrinos.millicharge)
    np.testing.assert_allclose(diagonal, found, rtol=1e-12)
    assert float(model.derived()["charge_neutron"]) == pytest.approx(5e-14, rel=1e-12)
    assert float(model.derived()["charge_hydrogen"]) == pytest.approx(3e-13, rel=1e-12)


@pytest.mark.parametrize("epsilon", [(1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)])
def test_one_difference_is_free_of_anomalies_without_partners(epsilon):
    """sum q = 0 (SU(2)^2 U(1), gravity) and sum q^3 = 0 (U(1)^3) of left-handed neutrinos."""
    model = Millicharges.from_differences(*(1e-12 * x for x in epsilon[:3]), b_minus_l=epsilon[3])
    charges = 1e12 * np.array([float(x) for x in (model.q_e, model.q_mu, model.q_tau)])
    assert abs(charges.sum()) < 1e-12
    assert abs((charges**3).sum()) < 1e-12
    assert float(model.derived()["charge_neutron"]) == 0.0


def anomalies(charges, baryon, partners):
    """Of X = sum q_a L_a + b B: with gravity, SU(3)^2, SU(2)^2, Y^2, Y X^2 and X^3, of left-handed fields."""
    fields = []  # (multiplicity, hypercharge, X, doublets, triplets)
    for q in charges:
        fields += [(2, -0.5, q, 1, 0), (1, 1.0, -q, 0, 0)] + ([(1, 0.0, -q, 0, 0)] if partners else [])
        b = baryon / 3
        fields += [(6, 1 / 6, b, 3, 2), (3, -2 / 3, -b, 0, 1), (3, 1 / 3, -b, 0, 1)]
    n, Y, X, doublets, triplets = (np.array(column, float) for column in zip(*fields, strict=True))
    return [n @ X, triplets @ X, doublets @ X, n @ (Y**2 * X), n @ (Y * X**2), n @ X**3]


def test_any_charges_are_free_of_anomalies_with_partners():
    charges = np.array([0.3, -1.1, 0.5])
    model = Millicharges(*(1e-12 * charges))
    baryon = 1e12 * float(model.derived()["charge_neutron"])
    np.testing.assert_allclose(anomalies(charges, baryon, partners=True), 0.0, atol=1e-12)
    assert abs(anomalies(charges, 0.0, partners=True)[2]) > 0.1
    assert abs(anomalies(charges, baryon, partners=False)[5]) > 0.1
    for pair in ((1, -1, 0), (1, 0, -1), (0, 1, -1)):
        np.testing.assert_allclose(anomalies(np.array(pair), 0.0, partners=False), 0.0, atol=1e-12)


def test_neutral_matter_says_nothing_of_mu_and_tau():
    experiment = MatterNeutrality1999.load()

    def likelihood(**epsilon):
        return float(experiment.log_likelihood(Millicharges.from_differences(**epsilon).low_energy(), {}))

    assert likelihood(mu_tau=1e-12) == 0.0
    assert likelihood(e_mu=1e-21) == pytest.approx(-0.5 * 1.6448536**2, rel=1e-6)
    assert likelihood(e_tau=-1e-21) == pytest.approx(likelihood(e_mu=1e-21), rel=1e-12)
    assert likelihood(b_minus_l=1e-21) == pytest.approx(likelihood(e_mu=1e-21), rel=1e-12)
