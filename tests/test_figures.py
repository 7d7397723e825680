"""Figures of the oscillation engine: what is drawn is what the library computes."""

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from jax.tree_util import Partial
from matplotlib.collections import QuadMesh
from matplotlib.container import ErrorbarContainer
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import decays, gallery, infer, mixing, moments, oscillation, plots
from nmmjax import figures as package
from nmmjax._commands import _shared
from nmmjax.analysis import Analysis
from nmmjax.experiments import BorexinoRates2019, Gallium2010, Homestake1998, KamLAND2011, Sno2013
from nmmjax.figures import oscillation as figures
from nmmjax.figures import portal
from nmmjax.fit import Fit
from nmmjax.infer import Profile
from nmmjax.media import SolarModel
from nmmjax.models import ThreeFlavor
from nmmjax.plots import Curve
from nmmjax.results import LimitRecord, Row
from nmmjax.scattering import dipole_portal, dipole_proton
from nmmjax.scattering.nucleus import Nucleus

ENERGY, COSINES = np.array([1e3, 4e3, 3e4]), np.array([-1.0, -0.5])
MAP = np.arange(6.0).reshape(2, 3) / 6
POINTS = 5
LINE = Curve("line", np.array([1.0, 2.0]), np.array([0.4, 0.6]), np.array([0.1, 0.2]))


def meshes(figure):
    """(label, array) of the maps in a figure."""
    maps = [(axes.get_title(), c) for axes in figure.axes for c in axes.collections if isinstance(c, QuadMesh)]
    return [(title, mesh.get_array().reshape(mesh.get_array().shape[:2])) for title, mesh in maps if title]


def error_bars(axes):
    """(label, x, y, half lengths) of the data in a panel."""
    for container in axes.containers:
        if isinstance(container, ErrorbarContainer):
            line, _, (bars,) = container.lines
            yield container.get_label(), *line.get_data(orig=False), [np.ptp(s[:, 1]) / 2 for s in bars.get_segments()]


# Through the Earth


def test_parameters_are_those_of_the_global_fit():
    measured = figures.nufit60()
    model = ThreeFlavor.benchmark()
    assert set(measured.best) == set(measured.error)
    np.testing.assert_allclose(measured.best["sin2_theta23"], np.sin(model.theta23) ** 2)
    np.testing.assert_allclose(measured.best["delta_cp"], model.delta_cp + 2 * np.pi)
    np.testing.assert_allclose(measured.error["delta_cp"], np.radians(33.5))
    np.testing.assert_allclose(measured.error["dm31"], 0.020e-3)
    expected = model.low_energy().neutrinos.mass_squared
    np.testing.assert_allclose(figures.mass_squared(measured.best), expected, atol=1e-15)


def test_oscillogram_draws_the_probabilities():
    figure = figures.oscillogram(POINTS)
    best = figures.nufit60().best
    angles = [np.arcsin(np.sqrt(best[f"sin2_theta{ij}"])) for ij in (12, 13, 23)]
    matrix = mixing.mass_squared_matrix(mixing.pmns(*angles, best["delta_cp"]), best["dm21"], best["dm31"])
    drawn = dict(meshes(figure))
    places = {r"$P(\nu_\mu\to\nu_\mu)$": (False, 1), r"$P(\nu_\mu\to\nu_e)$": (False, 0)}
    places[r"$P(\bar\nu_\mu\to\bar\nu_e)$"] = (True, 0)
    assert list(drawn) == list(places)
    energy, cosines = 1e3 * 30 ** (np.arange(5) / 4), np.arange(-4, 1)[:, None] / 4
    for title, (antineutrino, flavor) in places.items():
        P = oscillation.probability(matrix, energy, oscillation.ThroughEarth(cosines), antineutrino=antineutrino)
        np.testing.assert_allclose(drawn[title], P[..., 1, flavor], atol=1e-10)
    panel = figure.axes[0]
    assert panel.get_xlabel() == "energy [GeV]"
    np.testing.assert_allclose(panel.get_xlim(), (1, 30))
    np.testing.assert_allclose(panel.lines[0].get_ydata(), -np.sqrt(1 - (3480 / 6371) ** 2))


