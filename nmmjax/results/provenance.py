"""Where and how a run was made: what would be needed to repeat it."""

import hashlib
import importlib.metadata
import platform as host
import subprocess
import time
from pathlib import Path

import jax
import jax.numpy as jnp

from nmmjax import plugins
from nmmjax._version import __version__
from nmmjax.infer import Settings
from nmmjax.results.records import AnalysisFile, Platform, Run, Seconds

_PACKAGES = ("jax", "jaxlib", "equinox", "numpyro", "optax", "arviz", "xarray", "numpy")
_PATIENCE = 10.0
"""Seconds to wait for git."""


def run_record(name: str, settings: Settings, *, file: Path | None = None, changes: tuple[str, ...] = ()) -> Run:
    """The record of a run that begins now in this process, and has taken no time yet.

    **Arguments:** its name and settings; the file that built the fit, which is named with its hash and commit;
    what was changed of it.
    """
    versions = {package: importlib.metadata.version(package) for package in _PACKAGES}
    built_by = None if file is None else _analysis_file(file)
    return Run(
        name=name,
        date=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        settings=settings,
        versions={"nmmjax": __version__} | versions | plugins.packages(),
        python=host.python_version(),
        platform=Platform(
            backend=jax.default_backend(),
            devices=tuple(str(device) for device in jax.devices()),
            machine=host.platform(),
            float64=jnp.result_type(float) == jnp.float64,
        ),
        seconds=Seconds(),
        file=built_by,
        commit=_commit(Path(__file__)),
        changes=changes,
    )


def _analysis_file(file: Path) -> AnalysisFile:
    return AnalysisFile(str(file), hashlib.sha256(file.read_bytes()).hexdigest(), _commit(file))


def _commit(file: Path) -> str | None:
    """Of the repository that knows a file, if there is one and git can tell."""
    folder = str(file.resolve().parent)
    if _git(folder, "ls-files", "--error-unmatch", file.name) is None:
        return None
    return _git(folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(folder: str, *arguments: str) -> str | None:
    """What git prints; None where it fails, is not there or takes too long."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
