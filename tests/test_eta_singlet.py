"""The singlet eta: moment and mass against quadrature, the cases of its couplings, the running ratios."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import radiative_widths

from nmmjax import moments
from nmmjax.constants import PDG_2026
from nmmjax.models import EtaSinglet

M_E, M_MU, M_TAU = PDG_2026.lepton_masses
LEPTONS = np.array(PDG_2026.lepton_masses)
LOOP = 16 * math.pi**2


def flip(t):
    """int x dx / (1 - x + t x)."""
    t = mpmath.mpf(t)
    return float(mpmath.quad(lambda x: x / (1 - x + t * x), [0, 0.5, 0.99, 1 - 10 * t, 1]))


def cut_off(m, M, cutoff):
    """int K dK / ((K + m^2) (K + M^2)) over the logarithm of K."""
    m2, M2 = mpmath.mpf(m) ** 2, mpmath.mpf(M) ** 2
    edges = [mpmath.log(m2) - 40, *(2 * mpmath.log(x) for x in (m, M, cutoff))]
    return float(mpmath.quad(lambda y: 1 / ((1 + m2 * mpmath.exp(-y)) * (1 + M2 * mpmath.exp(-y))), edges))


@pytest.mark.parametrize("g", [(0.05, 0.0, 0.001), (0.03, -0.2, 0.1)])
def test_moment_and_mass_by_quadrature(g):
    g12, g13, g23 = g
    model = EtaSinglet(g12, g13, g23, 40.0, log_cutoff=3.0, bare_e=5.0, bare_mu=100.0, bare_tau=1e4)
    coupling = np.array([[0, g12, g13], [-g12, 0, g23], [-g13, -g23, 0]])
    moment = np.diag([2 * M_E / LOOP * m / 40.0**2 * flip((m / 40.0) ** 2) for m in LEPTONS])
    shift = np.diag([-m / LOOP * cut_off(m, 40.0, 40.0 * math.sqrt(math.exp(3.0) - 1.0)) for m in LEPTONS])
    neutrinos = model.low_energy().neutrinos
    of_w = moments.w_loop_dirac(neutrinos.mass_matrix)
    np.testing.assert_allclose(neutrinos.moment_matrix - of_w, coupling @ moment @ coupling, rtol=1e-8, atol=1e-19)
    expected = 1e9 * coupling @ shift @ coupling + np.diag([5.0, 100.0, 1e4])
    np.testing.assert_allclose(neutrinos.mass_matrix, expected, rtol=1e-10, atol=1e-12)


def test_the_logarithm_is_what_it_is_called():
    """dm(nu_e) = g_12^2 m_mu / 16 pi^2 for a logarithm of one: 1.853 keV, as the ledger has it."""
    shift = EtaSinglet(1.0 / 19.0, 0.0, 0.0, 25.0, log_cutoff=1.0).derived()["shift_e"]
    assert float(shift) == pytest.approx(1e9 * M_MU / 19.0**2 / LOOP, rel=1e-3)
    assert float(shift) == pytest.approx(1853.0, rel=1e-3)


def test_cases_of_the_couplings():
    """Corrections of case III: one invariant state of nu_e and nu_tau, nu_mu by electron and tau; case I alike."""
    third = EtaSinglet(0.05, 0.0, 0.02, 30.0)
    loops = 1e9 / LOOP * LEPTONS * [cut_off(m, 30.0, 30.0 * math.sqrt(math.e - 1.0)) for m in LEPTONS]
    masses = np.linalg.svd(np.asarray(third.mass_shift()), compute_uv=False)
    expected = [(0.05**2 + 0.02**2) * loops[1], 0.05**2 * loops[0] + 0.02**2 * loops[2], 0.0]
    np.testing.assert_allclose(masses, sorted(expected, reverse=True), rtol=1e-9, atol=1e-9)
    _, vectors = np.linalg.eigh(np.asarray(third.mass_shift()))
    tangent = max(abs(vectors[0, i] / vectors[2, i]) for i in range(3) if abs(vectors[1, i]) < 1e-9)
    assert tangent == pytest.approx(0.05 / 0.02, rel=1e-9)
    first = np.linalg.svd(np.asarray(EtaSinglet(0.05, 0.02, 0.0, 30.0).mass_shift()), compute_uv=False)
    expected = [0.05**2 * loops[1] + 0.02**2 * loops[2], (0.05**2 + 0.02**2) * loops[0], 0.0]
    np.testing.assert_allclose(first, sorted(expected, reverse=True), rtol=1e-9, atol=1e-9)


def test_laboratory_masses_come_back():
    model = EtaSinglet.from_laboratory(0.05, 1e-4, 1e-3, 30.0, mass_e=20.0, mass_mu=2.5e5, mass_tau=2.5e7)
    M = np.asarray(model.low_energy().neutrinos.mass_matrix)
    np.testing.assert_allclose(np.abs(np.diag(M)), [20.0, 2.5e5, 2.5e7], rtol=1e-12)
    derived = model.derived()
    assert float(derived["ratio_e"]) == pytest.approx((20.0 + float(derived["shift_e"])) / (M_E * 1e9), rel=1e-12)
    assert float(derived["ratio_tau"]) == pytest.approx(2.5e7 / (M_TAU * 1e9), rel=1e-3)


def test_see_saw_relation_as_a_prior():
    def ratios(*values):
        bare = dict(zip(("bare_e", "bare_mu", "bare_tau"), 1e9 * LEPTONS * values, strict=True))
        return EtaSinglet(0.05, 0.0, 1e-3, 30.0, hierarchy=math.log(3.0), **bare)

    assert float(ratios(1e-3, 1e-3, 1e-3).log_prior()) == pytest.approx(0.0, abs=1e-12)
    expected = -0.5 * np.sum(([1.0, 0.0, -1.0] * np.log([2.0, 1.0, 2.0]) / math.log(3.0)) ** 2)
    assert float(ratios(2e-3, 1e-3, 0.5e-3).log_prior()) == pytest.approx(expected, rel=1e-9)
    literal = EtaSinglet(0.05, 0.0, 1e-3, 30.0)
    assert float(literal.log_prior()) == 0.0
    assert all(np.isfinite(leaf) for leaf in jax.tree.leaves(jax.grad(lambda m: m.log_prior())(literal)))


def test_muon_decay():
    """BR = (alpha / 768 pi) 2 |g13 g23|^2 / (G_F^2 M^4), both chiralities."""
    charged = EtaSinglet(0.05, 0.01, 0.02, 30.0).low_energy().charged_leptons
    expected = PDG_2026.fine_structure / (768 * math.pi) * 2 * (0.01 * 0.02) ** 2
    expected /= PDG_2026.fermi_constant**2 * 30.0**4
    assert float(charged.radiative_ratio(1, 0)) == pytest.approx(expected, rel=1e-12)
    shift = 0.05**2 / (2 * math.sqrt(2) * PDG_2026.fermi_constant * 30.0**2)
    assert float(charged.fermi_shift[0, 1]) == pytest.approx(shift, rel=1e-12)


@pytest.mark.parametrize("a", [0.3, -2.0])
def test_right_handed_couplings_of_their_own_size(a):
    """f = a g: masses and moments go as a, right-handed dipoles as a^2, all else stays."""
    one, other = (EtaSinglet(0.05, 0.01, 0.02, 30.0, ratio=ratio) for ratio in (1.0, a))
    np.testing.assert_allclose(other.mass_shift(), a * one.mass_shift(), rtol=1e-12)
    moments_of_one, moments_of_other = (model.low_energy().neutrinos.moment_matrix for model in (one, other))
    np.testing.assert_allclose(moments_of_other, a * moments_of_one, rtol=1e-12)
    charged, changed = (model.low_energy().charged_leptons for model in (one, other))
    np.testing.assert_allclose(changed.dipole_left, charged.dipole_left, rtol=1e-12)
    np.testing.assert_allclose(changed.dipole_right, a**2 * charged.dipole_right, rtol=1e-12)
    np.testing.assert_allclose(changed.fermi_shift, charged.fermi_shift, rtol=1e-12)
    np.testing.assert_allclose(changed.anomalous_moments, 0.5 * (1 + a**2) * charged.anomalous_moments, rtol=1e-12)
    expected = PDG_2026.fine_structure / (768 * math.pi) * (1 + a**4) * (0.01 * 0.02) ** 2
    expected /= PDG_2026.fermi_constant**2 * 30.0**4
    assert float(changed.radiative_ratio(1, 0)) == pytest.approx(expected, rel=1e-12)


def test_laboratory_masses_come_back_whatever_the_ratio():
    model = EtaSinglet.from_laboratory(0.05, 0.0, 1e-3, 30.0, mass_e=20.0, mass_mu=2.5e5, mass_tau=2.5e7, ratio=0.2)
    np.testing.assert_allclose(np.abs(np.diag(model.low_energy().neutrinos.mass_matrix)), [20.0, 2.5e5, 2.5e7])


def test_decay_of_the_heavy_states():
    """tau = 1.884e19 s (1e-10 mu_B / mu)^2 (eV / m)^3, for a moment between Dirac states that goes both ways."""
    model = EtaSinglet.from_laboratory(0.05, 0.02, 0.01, 30.0, mass_e=1.0, mass_mu=2e7, mass_tau=9e8)
    neutrinos = model.low_energy().neutrinos
    moment = abs(np.asarray(neutrinos.moment_matrix)[0, 1])
    assert 1 / float(np.sort(radiative_widths(neutrinos))[1]) == pytest.approx(
        1.884214928e19 * (1e-10 / moment) ** 2 / 2e7**3, rel=0.01
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"m_eta": -30.0}, "`m_eta` must"),
        ({"log_cutoff": -1.0}, "`log_cutoff` must"),
        ({"g12": math.nan}, "`g12` must"),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        EtaSinglet(**({"g12": 0.1, "g13": 0.0, "g23": 0.0, "m_eta": 30.0} | changes))


def test_moment_is_smooth_without_couplings():
    gradient = jax.jacfwd(lambda g: EtaSinglet(g, 0.0, 0.0, 30.0).low_energy().neutrinos.states.masses)(0.0)
    assert jnp.all(jnp.isfinite(gradient))
