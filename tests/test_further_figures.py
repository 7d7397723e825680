"""Flavors at a telescope, against averages of probabilities; and further figures of results by the command."""

import jax.numpy as jnp
import numpy as np
import pytest
import xarray
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import figures, mixing, oscillation, plots, results
from nmmjax._arguments import parser
from nmmjax.plots.telescope import SOURCES, at_earth, corner_of
from nmmjax.plots.triangles import corner_of as corner
from nmmjax.results.records import Row

RNG = np.random.default_rng(4)
ANGLES = {"sin2_theta12": 0.308, "sin2_theta13": 0.0222, "sin2_theta23": 0.47, "delta_cp": -2.6}
U = np.asarray(mixing.pmns(*(np.arcsin(np.sqrt(ANGLES[f"sin2_theta{k}"])) for k in (12, 13, 23)), ANGLES["delta_cp"]))


def with_draws(name, varying, draws=25):
    rows, data = [], {}
    for label, best in ANGLES.items():
        ess = {"ess_bulk": 20.0, "ess_tail": 20.0} if label in varying else {}
        rows.append(Row(label, rf"x_{{{label[-2:]}}}", "", True, label == "delta_cp", best, **ess))
        values = RNG.normal(best, 0.01, (2, draws)) if label in varying else np.full((2, draws), best)
        data[label] = (("chain", "draw"), values)
    return toy_result(name, parameters=tuple(rows), posterior=xarray.Dataset(data))


@pytest.mark.parametrize("shares", SOURCES.values(), ids=SOURCES)
def test_shares_are_averages_of_probabilities(shares):
    """Over energies so many that every phase comes about: to the noise of 4000 of them."""
    matrix = mixing.mass_squared_matrix(U, 7.5e-5, 2.5e-3)
    energy = 10.0 ** RNG.uniform(0.0, 1.0, 4000)
    P = np.asarray(oscillation.probability(matrix, jnp.asarray(energy), oscillation.Uniform(3e7, density=0.0)))
    expected = np.asarray(shares) @ P.mean(0)
    found = at_earth(shares, np.abs(U)[None] ** 2)[0]
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_equal_shares_stay():
    np.testing.assert_allclose(at_earth(np.full(3, 1 / 3), np.abs(U)[None] ** 2), 1 / 3, atol=1e-12)


def test_corners_of_the_triangle():
    np.testing.assert_allclose(corner_of(np.eye(3)), [[1.0, 0.5, 0.0], [0.0, np.sqrt(0.75), 0.0]], atol=1e-15)
    x, y = corner_of(np.array([0.2, 0.3, 0.5]))
    assert y / np.sqrt(0.75) == pytest.approx(0.3)
    assert x - 0.5 * 0.3 == pytest.approx(0.2)


def test_marks_stand_at_the_maximum():
    (axes,) = plots.flavors([with_draws("toy", {"sin2_theta23", "delta_cp"})]).axes
    labelled = {line.get_label(): line.get_xydata()[0] for line in axes.lines if line.get_label()[0] != "_"}
    expected = corner_of(at_earth((0.0, 1.0, 0.0), np.abs(U)[None] ** 2)[0])
    np.testing.assert_allclose(labelled["damped muons (0 : 1 : 0)"], expected, rtol=1e-9)
    clouds = [line for line in axes.lines if len(line.get_xdata()) == 50]
    assert len(clouds) == 3
    several = plots.flavors([with_draws("one", {"delta_cp"}), with_draws("other", set())]).axes[0]
    words = {text.get_text() for text in several.get_legend().get_texts()}
    assert {"one: pion decay (1 : 2 : 0)", "other: neutron decay (1 : 0 : 0)"} < words


def with_splittings(name, varying):
    """Of all that oscillations depend on."""
    found = with_draws(name, varying)
    rows = (Row("dm21", "x", "eV^2", True, False, 7.5e-5), Row("dm31", "x", "eV^2", True, False, 2.5e-3))
    return toy_result(name, parameters=(*found.parameters, *rows), posterior=found.posterior)


