"""Chains of one run over several processes: as one process draws them, written by the first of them alone."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nmmjax import results
from nmmjax.__main__ import GOOD, NOT_CONVERGED, USAGE

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


def free():
    """Where nobody listens yet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


def shared(file, out, *options):
    """What two processes print that share a run, and their exit codes."""
    numbers = ("--coordinator", free(), "--processes", 2, "--process")
    both = [started(file, out, 1, *numbers, i, *options) for i in range(2)]
    said = [process.communicate() for process in both]
    return [out for out, _ in said], [process.returncode for process in both], said


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("shared") / "mine.py"
    path.write_text(FIT)
    return path


def assert_one_run(file, folder, sampler):
    """Two processes, the first of which alone speaks, draw what one does on as many devices, bit for bit."""
    options = ("--sampler", sampler)
    (first, second), codes, said = shared(file, folder / "two", *options)
    with started(file, folder / "one", 2, *options) as process:
        process.communicate()
    assert set(codes) == {process.returncode}, said
    assert process.returncode in (GOOD, NOT_CONVERGED)
    assert "mine" in first
    assert "mine" not in second
    one, two = (results.load(folder / name) for name in ("one", "two"))
    for name in ("m0", "r", "dm21"):
        np.testing.assert_array_equal(two.draws(name), one.draws(name))


def test_two_processes_draw_what_one_draws(file, tmp_path):
    assert_one_run(file, tmp_path, "nuts")


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["nuts", "smc"])
def test_a_run_that_is_shared_goes_on_to_the_same_end(sampler, file, tmp_path):
    """Killed at a block that the first process has kept."""
    if sampler == "smc":
        assert_one_run(file, tmp_path, sampler)
    options = ("--sampler", sampler, "--samples", 600)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    shared(file, whole, *options)
    numbers = ("--coordinator", free(), "--processes", 2, "--process")
    both = [started(file, cut, 1, *numbers, i, *options) for i in range(2)]
    while not (cut / "checkpoint.npz").exists():
        time.sleep(0.05)
    for process in both:
        process.kill()
        process.communicate()
    _, codes, said = shared(file, cut, *options, "--resume")
    assert USAGE not in codes, said
    np.testing.assert_array_equal(results.load(cut).draws("m0"), results.load(whole).draws("m0"))


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
