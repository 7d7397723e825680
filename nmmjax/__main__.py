"""The command line, and the only place that prints.

Exit codes: 0 good; 2 usage, or a folder or disk that takes no more files; 3 not converged, interrupted, something wrong
in a check, a row of the ledger that does not hold, a verification that differs, or a benchmark that is not as accurate
or quick as claimed.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from typing import Any, NoReturn

from nmmjax import _commands, _environment
from nmmjax._arguments import parser
from nmmjax._interruption import ONE_SIGNAL, SIGNALS, Interruption

GOOD, USAGE, NOT_CONVERGED = 0, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; what it needs is imported when the command line has been read."""
    found = parser(__doc__)
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(found)  # answers a shell, and ends
    options = found.parse_args(arguments)
    with Interruption() as interruption:
        try:
            return _run(options, interruption)
        except (ValueError, FloatingPointError) as error:
            _complain(str(error))
            return NOT_CONVERGED if isinstance(error, FloatingPointError) else USAGE
        except OSError as error:
            _complain(f"{error}; {_kept(options)}" if "out" in options else str(error))
            return USAGE
        except RuntimeError as error:
            from nmmjax.executors import UnfinishedError

            if not isinstance(error, UnfinishedError):
                raise
            _complain(f"{error}; {_kept(options)}")
            return NOT_CONVERGED
        except KeyboardInterrupt:
            _complain(f"interrupted; {_kept(options)}")
            return NOT_CONVERGED


def _run(options: argparse.Namespace, interruption: Interruption) -> int:
    _environment.single_precision()
    return GOOD if _commands.run(options, interruption) else NOT_CONVERGED


def command() -> NoReturn:
    """The process of one command: a second Ctrl-C or SIGTERM ends it at once, even while it compiles."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    sys.unraisablehook = _not_lost
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_end_at_the_second, args=(reader,), daemon=True).start()
    _leave(main())


def _not_lost(swallowed: Any) -> None:
    """Tell of exceptions that Python could not raise, but of an interruption: that is raised again after the step."""
    if not issubclass(swallowed.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(swallowed)


def _end_at_the_second(signals: int) -> None:
    """Watch for signals where Python itself cannot, while it waits for compiled code."""
    first = None
    while number := os.read(signals, 1):
        if number[0] not in SIGNALS:
            continue
        now = time.monotonic()
        first = now if first is None else first
        if now - first > ONE_SIGNAL:
            from rich.console import Console

            Console().show_cursor()
            _leave(NOT_CONVERGED)


def _leave(code: int) -> NoReturn:
    """End at once: threads of XLA may still be at work, and a signal must not change the code of what is finished."""
    _environment.finish()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _complain(words: str) -> None:
    from rich.console import Console

    from nmmjax._words import plain

    Console(stderr=True, highlight=False).print(plain(f"nmmjax: {words}"), style="red", soft_wrap=True)


def _kept(options: argparse.Namespace) -> str:
    """What a command that was cut leaves behind."""
    out = getattr(options, "out", None)
    if out is None or not any(path.is_file() for path in out.rglob("*")):
        return "nothing had been saved yet"
    if options.command == "verify":
        return f"`{out}` keeps what was finished, and `--resume` goes on with the other experiments"
    if any(any(out.rglob(f"{name}.npz")) for name in ("toys*", "calibration", "forecast")):
        return f"`{out}` keeps what was finished, and `--resume` adds to it"
    if any(out.rglob("*.checkpoint.npz")):
        return f"`{out}` keeps what was finished, and `--resume` goes on from there"
    if any(out.rglob("checkpoint.npz")):
        return f"`{out}` keeps what was finished, and `--resume` goes on with warm-up and draws"
    return f"`{out}` keeps what was finished"


if __name__ == "__main__":
    command()
