"""Work on the workers of dask.distributed."""

import contextlib
import hashlib
import itertools
import os
import pickle
import platform as machine
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from nmmjax._version import __version__
from nmmjax.executors._parcels import pack, unpack
from nmmjax.executors._units import Failed, Finished, Outcomes, hopeful, reason

_AHEAD, _LEAST = 4, 32
"""Units on their way for each worker, and at least: more would only fill the scheduler."""
_ONE_AT_A_TIME = threading.Lock()
"""A worker with several threads has one device: one unit computes, the others would but wait for it."""


class Dask:
    """Work on the workers of a client of dask.distributed, on the first device of each.

    What all units share is sent once to each worker. A worker that is lost costs the unit it was at: the scheduler
    gives that to another one, unless it has taken too many workers with it (`distributed.scheduler.allowed-failures`).

    **Arguments:** a `distributed.Client`.
    """

    def __init__(self, client: Any):
        self._client = client
        self._platform = ""

    @property
    def platform(self) -> str:
        """Of the workers' devices, as the first worker says that comes; it waits until there is one."""
        if not self._platform:
            found: Facts = self._client.submit(facts, pure=False).result()
            check_alike(found)
            self._platform = found.platform
        return self._platform

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self._client.nthreads())

    def run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        """As `Executor.run`."""
        return hopeful(self._run(function, shared, units))

    def _run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        from distributed import as_completed

        parcel = pack((facts(), function, shared))
        key = f"nmmjax-{hashlib.sha256(parcel).hexdigest()}"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            # a task that can be done again, where data that were scattered would be lost with their last worker
            carried = self._client.submit(_carried, parcel, key=key)
        waiting, places = iter(enumerate(units)), {}
        # results are fetched as they finish: the fewer are left with a worker, the fewer are lost with it
        done: Any = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)

        def send() -> int:
            """Fill up what is on its way, and say how many units that are."""
            ahead = max(_AHEAD * self.workers, _LEAST)
            for place, unit in itertools.islice(waiting, ahead - len(places)):
                future = self._client.submit(_work, carried, pickle.dumps(unit), pure=False, retries=1)
                places[future] = place
                done.add(future)
            return ahead

        try:
            ahead = send()
            for future, result in done:
                yield _outcome(places.pop(future), future, result, self._client)
                if 2 * len(places) <= ahead:
                    ahead = send()
        finally:
            with contextlib.suppress(Exception):  # of a scheduler that is gone
                self._client.cancel([*places])


def _outcome(place: int, future: Any, result: Any, client: Any) -> Finished | Failed:
    if future.status == "error":
        error = future.exception()
        return Failed(place, reason(error), error)
    if future.status == "cancelled" or isinstance(result, BaseException):
        raise ConnectionError(f"the scheduler of {client!r} is gone")
    return Finished(place, result)


# What workers run


class Facts(NamedTuple):
    """What processes that share work must have in common, and where one computes."""

    versions: tuple[tuple[str, str], ...]
    precision: str
    platform: str


def facts() -> Facts:
    """Of this process."""
    known = {"nmmjax": __version__, "jax": jax.__version__, "python": ".".join(machine.python_version_tuple()[:2])}
    return Facts(tuple(known.items()), str(jnp.result_type(float)), jax.default_backend())


def check_alike(there: Facts) -> None:
    """Another process has the same versions and precision as this one.

    **Raises:** `ValueError` that names what differs.
    """
    here = facts()
    ours, theirs = ({**dict(f.versions), "precision": f.precision} for f in (here, there))
    wrong = [f"{name} ({theirs[name]}, here {ours[name]})" for name in ours if ours[name] != theirs[name]]
    if wrong:
        raise ValueError(f"Workers must compute as this process does, but they have another {', '.join(wrong)}.")


def _carried(parcel: bytes) -> bytes:
    """What all units share, on a worker."""
    return parcel


def _work(parcel: bytes, unit: bytes) -> Any:
    """The result of a unit, on a worker."""
    with _ONE_AT_A_TIME:
        client, function, shared = unpack(parcel)
        check_alike(client)
        return function(shared, pickle.loads(unit))


def settle(number: int, cores: Sequence[int], gpus: Sequence[str]) -> None:
    """Keep this worker, before it computes, to a core or a GPU of its own; Ctrl-C is for the client to hear.

    The compiler divides work among the cores that it sees: on one core each, all workers have the same program.
    """
    with contextlib.suppress(ValueError):  # beside the main thread nothing is heard
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if cores and sys.platform == "linux":
        own = {cores[number % len(cores)]}
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), own)
    if gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
