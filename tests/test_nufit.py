"""NuFIT: published best values and errors, orderings, pairs, and models that are far from the data."""

import itertools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import mixing
from nmmjax.experiments import NuFIT60Tables, NuFIT61Tables
from nmmjax.experiments.nufit53_tables import OCTANT_PHASE, OCTANT_SPLITTING, PAIRS, REACTOR, SOLAR, NuFIT53Tables, Pair
from nmmjax.experiments.nufit60_gaussian import IC19, IC24, NuFIT60Gaussian
from nmmjax.experiments.nufit61_gaussian import IC23, NuFIT61Gaussian
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.tables import read_table
from nmmjax.three_flavor import NUFIT60, NUFIT61

NO, IO = NormalOrdering(), InvertedOrdering()
DEGREE = math.pi / 180.0

# NuFIT 5.3 (2024), with Super-Kamiokande data: best, plus, minus.
PUBLISHED_53 = {
    NO: {
        "sin2_theta12": (0.307, 0.012, 0.011),
        "sin2_theta13": (0.02224, 0.00056, 0.00057),
        "sin2_theta23": (0.454, 0.019, 0.016),
        "delta_cp": (232 * DEGREE, 39 * DEGREE, 25 * DEGREE),
        "dm21": (7.41e-5, 0.21e-5, 0.20e-5),
        "dm3l": (2.505e-3, 0.024e-3, 0.026e-3),
    },
    IO: {
        "sin2_theta12": (0.307, 0.012, 0.011),
        "sin2_theta13": (0.02222, 0.00069, 0.00057),
        "sin2_theta23": (0.568, 0.016, 0.021),
        "delta_cp": (273 * DEGREE, 24 * DEGREE, 26 * DEGREE),
        "dm21": (7.41e-5, 0.21e-5, 0.20e-5),
        "dm3l": (-2.487e-3, 0.027e-3, 0.024e-3),
    },
}
# Where profiles are taken.
RANGES = {
    "sin2_theta12": (0.27, 0.35),
    "sin2_theta13": (0.0195, 0.025),
    "sin2_theta23": (0.40, 0.62),
    "delta_cp": (-math.pi, math.pi),
    "dm21": (6.9e-5, 8.0e-5),
    "dm3l": (2.38e-3, 2.62e-3),
}


@pytest.fixture(scope="module")
def tables():
    """Every tabulated experiment, by name and choice of pairs."""
    chosen = (), (SOLAR, REACTOR, OCTANT_PHASE), (OCTANT_SPLITTING,)
    loaded = {(ordering, pairs): NuFIT53Tables.load(ordering, pairs) for ordering in (NO, IO) for pairs in chosen}
    return loaded | {"6.0": NuFIT60Tables.load(), "6.1": NuFIT61Tables.load()}


def theory(sin2_theta12, sin2_theta13, sin2_theta23, delta_cp, dm21, dm31, lightest=0.0):
    angles = (jnp.arcsin(jnp.sqrt(s)) for s in (sin2_theta12, sin2_theta13, sin2_theta23))
    squared = lightest**2 + jnp.stack([jnp.zeros_like(dm31), dm21, dm31]) - jnp.minimum(dm31, 0.0)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(mixing.pmns(*angles, delta_cp), jnp.sqrt(squared))))


def theory_at(values, ordering):
    """The theory that has these values of a global fit."""
    named = {name: jnp.asarray(value) for name, value in values.items()}
    dm3l = named.pop("dm3l")
    return theory(**named, dm31=ordering.dm31_from(named["dm21"], dm3l))


def published(release, ordering, atmospheric):
    chosen = read_table(f"{release}_parameters").where(atmospheric=atmospheric.short_name, ordering=ordering.short_name)
    rows = zip(*(chosen[c] for c in ("parameter", "unit", "best", "plus", "minus")), strict=True)
    return {name: np.array(numbers) * (DEGREE if unit == "deg" else 1.0) for name, unit, *numbers in rows}


def profiles(experiment):
    """Parameter -> (values, Delta chi^2 minimized over the partner, best value), for every parameter."""
    found, names = {}, iter(experiment.parameters)
    for term in experiment.terms:
        mine = [next(names) for _ in range(term.best.size)]
        size = 1001 if len(mine) == 1 else 281
        axes = [np.linspace(*RANGES[name], size) * (experiment.ordering.sign if name == "dm3l" else 1) for name in mine]
        lattice = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
        chi2 = -2.0 * np.asarray(jax.jit(jax.vmap(term.log_likelihood))(lattice.reshape(-1, len(mine))))
        chi2 = chi2.reshape(lattice.shape[:-1])
        for k, (name, axis) in enumerate(zip(mine, axes, strict=True)):
            found[name] = axis, chi2 if len(mine) == 1 else chi2.min(1 - k), float(term.best[k])
    return found


