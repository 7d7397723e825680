"""nu -> N on protons: Dirac traces, adaptive quadrature, sums over final states, thresholds; hot matter; bad input."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from dirac import current
from scipy.integrate import quad
from scipy.special import kv, zeta

from nmmjax import decays
from nmmjax.constants import PDG_2026
from nmmjax.scattering import dipole_emission, dipole_portal, dipole_proton, proton
from nmmjax.scattering.dipole_emission import Core
from nmmjax.scattering.electromagnetic import moment_scale
from nmmjax.scattering.form_factor import helm
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.testing import check_derivatives

M, ALPHA = 938.27208943, PDG_2026.fine_structure
SCALE = moment_scale()
OXYGEN = Nucleus(8, 16, 14895.08)


@pytest.mark.parametrize(("E", "m"), [(800.0, 300.0), (2500.0, 20.0), (5e3, 1500.0)])
@pytest.mark.parametrize("waves", [(1.0, 0.0), (0.0, 1.0), (0.4, 1.7)])
def test_traces(E, m, waves):
    """Also where the proton breaks; the photon has any energy and square that N leaves it."""
    for nu in (0.05 * (E - m), 0.4 * (E - m)):
        p = np.sqrt((E - nu) ** 2 - m**2)
        for cosine in (0.999, 0.7, -0.5):
            squared = 2 * E * (E - nu - p * cosine) - m**2
            found = float(dipole_proton._spectrum(E, squared, nu, m, waves))
            assert found == pytest.approx(current(E, squared, nu, M, waves, m=m), rel=1e-8)


def test_a_point_is_that_of_spin_one_half():
    E, m = 75.0, 31.0
    point = Nucleus(1, 1, M, spin=0.5)
    recoil = np.array([400.0, 3000.0])
    form = helm(np.sqrt(2 * M * recoil / 1e3) / PDG_2026.hbar_c, point.proton_radius[0])
    expected = np.asarray(dipole_portal.differential_cross_section(E, recoil, m, point)) / np.asarray(form) ** 2
    squared = 2e-3 * M * recoil
    found = SCALE * dipole_proton._spectrum(E, squared, recoil / 1e3, m, (squared / (4 * M**2), 1.0)) * 2 * M / 1e3
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("W", [M, 1100.0, 3e3])
@pytest.mark.parametrize(("E", "m"), [(1e5, 30.0), (1e12, 1e4), (2e4, 2e3)])
def test_limits(W, E, m):
    """Momentum transfers from the frame of the center of mass, with eighty digits."""
    with mpmath.workdps(80):
        s = mpmath.mpf(M) ** 2 + 2 * mpmath.mpf(M) * mpmath.mpf(E)
        before = (s - mpmath.mpf(M) ** 2) / (2 * mpmath.sqrt(s))
        energy = (s + mpmath.mpf(m) ** 2 - mpmath.mpf(W) ** 2) / (2 * mpmath.sqrt(s))
        after = mpmath.sqrt(energy**2 - mpmath.mpf(m) ** 2)
        expected = [float(2 * before * (energy - c * after) - mpmath.mpf(m) ** 2) for c in (1, -1)]
    least, greatest, opened = dipole_proton._momenta(jnp.asarray(E), jnp.asarray(m), jnp.asarray(W))
    assert bool(opened)
    np.testing.assert_allclose([least, greatest], expected, rtol=1e-11)


def waves(squared):
    electric = (1 + squared / 0.71e6) ** -2
    magnetic, tau = 2.79284734463 * electric, squared / (4 * M**2)
    return tau * magnetic**2, (electric**2 + tau * magnetic**2) / (1 + tau)


@pytest.mark.parametrize(("E", "m"), [(800.0, 300.0), (1e4, 30.0)])
def test_protons_that_stay_whole(E, m):
    low, high = (2 * M * float(T) / 1e3 for T in dipole_portal.recoil_limits(E, m, M))

    def f(u, share=lambda Q2: 1.0):
        Q2 = np.exp(u)
        return Q2 * current(E, Q2, Q2 / (2 * M), M, waves(Q2), m=m) * share(Q2)

    def bound(Q2):
        return 8 * (1 - float(helm(np.sqrt(Q2) / PDG_2026.hbar_c, float(OXYGEN.proton_radius[0]))) ** 2)

    start, end = np.log(low), np.log(min(high, 3e7))
    free = SCALE * quad(f, start, end, epsrel=1e-6, limit=400)[0]
    assert float(dipole_proton.elastic_cross_section(E, m)) == pytest.approx(free, rel=1e-5)
    inside = SCALE * quad(f, start, end, args=(bound,), epsrel=1e-6, limit=400)[0]
    assert float(dipole_proton.elastic_cross_section(E, m, nucleus=OXYGEN)) == pytest.approx(inside, rel=1e-4)
    above = SCALE * quad(f, np.log(2 * M * 5.0), end, epsrel=1e-6, limit=400)[0]
    assert float(dipole_proton.elastic_cross_section(E, m, low=5e3)) == pytest.approx(above, rel=1e-5)
    recoil = 1.7e4
    differential = 2e-3 * M * SCALE * current(E, 2e-3 * M * recoil, recoil / 1e3, M, waves(2e-3 * M * recoil), m=m)
    assert float(dipole_proton.differential_cross_section(E, recoil, m)) == pytest.approx(differential, rel=1e-9)


def structure(x, squared):
    """ALLM97 once more, in GeV^2 and with the numbers as in the paper."""
    t = np.log(np.log((squared + 0.46017 + 0.06527) / 0.06527) / np.log((0.46017 + 0.06527) / 0.06527))
    above = squared * (1 / x - 1)
    pomeron = (squared + 49.457) / (squared + 49.457 + above)
    reggeon = (squared + 0.15052) / (squared + 0.15052 + above)
    falling = lambda a, b, c: a + (a - b) * (1 / (1 + t**c) - 1)  # noqa: E731
    first = falling(0.28067, 0.22291, 2.1979) * pomeron ** falling(-0.0808, -0.44812, 1.1709)
    first *= (1 - x) ** (0.60243**2 + 1.3754**2 * t**1.8439)
    second = (0.80107 + 0.97307 * t**3.4942) * reggeon ** (0.58400 + 0.37888 * t**2.6063)
    second *= (1 - x) ** (0.10711**2 + 1.9386**2 * t**0.49338)
    return squared / (squared + 0.31985) * (first + second)


def test_structure_function():
    """Against the fit as its paper prints it, and against numbers that HERA and fixed targets have measured to 5 %."""
    x, squared = np.array([1e-5, 1e-3, 0.1, 0.7]), np.array([[0.3], [10.0], [2000.0]])
    np.testing.assert_allclose(proton.structure_function(x, 1e6 * squared), structure(x, squared), rtol=2e-4)
    assert float(proton.structure_function(0.1, 1e7)) == pytest.approx(0.40, rel=0.05)
    assert float(proton.structure_function(0.5, 0.0)) == 0.0
    # photoproduction: 4 pi^2 alpha F_2 / Q^2 at W = 200 GeV is 174 microbarn (ZEUS)
    squared, gap = 1e-4, 4e4
    section = (
        4 * np.pi**2 * ALPHA * float(proton.structure_function(squared / (gap + squared), 1e6 * squared)) / squared
    )
    assert section * 0.389379e3 == pytest.approx(174, rel=0.06)


@pytest.mark.parametrize(("E", "m"), [(5e3, 300.0), (1e6, 1e3), (1e12, 1e6)])
def test_protons_that_break(E, m):
    """Four panels of sixty nodes in W, and sixty in Q^2."""
    x, w = np.polynomial.legendre.leggauss(60)
    borders = np.linspace(np.log(139.57039), np.log(np.sqrt(M**2 + 2 * M * E) - m - M), 5)
    half = 0.5 * np.diff(borders)[:, None]
    u, of_mass = (0.5 * (borders[1:] + borders[:-1])[:, None] + half * x).ravel(), (half * w).ravel()
    W = M + np.exp(u)[:, None]
    low, high = map(np.asarray, dipole_proton._momenta(jnp.asarray(E), jnp.asarray(m), jnp.asarray(W))[:2])
    Q2 = low * (high / low) ** (0.5 + 0.5 * x)
    gap = W**2 - M**2
    nu, bjorken = (gap + Q2) / (2 * M), Q2 / (gap + Q2)
    F2 = structure(bjorken, Q2 / 1e6)
    value = np.asarray(dipole_proton._spectrum(E, Q2, nu, m, (F2 / (2 * bjorken * M), F2 / nu)))
    inner = (0.5 * w * value * Q2 * np.log(high / low)).sum(1)
    total = np.sum(of_mass * (W / M)[:, 0] * np.exp(u) * inner)
    assert float(dipole_proton.inelastic_cross_section(E, m)) == pytest.approx(SCALE * total, rel=1e-3)


def test_what_is_heaviest():
    """On protons N reach where coherent scattering has gone: 30 TeV at 1 EeV, 43 TeV being all there is."""
    E = 1e12
    coherent, whole, broken = (
        f(E, 3e7)
        for f in (
            lambda E, m: dipole_portal.primakoff_cross_section(E, m, OXYGEN),
            lambda E, m: dipole_proton.elastic_cross_section(E, m, nucleus=OXYGEN),
            dipole_proton.inelastic_cross_section,
        )
    )
    assert float(coherent) < 1e-2 * float(whole)
    assert float(whole) < float(16 * broken)
    assert float(dipole_proton.inelastic_cross_section(E, 4.4e7)) == 0.0
    assert float(dipole_proton.elastic_cross_section(E, 4.4e7)) == 0.0


def test_derivatives():
    def f(p):
        return (
            jnp.stack(
                [
                    dipole_proton.elastic_cross_section(p[0], p[1], nucleus=OXYGEN),
                    dipole_proton.inelastic_cross_section(10 * p[0], p[1]),
                    dipole_proton.differential_cross_section(p[0], 2e4, p[1]),
                ]
            )
            / 1e-24
        )

    check_derivatives(f, jnp.array([900.0, 310.0]), rtol=1e-3, atol=0.0, step=1e-3)
    for E, m in ((300.0, 310.0), (361.2145, 310.0), (1e9, 1e-3), (139.0, 1e-3)):
        assert np.isfinite(jax.jacrev(f)(jnp.array([E, m]))).all()


# Hot matter

CORE = Core()


def emitted(m, core):
    """The same integral by adaptive quadrature, and without screening where it does not matter."""
    T, eta = float(core.temperature), float(core.chemical_potential)

    def f(E):
        occupied = 1 / (np.exp((E - eta) / T) + 1) + 1 / (np.exp((E + eta) / T) + 1)
        section = float(dipole_proton.elastic_cross_section(E, m, low=core.screening()))
        return E**3 * occupied * section

    total = quad(f, m + m**2 / (2 * M), m + 40 * T + abs(eta), epsrel=1e-6, limit=300)[0]
    protons = float(core.proton_fraction * core.density) * 6.02214076e23
    return protons * total / (2 * np.pi**2) / (197.3269804e-13) ** 3 * 2.99792458e10 * 1.602176634e-6


@pytest.mark.parametrize(("m", "core"), [(100.0, CORE), (5.0, Core(20.0, 1e14, 0.2, 12.0, 150.0))])
def test_energy_by_scattering(m, core):
    found = float(dipole_emission.scattering_emissivity(m, core))
    assert found == pytest.approx(emitted(m, core), rel=1e-3)
    assert float(dipole_emission.scattering_emissivity(m, core, moment=3e-11)) == pytest.approx(
        9e-22 * found, rel=1e-12
    )


def test_energy_by_decays():
    """Boltzmann: Gamma m m^2 T K_2(m / T) / pi^2 for each sign."""
    m, T = 200.0, 30.0
    found = float(dipole_emission.decay_emissivity(m, 1e5, CORE))
    expected = 2 * m * 1e5 / np.pi**2 * m**2 * T * kv(2, m / T) / 197.3269804e-13**3 * 1.602176634e-6
    assert found == pytest.approx(expected, rel=1e-6)


def test_screening():
    """k_D^2 = 4 pi alpha n / T."""
    number = 0.3 * 3e14 * 6.02214076e23 * (197.3269804e-13) ** 3
    assert float(CORE.screening()) == pytest.approx(1e3 * 4 * np.pi * ALPHA * number / 30 / (2 * M), rel=1e-9)


def test_what_sn1987a_excludes():
    """A light N: the known 2 to 8e-12 mu_B of right-handed neutrinos (Barbieri and Mohapatra 1988), and trapped above.

    Too heavy an N is not made.
    """

    def out(m, mu):
        return float(dipole_emission.luminosity(m, rate(m, mu), CORE, moment=mu))

    def rate(m, mu):
        return decays.heavy_neutrino_radiative_rate(mu, m, majorana=False)

    assert out(1.0, 2e-12) < 3e52 < out(1.0, 2e-11)
    assert out(1.0, 5e-9) < 3e52
    assert out(200.0, 1e-11) > 3e52
    assert max(out(1000.0, mu) for mu in np.geomspace(1e-14, 1e-5, 40)) < 3e52


def test_length():
    """Balance of making and unmaking: scattering back has half the density of states, times E^2 / p^2."""
    m, mu = 50.0, 1e-10
    E = m + 90.0
    p = np.sqrt(E**2 - m**2)
    section = float(dipole_proton.elastic_cross_section(E + m**2 / (2 * M), m, moment=mu, low=CORE.screening()))
    back = 0.3 * 3e14 * 6.02214076e23 * section * E**2 / (2 * p**2)
    found = float(dipole_emission.absorption_length(m, 1e7, CORE, moment=mu))
    assert found == pytest.approx(1e-5 / (back + m / p * 1e7 / 2.99792458e10), rel=1e-9)


def test_freeze_out():
    """Rate against expansion at that temperature."""
    mu = 1e-10
    T = float(dipole_emission.freeze_out_temperature(mu))
    magneton = np.sqrt(np.pi * ALPHA) / 0.51099895
    electrons = 3 * zeta(3) / np.pi**2 * T**3
    logarithm = np.log(2 * (3.15 * T) ** 2 / (4 * np.pi * ALPHA * T**2 / 3)) - 1
    made = electrons * ALPHA * (mu * magneton) ** 2 * logarithm
    assert made == pytest.approx(1.66 * np.sqrt(10.75) * T**2 / 1.22089e22, rel=1e-6)
    assert pytest.approx(1e2 * float(dipole_emission.freeze_out_temperature(10 * mu)), rel=1e-12) == T


def test_hot_derivatives():
    def f(p):
        core = Core(p[0], 3e14, 0.3, 10.0, p[1])
        return jnp.stack(
            [
                dipole_emission.scattering_emissivity(p[2], core, moment=1e-11) / 1e34,
                dipole_emission.decay_emissivity(p[2], 10.0, core) / 1e34,
                dipole_emission.absorption_length(p[2], 10.0, core, moment=1e-11),
                dipole_emission.luminosity(p[2], 10.0, core, moment=1e-11) / 1e52,
            ]
        )

    check_derivatives(f, jnp.array([30.0, 20.0, 80.0]), rtol=1e-5, atol=1e-12, step=1e-4)
    assert np.isfinite(jax.jacrev(f)(jnp.array([30.0, 0.0, 0.0]))).all()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("energy", lambda: dipole_proton.elastic_cross_section(0.0, 1.0)),
        ("heavy_mass", lambda: dipole_proton.inelastic_cross_section(1e3, 0.0)),
        ("recoil_energy", lambda: dipole_proton.differential_cross_section(1e3, 0.0, 1.0)),
        ("low", lambda: dipole_proton.elastic_cross_section(1e3, 1.0, low=-1.0)),
        ("moment", lambda: dipole_proton.elastic_cross_section(1e3, 1.0, moment=-1.0)),
        ("x", lambda: proton.structure_function(0.0, 1.0)),
        ("momentum_squared", lambda: proton.form_factors(-1.0)),
        ("temperature", lambda: Core(temperature=0.0)),
        ("proton_fraction", lambda: Core(proton_fraction=1.5)),
        ("rate", lambda: dipole_emission.decay_emissivity(1.0, -1.0, CORE)),
        ("heavy_mass", lambda: dipole_emission.luminosity(-1.0, 1.0, CORE)),
        ("moment", lambda: dipole_emission.freeze_out_temperature(0.0)),
    ],
)
def test_errors(name, call):
    with pytest.raises(ValueError, match=f"`{name}`"):
        call()