def test_oscillograd_draws_derivatives_times_errors():
    drawn = [array for _, array in meshes(figures.oscillograd(POINTS))]
    measured = figures.nufit60()
    energy, cosines = jnp.geomspace(1e3, 3e4, POINTS), jnp.linspace(-1.0, 0.0, POINTS)
    assert len(drawn) == 6
    for column, name in enumerate(("delta_cp", "sin2_theta23", "dm31")):
        step = 1e-4 * measured.error[name]
        up, down = (
            figures.muon_probability(measured.best | {name: measured.best[name] + s}, energy, cosines)
            for s in (step, -step)
        )
        for row, flavor in enumerate((0, 1)):
            difference = (up - down)[..., flavor] / 2e-4
            assert np.max(np.abs(difference)) > 1e-3
            np.testing.assert_allclose(drawn[3 * row + column], difference, atol=1e-7)


def test_colors_of_an_oscillograd_are_symmetric():
    figure = plots.oscillograd(ENERGY, COSINES, {"a": {"p": MAP, "q": -MAP}}, boundaries={"core": -0.8})
    maps = [axes.collections[0] for axes in figure.axes[:2]]
    assert all(-mesh.norm.vmin == mesh.norm.vmax > 0.8 for mesh in maps)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.oscillogram(ENERGY, COSINES, {}), "`probabilities` must hold one array or more"),
        (lambda: plots.oscillogram(ENERGY, COSINES, {"a": MAP.T}), r"must have shape \(2, 3\), \(zeniths, energies\)"),
        (lambda: plots.oscillogram(ENERGY, COSINES, {"a": 2 + MAP}), r"`probabilities\['a'\]` must lie in"),
        (lambda: plots.oscillogram(-ENERGY, COSINES, {"a": MAP}), "`energy` must lie in"),
        (lambda: plots.oscillogram(ENERGY[::-1], COSINES, {"a": MAP}), "`energy` must be an ascending array"),
        (lambda: plots.oscillogram(ENERGY, 2 * COSINES, {"a": MAP}), "`cos_zenith` must lie in"),
        (lambda: plots.oscillograd(ENERGY, COSINES, {}), "`changes` must hold the same parameters"),
        (lambda: plots.oscillograd(ENERGY, COSINES, {"a": {"p": MAP}, "b": {"q": MAP}}), "must hold the same param"),
        (lambda: plots.oscillograd(ENERGY, COSINES, {"a": {"p": np.nan * MAP}}), "must be finite"),
        (lambda: figures.oscillogram(1), "`points` must be 2 or more"),
        (lambda: plots.reactor_survival(LINE._replace(error=None), (), baseline=180.0), "must be given with data"),
        (lambda: plots.reactor_survival(LINE, (), baseline=0.0), "`baseline` must lie in"),
        (lambda: plots.reactor_survival(LINE, (LINE._replace(y=np.ones(3)),), baseline=180.0), "must have the shape"),
        (lambda: plots.solar_survival((LINE._replace(error=-LINE.error),), (LINE,), limits={}), "must lie in"),
        (lambda: plots.solar_survival((LINE,), (), limits={}), "`curves` must hold one curve or more"),
        (lambda: plots.solar_survival((LINE,), (LINE,), limits={}, bands=(LINE._replace(error=None),)), "be given"),
    ],
)
def test_bad_input(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


# Fitted to reactors and to the Sun


@pytest.fixture(scope="module")
def solutions():
    """Two parameters of Gaussian toys in place of the maxima: what is drawn of them is the same arithmetic."""
    model = ThreeFlavor.from_sin2
    experiments = (
        KamLAND2011.load(),
        Homestake1998.load(),
        Gallium2010.load(),
        BorexinoRates2019.load(),
        Sno2013.load(),
    )
    priors = {"sin2_theta12": dist.Uniform(0.1, 0.5), "dm21": dist.Uniform(1e-5, 1.2e-4)}
    fixed = {"dm3l": 2.5e-3, "sin2_theta13": 0.022, "sin2_theta23": 0.5}
    fixed |= {name: 0.5 for experiment in experiments for name in experiment.nuisances()}
    fit = Fit(model, experiments, priors, fixed)
    covariance = np.array([[0.25e-5**2, 0.0], [0.0, 0.015**2]])  # of dm21, sin2_theta12
    best = {"sin2_theta12": jnp.asarray(0.3), "dm21": jnp.asarray(7.5e-5)}
    z = jnp.zeros(2)
    maximum = infer.Maximum(best, z, 0.0, 0.0, 0.0, infer.Status.CONVERGED, (), np.zeros((1, 2)), np.zeros(1))
    approximation = infer.Laplace(fit.space.labels, np.eye(2), np.eye(2), covariance, True)
    solution = figures.Solution(fit, maximum, approximation)
    elsewhere = solution._replace(maximum=maximum._replace(parameters=best | {"dm21": jnp.asarray(5e-5)}))
    return {"kamland": solution, "sun": elsewhere, "together": solution}


def test_error_of_a_curve(solutions):
    x = np.array([1.0, 2.0])
    curve = solutions["sun"].curve(
        "", x, Partial(lambda p: jnp.array([2.0, 1.0]) * p["sin2_theta12"] + 1e3 * p["dm21"])
    )
    np.testing.assert_allclose(curve.y, [0.65, 0.35])
    np.testing.assert_allclose(curve.error, np.hypot([0.03, 0.015], 0.0025))


def test_kamland_draws_its_survival_curve(solutions):
    figure = figures.kamland_l_over_e(solutions)
    axes = figure.axes[0]
    kamland = solutions["kamland"]
    experiment = kamland.fit.experiments[0]
    _, theory, nuisance = kamland.fit.point(kamland.maximum.parameters)
    expected = experiment.survival_curve(theory, nuisance, merge=4)
    ((_, x, y, error),) = error_bars(axes)
    np.testing.assert_allclose(x, expected.baseline_over_energy)
    np.testing.assert_allclose(y, expected.measured)
    np.testing.assert_allclose(error, expected.errors)
    fine = experiment.survival_curve(theory, nuisance, merge=1)
    lines = {line.get_label(): line for line in axes.lines}
    best = next(line for label, line in lines.items() if label.startswith("best fit"))
    drawn = np.interp(np.sort(fine.baseline_over_energy), *best.get_data())
    np.testing.assert_allclose(drawn[::-1], fine.predicted, atol=2e-3)
    assert any("5.00" in label for label in lines)


def test_solar_draws_survival_of_every_experiment(solutions):
    axes = figures.solar_survival(solutions, 40).axes[0]
    together = solutions["together"]
    drawn = list(error_bars(axes))
    for kind, (_, x, y, error) in zip((BorexinoRates2019, Homestake1998, Gallium2010, Sno2013), drawn, strict=True):
        points = next(e for e in together.fit.experiments if isinstance(e, kind)).survival()
        np.testing.assert_allclose(x, [p.energy for p in points], rtol=0.12)
        np.testing.assert_allclose(y, [p.probability for p in points])
        np.testing.assert_allclose(error, [p.error for p in points])
    every = np.sort(np.concatenate([x for _, x, _, _ in drawn]))
    assert np.min(np.diff(np.log(every))) > 0.02
    curve = next(line for line in axes.lines if "7.50" in line.get_label())
    energy, P = curve.get_data()
    mass_squared = together.fit.point(together.maximum.parameters).theory.neutrinos.mass_squared
    exact = oscillation.probability(mass_squared, energy[7::8], oscillation.FromSun(SolarModel.b16_gs98(), "b8"))[:, 0]
    np.testing.assert_allclose(P[7::8], exact, atol=1e-6)
    # sin^2(theta12) = 0.3 and sin^2(theta13) = 0.022, by hand
    levels = {note.get_text(): note.xy[1] for note in axes.texts}
    np.testing.assert_allclose(levels["averaged in vacuum"], 0.978**2 * (1 - 0.5 * 4 * 0.3 * 0.7) + 0.022**2)
    np.testing.assert_allclose(levels["dominated by matter"], 0.978**2 * 0.3 + 0.022**2)


def test_data_at_one_energy_are_drawn_side_by_side():
    data = [Curve(name, np.array(x), np.full(len(x), 0.5), np.full(len(x), 0.1)) for name, x in
            (("a", [1.0, 5.0]), ("b", [1.0, 1.01]))]  # fmt: skip
    (_, first, _, _), (_, second, _, _) = error_bars(plots.solar_survival(data, (LINE,), limits={}).axes[0])
    x = np.array([*second, first[0]])
    assert first[1] == pytest.approx(5.0)
    assert np.min(np.diff(np.sort(np.log(x)))) > 0.05
    assert np.mean(np.log(x)) == pytest.approx(np.log(1.01) / 3)


def test_a_missing_solution(solutions):
    with pytest.raises(ValueError, match="`solutions` must"):
        figures.solar_survival({"sun": solutions["sun"]})


def test_the_analysis_is_shipped():
    assert figures.ANALYSIS in gallery.analyses()


# The command


LONG = ("level_crossings", "portal_reach", "solar_flips", "supernova_burst")
"""Of half a minute each, to be drawn by themselves."""


def test_the_command_writes_every_figure(solutions, tmp_path, capsys, monkeypatch):
    """What each draws is tested above: here most are one curve."""
    drawn = plots.reactor_survival(LINE, (), baseline=180.0)
    monkeypatch.setattr(
        package, "FITTED", dict.fromkeys(figures.FITTED, lambda found: drawn if len(found) == 3 else None)
    )
    for name in set(package.PLAIN) - {"moment_limits"}:
        monkeypatch.setitem(package.PLAIN, name, lambda: drawn)
    for name in package.MAPS:
        monkeypatch.setitem(package.MAPS, name, lambda points: drawn)
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setattr(gallery, "build", lambda entry: {name: Analysis(s.fit) for name, s in solutions.items()})
    known = iter(solutions.values())
    monkeypatch.setattr(package, "solve", lambda fit: next(known))
    assert cli.main(["figures", "--out", str(tmp_path), "--points", str(POINTS), "--format", "pdf"]) == cli.GOOD
    names = {f"{name}.pdf" for name in (*package.PLAIN, *package.MAPS, *package.FITTED)}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert all(path.read_bytes().startswith(b"%PDF") for path in tmp_path.iterdir())
    text = capsys.readouterr().out
    assert all(name in text.replace("\n", "") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_long_figures(name):
    """Every panel has curves, of finite numbers."""
    for axes in package.PLAIN[name]().axes:
        drawn = [line.get_ydata() for line in axes.lines]
        assert all(np.all(np.isfinite(np.asarray(y, float))) for y in drawn)
        assert drawn or axes.patches or axes.collections


def test_a_bad_maximum_is_not_drawn(solutions, monkeypatch):
    good = solutions["sun"]
    monkeypatch.setattr(infer, "maximize", lambda fit: good.maximum._replace(status=infer.Status.GRADIENT))
    monkeypatch.setattr(infer, "laplace", lambda fit, maximum: good.approximation)
    with pytest.raises(FloatingPointError, match="the gradient does not vanish"):
        figures.solve(good.fit)


@pytest.mark.slow
def test_the_maxima_are_those_of_the_analysis():
    fits = gallery.build(gallery.find(figures.ANALYSIS))
    assert {"kamland", "sun", "together"} <= set(fits)
    solution = figures.solve(fits["together"].fit)
    assert solution.maximum.parameters["dm21"] == pytest.approx(7.54e-5, rel=0.01)
    assert solution.maximum.parameters["sin2_theta12"] == pytest.approx(0.304, abs=0.005)


# Hypotheses together


def profiled(name, best, low, high):
    """A result with a paraboloid as its profile."""
    x, y = np.linspace(low, high, 25), np.linspace(0.2, 0.4, 21)
    heights = ((x[:, None] - best) / 4e-6) ** 2 + ((y - 0.3) / 0.02) ** 2
    rows = (
        Row("dm21", "x", "eV^2", sampled=True, circular=False, best=best),
        Row("sin2_theta12", "y", "", sampled=True, circular=False, best=0.3),
    )
    profiles = (Profile(("dm21", "sin2_theta12"), (x, y), heights),)
    return toy_result(f"both/{name}", parameters=rows, profiles=profiles)


def test_contours_of_hypotheses_share_their_axes(tmp_path):
    """The Sun's range reaches the next power of ten, and its numbers still stand beside those of the reactors."""
    both = [profiled("reactors", 7.5e-5, 6e-5, 9e-5), profiled("sun", 5e-5, 2e-5, 1.1e-4)]
    (path,) = plots.draw_together(both, tmp_path)
    assert path.name == "contours_sin2_theta12_dm21.png"
    assert path.stat().st_size > 10000
    axes = plots.contours(both, ("dm21", "sin2_theta12")).axes[0]
    crosses = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "+"]
    np.testing.assert_allclose(crosses, [(0.3, 0.75), (0.3, 0.5)])
    assert axes.get_ylabel() == r"$x$ [$10^{-4}$ eV$^2$]"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["reactors", "sun"]
    one_sigma = axes.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(one_sigma[:, 1].max(), 0.75 + 0.04 * np.sqrt(2.2957), rtol=2e-3)


def test_nothing_is_drawn_of_one_hypothesis(tmp_path):
    assert plots.draw_together([profiled("sun", 5e-5, 2e-5, 1e-4)], tmp_path) == []


def curve_of(name, width):
    """A result with a parabola as the profile of one parameter, and its limits."""
    grid = np.linspace(0.0, 5.0 * width, 60)
    row = Row("moment", r"\mu", "mu_B", sampled=True, circular=False, best=0.0)
    limit = LimitRecord("moment", None, width * 2.705543454**0.5, width * 1.642374415**0.5)
    profiles = (Profile(("moment",), (grid,), (grid / width) ** 2),)
    return toy_result(f"both/{name}", parameters=(row,), limits=(limit,), profiles=profiles)


def test_profiles_of_one_parameter(tmp_path):
    """Dots where the levels of 90 % are crossed; hypotheses on one axis, logarithmic where they lie far apart."""
    saved = curve_of("one", 4e-12)
    (axes,) = plots.profile(saved, "moment").axes
    dots = sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o")
    np.testing.assert_allclose(dots, [0.4 * 1.642374415**0.5, 0.4 * 2.705543454**0.5])
    (path,) = plots.draw_together([saved, curve_of("two", 6e-12)], tmp_path)
    assert path.name == "profiles_moment.png"
    assert plots.profiles([saved, curve_of("two", 6e-12)], "moment").axes[0].get_xscale() == "linear"


def test_recoil_spectra_draw_data_and_bands():
    """Counts of both experiments; the band lies above the background everywhere."""
    left, right = package.recoil_spectra().axes
    assert (left.get_title(), right.get_title()) == ("XENON1T", "XENONnT")
    for axes, total in ((left, 1261), (right, 433)):
        (bars,) = axes.containers
        assert float(np.sum(bars.lines[0].get_ydata())) == total
        band = axes.collections[0].get_paths()[0].vertices[:, 1]
        background = axes.patches[1].get_data().values
        assert background.max() < band.max()


def test_cross_sections_rise_as_one_over_t():
    """Weak: flat; moments: 1/T; a charge: 1/T^2."""
    curves = {line.get_label(): line.get_data() for line in package.electron_cross_sections().axes[0].lines}
    slopes = {name: np.diff(np.log(y[:2])) / np.diff(np.log(x[:2])) for name, (x, y) in curves.items()}
    moments_of = [slope for name, slope in slopes.items() if name.startswith(r"$\mu_\nu")]
    np.testing.assert_allclose(moments_of, -1.0, atol=1e-3)
    assert abs(slopes[r"weak, $\nu_e$"]) < 1e-3
    assert -2.2 < next(slope for name, slope in slopes.items() if "q_" in name) < -1.9


def test_limits_are_those_of_the_table():
    """One mark for every limit, a bar for the interval of XENON1T, and mechanisms below."""
    axes, mechanisms = package.moment_limits().axes
    assert len(axes.get_yticklabels()) == 18
    labels = [text.get_text() for text in mechanisms.get_yticklabels()]
    assert len(labels) == 9
    marks = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "|"]
    assert len(marks) == 17
    assert min(marks) == 1.2e-12
    assert sum("W" in label for label in labels) == 2


