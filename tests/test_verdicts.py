"""What a result says about itself: kinds of maxima, modes and chains, several peaks, what has no p-value."""

import dataclasses
import io
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import numpyro.distributions as dist
import pytest
import scipy.stats
from rich.console import Console
from toys import DATA, WIDTHS, Landscape, LogSplittings, landscape_fit, toy_result

from nmmjax import infer, plots, report, results
from nmmjax.experiments.base import Spectrum
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.fit import Fit
from nmmjax.infer import Draws, Settings, Status
from nmmjax.infer._checkpoint import Progressed
from nmmjax.infer.sampling import _STATISTICS, _draws
from nmmjax.models import GrimusLavoura
from nmmjax.results import DrawnSpectrum, unrolled
from nmmjax.results.modes import mode_records, unvisited
from nmmjax.results.peaks import intervals
from nmmjax.results.records import ModeRecord
from nmmjax.space import Space

FEW = Settings(starts=8, warmup=200, samples=300)


def across(y):
    return -0.5 * ((y - 0.5) / 0.2) ** 2


def two_wells(x, y):
    """Maxima at x = -1.5 and 1.5, the latter higher by 0.3, and no way between them."""
    return -80.0 * (x**2 - 2.25) ** 2 + 0.1 * x + across(y)


def searched(function, **priors):
    return infer.maximize(landscape_fit(function, **priors), settings=FEW)


# Kinds of maxima


@pytest.mark.parametrize(
    ("function", "status", "along"),
    [
        (lambda x, y: -((x - 1.0) ** 2) + across(y), Status.CONVERGED, ()),
        (lambda x, y: 5.0 * x + across(y), Status.BOUND, ()),
        (lambda x, y: 0.0 * x * y, Status.FLAT, ()),
        (lambda x, y: jnp.log(1e-30 + jnp.exp(-0.5 * ((x - 2.0) / 1e-4) ** 2)), Status.FLAT, ()),
        (lambda x, y: -(jnp.floor(4.0 * x) ** 2) + across(y), Status.STEPS, ("x",)),
        (lambda x, y: -jnp.argmax(jnp.stack([x, 0.0 * x, -1.0 - x])) * 1.0, Status.STEPS, ("x",)),
        (lambda x, y: -(jnp.maximum(jnp.abs(x) - 1.0, 0.0) ** 2) + across(y), Status.PLATEAU, ("x",)),
    ],
    ids=["smooth", "bound", "constant", "floor_far_away", "floor", "argmax", "plateau"],
)
def test_a_point_says_what_it_is(function, status, along):
    found = searched(function)
    assert found.status is status
    assert found.along == along
    assert found.good == (status in (Status.CONVERGED, Status.BOUND))


def test_what_is_no_maximum_is_said_to_be_none():
    fit = landscape_fit(lambda x, y: -(jnp.floor(4.0 * x) ** 2) + across(y))
    found = infer.maximize(fit, settings=FEW)
    result = results.at_maximum(fit, found, infer.laplace(fit, found))
    assert not result.good
    assert "has no gradient" in result.verdict.reasons[0]
    assert "(along x)" in result.verdict.reasons[0]
    assert result.maximum.along == ("x",)


@pytest.mark.parametrize(
    ("function", "x", "y"),
    [
        (lambda x, y: -30.0 * jnp.abs(x - 0.7) + across(y), 0.7, None),
        (lambda x, y: -30.0 * jnp.abs(x - 0.7) - 20.0 * jnp.abs(y + 0.2), 0.7, -0.2),
        (lambda x, y: -300.0 * jnp.abs(x - 0.7 + 0.3 * y) - 50.0 * (y - 1.0) ** 2, 0.4, 1.0),
    ],
    ids=["ridge", "corner", "oblique"],
)
def test_a_kink_is_a_maximum(function, x, y):
    """No point nearby is higher, although the slope there is 30 and more; both it and a smooth one are found."""
    fit = landscape_fit(function)
    found = infer.maximize(fit, settings=FEW)
    assert found.status is Status.KINK
    assert found.good
    assert float(found.parameters["x"]) == pytest.approx(x, abs=0.01)
    if y is not None:
        assert float(found.parameters["y"]) == pytest.approx(y, abs=0.01)
    result = results.at_maximum(fit, found, infer.laplace(fit, found))
    assert result.good
    assert "a kink" in result.verdict.notes[0]
    assert result.maximum.distinct_modes == 1


