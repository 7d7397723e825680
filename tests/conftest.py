"""What all tests share: four host devices, so that four chains run side by side, and how programs are compiled.

Most of the time of the tests is compilation. So the compiler leaves out what costs more than it brings: everywhere the
newer way to generate code, and its optimizations but in `OPTIMIZED`, which hold kernels to their last digits as users
compile them. `--optimized` leaves out nothing.
"""

import os
import sys

os.environ["JAX_NUM_CPU_DEVICES"] = "4"  # heeded by the command line, too
if "--optimized" not in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ:  # which has what its parent has set
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_use_fusion_emitters=false"

import jax
import pytest

jax.config.update("jax_num_cpu_devices", 4)


def pytest_addoption(parser):
    """Annotations are checked on demand: it takes twice the time."""
    words = "check annotations while tests run, of these packages (default: all)"
    parser.addoption("--check-annotations", metavar="PACKAGES", nargs="?", const="", help=words)
    parser.addoption("--optimized", action="store_true", help="compile all programs as users do")


def pytest_configure(config):
    """Before anything of the package is imported."""
    names = config.getoption("--check-annotations")
    if names is not None:
        import annotations

        config.addinivalue_line("filterwarnings", "ignore:Do not use the `random` module")  # beartype samples
        annotations.check(names.split(",") if names else annotations.packages())


OPTIMIZED = {
    "test_blocks",
    "test_decoherence",
    "test_earth",
    "test_hermitian",
    "test_interpolate",
    "test_layers",
    "test_one_loop",
    "test_oscillation",
    "test_positive",
    "test_sun",
    "test_takagi",
    "test_trigonometry",
    "test_two_loop",
}
"""Tests of kernels, by file."""


@pytest.fixture(autouse=True, scope="module")
def optimize_what_counts(request):
    """The optimizations of the compiler, where they are tested."""
    wanted = request.module.__name__ in OPTIMIZED or request.config.getoption("--optimized")
    jax.config.update("jax_disable_most_optimizations", not wanted)
    os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = str(int(not wanted))  # for processes that a test starts


@pytest.fixture(autouse=True, scope="module")
def forget_programs():
    """What a file has compiled is dropped after it: a process may map only so many pieces of memory."""
    yield
    jax.clear_caches()
