"""Clusters by name: processes of this machine, jobs of a batch system, or a scheduler that runs already."""

import contextlib
import importlib.util
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax

from nmmjax import _checks, _platform
from nmmjax.executors._dask import Dask, settle

BATCH_SYSTEMS = {
    "htcondor": "HTCondorCluster",
    "lsf": "LSFCluster",
    "moab": "MoabCluster",
    "oar": "OARCluster",
    "pbs": "PBSCluster",
    "sge": "SGECluster",
    "slurm": "SLURMCluster",
}
"""By what they are called here: the classes of dask-jobqueue."""
_ADDRESS = re.compile(r"^([a-z]+://)?[\w.\-\[\]:]+:\d+/?$")
_PATIENCE = 10.0
"""Seconds in which a scheduler answers."""
_JOB = {"cores": 1, "processes": 1, "memory": "4 GiB"}
"""Of one job, where the user's configuration of dask-jobqueue says nothing."""


_LOCAL = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}
"""Of processes on this machine: they share its cores with what watches them, which does no more than it must."""


class Place(NamedTuple):
    """Which cluster is meant."""

    kind: str
    """local, the name of a batch system, or address."""
    number: int = 0
    """Of workers or jobs."""
    address: str = ""


def parse(cluster: str) -> Place:
    """What is meant by ADDRESS, local:N, slurm:N and the like.

    **Raises:** `ValueError` where it is none of these.
    """
    name, colon, number = cluster.partition(":")
    if name in ("local", *BATCH_SYSTEMS):
        if name == "local" and not colon:
            return Place(name, _platform.cores())
        if colon and not (number.isdecimal() and int(number) > 0):
            _checks.fail("cluster", f"give a number of workers, as {name}:4", f"it is {cluster!r}")
        return Place(name, int(number or 1))
    if cluster.endswith(".json"):
        if not Path(cluster).is_file():
            _checks.fail("cluster", "be the file of a scheduler that exists", f"{cluster!r} does not")
        return Place("file", address=cluster)
    if not _ADDRESS.match(cluster):
        known = f"local:N, {', '.join(f'{system}:N' for system in BATCH_SYSTEMS)}, or the address HOST:PORT"
        _checks.fail("cluster", f"be {known} of a dask scheduler or its file", f"it is {cluster!r}")
    return Place("address", address=cluster)


def check_cluster(cluster: str) -> None:
    """What `connected` is asked for can be there.

    **Raises:** `ValueError` for another name, or without dask.
    """
    parse(cluster)
    _check_installed("distributed")


@contextlib.contextmanager
def connected(cluster: str, *, platform: str | None = None) -> Iterator[Dask]:
    """An executor on a cluster, which ends with this context unless it ran before.

    **Arguments:**

    - `cluster`: `local:N` starts N processes on this machine, each with a core or a GPU of its own;
      `slurm:N`, `pbs:N`, ... ask the batch system for N jobs, as `jobqueue.slurm` and so on in the user's configuration
      of dask say; `HOST:PORT` or the scheduler's file join a cluster that runs.
    - `platform`: cpu or gpu, on which workers that are started here compute (default: what JAX finds there).

    Processes of `local:N` import the main script of this one, so that a script keeps its work below
    `if __name__ == "__main__":`.

    **Raises:** `ValueError` for another name, without dask, or where no scheduler answers.
    """
    check_cluster(cluster)
    place = parse(cluster)
    with contextlib.ExitStack() as stack:
        started = {"local": _local}.get(place.kind, _batch if place.kind in BATCH_SYSTEMS else _running)
        yield Dask(started(place, platform, stack))


def _check_installed(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        _checks.fail(
            "cluster", 'be left out where dask is not installed (`pip install "nmmjax[cluster]"`)', "it is not"
        )


def _running(place: Place, platform: str | None, stack: contextlib.ExitStack) -> Any:
    """A client of a scheduler that runs already."""
    from distributed import Client

    where: dict[str, Any] = {"scheduler_file" if place.kind == "file" else "address": place.address.rstrip("/")}
    stack.enter_context(_quiet("distributed.comm", "distributed.client"))
    try:
        client = Client(timeout=_PATIENCE, set_as_default=False, **where)
    except (OSError, TimeoutError, ValueError) as error:
        _checks.fail("cluster", "name a dask scheduler that answers", f"{place.address} does not ({error})")
    return stack.enter_context(client)


def _local(place: Place, platform: str | None, stack: contextlib.ExitStack) -> Any:
    """A client of processes on this machine.

    Units wait at no worker, so that none is lost with another.
    """
    from dask import config
    from distributed import Client, LocalCluster

    with config.set(_LOCAL):
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=place.number,
                threads_per_worker=1,
                dashboard_address=":0",
                memory_limit=None,  # pyright: ignore[reportArgumentType]  (none)
                silence_logs=logging.CRITICAL,
                env=_environment(platform),
            )
        )
    client = stack.enter_context(Client(cluster, set_as_default=False))
    client.register_plugin(_pins())
    return client


def _pins() -> Any:
    """What gives each worker a GPU of its own, or a core of its own where there are none."""
    from distributed import WorkerPlugin

    class Pins(WorkerPlugin):
        name = "nmmjax-pins"

        def __init__(self, cores: Sequence[int], gpus: Sequence[str]):
            self.cores, self.gpus = cores, gpus

        def setup(self, worker: Any) -> None:
            settle(int(worker.name), self.cores, self.gpus)

    gpus = _gpus()
    return Pins([] if gpus else _platform.core_numbers(), gpus)


def _gpus() -> list[str]:
    """The GPUs of this process, as `CUDA_VISIBLE_DEVICES` calls them."""
    if jax.default_backend() != "gpu":
        return []
    given = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return given.split(",") if given else [str(i) for i in range(len(jax.local_devices()))]


def _environment(platform: str | None) -> dict[str, str]:
    """Of processes that are started here: one device each, which does not take all memory of a GPU at once."""
    chosen = {"JAX_NUM_CPU_DEVICES": "1"}
    if "XLA_PYTHON_CLIENT_PREALLOCATE" not in os.environ:
        chosen["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    return chosen | ({"JAX_PLATFORMS": _platform.NAMES[platform]} if platform else {})


def _batch(place: Place, platform: str | None, stack: contextlib.ExitStack) -> Any:
    """A client of jobs, as the user's configuration of dask-jobqueue describes them."""
    from dask import config
    from distributed import Client

    _check_installed("dask_jobqueue")
    import dask_jobqueue

    known: Mapping[str, Any] = config.get(f"jobqueue.{place.kind}", {})
    given = {name: value for name, value in _JOB.items() if known.get(name) is None}
    lines = [f"export {name}={value}" for name, value in _environment(platform).items()]
    given["job_script_prologue"] = [*(known.get("job-script-prologue") or ()), *lines]
    start: Callable[..., Any] = getattr(dask_jobqueue, BATCH_SYSTEMS[place.kind])
    cluster = stack.enter_context(start(**given))
    cluster.scale(jobs=place.number)
    return stack.enter_context(Client(cluster, set_as_default=False))


@contextlib.contextmanager
def _quiet(*loggers: str) -> Iterator[None]:
    """While what these say is told in other words."""
    levels = {name: logging.getLogger(name).level for name in loggers}
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
