"""The state of a sampling run on disk, so that it can go on where it was cut."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import numpyro

from nmmjax._files import atomic
from nmmjax.fit import Fit
from nmmjax.infer.settings import Settings


class Progressed(NamedTuple):
    """What a run has: finished iterations, the state of the chains, what was drawn and how long it took."""

    done: int
    state: Any
    drawn: dict[str, np.ndarray]
    """Name -> (chains, draws, ...)."""
    seconds: float


def fingerprint(fit: Fit, run: tuple[Any, ...]) -> str:
    """Changes with anything that would change the draws: data, priors, settings, software, platform."""
    digest = hashlib.sha256(repr((fit.model.__qualname__, run)).encode())
    digest.update(repr((jax.__version__, numpyro.__version__, jax.default_backend())).encode())
    for experiment in fit.experiments:
        digest.update(experiment.name.encode())
        _update(digest, jax.tree.leaves(experiment))
    for name in sorted(fit.priors):
        digest.update(f"{name}{type(fit.priors[name]).__name__}".encode())
    _update(digest, jax.tree.leaves(fit.priors))
    for name in sorted(fit.fixed):
        digest.update(f"{name}{jax.tree.structure(fit.fixed[name])}".encode())
        _update(digest, jax.tree.leaves(fit.fixed[name]))
    return digest.hexdigest()


def _update(digest: Any, leaves: list[Any]) -> None:
    for leaf in leaves:
        digest.update(np.asarray(leaf).tobytes())


def save(path: Path, mark: str, settings: Settings, progressed: Progressed) -> None:
    """Write everything under one name, atomically."""
    state = {f"state_{i:03d}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(progressed.state))}
    drawn = {f"drawn_{name}": values for name, values in progressed.drawn.items()}
    with atomic(path) as temporary, temporary.open("wb") as stream:
        contents = (
            {"fingerprint": mark, "settings": repr(settings), "done": progressed.done, "seconds": progressed.seconds}
            | state
            | drawn
        )
        np.savez(stream, allow_pickle=False, **contents)


def load(path: Path, mark: str, like: Any) -> Progressed:
    """Read a checkpoint of the same run; `like` is a state with the right structure.

    **Raises:** `ValueError` where the checkpoint belongs to another run.
    """
    try:
        with path.open("rb") as stream, np.load(stream) as stored:
            contents = dict(stored)
        found, settings = str(contents["fingerprint"]), str(contents["settings"])
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
        raise ValueError(
            f"Checkpoint `{path}` must be intact, but it is damaged: start anew without resuming."
        ) from None
    if found != mark:
        raise ValueError(
            f"Checkpoint `{path}` must come from the same fit, settings and software, but it does not "
            f"(its settings: {settings}): start anew without resuming."
        )
    leaves = [contents[name] for name in sorted(contents) if name.startswith("state_")]
    drawn = {name.removeprefix("drawn_"): values for name, values in contents.items() if name.startswith("drawn_")}
    done, seconds = int(contents["done"]), float(contents["seconds"])
    return Progressed(done, jax.tree.unflatten(jax.tree.structure(like), leaves), drawn, seconds)