def half_width(deviation, chi2, side):
    """Distance from the best value to the first point with Delta chi^2 = 1."""
    outward = np.argsort(side * deviation)
    distance, chi2 = (side * deviation)[outward], chi2[outward]
    last = int(np.argmax((distance > 0.0) & (chi2 > 1.0)))
    return np.interp(1.0, chi2[last - 1 : last + 1], distance[last - 1 : last + 1])


def assert_agrees(experiment, published, tolerance=0.1):
    """Best values and half-widths at Delta chi^2 = 1, each in units of the published error."""
    found = profiles(experiment)
    for name, (best, plus, minus) in published.items():
        values, chi2, ours = found[name]
        distance, deviation = ours - best, values - ours
        if name == "delta_cp":
            distance, deviation = ((d + math.pi) % (2.0 * math.pi) - math.pi for d in (distance, deviation))
        off = (
            distance / (plus if distance > 0.0 else minus),
            half_width(deviation, chi2, 1) / plus - 1.0,
            half_width(deviation, chi2, -1) / minus - 1.0,
        )
        assert max(map(abs, off)) < tolerance, f"{experiment.name} {name}: off by {off} sigma"


CASES = [(NuFIT60Gaussian, ordering, atmospheric) for ordering in (NO, IO) for atmospheric in (IC19(), IC24())]
CASES += [(NuFIT61Gaussian, NO, IC23()), (NuFIT61Gaussian, NO, IC24())]


@pytest.mark.parametrize(("kind", "ordering", "atmospheric"), CASES)
def test_gaussians_have_the_published_values_and_errors(kind, ordering, atmospheric):
    experiment = kind.load(ordering, atmospheric)
    release = kind.__name__[:7].lower()
    assert experiment.name == f"{release}_{atmospheric.short_name}_{ordering.short_name}_gaussian".lower()
    numbers = published(release, ordering, atmospheric)
    assert set(numbers) == set(experiment.parameters)
    for term, name in zip(experiment.terms, experiment.parameters, strict=True):
        best, plus, minus = numbers[name]
        for value, expected in ((best, 0.0), (best + plus, 1.0), (best - minus, 1.0)):
            assert -2.0 * float(term.log_likelihood(jnp.array([value]))) == pytest.approx(expected, abs=1e-8)


def test_published_numbers_of_one_column_are_these():
    """Table 1 of the paper, inverted ordering, IC24 with Super-Kamiokande."""
    expected = {
        "sin2_theta12": (0.308, 0.012, 0.011),
        "sin2_theta13": (0.02231, 0.00056, 0.00056),
        "sin2_theta23": (0.550, 0.012, 0.015),
        "delta_cp": (274 * DEGREE, 22 * DEGREE, 25 * DEGREE),
        "dm21": (7.49e-5, 0.19e-5, 0.19e-5),
        "dm3l": (-2.484e-3, 0.020e-3, 0.020e-3),
    }
    for name, numbers in published("nufit60", IO, IC24()).items():
        np.testing.assert_allclose(numbers, expected[name], rtol=1e-12)


def test_tables_of_60_agree_with_the_published_errors_to_a_tenth_of_a_sigma(tables):
    assert_agrees(tables["6.0"], published("nufit60", NO, IC24()))


def test_tables_of_61_agree_with_the_published_errors_to_a_tenth_of_a_sigma(tables):
    assert_agrees(tables["6.1"], published("nufit61", NO, IC24()))


@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
def test_curves_of_53_agree_with_the_published_errors_to_a_tenth_of_a_sigma(tables, ordering):
    assert_agrees(tables[ordering, ()], PUBLISHED_53[ordering])


@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
@pytest.mark.parametrize("pairs", [(SOLAR, REACTOR, OCTANT_PHASE), (OCTANT_SPLITTING,)], ids=["all_six", "octant"])
def test_surfaces_of_53_profile_to_the_published_errors(tables, ordering, pairs):
    paired = {name for pair in pairs for name in (pair.first, pair.second)}
    published = {name: numbers for name, numbers in PUBLISHED_53[ordering].items() if name in paired}
    assert_agrees(tables[ordering, pairs], published)


def test_pairs_replace_their_curves(tables):
    experiment = tables[NO, (OCTANT_SPLITTING,)]
    assert [term.best.size for term in experiment.terms] == [2, 1, 1, 1, 1]
    assert experiment.parameters == ("sin2_theta23", "dm3l", "sin2_theta12", "sin2_theta13", "delta_cp", "dm21")
    assert experiment.labels == ("sin2_theta23", "dm31", "sin2_theta12", "sin2_theta13", "delta_cp", "dm21")
    full = tables[NO, (SOLAR, REACTOR, OCTANT_PHASE)]
    assert [term.best.size for term in full.terms] == [2, 2, 2]
    assert sorted(full.parameters) == sorted(experiment.parameters)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p.first}-{p.second}")