def test_probabilities_are_those_of_the_draws():
    """The line at the maximum, the band of 95 % by quantiles of probabilities of every draw, and L/E above."""
    result = with_splittings("toy", {"sin2_theta23", "delta_cp"})
    axes = figures.probabilities([result, with_splittings("held", set())]).axes
    assert len(axes) == 3
    energy, best = axes[0].lines[0].get_xydata().T
    path = oscillation.Uniform(1285.0, density=2.848)
    found = []
    for s23, delta in zip(*(result.draws(name).ravel() for name in ("sin2_theta23", "delta_cp")), strict=True):
        mixed = mixing.pmns(*(np.arcsin(np.sqrt(s)) for s in (0.308, 0.0222, s23)), delta)
        matrix = mixing.mass_squared_matrix(mixed, 7.5e-5, 2.5e-3)
        found.append(np.asarray(oscillation.probability(matrix, jnp.asarray(1000.0 * energy[200]), path))[1, 0])
    at_best = mixing.mass_squared_matrix(U, 7.5e-5, 2.5e-3)
    expected = np.asarray(oscillation.probability(at_best, jnp.asarray(1000.0 * energy), path))[:, 1, 0]
    np.testing.assert_allclose(best, expected, rtol=1e-9)
    band = axes[0].collections[0].get_paths()[0].vertices
    at = band[np.isclose(band[:, 0], energy[200], rtol=1e-9), 1]
    np.testing.assert_allclose([at.min(), at.max()], np.quantile(found, (0.025, 0.975)), rtol=1e-6)
    (above,) = axes[2].child_axes
    assert above.get_xlabel() == "$L/E$ [km/MeV]"
    axes[0].figure.draw_without_rendering()
    (above,) = axes[0].child_axes
    assert above.get_xlabel() == "$L/E$ [km/GeV]"
    np.testing.assert_allclose(sorted(above.get_xlim()), [1285.0 / 8.0, 1285.0 / 0.5], rtol=1e-9)
    with pytest.raises(ValueError, match="`results` must be one or more"):
        figures.probabilities([])


def test_the_triangle_closes_and_its_height_is_the_jarlskog_invariant():
    """Sides 1, z - 1 and -z are the three terms over the first one; Im z = -J / |U_e1 U_mu1|^2."""
    (z,) = corner(U[None])
    terms = U[0] * U[1].conj() / (U[0, 0] * U[1, 0].conj())
    np.testing.assert_allclose([1.0, z - 1.0, -z], terms, atol=1e-12)
    J = float(mixing.jarlskog(U))
    assert z.imag == pytest.approx(-J / abs(U[0, 0] * U[1, 0]) ** 2, rel=1e-9)
    (axes,) = plots.triangle([with_draws("toy", {"sin2_theta23", "delta_cp"})]).axes
    outline = axes.lines[1].get_xydata()
    np.testing.assert_allclose(outline, [[0, 0], [1, 0], [z.real, z.imag], [0, 0]], atol=1e-9)
    assert len(axes.lines[0].get_xdata()) == 50


def test_correlations():
    result = with_draws("toy", {"sin2_theta12", "sin2_theta23"})
    data = result.posterior
    data["sin2_theta23"] = -2.0 * data["sin2_theta12"]
    axes = plots.correlations([result]).axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[1.0, -1.0], [-1.0, 1.0]], atol=1e-12)
    assert [text.get_text() for text in axes.texts] == ["+1.00", "-1.00", "-1.00", "+1.00"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["$x_{12}$", "$x_{23}$"]
    with pytest.raises(ValueError, match="have two parameters that vary, but toy has 1"):
        plots.correlations([with_draws("toy", {"delta_cp"})])


def test_the_command_draws_them(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(results, "load", lambda folder: with_draws("toy", {"sin2_theta12", "sin2_theta23"}))
    assert cli.main(["plot", str(tmp_path / "toy"), "--also", "flavors", "correlations"]) == cli.GOOD
    for name in ("flavors", "correlations"):
        assert (tmp_path / "toy" / f"{name}.png").stat().st_size > 10000
    with pytest.raises(SystemExit):
        cli.main(["plot", str(tmp_path / "toy"), "--also", "unicorn"])
    assert "choose from" in capsys.readouterr().err


def test_names_on_the_command_line_are_those_that_are_drawn():
    words = parser(None).parse_args(["plot", "folder", "--also", *figures.FURTHER])
    assert words.also == list(figures.FURTHER)
