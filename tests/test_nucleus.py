"""Neutrinos on nuclei: frozen values, Dirac traces, quadrature, mpmath, flavor matrices, limits, bad input."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from dirac import scattering
from scipy.integrate import quad

from nmmjax.constants import Constants
from nmmjax.scattering import electromagnetic, form_factor, nucleus
from nmmjax.scattering.nucleus import Couplings, Nucleus
from nmmjax.testing import check_derivatives

ALPHA, FERMI, HBAR_C, ELECTRON = 1 / 137.035999084, 1.1663788e-5, 197.3269804, 0.51099895
SHEET = Constants(fermi_constant=FERMI, fine_structure=ALPHA, hbar_c=HBAR_C, electron_mass=1e-3 * ELECTRON)
TREE = Couplings.tree_level()
CESIUM = Nucleus(55, 133, 132.905 * 931.494)
HALF = Nucleus(9, 19, 17696.9, spin=0.5)
FERMI_CM = FERMI * 1e-6 * HBAR_C * 1e-13
"""G_F hbar c [cm / MeV]."""


def reference_form_factor(q, A):
    """From the formulas of Lewin and Smith, with the Bessel function of mpmath."""
    R = mpmath.sqrt((1.23 * mpmath.cbrt(A) - 0.6) ** 2 + mpmath.mpf(7) / 3 * (mpmath.pi * 0.52) ** 2 - 5 * 0.9**2)
    x = q * R
    j1 = mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(1.5, x)
    return 3 * j1 / x * mpmath.exp(-0.5 * (0.9 * q) ** 2)


def textbook(E, T, Z, A, M, *, g_p=0.5 - 2 * 0.23863, mu=0.0):
    """[cm^2 / MeV], spin 0."""
    F = float(reference_form_factor(mpmath.sqrt(2 * M * T) / HBAR_C, A))
    weak = FERMI_CM**2 * M / np.pi * F**2 * (g_p * Z - 0.5 * (A - Z)) ** 2 * (1 - T / E - M * T / (2 * E**2))
    scale = np.pi * (ALPHA * HBAR_C * 1e-13 / ELECTRON) ** 2
    return weak + scale * (mu * Z * F) ** 2 * (1 / T - 1 / E + T / (4 * E**2))


def test_frozen_values():
    assert float(form_factor.helm(0.5, form_factor.standard_radius(133))) == pytest.approx(0.3304308203, rel=3e-10)
    weak = 1e3 * nucleus.differential_cross_section(30.0, 10.0, CESIUM, TREE, constants=SHEET)
    moment = 1e3 * nucleus.magnetic_differential_cross_section(30.0, 10.0, CESIUM, 1e-9 * np.eye(3), constants=SHEET)
    np.testing.assert_allclose(weak, 5.605111084758e-37 * np.eye(3), rtol=1e-9, atol=0)
    assert float((weak + moment)[0, 0]) == pytest.approx(6.060873507699e-37, rel=1e-9)
    shift = electromagnetic.charge_radius_shift(1e-32, constants=SHEET)
    assert float(shift) == pytest.approx(0.02379558508, rel=1e-9)
    shift = electromagnetic.millicharge_shift(1e-12, ELECTRON, 1.0, constants=SHEET)
    assert float(shift) == pytest.approx(5.439645214515, rel=1e-12)
    assert electromagnetic.moment_scale(SHEET) == pytest.approx(2.494672024071e-25, rel=1e-9)


def test_charge_radii_of_the_standard_model():
    """(4.1, 2.4, 1.5) e-33 cm^2 times -2; they split the couplings by (alpha / 3 pi) ln(m_mu^2 / m_e^2)."""
    radii = jnp.array(electromagnetic.standard_model_charge_radii(constants=SHEET))
    np.testing.assert_allclose(radii, -2e-33 * np.array([4.137524863, 2.402701457, 1.484324005]), rtol=1e-8)
    shifts = np.asarray(electromagnetic.charge_radius_shift(radii, constants=SHEET))
    logarithm = 2 * np.log(105.6583755 / 0.51099895)
    assert shifts[0] - shifts[1] == pytest.approx(-ALPHA / (3 * np.pi) * logarithm, rel=1e-12)
    corrected = np.diagonal(Couplings.radiatively_corrected().proton)
    np.testing.assert_allclose(np.diff(corrected), -np.diff(shifts), atol=1e-4)


@pytest.mark.parametrize("A", [16, 133])
def test_form_factor(A):
    """Value and derivative in q^2, through q = 0 and through the change of formula at q R_0 = 1."""
    momenta = [1e-9, 1e-4, 0.1, 0.19, 0.25, 0.37, 0.8, 2.0]
    radius = form_factor.standard_radius(A)
    for q in momenta:
        expected = float(reference_form_factor(mpmath.mpf(q), A))
        assert float(form_factor.helm(q, radius)) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    slope = jax.jit(jax.grad(lambda s: form_factor.helm(jnp.sqrt(s), radius)))
    for q in momenta[1:]:
        expected = float(mpmath.diff(lambda s: reference_form_factor(mpmath.sqrt(s), A), mpmath.mpf(q) ** 2))
        assert float(slope(q**2)) == pytest.approx(expected, rel=1e-7)
    assert float(form_factor.helm(0.0, radius)) == 1.0
    assert float(jax.grad(form_factor.helm)(0.0, radius)) == 0.0
    curvature = float(jax.grad(jax.grad(form_factor.helm))(0.0, radius))
    assert curvature == pytest.approx(-(float(radius) ** 2) / 3, rel=1e-12)  # F = 1 - q^2 R_rms^2 / 6


@pytest.mark.parametrize("spin", [0.0, 0.5])
def test_traces(spin):
    """Both helicity structures, recoils up to the end where the weak one of spin 0 vanishes."""
    E, M = 47.0, 17696.9
    target = Nucleus(9, 19, M, spin=spin)
    end = float(nucleus.maximal_recoil(E, target)[0])
    for recoil in (0.3, 20.0, 0.9 * end):
        T = 1e-3 * recoil
        F = float(reference_form_factor(mpmath.sqrt(2 * M * T) / HBAR_C, 19))
        charge = 9 * (0.5 - 2 * 0.23863) - 5.0
        weak = float(nucleus.differential_cross_section(E, recoil, target, TREE, constants=SHEET)[0, 0])
        expected = scattering(E, T, M, dipole=False, spin=spin) * (charge * F * FERMI_CM) ** 2
        assert 1e3 * weak == pytest.approx(expected, rel=1e-9)
        moment = nucleus.magnetic_differential_cross_section(E, recoil, target, 1e-10 * np.eye(1), constants=SHEET)
        scale = np.pi * (1e-10 * ALPHA * HBAR_C * 1e-13 / ELECTRON) ** 2
        expected = scattering(E, T, M, dipole=True, spin=spin) * (9 * F) ** 2 * scale
        assert 1e3 * float(moment[0, 0]) == pytest.approx(expected, rel=1e-9)


def test_natural_xenon_is_its_isotopes():
    xenon = Nucleus.load("Xe")
    assert float(jnp.sum(xenon.abundance)) == pytest.approx(1.0, abs=1e-15)
    mean = float(jnp.sum(xenon.abundance * (xenon.mass + 54 * ELECTRON))) / 931.49410372
    assert mean == pytest.approx(131.293, abs=2e-3)  # the standard atomic weight
    E, recoil = 8.0, 0.6
    expected = sum(
        x * textbook(E, 1e-3 * recoil, 54, int(n) + 54, M, mu=3e-11)
        for x, n, M in zip(*map(np.asarray, (xenon.abundance, xenon.neutrons, xenon.mass)), strict=True)
    )
    weak = nucleus.differential_cross_section(E, recoil, xenon, TREE, constants=SHEET)[1, 1]
    moment = nucleus.magnetic_differential_cross_section(E, recoil, xenon, 3e-11 * np.eye(3), constants=SHEET)[1, 1]
    assert 1e3 * float(weak + moment) == pytest.approx(expected, rel=1e-7)  # two of the isotopes have spin


@pytest.mark.parametrize(("element", "number", "weight"), [("Ar", 18, 39.948), ("I", 53, 126.904), ("Cs", 55, 132.905)])
def test_elements(element, number, weight):
    """Charges and standard atomic weights; argon as in air, 39.9477."""
    found = Nucleus.load(element)
    assert float(found.protons[0]) == number
    mean = float(jnp.sum(found.abundance * (found.mass + number * ELECTRON))) / 931.49410372
    assert mean == pytest.approx(weight, abs=1e-3)


def test_shapes():
    """Energies and recoils broadcast, over several isotopes."""
    xenon, E, T = Nucleus.load("Xe"), np.array([[5.0], [20.0]]), np.array([0.5, 2.0, 40.0])
    calls = {
        (2, 3, 3, 3): lambda e, t: nucleus.differential_cross_section(e, t, xenon, TREE),
        (2, 3, 2, 2): lambda e, t: nucleus.magnetic_cross_section(e, xenon, 1e-10 * np.ones((3, 2)), low=t),
    }
    for shape, call in calls.items():
        together = np.asarray(call(E, T))
        assert together.shape == shape
        for i, j in np.ndindex(2, 3):
            np.testing.assert_allclose(together[i, j], call(E[i, 0], T[j]), rtol=1e-12)
    assert nucleus.cross_section(E, xenon, TREE, low=T).shape == (2, 3, 3, 3)
    assert nucleus.maximal_recoil(E, xenon).shape == (2, 1, 9)


def test_flavor_matrices():
    """A state of flavors with complex charge radii and charges, by amplitudes."""
    rng = np.random.default_rng(5)
    radius, charge = (a + a.conj().T for a in rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3)))
    radius, charge = 1e-32 * radius, 1e-10 * charge
    state = rng.normal(size=3) + 1j * rng.normal(size=3)
    E, T, M = 20.0, 0.004, float(CESIUM.mass[0])
    couplings = TREE.with_charge_radius(radius, constants=SHEET).with_millicharge(charge)
    fermi = FERMI * 1e-6
    shift = -np.sqrt(2) * np.pi * ALPHA * radius / (3 * fermi * (HBAR_C * 1e-13) ** 2)
    shift = shift + np.sqrt(2) * np.pi * ALPHA * charge / (fermi * M * T)
    F = float(reference_form_factor(mpmath.sqrt(2 * M * T) / HBAR_C, 133))
    kinematics = FERMI_CM**2 * M / np.pi * (1 - T / E - M * T / (2 * E**2))
    for sign, matrices in ((1, couplings), (-1, couplings.of_antineutrinos())):
        psi = state if sign == 1 else state.conj()
        amplitude = F * (55 * ((0.5 - 2 * 0.23863) * state + shift @ state) - 0.5 * 78 * state)
        D = np.asarray(nucleus.differential_cross_section(E, 1e3 * T, CESIUM, matrices, constants=SHEET))
        expected = kinematics * np.vdot(amplitude, amplitude).real
        assert 1e3 * np.trace(np.outer(psi, psi.conj()) @ D).real == pytest.approx(expected, rel=1e-9)
        np.testing.assert_allclose(D, D.conj().T, rtol=1e-12)


def test_moment_matrices():
    """Antisymmetric lambda: a state scatters with |lambda nu|^2, an antineutrino with |lambda^* nu|^2."""
    rng = np.random.default_rng(8)
    moments = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    moments = moments - moments.T
    state = rng.normal(size=3) + 1j * rng.normal(size=3)
    one = nucleus.magnetic_differential_cross_section(20.0, 3.0, CESIUM, np.eye(1))[0, 0]
    for antineutrino, matrix in ((False, moments), (True, moments.conj())):
        D = nucleus.magnetic_differential_cross_section(20.0, 3.0, CESIUM, moments, antineutrino=antineutrino)
        flipped = matrix @ state
        got = np.trace(np.outer(state, state.conj()) @ np.asarray(D)).real
        assert got == pytest.approx(float(one) * np.vdot(flipped, flipped).real, rel=1e-12)


@pytest.mark.parametrize(("energy", "low", "high"), [(2.0, 0.0, np.inf), (53.0, 3.0, 25.0), (800.0, 1.0, np.inf)])
def test_integrals(energy, low, high):
    """Adaptive quadrature of the textbook form, up to where form factors oscillate; gradients at the ends."""
    A, Z, M = 40, 18, 37215.5
    target = Nucleus(Z, A, M)
    top = min(high, 1e3 * 2 * energy**2 / (M + 2 * energy)) / 1e3
    weak = nucleus.cross_section(energy, target, TREE, low=low, high=high, constants=SHEET)[2, 2]

    def integral(mu, weight=1.0):
        points = 1e-3 * low + (top - 1e-3 * low) * np.array([0.01, 0.1, 0.4])
        f = lambda T: 1e40 * (textbook(energy, T, Z, A, M, mu=mu) - weight * textbook(energy, T, Z, A, M))  # noqa: E731
        return 1e-40 * quad(f, 1e-3 * low, top, points=points, epsabs=0, epsrel=1e-11, limit=400)[0]

    assert float(weak) == pytest.approx(integral(0.0, 0.0), rel=1e-9)
    if low > 0:
        moment = nucleus.magnetic_cross_section(energy, target, np.array([[1e-9]]), low=low, high=high, constants=SHEET)
        assert float(moment[0, 0]) == pytest.approx(integral(1e-9), rel=1e-9)
        charged = TREE.with_millicharge(1e-10 * np.eye(3))
        total = nucleus.cross_section(energy, target, charged, low=low, high=high, constants=SHEET)[0, 0]
        shift = np.sqrt(2) * np.pi * ALPHA * 1e-10 / (FERMI * 1e-6 * M)

        def f(T):
            return 1e40 * textbook(energy, T, Z, A, M, g_p=0.5 - 2 * 0.23863 + shift / T)

        expected, _ = quad(f, 1e-3 * low, top, points=[2e-3 * low, 1e-2 * top], epsabs=0, epsrel=1e-11, limit=400)
        assert float(total) == pytest.approx(1e-40 * expected, rel=1e-9)
    slope = jax.grad(lambda t: nucleus.cross_section(energy, target, TREE, low=t, constants=SHEET)[0, 0])(low)
    density = nucleus.differential_cross_section(energy, low, target, TREE, constants=SHEET)[0, 0]
    assert float(slope) == pytest.approx(-float(density), rel=1e-9)


def test_point_like_limit():
    """sigma = (G_F W E)^2 / pi for E R << 1 and E << M."""
    expected = (FERMI_CM * 0.01 * (55 * (0.5 - 2 * 0.23863) - 39.0)) ** 2 / np.pi
    assert float(nucleus.cross_section(0.01, CESIUM, TREE, constants=SHEET)[0, 0]) == pytest.approx(expected, rel=1e-6)


def test_nothing_beyond_the_greatest_recoil():
    top = float(nucleus.maximal_recoil(30.0, CESIUM)[0])
    momentum = np.sqrt(1e-6 * top**2 + 2 * float(CESIUM.mass[0]) * 1e-3 * top)
    assert momentum - 30.0 == pytest.approx(30.0 - 1e-3 * top, rel=1e-10)  # backward scattering

    def f(p):
        D = nucleus.differential_cross_section(p[0], p[1], CESIUM, TREE)[0, 0]
        moment = nucleus.magnetic_differential_cross_section(p[0], p[1], CESIUM, jnp.eye(1))[0, 0]
        return jnp.stack([D, moment, nucleus.magnetic_cross_section(p[0], CESIUM, jnp.eye(1), low=p[1])[0, 0]])

    beyond = jnp.array([30.0, 1.001 * top])
    assert not np.any(f(beyond))
    assert not np.any(jax.jit(jax.jacrev(f))(beyond))
    assert np.all(f(jnp.array([30.0, 0.999 * top])) > 0.0)


def test_gradients():
    """In energy, recoil, mixing angle, neutron radius, charge radius, charge and moment."""
    shape = jnp.ones((3, 3))

    def f(p):
        target = Nucleus(54, 132, 122868.0, neutron_radius=p[3])
        couplings = Couplings.tree_level(p[2]).with_charge_radius(1e-32 * p[4] * shape)
        weak = nucleus.differential_cross_section(p[0], p[1], target, couplings.with_millicharge(1e-10 * p[5] * shape))
        total = nucleus.cross_section(p[0], target, couplings, low=p[1], high=11.0)
        moment = 1e-22 * nucleus.magnetic_differential_cross_section(p[0], p[1], target, p[6] * shape)
        return 1e39 * jnp.stack([1e3 * weak[0, 1], total[0, 1], 1e3 * moment[0, 1]])

    check_derivatives(f, jnp.array([31.0, 5.0, 0.24, 4.9, 1.3, 0.7, 1.1]), rtol=2e-6, atol=1e-4)


def test_gradient_in_the_charge_radius_at_zero():
    """The interference alone; and matrices of flavor that are exactly zero stay smooth."""
    g = jax.grad(lambda r: nucleus.differential_cross_section(20.0, 4.0, CESIUM, TREE.with_charge_radius(r))[0, 0])
    found = np.asarray(g(jnp.zeros((3, 3))))
    assert found[0, 0] > 0.0  # W < 0 and -<r^2> has its sign
    assert np.count_nonzero(found) == 1


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("energy", lambda: nucleus.differential_cross_section(0.0, 1.0, CESIUM, TREE)),
        ("energy", lambda: nucleus.maximal_recoil(-1.0, CESIUM)),
        ("recoil_energy", lambda: nucleus.differential_cross_section(1.0, -1.0, CESIUM, TREE)),
        ("recoil_energy", lambda: nucleus.magnetic_differential_cross_section(1.0, 0.0, CESIUM, np.eye(3))),
        (
            "recoil_energy",
            lambda: nucleus.differential_cross_section(1.0, 0.0, CESIUM, TREE.with_millicharge(1e-12 * np.eye(3))),
        ),
        ("low", lambda: nucleus.cross_section(1.0, CESIUM, TREE, low=-1.0)),
        ("low", lambda: nucleus.magnetic_cross_section(1.0, CESIUM, np.eye(3), low=0.0)),
        ("high", lambda: nucleus.cross_section(1.0, CESIUM, TREE, high=1j)),
        ("moment_matrix", lambda: nucleus.magnetic_cross_section(1.0, CESIUM, 1e-11, low=1.0)),
        ("moment_matrix", lambda: nucleus.magnetic_cross_section(1.0, CESIUM, np.array([[np.nan]]), low=1.0)),
        ("charge_radius", lambda: TREE.with_charge_radius(1e-32)),
        ("charge_radius", lambda: TREE.with_charge_radius(np.eye(3))),
        ("charge", lambda: TREE.with_millicharge(np.triu(np.ones((3, 3))))),
        ("momentum", lambda: form_factor.helm(-1.0, 4.0)),
        ("radius", lambda: form_factor.helm(1.0, 1.0)),
        ("mass", lambda: Nucleus(54, 132, 131.9)),
        ("mass", lambda: Nucleus(54, np.array([131, 132]), np.array([1e5, 1e5, 1e5]))),
        ("protons", lambda: Nucleus(0, 1, 939.6)),
        ("mass_number", lambda: Nucleus(54, 53, 1e5)),
        ("abundance", lambda: Nucleus(54, 132, 1e5, abundance=-0.1)),
        ("neutron_radius", lambda: Nucleus(54, 132, 1e5, neutron_radius=1.0)),
        ("element", lambda: Nucleus.load("xenon")),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
