"""What README shows is what runs: its blocks, in order, in one namespace."""

import re
from pathlib import Path

import pytest

import nmmjax
from nmmjax import __main__ as cli
from nmmjax import results
from nmmjax._commands import _shared


@pytest.fixture(autouse=True)
def keep_host_devices(monkeypatch):
    """The test process has its devices already."""
    monkeypatch.setattr(_shared, "configure", lambda options: None)


ROOT = Path(nmmjax.__file__).parent.parent
BLOCKS = re.compile(r"```python\n(.*?)```", re.DOTALL)


def blocks(name):
    return BLOCKS.findall((ROOT / name).read_text())


@pytest.mark.parametrize("long", ["crossing", pytest.param(None, marks=pytest.mark.slow)])
def test_every_block_runs(long, tmp_path, monkeypatch, capsys):
    """But for those that take minutes."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "readme"}
    found = blocks("README.md")
    assert len(found) >= 5
    for number, block in enumerate(found):
        if long is not None and long in block:
            continue
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
    assert (tmp_path / "results/mine/summary.json").exists()
    assert "converged" in capsys.readouterr().out


def test_an_experiment_of_ten_bins_outside_the_package(tmp_path, capsys):
    """As CONTRIBUTING shows it, in a file beside its analysis: listed, fitted and drawn."""
    experiment, analysis = blocks("CONTRIBUTING.md")
    (tmp_path / "reactor.py").write_text(experiment)
    (tmp_path / "theta13.py").write_text(f'"""A reactor: theta13."""\n\nfrom reactor import Reactor2026\n\n{analysis}')
    assert cli.main(["list", str(tmp_path / "theta13.py")]) == cli.GOOD
    assert "Reactor2026" in capsys.readouterr().out
    assert cli.main(["fit", str(tmp_path / "theta13.py"), "--out", str(tmp_path / "out"), "--map-only"]) == cli.GOOD
    result = results.load(tmp_path / "out")
    assert 0.01 < result.row("sin2_theta13").best < 0.04
    assert (tmp_path / "out/profile_sin2_theta13.png").exists()
