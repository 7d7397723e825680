"""The shipped analyses travel: found beside the package in a checkout, inside it after a plain install."""

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
def test_the_wheel_carries_gallery_and_data(tmp_path):
    """Unpacked elsewhere, without the checkout, the package lists and reads its analyses."""
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
        "import nmmjax, pathlib; from nmmjax import gallery; "
        f"assert pathlib.Path(nmmjax.__file__).is_relative_to({str(site)!r}); "
        "assert gallery.folder().name == '_gallery'; "
        "print(*sorted(gallery.build(gallery.find('grimus_lavoura_2000'))[''].fit.priors))"
    )
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["dm21", "m0", "r"]
