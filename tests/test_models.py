"""Every exported model honors the contract; the closed forms of the papers hold."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toys import TwoHeavy

import nmmjax.models as package
from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, Majorana, Neutrinos
from nmmjax.models import GrimusLavoura, GrimusLavouraCouplings, Model, ThreeFlavor
from nmmjax.models.grimus_lavoura import scalar_mass
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.testing import models as contract

EXPORTS = [getattr(package, name) for name in package.__all__]
MODELS = [TwoHeavy] + [
    made for made in EXPORTS if isinstance(made, type) and issubclass(made, Model) and made is not Model
]


@pytest.mark.parametrize("model", MODELS)
def test_contract(model):
    point = model.benchmark()
    contract.check_statement(point)
    contract.check_matrices(point)
    contract.check_compiled(point)


@pytest.mark.parametrize("model", MODELS)
def test_default_priors_lie_in_the_domain(model):
    contract.check_priors(model)


@pytest.mark.parametrize("model", MODELS)
def test_gradients_of_everything_that_is_reported(model):
    """Forward = reverse = finite difference of the observables at the benchmark point."""
    contract.check_slopes(model.benchmark())


@pytest.mark.parametrize(("ordering", "dm3l"), [(NormalOrdering(), 2.5e-3), (InvertedOrdering(), -2.48e-3)])
@pytest.mark.parametrize("nature", [Majorana(), Dirac()])
def test_three_flavor_gives_back_its_parameters(ordering, dm3l, nature):
    model = ThreeFlavor(
        7.5e-5, dm3l, theta12=0.58, theta13=0.15, theta23=0.83, delta_cp=-1.9, lightest_mass=0.02,
        alpha21=0.7, alpha31=-2.1, ordering=ordering, nature=nature,
    )  # fmt: skip
    neutrinos = model.low_energy().neutrinos.states
    assert float(neutrinos.dm21) == pytest.approx(7.5e-5, rel=1e-10)
    dm3l_found = neutrinos.dm31 if ordering.sign > 0 else neutrinos.dm32
    assert float(dm3l_found) == pytest.approx(dm3l, rel=1e-12)
    for name, angle in (("sin2_theta12", 0.58), ("sin2_theta13", 0.15), ("sin2_theta23", 0.83)):
        assert float(getattr(neutrinos, name)) == pytest.approx(math.sin(angle) ** 2, rel=1e-11)
    assert float(neutrinos.delta_cp) == pytest.approx(-1.9, abs=1e-11)
    assert float(jnp.min(neutrinos.masses)) == pytest.approx(0.02, rel=1e-12)
    expected = math.sin(1.16) * math.sin(0.3) * math.sin(1.66) * math.cos(0.15) * math.sin(-1.9) / 8
    assert float(neutrinos.jarlskog) == pytest.approx(expected, rel=1e-11)


def test_three_flavor_effective_masses():
    """m_beta and m_beta_beta against their textbook sums, with Majorana phases."""
    model = ThreeFlavor(
        7.5e-5,
        2.5e-3,
        theta12=0.58,
        theta13=0.15,
        theta23=0.83,
        delta_cp=1.1,
        lightest_mass=0.03,
        alpha21=0.7,
        alpha31=2.0,
    )
    m = np.sqrt(0.03**2 + np.array([0.0, 7.5e-5, 2.5e-3]))
    moduli = np.array([math.cos(0.58) * math.cos(0.15), math.sin(0.58) * math.cos(0.15), math.sin(0.15)]) ** 2
    phases = np.exp(1j * np.array([0.0, 0.7, 2.0 - 2 * 1.1]))
    neutrinos = model.low_energy().neutrinos
    assert float(neutrinos.m_beta) == pytest.approx(math.sqrt(np.sum(moduli * m**2)), rel=1e-13)
    assert float(neutrinos.m_beta_beta) == pytest.approx(abs(np.sum(moduli * m * phases)), rel=1e-13)
    dirac = ThreeFlavor.from_sin2(7.5e-5, 2.5e-3, sin2_theta12=0.3, sin2_theta13=0.02, sin2_theta23=0.5, nature=Dirac())
    assert float(dirac.low_energy().neutrinos.m_beta_beta) == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dm3l": -2.5e-3}, "`dm3l` must lie in"),
        ({"dm21": -1e-5}, "`dm21` must lie in"),
        ({"theta13": 4.0}, "`theta13` must lie in"),
        ({"lightest_mass": float("nan")}, "`lightest_mass` must be finite"),
        ({"dm21": 7.5}, "`dm21` must lie in"),
    ],
)
def test_three_flavor_refuses_nonsense(change, message):
    good = {"dm21": 7.5e-5, "dm3l": 2.5e-3, "theta12": 0.58, "theta13": 0.15, "theta23": 0.83}
    with pytest.raises(ValueError, match=message):
        ThreeFlavor(**(good | change))


# Grimus and Lavoura: equations (15), (17), (18), (20) of the paper


@pytest.mark.parametrize(("a", "r", "b"), [(1e-9, 1.0, 0.04), (3e-3, 0.7, 0.05), (5e-3, 1.4, 0.03), (0.0, 1.2, 0.04)])
def test_grimus_lavoura_closed_forms(a, r, b):
    neutrinos = GrimusLavoura(a, r, b).low_energy().neutrinos.states
    m0 = b * math.sqrt(1 + r**2)
    root = math.sqrt(m0**2 + a**2 / 4)
    m1, m2 = root + a / 2, root - a / 2  # the paper calls the heavier state nu_1; here nu_2 is the heavier
    np.testing.assert_allclose(neutrinos.masses, [m2, m1, 0.0], rtol=1e-14, atol=1e-17)
    assert float(neutrinos.dm21) == pytest.approx(2 * a * root, rel=3e-8 if 0 < a < 1e-8 else 1e-12, abs=1e-17)
    assert float(neutrinos.dm31) == pytest.approx(-(m2**2), rel=1e-13)
    sin2_2theta_atm = 4 * float(neutrinos.sin2_theta23) * (1 - float(neutrinos.sin2_theta23))
    assert sin2_2theta_atm == pytest.approx(4 * r**2 / (1 + r**2) ** 2, rel=1e-12)
    assert float(neutrinos.sin2_theta13) < 1e-30
    if a > 0:
        assert float(neutrinos.sin2_theta12) == pytest.approx(m1 / (m1 + m2), rel=1e-7)


@pytest.mark.parametrize(("a", "r", "b"), [(2e-3, 0.7, 0.05), (5e-3, 1.4, 0.03)])
def test_grimus_lavoura_mixing_matrix(a, r, b):
    """U of equation (17) diagonalises the matrix of equation (14), and has the moduli that come out here."""
    m0, x = b * math.sqrt(1 + r**2), math.sqrt(1 + r**2)
    m1 = math.sqrt(m0**2 + a**2 / 4) + a / 2
    theta = math.atan2(m0, m1)
    c, s = math.cos(theta), math.sin(theta)
    u = np.array([[c, -1j * s, 0], [r * s / x, 1j * r * c / x, 1 / x], [s / x, 1j * c / x, -r / x]])
    neutrinos = GrimusLavoura(a, r, b).low_energy().neutrinos
    np.testing.assert_allclose(u.T @ np.asarray(neutrinos.mass_matrix) @ u, np.diag([m1, m0**2 / m1, 0]), atol=1e-16)
    moduli = np.abs(np.asarray(neutrinos.states.mixing))[:, [1, 0, 2]]
    np.testing.assert_allclose(moduli, np.abs(u), atol=1e-13)


def test_grimus_lavoura_coordinates():
    """The constructor from splittings inverts the closed forms, and its Jacobian is one where a << m_0."""
    for m0, r, dm21 in itertools.product((0.03, 0.06), (0.7, 1.3), (1e-12, 1e-10, 1e-4)):
        model = GrimusLavoura.from_splittings(m0, r, dm21)
        a, b = float(model.a), float(model.b)
        assert b * math.sqrt(1 + r**2) == pytest.approx(m0, rel=1e-14)
        assert 2 * a * math.sqrt(m0**2 + a**2 / 4) == pytest.approx(dm21, rel=1e-13)

    def logarithms(x):
        model = GrimusLavoura.from_splittings(*jnp.exp(x))
        return jnp.log(jnp.stack([model.a, model.r, model.b]))

    jacobian = jax.jacfwd(logarithms)(jnp.log(jnp.array([0.056, 1.1, 1e-10])))
    assert abs(float(jnp.linalg.det(jacobian))) == pytest.approx(1.0, abs=1e-9)


def test_grimus_lavoura_scales():
    """For unit couplings m_h is 7.48 times the paper's estimate, 1.43e14 GeV; M ~ 1e11 GeV. As from the couplings."""
    derived = GrimusLavoura.benchmark().derived()
    assert float(scalar_mass(1e-9, 1.0)) == pytest.approx(7.48 * 1.266e14, rel=5e-3)
    assert float(derived["scalar_mass"]) == pytest.approx(7.48 * 1.432e14, rel=5e-3)
    assert 1e10 < float(derived["seesaw_scale"]) < 1e12
    point = 0.0566, 1.1, 1e-10
    shape = GrimusLavoura.from_splittings(*point).derived()
    whole = GrimusLavouraCouplings.from_splittings(*point, yukawa=1.0, dirac_mass=PDG_2026.tau_mass).derived()
    for name in ("a", "b"):
        assert float(shape[name]) == pytest.approx(float(whole[name]), rel=1e-9)
    assert float(shape["scalar_mass"]) == pytest.approx(10.0 ** float(whole["log10_scalar_mass"]), rel=1e-9)
    assert float(shape["seesaw_scale"]) == pytest.approx(10.0 ** float(whole["log10_seesaw_scale"]), rel=1e-9)
    assert float(derived["a"]) == pytest.approx(8.84e-10, rel=1e-3)
    assert float(derived["b"]) == pytest.approx(0.0400, rel=1e-3)


def test_grimus_lavoura_degenerate_gradient():
    """At a = 0 two masses are equal: observables have finite derivatives there."""
    gradient = jax.jacrev(lambda a: GrimusLavoura(a, 1.1, 0.04).low_energy().neutrinos.observables())(0.0)
    assert all(np.all(np.isfinite(value)) for value in gradient.values())


def test_labels_follow_the_splittings():
    """nu_3 is the state whose m^2 is farther from its neighbor."""
    assert mixing.label_order(jnp.array([0.0, 1.0, 30.0])).tolist() == [0, 1, 2]
    assert mixing.label_order(jnp.array([0.0, 29.0, 30.0])).tolist() == [1, 2, 0]


def test_neutrinos_keep_double_precision():
    """Also of matrices made from numbers alone, which JAX types weakly."""
    U = mixing.pmns(0.6, 0.15, 0.8, 0.7)
    neutrinos = Neutrinos(mixing.majorana_mass_matrix(U, jnp.broadcast_to(0.05, 3)))
    assert neutrinos.mass_matrix.dtype == jnp.complex128
    np.testing.assert_allclose(neutrinos.mass_squared, 0.0025 * np.eye(3), atol=1e-17)
