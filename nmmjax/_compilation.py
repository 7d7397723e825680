"""How much has been compiled: seconds and programs, as JAX reports them."""

import jax

_EVENT = "/jax/core/compile/backend_compile_duration"
_total = {"seconds": 0.0, "programs": 0}


def _listen(event: str, duration_secs: float, **_: str | int) -> None:
    if event == _EVENT:
        _total["seconds"] += duration_secs
        _total["programs"] += 1


jax.monitoring.register_event_duration_secs_listener(_listen)


def seconds() -> float:
    """Seconds that the compiler has taken since this module was imported."""
    return _total["seconds"]


def programs() -> int:
    """Programs that have been compiled since this module was imported."""
    return int(_total["programs"])
