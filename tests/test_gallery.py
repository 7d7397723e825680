"""Shipped analyses and benchmarks travel: found beside the package in a checkout, inside it after a plain install."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import nmmjax
from nmmjax import gallery

ROOT = Path(nmmjax.__file__).parent.parent


def test_every_analysis_has_headline_paper_and_expectation():
    assert gallery.analyses()
    for analysis in gallery.analyses().values():
        assert analysis.headline.endswith((".", "?"))
        assert analysis.paper
        assert "Expected:" in analysis.path.read_text()


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not a checkout")
def test_the_wheel_carries_gallery_benchmarks_and_data(tmp_path):
    """Unpacked elsewhere, without the checkout, the package lists and reads its analyses and benchmarks."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert {p.name for p in (site / "nmmjax" / "data").glob("*.csv")} == {
        p.name for p in (ROOT / "nmmjax/data").glob("*.csv")
    }
    code = (
        "import nmmjax, pathlib; from nmmjax import _questions, gallery; "
        f"assert pathlib.Path(nmmjax.__file__).is_relative_to({str(site)!r}); "
        "assert gallery.folder().name == '_gallery'; "
        "assert _questions.folder().name == '_benchmarks'; "
        "assert {'loops', 'oscillation'} <= {question.name for question in _questions.chosen(())}; "
        "print(*sorted(gallery.build(gallery.find('grimus_lavoura_2000'))[''].fit.priors))"
    )
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["dm21", "m0", "r"]


# Files of users

HEAD = '''
from typing import ClassVar
import jax.numpy as jnp, numpy as np
import numpyro.distributions as dist
from nmmjax.analysis import Analysis
from nmmjax.experiments import SolarVacuum2000
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models import Model, Scalar, parameter

class Mine(Model):
    """One mass scale."""
    reference: ClassVar[str] = "me"
    m0: Scalar = parameter("m_0", "eV", low=0.0, high=1.0)
    def low_energy(self):
        M = self.m0 * jnp.diag(jnp.array([1.0, 1.1, 1.3]))
        return LowEnergy(Neutrinos(M, jnp.zeros((3, 3))))
    @classmethod
    def default_priors(cls): return {}
    @classmethod
    def benchmark(cls): return cls(0.1)
'''
FILE = (
    HEAD
    + """
def build():
    fit = Fit(Mine, (SolarVacuum2000.load(),), {"m0": dist.Uniform(0.1, 0.2)})
    return fit
"""
)


def built(folder, text, name="mine.py"):
    (folder / name).write_text(text)
    return gallery.build(gallery.find(str(folder / name)))


