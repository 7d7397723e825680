"""What a shell completes: commands, options, and names that are read without importing what they name."""

import os
import shutil
import subprocess
import sys

import pytest

from nmmjax import __main__ as cli
from nmmjax import experiments, gallery, sheets
from nmmjax._arguments import _names


def completed(line, folder):
    """As a shell asks: by the environment, to be answered in file descriptor 8."""
    asked = {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n"}
    reader, writer = os.pipe()
    code = f"import os; os.dup2({writer}, 8); from nmmjax.__main__ import command; command()"
    subprocess.run([sys.executable, "-c", code], env=os.environ | asked, pass_fds=(writer,), cwd=folder, check=True)
    os.close(writer)
    with os.fdopen(reader) as stream:
        return {word.strip() for word in stream.read().splitlines()}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nmmjax pro", {"profile"}),
        ("nmmjax fit grimus_lavoura_c", {"grimus_lavoura_couplings"}),
        ("nmmjax fit mini", {"mini.py", "miniboone_portal"}),
        ("nmmjax show SeesawTypeT", {"SeesawTypeThree", "SeesawTypeTwo"}),
        ("nmmjax verify DayaBayM", {"DayaBayMap2022"}),
        ("nmmjax fit dayabay_theta13 --samp", {"--samples", "--sampler"}),
        ("nmmjax fit dayabay_theta13 --sampler s", {"smc"}),
    ],
)
def test_words(line, words, tmp_path):
    (tmp_path / "mini.py").touch()
    (tmp_path / "mini.txt").touch()
    assert completed(line, tmp_path) == words


def test_names_are_those_that_are_known():
    assert set(_names.things()) == set(sheets.known())
    assert set(_names.experiments()) == set(experiments.__all__) - {"Experiment"}
    assert set(_names.fits()) == set(gallery.analyses())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_what_is_printed(shell, capsys):
    assert cli.main(["completion", shell]) == cli.GOOD
    script = capsys.readouterr().out
    assert "nmmjax" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n", "-c", script], check=True)


def test_other_shells(capsys):
    with pytest.raises(SystemExit):
        cli.main(["completion", "cmd"])
    assert "choose from" in capsys.readouterr().err