def test_double_bangs_by_hand():
    """One energy, a power law and decays that are rare: flux x molecules x section x way / length."""
    low, high = 1e6, 1e6 * 1.0001
    found = float(portal.double_bangs(np.array([1.0]), np.array([1e-8]), 1.0, (low, high))[0, 0])
    E, m = 1e9, 1.0
    oxygen = Nucleus.load("O")
    section = float(dipole_portal.primakoff_cross_section(E, m, oxygen, moment=1e-8))
    section += float(dipole_proton.elastic_cross_section(E, m, nucleus=oxygen, moment=1e-8))
    section += 2 * float(dipole_proton.elastic_cross_section(E, m, moment=1e-8))
    section += 18 * float(dipole_proton.inelastic_cross_section(E, m, moment=1e-8))
    length = float(decays.decay_length(decays.heavy_neutrino_radiative_rate(1e-8, m, majorana=False), E, m))
    neutrinos = 1e-8 / 1e6 * np.log(high / low) * 25 / 24 * 2 * np.pi * 3.156e8
    molecules = 0.917e15 / 18.015 * 6.02214076e23
    assert found == pytest.approx(neutrinos * molecules * section * 0.98 / length, rel=1e-3)


def test_a_supernova_holds_n_that_are_trapped():
    """Too little of it, much of it, and what does not come out."""
    little, much, trapped = portal.supernova(np.array([10.0]), np.array([1e-12, 5e-11, 1e-8]))[0]
    assert little < 3e52 < much
    assert trapped < 3e52


