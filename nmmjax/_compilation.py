"""How programs are compiled, how long that takes, and what is under way."""

import functools
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

import jax
from jax.experimental.xla_metadata import set_xla_metadata

from nmmjax import _program_cache

_OFTEN = {"xla_cpu_use_fusion_emitters": False}
"""The compiler of a CPU takes two thirds of the time with this; its programs, 0.8 to 1.6 times as long."""
_BRIEFLY = _OFTEN | {"xla_backend_optimization_level": 1}
"""With these, about half; and its programs, up to twice as long.

Not level 0: there it joins products and sums here and not there, so that a number which is computed twice has two
values, and derivatives that ask whether it equals the larger of two, as that of `jnp.maximum`, are lost.
"""
_Arguments = ParamSpec("_Arguments")
_Given = TypeVar("_Given")


class Spent(NamedTuple):
    """What has been spent on programs since this module was imported."""

    tracing: float = 0.0
    """Seconds from Python to a program, lowering included."""
    compiling: float = 0.0
    """Seconds from a program to machine code, or to find it on disk."""
    programs: int = 0
    """That were compiled or found on disk."""
    found: int = 0
    """Of these, on disk."""

    def since(self, before: "Spent") -> "Spent":
        """What has been added to an earlier state."""
        tracing, compiling = self.tracing - before.tracing, self.compiling - before.compiling
        return Spent(tracing, compiling, self.programs - before.programs, self.found - before.found)


class Activity(NamedTuple):
    """What is under way."""

    words: str
    begun: float
    """On the clock of `time.monotonic`."""


class _Listener:
    """Adds up what JAX reports at the end of each step. Traces lie within each other: each moment counts once."""

    def __init__(self):
        self.spent = Spent()
        self.activity: Activity | None = None
        self._traced: dict[int, list[tuple[float, float]]] = {}
        self._lock = threading.Lock()

    def duration(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        """One step has ended."""
        step = _STEPS.get(event)
        if step is None:
            return
        now, seconds, name = time.monotonic(), duration_secs, str(kwargs.get("fun_name", ""))
        with self._lock:
            if step == "compile":
                spent = self.spent
                self.spent = spent._replace(compiling=spent.compiling + seconds, programs=spent.programs + 1)
                self._traced.pop(threading.get_ident(), None)
                self.activity = None
                return
            seconds = self._uncounted(now - seconds, now) if step == "trace" else seconds
            self.spent = self.spent._replace(tracing=self.spent.tracing + seconds)
            if step == "lower":
                self.activity = Activity(f"compiling {_plain(name)}", now)
            elif self.activity is None or not self.activity.words.startswith("tracing"):
                self.activity = Activity("tracing", now - seconds)

    def event(self, event: str, **kwargs: str | int) -> None:
        """Something has happened."""
        del kwargs
        if event == _FOUND:
            with self._lock:
                self.spent = self.spent._replace(found=self.spent.found + 1)

    def _uncounted(self, start: float, end: float) -> float:
        """Seconds of an interval that holds some of the intervals before, less these."""
        traced, inside = self._traced.setdefault(threading.get_ident(), []), 0.0
        while traced and traced[-1][0] >= start:
            first, last = traced.pop()
            inside += last - first
        traced.append((start, end))
        return max(end - start - inside, 0.0)


_CORE = "/jax/core/compile/"
_STEPS = {
    f"{_CORE}jaxpr_trace_duration": "trace",
    f"{_CORE}jaxpr_to_mlir_module_duration": "lower",
    f"{_CORE}backend_compile_duration": "compile",
}
_FOUND = "/jax/compilation_cache/cache_hits"
_listener = _Listener()
jax.monitoring.register_event_duration_secs_listener(_listener.duration)
jax.monitoring.register_event_listener(_listener.event)
_program_cache.switch_on()


def spent() -> Spent:
    """What has been spent so far."""
    return _listener.spent


def programs() -> int:
    """Programs that have been compiled, or found on disk, since this module was imported."""
    return _listener.spent.programs


def activity() -> Activity | None:
    """What is being traced or compiled, if anything is."""
    return _listener.activity


def _plain(name: str) -> str:
    """A function's name in words: of jit(_advance), advance."""
    return name.removeprefix("jit(").removesuffix(")").strip("_").replace("_", " ")


class Quick(Generic[_Given]):
    """A function that is compiled when it is first called."""

    def __init__(self, function: Callable[..., _Given], static: tuple[str, ...], options: Mapping[str, Any]):
        self.function, self._static, self._options = function, static, options
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> _Given:
        """The function's value."""
        return self._compiled(*args, **kwargs)

    def ahead(self, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        """What compiles it for arguments of these shapes, so that a later call finds it; it is traced at once.

        Compile in another thread, but trace in one: the text of a program depends on what has been traced before.
        """
        return self._compiled.lower(*args, **kwargs).compile

    @functools.cached_property
    def _compiled(self) -> Any:
        return jax.jit(self.function, static_argnames=self._static, compiler_options=_known(self._options))


def quick(*static: str, often: bool = False) -> Callable[[Callable[..., _Given]], Quick[_Given]]:
    """Decorate a function as `jax.jit` does, for a program whose compilation takes longer than all its runs together.

    **Arguments:** names of arguments that are static; whether it runs so often that its speed counts, too.
    """

    def decorate(function: Callable[..., _Given]) -> Quick[_Given]:
        return Quick(function, static, _OFTEN if often else _BRIEFLY)

    return decorate


def stage(f: Callable[_Arguments, _Given]) -> Callable[_Arguments, _Given]:
    """f, compiled apart from what surrounds it on a CPU, so that what it returns is computed once for all its uses.

    Within one loop XLA computes again, for every output, all that the output depends on: what nine entries share is
    computed nine times, what these share 81 times, and so on from step to step, in derivatives above all.
    """
    compiled = jax.jit(f)

    @functools.wraps(f)
    def called(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Given:
        if jax.default_backend() != "cpu":
            return f(*arguments, **named)
        with set_xla_metadata(inlineable="false"):
            return compiled(*arguments, **named)

    return called


def _known(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those that this compiler knows and that the environment leaves open; none but on a CPU."""
    if jax.default_backend() != "cpu":
        return {}
    said = os.environ.get("XLA_FLAGS", "")
    return {n: v for n, v in options.items() if f"--{n}=" not in said and _is_known(n, v)}


@functools.cache
def _is_known(name: str, value: Any) -> bool:
    try:
        jax.jit(lambda: 0.0).lower().compile(compiler_options={name: value})
    except jax.errors.JaxRuntimeError:
        return False
    return True