def in_the_middle(priors, keys):
    return np.zeros((len(keys), Space(priors).size))


def test_a_saddle_is_climbed_out_of(monkeypatch):
    """All starts at x = 0, where the slope in x vanishes by symmetry and both sides are higher."""
    monkeypatch.setattr(infer.optimization, "drawn", in_the_middle)
    found = searched(lambda x, y: -((x**2 - 1.0) ** 2) + across(y))
    assert found.status is Status.CONVERGED
    assert abs(float(found.parameters["x"])) == pytest.approx(1.0, rel=1e-6)


def test_a_saddle_is_no_maximum(monkeypatch):
    """Where the way out is barred, it is named with its direction."""
    monkeypatch.setattr(infer.optimization, "drawn", in_the_middle)
    monkeypatch.setattr(infer.optimization, "_SADDLES", 0)
    found = searched(lambda x, y: -((x**2 - 1.0) ** 2) + across(y))
    assert found.status is Status.SADDLE
    assert found.along == ("x",)
    assert not found.good


def test_modes_at_one_bound_count_once():
    found = searched(lambda x, y: 5.0 * x**2 + 0.1 * x + across(y))
    assert found.at_bound == ("x",)
    assert len(found.modes) == 2  # one at each end of the prior


def test_searches_that_end_beyond_one_bound_have_found_one_mode():
    """Where the density still rises between them."""
    fit = landscape_fit(lambda x, y: 1e4 * x + across(y))
    z = np.array([[12.0, 0.0], [10.0, 0.0]])
    values = np.array([float(fit.log_density(jnp.asarray(one), jacobian=False)) for one in z])
    assert values[0] - values[1] > 0.5
    found = infer.maximize(fit, settings=FEW)._replace(modes=z, mode_log_densities=values)
    assert len(mode_records(fit, found)) == 1


# NaN


@jax.custom_jvp
def once(x):
    """x, whose second derivative is NaN."""
    return x


@jax.custom_jvp
def _slope(x):
    return jnp.ones_like(x)


once.defjvp(lambda primals, tangents: (primals[0], tangents[0] * _slope(*primals)))
_slope.defjvp(lambda primals, tangents: (_slope(*primals), tangents[0] * jnp.nan))


def test_second_derivatives_that_are_nan_are_said_to_be():
    fit = landscape_fit(lambda x, y: once(-((x - 1.0) ** 2)) + across(y))
    found = infer.maximize(fit, settings=FEW)
    assert found.status is Status.UNDEFINED
    assert "x" in found.along
    laplace = infer.laplace(fit, found)
    assert not laplace.good
    assert np.all(np.isfinite(laplace.covariance))
    assert not results.at_maximum(fit, found, laplace).good


def test_nan_is_counted_and_named():
    fit = landscape_fit(lambda x, y: jnp.where(x > 1.5, jnp.nan, -20.0 * x**2) + across(y))
    (found,) = infer.screen(fit, points=2000)
    assert found.term == "landscape"
    assert found.share == pytest.approx(0.25, abs=0.03)
    assert float(found.example["x"]) > 1.5
    maximum = infer.maximize(fit, settings=FEW)
    result = results.at_maximum(fit, maximum, infer.laplace(fit, maximum))
    (note,) = (note for note in result.verdict.notes if "NaN" in note)
    assert note.startswith("landscape is NaN")
    assert "% of the prior, for example at {'x': " in note


def test_what_is_impossible_is_no_nan():
    fit = landscape_fit(lambda x, y: jnp.where(x > 1.5, -jnp.inf, -20.0 * x**2) + across(y))
    assert infer.screen(fit) == ()


# Chains and modes


