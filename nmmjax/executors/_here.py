"""Work in this process."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

import jax

from nmmjax import _checks
from nmmjax.executors._units import Failed, Finished, Outcomes, hopeful, reason


class Here:
    """Work in this process: a unit at a time on each device.

    A unit is the same program on each of them, so that results are the same bits for any number of devices.

    **Arguments:** `devices`: those that compute (default: all GPUs or TPUs of this process, or one device of a CPU).
    Several devices of a CPU share threads, compile each program once more, and wait for each other for ever where
    batches of matrices are decomposed: the cores of a CPU are better taken by processes, `connected("local:N")`.
    """

    def __init__(self, devices: Sequence[Any] | None = None):
        if devices is not None and not devices:
            _checks.fail("devices", "name one device or more", "it is empty")
        self._chosen = devices

    @property
    def devices(self) -> tuple[Any, ...]:
        """Those that compute."""
        if self._chosen is not None:
            return tuple(self._chosen)
        available = jax.local_devices()
        return tuple(available[:1] if available[0].platform == "cpu" else available)

    @property
    def platform(self) -> str:
        """Of these devices."""
        return "cpu" if self.devices[0].platform == "cpu" else jax.default_backend()

    def run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        """As `Executor.run`: one device takes units in their order, several as they are free."""
        devices = self.devices
        if len(devices) == 1 and self._chosen is None:
            return hopeful(_twice(function, shared, unit, place) for place, unit in enumerate(units))
        return hopeful(_side_by_side(devices, function, shared, units))


def _twice(function: Callable[[Any, Any], Any], shared: Any, unit: Any, place: int) -> Finished | Failed:
    try:
        return Finished(place, function(shared, unit))
    except Exception:
        try:
            return Finished(place, function(shared, unit))
        except Exception as error:
            return Failed(place, reason(error), error)


def _side_by_side(
    devices: Sequence[Any], function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]
) -> Outcomes:
    """A thread for each device."""
    waiting, done = queue.SimpleQueue(), queue.SimpleQueue()
    ended = threading.Event()
    for numbered in enumerate(units):
        waiting.put(numbered)

    def work(device: Any) -> None:
        with jax.default_device(device):
            while not ended.is_set():
                try:
                    place, unit = waiting.get_nowait()
                except queue.Empty:
                    return
                done.put(_twice(function, shared, unit, place))

    threads = [threading.Thread(target=work, args=(device,), daemon=True) for device in devices]
    for thread in threads:
        thread.start()
    try:
        for _ in units:
            yield done.get()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
