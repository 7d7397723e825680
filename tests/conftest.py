"""What all tests share: four host devices, so that four chains run side by side, and how programs are compiled.

Most of the time of the tests is compilation, so the compiler is told not to optimize, which takes half the time. There
it joins products and sums (FMA) here and not there, so that a number which is computed twice has two values and the
derivative of a maximum is lost: it must do without instructions that can. Other processors than those of x86 have no
such switch; there programs are optimized a little. With `--optimized` it compiles as it does for users.

Tests that `long.txt` lists are slow ones. `--seconds FILE` writes what each test takes of a processor, its processes
included; `python tests/long.py FILE` makes the list from it.
"""

import os
import platform
import resource
import sys
import time
from pathlib import Path

os.environ["JAX_NUM_CPU_DEVICES"] = "4"  # heeded by the command line, too
if "--optimized" not in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ:  # which has what its parent has set
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    level = "level=0 --xla_cpu_max_isa=AVX" if x86 else "level=1"
    quickly = f"--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_{level}"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {quickly}"

import jax
import pytest
from long import listed

jax.config.update("jax_num_cpu_devices", 4)
FITS = Path(__file__).parent.parent / "fits"


def pytest_addoption(parser):
    """Annotations are checked on demand: it takes twice the time."""
    words = "check annotations while tests run, of these packages (default: all)"
    parser.addoption("--check-annotations", metavar="PACKAGES", nargs="?", const="", help=words)
    parser.addoption("--optimized", action="store_true", help="compile all programs as users do")
    parser.addoption("--seconds", metavar="FILE", help="add a line for each test: its seconds of a processor, its name")


def pytest_configure(config):
    """Before anything of the package is imported."""
    names = config.getoption("--check-annotations")
    if names is not None:
        import annotations

        config.addinivalue_line("filterwarnings", "ignore:Do not use the `random` module")  # beartype samples
        annotations.check(names.split(",") if names else annotations.packages())


@pytest.fixture(autouse=True, scope="module")
def forget_programs():
    """What a file has compiled is dropped after it: a process may map only so many pieces of memory."""
    yield
    jax.clear_caches()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What a test takes, its fixtures and those of its file with the first that asks for them."""
    file, before = item.config.getoption("--seconds"), _seconds()
    result = yield
    if file is not None:
        with open(file, "a") as lines:
            lines.write(f"{_seconds() - before:.2f} {item.nodeid}\n")
    return result


def _seconds():
    """Of a processor, for this process and those that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def pytest_collection_modifyitems(items):
    """Long tests are slow. Those of one analysis follow each other: what one has found serves the others."""
    long = frozenset(listed())
    for item in items:
        if item.nodeid in long:
            item.add_marker(pytest.mark.slow)
    places = [i for i, item in enumerate(items) if item.path.name == "test_fits.py"]
    names = sorted(analysis.stem for analysis in FITS.glob("*.py"))

    def analysis_of(item):
        return max((name for name in names if name in item.name), key=len, default="")

    ordered = sorted((items[i] for i in places), key=analysis_of)
    for i, item in zip(places, ordered, strict=True):
        items[i] = item
