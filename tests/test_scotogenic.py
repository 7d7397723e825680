"""Scotogenic: the loop in mpmath, observables that come back, l -> l' gamma by quadrature."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from nmmjax.constants import PDG_2026
from nmmjax.experiments import RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.loops import one_loop
from nmmjax.low_energy import Neutrinos
from nmmjax.models import Scotogenic, ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.testing import check_derivatives

VEV_SQUARED = PDG_2026.higgs_vev**2
LIGHT = {
    "dm21": 7.5e-5, "sin2_theta12": 0.31, "sin2_theta13": 0.022, "sin2_theta23": 0.55,
    "delta_cp": -2.5, "alpha21": 0.7, "alpha31": -1.9,
}  # fmt: skip
ORDERINGS = {"normal": (NormalOrdering(), 2.51e-3), "inverted": (InvertedOrdering(), -2.48e-3)}
MASSES = {"m_1": 400.0, "m_2": 900.0, "m_3": 2500.0, "m_imaginary": 900.0, "m_charged": 870.0}
R = {"x12": 0.4, "x13": -1.3, "x23": 2.5, "y12": 0.6, "y13": -0.4, "y23": 0.3}
observables = jax.jit(lambda matrix: Neutrinos(matrix).observables())


def built(ordering="normal", **changes):
    order, dm3l = ORDERINGS[ordering]
    arguments = {**LIGHT, "dm3l": dm3l, "lightest_mass": 0.013, **MASSES, "lambda_5": 3e-9, **R} | changes
    return Scotogenic.from_oscillations(**arguments, ordering=order)


def from_couplings(h, *, masses=(1000.0, 1000.0, 1000.0), m_imaginary=500.0, m_charged=600.0, split=1001.0):
    """`split` = m_R^2 - m_I^2 [GeV^2]."""
    m_1, m_2, m_3 = masses
    return Scotogenic(
        h, m_1=m_1, m_2=m_2, m_3=m_3, m_imaginary=m_imaginary, m_charged=m_charged, lambda_5=split / VEV_SQUARED
    )


def loop(m_fermion, m_imaginary, split):
    """(M / 32 pi^2) [g(m_R^2) - g(m_I^2)] in GeV and 60 digits; g(M^2) = 1."""
    with mpmath.workdps(60):
        M2, below = mpmath.mpf(m_fermion) ** 2, mpmath.mpf(m_imaginary) ** 2

        def g(x):
            return x * mpmath.log(x / M2) / (x - M2) if x != M2 else mpmath.mpf(1)

        return float(mpmath.mpf(m_fermion) / (32 * mpmath.pi**2) * (g(below + mpmath.mpf(split)) - g(below)))


def test_value():
    """h = 1, M = 1000, m_R = 501, m_I = 500 GeV."""
    model = from_couplings(np.eye(3))
    assert float(model.m_real) == pytest.approx(501.0, rel=1e-14)
    expected = 3.58158493677333523e-3 * 1e9 * np.eye(3)
    np.testing.assert_allclose(model.low_energy().neutrinos.mass_matrix, expected, rtol=1e-13)


@pytest.mark.parametrize("split", [1e5, 1e-3, 1e-9])
@pytest.mark.parametrize("m_imaginary", [100.0, 500.0, 3000.0])
def test_mass_matrix_against_mpmath(m_imaginary, split):
    """Also where eta_R and eta_I all but agree, and where N and eta do."""
    rng, masses = np.random.default_rng(2), (50.0, m_imaginary, 8000.0)
    h = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    model = from_couplings(h, masses=masses, m_imaginary=m_imaginary, split=split)
    scale = [loop(M, m_imaginary, float(model.lambda_5) * VEV_SQUARED) for M in masses]
    expected = 1e9 * h @ np.diag(scale) @ h.T
    np.testing.assert_allclose(
        model.low_energy().neutrinos.mass_matrix, expected, atol=2e-14 * np.abs(expected).max(), rtol=0
    )


def test_limits():
    """Of a small splitting D: M D / (32 pi^2 m^2), half of it for M = m, and D [ln(M^2 / m^2) - 1] / (32 pi^2 M)."""
    split, m = 1e-3, 500.0
    for M, bracket in ((500.0, 0.5), (5e-3, 1.0)):
        found = from_couplings(np.eye(3), masses=(M, M, M), m_imaginary=m, split=split).low_energy()
        expected = 1e9 * M * split / (32 * math.pi**2 * m**2) * bracket
        np.testing.assert_allclose(np.diag(found.neutrinos.mass_matrix), expected, rtol=1e-8)
    found = from_couplings(np.eye(3), masses=(5e6,) * 3, m_imaginary=m, split=split).low_energy()
    expected = 1e9 * split / (32 * math.pi**2 * 5e6) * (math.log(5e6**2 / m**2) - 1)
    np.testing.assert_allclose(np.diag(found.neutrinos.mass_matrix), expected, rtol=1e-6)
    nothing = from_couplings(np.eye(3), split=0.0).low_energy().neutrinos.mass_matrix
    assert np.abs(nothing).max() == 0.0


@pytest.mark.parametrize("lightest_mass", [0.0, 0.02])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_observables_come_back(ordering, lightest_mass):
    order, dm3l = ORDERINGS[ordering]
    matrix = built(ordering, lightest_mass=lightest_mass).low_energy().neutrinos.mass_matrix
    light = ThreeFlavor.from_sin2(dm3l=dm3l, **LIGHT, lightest_mass=lightest_mass, ordering=order)
    U = np.asarray(light.pmns())
    expected = U.conj() @ np.diag(light.masses()) @ U.conj().T
    np.testing.assert_allclose(matrix, expected, atol=1e-13 * np.abs(expected).max())
    found = observables(matrix)
    for name in ("dm21", "sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp"):
        assert float(found[name]) == pytest.approx(LIGHT[name], rel=1e-9)
    assert float(order.dm3l(found["dm21"], found["dm31"])) == pytest.approx(dm3l, rel=1e-9)


def test_observables_with_large_imaginary_angles():
    """Couplings grow as e^(|y|), the rounding of what comes back as its square."""
    light = built(y12=0.0, y13=0.0, y23=0.0)
    expected = np.asarray(light.low_energy().neutrinos.mass_matrix)
    for y in (2.0, 4.0, 6.0):
        model = built(y12=y, y13=0.0, y23=0.0)
        growth = float(jnp.max(jnp.abs(model.yukawa)) / jnp.max(jnp.abs(light.yukawa)))
        assert 0.05 < growth / math.exp(y) < 5.0
        error = np.abs(model.low_energy().neutrinos.mass_matrix - expected).max() / np.abs(expected).max()
        assert error < 1e-15 * math.exp(2 * y) + 1e-14


@pytest.mark.parametrize("masses", [(400.0, 700.0, 2500.0), (870.0, 870.0, 870.0), (1.0, 10.0, 1e6)])
def test_charged_leptons(masses):
    """BR / BR(nu nu) = (3 alpha / 64 pi G_F^2 m^4) |sum_k h_bk^* h_ak F_2|^2, F_2 by quadrature [Toma, Vicente]."""
    rng, m = np.random.default_rng(4), 870.0
    h = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    charged = from_couplings(h, masses=masses, m_charged=m).low_energy().charged_leptons

    def f_2(t):
        return mpmath.quad(lambda x: x * (1 - x) ** 2 / (1 - x + t * x), [0, 1e-8, 1e-4, 0.5, 1])

    with mpmath.workdps(30):
        weight = [float(f_2(mpmath.mpf(M / m) ** 2)) for M in masses]
    amplitude = h.conj() @ np.diag(weight) @ h.T
    for mother, daughter in ((1, 0), (2, 0), (2, 1)):
        prefactor = 3 * PDG_2026.fine_structure / (64 * math.pi * PDG_2026.fermi_constant**2 * m**4)
        found = float(charged.radiative_ratio(mother, daughter))
        assert found == pytest.approx(prefactor * abs(amplitude[daughter, mother]) ** 2, rel=1e-12)
    moments = -np.square(PDG_2026.lepton_masses) / (16 * math.pi**2 * m**2) * np.diag(amplitude).real
    np.testing.assert_allclose(charged.anomalous_moments, moments, rtol=1e-12)
    assert np.abs(charged.dipole_right).max() == 0.0  # of the chirality of the antisymmetric couplings of a singlet


def test_limit_of_light_fermions():
    """F_2 = 1 / 6: the amplitude of a singly charged scalar with massless neutrinos."""
    h = np.array([[0.1, 0, 0], [0.2, 0, 0], [0, 0, 0.3]])
    charged = from_couplings(h, masses=(1e-3,) * 3, m_charged=870.0).low_energy().charged_leptons
    expected = PDG_2026.fine_structure / (768 * math.pi) * (0.1 * 0.2) ** 2
    expected /= PDG_2026.fermi_constant**2 * 870.0**4
    assert float(charged.radiative_ratio(1, 0)) == pytest.approx(expected, rel=1e-9)


def test_derived_and_prior():
    model = built()
    derived = model.derived()
    assert float(derived["dark_matter_mass"]) == 400.0
    assert float(built(m_imaginary=300.0).derived()["dark_matter_mass"]) == 300.0
    assert float(derived["largest_yukawa"]) == pytest.approx(np.abs(model.yukawa).max())
    ratio = float(model.low_energy().charged_leptons.radiative_ratio(1, 0))
    assert float(derived["log10_br_mu_e_gamma"]) == pytest.approx(math.log10(ratio), rel=1e-12)
    assert float(model.log_prior()) == 0.0
    assert float(eqx.tree_at(lambda m: m.yukawa, model, 10.0 * jnp.ones((3, 3))).log_prior()) < -100.0
    assert float(Scotogenic.benchmark().derived()["log10_br_mu_e_gamma"]) < math.log10(1.5e-13)


def test_default_priors_make_a_fit():
    """They name all that the constructor needs."""
    fit = Fit(Scotogenic.from_oscillations, (RareLeptonDecays2025.load(),), priors=Scotogenic.default_priors())
    assert set(fit.space.names) == set(Scotogenic.default_priors())


def test_derivatives_of_the_constructor():
    """Of the couplings and of mu -> e gamma in every argument, at a massless state and with degenerate masses."""
    start = {**LIGHT, **MASSES, "lambda_5": 3e-9, **R}
    names = list(start)

    def found(x):
        model = built(lightest_mass=0.0, **{name: start[name] * x[k] for k, name in enumerate(names)})
        sizes = jnp.sum(jnp.abs(model.yukawa) ** 2)
        return jnp.stack([jnp.log(sizes), 0.1 * model.derived()["log10_br_mu_e_gamma"]])

    check_derivatives(found, jnp.ones(len(names)), rtol=1e-6, atol=1e-7)


def test_the_loop_is_that_of_the_library():
    """Where masses tell m_R from m_I."""
    model = from_couplings(np.eye(3), masses=(300.0, 1000.0, 7000.0), split=3e4)
    expected = 1e9 * one_loop.scotogenic(model.heavy_masses, model.m_real, model.m_imaginary)
    np.testing.assert_allclose(np.diag(model.low_energy().neutrinos.mass_matrix), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"m_2": -1.0}, "`m_2` must lie in"),
        ({"m_imaginary": 0.0}, "`m_imaginary` must lie in"),
        ({"m_charged": float("nan")}, "`m_charged` must be finite"),
        ({"lambda_5": 0.0}, "`lambda_5` must lie in"),
        ({"lambda_5": -1e-9}, "`lambda_5` must lie in"),
        ({"sin2_theta13": 1.5}, "`sin2_theta13` must lie in"),
        ({"y13": 11.0}, "`y13` must lie in"),
    ],
)
def test_nonsense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        built(**change)


def test_couplings_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"`yukawa` must have shape"):
        from_couplings(np.ones((2, 3)))


def test_phases_of_the_fields_do_not_matter():
    """L_a -> e^{i phi_a} L_a turns rows and columns of M, and no mass and no rate."""
    model = Scotogenic.benchmark()
    turn = jnp.exp(1j * jnp.array([0.4, -1.3, 2.2]))
    kept = {name: getattr(model, name) for name in ("m_1", "m_2", "m_3", "m_imaginary", "m_charged", "lambda_5")}
    other = Scotogenic(turn[:, None] * model.yukawa, **kept).low_energy()
    one = model.low_energy()
    M = np.asarray(one.neutrinos.mass_matrix)
    expected = np.outer(turn, turn) * M
    np.testing.assert_allclose(other.neutrinos.mass_matrix, expected, atol=1e-13 * np.abs(M).max())
    np.testing.assert_allclose(other.neutrinos.states.masses, one.neutrinos.states.masses, atol=1e-12 * np.abs(M).max())
    ratios = [float(theory.charged_leptons.radiative_ratio(1, 0)) for theory in (one, other)]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-12)