def test_conundrum_draws_what_the_models_say():
    """The line of Dirac neutrinos, the naive one, and the two loops of the symmetric mechanism."""
    axes = package.conundrum().axes[0]
    lines = [line.get_data() for line in axes.lines]
    at_one_ev = [np.interp(0.0, np.log10(x), np.log10(y)) for x, y in lines[:5]]
    np.testing.assert_allclose(at_one_ev[0], np.log10(3.2026e-19), atol=1e-3)
    for drawn, scale in zip(at_one_ev[2:], (100.0, 1000.0, 1e4), strict=True):
        np.testing.assert_allclose(drawn, -np.log10(float(moments.expected_mass(1.0, scale))), atol=1e-9)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(labels) == 5
    assert axes.get_xlabel() == "neutrino mass [eV]"


def test_muon_correlation_draws_the_model_and_the_data():
    """Delta a_mu goes as the moment, by f'^2 E / (48 pi^2 m^2) over f f'; the muon's excess as published."""
    axes = package.muon_correlation().axes[0]
    curves = [line for line in axes.lines if line.get_label().startswith("$f")]
    assert len(curves) == 6
    light = curves[1]
    moment, anomaly = light.get_data()
    np.testing.assert_allclose(anomaly / moment, anomaly[0] / moment[0], rtol=1e-9)
    leading = sum(s / m**2 * (np.log(m**2 / 1.77693**2) - 1) for s, m in ((1, 200.0), (-1, 600.0)))
    moment_per_product = 0.51099895e-3 * 1.77693 * leading / (8 * np.pi**2)
    charged = 0.5 * (1 / 200.0**2 + 1 / 600.0**2)
    anomaly_per_square = 0.1056584**2 * (2 / 200.0**2 - 0.03**2 * charged) / (96 * np.pi**2)
    np.testing.assert_allclose(anomaly[0] / moment[0], anomaly_per_square / 0.03 / moment_per_product, rtol=0.01)
    bands = [patch for patch in axes.patches if patch.get_width() == 1]
    ends = [(band.get_y(), band.get_y() + band.get_height()) for band in bands]
    np.testing.assert_allclose(ends, [(21.61e-10, 30.69e-10), (3e-13, 10.22e-10)], atol=1e-12)


