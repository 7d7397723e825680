"""Zee-Babu: the mass matrix against its massless approximation, what the null vector implies, charged leptons."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.models import ZeeBabu
from nmmjax.ordering import InvertedOrdering, NormalOrdering

ANGLES = {"sin2_theta12": 0.31, "sin2_theta13": 0.022, "sin2_theta23": 0.55}
FREE = {"g_norm": 2.0, "m_h": 3000.0, "m_k": 3000.0, "mu_over_mass": 0.7, "g_ee": 0.02, "g_emu": 2e-4, "g_etau": 0.01}
T_AT_ONE = 1.87092679118596189942992826666
ORDERINGS = {"normal": (NormalOrdering(), 2.51e-3), "inverted": (InvertedOrdering(), -2.48e-3)}


def model(ordering, dm3l, **changes):
    arguments = {**ANGLES, **FREE, "delta_cp": 3.7, "alpha": 0.9, "ordering": ordering} | changes
    return ZeeBabu.from_oscillations(dm21=7.5e-5, dm3l=dm3l, **arguments)


@pytest.fixture(params=ORDERINGS, scope="module")
def point(request):
    ordering, dm3l = ORDERINGS[request.param]
    found = model(ordering, dm3l)
    return ordering, dm3l, found, jax.jit(lambda m: m.low_energy())(found)


def test_observables_come_back(point):
    ordering, dm3l, _, theory = point
    states = theory.neutrinos.states
    assert float(states.dm21) == pytest.approx(7.5e-5, rel=1e-9)
    assert float(ordering.dm3l(states.dm21, states.dm31)) == pytest.approx(dm3l, rel=1e-10)
    for name, value in ANGLES.items():
        assert float(getattr(states, name)) == pytest.approx(value, rel=1e-10)
    assert float(states.delta_cp) == pytest.approx(3.7 - 2 * math.pi, abs=1e-10)
    assert float(states.masses[0 if ordering.sign > 0 else 2]) < 1e-11


def test_mass_matrix_is_degenerate_along_f(point):
    _, _, found, theory = point
    M = np.asarray(theory.neutrinos.mass_matrix)
    null = np.array([found.f_mutau, -found.f_etau, found.f_emu])
    assert np.abs(M @ null).max() < 1e-10 * np.abs(M).max() * np.abs(null).max()
    assert abs(np.linalg.det(M)) < 1e-10 * np.abs(M).max() ** 3


def test_relations_of_the_couplings(point):
    """M. Nebot et al., equations (15) and (16), for M = U^* D U^dagger."""
    ordering, _, found, _ = point
    s12, s13, s23 = (math.sqrt(value) for value in ANGLES.values())
    c12, c13, c23 = (math.sqrt(1 - value) for value in ANGLES.values())
    phase = np.exp(3.7j)
    if ordering.sign > 0:
        expected = (
            s12 * c23 / (c12 * c13) + s13 / c13 * s23 * phase,
            s12 * s23 / (c12 * c13) - s13 / c13 * c23 * phase,
        )
    else:
        expected = (-s23 * c13 / s13 * phase, c23 * c13 / s13 * phase)
    np.testing.assert_allclose([found.f_etau / found.f_mutau, found.f_emu / found.f_mutau], expected, rtol=1e-10)


def test_mass_matrix_of_massless_leptons(point):
    """(mu / 48 pi^2 M^2) I~(r) f m g^+ m f^T with I~ = (3 / pi^2) T(1), up to m_tau^2 / m_h^2 ln(m_h / m_tau)."""
    _, _, found, theory = point
    f, g, m = np.asarray(found.f), np.asarray(found.g), np.diag(PDG_2026.lepton_masses)
    scale = float(found.mu) / (48 * np.pi**2 * 3000.0**2) * 3 / np.pi**2 * T_AT_ONE
    expected = 1e9 * scale * f @ m @ g.conj() @ m @ f.T
    M = np.asarray(theory.neutrinos.mass_matrix)
    np.testing.assert_allclose(M, expected, atol=1e-4 * np.abs(M).max())


def test_charged_leptons(point):
    """M. Nebot et al.: l -> l' gamma, anomalous moments, universality; the loops with massless leptons."""
    _, _, found, theory = point
    f, g, charged = np.asarray(found.f), np.asarray(found.g), theory.charged_leptons
    alpha, fermi = PDG_2026.fine_structure, PDG_2026.fermi_constant
    singly, doubly = f.conj().T @ f / 3000.0**2, g.conj().T @ g / 3000.0**2
    for mother, daughter in ((1, 0), (2, 0), (2, 1)):
        expected = abs(singly[daughter, mother]) ** 2 + 16 * abs(doubly[daughter, mother]) ** 2
        ratio = float(charged.radiative_ratio(mother, daughter))
        assert ratio == pytest.approx(alpha / (48 * np.pi * fermi**2) * expected, rel=1e-3)
    moments = -np.square(PDG_2026.lepton_masses) / (24 * np.pi**2) * np.diag(singly + 4 * doubly).real
    np.testing.assert_allclose(charged.anomalous_moments, moments, rtol=1e-3)
    np.testing.assert_allclose(charged.fermi_shift[0, 1], np.sqrt(2) * abs(f[0, 1]) ** 2 / (fermi * 3000.0**2))


