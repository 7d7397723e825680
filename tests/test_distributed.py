"""Chains of one run over several processes: as one process draws them, written by the first of them alone."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nmmjax import results
from nmmjax.__main__ import GOOD, USAGE

TESTS = Path(__file__).parent
FIT = '''"""Normal in the logarithms of its three parameters."""
from toys import toy_fit
from nmmjax.analysis import Analysis, Settings

def build():
    return Analysis(toy_fit(), Settings(starts=4, chains=4, warmup=100, samples=100))
'''


def started(file, out, devices, *options):
    words = ["fit", file, "--out", out, *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "OMPI"))}
    environment |= {"JAX_NUM_CPU_DEVICES": str(devices), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-m", "nmmjax", *map(str, words)]
    about = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **about)


def shared(file, out, *options):
    """What two processes print that share a run, and their exit codes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    numbers = ("--coordinator", where, "--processes", 2, "--process")
    both = [started(file, out, 1, *numbers, i, *options) for i in range(2)]
    said = [process.communicate() for process in both]
    return [out for out, _ in said], [process.returncode for process in both], said


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("shared") / "mine.py"
    path.write_text(FIT)
    return path


@pytest.mark.parametrize("sampler", ["nuts", pytest.param("smc", marks=pytest.mark.slow)])
def test_two_processes_draw_what_one_draws(sampler, file, tmp_path):
    """On as many devices, bit for bit; and a run that has ended goes on to the same end."""
    options = ("--sampler", sampler)
    (first, second), codes, said = shared(file, tmp_path / "two", *options)
    with started(file, tmp_path / "one", 2, *options) as process:
        text, _ = process.communicate()
    assert len(set(codes) | {process.returncode}) == 1, said
    assert process.returncode != USAGE
    assert "mine" in first
    assert "mine" not in second
    assert len(text) > 0
    one, two = (results.load(tmp_path / name) for name in ("one", "two"))
    for name in ("m0", "r", "dm21"):
        np.testing.assert_array_equal(two.draws(name), one.draws(name))
    _, codes, said = shared(file, tmp_path / "two", *options, "--resume")
    assert codes[0] == process.returncode, said
    np.testing.assert_array_equal(results.load(tmp_path / "two").draws("m0"), one.draws("m0"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--distributed",), "must be in a job of Slurm or Open MPI, or have `--coordinator HOST:PORT"),
        (("--coordinator", "127.0.0.1:1", "--processes", 2, "--process", 5), "`--process` must be one of 0 to 1"),
        (("--distributed", "--cluster", "local:2"), "`--distributed` must be left out with --cluster"),
    ],
)
def test_bad_input_is_named(options, message, file, tmp_path):
    with started(file, tmp_path, 1, *options) as process:
        _, said = process.communicate()
    assert process.returncode == USAGE
    assert message in said
    assert process.returncode != GOOD