def drawn(fit, centers, *, count=300, spread=0.02, depth=10, steps=7):
    """Independent draws around one point of z or, half of them each, several, for each chain."""
    rng = np.random.default_rng(1)
    chains = []
    for own in centers:
        around = np.repeat(np.atleast_2d(own), -(-count // len(np.atleast_2d(own))), axis=0)[:count]
        chains.append(rng.permutation(around) + spread * rng.normal(size=around.shape))
    z = np.array(chains)
    shape = z.shape[:2]
    statistics = {
        "potential_energy": rng.normal(size=shape),
        "energy": rng.normal(size=shape),
        "num_steps": np.full(shape, steps),
        "accept_prob": np.full(shape, 0.9),
        "diverging": np.zeros(shape, bool),
    }
    return Draws(z, statistics, 100, 1.0, True, depth)


@pytest.fixture(scope="module")
def wells():
    """The fit, its result at the maximum, and its modes in z: that at 1.5 comes first."""
    fit = landscape_fit(two_wells)
    maximum = infer.maximize(fit, settings=FEW)
    return fit, results.at_maximum(fit, maximum, infer.laplace(fit, maximum)), np.asarray(maximum.modes)


def test_modes_are_recorded_with_their_shares(wells):
    _, result, modes = wells
    assert len(modes) == result.maximum.distinct_modes == 2
    assert [mode.parameters["x"] for mode in result.maximum.modes] == pytest.approx([1.5, -1.5], abs=2e-3)
    shares = [mode.share for mode in result.maximum.modes]
    assert shares[0] / shares[1] == pytest.approx(math.exp(0.3), rel=0.02)


def test_chains_in_two_modes_say_which_sits_where(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [right, left, right, left]))
    assert not found.good
    (words,) = (reason for reason in found.verdict.reasons if "modes" in reason)
    assert words.startswith("2 modes between which chains do not pass: x = 1.5")
    assert "in chains 0, 2; x = -1.5" in words
    assert "in chains 1, 3;" in words
    assert "--sampler smc" in words


def test_chains_in_modes_that_the_search_has_not_found(wells):
    """By the draws themselves, which sit at x = -1.5 and 2.6."""
    fit, result, (_, left) = wells
    other = np.asarray(fit.space.vector({"x": 2.6, "y": 0.5}))
    known = msgspec.structs.replace(result.maximum, modes=result.maximum.modes[1:])
    result = msgspec.structs.replace(result, maximum=known)
    found = results.with_draws(result, fit, drawn(fit, [left, other, other]))
    (words,) = (reason for reason in found.verdict.reasons if "modes" in reason)
    assert words.startswith("2 modes between which chains do not pass: x about -1.5")
    assert "in chain 0; x about 2.6" in words
    assert "in chains 1, 2;" in words


def test_a_mode_that_no_chain_has_visited(wells):
    fit, result, (right, _) = wells
    found = results.with_draws(result, fit, drawn(fit, [right] * 4))
    assert found.verdict.reasons == (
        f"no chain has visited the mode at x = {result.maximum.modes[1].parameters['x']:.4g}: "
        "sample with --sampler smc, run more chains than there are modes, or narrow the prior",
    )


def test_a_mode_counts_by_its_mass_beside_the_heaviest():
    """Seventeen alike, of which one was not seen; then that one much lighter than the others."""
    fit, light = landscape_fit(two_wells), np.linspace(-2.0, 2.0, 17)
    records = [
        ModeRecord(0.0, share, 0.0, tuple(fit.space.vector({"x": x, "y": 0.5}).tolist()), {"x": x, "y": 0.5})
        for x, share in zip(light, np.full(17, 1 / 17), strict=True)
    ]
    modes = np.array([record.z for record in records])
    some = drawn(fit, [modes[1:]] * 4, spread=0.001)
    assert unvisited(fit.space, records, some) == ("x = -2",)
    assert unvisited(fit.space, [msgspec.structs.replace(records[0], share=0.009 / 17), *records[1:]], some) == ()


def test_chains_that_pass_between_modes_are_good(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [[right, left]] * 4))
    assert found.good, found.verdict.reasons


def test_modes_have_weights_with_errors_where_chains_pass(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [[right, left, left]] * 4, count=900))
    one, other = found.maximum.modes
    assert one.weight == pytest.approx(1.0 / 3.0, abs=5.0 * one.weight_error)
    assert one.weight + other.weight == pytest.approx(1.0)
    assert one.weight_error == pytest.approx(math.sqrt(2.0 / 9.0 / 3600.0), rel=0.3)
    assert (one.delta_chi2, other.delta_chi2) == pytest.approx((0.0, 0.6), abs=0.02)
    assert one.apart == f"x = {one.parameters['x']:.4g}"
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.result(found))
    text = console.export_text()
    (line,) = (line for line in text.splitlines() if line.strip().startswith("x = -1.5"))
    assert f"{other.weight:.3f}" in line
    assert "share of draws" in text
    assert "modes: maxima parted by valleys" in text


def test_weights_of_modes_between_which_chains_do_not_pass_are_worth_nothing(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [right, left, right, left]))
    assert found.maximum.modes[0].weight == 0.5
    assert found.maximum.modes[0].weight_error > 0.15


