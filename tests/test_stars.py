"""Plasmons, energy loss, red giants and a light scalar: frozen values, traces, quadrature, limits, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from dirac import plasmon
from scipy.integrate import quad
from scipy.optimize import brentq

from nmmjax import stars
from nmmjax.constants import Constants
from nmmjax.testing import check_derivatives

ALPHA, FERMI, HBAR_C, ELECTRON = 1 / 137.035999084, 1.1663788e-5, 197.3269804, 0.51099895
SHEET = Constants(fermi_constant=FERMI, fine_structure=ALPHA, hbar_c=HBAR_C, electron_mass=1e-3 * ELECTRON)
MAGNETON2 = np.pi * ALPHA / (1e6 * ELECTRON) ** 2
"""mu_B^2 [eV^-2]."""
YUKAWA = {"electron_coupling": 5e-30, "neutrino_coupling": 2e-7, "constants": SHEET}


def natural(density, fraction):
    """n_e [eV^3]."""
    return density * fraction * 6.02214076e23 * (HBAR_C * 1e-7) ** 3


@pytest.mark.parametrize(("density", "frequency"), [(1e6, 18.002406), (2e5, 8.671769), (1e4, 2.022711)])
def test_frozen_plasma_frequencies(density, frequency):
    assert float(stars.plasma_frequency(density, constants=SHEET)) == pytest.approx(frequency, rel=3e-7)


def test_frozen_values():
    assert float(stars.plasmon_decay_rate(1e-12, 10.0, constants=SHEET)) == pytest.approx(1.769083390570e-12, rel=1e-9)
    assert float(stars.magnetic_energy_loss(1e-12, 10.0, constants=SHEET)) == pytest.approx(0.3184975813, rel=1e-9)
    assert float(stars.millicharge_energy_loss(1e-14, 10.0, constants=SHEET)) == pytest.approx(0.6653285212, rel=1e-9)
    assert float(stars.core_mass_shift(3e-12)) == pytest.approx(0.0319732937, rel=3e-9)
    assert float(stars.tip_shift(1.5e-12)) == pytest.approx(-0.1309433435, rel=1e-9)


def test_plasma_without_relativity_and_with():
    """4 pi alpha n / m_e for a thin plasma; 4 alpha p_F^2 / 3 pi for an ultra-relativistic one."""
    number = natural(1e-3, 0.5)
    thin = float(stars.plasma_frequency(1e-3, 0.5, constants=SHEET))
    assert thin == pytest.approx(1e-3 * np.sqrt(4 * np.pi * ALPHA * number / (1e6 * ELECTRON)), rel=1e-6)
    momentum = np.cbrt(3 * np.pi**2 * natural(1e13, 0.4))
    dense = float(stars.plasma_frequency(1e13, 0.4, constants=SHEET))
    assert dense == pytest.approx(1e-3 * momentum * np.sqrt(4 * ALPHA / (3 * np.pi)), rel=1e-4)


@pytest.mark.parametrize("density", [1e-2, 1e3, 3.1e4, 1e6, 1e9])
def test_scalar_density(density):
    """(1 / pi^2) int p^2 m / E dp, through the change of formula at x = 0.2."""
    momentum = np.cbrt(3 * np.pi**2 * natural(density, 0.45)) / (1e6 * ELECTRON)
    share, _ = quad(lambda t: 3 * t**2 / np.sqrt(1 + (momentum * t) ** 2), 0, 1, epsrel=1e-13)
    number = stars.electron_density(density, 0.45, constants=SHEET)
    assert float(number) == pytest.approx(density * 0.45 * 6.02214076e23, rel=1e-14)
    assert float(stars.scalar_density(density, 0.45, constants=SHEET) / number) == pytest.approx(share, rel=1e-12)
    if density == 1e6:
        found = stars.scalar_density(1e6, constants=SHEET) / stars.electron_density(1e6, constants=SHEET)
        assert float(found) == pytest.approx(0.8547754824, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.0), (3e3, 3e3), (7e3, 1e3), (2e3, 7.9e3)])
def test_massive_final_states(first, second):
    """Traces of Dirac matrices, for the magnetic and the electric moment; closed forms for equal masses."""
    K = 10.0
    unit = MAGNETON2 * (1e3 * K) ** 3 / (24 * np.pi) / SHEET.hbar
    moments = {False: (1e-12, 0.0), True: (0.0, 1e-12)}
    for electric, (mu, eps) in moments.items():
        rate = stars.plasmon_decay_rate(mu, K, first, second, electric_moment=eps, constants=SHEET)
        expected = plasmon(K, 1e-3 * first, 1e-3 * second, electric=electric)
        assert float(rate) / (1e-24 * unit) == pytest.approx(expected, rel=1e-11)
        if first == second:
            beta = np.sqrt(1 - 4 * (1e-3 * first / K) ** 2)
            closed = beta**3 if electric else beta * (1 + 8 * (1e-3 * first / K) ** 2)
            assert expected == pytest.approx(closed, rel=1e-11)
    moving = stars.plasmon_decay_rate(1e-12, K, first, second, energy=25.0)
    at_rest = stars.plasmon_decay_rate(1e-12, K, first, second)
    assert float(moving / at_rest) == pytest.approx(0.4, rel=1e-14)  # time dilation


def test_all_channels():
    """Massless Majorana neutrinos, i < j, and Dirac neutrinos, all: the sums do not depend on the basis."""
    rng = np.random.default_rng(2)
    moments = np.abs(rng.normal(size=(3, 3))) * 1e-12
    rates = np.asarray(stars.plasmon_decay_rate(moments, 18.0, np.zeros((3, 1)), np.zeros(3)))
    total = float(stars.plasmon_decay_rate(np.sqrt(np.sum(moments**2)), 18.0))
    assert rates.sum() == pytest.approx(total, rel=1e-13)


def test_nothing_below_threshold():
    def f(p):
        rates = [
            stars.plasmon_decay_rate(p[0], p[1], p[2], p[3]),
            stars.plasmon_decay_rate(0.0, p[1], p[2], electric_moment=p[0]),
            stars.magnetic_energy_loss(p[0], p[1], p[2]),
        ]
        return jnp.stack(rates)

    slope = jax.jit(jax.jacrev(f))
    for mass in (9e3, 9.5e3):
        x = jnp.array([1e-12, 18.0, mass, mass])
        assert not np.any(f(x))
        assert not np.any(slope(x))
    above = jnp.array([1e-12, 18.0, 8.999e3, 8.999e3])
    assert np.all(f(above) > 0.0)
    assert np.isfinite(slope(above)).all()


def test_energy_loss_is_a_ratio_of_rates():
    """Rates of one plasmon: C_V^2 G_F^2 K^5 / 48 pi^2 alpha by the weak interaction, alpha q^2 K / 3 by a charge."""
    K, moment, charge, mass, s2 = 6.3e3, 2.2e-12, 3e-14, 1.9e3, 0.2387
    vector = (0.5 + 2 * s2) ** 2 + 2 * (2 * s2 - 0.5) ** 2
    weak = vector * (FERMI * 1e-18) ** 2 * K**5 / (48 * np.pi**2 * ALPHA)
    by_moment = float(stars.plasmon_decay_rate(moment, 1e-3 * K, mass, constants=SHEET)) * SHEET.hbar
    found = stars.magnetic_energy_loss(moment, 1e-3 * K, mass, sin2_theta_w=s2, constants=SHEET)
    assert float(found) == pytest.approx(by_moment / weak, rel=1e-12)
    found = stars.millicharge_energy_loss(charge, 1e-3 * K, sin2_theta_w=s2, constants=SHEET)
    assert float(found) == pytest.approx(ALPHA * charge**2 * K / 3 / weak, rel=1e-12)


def test_red_giant_of_messier_5():
    """Two sigma of its tip, -4.17 +- 0.13 against -3.99 +- 0.07, is the published 4.5e-12 mu_B to a per cent."""
    error = np.hypot(0.13, 0.07)

    def excess(x):
        return (-4.17 + 3.99 - float(stars.tip_shift(1e-12 * x))) / error - 2.0

    assert brentq(excess, 1.0, 6.0) == pytest.approx(4.534608424, rel=1e-8)
    for shift in (stars.core_mass_shift, stars.tip_shift):
        assert float(shift(0.0)) == pytest.approx(0.0, abs=1e-16)
        assert float(jax.grad(shift)(0.0)) == 0.0
    assert float(stars.core_mass_shift(2e-12)) == pytest.approx(0.025 * (5**0.5 - 1 - 0.17 * 8**0.5), rel=1e-13)


def test_frozen_trapping():
    """12 MeV in an infinite medium of one electron per nucleon; 1.3 MeV in a core of helium of 1e4 km."""
    everything = stars.electron_density(1e6, 1.0, constants=SHEET)
    half = stars.electron_density(1e6, constants=SHEET)
    scalar = stars.scalar_density(1e6, constants=SHEET)
    found = [stars.mass_in_medium(n, 2e-14, **YUKAWA) for n in (everything, half)]
    found += [stars.mass_in_star(n, 2e-14, 1e4, **YUKAWA) for n in (half, scalar)]
    expected = [11.567788e6, 5.783894009e6, 1.557164897e6, 0.8547754824 * 1.557164897e6]
    np.testing.assert_allclose(found, expected, rtol=3e-8)
    assert 2 * float(found[-1]) > 1e3 * float(stars.plasma_frequency(1e6))  # plasmons cannot decay


@pytest.mark.parametrize("kappa", [1e-3, 0.3, 0.999, 1.001, 4.0, 60.0])
def test_sphere(kappa):
    """The Yukawa potential integrated over the ball, shell by shell."""
    radius = 1e4
    m_scalar = kappa * HBAR_C * 1e-18 / radius * 1e6
    for u in (1e-3, 0.01, 0.4, 1.0):

        def shell(t, u=u):
            # [e^-kappa|u - t| - e^-kappa(u + t)] t / (2 kappa u), without cancellation
            return t * np.exp(-kappa * max(u, t)) * np.sinh(kappa * min(u, t)) / (kappa * u)

        integral = sum(quad(shell, *ends, epsabs=0, epsrel=1e-12)[0] for ends in ((0, u), (u, 1)) if ends[0] < ends[1])
        found = stars.mass_in_star(1e29, m_scalar, radius, u, **YUKAWA)
        source = 1e29 * (HBAR_C * 1e-7) ** 3 * (radius * 1e5 / (HBAR_C * 1e-7)) ** 2
        assert float(found) == pytest.approx(1e-36 * source * integral, rel=1e-11)
    center = stars.mass_in_star(1e29, m_scalar, radius, **YUKAWA)
    infinite = stars.mass_in_medium(1e29, m_scalar, **YUKAWA)
    share = -np.expm1(-kappa) - kappa * np.exp(-kappa)
    assert float(center / infinite) == pytest.approx(share, rel=1e-9 if kappa < 0.1 else 1e-12)


def test_massless_scalar():
    """Poisson's equation: R^2 / 2 - r^2 / 6; the slope in m_phi at the center is -R^3 / 3."""

    def f(m, u):
        return stars.mass_in_star(1e29, m, 1e4, u, **YUKAWA)

    length = 1e9 / (HBAR_C * 1e-7)
    source = 1e-36 * 1e29 * (HBAR_C * 1e-7) ** 3 * length**2
    for u in (0.0, 0.5, 1.0):
        assert float(f(0.0, u)) == pytest.approx(source * (0.5 - u**2 / 6), rel=1e-13)
    assert float(jax.grad(f)(0.0, 0.0)) == pytest.approx(-source * length / 3, rel=1e-12)
    assert float(jax.grad(f, 1)(0.0, 0.0)) == 0.0
    assert float(jax.grad(f, 1)(1e-13, 0.0)) == 0.0


