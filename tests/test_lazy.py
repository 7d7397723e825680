"""Nothing is imported or compiled that is not asked for, and what is asked for is the same."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import nmmjax
from nmmjax import __main__ as cli
from nmmjax import _compilation, ledger, plots, results
from nmmjax._arguments.others import papers
from nmmjax._device import on_device
from nmmjax.experiments import KamLAND2011, LuxZeplin2022, Sno2013, XenonNT2022

LAZY = (nmmjax, plots, results)
HEAVY = {"jax", "numpy", "scipy", "matplotlib", "arviz", "rich"}
LATE = {"matplotlib", "arviz", "corner", "xarray", "pandas", "scipy.stats"}
"""Where a figure, a file or a statistic is made."""


def process(code, *words, **variables):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("JAX_ENABLE_X64", "NMMJAX_FLOAT32")
    }
    command = [sys.executable, "-W", "error", "-c", code, *words]
    return subprocess.run(command, env=environment | variables, capture_output=True, text=True, check=False)


def imported(code, *words):
    """Modules of a process at its end."""
    done = process(f"import atexit, sys; atexit.register(lambda: print(*sys.modules))\n{code}", *words)
    assert not done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("ledger", "--help")])
def test_a_command_line_is_read_without_what_computes(words):
    found = imported("from nmmjax.__main__ import main; main()", *words)
    assert "nmmjax.__main__" in found
    assert not found & HEAVY


def test_an_import_of_the_package_is_none_of_its_parts():
    assert not imported("import nmmjax") & HEAVY


def test_analyses_are_built_without_figures_files_and_statistics():
    found = imported(
        "import nmmjax._commands.fit; from nmmjax import gallery; gallery.build(gallery.find('su2h_moment'))"
    )
    assert {"nmmjax.analysis", "nmmjax.experiments", "jax"} <= found
    assert not found & LATE


@pytest.mark.parametrize("order", ["nmmjax, jax", "jax, nmmjax"])
@pytest.mark.parametrize(("single", "dtype"), [("no", "float64"), ("yes", "float32")])
def test_precision_is_that_of_the_package_in_any_order(order, single, dtype):
    done = process(f"import {order}; print(jax.numpy.ones(1).dtype)", NMMJAX_FLOAT32=single)
    assert done.stdout.strip() == dtype


def test_a_word_that_says_neither_ends_a_command_in_one_line():
    done = process("from nmmjax.__main__ import command; command()", "list", NMMJAX_FLOAT32="maybe")
    assert done.returncode == cli.USAGE
    assert done.stderr.startswith("nmmjax: Environment variable `NMMJAX_FLOAT32` must be one of")
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_a_word_that_says_neither_lets_nothing_compute():
    done = process("import nmmjax; nmmjax.Fit", NMMJAX_FLOAT32="maybe")
    assert "ValueError: Environment variable `NMMJAX_FLOAT32` must be one of" in done.stderr


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_parts_are_those_of_their_modules(package):
    imports = [
        node for node in ast.walk(ast.parse(Path(package.__file__).read_text())) if isinstance(node, ast.ImportFrom)
    ]
    homes = {alias.name: node.module for node in imports for alias in node.names}
    for name in package.__all__:
        home = importlib.import_module(homes[name])
        assert getattr(package, name) is getattr(home, name)
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_modules_are_parts():
    assert nmmjax.stars is importlib.import_module("nmmjax.stars")


def test_the_names_of_papers_are_those_of_the_ledger():
    assert set(papers()) == set(ledger.DOCUMENTS)


@pytest.mark.parametrize("kind", [KamLAND2011, LuxZeplin2022, Sno2013, XenonNT2022])
def test_data_are_loaded_by_few_programs(kind):
    """A hundred small ones, one for each operation, take ten seconds to compile."""
    jax.clear_caches()
    before = _compilation.programs()
    kind.load()
    assert _compilation.programs() - before < 20


def test_known_numbers_become_arrays_without_a_program_and_stay_what_they_are():
    values, before = np.linspace(0.0, 1.0, 1733), _compilation.programs()
    arrays = [on_device(values) for _ in range(20)]
    assert _compilation.programs() == before
    values[:] = 2.0
    assert all(float(np.max(array)) == 1.0 for array in arrays)
    assert arrays[0].dtype == np.float64
    assert not arrays[0].weak_type
