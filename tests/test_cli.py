"""The command line as a user meets it: exit codes, messages, files, interruption and resumption."""

import contextlib
import io
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nmmjax import __main__ as cli
from nmmjax import gallery, infer, results
from nmmjax._commands import _shared

USER_FIT = '''"""A fit of a user: one headline.

More words.
"""

import numpyro.distributions as dist

from nmmjax.experiments import SolarVacuum2000, SuperKamiokande2000
from nmmjax.analysis import Analysis, Settings
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura

PAPER = "nobody (2026)"


def build() -> Analysis:
    """The shortest run that converges."""
    fit = Fit(
        GrimusLavoura.from_splittings,
        experiments=(SuperKamiokande2000.load(), SolarVacuum2000.load()),
        priors={
            "m0": dist.LogUniform(1e-2, 0.3),
            "r": dist.LogUniform(0.3, 3.0),
            "dm21": dist.LogUniform(1e-12, 1e-8),
        },
    )
    return Analysis(fit, settings=Settings(starts=4, warmup=500, samples=600, target_accept=0.9))
'''


@pytest.fixture
def user_fit(tmp_path):
    path = tmp_path / "my_fit.py"
    path.write_text(USER_FIT)
    return path


@pytest.fixture(autouse=True, scope="module")
def keep_host_devices():
    """The test process has its devices already; a process of its own sets them before it uses JAX."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_shared, "configure", lambda options: None)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory, keep_host_devices):
    """The fit, its results, and what was printed."""
    folder, printed = tmp_path_factory.mktemp("finished"), io.StringIO()
    (folder / "my_fit.py").write_text(USER_FIT)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setenv("COLUMNS", "200")
        assert run("fit", folder / "my_fit.py", "--out", folder / "out") == cli.GOOD
    return folder / "my_fit.py", folder / "out", printed.getvalue()


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


_AT_A_TERMINAL = """\
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("nmmjax", run_name="__main__")
"""
"""Shells let what they start in the background ignore Ctrl-C, and its children inherit that."""


def spawn(*arguments, **options):
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200", "JAX_NUM_CPU_DEVICES": "4"}
    command = [sys.executable, "-c", _AT_A_TERMINAL, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )


def test_a_fit_of_a_user_writes_everything(finished):
    _, out, text = finished
    assert {p.name for p in out.iterdir()} == {
        "summary.json", "posterior.nc", "checkpoint.npz", "checkpoint.draws", "corner.png", "trace.png", "derived.png",
    }  # fmt: skip
    for expected in (
        "A fit of a user: one headline.",
        "m0",
        "scalar_mass",
        "R-hat",
        "90% equal-tailed interval",
        "converged",
    ):
        assert expected in text
    summary = json.loads((out / "summary.json").read_text())
    assert summary["verdict"] == {"good": True, "reasons": []}
    assert summary["run"]["settings"]["seed"] == 0
    assert summary["run"]["platform"]["float64"] is True
    assert summary["run"]["seconds"]["wall"] > summary["run"]["seconds"]["sampling"] > 0
    hashes = [source["sha256"] for experiment in summary["experiments"] for source in experiment["sources"]]
    assert hashes
    assert all(len(h) == 64 for h in hashes)
    for row in summary["parameters"]:
        if row["sampled"]:
            assert row["rhat"] < 1.01
            assert min(row["ess_bulk"], row["ess_tail"]) > 400


def test_resuming_and_plotting_a_finished_fit(finished, tmp_path):
    user_fit, out = finished[0], tmp_path / "out"
    shutil.copytree(finished[1], out)
    saved = results.load(out)
    assert run("fit", user_fit, "--out", out, "--resume") == cli.GOOD
    np.testing.assert_array_equal(results.load(out).draws("m0"), saved.draws("m0"))
    assert saved.draws("m0").shape == (4, 600)
    assert {"energy", "diverging", "n_steps", "acceptance_rate", "lp"} <= set(saved.statistics)
    (out / "corner.png").unlink()
    assert run("plot", out) == cli.GOOD
    assert (out / "corner.png").exists()


def test_particles_and_chains_beside_each_other(finished, tmp_path, capsys, monkeypatch):
    """The same posterior by both samplers: one evidence, whose ratio is one."""
    monkeypatch.setenv("COLUMNS", "200")
    fit, chains, text = finished
    assert "(bridge sampling)" in text
    assert run("fit", fit, "--sampler", "smc", "--out", tmp_path) == cli.GOOD
    printed = capsys.readouterr().out
    assert "temperature 1, acceptance" in printed
    assert "(sequential Monte Carlo)" in printed
    assert run("fit", fit, "--sampler", "smc", "--resume", "--out", tmp_path) == cli.GOOD
    capsys.readouterr()
    assert run("compare", chains, tmp_path) == cli.GOOD
    assert "ln B" in capsys.readouterr().out
    nuts, smc = results.load(chains).evidences[0], results.load(tmp_path).evidences[0]
    assert abs(nuts.log_evidence - smc.log_evidence) < 4.0 * math.hypot(nuts.error, smc.error) + 0.01
    assert run("fit", fit, "--resume", "--out", tmp_path) == cli.USAGE
    assert "setting sampler" in capsys.readouterr().err
    assert run("compare", tmp_path / "nothing") == cli.USAGE


def test_map_only(user_fit, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("fit", user_fit, "--map-only", "--out", out) == cli.GOOD
    assert [p.name for p in out.iterdir()] == ["summary.json"]
    assert "maximum found (nothing was sampled)" in capsys.readouterr().out


def test_map_only_does_not_touch_a_posterior(user_fit, tmp_path, capsys):
    (tmp_path / "posterior.nc").write_bytes(b"precious")
    assert run("fit", user_fit, "--map-only", "--out", tmp_path) == cli.USAGE
    assert "must hold no posterior" in capsys.readouterr().err
    assert (tmp_path / "posterior.nc").read_bytes() == b"precious"


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 truncated"])
def test_damaged_checkpoint(content, user_fit, tmp_path, capsys):
    (tmp_path / "checkpoint.npz").write_bytes(content)
    assert run("fit", user_fit, "--resume", "--out", tmp_path) == cli.USAGE
    assert "is damaged" in capsys.readouterr().err


def test_damaged_result(tmp_path, capsys):
    (tmp_path / "summary.json").write_text("{")
    assert run("plot", tmp_path) == cli.USAGE
    assert "is damaged" in capsys.readouterr().err


def test_platform_that_is_not_there(user_fit, tmp_path):
    with spawn("fit", user_fit, "--platform", "gpu", "--out", tmp_path) as process:
        _, errors = process.communicate(timeout=120)
    if process.returncode != cli.GOOD:
        assert process.returncode == cli.USAGE
        assert "`--platform` must be one that is there" in errors


def test_not_converged_exits_with_three(user_fit, tmp_path, capsys):
    assert run("fit", user_fit, "--out", tmp_path / "out", "--samples", 20, "--warmup", 20) == cli.NOT_CONVERGED
    assert "NOT CONVERGED" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["verdict"]["good"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fit", "grimus_lavura_2000"), "did you mean 'grimus_lavoura_2000'"),
        (("fit", "nowhere/mine.py"), "`nowhere/mine.py` does not exist"),
        (("plot", "nowhere"), "must be a folder that `nmmjax fit` wrote"),
    ],
)
def test_usage_errors(arguments, message, capsys):
    assert run(*arguments) == cli.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"m0"', '"m_0"', "did you mean 'm0'"),
        ("def build", "def built", "must define a function `build()`"),
        ("dist.LogUniform(0.3, 3.0)", "dist.Normal(1.0, 0.3)", "must have its support inside"),
        ("import Fit", "import Fit!", "must be a Python file"),
        ("    fit = Fit(", "    raise KeyError('oops')\n    fit = Fit(", "KeyError: 'oops'"),
        ("PAPER =", "raise SystemExit(0)\nPAPER =", "SystemExit"),
        ("    fit = Fit(", "    return {}\n    fit = Fit(", "builds none"),
        ("    fit = Fit(", "    return {'a/b': 1}\n    fit = Fit(", "name what it builds by identifiers"),
    ],
)
def test_errors_in_a_fit_of_a_user(old, new, message, user_fit, tmp_path, capsys):
    user_fit.write_text(USER_FIT.replace(old, new))
    assert run("fit", user_fit, "--out", tmp_path / "out") == cli.USAGE
    assert message in capsys.readouterr().err


def test_unwritable_output_folder(user_fit, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert run("fit", user_fit, "--out", tmp_path / "file") == cli.USAGE
    assert "`--out` must be a folder that can be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("fit",), ("fit", "x", "--chains", "0"), ("fit", "x", "--platform", "abacus"), ()]
)
def test_argparse_errors_exit_with_two(arguments):
    with pytest.raises(SystemExit) as exit_:
        run(*arguments)
    assert exit_.value.code == cli.USAGE


def test_list_shows_models_experiments_and_analyses(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert run("list") == cli.GOOD
    text = capsys.readouterr().out
    for expected in (
        "GrimusLavoura",
        "ThreeFlavor",
        "DayaBay2022",
        "NuFIT60Gaussian",
        *gallery.analyses(),
        "arXiv:2211.14988",
    ):
        assert expected in text


def test_doctor(capsys):
    assert run("doctor") == cli.GOOD
    text = capsys.readouterr().out
    assert "float64: yes" in text
    assert "numpyro" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_keep_draws_that_are_those_of_the_whole_run(number, finished, tmp_path):
    """Real ones in the middle of sampling; what is kept equals a run that was never cut, bit for bit."""
    user_fit, whole, _ = finished
    cut = tmp_path / "cut"
    with spawn("fit", user_fit, "--out", cut, "--samples", 200000) as process:
        deadline = time.time() + 240
        while time.time() < deadline and not _drawn(cut / "checkpoint.npz"):
            time.sleep(0.02)
        process.send_signal(number)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == cli.NOT_CONVERGED, output
    assert "interrupted" in output
    partial = results.load(cut)
    kept = partial.draws("m0")
    reference = results.load(whole).draws("m0")
    shared = min(kept.shape[1], reference.shape[1])
    assert shared > 0
    np.testing.assert_array_equal(kept[:, :shared], reference[:, :shared])


@pytest.mark.parametrize("wait", [0.0, 1.0])
def test_a_signal_in_the_search_ends_it_and_a_second_one_at_once(wait, user_fit, tmp_path):
    """Even where it compiles, of which Python sees nothing."""
    with spawn("fit", user_fit, "--out", tmp_path / "out") as process:
        line = next(line for line in process.stdout if "searching the maximum" in line)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        if wait:
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == cli.NOT_CONVERGED, (line, output, errors)
    assert "ln p" not in output
    assert wait or "interrupted; nothing had been saved yet" in errors


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        ((), "interrupted; nothing had been saved yet"),
        (("summary.json",), "keeps what was finished\n"),
        (("summary.json", "checkpoint.npz"), "keeps what was finished, and `--resume` goes on"),
    ],
)
def test_ctrl_c_says_what_is_kept(saved, words, user_fit, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"

    def interrupt(fit, settings):
        for name in saved:
            (out / name).touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(infer, "maximize", interrupt)
    assert run("fit", user_fit, "--out", out) == cli.NOT_CONVERGED
    assert words in capsys.readouterr().err


def _drawn(checkpoint: Path) -> bool:
    """Whether a block of draws counts."""
    try:
        with np.load(checkpoint) as stored:
            return json.loads(str(stored["about"]))["length"] > 0
    except (FileNotFoundError, ValueError, EOFError):
        return False
