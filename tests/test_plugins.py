"""A package of others, `third_party`, brings a model, an experiment and a fit, which are used as the package's own."""

import importlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

import nmmjax
from nmmjax import __main__ as cli
from nmmjax import gallery, plugins, results, sheets
from nmmjax.experiments import Experiment
from nmmjax.models import Model

PACKAGE = Path(__file__).parent / "third_party"


def forget():
    importlib.invalidate_caches()
    plugins._all.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "textures"]:
        del sys.modules[name]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """As pip leaves it: the package and its metadata."""
    site = tmp_path / "site"
    shutil.copytree(PACKAGE / "textures", site / "textures")
    metadata = site / "textures-0.3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: textures\nVersion: 0.3\n")
    groups = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["entry-points"]
    lines = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(site)
    forget()
    yield site
    monkeypatch.undo()
    forget()


def words(capsys):
    return re.sub(r"[\s│]+", " ", capsys.readouterr().out)


def test_nothing_is_announced_here():
    forget()
    assert not any((sheets.announced(Model), sheets.announced(Experiment), gallery.announced(), plugins.packages()))


def test_what_is_announced_is_known(installed):
    assert {"ExchangeSymmetric", "Reactor2026", "reactor_angle"} < set(sheets.known())
    assert plugins.packages() == {"textures": "0.3"}
    entry = gallery.find("reactor_angle")
    assert (entry.package, entry.headline) == ("textures 0.3", "Which angle does the reactor of the example see?")
    assert entry.path.is_relative_to(installed)
    (sheet,) = sheets.find("Reactor2026")
    assert (sheet.kind, sheet.package) == ("experiment", "textures 0.3")
    (sheet,) = sheets.find("reactor_angle")
    assert sheet.package == "textures 0.3"


def test_what_cannot_be_used_is_told_and_stops_nothing(installed):
    problems = {plugin.name: plugin.problem for plugin in sheets.announced(Model) if plugin.problem}
    assert problems["Zee"] == "nmmjax has one of this name"
    assert problems["Missing"].startswith("`textures.missing:Missing`: ModuleNotFoundError")
    assert sheets.known()["Zee"].__module__ == "nmmjax.models.zee"


@pytest.mark.parametrize(
    ("group", "entry", "problem"),
    [
        ("nmmjax.models", "Reactor2026 = textures.reactor_2026:Reactor2026", "must be a concrete subclass of Model"),
        ("nmmjax.models", "Model = nmmjax.models:Model", "must be a concrete subclass of Model"),
        ("nmmjax.models", "Other = textures.exchange_symmetric:ExchangeSymmetric", "by its own name, ExchangeSymm"),
        ("nmmjax.experiments", "nothing = textures.reactor_2026:nothing", "AttributeError"),
        ("nmmjax.fits", "angle = textures.reactor_angle", "by the name of its file, reactor_angle"),
        ("nmmjax.fits", "gone = textures.gone", "must be a module that is a Python file"),
        ("nmmjax.fits", "gone = elsewhere.gone", "ModuleNotFoundError"),
        ("nmmjax.fits", "unfinished = textures.unfinished", "SyntaxError"),
    ],
)
def test_bad_announcements(installed, group, entry, problem):
    (installed / "textures" / "unfinished.py").write_text("def build(:")
    (installed / "textures-0.3.dist-info" / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
    forget()
    (plugin,) = (
        plugins.files(()) if group == plugins.FITS else sheets.announced(Model if "models" in group else Experiment)
    )
    assert plugin.found is None
    assert problem in plugin.problem


def test_list_and_show(installed, capsys):
    assert cli.main(["list"]) == cli.GOOD
    shown = words(capsys)
    assert "ExchangeSymmetric Majorana masses" in shown
    assert "textures 0.3" in shown
    assert "Missing cannot be used" in shown
    assert cli.main(["show", "ExchangeSymmetric"]) == cli.GOOD
    assert "From: textures 0.3" in words(capsys)


@pytest.mark.slow
def test_a_fresh_environment(tmp_path):
    """Installed by pip beside this package, it appears in list, show, check and fit."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    (site,) = (environment / "lib").glob("python*/site-packages")
    here = Path(nmmjax.__file__).parent.parent
    (site / "beside.pth").write_text(f"{here}\n{sysconfig.get_path('purelib')}\n")
    install = ["-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", str(PACKAGE)]
    subprocess.run([python, *install], check=True, capture_output=True)

    def nmmjax_says(*arguments):
        done = subprocess.run(
            [python, "-m", "nmmjax", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return re.sub(r"[\s│]+", " ", done.stdout)

    assert "reactor_angle Which angle" in nmmjax_says("list")
    assert "From: textures 0.3" in nmmjax_says("show", "Reactor2026")
    assert "sin2_theta13" in nmmjax_says("check", "reactor_angle")
    nmmjax_says("fit", "reactor_angle", "--out", "out")
    result = results.load(tmp_path / "out")
    assert result.good
    assert result.run.versions["textures"] == "0.3"
    angle = result.row("sin2_theta13")
    assert abs(angle.mean - 0.0219) < 2.0 * angle.sd
