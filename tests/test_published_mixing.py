"""Results of recent years published as values, curves or surfaces of mixing parameters, beside what was published."""

import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded

from nmmjax import mixing
from nmmjax._combination import check_overlaps
from nmmjax.experiments import (
    DayaBay2022,
    DayaBayMap2022,
    Homestake1998,
    Juno2025,
    KamLAND2011,
    NuFIT53Tables,
    Orca2024,
    Sno2013,
    SnoPlus2026,
    SuperKamiokandeAtmospheric2023,
    SuperKamiokandePhase2023,
)
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.tables import read_table

DAYA_BAY = Path(__file__).parent / "reference" / "daya_bay_2022_delta_chi2.csv"
NO, IO = NormalOrdering(), InvertedOrdering()
NAMES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "dm21", "dm31")
POINT = {NO: (0.31, 0.022, 0.47, -2.3, 7.6e-5, 2.5e-3), IO: (0.31, 0.022, 0.55, -1.5, 7.6e-5, -2.4e-3)}


def theory(sin2_theta12, sin2_theta13, sin2_theta23, delta_cp, dm21, dm31):
    angles = (jnp.arcsin(jnp.sqrt(s)) for s in (sin2_theta12, sin2_theta13, sin2_theta23))
    squared = 1e-4 + jnp.stack([jnp.zeros_like(dm31), dm21, dm31]) - jnp.minimum(dm31, 0.0)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(mixing.pmns(*angles, delta_cp), jnp.sqrt(squared))))


def chi2(experiment, points):
    """-2 ln L at each of many points (n, 6), and its gradient."""

    @jax.jit
    @jax.vmap
    def value_and_gradient(point):
        return jax.value_and_grad(lambda p: -2.0 * experiment.log_likelihood(theory(*p), {}))(point)

    return value_and_gradient(jnp.asarray(points))


def moved(ordering, **values):
    """A point with some of its numbers changed."""
    return [values.get(name, number) for name, number in zip(NAMES, POINT[ordering], strict=True)]


def region(term, axes, level=1.0):
    """Ends of the values of each quantity with a profiled Delta chi^2 below a level."""
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    found = -2.0 * np.asarray(jax.jit(jax.vmap(term.log_likelihood))(lattice.reshape(-1, len(axes))))
    found = found.reshape(lattice.shape[:-1])
    inside = [np.flatnonzero(found.min(tuple({*range(len(axes))} - {k})) <= level) for k in range(len(axes))]
    return [(axis[i[0]], axis[i[-1]]) for axis, i in zip(axes, inside, strict=True)]


def assert_gradient_is_right(experiment, ordering):
    """Against differences, at a point that is not the best one."""
    point = np.array(POINT[ordering])
    steps = 1e-5 * np.abs(point) * np.eye(6)
    value, gradient = chi2(experiment, np.concatenate([[point], point + steps, point - steps]))
    assert np.all(np.isfinite(value))
    difference = (value[1:7] - value[7:]) / (2.0 * np.diag(steps))
    np.testing.assert_allclose(gradient[0] * point, difference * point, rtol=1e-4, atol=1e-4)
    assert np.any(np.abs(gradient[0] * point) > 0.1)


# Values


def test_juno_has_the_published_values_and_errors():
    experiment = Juno2025.load()
    assert experiment.labels == ("sin2_theta12", "dm21")
    best = moved(NO, sin2_theta12=0.3092, dm21=7.50e-5)
    one = [moved(NO, sin2_theta12=0.3092 + s * 0.0087, dm21=7.50e-5) for s in (1, -1)]
    other = [moved(NO, sin2_theta12=0.3092, dm21=7.50e-5 + s * 0.12e-5) for s in (1, -1)]
    both = moved(IO, sin2_theta12=0.3092 + 0.0087, dm21=7.50e-5 - 2 * 0.12e-5)
    value, _ = chi2(experiment, [best, *one, *other, both])
    np.testing.assert_allclose(value, [0.0, 1.0, 1.0, 1.0, 1.0, 5.0], atol=1e-6)
    assert_gradient_is_right(experiment, NO)


def test_sno_plus_has_the_published_value_and_errors():
    experiment = SnoPlus2026.load()
    value, _ = chi2(experiment, [moved(NO, dm21=dm21) for dm21 in (7.93e-5, 8.14e-5, 7.69e-5, 7.45e-5)])
    np.testing.assert_allclose(value, [0.0, 1.0, 1.0, 4.0], atol=1e-6)
    assert_gradient_is_right(experiment, NO)


