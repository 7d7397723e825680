"""nu -> N: frozen values, traces of Dirac matrices, kinematics in mpmath, quadrature, thresholds, decays, bad input."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from dirac import scattering
from scipy.integrate import quad

from nmmjax import decays
from nmmjax._compilation import quick
from nmmjax.constants import Constants
from nmmjax.scattering import dipole_portal, form_factor, nucleus
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.testing import check_derivatives

ALPHA, HBAR_C, ELECTRON = 1 / 137.035999084, 197.3269804, 0.51099895
SHEET = Constants(fine_structure=ALPHA, hbar_c=HBAR_C, electron_mass=1e-3 * ELECTRON)
SCALE = np.pi * (ALPHA * HBAR_C * 1e-13 / ELECTRON) ** 2
ARGON = Nucleus(18, 40, 37224.7)
OXYGEN = Nucleus(8, 16, 16 * 931.494)
POINT = Nucleus(1, 1, 938.272, spin=0.5)


def reference_limits(E, m, M):
    """T_-+ from the scattering angle in the frame of the center of mass."""
    with mpmath.workdps(80):
        E, m, M = map(mpmath.mpf, (E, m, M))
        s = M**2 + 2 * M * E
        before, energy = (s - M**2) / (2 * mpmath.sqrt(s)), (s + m**2 - M**2) / (2 * mpmath.sqrt(s))
        after = mpmath.sqrt(energy**2 - m**2)
        return [float((2 * before * (energy - c * after) - m**2) / (2 * M)) for c in (1, -1)]


def test_frozen_values():
    limits = dipole_portal.recoil_limits(50.0, 20.0, 37200.0)
    np.testing.assert_allclose(limits, [0.2342263254, 123.0757567], rtol=5e-10)
    sigma = float(dipole_portal.cross_section(50.0, 20.0, ARGON, moment=1e-9, constants=SHEET))
    assert sigma == pytest.approx(3.548313196e-40, rel=1e-9)
    sigma = float(dipole_portal.primakoff_cross_section(1e12, 1e6, OXYGEN, moment=1e-9, constants=SHEET))
    assert sigma == pytest.approx(1.505342002e-40, rel=1e-9)


def test_width():
    rate = decays.heavy_neutrino_radiative_rate(1e-9, 100.0, majorana=False, constants=SHEET)
    assert float(rate) * SHEET.hbar == pytest.approx(1.746647761e-9, rel=1e-9)  # eV
    # mu_B^2 = pi alpha / m_e^2, all in GeV
    width = 1e-18 * np.pi * ALPHA / 0.51099895e-3**2 * 0.1**3 / (16 * np.pi)
    assert float(rate) == pytest.approx(1e9 * width / SHEET.hbar, rel=1e-12)
    twice = decays.heavy_neutrino_radiative_rate(1e-9, 100.0, majorana=True, constants=SHEET)
    assert float(twice / rate) == pytest.approx(2.0, rel=1e-15)
    length = decays.decay_length(rate, 100.0 * np.sqrt(2.0), 100.0, constants=SHEET)
    assert float(length) == pytest.approx(0.1129746849, rel=1e-9)
    far = decays.decay_length(rate, 1e9, 100.0, constants=SHEET)
    assert float(far) == pytest.approx(1e7 * 2.99792458e5 / float(rate), rel=1e-8)
    assert float(decays.decay_length(rate, 100.0, 100.0)) == 0.0
    assert np.isfinite(jax.grad(decays.decay_length, (0, 1, 2))(float(rate), 100.0, 100.0)).all()


@pytest.mark.parametrize(
    ("E", "m", "M"),
    [(50.0, 20.0, 37200.0), (3.0, 0.1, 0.511), (1e12, 1e6, 14904.0), (20.006, 20.0, 37224.7), (1e5, 1e-3, 938.0)],
)
def test_limits(E, m, M):
    """Also where the least recoil is 1e-30 of the greatest and where the two nearly meet."""
    found = np.array(dipole_portal.recoil_limits(E, m, M)) / 1e3
    np.testing.assert_allclose(found, reference_limits(E, m, M), rtol=1e-9 if E < 20.01 else 1e-13)
    assert float(dipole_portal.threshold(m, M)) == pytest.approx(m + m**2 / (2 * M), rel=1e-15)


@pytest.mark.parametrize(("target", "spin"), [(ARGON, 0.0), (POINT, 0.5)])
def test_traces(target, spin):
    E, m, M = 75.0, 31.0, float(target.mass[0])
    low, high = map(float, dipole_portal.recoil_limits(E, m, M))
    for fraction in (0.001, 0.3, 0.97):
        recoil = low + fraction * (high - low)
        T = 1e-3 * recoil
        F = float(form_factor.helm(np.sqrt(2 * M * T) / HBAR_C, target.proton_radius[0]))
        found = 1e3 * float(dipole_portal.differential_cross_section(E, recoil, m, target, constants=SHEET))
        expected = SCALE * (float(target.protons[0]) * F) ** 2 * scattering(E, T, M, dipole=True, spin=spin, m=m)
        assert found == pytest.approx(expected, rel=1e-9)


def test_electrons():
    E, m = 3.0, 0.4
    low, high = reference_limits(E, m, ELECTRON)

    def f(T):
        return 1e3 * scattering(E, T, ELECTRON, dipole=True, spin=0.5, m=m)

    for T in (1.1 * low, 0.1, 0.99 * high):
        found = 1e3 * float(dipole_portal.electron_differential_cross_section(E, 1e3 * T, m, constants=SHEET))
        assert found == pytest.approx(SCALE * f(T) / 1e3, rel=1e-9)
    total = float(dipole_portal.electron_cross_section(E, m, moment=2.0, constants=SHEET))
    expected, _ = quad(lambda u: np.exp(u) * f(np.exp(u)), np.log(low), np.log(high), epsrel=1e-11)
    assert total == pytest.approx(4e-3 * SCALE * expected, rel=1e-9)
    window = float(dipole_portal.electron_cross_section(E, m, low=200.0, high=900.0, constants=SHEET))
    assert window == pytest.approx(1e-3 * SCALE * quad(f, 0.2, 0.9, epsrel=1e-11)[0], rel=1e-9)


def test_massless_is_elastic():
    """m = 0 is scattering by the moment, on argon and, spin 1/2, on electrons."""
    found = dipole_portal.differential_cross_section(30.0, 7.0, 0.0, ARGON)
    elastic = nucleus.magnetic_differential_cross_section(30.0, 7.0, ARGON, np.eye(1))[0, 0]
    np.testing.assert_allclose(found, elastic, rtol=1e-14)
    found = dipole_portal.cross_section(30.0, 0.0, ARGON, low=1.0)
    elastic = nucleus.magnetic_cross_section(30.0, ARGON, np.eye(1), low=1.0)[0, 0]
    np.testing.assert_allclose(found, elastic, rtol=1e-12)
    found = dipole_portal.electron_differential_cross_section(0.5, 90.0, 0.0, constants=SHEET)
    assert 1e3 * float(found) == pytest.approx(SCALE * (1 / 0.09 - 1 / 0.5), rel=1e-10)
    nearly = dipole_portal.cross_section(30.0, 1e-3, ARGON, low=1.0)
    assert float(nearly) == pytest.approx(float(dipole_portal.cross_section(30.0, 0.0, ARGON, low=1.0)), rel=1e-7)


@pytest.mark.parametrize(("E", "m"), [(75.0, 31.0), (2e3, 5.0)])
def test_totals(E, m):
    """Adaptive quadrature of the trace, in ln T, with the Bessel function of mpmath in the form factor."""
    M, radius2 = float(OXYGEN.mass[0]), float(form_factor.ball_radius_squared(OXYGEN.proton_radius[0]))
    low, high = reference_limits(E, m, M)
    high = min(high, (8 * HBAR_C) ** 2 / (2 * M))

    def f(u):
        T = np.exp(u)
        q = np.sqrt(2 * M * T) / HBAR_C
        x = q * np.sqrt(radius2)
        F = float(3 * mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(1.5, x) / x) * np.exp(-0.5 * (0.9 * q) ** 2)
        return T * (8 * F) ** 2 * scattering(E, T, M, dipole=True, spin=0.0, m=m)

    points = np.log(HBAR_C**2 / (2 * M) * np.array([0.03, 0.3, 1.0, 3.0]))
    expected, _ = quad(f, np.log(low), np.log(high), points=points[points < np.log(high)], epsrel=1e-10, epsabs=0)
    assert float(dipole_portal.cross_section(E, m, OXYGEN, constants=SHEET)) == pytest.approx(
        SCALE * expected, rel=1e-8
    )


def test_primakoff_is_the_limit():
    """Corrections of order q / M, whichever part of the form factor is seen; nothing is left beyond it."""
    for E, m in ((1e8, 3.0), (1e9, 1e5)):
        ratio = dipole_portal.primakoff_cross_section(E, m, OXYGEN) / dipole_portal.cross_section(E, m, OXYGEN)
        assert float(ratio) == pytest.approx(1.0, abs=2e-3)

    def f(p):
        return dipole_portal.primakoff_cross_section(p[0], p[1], OXYGEN)

    deep = jnp.array([1e6, 1e5])  # q_0 = 5 GeV
    assert float(f(deep)) == 0.0
    assert not np.any(jax.grad(f)(deep))


def test_shapes():
    """Energies and masses broadcast, over several isotopes."""
    argon, E, m = Nucleus.load("Ar"), np.array([[30.0], [60.0]]), np.array([1.0, 20.0, 45.0])
    together = np.asarray(dipole_portal.cross_section(E, m, argon))
    assert together.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_allclose(together[i, j], dipole_portal.cross_section(E[i, 0], m[j], argon), rtol=1e-12)
    assert together[0, 2] == 0.0 < together[1, 2]
    assert dipole_portal.differential_cross_section(E, 5.0, m, argon).shape == (2, 3)
    assert dipole_portal.primakoff_cross_section(1e6 * E, m, argon).shape == (2, 3)


def test_nothing_below_threshold():
    m = 20.0

    def f(p):
        totals = [
            dipole_portal.cross_section(p[0], p[1], ARGON),
            dipole_portal.electron_cross_section(p[0], p[1]),
            *dipole_portal.recoil_limits(p[0], p[1], 37224.7),
            dipole_portal.differential_cross_section(p[0], 10.0, p[1], ARGON),
        ]
        return jnp.stack(totals)

    value, slope = jax.jit(f), jax.jit(jax.jacrev(f))
    at = float(dipole_portal.threshold(m, 37224.7))
    for energy in (0.5 * at, np.nextafter(at, 0.0)):
        assert not np.any(value(jnp.array([energy, m])))
        assert not np.any(slope(jnp.array([energy, m])))
    above = jnp.array([1.0001 * at, m])
    assert float(value(above)[0]) > 0.0
    assert np.isfinite(slope(above)).all()
    low, high = value(above)[2:4]
    assert float(dipole_portal.differential_cross_section(above[0], 0.99 * low, m, ARGON)) == 0.0
    assert float(dipole_portal.differential_cross_section(above[0], 1.01 * high, m, ARGON)) == 0.0


def test_gradients():
    """Through energy, mass and threshold, the end points of the integral included."""

    def f(p):
        thresholds = jnp.stack([jnp.zeros_like(p[2]), p[2]])
        totals = dipole_portal.cross_section(p[0], p[1], ARGON, moment=p[3], low=thresholds)
        electrons = dipole_portal.electron_cross_section(p[0] / 10.0, p[1] / 10.0, low=p[2])
        utmost = dipole_portal.primakoff_cross_section(1e6 * p[0], 1e3 * p[1], ARGON, moment=p[3])
        return jnp.stack([*(1e21 * totals), 1e24 * electrons, 1e21 * utmost])

    point = jnp.array([50.0, 15.0, 4.0, 0.8])
    check_derivatives(f, point, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(quick()(jax.jacfwd(f))(point), quick()(jax.jacrev(f))(point), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("energy", lambda: dipole_portal.cross_section(0.0, 1.0, ARGON)),
        ("energy", lambda: dipole_portal.recoil_limits(np.inf, 1.0, 1.0)),
        ("heavy_mass", lambda: dipole_portal.electron_cross_section(1.0, -1.0)),
        ("heavy_mass", lambda: dipole_portal.primakoff_cross_section(1.0, 0.0, ARGON)),
        ("target_mass", lambda: dipole_portal.threshold(1.0, 0.0)),
        ("recoil_energy", lambda: dipole_portal.differential_cross_section(1.0, 0.0, 0.1, ARGON)),
        ("moment", lambda: dipole_portal.cross_section(1.0, 0.1, ARGON, moment=-1.0)),
        ("low", lambda: dipole_portal.cross_section(1.0, 0.0, ARGON)),
        ("low", lambda: dipole_portal.electron_cross_section(1.0, 0.1, low=-1.0)),
        ("high", lambda: dipole_portal.electron_cross_section(1.0, 0.1, high=1j)),
        ("mass", lambda: decays.heavy_neutrino_radiative_rate(1e-9, -1.0, majorana=True)),
        ("moment", lambda: decays.heavy_neutrino_radiative_rate(-1e-9, 1.0, majorana=True)),
        ("rate", lambda: decays.decay_length(0.0, 2.0, 1.0)),
        ("energy", lambda: decays.decay_length(1.0, 1.0, 2.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
