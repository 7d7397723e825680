"""Borexino's spectrum: solar recoils against the curve of the collaboration, its data, gradients, errors."""

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded

from nmmjax.experiments import BorexinoSpectrum2018
from nmmjax.low_energy import HeavyLepton, LowEnergy
from nmmjax.models import ThreeFlavor, UniversalMoment
from nmmjax.scattering import electron, helicity_flip
from nmmjax.tables import read_table

predict = eqx.filter_jit(lambda experiment, theory, nuisance: experiment.predict(theory, nuisance))


def borexino():
    return loaded(BorexinoSpectrum2018)


@cache
def standard():
    with jax.ensure_compile_time_eval():
        return UniversalMoment(0.0).low_energy()


def nuisances(**changed):
    """Backgrounds as published, fluxes of the solar model."""
    center = {
        name: jnp.asarray(1.0 if name[-5:] in ("po210", "_kr85", "bi210") else 0.0) for name in borexino().nuisances()
    }
    return center | {f"borexino_2018_{name}": jnp.asarray(value) for name, value in changed.items()}


def test_solar_recoils_are_those_of_the_collaboration():
    """To 1.5 % from 235 to 690 keV, to 3.5 % where few are left; the flux of 7Be as published to 1 %."""
    own = np.asarray(borexino().recoils.events(standard()).sum(1))
    published, edges = read_table("borexino_2018_spectrum")["solar"], np.asarray(borexino().edges)
    ratio, middle = own / published, 0.5 * (edges[1:] + edges[:-1])
    core = (middle > 235.0) & (middle < 690.0)
    assert np.abs(np.convolve(ratio, np.ones(5) / 5, "same")[core] - 1.0).max() < 0.015
    assert np.abs(np.convolve(ratio, np.ones(15) / 15, "same")[(middle > 690.0) & (middle < 780.0)] - 1.0).max() < 0.035


def test_negative_expectations_are_impossible():
    """Without 210Po the rest that is taken from its peak has nothing to be taken from: no likelihood, and no NaN."""
    few = nuisances(po210=0.005)
    assert np.min(predict(borexino(), standard(), few)) < 0.0
    value, gradient = likelihood_and_gradient(few)
    assert value == -np.inf
    assert all(np.isfinite(slope) for slope in gradient.values())
    value, gradient = likelihood_and_gradient(nuisances(po210=0.1))
    assert np.isfinite(value)
    assert gradient["borexino_2018_po210"] > 1e3


@eqx.filter_jit
def likelihood_and_gradient(nuisance):
    return jax.value_and_grad(lambda given: borexino().log_likelihood(standard(), given))(nuisance)


def test_published_components_describe_the_data():
    """With all of them as published, -2 ln L is one per bin."""
    n, t = np.asarray(borexino().observed), np.asarray(predict(borexino(), standard(), nuisances()))
    assert n.sum() == 182780
    chi2 = 2 * np.sum(t - n + n * np.log(n / t))
    assert chi2 == pytest.approx(249.5, abs=0.5)
    assert -2 * float(borexino().log_likelihood(standard(), nuisances())) == pytest.approx(chi2, rel=1e-10)


def test_moment_by_hand():
    """Events of 7Be neutrinos by 1e-11 mu_B, all of them, are flux x electrons x time x cross section."""
    line = borexino().recoils.source.index("be7")
    points = [i for i, source in enumerate(borexino().recoils.source) if source == "be7"]
    energies = np.asarray(borexino().recoils.average.energy)[points]
    upper = points[int(np.argmax(energies))]
    counted = float(borexino().recoils.magnetic[:, upper].sum())
    # The axis is 1.0795 T - 8.23 keV: between its ends, but for the resolution at both.
    ends = (np.asarray(borexino().edges)[[0, -1]] + 8.23) / 1.0795
    section = helicity_flip.magnetic_cross_section(energies.max(), 1e-11 * jnp.eye(1), low=ends[0], high=ends[1])
    expected = float(section[0, 0]) * 3.307e31 * 86400 * 582.326 * 0.8967 * 4.93e9
    assert counted == pytest.approx(expected, rel=0.05)
    assert line == points[0]


def test_weak_strengths_make_the_cross_section():
    """sum_k K_k Re Tr(rho Q_k) is the integral in closed form; powers of 1/T against a fine sum."""
    couplings = electron.Couplings.radiatively_corrected()
    closed = electron.cross_section(0.8, couplings, low=100.0, high=104.0)
    parts = electron.strengths(0.8, low=100.0, high=104.0)
    total = sum(k * q for k, q in zip(parts, couplings.products, strict=True))
    np.testing.assert_allclose(total, closed, rtol=1e-12, atol=1e-70)
    T = np.linspace(100.0, 104.0, 20001)
    middle = 0.5 * (T[1:] + T[:-1])
    for power in (1, 2):
        parts = electron.strengths(0.8, low=100.0, high=104.0, power=power)
        total = sum(k * q for k, q in zip(parts, couplings.products, strict=True))
        fine = electron.differential_cross_section(0.8, jnp.asarray(middle), couplings)[:, 0, 0] / middle**power
        assert float(total[0, 0]) == pytest.approx(float(np.mean(fine) * 4.0), rel=1e-8)


def test_heavy_lepton_and_gradients():
    """m -> 0 is a moment that interferes among flavors; value and slope are zero beyond what 8B neutrinos can make."""
    neutrinos = ThreeFlavor.benchmark().low_energy().neutrinos

    def extra(mass, mu):
        theory = LowEnergy(neutrinos, heavy_lepton=HeavyLepton(mass, mu * jnp.array([1.0, 0.0, 0.0])))
        return jnp.sum(borexino().recoils.events(theory) - borexino().recoils.events(LowEnergy(neutrinos)))

    value, slope = jax.jit(extra), jax.jit(jax.grad(extra))
    electrons = jnp.real(borexino().recoils.average.state(neutrinos.mass_squared)[:, 0, 0])
    light = float(jnp.sum(borexino().recoils.magnetic @ electrons))
    assert float(value(1e-5, 1e-11)) == pytest.approx(light, rel=2e-3)
    assert float(value(4.0, 1e-9)) == pytest.approx(0.0, abs=1e-9)
    assert float(slope(4.0, 1e-9)) == pytest.approx(0.0, abs=1e-9)
    step = 1e-5
    for mass in (0.2, 0.7):
        difference = (value(mass + step, 1e-9) - value(mass - step, 1e-9)) / (2 * step)
        assert float(slope(mass, 1e-9)) == pytest.approx(float(difference), rel=1e-5)


def test_bins_draws_and_pulls():
    assert borexino().labels[0] == "229.8-232.2 keV"
    assert borexino().observed.size == 251
    drawn = borexino().simulate(jax.random.PRNGKey(2), standard(), nuisances())
    t = np.asarray(predict(borexino(), standard(), nuisances()))
    assert np.sum((np.asarray(drawn.observed) - t) ** 2 / t) < 350
    more = np.asarray(predict(borexino(), standard(), nuisances(kr85=2.0)))
    np.testing.assert_allclose(more - t, read_table("borexino_2018_spectrum")["kr85"], rtol=1e-9, atol=1e-9)
    assert borexino().pulls(standard(), nuisances())[2].label == "Borexino phase II events, 360-550 keV"
    with pytest.raises(ValueError, match="Argument `counts` must"):
        borexino().with_counts(jnp.ones(3))
