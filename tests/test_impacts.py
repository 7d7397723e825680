"""Impacts of nuisances and shares of experiments, on linear fits whose answers are known in closed form."""

import csv
import io
import json
import re

import numpy as np
import numpyro.distributions as dist
import pytest
from linear import Linear, linear_fit, solved
from matplotlib.axes import Axes
from rich.console import Console

from nmmjax import __main__ as cli
from nmmjax import _compilation, decisions, gallery, infer, plots, results
from nmmjax._commands import _shared
from nmmjax.infer import Settings, deciding
from nmmjax.infer._left_out import keeping

FEW = Settings(starts=4)
EXPERIMENTS = (
    Linear("one", 1.0, 0.5, (1.0, 0.3), {"scale": 0.4, "one_rate": 0.1}),
    Linear("two", 2.0, 0.3, (0.2, 1.0), {"scale": -0.3}),
    Linear("three", 0.5, 0.8, (1.0, -1.0), {"three_rate": 1.5}),
)


@pytest.fixture(scope="module")
def found():
    fit = linear_fit(*EXPERIMENTS, one_rate=dist.Normal(0.3, 2.0))
    maximum = infer.maximize(fit, settings=FEW)
    return fit, maximum, infer.laplace(fit, maximum)


def test_impacts_are_those_of_linear_algebra(found):
    fit, maximum, laplace = found
    names, weight, right = solved(fit)
    covariance = np.linalg.inv(weight)
    best, sd = covariance @ right, np.sqrt(np.diag(covariance))
    impacts = infer.impacts(fit, maximum, laplace)
    assert impacts.interest == ("mu", "nu")
    assert impacts.nuisances == ("one_rate", "scale", "three_rate")
    assert impacts.lost == 0
    for place, name in enumerate(impacts.nuisances):
        i = names.index(name)
        center, prior_sd = (0.3, 2.0) if name == "one_rate" else (0.0, 1.0)
        assert impacts.pull[place] == pytest.approx((best[i] - center) / prior_sd, abs=1e-5)
        assert impacts.constraint[place] == pytest.approx(sd[i] / prior_sd, rel=1e-6)
        for side, sign in enumerate((-1.0, 1.0)):
            expected = sign * covariance[i, :2] / covariance[i, i]
            np.testing.assert_allclose(impacts.after[place, side], expected * sd[i], atol=1e-3 * sd[0])
            np.testing.assert_allclose(impacts.before[place, side], expected * prior_sd, atol=1e-3 * sd[0])


def test_leaving_experiments_out_is_linear_algebra_and_one_program(found):
    fit, maximum, _ = found
    compiled = []
    given = {"progress": lambda done: compiled.append(_compilation.programs())}
    estimates = [infer.estimate(fit, maximum), *infer.estimates_without(fit, maximum, **given)]
    assert compiled[0] == compiled[-1]
    assert len(compiled) == 3
    assert [e.without for e in estimates] == [None, "one", "two", "three"]
    for estimate in estimates:
        _, weight, right = solved(fit, estimate.without)
        covariance = np.linalg.inv(weight)
        assert estimate.good
        assert not np.any(estimate.free)
        np.testing.assert_allclose(estimate.best, (covariance @ right)[:2], atol=2e-4)
        np.testing.assert_allclose(estimate.sd, np.sqrt(np.diag(covariance)[:2]), rtol=2e-3)


def by_experiment(fit, maximum, *interest):
    """Estimates by what is left out."""
    found = infer.estimate(fit, maximum, *interest), *infer.estimates_without(fit, maximum, *interest)
    return {one.without: one for one in found}


def test_a_number_that_one_experiment_alone_sees_is_free_without_it():
    fit = linear_fit(Linear("one", 1.0, 0.5, (1.0, 0.0)), Linear("two", 2.0, 0.5, (0.0, 1.0)))
    estimates = by_experiment(fit, infer.maximize(fit, settings=FEW))
    assert estimates[None].free.tolist() == [False, False]
    assert estimates["one"].free.tolist() == [True, False]
    assert estimates["two"].free.tolist() == [False, True]
    np.testing.assert_allclose(estimates["one"].best[1], 2.0, atol=1e-3)


