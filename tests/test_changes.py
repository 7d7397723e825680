"""What is changed of an analysis without editing its file."""

import json

import jax
import jax.numpy as jnp
import numpyro.distributions as dist
import pytest

from nmmjax import __main__ as cli
from nmmjax import _compilation, changes
from nmmjax.analysis import Analysis, Published
from nmmjax.experiments import SolarVacuum2000, SuperKamiokande2000
from nmmjax.fit import Fit
from nmmjax.low_energy import Majorana
from nmmjax.models import GrimusLavoura, ThreeFlavor
from nmmjax.ordering import InvertedOrdering

DATA = (SuperKamiokande2000.load(), SolarVacuum2000.load())
PRIORS = {"a": dist.LogUniform(1e-12, 1e-6), "r": dist.LogUniform(0.2, 5.0), "b": dist.LogUniform(1e-3, 1.0)}
FLAVORS = {"dm21": 7.5e-5, "dm3l": 2.5e-3, "sin2_theta12": 0.31, "sin2_theta13": 0.022}


@pytest.fixture(scope="module")
def analysis():
    published = Published("them", {"b": (0.04, 0.01, 0.01), "r": (1.0, 0.1, 0.1)})
    fit = Fit(GrimusLavoura, DATA, PRIORS)
    return Analysis(fit, limits=("b", "r"), contours=(("a", "b"), ("r", "b")), corner=("a", "r"), published=published)


@pytest.fixture(scope="module")
def flavors():
    return Analysis(Fit(ThreeFlavor.from_sin2, DATA[:1], {"sin2_theta23": dist.Uniform(0.2, 0.8)}, FLAVORS))


def test_what_is_fixed_has_no_prior_and_is_no_longer_shown(analysis):
    changed = changes.applied(analysis, ["fix r=1.2"])
    assert set(changed.fit.priors) == {"a", "b"}
    assert float(changed.fit.fixed["r"]) == 1.2
    assert (changed.limits, changed.contours, changed.corner) == (("b",), (("a", "b"),), ("a",))
    assert [name for name, *_ in changed.published.values] == ["b"]
    assert changed.changes == ("fix r=1.2",)
    assert not analysis.changes
    assert set(analysis.fit.priors) == {"a", "b", "r"}


def test_the_density_is_that_of_a_fit_made_so(analysis):
    changed = changes.applied(analysis, ["fix r=1.2", "prior b=Uniform(0.01, 0.1)", "without solar_vacuum_2000"]).fit
    priors = {"a": PRIORS["a"], "b": dist.Uniform(0.01, 0.1)}
    made = Fit(GrimusLavoura, DATA[:1], priors, {"r": 1.2})
    z = made.space.draw(jax.random.PRNGKey(0))
    assert float(changed.log_density(z)) == float(made.log_density(z))


def test_numbers_that_are_set(flavors):
    changed = changes.applied(flavors, ["set dm3l=-2.4e-3", "set ordering=inverted"]).fit
    assert float(changed.fixed["dm3l"]) == -2.4e-3
    assert changed.fixed["ordering"] == InvertedOrdering()
    assert float(changes.applied(flavors, ["set delta_cp=-1.6"]).fit.fixed["delta_cp"]) == -1.6


def test_what_was_fixed_is_sampled_with_a_prior(flavors):
    changed = changes.applied(flavors, ["prior dm3l=Uniform(2e-3, 3e-3)"]).fit
    assert set(changed.priors) == {"dm3l", "sin2_theta23"}
    assert "dm3l" not in changed.fixed


def test_a_model_that_is_a_function():
    def texture(a, b):
        return jnp.array([[0.0, a, a], [a, b, -b], [a, -b, b]])

    fit = Fit(texture, DATA, {n: dist.Uniform(0.0, 0.1) for n in "ab"}, nature=Majorana())
    changed = changes.applied(Analysis(fit), ["fix a=0.01"]).fit
    made = Fit(texture, DATA, {"b": dist.Uniform(0.0, 0.1)}, {"a": 0.01}, nature=Majorana())
    z = made.space.draw(jax.random.PRNGKey(0))
    assert float(changed.log_density(z)) == float(made.log_density(z))


def test_other_numbers_compile_nothing(flavors):
    density = jax.jit(lambda fit, z: fit.log_density(z))
    z = jnp.zeros(1)
    density(changes.applied(flavors, ["set dm3l=2.4e-3", "prior sin2_theta23=Uniform(0.3, 0.7)"]).fit, z)
    before = _compilation.programs()
    other = changes.applied(flavors, ["set dm3l=2.6e-3", "prior sin2_theta23=Uniform(0.4, 0.6)"]).fit
    density(other, z).block_until_ready()
    assert density._cache_size() == 1
    assert _compilation.programs() - before < 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("hold r=1", "`changes` must be one of fix, prior, set, without, but it is 'hold'"),
        ("set r=1", "`--set` must name what is not sampled, but `r` is: --fix r=1 takes its prior away"),
        ("set q=1", "`--set` must be one of"),
        ("fix q=1", r"`--fix` must be one of a, b, r, but it is 'q'"),
        ("fix r", "`--fix` must be NAME=VALUE, but it is 'r'"),
        ("fix r=one", "`--fix` must give a number, or one of normal"),
        ("fix r=nan", "`--fix` must give a number"),
        ("fix r=1e999", "`--fix` must give a number"),
        ("fix r=-1", "`r` must"),
        ("prior r=Uniform(-1, 1)", "r"),
        ("prior r=Box(0, 1)", "`--prior` must be one of"),
        ("prior q=Uniform(0, 1)", "`--prior` must be one of"),
        ("without chooz", "`--without` must be one of solar_vacuum_2000, super_kamiokande_2000"),
    ],
)
def test_what_makes_no_sense_is_named(analysis, change, message):
    with pytest.raises(ValueError, match=message):
        changes.applied(analysis, [change])


def test_something_must_be_left(analysis, flavors):
    with pytest.raises(ValueError, match="`--without` must leave an experiment"):
        changes.applied(flavors, ["without super_kamiokande_2000"])
    with pytest.raises(ValueError, match="`--fix` must leave something to be sampled"):
        changes.applied(flavors, ["fix sin2_theta23=0.5"])
    with pytest.raises(ValueError, match="`b` is fixed already: --set b=2 changes it"):
        changes.applied(analysis, ["fix b=0.1", "fix b=2"])


def test_the_command_line_says_the_same(tmp_path, capsys):
    out = tmp_path / "out"
    given = ["fit", "grimus_lavoura_2000", "--map-only", "--fix", "r=1.2", "--without", "chooz_1999"]
    cli.main([*given, "--out", str(out)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "fix r=1.2, without chooz_1999" in shown
    summary = json.loads((out / "summary.json").read_text())
    assert summary["run"]["changes"] == ["fix r=1.2", "without chooz_1999"]
    assert summary["fixed"]["r"] == 1.2
    assert [one["name"] for one in summary["experiments"]] == ["super_kamiokande_2000", "solar_vacuum_2000"]
    assert cli.main(["fit", "grimus_lavoura_2000", "--fix", "q=1", "--out", str(out)]) == cli.USAGE
    assert "must be one of" in " ".join(capsys.readouterr().err.split())
