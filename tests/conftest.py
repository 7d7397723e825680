"""Four host devices, so that four chains run side by side; set before JAX is first used."""

import os

os.environ["JAX_NUM_CPU_DEVICES"] = "4"  # heeded by the command line, too

import jax
import pytest

jax.config.update("jax_num_cpu_devices", 4)


def pytest_addoption(parser):
    """Annotations are checked on demand: it takes twice the time."""
    words = "check annotations while tests run, of these packages (default: all)"
    parser.addoption("--check-annotations", metavar="PACKAGES", nargs="?", const="", help=words)


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