def test_annotations_may_be_postponed(tmp_path):
    (made,) = built(tmp_path, f"from __future__ import annotations\n{FILE}").values()
    assert made.fit.model.__name__ == "Mine"
    assert made.quantities["m0"].unit == "eV"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("return LowEnergy(Neutrinos(M, jnp.zeros((3, 3))))", "return M", r"`Mine.low_energy` returns an array of sha"),
        ("return LowEnergy(", "return (", "`Mine.low_energy` returns an object of the class Neutrinos"),
        ("self.m0 *", "np.sqrt(self.m0) *", r"`Mine.low_energy` \(`.*mine.py`, line 16\) does not: TracerArrayConv"),
        ("self.m0 *", "float(self.m0) *", "no `float` .* `Mine.low_energy` .* line 16.* does not: Concretization"),
        ("self.m0 *", "(1.0 if self.m0 > 0 else 2.0) *", "no `if` .* `Mine.low_energy` .* line 16.* does not: TracerB"),
        ("self.m0 *", "nothing *", "line 16: NameError: name 'nothing' is not defined"),
        ('reference: ClassVar[str] = "me"', "pass", "must name its paper, as `reference`, but `Mine` does not"),
        ("def benchmark", "def bench", "must define benchmark, but `Mine` does not"),
        ('m0: Scalar = parameter("m_0", "eV", low=0.0, high=1.0)', "m0 = 1", "must have parameters, as fields"),
        ("m0: Scalar", "parameters = {}\n    m0: Scalar", "must leave `parameters` to the fields"),
        ("(Model)", "", "`model` must be a subclass of Model"),
        ("    @classmethod", "    def derived(self): return 1.0\n    @classmethod", "a dictionary from `derived`"),
        (
            "    @classmethod",
            "    def log_prior(self): return 1j\n    @classmethod",
            "Mine.log_prior returns a complex",
        ),
        ("    @classmethod", "    def log_prior(self): pass\n    @classmethod", "Mine.log_prior returns None"),
        (
            "return fit",
            "return Analysis(fit, derived={'x': lambda t: np.sqrt(t.neutrinos.m_beta)})",
            "line 25.* Tracer",
        ),
        ("return fit", "return Analysis(fit, derived={'x': lambda t: t.neutrinos.mass_matrix})", r"shape \(3, 3\)"),
        ("return fit", "return [fit]", "several by name, but `.*` builds <class 'list'>"),
        ("return fit", "pass", "several by name, but `.*` builds nothing"),
        ("return fit", "return {'..': fit}", r"identifiers, but `.*` has the name '\.\.'"),
        ("return fit", "return {'': fit}", "identifiers, but `.*` has the name ''"),
        ("build()", "build(what)", "define `build\\(\\)` without arguments, but that of `.*` wants `what`"),
        ("return fit", "from beside import f; f()", r"line 25 \(`.*beside.py`, line 2\): ZeroDivisionError"),
        ("return fit", "import wrong", r"line 25 \(`.*wrong.py`, line 1\): SyntaxError"),
    ],
)
def test_errors_name_file_line_and_what_is_expected(old, new, message, tmp_path):
    (tmp_path / "beside.py").write_text("def f():\n    1 / 0\n")
    (tmp_path / "wrong.py").write_text("def f(:\n")
    assert old in FILE
    with pytest.raises(ValueError, match=message):
        built(tmp_path, FILE.replace(old, new, 1))


@pytest.mark.parametrize("name", ["beside", "models", "statistics_of_mine"])
def test_neighbors_are_imported_from_anywhere(name, tmp_path, monkeypatch):
    """At the top and in `build()`, each analysis its own."""
    for folder, scale in ((tmp_path / "one", 0.5), (tmp_path / "two", 0.7)):
        folder.mkdir()
        (folder / f"{name}.py").write_text(f"SCALE = {scale}\n")
        near = FILE.replace("return fit", f"from {name} import SCALE as again; assert again == SCALE; return fit")
        near = near.replace("dist.Uniform(0.1, 0.2)", "dist.Uniform(0.1, SCALE)")
        before = list(sys.path)
        (made,) = built(folder, f"from {name} import SCALE\n{near}").values()
        assert sys.path == before
        assert made.fit.priors["m0"].high == scale


@pytest.mark.parametrize("name", ["...py", "....py", " .py"])
def test_names_that_leave_their_folder_are_refused(name, tmp_path):
    (tmp_path / name).write_text(FILE)
    with pytest.raises(ValueError, match="must be a file whose name can be that of a result"):
        gallery.find(str(tmp_path / name))


def test_a_file_may_declare_its_encoding(tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(b'# -*- coding: latin-1 -*-\n"""Gr\xfc\xdfe."""\n\nPAPER: str = "\xe9"\n' + FILE.encode())
    entry = gallery.find(str(path))
    assert (entry.headline, entry.paper, entry.builds) == ("Grüße.", "é", True)
    assert list(gallery.build(gallery.find(str(path)))) == [""]


@pytest.mark.parametrize("content", [b"x = 1\0", b"x = (\n", b'"\xff"', b"\xef\xbb\xbfx = (", b"(" * 1000])
def test_what_is_no_python_is_refused(content, tmp_path):
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(ValueError, match=r"must be a Python file, but `.*mine.py`.* does not parse"):
        gallery.find(str(tmp_path / "mine.py"))


def test_listing_a_file_names_its_errors(tmp_path):
    (tmp_path / "mine.py").write_text("x = 1\nraise KeyError(x)\n")
    with pytest.raises(ValueError, match="line 2: KeyError: 1"):
        gallery.outside(gallery.find(str(tmp_path / "mine.py")), object)