# Any number of curves


def many(number):
    x = np.array([1.0, 2.0, 3.0])
    return [Curve(f"curve {k}", x, 1e-46 * (k + x), np.full(3, 1e-47)) for k in range(number)]


def looks(lines):
    """(color, dash pattern) of every line: curves of one look cannot be told apart."""
    return [(line.get_color(), str(line._unscaled_dash_pattern)) for line in lines]


def test_cross_sections_take_any_number_of_curves():
    for number in (1, 8, 19):
        lines = plots.cross_sections(many(number), "").axes[0].lines
        assert [line.get_label() for line in lines] == [f"curve {k}" for k in range(number)]
        assert len(set(looks(lines))) == number
    families = [curve._replace(family="even" if k % 2 == 0 else "odd") for k, curve in enumerate(many(10))]
    found = looks(plots.cross_sections(families, "").axes[0].lines)
    assert len({color for color, _ in found}) == 2
    assert len(set(found)) == 10


def test_every_mechanism_is_drawn():
    x = np.array([1.0, 10.0])
    spans = [plots.Span(f"mechanism {k}", x, 1e-15 * x) for k in range(9)]
    lines = [Curve(f"line {k}", x, 1e-18 * x) for k in range(4)]
    figure = plots.conundrum(lines, spans, guides=many(6), limits=[], masses={"known": 1.0})
    assert len(figure.axes[0].lines) == 4 + 6 + 9
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [span.label for span in spans]
    assert len(set(looks(figure.axes[0].lines[-9:]))) == 9


def test_survival_takes_any_number_of_curves():
    figure = plots.solar_survival(many(12), many(8), limits={}, born_elsewhere=many(9), bands=many(7))
    assert len(list(error_bars(figure.axes[0]))) == 12
    lines = [line for line in figure.axes[0].lines if line.get_label().startswith("curve")]
    assert len(set(looks(lines[:8]))) == 8
    assert len(set(looks(lines[8:17]))) == 9
    with pytest.raises(ValueError, match="names of 'line'"):
        plots.solar_survival((LINE._replace(names=("one", "two", "three")),), (LINE,), limits={})
