"""What `nmmjax new` writes works as it stands."""

import re
import subprocess
import sys

import pytest

from nmmjax import __main__ as cli
from nmmjax import new, sheets

NAMES = {"model": "TwoZeros", "experiment": "Reno2018", "analysis": "reno_theta13"}
FILES = {
    "model": ["test_two_zeros.py", "two_zeros.py"],
    "experiment": ["reno_2018.csv", "reno_2018.py", "reno_2018.toml", "test_reno_2018.py"],
    "analysis": ["reno_theta13.py", "test_reno_theta13.py"],
}


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", NAMES)
def test_files_and_their_words(kind, tmp_path, capsys):
    assert cli.main(["new", kind, NAMES[kind], "--out", str(tmp_path / "mine")]) == cli.GOOD
    shown = capsys.readouterr().out
    assert files(tmp_path / "mine") == FILES[kind]
    for path in (tmp_path / "mine").iterdir():
        text = path.read_text()
        assert f"new_{kind}" not in text.lower()
        assert f"New{kind.title()}" not in text
        assert str(path) in re.sub(r"\n(?! )", "", shown)
    assert f'[project.entry-points."nmmjax.{"fits" if kind == "analysis" else kind + "s"}"]' in shown
    (file,) = (path for path in (tmp_path / "mine").glob("*.py") if not path.name.startswith("test"))
    assert [sheet.kind for sheet in sheets.find(str(file))] == [kind]


@pytest.mark.slow
def test_their_tests_pass(tmp_path):
    for kind, name in NAMES.items():
        new.write(kind, name, tmp_path)
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", str(tmp_path)], cwd=tmp_path, check=True)


def test_nothing_is_overwritten(tmp_path, capsys):
    (tmp_path / "test_two_zeros.py").write_text("mine")
    assert cli.main(["new", "model", "TwoZeros", "--out", str(tmp_path)]) == cli.USAGE
    assert "of which there is no file yet" in re.sub(r"\s+", " ", capsys.readouterr().err)
    assert files(tmp_path) == ["test_two_zeros.py"]


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        ("model", "two_zeros", "such as TwoZeros"),
        ("model", "Two-Zeros", "such as TwoZeros"),
        ("model", "Zee", "`nmmjax show Zee` knows one"),
        ("experiment", "DayaBay2022", "knows one"),
        ("analysis", "Reno", "such as reno_theta13"),
        ("analysis", "class", "that of an analysis"),
        ("analysis", "../reno", "that of an analysis"),
        ("analysis", "dayabay_theta13", "knows one"),
    ],
)
def test_names_that_are_none(kind, name, problem, tmp_path, capsys):
    assert cli.main(["new", kind, name, "--out", str(tmp_path)]) == cli.USAGE
    assert problem in re.sub(r"\s+", " ", capsys.readouterr().err)
    assert files(tmp_path) == []


def test_names_of_modules():
    assert new.module_name("model", "XenonNT2022") == "xenon_nt_2022"
    assert new.module_name("model", "SU2Horizontal") == "su_2_horizontal"
    assert new.module_name("analysis", "reno_theta13") == "reno_theta13"