def test_reactors_of_2025_and_2026_stand_beside_earlier_data():
    earlier = (KamLAND2011, Sno2013, Homestake1998)
    check_overlaps(tuple(kind.load() for kind in (Juno2025, SnoPlus2026, *earlier)))
    check_overlaps((Juno2025.load(), SnoPlus2026.load(), NuFIT53Tables.load()))
    assert (Juno2025.load().holds, SnoPlus2026.load().holds) == ({"juno"}, {"sno_plus"})
    with pytest.raises(ValueError, match="juno_2025 and juno_2025 share juno"):
        check_overlaps((Juno2025.load(), Juno2025.load()))


def test_juno_and_sno_plus_agree_within_two_standard_deviations():
    """The difference of the two splittings in units of its error, that of SNO+ downwards."""
    best = [experiment.load().observed[-1] for experiment in (Juno2025, SnoPlus2026)]
    assert (best[1] - best[0]) / math.hypot(0.12e-5, 0.24e-5) == pytest.approx(1.60, abs=0.01)


# Surfaces and curves


def test_the_map_of_daya_bay_has_the_published_values_and_errors():
    """0.0851 +- 0.0024 and (2.466 +- 0.060)e-3 eV^2."""
    term = DayaBayMap2022.load().terms[0]
    np.testing.assert_allclose(term.best, [0.0851, 2.466e-3], atol=5e-5)
    axes = np.linspace(0.08, 0.09, 201), np.linspace(2.38e-3, 2.55e-3, 171)
    angle, splitting = region(term, axes)
    assert angle == pytest.approx((0.0851 - 0.0024, 0.0851 + 0.0024), abs=2e-4)
    assert splitting == pytest.approx((2.406e-3, 2.526e-3), abs=5e-6)


def test_the_map_of_daya_bay_meets_what_was_published():
    """Nodes in the packaged table and between, and one beyond Delta chi^2 = 50."""
    experiment = DayaBayMap2022.load()
    published = np.loadtxt(DAYA_BAY, delimiter=",", skiprows=4)
    published = published[published[:, 2] < 60.0]
    sin2_theta13 = 0.5 * (1.0 - np.sqrt(1.0 - published[:, 0]))
    dm31 = 1e-3 * published[:, 1] + 7.6e-5
    points = [moved(NO, sin2_theta13=s, dm31=d) for s, d in zip(sin2_theta13, dm31, strict=True)]
    ours = np.asarray(chi2(experiment, points)[0])
    inside = published[:, 2] < 50.0
    assert inside.sum() >= 15
    np.testing.assert_allclose(ours[inside], published[inside, 2], atol=0.005)
    np.testing.assert_allclose(ours[~inside], published[~inside, 2], atol=0.1)


def test_the_map_of_daya_bay_leads_back_from_inverted_ordering():
    experiment = DayaBayMap2022.load()
    assert_gradient_is_right(experiment, NO)
    value, gradient = chi2(experiment, [POINT[IO]])
    assert 1e3 < value[0] < 1e5
    assert gradient[0, 5] < 0.0


def test_daya_bay_is_not_counted_twice():
    with pytest.raises(ValueError, match="daya_bay_2022 and daya_bay_map_2022 share daya_bay"):
        check_overlaps((loaded(DayaBay2022), DayaBayMap2022.load()))
    with pytest.raises(ValueError, match="share daya_bay"):
        check_overlaps((DayaBayMap2022.load(), NuFIT53Tables.load()))
    check_overlaps((DayaBayMap2022.load(), Juno2025.load(), SnoPlus2026.load(), Orca2024.load()))


def test_orca_has_the_published_best_points_and_offset():
    normal, inverted = Orca2024.load(), Orca2024.load(IO)
    np.testing.assert_allclose(normal.observed, [0.509, 2.180e-3], rtol=2e-3)
    np.testing.assert_allclose(inverted.observed, [0.51, -2.07e-3], rtol=1e-2)
    best = [moved(NO, sin2_theta23=0.50904, dm31=2.18024e-3)], [moved(IO, sin2_theta23=0.51, dm31=-2.06667e-3)]
    assert chi2(normal, best[0])[0][0] == pytest.approx(0.0, abs=0.01)
    assert chi2(inverted, best[1])[0][0] == pytest.approx(0.314, abs=0.01)
    assert (float(normal.offset), float(inverted.offset)) == (0.0, 0.314)
    assert normal.counted_from == inverted.counted_from == "orca_2024"
    assert (normal.name, inverted.name) == ("orca_no_2024", "orca_io_2024")
    assert inverted.pulls(theory(*best[1][0]), {})[-1].label == "inverted ordering"


