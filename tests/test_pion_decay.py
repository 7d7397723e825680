"""Neutrinos of stopped pions: kinematics from four-momenta, spectra and times against scipy, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import exponnorm, norm

from nmmjax.fluxes import pion_decay
from nmmjax.fluxes.pion_decay import ANTINU_MU, END, LINE, NU_E, NU_MU

MUON, PION = 105.6583755, 139.57039


def test_energies_conserve_momentum():
    """The muon has the momentum of nu_mu; two massless particles share the rest energy of the muon back to back."""
    assert np.hypot(MUON, LINE) + LINE == pytest.approx(PION, rel=1e-14)
    assert abs(LINE - 29.79) < 0.01
    assert 2 * END == MUON
    assert [pion_decay.greatest_energy(kind) for kind in pion_decay.KINDS] == [LINE, END, END]


def test_michel_spectra():
    """From the decay of a muon at rest: (3 - 2x) x^2 of the antineutrino beside the positron, means 3/5 and 7/10 E."""
    for kind, mean in ((NU_E, 0.6), (ANTINU_MU, 0.7)):
        f = lambda E, k=kind: float(pion_decay.density(E, k))  # noqa: E731
        assert quad(f, 0, END)[0] == pytest.approx(1.0, rel=1e-12)
        assert quad(lambda E, g=f: E * g(E), 0, END)[0] == pytest.approx(mean * END, rel=1e-12)
        assert f(1.0001 * END) == 0.0
    x = 0.37
    assert float(pion_decay.density(x * END, ANTINU_MU)) == pytest.approx(2 * x**2 * (3 - 2 * x) / END, rel=1e-14)


@pytest.mark.parametrize("kind", [NU_E, ANTINU_MU])
def test_quadrature_above_an_energy(kind):
    """Exact for what cross sections are made of, at every lower end; the derivative there is that of the integral."""
    low = np.array([0.0, 11.0, 40.0, END, 70.0])

    def folded(end):
        energy, weight = pion_decay.energies(kind, end)
        return jnp.sum(weight * (1 - 3 / energy + 200 / energy**2 + 1e-6 * energy**4), -1)

    def section(E):
        return 1 - 3 / E + 200 / E**2 + 1e-6 * E**4

    expected = [quad(lambda E: float(pion_decay.density(E, kind)) * section(E), a, max(a, END))[0] for a in low]
    np.testing.assert_allclose(folded(low), expected, rtol=1e-12)
    slope = jax.grad(folded)(30.0)
    assert float(slope) == pytest.approx(-float(pion_decay.density(30.0, kind)) * section(30.0), rel=1e-10)


def test_line():
    energy, weight = pion_decay.energies(NU_MU, np.array([0.0, 29.0, 30.0]))
    np.testing.assert_array_equal(energy, [[LINE]] * 3)
    np.testing.assert_array_equal(weight, [[1.0], [1.0], [0.0]])


def test_fluence():
    """At 20 m from 1e16 protons a second, 0.08 pions each, some 1.6e7 a second and cm^2."""
    found = pion_decay.fluence(1e16, 0.020, per_proton=0.08)
    assert found == pytest.approx(8e14 / (4 * np.pi * 2000.0**2), rel=1e-14)


def test_arrival():
    """An exponential of the muon folded with a Gaussian, by scipy; nothing comes long before the pulse."""
    center, width, tau = 0.44, 0.16, 2.1969811
    t = np.array([-1000.0, -3.0, 0.1, 0.44, 0.7, 2.0, 6.0, 60.0])
    prompt, delayed = pion_decay.arrived(t, center=center, width=width)
    np.testing.assert_allclose(prompt, norm.cdf(t, center, width), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(delayed, exponnorm.cdf(t, tau / width, center, width), rtol=1e-10, atol=1e-16)
    density = jax.vmap(jax.grad(lambda x: pion_decay.arrived(x, center=center, width=width)[1]))(t)
    np.testing.assert_allclose(density, exponnorm.pdf(t, tau / width, center, width), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("kind", lambda: pion_decay.greatest_energy("nu_tau")),
        ("kind", lambda: pion_decay.density(10.0, NU_MU)),
        ("energy", lambda: pion_decay.density(-1.0, NU_E)),
        ("low", lambda: pion_decay.energies(NU_E, -1.0)),
        ("protons", lambda: pion_decay.fluence(0.0, 0.02, per_proton=0.08)),
        ("baseline", lambda: pion_decay.fluence(1e23, -0.02, per_proton=0.08)),
        ("per_proton", lambda: pion_decay.fluence(1e23, 0.02, per_proton=0.0)),
        ("time", lambda: pion_decay.arrived(1j, center=0.4, width=0.1)),
        ("width", lambda: pion_decay.arrived(1.0, center=0.4, width=0.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
