"""Rates against numbers worked out by hand and against each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import decays
from nmmjax.constants import Constants
from nmmjax.low_energy import ChargedLeptons

SHEET = Constants(fermi_constant=1.1663787e-5, fine_structure=1 / 137.035999084)
GEV_PER_TEV = 1e3


def test_lifetime_of_a_radiating_neutrino():
    """tau = 8 pi / (mu^2 m^3) with mu_B = e / 2 m_e, in units of MeV and with hbar in MeV s."""
    mu = 1e-10 * np.sqrt(4 * np.pi / 137.035999084) / (2 * 0.51099895)
    expected = 8 * np.pi / (mu**2 * 1e-6**3) * 6.582119569e-22
    assert 1 / float(decays.neutrino_radiative_rate(1e-10, 1.0)) == pytest.approx(expected, rel=1e-8)
    assert expected == pytest.approx(1.884214928e19, rel=1e-8)


def test_radiative_decay_goes_downward():
    rate = decays.neutrino_radiative_rate
    assert float(rate(1e-10, 0.05, 0.05)) == 0.0
    assert float(rate(1e-10, 0.04, 0.05)) == 0.0
    slow = float(rate(1e-10, 0.05, 0.049)) / float(rate(1e-10, 0.05))
    assert slow == pytest.approx((1 - 0.98**2) ** 3, rel=1e-10)
    for mass in (0.0, 0.05):
        assert np.isfinite(jax.grad(rate, argnums=(0, 1, 2))(1e-10, mass, 0.05)).all()
    assert float(rate(0.0, 1.0)) == 0.0
    with pytest.raises(ValueError, match="`mass` must"):
        rate(1e-10, -1.0)


def test_decays_between_two_places():
    assert float(decays.decay_between(2.0, 0.0, 1e6)) == 1.0
    assert float(decays.decay_between(2.0, 1.0, 4.0)) == pytest.approx(np.exp(-0.5) - np.exp(-2.0), rel=1e-14)
    assert float(decays.decay_between(1e12, 0.02, 1.0)) == pytest.approx(0.98e-12, rel=1e-10)
    assert float(decays.decay_between(1e-6, 0.02, 1.0)) == 0.0
    assert np.isfinite(jax.grad(decays.decay_between, (0, 1, 2))(1e-6, 0.02, 1.0)).all()
    for name, call in (("length", (0.0, 0.0, 1.0)), ("near", (1.0, -1.0, 1.0)), ("far", (1.0, 2.0, 1.0))):
        with pytest.raises(ValueError, match=f"`{name}`"):
            decays.decay_between(*call)


@pytest.mark.parametrize(("ratio", "product"), [(4.2e-13, 1.1807398777180470e-6)])
def test_singly_charged_scalar(ratio, product):
    """BR = (alpha / 48 pi G_F^2) |f^+ f|^2 / m_h^4 of L = f_ab bar(L~_a) L_b h^+, so A = 4 f^+ f / (96 pi^2 m_h^2)."""
    amplitude = 4 * np.sqrt(product) / (96 * np.pi**2 * GEV_PER_TEV**2)
    found = decays.lepton_radiative_ratio(jnp.asarray(0.0), jnp.asarray(1j * amplitude), constants=SHEET)
    assert float(found) == pytest.approx(ratio, rel=1e-9)


def test_charged_leptons():
    couplings = jnp.zeros((3, 3)).at[0, 1].set(1e-3).at[1, 0].set(1e-3).at[0, 0].set(2.33e-2).at[1, 1].set(8.5)
    found = ChargedLeptons(bilepton=couplings / GEV_PER_TEV, dipole_right=jnp.zeros((3, 3)).at[0, 1].set(1e-12))
    assert float(found.three_lepton_ratio(1, 0, (0, 0))) == pytest.approx(1e-12, rel=2e-3)
    assert float(found.three_lepton_ratio(1, 0, (0, 1))) == pytest.approx(2e-12 * (1e-3 / 2.33e-2) ** 2, rel=2e-3)
    assert abs(complex(decays.muonium_conversion(found.four_leptons((0, 0), (1, 1))))) == pytest.approx(0.003, rel=2e-3)
    assert float(found.radiative_ratio(1, 0)) > 0
    assert float(found.radiative_ratio(2, 0)) == 0


def test_nothing_unless_said():
    for leaf in jax.tree.leaves(ChargedLeptons()):
        assert not np.any(np.asarray(leaf))


def test_asymmetric_couplings_are_refused():
    with pytest.raises(ValueError, match="`bilepton` must be symmetric"):
        ChargedLeptons(bilepton=jnp.zeros((3, 3)).at[0, 1].set(1.0))
    with pytest.raises(ValueError, match="`dipole_left` must have shape"):
        ChargedLeptons(dipole_left=jnp.zeros(3))