def test_gradients():
    def f(p):
        density = 1e6 * p[0]
        frequency = stars.plasma_frequency(density, p[1])
        source = stars.scalar_density(density, p[1])
        parts = [
            frequency,
            1e12 * stars.plasmon_decay_rate(1e-12 * p[2], frequency, 1e3 * p[3], electric_moment=1e-12),
            stars.magnetic_energy_loss(1e-12 * p[2], frequency, 1e3 * p[3]),
            stars.millicharge_energy_loss(1e-14 * p[2], frequency),
            10.0 * stars.core_mass_shift(1e-12 * p[2]),
            stars.tip_shift(1e-12 * p[2]),
            1e-6 * stars.mass_in_medium(source, 1e-14 * p[4], **YUKAWA),
            1e-6 * stars.mass_in_star(source, 1e-14 * p[4], 1e4 * p[5], p[6], **YUKAWA),
            1e-6 * stars.mass_in_star(1e29, 1e-15 * p[4], 1e4 * p[5], p[6], **YUKAWA),
        ]
        return jnp.stack(parts)

    check_derivatives(f, jnp.array([0.9, 0.48, 2.1, 3.0, 2.2, 1.1, 0.6]), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("density", lambda: stars.plasma_frequency(0.0)),
        ("density", lambda: stars.scalar_density(-1.0)),
        ("electron_fraction", lambda: stars.electron_density(1e6, 1.2)),
        ("moment", lambda: stars.plasmon_decay_rate(-1e-12, 10.0)),
        ("plasmon_mass", lambda: stars.plasmon_decay_rate(1e-12, 0.0)),
        ("mass", lambda: stars.plasmon_decay_rate(1e-12, 10.0, -1.0)),
        ("other_mass", lambda: stars.plasmon_decay_rate(1e-12, 10.0, 1.0, np.nan)),
        ("electric_moment", lambda: stars.plasmon_decay_rate(1e-12, 10.0, electric_moment=-1.0)),
        ("energy", lambda: stars.plasmon_decay_rate(1e-12, 10.0, energy=9.0)),
        ("moment", lambda: stars.magnetic_energy_loss(1e-12j, 10.0)),
        ("frequency", lambda: stars.magnetic_energy_loss(1e-12, 0.0)),
        ("sin2_theta_w", lambda: stars.magnetic_energy_loss(1e-12, 10.0, sin2_theta_w=1.5)),
        ("charge", lambda: stars.millicharge_energy_loss(-1e-14, 10.0)),
        ("moment", lambda: stars.core_mass_shift(-1e-12)),
        ("moment", lambda: stars.core_mass_shift(1.51e-11)),
        ("moment", lambda: stars.tip_shift(1e-12j)),
        ("moment", lambda: stars.tip_shift(1.4e-11)),
        ("source_density", lambda: stars.mass_in_medium(-1.0, 1e-14, **YUKAWA)),
        ("m_scalar", lambda: stars.mass_in_medium(1e29, 0.0, **YUKAWA)),
        ("radius", lambda: stars.mass_in_star(1e29, 1e-14, 0.0, **YUKAWA)),
        ("position", lambda: stars.mass_in_star(1e29, 1e-14, 1e4, 1.1, **YUKAWA)),
        (
            "electron_coupling",
            lambda: stars.mass_in_star(1e29, 1e-14, 1e4, electron_coupling=np.inf, neutrino_coupling=1.0),
        ),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