@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
def test_surfaces_pass_through_the_published_nodes(tables, pair, ordering):
    pairs = (OCTANT_SPLITTING,) if pair is OCTANT_SPLITTING else (SOLAR, REACTOR, OCTANT_PHASE)
    experiment = tables[ordering, pairs]
    term = experiment.terms[pairs.index(pair)]
    table = read_table(f"nufit53_dchi2_2d_{pair.first}_{pair.second}").where(ordering=ordering.short_name)
    convert = {"delta_cp": np.deg2rad, "dm21": lambda x: 10.0**x}
    points = np.stack([convert.get(name, np.asarray)(table[name]) for name in (pair.first, pair.second)], -1)
    ours = -2.0 * jax.jit(jax.vmap(term.log_likelihood))(points) + float(term.level)
    np.testing.assert_allclose(ours, table["delta_chi2"], rtol=0, atol=1e-8)
    # The minimum of the spline lies a little below the least node.
    assert 0.0 <= table["delta_chi2"].min() - float(term.level) < 0.2


def test_nodes_that_were_not_published_lie_above_those_that_were(tables):
    for ordering, pairs in itertools.product((NO, IO), [(SOLAR, REACTOR, OCTANT_PHASE), (OCTANT_SPLITTING,)]):
        for term, pair in zip(tables[ordering, pairs].terms, pairs, strict=False):
            filled = np.asarray(term.spline.z)[:, : -1 if pair is OCTANT_PHASE else None]
            table = read_table(f"nufit53_dchi2_2d_{pair.first}_{pair.second}").where(ordering=ordering.short_name)
            assert np.sort(filled.ravel())[len(table)] > 44.9
            assert filled.max() < 120.0


def test_delta_cp_is_circular(tables):
    full = tables[NO, (SOLAR, REACTOR, OCTANT_PHASE)]
    term = full.terms[2]
    for turns in (-1, 1, 2):
        shifted = term.log_likelihood(jnp.array([0.47, 2.0 + 2.0 * math.pi * turns]))
        assert shifted.item() == pytest.approx(term.log_likelihood(jnp.array([0.47, 2.0])).item(), rel=1e-10)


def test_the_ordering_costs_its_offset_once(tables):
    offsets = {(NO, IC24()): 0.0, (IO, IC24()): 6.1, (NO, IC19()): 0.6, (IO, IC19()): 0.0}
    for (ordering, atmospheric), offset in offsets.items():
        assert float(NuFIT60Gaussian.load(ordering, atmospheric).offset) == offset
    for key, experiment in tables.items():
        inverted = key not in ("6.0", "6.1") and key[0] == IO
        assert float(experiment.offset) == (9.117398 if inverted else 0.0)
    experiment = tables[IO, (OCTANT_SPLITTING,)]
    best = dict(zip(experiment.parameters, experiment.observed, strict=True))
    likelihood = eqx.filter_jit(lambda e, t: e.log_likelihood(t, {}))(experiment, theory_at(best, IO))
    assert -2.0 * float(likelihood) == pytest.approx(9.117398, abs=1e-6)


@pytest.mark.parametrize("ordering", [NO, IO], ids=lambda o: o.short_name)
def test_prediction_and_labels_follow_the_terms(ordering):
    experiment = NuFIT60Gaussian.load(ordering)
    best = dict(zip(experiment.parameters, experiment.observed, strict=True))
    np.testing.assert_allclose(experiment.predict(theory_at(best, ordering), {}), experiment.observed, rtol=1e-8)
    assert experiment.labels[-1] == ("dm31" if ordering == NO else "dm32")
    pulls = experiment.pulls(theory_at(best | {"sin2_theta12": best["sin2_theta12"] + 0.024}, ordering), {})
    ordering_line = [] if ordering == NO else [round(math.sqrt(6.1), 3)]
    assert [round(line.pull, 3) for line in pulls] == [2.0, 0.0, 0.0, 0.0, 0.0, 0.0, *ordering_line]