def test_one_chain_proves_nothing(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [[right, left]], count=1000))
    (words,) = found.verdict.reasons
    assert words.startswith("one chain has neither R-hat nor effective sample size")
    assert all(row.rhat is None and not row.ess for row in found.parameters if row.sampled)
    assert found.row("x").intervals
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.result(found))
    line = next(line for line in console.export_text().splitlines() if line.strip().startswith("y"))
    assert len(line.split()) == 6


def test_one_chain_in_one_of_two_modes_is_told(wells):
    """What one chain of NUTS makes of a likelihood that r and 1 / r fit alike."""
    fit, result, (right, _) = wells
    found = results.with_draws(result, fit, drawn(fit, [right], count=4000))
    assert not found.good
    assert any("no chain has visited" in reason and "--sampler smc" in reason for reason in found.verdict.reasons)


def test_saturated_trajectories_are_mentioned(wells):
    fit, result, modes = wells
    cut = results.with_draws(result, fit, drawn(fit, [modes] * 4, depth=3))
    assert cut.good
    assert cut.sampling.saturated == 1.0
    assert "100 % of the trajectories were cut at 7 steps (max_tree_depth = 3)" in cut.verdict.notes[-1]
    free = results.with_draws(result, fit, drawn(fit, [modes] * 4, depth=4))
    assert free.sampling.saturated == 0.0
    assert free.verdict.notes == result.verdict.notes


def test_draws_know_the_depth_of_their_sampler():
    run = Progressed(600, None, ({name: np.ones((1, 1)) for name in ("z", *_STATISTICS)},), 1.0)
    assert _draws(run, dataclasses.replace(FEW, max_tree_depth=3)).max_tree_depth == 3


# Several peaks


def test_intervals_over_two_peaks_are_two():
    """Two normal peaks of equal weight: in each, that of a normal distribution."""
    rng = np.random.default_rng(0)
    draws = np.concatenate([rng.normal(0.0, 0.1, 20000), rng.normal(3.0, 0.2, 20000)])
    narrow, wide = intervals(draws, 0.9, 4000.0)
    densities = [np.exp(-0.5 * ((x - m) / s) ** 2) / s for x, m, s in ((narrow[0], 0, 0.1), (wide[0], 3, 0.2))]
    assert densities[0] == pytest.approx(densities[1], rel=0.15)
    inside = ((draws > narrow[0]) & (draws < narrow[1])) | ((draws > wide[0]) & (draws < wide[1]))
    assert inside.mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("kind", ["standard_normal", "standard_exponential", "standard_cauchy", "lognormal", "uniform"])
def test_one_peak_has_no_second_interval(kind):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert intervals(getattr(rng, kind)(size=2000), 0.9, 500.0) == ()


@pytest.mark.parametrize("steps", [1, 30, 1000])
def test_a_number_that_only_rounding_moves_has_no_peaks(steps):
    draws = 0.5 + np.finfo(float).eps * np.random.default_rng(0).integers(0, steps + 1, 4000)
    assert intervals(draws, 0.9, 2000.0) == ()


def test_phases_are_cut_where_none_is():
    """Peaks at 0 and pi, the latter across the seam."""
    rng = np.random.default_rng(0)
    phases = np.concatenate([rng.normal(math.pi, 0.2, 1000), rng.normal(0.0, 0.2, 1000)])
    wrapped = np.angle(np.exp(1j * phases))
    found = unrolled(wrapped)
    np.testing.assert_allclose(np.exp(1j * found), np.exp(1j * wrapped), atol=1e-12)
    assert np.ptp(found) < 4.9
    assert len(intervals(found, 0.9, 1000.0)) == 2


def test_two_peaks_reach_table_and_figures(wells):
    fit, result, (right, left) = wells
    found = results.with_draws(result, fit, drawn(fit, [[right, left]] * 4))
    row = found.row("x")
    (a, b), (c, d) = row.intervals
    assert a < -1.5 < b < c < 1.5 < d
    assert found.row("y").intervals == ()
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.result(found))
    text = console.export_text()
    assert "several peaks, with the highest-density interval of each: x" in text
    assert f"{a:.4g}" in text
    assert f"{d:.4g}" in text
    panel = plots.corner(found).axes[0]
    low, high = panel.get_xlim()
    drawn_draws = found.draws("x")
    assert low < drawn_draws.min() - 0.05
    assert high > drawn_draws.max() + 0.05
    heights = panel.lines[0].get_ydata()
    assert heights[0] < 0.01 * max(heights)
    assert heights[-1] < 0.01 * max(heights)


