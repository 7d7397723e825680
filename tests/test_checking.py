"""What `infer.inspect` finds in fits with known faults, and what `nmmjax check` says."""

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from test_cli import keep_host_devices, run, user_fit  # noqa: F401  (fixtures)
from test_profiles import Diagonal
from toys import SETTINGS, landscape_fit, toy_fit

from nmmjax import __main__ as cli
from nmmjax import infer, report
from nmmjax.fit import Fit
from nmmjax.low_energy import Majorana

POINTS = 64


def inspected(function, **priors):
    return infer.inspect(landscape_fit(function, **priors), settings=SETTINGS, points=POINTS)


def printed(found, capsys):
    from rich.console import Console

    Console(width=300).print(report.inspection("mine", found))
    return capsys.readouterr().out


def test_a_good_fit_has_nothing_wrong():
    """Widths of the posterior are known: those of the data, with the prior of the shift."""
    priors = {"m0": dist.LogUniform(1e-2, 1.0), "dm21": dist.LogUniform(1e-10, 1e-5)}
    found = infer.inspect(toy_fit(priors=priors), settings=SETTINGS, points=POINTS)
    assert found.good, found.problems
    assert found.finite == 1.0
    assert found.undefined == found.infinite == found.wrong_slopes == found.unseen == ()
    assert found.flat == (("toy_shift",),)  # ln dm21 + 0.1 of it is measured, and dm21 is free
    posterior, prior = found.widths["toy_shift"]
    assert posterior / prior > 0.99
    assert found.decided_by_prior == ("toy_shift",)
    assert all(posterior < 0.3 * prior for name, (posterior, prior) in found.widths.items() if name != "toy_shift")
    assert 0 < found.cost.gradient < 1.0
    assert found.cost.run[1] == pytest.approx(31 / 7 * found.cost.run[0])


def test_a_parameter_that_no_datum_sees_is_named(capsys):
    found = inspected(lambda x, y: -0.5 * (x - 1.0) ** 2 / 0.01 + 0.0 * y)
    assert not found.good
    assert found.unseen == ("y",)
    assert "no datum sees y" in printed(found, capsys)
    with pytest.raises(AssertionError):
        assert inspected(lambda x, y: -0.5 * (x - 1.0) ** 2 / 0.01 - 1e-3 * y**2).unseen


def test_a_direction_that_no_datum_sees_is_named():

    def model(a, b, c):
        return jnp.diag(jnp.stack([a + b, c, jnp.ones_like(c)]))

    priors = {name: dist.Normal(0.0, 1.0) for name in "abc"}
    fit = Fit(model, (Diagonal([0.3, 0.5]),), priors, nature=Majorana())
    found = infer.inspect(fit, settings=SETTINGS, points=POINTS)
    assert found.unseen == ()
    assert found.flat == (("a", "b"),)
    assert "flat at the maximum: a, b together" in found.remarks


def test_a_quartic_maximum_is_not_flat():
    found = inspected(lambda x, y: -10.0 * x**4 - 50.0 * y**2)
    assert found.flat == ()
    posterior, prior = found.widths["x"]
    assert posterior < 0.4 * prior


def test_a_term_that_is_nan_is_named_with_its_point(capsys):
    found = inspected(lambda x, y: jnp.sqrt(x + 2.0) - 3.0 * (x - 1.0) ** 2 - y**2)
    (one,) = found.undefined
    assert one.term == "landscape"
    assert one.share == pytest.approx(1 / 6, abs=0.12)
    assert float(one.example["x"]) < -2.0
    assert not found.good
    text = printed(found, capsys)
    assert "landscape is NaN at" in text
    assert "landscape: NaN, for example at x = -2." in text


def test_a_density_that_is_nowhere_finite_says_so(capsys):
    found = inspected(lambda x, y: jnp.log(-1.0 - x**2) + y)
    assert found.finite == 0.0
    assert found.maximum is None
    assert not found.good
    assert "landscape is NaN at 100.0% of the prior" in printed(found, capsys)
    impossible = inspected(lambda x, y: -jnp.inf * jnp.where(x > 2.9, 0.5, 1.0) + y)
    assert [term.name for term in impossible.infinite] == ["landscape"]
    assert "only 0.0% of the prior has a finite density (landscape)" in impossible.problems


def test_a_wrong_gradient_is_found():
    @jax.custom_jvp
    def wrong(x):
        return x**2

    wrong.defjvp(lambda primals, tangents: (primals[0] ** 2, 3.0 * primals[0] * tangents[0]))
    found = inspected(lambda x, y: -wrong(x) - y**2)
    (slope,) = found.wrong_slopes
    assert slope.label == "x"
    assert slope.gradient == pytest.approx(1.5 * slope.difference, rel=0.2)
    assert any("the gradient in x is" in words for words in found.problems)


def test_the_command(user_fit, tmp_path, capsys):  # noqa: F811
    assert run("check", user_fit, "--points", "32") == cli.GOOD
    text = capsys.readouterr().out
    assert "nothing wrong was found" in text
    assert "with its gradient" in text
    text = user_fit.read_text().replace("priors={", 'priors={"unseen": dist.Normal(0.0, 1.0),')
    text = text.replace("GrimusLavoura.from_splittings,", "model,").replace(
        "def build()",
        "def model(m0, r, dm21, unseen):\n"
        "    return GrimusLavoura.from_splittings(m0=m0, r=r, dm21=dm21).low_energy().neutrinos\n\n\ndef build()",
    )
    (tmp_path / "flat.py").write_text(text)
    assert run("check", tmp_path / "flat.py", "--points", "32") == cli.NOT_CONVERGED
    assert "WRONG: no datum sees unseen" in capsys.readouterr().out
    assert run("check", user_fit, "--hypothesis", "other") == cli.USAGE
    assert np.all([word in capsys.readouterr().err for word in ("--hypothesis",)])
