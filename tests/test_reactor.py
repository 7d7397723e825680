"""Reactor antineutrinos and inverse beta decay: against independent formulas and finite differences."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from nmmjax.experiments.shared import reactor
from nmmjax.fluxes import ReactorSpectra
from nmmjax.fluxes.reactor import fission_spectrum
from nmmjax.scattering import inverse_beta
from nmmjax.tables import read_table

SPECTRA = read_table("reactor_spectra")
MEAN_FUEL = {"U235": 0.567, "U238": 0.078, "Pu239": 0.298, "Pu241": 0.057}


def model(name):
    table = SPECTRA.where(model=name)
    return np.stack([table[f"a{k}"] for k in range(6)], -1), np.array([MEAN_FUEL[i] for i in table["isotope"]])


def both_derivatives(function, x):
    return jax.vmap(jax.jacfwd(function))(x), jax.vmap(jax.jacrev(function))(x)


def differences(function, x, step=1e-6):
    return (function(x + step) - function(x - step)) / (2 * step)


# The spectrum


@pytest.mark.parametrize("name", ["huber_mueller", "vogel_engel"])
def test_spectrum_is_the_sum_of_exponentials(name):
    coefficients, fractions = model(name)
    energy = np.array([[1.9, 3.0], [4.5, 8.0]])
    got = fission_spectrum(energy, coefficients, fractions)
    assert got.shape == (2, 2)
    for index in np.ndindex(2, 2):
        E = mpmath.mpf(energy[index])
        exponents = (mpmath.fsum(mpmath.mpf(c) * E**k for k, c in enumerate(row)) for row in coefficients)
        terms = (mpmath.mpf(f) * mpmath.exp(x) for f, x in zip(fractions, exponents, strict=True))
        assert float(got[index]) == pytest.approx(float(mpmath.fsum(terms)), rel=1e-13)


def test_huber_and_vogel_agree_where_they_were_measured():
    energy = np.linspace(2.0, 6.0, 100)
    ratio = fission_spectrum(energy, *model("huber_mueller")) / fission_spectrum(energy, *model("vogel_engel"))
    assert np.all(np.abs(np.asarray(ratio) - 1.0) < 0.13)


def test_yield_of_interactions_per_fission():
    """Daya Bay, Phys. Rev. D 104, L111301 (2021): (5.89 +- 0.07)e-43 cm^2, 5 % below Huber and Mueller."""
    energy = np.linspace(inverse_beta.THRESHOLD, 10.0, 20_001)
    rate = fission_spectrum(energy, *model("huber_mueller")) * inverse_beta.cross_section(energy)
    assert np.trapezoid(rate, energy) == pytest.approx(6.2e-43, rel=0.01, abs=0.0)


def test_spectra_by_their_names():
    """Isotopes are found by name: the order of the fractions does not matter."""
    energy = np.array([[1.9, 3.0], [4.5, 8.0]])
    for name in ("huber_mueller", "vogel_engel"):
        spectra, expected = getattr(ReactorSpectra, name)(), fission_spectrum(energy, *model(name))
        for fractions in (MEAN_FUEL, dict(reversed(MEAN_FUEL.items()))):
            np.testing.assert_allclose(spectra.spectrum(energy, fractions), expected, rtol=1e-14)
        assert {source.name for source in spectra.tables} == {"reactor_spectra"}
    with pytest.raises(ValueError, match="`fission_fractions` must have the keys U235, U238, Pu239, Pu241, but"):
        ReactorSpectra.huber_mueller().spectrum(3.0, {"U235": 1.0})


def test_yield_of_vogel_and_engel():
    """Spectra converted before 2011: 6.39 and 4.19e-43 cm^2 [G. Mention et al., Phys. Rev. D 83, 073006 (2011)]."""
    energy = np.linspace(inverse_beta.THRESHOLD, 10.0, 20_001)
    sections = np.asarray(inverse_beta.cross_section(energy))
    pure = {i: {j: float(i == j) for j in MEAN_FUEL} for i in ("U235", "Pu239")}
    spectra = ReactorSpectra.vogel_engel()
    uranium, plutonium = (np.trapezoid(spectra.spectrum(energy, f) * sections, energy) for f in pure.values())
    assert uranium == pytest.approx(6.39e-43, rel=0.03, abs=0.0)
    assert plutonium == pytest.approx(4.19e-43, rel=0.03, abs=0.0)


def test_spectrum_derivatives():
    coefficients, fractions = model("huber_mueller")

    def spectrum(energy):
        return fission_spectrum(energy, coefficients, fractions)

    energy = jnp.linspace(1.9, 9.0, 7)
    forward, reverse = both_derivatives(spectrum, energy)
    np.testing.assert_allclose(forward, reverse, rtol=1e-13)
    np.testing.assert_allclose(forward, differences(spectrum, energy), rtol=1e-7)
    of_fractions = jax.grad(lambda f: fission_spectrum(4.0, coefficients, f))(jnp.asarray(fractions))
    alone = [fission_spectrum(4.0, coefficients, row) for row in np.eye(4)]
    np.testing.assert_allclose(of_fractions, alone, rtol=1e-13)


# Inverse beta decay


def first_order(energy):
    """Vogel and Beacom, Phys. Rev. D 60, 053003 (1999), eq. 12, integrated over angles; neutron lifetime 878.4 s."""
    m, delta, nucleon = 0.51099895, 1.29333236, 938.919
    f, g, f2 = 1.0, 1.2753, 3.706
    x, w = np.polynomial.legendre.leggauss(12)
    e0 = energy - delta
    p0 = np.sqrt(e0**2 - m**2)
    v0 = p0 / e0
    e1 = e0 * (1 - energy / nucleon * (1 - v0 * x)) - (delta**2 - m**2) / (2 * nucleon)
    p1 = np.sqrt(e1**2 - m**2)
    gamma = 2 * (f + f2) * g * ((2 * e0 + delta) * (1 - v0 * x) - m**2 / e0)
    gamma += (f**2 + g**2) * (delta * (1 + v0 * x) + m**2 / e0)
    recoil = (e0 + delta) * (1 - x / v0) - delta
    gamma += (f**2 + 3 * g**2) * recoil + (f**2 - g**2) * recoil * v0 * x
    density = ((f**2 + 3 * g**2) + (f**2 - g**2) * p1 / e1 * x) * e1 * p1 - gamma / nucleon * e0 * p0
    hbar, hbar_c = 6.582119569e-22, 197.3269804e-13
    scale = 2 * np.pi**2 * hbar * hbar_c**2 / (1.7152 * 878.4 * m**5 * (f**2 + 3 * g**2))
    return 0.5 * scale * (w @ density)


@pytest.mark.parametrize(("energy", "tolerance"), [(2.0, 0.02), (2.5, 0.01), (3.0, 0.005), (5.0, 0.005), (8.0, 0.005)])
def test_cross_section_from_the_lifetime_of_the_neutron(energy, tolerance):
    assert float(inverse_beta.cross_section(energy)) == pytest.approx(first_order(energy), rel=tolerance, abs=0.0)


def test_nothing_happens_below_threshold():
    below = jnp.array([1e-3, 0.5, 1.2, 1.5, inverse_beta.THRESHOLD])
    assert np.all(np.asarray(inverse_beta.cross_section(below)) == 0.0)
    assert np.all(np.asarray(jax.vmap(jax.grad(inverse_beta.cross_section))(below)) == 0.0)
    just_above = inverse_beta.cross_section(inverse_beta.THRESHOLD + np.array([1e-6, 4e-6]))
    assert float(just_above[1] / just_above[0]) == pytest.approx(2.0, rel=1e-4)


def test_prompt_energy_is_the_mean_of_two_body_decays():
    """Isotropic in the rest frame of the pair, exact kinematics; the first order is right to 10 keV."""
    electron, proton = 0.51099895, 938.27208816
    neutron = proton + 1.29333236
    for energy in (2.0, 3.0, 5.0, 8.0):
        s = proton**2 + 2 * proton * energy
        positron = (s - neutron**2 + electron**2) / (2 * np.sqrt(s))
        mean = positron * (energy + proton) / np.sqrt(s)  # what is odd in the angle drops out
        assert float(inverse_beta.prompt_energy(energy)) == pytest.approx(mean + electron, abs=0.01)
        assert float(inverse_beta.prompt_energy(energy)) < energy - 0.78
    assert float(inverse_beta.prompt_energy(1.0)) == pytest.approx(2 * electron, rel=1e-14)


def test_antineutrino_energy_inverts_prompt_energy():
    energy = np.array([1.81, 2.0, 4.0, 8.0, 12.0])
    got = inverse_beta.antineutrino_energy(inverse_beta.prompt_energy(energy))
    np.testing.assert_allclose(got, energy, rtol=1e-13)
    assert np.all(np.diff(np.asarray(inverse_beta.antineutrino_energy(np.linspace(0.0, 100.0, 50)))) > 0.0)


@pytest.mark.parametrize("name", ["cross_section", "prompt_energy", "antineutrino_energy"])
def test_derivatives(name):
    function = getattr(inverse_beta, name)
    x = jnp.array([1.9, 2.5, 4.0, 8.0, 12.0])
    forward, reverse = both_derivatives(function, x)
    np.testing.assert_allclose(forward, reverse, rtol=1e-13)
    np.testing.assert_allclose(forward, differences(function, x), rtol=1e-7)


def test_interacting_antineutrinos_in_single_precision():
    energy = np.linspace(1.9, 9.0, 5)
    spectra = ReactorSpectra.huber_mueller()
    got = reactor.interacting(energy, spectra, MEAN_FUEL)
    expected = fission_spectrum(energy, *model("huber_mueller")) * inverse_beta.cross_section(energy)
    np.testing.assert_allclose(got, expected / expected.max(), rtol=1e-14)
    with jax.enable_x64(False):
        np.testing.assert_allclose(reactor.interacting(energy, spectra, MEAN_FUEL), got, rtol=1e-14)


# Bad input


GOOD = model("huber_mueller")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, *GOOD), r"Argument `energy` must lie in \(0, inf\) MeV, but it is 0.0"),
        ((np.array([3.0, np.nan]), *GOOD), "Argument `energy` must be finite, but it is nan at index 1"),
        ((3.0 + 0j, *GOOD), "Argument `energy` must be real"),
        ((3.0, GOOD[0][0], GOOD[1]), r"Argument `coefficients` must have shape \(isotopes, powers\)"),
        ((3.0, GOOD[0], GOOD[1][:3]), r"Argument `fission_fractions` must have shape \(4,\), as `coefficients`"),
        ((3.0, GOOD[0], -GOOD[1]), r"Argument `fission_fractions` must lie in \[0, inf\), but it is -0.567"),
    ],
)
def test_bad_spectrum(arguments, message):
    with pytest.raises(ValueError, match=message):
        fission_spectrum(*arguments)


@pytest.mark.parametrize(
    ("name", "argument", "bad"),
    [("cross_section", "energy", 0.0), ("prompt_energy", "energy", -1.0), ("antineutrino_energy", "prompt", 101.0)],
)
def test_bad_energies(name, argument, bad):
    with pytest.raises(ValueError, match=rf"Argument `{argument}` must lie in .* MeV, but it is {bad}"):
        getattr(inverse_beta, name)(bad)
