"""`nmmjax slha`."""

import argparse
from pathlib import Path

import jax.numpy as jnp

from nmmjax import _checks, gallery, results, sheets, slha
from nmmjax._commands import _analyses, _shared
from nmmjax._files import writable
from nmmjax._screen import Screen
from nmmjax.low_energy import LowEnergy
from nmmjax.models import Model


def export(options: argparse.Namespace, screen: Screen) -> bool:
    """Write the theory at the maximum of a result, or at the benchmark of a model, by the Les Houches Accord."""
    _shared.configure(options)
    folder = Path(options.name)
    theory = _at_maximum(results.load(folder), options.fit) if folder.is_dir() else _at_benchmark(options.name)
    writable("--out", options.to.parent)
    slha.write(theory, options.to)
    screen.show_paths((options.to,))
    return True


def _at_maximum(result: results.Result, given: str | None) -> LowEnergy:
    entry = _analyses.file_of(result, given)
    with gallery.neighbors(entry):
        fit = _analyses.of_result(result, entry).fit
        results.check_fit(result, fit)
        best = jnp.asarray([result.row(label).best for label in fit.space.labels])
        return fit.point(fit.space.unflat(best)).theory


def _at_benchmark(name: str) -> LowEnergy:
    models = [found for found in sheets.named(name) if isinstance(found, type) and issubclass(found, Model)]
    if not models:
        _checks.fail("NAME", "be a folder that `nmmjax fit` wrote, or a model", f"`{name}` is neither")
    return models[0].benchmark().low_energy()
