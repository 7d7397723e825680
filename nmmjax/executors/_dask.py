"""Work on the workers of dask.distributed."""

import contextlib
import hashlib
import math
import os
import pickle
import platform as machine
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from nmmjax._version import __version__
from nmmjax.executors._parcels import pack, unpack
from nmmjax.executors._units import Failed, Finished, Outcomes, hopeful, reason

_AHEAD = 3
"""Tasks on their way for each worker: more would only wait."""
_TASK = 0.5
"""Seconds of work in a task: for less, handing it over would take time that counts."""
_LEAST = 1e-4
"""Seconds that a unit takes at least, as clocks tell."""
_ONE_AT_A_TIME = threading.Lock()
"""A worker with several threads has one device: one unit computes, the others would but wait for it."""


class Dask:
    """Work on the workers of a client of dask.distributed, on the first device of each.

    What all units share is sent once to each worker. Units that take less than half a second travel together. A worker
    that is lost costs what it was at: that is given to another one. Units that fail, or have taken more workers with
    them than `distributed.scheduler.allowed-failures` says, are tried once more, each alone.

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
        try:
            return len(self._client.nthreads())
        except OSError as error:
            raise _gone(self._client) from error

    def run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        """As `Executor.run`."""
        return hopeful(self._run(function, shared, units))

    def _run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        """Units that follow each other in tasks, as many tasks as keep the workers busy."""
        sent = _Sent(self._client, pack((facts(), function, shared)), units)
        waiting, seconds = deque(range(len(units))), math.inf
        try:
            while waiting or sent.tasks:
                workers = max(self.workers, 1)
                while waiting and len(sent.tasks) < _AHEAD * workers:
                    size = max(1, min(int(_TASK / seconds), len(waiting) // (2 * workers)))
                    sent.send(_Task(tuple(waiting.popleft() for _ in range(size))))
                task, error, done = sent.next()
                if done is not None:
                    seconds = min(seconds, done.seconds)
                    yield from map(Finished, task.places, done.results)
                elif task.again:
                    yield Failed(task.places[0], reason(error), error)
                else:
                    for place in task.places:
                        sent.send(_Task((place,), again=True))
        finally:
            sent.call_off()


class _Sent:
    """Tasks that are under way, and what they share."""

    def __init__(self, client: Any, parcel: bytes, units: Sequence[Any]):
        from distributed import as_completed

        self.tasks: dict[Any, _Task] = {}
        self._client, self._units = client, units
        key = f"nmmjax-{hashlib.sha256(parcel).hexdigest()}"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            # a task that can be done again, where data that were scattered would be lost with their last worker
            self._shared = client.submit(_carried, parcel, key=key)
        # results are fetched as they finish: the fewer are left with a worker, the fewer are lost with it
        self._done: Any = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    def send(self, task: "_Task") -> None:
        """One more."""
        own = pickle.dumps([self._units[place] for place in task.places])
        future = self._client.submit(_work, self._shared, own, pure=False)
        self.tasks[future] = task
        self._done.add(future)

    def next(self) -> tuple["_Task", Any, "_Done | None"]:
        """The next that ends, with its error or what it has done.

        **Raises:** `ConnectionError` where the scheduler has ended.
        """
        future, result = next(self._done)
        task = self.tasks.pop(future)
        if future.status == "error":
            return task, future.exception(), None
        if future.status == "cancelled" or isinstance(result, BaseException):
            raise _gone(self._client)
        return task, None, result

    def call_off(self) -> None:
        """All that is under way."""
        with contextlib.suppress(Exception):  # of a scheduler that is gone
            self._client.cancel([*self.tasks])


def _gone(client: Any) -> ConnectionError:
    return ConnectionError(f"the dask scheduler of {client!r} is gone")


class _Task(NamedTuple):
    """Units that are done one after the other."""

    places: tuple[int, ...]
    again: bool = False
    """Whether this one has failed already, alone or with others."""


class _Done(NamedTuple):
    results: list[Any]
    seconds: float
    """Of the quickest."""


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


def _work(parcel: bytes, units: bytes) -> _Done:
    """The results of some units, on a worker."""
    with _ONE_AT_A_TIME:
        client, function, shared = unpack(parcel)
        check_alike(client)
        results, quickest = [], math.inf
        for unit in pickle.loads(units):
            begun = time.perf_counter()
            results.append(function(shared, unit))
            quickest = min(quickest, time.perf_counter() - begun)
        return _Done(results, max(quickest, _LEAST))


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
