"""Supernova neutrinos: pinched spectra against mpmath, the burst of Huedepohl et al., fluxes and fluences."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma

from nmmjax.fluxes import SupernovaBurst
from nmmjax.fluxes.supernova import pinched_spectrum
from nmmjax.tables import read_table

BURST = SupernovaBurst.load()
KPC, MEV = 3.0856775814913673e21, 1.602176634e-6  # cm, erg


def exact(energy, mean, pinching):
    with mpmath.workdps(40):
        E, m, a = mpmath.mpf(energy), mpmath.mpf(mean), mpmath.mpf(pinching)
        return float((1 + a) ** (1 + a) / (mpmath.gamma(1 + a) * m) * (E / m) ** a * mpmath.exp(-(1 + a) * E / m))


@pytest.mark.parametrize("pinching", [-0.5, 0.0, 1e-9, 2.0, 2.3, 4.65, 30.0, 1e4])
def test_pinched_spectrum(pinching):
    energy = 11.0 * (1.0 + np.array([-2.0, -0.3, 0.0, 1.0, 3.0]) / np.sqrt(max(pinching, 9.0)))
    expected = [exact(E, 11.0, pinching) for E in energy]
    tolerance = 1e-12 if pinching < 100.0 else 1e-10
    np.testing.assert_allclose(pinched_spectrum(energy, 11.0, pinching), expected, rtol=tolerance)


@pytest.mark.parametrize("pinching", [0.0, 2.3, 7.0])
def test_moments_of_the_spectrum(pinching):
    """Integral 1, mean <E>, <E^2> / <E>^2 = (2 + a) / (1 + a)."""
    moments = [
        quad(lambda E, k=k: E**k * float(pinched_spectrum(E, 12.0, pinching)), 0.0, 300.0, limit=200)[0]
        for k in range(3)
    ]
    expected = [1.0, 12.0, 144.0 * (2.0 + pinching) / (1.0 + pinching)]
    np.testing.assert_allclose(moments, expected, rtol=1e-7)


def test_a_thermal_spectrum():
    """a = 2 is E^2 exp(-E / T) / 2 T^3 with T = <E> / 3."""
    energy, T = np.linspace(0.1, 60.0, 50), 4.0
    expected = energy**2 * np.exp(-energy / T) / (gamma(3.0) * T**3)
    np.testing.assert_allclose(pinched_spectrum(energy, 3.0 * T, 2.0), expected, rtol=1e-12)


def test_derivatives_of_the_spectrum():
    points = jnp.array([[5.0, 11.0, 0.0], [30.0, 9.0, 3.5], [11.0, 11.0, 400.0], [0.01, 11.0, 2.0], [3.0, 8.0, -0.4]])

    def f(p):
        return pinched_spectrum(*p)

    forward, reverse = jax.vmap(jax.jacfwd(f))(points), jax.vmap(jax.jacrev(f))(points)
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-13)
    for p, gradient in zip(np.asarray(points), np.asarray(forward), strict=True):
        for i in range(3):
            step = 1e-6 * max(abs(p[i]), 0.1)
            shifted = [exact(*(p + s * step * np.eye(3)[i])) for s in (1, -1)]
            size = np.abs(gradient).max()
            assert gradient[i] == pytest.approx((shifted[0] - shifted[1]) / (2 * step), rel=1e-6, abs=1e-8 * size)


@pytest.mark.parametrize(
    ("time", "luminosity", "energy", "pinching"),
    [
        (2.5, 88.3, 8.41, 4.65),
        (14.2, 181.6, 11.47, 3.88),
        (26.4, 66.4, 9.21, 3.82),
        (38.6, 42.6, 8.55, 3.57),
        (50.9, 39.0, 8.72, 3.36),
    ],
)
def test_the_burst_of_electron_neutrinos(time, luminosity, energy, pinching):
    """Rows of the simulation at these times [ms], luminosities in 1e51 erg/s: within what straight lines cost."""
    t = 1e-3 * time
    assert float(BURST.luminosity(t)[0]) == pytest.approx(1e51 * luminosity, rel=0.02)
    assert float(BURST.mean_energy(t)[0]) == pytest.approx(energy, rel=0.005)
    assert float(BURST.pinching(t)[0]) == pytest.approx(pinching, rel=0.02)


def test_the_whole_of_it():
    """Energies of the full simulation, less what comes before -20 ms and after 8 s."""
    energies = np.asarray(BURST.energies())
    np.testing.assert_allclose(energies, [31.96e51, 26.7e51, 26.2e51], rtol=0.025)
    times, luminosities = np.asarray(BURST.times), np.asarray(BURST.luminosities)
    np.testing.assert_allclose(energies, np.trapezoid(luminosities, times, axis=0), rtol=1e-12)
    assert energies[0] + energies[1] + 4.0 * energies[2] == pytest.approx(1.63e53, rel=0.01)
    assert int(np.argmax(luminosities[:, 0])) == int(np.argmin(np.abs(times - 0.006)))


def test_it_begins_and_ends():
    outside = BURST.luminosity(np.array([-1.0, -0.0201, 8.001, 100.0]))
    np.testing.assert_array_equal(outside, np.zeros((4, 3)))
    before = BURST.luminosity(-0.01)
    assert float(before[0]) > 4e52
    assert float(before[1]) == float(before[2]) == 0.0
    assert BURST.luminosity(np.zeros((2, 5))).shape == (2, 5, 3)
    table = read_table("supernova_huedepohl_2010")
    assert {source.name for source in BURST.tables} == {"supernova_huedepohl_2010"}
    np.testing.assert_allclose(BURST.luminosities[:, 2], 1e51 * table["luminosity_nux"], rtol=1e-14)


def test_flux_at_earth():
    """L / (4 pi D^2 <E>) phi(E), by hand; numbers and energy of all neutrinos come back."""
    time, distance = 0.2, 10.0
    area = 4 * np.pi * (distance * KPC) ** 2
    energy = np.array([3.0, 12.0, 40.0])
    found = np.asarray(BURST.flux(time, energy, distance))
    L, mean, a = (np.asarray(q(time)) for q in (BURST.luminosity, BURST.mean_energy, BURST.pinching))
    expected = [[L[s] / MEV / mean[s] * exact(E, mean[s], a[s]) / area for s in range(3)] for E in energy]
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    grid = np.linspace(1e-3, 150.0, 20_001)
    flux = np.asarray(BURST.flux(time, grid, distance))
    np.testing.assert_allclose(np.trapezoid(flux, grid, axis=0) * area, L / MEV / mean, rtol=1e-6)
    np.testing.assert_allclose(np.trapezoid(flux * grid[:, None], grid, axis=0) * area * MEV, L, rtol=1e-6)
    np.testing.assert_allclose(BURST.flux(time, energy, 20.0), found / 4.0, rtol=1e-12)


def test_fluence():
    """Against a fine sum over time; a window and its complement; the energy of everything."""
    energy = np.array([4.0, 11.0, 30.0])
    times = np.linspace(-0.02, 8.0, 80_001)
    flux = np.asarray(BURST.flux(times[:, None], energy, 10.0))
    whole = np.asarray(BURST.fluence(energy, 10.0))
    np.testing.assert_allclose(whole, np.trapezoid(flux, times, axis=0), rtol=2e-4)
    early, late = BURST.fluence(energy, 10.0, end=0.0123), BURST.fluence(energy, 10.0, start=0.0123)
    np.testing.assert_allclose(early + late, whole, rtol=1e-4)
    np.testing.assert_array_equal(BURST.fluence(energy, 10.0, end=-1.0), np.zeros((3, 3)))
    np.testing.assert_array_equal(BURST.fluence(energy, 10.0, start=100.0), np.zeros((3, 3)))
    grid = np.linspace(0.05, 150.0, 3000)
    carried = np.trapezoid(np.asarray(BURST.fluence(grid, 10.0)) * grid[:, None], grid, axis=0)
    np.testing.assert_allclose(carried * MEV * 4 * np.pi * (10.0 * KPC) ** 2, BURST.energies(), rtol=1e-4)


def test_derivatives_of_the_fluence():
    """Of energy, distance, window and the burst itself."""

    def f(p):
        scaled = SupernovaBurst(BURST.times, p[4] * BURST.luminosities, p[5] * BURST.mean_energies, BURST.pinchings)
        return 1e-9 * scaled.fluence(10.0 * p[0], 10.0 * p[1], start=0.001 * p[2], end=0.02 * p[3])

    point = jnp.array([1.1, 1.0, 2.3, 1.01, 0.9, 1.05])
    forward, reverse = jax.jacfwd(f)(point), jax.jacrev(f)(point)
    np.testing.assert_allclose(forward, reverse, rtol=1e-10, atol=1e-12)
    value, step = jax.jit(jax.vmap(f)), 1e-5
    ahead, behind = (value(point + s * step * jnp.eye(6)) for s in (1, -1))
    np.testing.assert_allclose(forward.T, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        (r"`energy` must lie in \(0, inf\) MeV", lambda: pinched_spectrum(0.0, 11.0, 2.0)),
        (r"`mean_energy` must lie in \(0, inf\) MeV", lambda: pinched_spectrum(1.0, -11.0, 2.0)),
        (r"`pinching` must lie in \(-1, inf\)", lambda: pinched_spectrum(1.0, 11.0, -1.0)),
        (r"`distance` must lie in \(0, inf\) kpc", lambda: BURST.flux(0.1, 10.0, 0.0)),
        (r"`end` must lie in \[1, inf\) s", lambda: BURST.fluence(10.0, 10.0, start=1.0, end=0.5)),
        ("`time` must be finite", lambda: BURST.luminosity(np.nan)),
        ("`times` must be ascending", lambda: SupernovaBurst(jnp.array([1.0, 0.0]), *3 * [jnp.ones((2, 3))])),
        (r"`times` must have shape \(times,\)", lambda: SupernovaBurst(jnp.array(1.0), *3 * [jnp.ones((2, 3))])),
        (r"`luminosities` must have shape \(2, 3\)", lambda: SupernovaBurst(jnp.arange(2.0), *3 * [jnp.ones((3, 2))])),
        ("`luminosities` must lie in", lambda: SupernovaBurst(jnp.arange(2.0), *3 * [-jnp.ones((2, 3))])),
        ("`mean_energies` must lie in", lambda: SupernovaBurst(jnp.arange(2.0), *3 * [jnp.zeros((2, 3))])),
    ],
)
def test_bad_input(message, call):
    with pytest.raises(ValueError, match=f"Argument {message}"):
        call()
