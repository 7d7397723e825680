"""Ctrl-C and SIGTERM while something is under way: neither is lost, and what is nearly finished is finished first."""

import contextlib
import math
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ONE_SIGNAL = 0.5
"""Signals that follow each other faster than this [s] are one, which came to a whole group and through a parent."""
_REPLACED = (signal.SIG_DFL, signal.default_int_handler)


class Interruption:
    """While this context lasts, SIGINT and SIGTERM raise `KeyboardInterrupt`: clusters end jobs by the latter.

    An exception that a signal raises can be swallowed, as within JAX's callback of the garbage collector: `check`,
    between two steps, raises it again until `taken` says that it has been heeded. Within `deferred` the first one waits
    for the end. Handlers other than Python's own stay, and threads other than the main one have none.
    """

    def __init__(self):
        self.heard = False
        """Whether there was a signal."""
        self._open = self._deferring = False
        self._last = -math.inf
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if _is_ours(signal.getsignal(number)):
                    self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now, before = time.monotonic(), self._last
        if now - before < ONE_SIGNAL:
            return
        waits = self._deferring and not self.heard
        self._last, self.heard, self._open = now, True, True
        if not waits:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise what was heard and has not been heeded."""
        if self._open:
            raise KeyboardInterrupt

    def taken(self) -> None:
        """What was heard has been heeded."""
        self._open = False

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Finish this block before the first signal is heeded; a second one does not wait."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False


def _is_ours(handler: Any) -> bool:
    """Python's own handlers, and those of a context around this one."""
    return handler in _REPLACED or isinstance(getattr(handler, "__self__", None), Interruption)