def test_a_quartic_maximum_is_not_free():
    """Fits of r, whose mixing is maximal: ln L falls with the fourth power of ln r."""
    fit = gallery.build(gallery.find("grimus_lavoura_2000"))[""].fit
    maximum = infer.maximize(fit, settings=FEW)
    estimates = by_experiment(fit, maximum, ["r"])
    assert not estimates[None].free[0]
    assert 0.1 < estimates[None].sd[0] < 0.35  # the posterior's is 0.2
    assert estimates["super_kamiokande_2000"].free[0]


def test_what_is_nan_without_an_experiment_does_not_matter():
    """The search without it leads to where its likelihood, and the derivatives of that, are NaN."""
    fit = linear_fit(
        Linear("narrow", 1.0, 0.01, (1.0, 0.0), undefined_below=0.5),
        Linear("other", -3.0, 0.5, (1.0, 0.0)),
        Linear("third", 2.0, 0.5, (0.0, 1.0)),
    )
    maximum = infer.maximize(fit, settings=FEW)
    left = by_experiment(fit, maximum)["narrow"]
    assert left.good
    assert left.best[0] == pytest.approx(-3.0, abs=2e-3)
    assert left.sd[0] == pytest.approx(0.5, rel=1e-2)


def test_kept_experiments_are_those_of_the_fit(found):
    fit, maximum, _ = found
    whole = keeping(fit, np.ones(3, bool)).log_density(maximum.z)
    np.testing.assert_allclose(whole, fit.log_density(maximum.z), rtol=1e-12)
    parameters = fit.space.parameters(maximum.z)
    parts = fit.log_likelihoods(parameters)
    without = keeping(fit, np.array([True, False, True])).log_density(maximum.z)
    np.testing.assert_allclose(whole - without, parts["two"], rtol=1e-12)


def test_cut_normal_priors_count_by_what_was_cut(found):
    """scale would be pulled below its end."""
    fit = linear_fit(*EXPERIMENTS, scale=dist.TruncatedNormal(0.2, 0.5, low=0.0))
    maximum = infer.maximize(fit, settings=FEW)
    laplace = infer.laplace(fit, maximum)
    impacts = infer.impacts(fit, maximum, laplace, ["mu"])
    place = impacts.nuisances.index("scale")
    scale = float(maximum.parameters["scale"])
    assert impacts.pull[place] == pytest.approx((scale - 0.2) / 0.5, abs=1e-6)
    beyond = np.isnan(impacts.before[place, 0, 0])
    assert beyond == (scale - 0.5 < 0.0)


def test_unknown_numbers_are_refused(found):
    fit, maximum, laplace = found
    with pytest.raises(ValueError, match=r"`interest` must be one of .*; did you mean 'mu'"):
        infer.impacts(fit, maximum, laplace, ["muu"])
    for bad in (["mu", "mu"], "mu", []):
        with pytest.raises(ValueError, match="`interest` must be a sequence of different names"):
            infer.impacts(fit, maximum, laplace, bad)


# The command

