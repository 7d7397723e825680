"""Where and how a run was made: what would be needed to repeat it."""

import hashlib
import importlib.metadata
import platform as host
import time
from pathlib import Path

import jax
import jax.numpy as jnp

from nmmjax._version import __version__
from nmmjax.infer import Settings
from nmmjax.results.records import AnalysisFile, Platform, Run, Seconds

_PACKAGES = ("jax", "jaxlib", "equinox", "numpyro", "optax", "arviz", "xarray", "numpy")


def run_record(name: str, settings: Settings, *, seconds: Seconds | None = None, file: Path | None = None) -> Run:
    """The record of a run that is made now in this process.

    **Arguments:** its name and settings; the time it took; the file that built the fit, which is named with its hash.
    """
    versions = {package: importlib.metadata.version(package) for package in _PACKAGES}
    built_by = None if file is None else AnalysisFile(str(file), hashlib.sha256(file.read_bytes()).hexdigest())
    return Run(
        name=name,
        date=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        settings=settings,
        versions={"nmmjax": __version__} | versions,
        python=host.python_version(),
        platform=Platform(
            backend=jax.default_backend(),
            devices=tuple(str(device) for device in jax.devices()),
            machine=host.platform(),
            float64=jnp.result_type(float) == jnp.float64,
        ),
        seconds=Seconds(0.0, 0.0) if seconds is None else seconds,
        file=built_by,
    )