def test_orca_passes_through_the_released_nodes():
    """As it does between them: the three that were not released lie between others."""
    table = read_table("orca_2024")
    for ordering in (NO, IO):
        term, chosen = Orca2024.load(ordering).terms[0], table.where(ordering=ordering.short_name)
        points = np.stack([chosen["sin2_theta23"], chosen["dm31"]], -1)
        ours = -2.0 * np.asarray(jax.jit(jax.vmap(term.log_likelihood))(points)) + float(term.level)
        np.testing.assert_allclose(ours, chosen["delta_chi2"], rtol=0, atol=1e-9)
    line = chosen.where(dm31=-4e-3)
    filled = -2.0 * float(term.log_likelihood(jnp.array([0.41, -4e-3]))) + float(term.level)
    near = [line["delta_chi2"][line["sin2_theta23"] == s].item() for s in (0.40, 0.42)]
    assert filled == pytest.approx(np.mean(near), abs=0.05)


def test_orca_knows_the_splitting_to_a_tenth_and_a_half():
    """sin^2 theta23 and dm31 with Delta chi^2 < 1, and dm31 of inverted ordering with what the ordering costs."""
    axes = np.linspace(0.4, 0.62, 221), np.linspace(1.6e-3, 2.6e-3, 201)
    angle, splitting = region(Orca2024.load().terms[0], axes)
    np.testing.assert_allclose(angle, [0.447, 0.571], atol=2e-3)
    np.testing.assert_allclose(splitting, [1.84e-3, 2.40e-3], atol=0.01e-3)
    _, splitting = region(Orca2024.load(IO).terms[0], (axes[0], -axes[1][::-1]), level=1.0 - 0.314)
    np.testing.assert_allclose(splitting, [-2.25e-3, -1.76e-3], atol=0.01e-3)


@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
def test_orca_leads_back_from_the_other_ordering(ordering):
    experiment = Orca2024.load(ordering)
    assert_gradient_is_right(experiment, ordering)
    value, gradient = chi2(experiment, [POINT[IO if ordering == NO else NO]])
    assert 300.0 < value[0] < 1e4
    assert gradient[0, 5] * ordering.sign < 0.0


def test_the_phase_of_super_kamiokande_has_the_published_interval_and_offset():
    """-1.75 +0.76 -1.25 and 5.69, on nodes that are 0.17 apart."""
    normal, inverted = SuperKamiokandePhase2023.load(), SuperKamiokandePhase2023.load(IO)
    axis = np.linspace(-math.pi, math.pi, 3601)
    ((low, high),) = region(normal.terms[0], [axis])
    assert normal.observed.item() == pytest.approx(-1.75, abs=0.03)
    assert (low, high) == pytest.approx((-1.75 - 1.25, -1.75 + 0.76), abs=0.02)
    assert float(normal.offset) == 0.0
    assert float(inverted.offset) == pytest.approx(5.69, abs=0.005)
    assert normal.counted_from == inverted.counted_from == "super_kamiokande_phase_2023"
    best = [moved(o, delta_cp=e.observed.item()) for o, e in ((NO, normal), (IO, inverted))]
    assert chi2(inverted, [best[1]])[0][0] - chi2(normal, [best[0]])[0][0] == pytest.approx(5.69, abs=0.005)


@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
def test_the_phase_of_super_kamiokande_runs_around_the_circle(ordering):
    experiment = SuperKamiokandePhase2023.load(ordering)
    assert_gradient_is_right(experiment, ordering)
    table = read_table("super_kamiokande_2023_delta_cp").where(ordering=ordering.short_name)
    term, points = experiment.terms[0], np.deg2rad(table["x"])[:, None]
    for turn in (0.0, 2.0 * math.pi):
        ours = -2.0 * np.asarray(jax.jit(jax.vmap(term.log_likelihood))(points + turn)) + float(term.level)
        np.testing.assert_allclose(ours, table["delta_chi2"], rtol=0, atol=1e-9)


def test_atmospheric_results_are_not_counted_twice():
    phase, orca = SuperKamiokandePhase2023.load(), Orca2024.load()
    spectra = loaded(SuperKamiokandeAtmospheric2023)
    with pytest.raises(ValueError, match="super_kamiokande_no_phase_2023 share super_kamiokande/atmospheric"):
        check_overlaps((spectra, phase))
    with pytest.raises(ValueError, match="share super_kamiokande/atmospheric"):
        check_overlaps((phase, NuFIT53Tables.load()))
    with pytest.raises(ValueError, match="orca_no_2024 and orca_io_2024 share km3net"):
        check_overlaps((orca, Orca2024.load(IO)))
    check_overlaps((orca, spectra))
    check_overlaps((orca, phase, Juno2025.load(), SnoPlus2026.load()))


@pytest.mark.parametrize("kind", [Orca2024, SuperKamiokandePhase2023])
@pytest.mark.parametrize("ordering", ["normal", 1, NormalOrdering])
def test_what_is_no_ordering_is_refused_by_name(kind, ordering):
    with pytest.raises(ValueError, match="Argument `ordering` must be"):
        kind.load(ordering)