# p-values


class Predicting(eqx.Module):
    """Three of ten bins expect so many events."""

    expected: float

    def predict(self, theory, nuisance):
        return jnp.where(jnp.arange(10) < 3, self.expected, 100.0)


@pytest.mark.parametrize(("expected", "why"), [(4.9, "30 % of the bins expect fewer than 5 events"), (5.1, None)])
def test_sparse_counts_do_not_follow_chi2(expected, why):
    assert BinnedCounts.not_chi2(Predicting(expected), None, {}) == why
    assert Landscape(two_wells).not_chi2(None, {}) is None


def test_pulls_of_nuisances_belong_to_chi2():
    """One splitting that is held off its datum, from which a nuisance of unit width takes a tenth of itself."""
    held = {"m0": float(np.exp(0.5 * DATA[0])), "dm21": float(np.exp(DATA[1] - 2.0 * WIDTHS[1]))}
    fit = Fit(GrimusLavoura.from_splittings, (LogSplittings(DATA),), {"r": dist.LogUniform(0.1, 10.0)}, held)
    maximum = infer.maximize(fit, settings=FEW)
    found = results.at_maximum(fit, maximum, infer.laplace(fit, maximum))
    strength = 0.1 / float(WIDTHS[1])
    pull = 2.0 * strength / (1.0 + strength**2)
    off = float(np.log(-fit.derived(maximum.parameters)["dm31"] / held["m0"] ** 2))
    assert found.goodness.auxiliary == pytest.approx(pull**2, rel=1e-3)
    assert found.goodness.total == pytest.approx(4.0 / (1.0 + strength**2) + (off / float(WIDTHS[0])) ** 2, rel=1e-3)
    assert found.goodness.p_value == pytest.approx(scipy.stats.chi2.sf(found.goodness.total, 2), rel=1e-9)
    assert f"chi2 = {found.goodness.chi2:.1f} + {pull**2:.1f} of nuisances" in str(report.verdict(found))


def test_a_withheld_p_value_is_explained(monkeypatch):
    fit = landscape_fit(two_wells)
    maximum = infer.maximize(fit, settings=FEW)
    laplace = infer.laplace(fit, maximum)
    assert results.at_maximum(fit, maximum, laplace).goodness.p_value is not None
    monkeypatch.setattr(Landscape, "not_chi2", lambda self, theory, nuisance: "few events")
    result = results.at_maximum(fit, maximum, laplace)
    assert result.goodness.p_value is None
    assert result.goodness.withheld == "landscape: few events"
    assert "no p-value (landscape: few events)" in str(report.verdict(result))


# Ratios


@pytest.mark.parametrize(
    ("quantity", "label", "height"), [("events", "events per MeV", 4.0), ("data / no oscillation", None, 2.0)]
)
def test_ratios_are_drawn_as_ratios(quantity, label, height):
    edges, ones = np.array([0.0, 0.5, 1.0]), np.ones(2)
    drawn = DrawnSpectrum("r", ("",), (edges,), "energy", "MeV", ones, 0.1 * ones, 2.0 * np.ones((3, 2)), quantity)
    figure = plots.spectrum(toy_result("toy", spectra=(drawn,)), "r")
    assert figure.axes[0].get_ylabel() == (label or quantity)
    np.testing.assert_allclose(figure.axes[0].patches[0].get_data().values, height)


class Ratios(Landscape):
    """Three ratios that nothing moves, whose bins say what they are or do not."""

    quantity: str | None = eqx.field(static=True, default=None)

    def predict(self, theory, nuisance):
        return jnp.ones(3) + 0.0 * nuisance["x"]

    def errors(self):
        return 0.1 * jnp.ones(3)

    def spectrum(self):
        return Spectrum(("",), (jnp.arange(4.0),), "energy", "MeV", self.quantity)


@pytest.mark.parametrize("quantity", [None, "data / no oscillation"])
def test_only_counts_are_events_unless_said(quantity, wells):
    fit, result, modes = wells
    experiment = Ratios(two_wells)
    object.__setattr__(experiment, "quantity", quantity)
    ratios = eqx.tree_at(lambda fit: fit.experiments, fit, (experiment,))
    (spectrum,) = results.with_draws(result, ratios, drawn(fit, [modes] * 4)).spectra
    assert spectrum.quantity == (quantity or "data")
