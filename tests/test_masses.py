"""Effective masses over the lightest mass and over the sum: against a scan of phases, and posteriors upon them."""

import numpy as np
import pytest
import xarray
from toys import toy_result

from nmmjax import figures, plots
from nmmjax.experiments import NuFIT60Gaussian
from nmmjax.experiments.nufit60_gaussian import IC24
from nmmjax.figures.masses import allowed
from nmmjax.low_energy import Dirac
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.plots.masses import lightest_mass
from nmmjax.results.records import Row

ORDERINGS = [NormalOrdering(), InvertedOrdering()]
RNG = np.random.default_rng(2)


def best(ordering):
    experiment = NuFIT60Gaussian.load(ordering, IC24())
    found = dict(zip(experiment.labels, np.asarray(experiment.observed).tolist(), strict=True))
    found["dm3l"] = found.pop("dm31" if ordering.sign > 0 else "dm32")
    return found


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_bands_are_what_phases_reach(ordering):
    """A scan of both Majorana phases through the model of three flavors: within the band, and up to its ends."""
    masses = np.array([1e-3, 4e-3, 0.02, 0.3])
    band = allowed(ordering, 0.0, masses)
    grid = np.linspace(-np.pi, np.pi, 41)
    for k, lightest in enumerate(masses):
        given = best(ordering) | {"lightest_mass": lightest, "ordering": ordering}
        neutrinos = ThreeFlavor.from_sin2(**given).low_energy().neutrinos
        U, m = np.abs(np.asarray(neutrinos.states.mixing)[0]) ** 2, np.asarray(neutrinos.states.masses)
        terms = U[0] * m[0] + U[1] * m[1] * np.exp(1j * grid[:, None]) + U[2] * m[2] * np.exp(1j * grid)
        found = np.abs(terms)
        assert found.max() == pytest.approx(band.greatest[0, k], rel=1e-9)
        assert found.min() >= band.least[0, k] - 1e-12
        assert found.min() == pytest.approx(band.least[0, k], abs=0.06 * band.greatest[0, k])
        assert float(neutrinos.m_beta) == pytest.approx(band.m_beta[0, k], rel=1e-9)
        assert float(neutrinos.states.sum_of_masses) == pytest.approx(band.sum_of_masses[0, k], rel=1e-9)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_three_standard_deviations_hold_random_points(ordering):
    masses = np.array([1e-4, 3e-3, 0.05])
    band = allowed(ordering, 3.0, masses)
    experiment = NuFIT60Gaussian.load(ordering, IC24())
    for _ in range(20):
        point = best(ordering)
        for label, term in zip(experiment.labels, experiment.terms, strict=True):
            shift = RNG.uniform(-3.0, 3.0)
            name = "dm3l" if label.startswith("dm3") else label
            point[name] += shift * float((term.plus if shift > 0.0 else term.minus)[0])
        for k, lightest in enumerate(masses):
            phases = dict(zip(("alpha21", "alpha31"), RNG.uniform(-np.pi, np.pi, 2), strict=True))
            given = point | phases | {"lightest_mass": lightest, "ordering": ordering}
            m = float(ThreeFlavor.from_sin2(**given).low_energy().neutrinos.m_beta_beta)
            assert band.least[:, k].min() - 1e-9 <= m <= band.greatest[:, k].max() + 1e-9


def test_the_lightest_mass_from_the_sum():
    lightest, dm21 = RNG.uniform(0.0, 0.3, 50), np.full(50, 7.5e-5)
    for dm31 in (2.5e-3, -2.4e-3):
        squares = [lightest**2] * 2 if dm31 > 0.0 else [lightest**2 - dm31] * 2
        third = lightest**2 + dm31 if dm31 > 0.0 else lightest**2
        total = np.sqrt(squares[0]) + np.sqrt(squares[1] + dm21) + np.sqrt(third)
        np.testing.assert_allclose(lightest_mass(total, dm21, np.full(50, dm31)), lightest, atol=1e-12)
    assert lightest_mass(np.zeros(1), np.full(1, 7.5e-5), np.full(1, 2.5e-3)) == 0.0


def of_masses(nature=None):
    """A result with draws of the observables at 30 lightest masses."""
    names = ("dm21", "dm31", "sum_of_masses", "m_beta", "m_beta_beta")
    draws = {name: [] for name in names}
    for lightest in np.geomspace(2e-4, 0.2, 30):
        given = best(NormalOrdering()) | {"lightest_mass": lightest} | ({"nature": nature} if nature else {})
        observed = ThreeFlavor.from_sin2(**given).low_energy().neutrinos.observables()
        for name in names:
            draws[name].append(float(observed[name]))
    rows = []
    for name, values in draws.items():
        varies = {"ess_bulk": 30.0, "ess_tail": 30.0} if np.ptp(values) > 1e-12 else {}
        rows.append(Row(name, name, "", False, False, values[0], **varies))
    data = {name: (("chain", "draw"), np.array([values])) for name, values in draws.items()}
    return toy_result("toy", parameters=tuple(rows), posterior=xarray.Dataset(data)), draws


def test_posteriors_stand_where_they_should():
    result, draws = of_masses()
    (axes,) = figures.lobster([result]).axes
    points = axes.lines[0].get_xydata()
    np.testing.assert_allclose(points[:, 0], np.geomspace(2e-4, 0.2, 30), rtol=1e-6)
    np.testing.assert_allclose(points[:, 1], draws["m_beta_beta"], rtol=1e-12)
    labels = {text.get_text() for text in axes.get_legend().get_texts()}
    assert {"toy", "KamLAND-Zen 2024", "normal, best values", "inverted, best values"} < labels
    planes = figures.mass_planes([result]).axes
    assert len(planes) == 3
    np.testing.assert_allclose(planes[2].lines[0].get_xydata()[:, 1], draws["m_beta"], rtol=1e-12)


def test_dirac_neutrinos_have_no_place():
    with pytest.raises(
        ValueError, match=r"`results` must be of Majorana neutrinos, but \|m_beta_beta\| of toy vanishes"
    ):
        figures.lobster([of_masses(Dirac())[0]])


def test_a_maximum_alone_is_a_point():
    result, draws = of_masses()
    rows = tuple(Row(row.name, row.name, "", False, False, row.best) for row in result.parameters)
    (axes,) = figures.lobster([toy_result("toy", parameters=rows)]).axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[2e-4, draws["m_beta_beta"][0]]], rtol=1e-6)


def test_they_are_drawn_without_a_result(tmp_path):
    assert plots.write(figures.lobster(), tmp_path / "lobster.png").stat().st_size > 10000