@pytest.mark.parametrize("tabulated", [False, True], ids=["gaussian", "tables"])
def test_derivatives_are_finite_and_right_at_the_wrong_ordering_and_at_degeneracy(tables, tabulated):
    experiment = tables[IO, (OCTANT_SPLITTING,)] if tabulated else NuFIT60Gaussian.load()
    normal, inverted = [0.31, 0.022, 0.5, -2.0, 7.4e-5, 2.5e-3], [0.31, 0.022, 0.5, -2.0, 7.4e-5, -2.4e-3]
    degenerate = [0.5, 1e-9, 0.5, 0.3, 1e-10, -3.2e-3]
    wrong, right = (normal, inverted) if tabulated else (inverted, normal)
    points = np.array([right, wrong, degenerate])
    steps = 1e-5 * points[1] * np.eye(6)

    @jax.jit
    @jax.vmap
    def value_and_gradient(p):
        return jax.value_and_grad(lambda q: experiment.log_likelihood(theory(*q, lightest=0.01), {}))(p)

    value, gradient = value_and_gradient(np.concatenate([points, points[1] + steps, points[1] - steps]))
    assert np.all(np.isfinite(value))
    assert np.all(np.isfinite(gradient))
    assert value[1] < value[0] - 1000.0
    # Toward zero, and so toward the other ordering, the likelihood improves.
    assert gradient[1, 5] * experiment.ordering.sign > 0.0
    difference = (value[3:9] - value[9:]) / (2.0 * np.diag(steps))
    np.testing.assert_allclose(gradient[1] * points[1], difference * points[1], rtol=1e-4, atol=1e-3)


def test_simulated_data_do_not_recompile(tables):
    experiment = tables["6.0"]
    truth = theory(*jnp.array([0.31, 0.022, 0.5, -2.0, 7.4e-5, 2.5e-3]))
    traces = []

    @eqx.filter_jit
    def likelihood(experiment):
        traces.append(experiment.name)
        return experiment.log_likelihood(truth, {})

    simulate = eqx.filter_jit(lambda key: experiment.simulate(key, truth, {}))
    simulated = [simulate(jax.random.key(seed)) for seed in range(3)]
    numbers = [float(likelihood(e)) for e in (experiment, *simulated)]
    assert len(traces) == 1
    assert len(set(numbers)) == 4
    assert not np.allclose(simulated[0].observed, simulated[1].observed)


def test_what_a_release_has_not_is_refused_by_name():
    """Errors and curves of inverted ordering, and atmospheric data of another release."""
    for kind, what in ((NuFIT61Gaussian, "errors"), (NuFIT61Tables, "curves"), (NuFIT60Tables, "curves")):
        title = f"NuFIT 6.{kind.__name__[6]}"
        with pytest.raises(ValueError, match=f"`ordering` must be normal in {title}, but {what} for inverted ordering"):
            kind.load(ordering=IO)
    with pytest.raises(ValueError, match=r"`atmospheric` must be IC23\(\) or IC24\(\) in NuFIT 6.1, but it is IC19"):
        NuFIT61Gaussian.load(NO, IC19())
    with pytest.raises(ValueError, match=r"`atmospheric` must be IC19\(\) or IC24\(\) in NuFIT 6.0, but it is IC23"):
        NuFIT60Gaussian.published(IO, IC23())
    for choice in ("normal", 1, NormalOrdering):
        with pytest.raises(ValueError, match="Argument `ordering` must be"):
            NuFIT61Tables.load(ordering=choice)


def test_named_points_are_the_best_values_of_their_releases():
    """Of normal ordering with `IC24`; the one with JUNO has half the errors in the solar sector."""
    for point, kind in ((NUFIT60, NuFIT60Gaussian), (NUFIT61, NuFIT61Gaussian)):
        best = {name: numbers[0] for name, numbers in kind.published().items()}
        best["delta_cp"] -= 2.0 * math.pi
        assert point == pytest.approx(best, rel=1e-12)
    before, after = NuFIT60Gaussian.published(), NuFIT61Gaussian.published()
    for name in ("sin2_theta12", "dm21"):
        assert after[name][1] / before[name][1] == pytest.approx(0.53, abs=0.05)


def test_a_pair_twice_or_unpublished_is_refused():
    with pytest.raises(ValueError, match="Argument `pairs` must have no common parameter"):
        NuFIT53Tables.load(NO, (OCTANT_PHASE, OCTANT_SPLITTING))
    with pytest.raises(ValueError, match="Argument `pairs` must be out of"):
        NuFIT53Tables.load(NO, (Pair("dm21", "dm3l"),))


def test_orderings_convert_their_splittings():
    for ordering, dm31 in ((NO, 2.5e-3), (IO, -2.4e-3)):
        dm3l = ordering.dm3l(jnp.asarray(7.5e-5), jnp.asarray(dm31))
        assert float(ordering.dm31_from(jnp.asarray(7.5e-5), dm3l)) == pytest.approx(dm31, rel=1e-14)
        assert np.sign(float(dm3l)) == ordering.sign
        assert jax.tree.leaves(ordering) == []
    assert float(IO.dm3l(jnp.asarray(7.5e-5), jnp.asarray(-2.4e-3))) == pytest.approx(-2.475e-3)
