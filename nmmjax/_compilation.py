"""How programs are compiled, and how much of that there has been."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import jax

from nmmjax import _program_cache

_EVENT = "/jax/core/compile/backend_compile_duration"
_OFTEN = {"xla_cpu_use_fusion_emitters": False}
"""The compiler of a CPU takes two thirds of the time with this; its programs, 0.8 to 1.6 times as long."""
_BRIEFLY = _OFTEN | {"xla_backend_optimization_level": 0}
"""With these, a quarter to a third; and its programs, one to three times as long."""
_total = {"seconds": 0.0, "programs": 0}
_Given = TypeVar("_Given")


def _listen(event: str, duration_secs: float, **_: str | int) -> None:
    if event == _EVENT:
        _total["seconds"] += duration_secs
        _total["programs"] += 1


jax.monitoring.register_event_duration_secs_listener(_listen)
_program_cache.switch_on()


def seconds() -> float:
    """Seconds that the compiler has taken since this module was imported."""
    return _total["seconds"]


def programs() -> int:
    """Programs that have been compiled since this module was imported."""
    return int(_total["programs"])


def quick(*static: str, often: bool = False) -> Callable[[Callable[..., _Given]], Callable[..., _Given]]:
    """Decorate a function as `jax.jit` does, for a program whose compilation takes longer than all its runs together.

    **Arguments:** names of arguments that are static; whether it runs so often that its speed counts, too.
    """
    wanted = _OFTEN if often else _BRIEFLY

    def decorate(function: Callable[..., _Given]) -> Callable[..., _Given]:
        @functools.cache
        def compiled() -> Any:
            return jax.jit(function, static_argnames=static, compiler_options=_known(tuple(wanted.items())))

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> _Given:
            return compiled()(*args, **kwargs)

        return call

    return decorate


@functools.cache
def _known(options: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """Those that this compiler knows; none but on a CPU."""
    chosen: dict[str, Any] = {}
    if jax.default_backend() != "cpu":
        return chosen
    trial = jax.jit(lambda: 0.0).lower()
    for name, value in options:
        try:
            trial.compile(compiler_options={name: value})
        except jax.errors.JaxRuntimeError:
            continue
        chosen[name] = value
    return chosen
