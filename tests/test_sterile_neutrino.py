"""A fourth state: the mixing matrix against rotations by hand, what experiments see of it, and what they refuse."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded

from nmmjax.experiments import Desi2025, Homestake1998, Katrin2025
from nmmjax.experiments.base import with_loss_over_length, without_coherence_loss
from nmmjax.low_energy import CoherenceLoss, LowEnergy
from nmmjax.models import Decoherence, NonStandardInteractions, SterileNeutrino, ThreeFlavor
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

LIGHT = LightNeutrinos.with_small_mass()


def rotation(row, angle, phase=0.0):
    R = np.eye(4, dtype=complex)
    R[row, row] = R[3, 3] = math.cos(angle)
    R[row, 3] = math.sin(angle) * np.exp(-1j * phase)
    R[3, row] = -math.sin(angle) * np.exp(1j * phase)
    return R


def test_mixing_and_masses():
    angles, phases = (0.2, 0.3, 0.4), (0.7, -1.1)
    names = ("theta14", "theta24", "theta34")
    model = SterileNeutrino(
        1.3, **dict(zip(names, angles, strict=True)), delta14=phases[0], delta24=phases[1], origin=LIGHT
    )
    light = np.eye(4, dtype=complex)
    light[:3, :3] = LIGHT.pmns()
    U = rotation(2, angles[2]) @ rotation(1, angles[1], phases[1]) @ rotation(0, angles[0], phases[0]) @ light
    np.testing.assert_allclose(model.mixing(), U, atol=1e-15)
    m = np.append(LIGHT.masses(), math.sqrt(0.005**2 + 1.3))
    neutrinos = model.low_energy().neutrinos
    np.testing.assert_allclose(neutrinos.mass_squared, (U * m**2) @ U.conj().T, atol=1e-15)
    np.testing.assert_allclose(neutrinos.states.masses, m, rtol=1e-12)
    np.testing.assert_allclose(np.abs(neutrinos.states.mixing), np.abs(U), atol=1e-12)
    elements = model.derived()
    assert float(elements["u_e4"]) == pytest.approx(math.sin(0.2) ** 2)
    assert float(elements["u_mu4"]) == pytest.approx((math.cos(0.2) * math.sin(0.3)) ** 2)
    assert float(elements["u_tau4"]) == pytest.approx((math.cos(0.2) * math.cos(0.3) * math.sin(0.4)) ** 2)
    assert float(neutrinos.m_beta) == pytest.approx(math.sqrt(np.abs(U[0]) ** 2 @ m**2), rel=1e-12)
    assert float(neutrinos.m_beta_beta) == pytest.approx(abs(np.sum(U[0] ** 2 * m)), rel=1e-12)


def test_elements_are_what_fits_sample():
    model = SterileNeutrino.from_oscillations(LIGHT, 0.5, sin2_theta14=0.01, sin2_theta24=0.02)
    assert float(model.derived()["sin2_2theta_mue"]) == pytest.approx(4 * 0.01 * 0.99 * 0.02)
    two = SterileNeutrino.two_flavors(0.5, 0.3).derived()
    assert float(two["sin2_2theta_mue"]) == pytest.approx(0.3)
    assert float(two["u_e4"]) == pytest.approx(float(two["u_mu4"]))


def test_nothing_mixes_and_nothing_changes():
    """A fourth state by itself: three flavors as they were, and a mass that beta decay does not see."""
    alone = SterileNeutrino.from_oscillations(LIGHT, 4.0).low_energy()
    three = LowEnergy(LIGHT.neutrinos())
    np.testing.assert_allclose(alone.neutrinos.mass_squared[:3, :3], three.neutrinos.mass_squared, atol=1e-15)
    katrin = loaded(Katrin2025)
    np.testing.assert_allclose(katrin.predict(alone, {}), katrin.predict(three, {}), rtol=1e-9)


def test_beta_decay_sees_it_and_the_sky_counts_light_masses():
    theory = SterileNeutrino.from_oscillations(LIGHT, 4.0, sin2_theta14=0.1).low_energy()
    expected = 0.9 * float(LIGHT.neutrinos().m_beta) ** 2 + 0.1 * (4.0 + 0.005**2)
    assert float(loaded(Katrin2025).predict(theory, {})[0]) == pytest.approx(expected, rel=1e-12)
    assert float(loaded(Desi2025).predict(theory, {})[0]) == pytest.approx(float(jnp.sum(LIGHT.masses())), rel=1e-9)


def test_the_sun_is_followed_for_three_states():
    homestake = loaded(Homestake1998)
    nuisances = {name: jnp.zeros(()) for name in homestake.nuisances()}
    with pytest.raises(ValueError, match="`mass_squared` must have shape"):
        homestake.predict(SterileNeutrino.benchmark().low_energy(), nuisances)


def test_gradients_where_nothing_mixes():
    """Finite at the end of the range, where sin theta has an infinite slope."""

    def survival(x):
        model = SterileNeutrino.from_oscillations(LIGHT, 0.5, sin2_theta14=x[0], sin2_theta24=x[1])
        return jnp.real(model.low_energy().neutrinos.mass_squared[0, 0])

    gradient = jax.jit(jax.grad(survival))
    np.testing.assert_array_equal(np.isfinite(gradient(jnp.zeros(2))), True)
    step = 1e-6
    at = jnp.array([1e-3, 1e-3])
    difference = (survival(at.at[0].add(step)) - survival(at.at[0].add(-step))) / (2 * step)
    assert float(gradient(at)[0]) == pytest.approx(float(difference), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SterileNeutrino(-1.0), "`dm41` must lie in"),
        (lambda: SterileNeutrino.from_oscillations(LIGHT, 1.0, sin2_theta14=1.2), "`sin2_theta14` must lie in"),
        (lambda: SterileNeutrino.two_flavors(1.0, 2.0), "`sin2_2theta` must lie in"),
        (lambda: Decoherence(-1e-22), "`rate` must lie in"),
        (lambda: CoherenceLoss(1e-22, 20.0), "`power` must lie in"),
        (lambda: CoherenceLoss(math.nan), "`rate` must be finite"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Loss of coherence


def test_the_rate_at_an_energy():
    """6.8e-22 GeV over the 180 km of KamLAND: exp(-0.62)."""
    average = CoherenceLoss(6.8e-22).average(4.0)
    assert float(average.rate) * 180.0 == pytest.approx(0.6203, rel=1e-4)
    scaled = [
        float(CoherenceLoss(1e-22, n).average(4.0).rate / CoherenceLoss(1e-22).average(4.0).rate) for n in (-1, 2)
    ]
    assert scaled == pytest.approx([250.0, 1.6e-5])
    assert ThreeFlavor.benchmark().low_energy().average(4.0) is None
    assert float(Decoherence(1e-22).low_energy().average(4.0).rate) == pytest.approx(5.067731e-4, rel=1e-6)


def test_who_does_not_follow_it():
    """An error, or NaN where the rate is not known yet."""
    theory = Decoherence(1e-22).low_energy()
    with pytest.raises(ValueError, match="`coherence_loss` must vanish for atmospheric neutrinos"):
        without_coherence_loss(theory)
    with pytest.raises(ValueError, match="`coherence_loss` must go as 1/E"):
        with_loss_over_length(theory)
    for check in (without_coherence_loss, with_loss_over_length):
        compiled = jax.jit(lambda rate, power, check=check: check(Decoherence(rate, power=power).low_energy()))
        assert np.isnan(compiled(1e-22, 0.0))
        assert compiled(0.0, 0.0) == 1.0
        assert check(ThreeFlavor.benchmark().low_energy()) == 1.0
    assert with_loss_over_length(Decoherence(1e-22, power=-1.0).low_energy()) == 1.0


def test_models_together_with_masses_and_mixing():
    """What is sampled stands in the mass matrix."""
    sin2 = {name: value for name, value in NUFIT60.items() if name != "delta_cp"}
    three = LightNeutrinos.from_sin2(**sin2).mass_matrix()
    for model in (
        Decoherence.from_oscillations(**sin2, rate=1e-22, power=-1.0),
        NonStandardInteractions.from_oscillations(**sin2, vector_mutau=0.1, xi_electron=0.0, xi_down=1.0),
    ):
        np.testing.assert_allclose(model.low_energy().neutrinos.mass_matrix, three, atol=1e-15)
    charged, neutron = model.low_energy().nsi
    assert charged[1, 2] == pytest.approx(0.1)
    assert neutron[1, 2] == pytest.approx(0.2)