FILE = '''"""Linear: what decides on two numbers."""

import numpyro.distributions as dist
from linear import linear_fit
from test_impacts import EXPERIMENTS

from nmmjax.analysis import Analysis, Derived, Settings

PAPER = "none: a test"


def build():
    """One fit, and another one with a narrower prior."""
    return {"wide": _build(2.0), "narrow": _build(0.2)}


def _build(width):
    derived = {"twice": Derived(lambda theory: 2.0 * theory.neutrinos.mass_matrix[0, 0].real, r"2 \\mu")}
    fit = linear_fit(*EXPERIMENTS, one_rate=dist.Normal(0.3, width))
    return Analysis(fit, settings=Settings(starts=4), derived=derived)
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "linear_impacts.py").write_text(FILE)
    return tmp_path / "linear_impacts.py"


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


def test_the_command_writes_record_table_and_figures(file, tmp_path, capsys, found):
    out = tmp_path / "out"
    assert run("impacts", file, "mu", "twice", "--hypothesis", "wide", "--out", out) == cli.GOOD
    shown = " ".join(capsys.readouterr().out.split())
    assert "shifts by one standard deviation of each nuisance" in shown
    assert "without one experiment" in shown
    record = json.loads((out / "wide" / "impacts.json").read_text())
    assert record["complete"]
    assert record["verdict"]["good"]
    mu, twice = record["interest"]
    assert twice["best"] == pytest.approx(2.0 * mu["best"], rel=1e-9)
    assert twice["sd"] == pytest.approx(2.0 * mu["sd"], rel=1e-9)
    sizes = [max(map(abs, one["after"])) for one in record["shifts"] if one["parameter"] == "mu"]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 3
    _, weight, right = solved(found[0], "two")
    covariance = np.linalg.inv(weight)
    left = next(one for one in record["without"] if (one["experiment"], one["parameter"]) == ("two", "mu"))
    assert left["best"] == pytest.approx((covariance @ right)[0], abs=1e-3)
    assert left["widening"] == pytest.approx(np.sqrt(covariance[0, 0]) / mu["sd"], rel=1e-2)
    assert left["shift"] == pytest.approx((left["best"] - mu["best"]) / mu["sd"], rel=1e-9)
    table = (out / "wide/impacts.csv").read_text().splitlines()
    lines = list(csv.DictReader(line for line in table if not line.startswith("#")))
    assert [line["what"] for line in lines].count("nuisance") == 6
    assert [line["what"] for line in lines].count("without") == 6
    assert {path.name for path in (out / "wide").glob("*.png")} == {"impacts_mu.png", "impacts_twice.png"}


def test_an_interruption_keeps_what_is_finished_and_the_run_goes_on(file, tmp_path, monkeypatch, capsys):
    without, left = deciding._without, []

    def cut(ask, batch):
        if len(left) == 1:
            raise KeyboardInterrupt
        left.append(batch.first)
        return without(ask, batch)

    given = ("impacts", file, "mu", "--hypothesis", "wide", "--out", tmp_path / "out")
    assert run("impacts", file, "mu", "--hypothesis", "wide", "--out", tmp_path / "whole") == cli.GOOD
    monkeypatch.setattr(deciding, "_without", cut)
    assert run(*given) == cli.NOT_CONVERGED
    assert "keeps what was finished" in " ".join(capsys.readouterr().err.split())
    record = json.loads((tmp_path / "out/wide/impacts.json").read_text())
    assert not record["complete"]
    assert len(record["shifts"]) == 3
    assert not list((tmp_path / "out/wide").glob("*.png"))
    monkeypatch.setattr(deciding, "_without", lambda ask, batch: left.append(batch.first) or without(ask, batch))
    assert run(*given, "--resume") == cli.GOOD
    assert left == [0, 1, 2]
    tables = [(tmp_path / folder / "wide/impacts.csv").read_text() for folder in ("whole", "out")]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("muu",), "`PARAMETER` must be one of .* did you mean .*'mu'"),
        (("mu", "mu"), "`PARAMETER` must be different names, but it is mu mu"),
        (("mu", "--cluster", "nowhere"), "`cluster` must be local:N, "),
        (("--hypothesis", "broad"), "`--hypothesis` must be one of narrow, wide, but it is 'broad'"),
    ],
)
def test_bad_input_is_refused_before_anything_is_searched(arguments, words, file, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(infer, "maximize", None)
    assert run("impacts", file, *arguments, "--out", tmp_path / "out") == cli.USAGE
    assert re.search(words, " ".join(capsys.readouterr().err.split()))


def test_what_is_free_says_so_in_table_and_figure():
    fit = linear_fit(Linear("one", 1.0, 0.5, (1.0, 0.0)), Linear("two", 2.0, 0.5, (0.0, 1.0)))
    maximum = infer.maximize(fit, settings=FEW)
    laplace = infer.laplace(fit, maximum)
    given = infer.impacts(fit, maximum, laplace), [*by_experiment(fit, maximum).values()]
    record = results.impact_record(results.run_record("free", FEW), fit, maximum, laplace, *given, fit.quantities)
    line = next(one for one in record.without if (one.experiment, one.parameter) == ("one", "mu"))
    assert (line.best, line.sd, line.shift) == (None, None, None)
    assert line.note == "without it free: the prior decides"
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(decisions.impacts(record))
    assert "free: the prior decides" in console.export_text()
    texts = [text.get_text() for axes in plots.impacts(record, "mu").findobj(Axes) for text in axes.texts]
    assert "without it free: the prior decides" in texts
    assert record.good