def test_large_couplings_are_suppressed():
    assert float(ZeeBabu.benchmark().log_prior()) == 0.0
    assert float(model(*ORDERINGS["normal"], g_norm=9.0).log_prior()) < -100.0


def test_phases_of_the_fields_do_not_matter(point):
    """Rephasing L_a -> e^{i a} L_a with e_a changes the rows and columns of M only."""
    _, _, found, theory = point
    turn = np.exp(1j * np.array([0.3, -1.1, 2.0]))
    pairs = {"emu": (0, 1), "etau": (0, 2), "mutau": (1, 2), "ee": (0, 0), "mumu": (1, 1), "tautau": (2, 2)}
    names = (field.name for field in dataclasses.fields(found))
    couplings = {name: getattr(found, name) for name in names if name.startswith(("f_", "g_"))}
    rephased = {}
    for name, value in couplings.items():
        a, b = pairs[name[2:]]
        rephased[name] = value * turn[a] * turn[b]
    other = ZeeBabu(**rephased, m_h=found.m_h, m_k=found.m_k, mu=found.mu).low_energy().neutrinos
    M = np.asarray(theory.neutrinos.mass_matrix) * turn[:, None] * turn
    np.testing.assert_allclose(np.abs(other.mass_matrix), np.abs(M), rtol=1e-9)
    np.testing.assert_allclose(other.states.masses, theory.neutrinos.states.masses, atol=1e-12)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="`m_h` must"):
        model(*ORDERINGS["normal"], m_h=-1.0)
    with pytest.raises(ValueError, match="`sin2_theta12` must"):
        model(*ORDERINGS["normal"], sin2_theta12=1.2)


def test_mixing_conventions_agree():
    """The direction of f is the column of the state without mass."""
    found = model(*ORDERINGS["normal"])
    U = mixing.pmns(*(math.asin(math.sqrt(s)) for s in ANGLES.values()), 3.7)
    np.testing.assert_allclose(
        jnp.stack([found.f_mutau, -found.f_etau, found.f_emu]) / found.derived()["f_norm"], U[:, 0], rtol=1e-12
    )


@pytest.mark.parametrize("mu_over_mass", [0.01, 2.0])
def test_size_of_the_couplings(mu_over_mass):
    """With vanishing couplings of the electron the norm is that of g, whatever else is chosen."""
    electron = {"g_ee": 0.0, "g_emu": 0.0, "g_etau": 0.0}
    found = model(*ORDERINGS["inverted"], mu_over_mass=mu_over_mass, m_k=700.0, g_norm=0.3, **electron)
    assert np.linalg.norm(found.g) == pytest.approx(0.3, rel=1e-12)
    assert 2.0**0.5 * float(found.derived()["f_norm"]) == pytest.approx(np.linalg.norm(found.f), rel=1e-12)
    assert float(found.mu) == pytest.approx(mu_over_mass / math.hypot(1 / 3000.0, 1 / 700.0))
