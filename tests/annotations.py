"""Every annotation checked while tests run: `pytest --check-annotations`, or `--check-annotations=nmmjax.oscillation`.

An annotation that is not true makes the test fail in which it is found. A test of bad arguments is skipped where an
annotation refuses them before the function does.
"""

import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import beartype
import jaxtyping
import pytest
from _pytest.raises import RaisesExc

_UNTRUE = "_checks"
"""Its arrays of numpy pass for those of JAX, so that functions may say what they take without naming both."""


def packages() -> list[str]:
    """All of nmmjax; found without importing it."""
    folder = Path(__file__).parents[1] / "nmmjax"
    return [f"nmmjax.{module.name}" for module in pkgutil.iter_modules([str(folder)]) if module.name != _UNTRUE]


def check(names: list[str]) -> None:
    """From now on, in these packages, which must not have been imported yet."""
    jaxtyping.install_import_hook(names, f"{__name__}.{checked.__name__}")
    RaisesExc.__exit__ = _skipping(RaisesExc.__exit__)


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, its arguments and result checked; not what is `Self`, of which only classes can be told."""
    for name, annotation in function.__annotations__.items():
        if annotation is Self:
            function.__annotations__[name] = Any
    return beartype.beartype(function)


def _skipping(leave: Callable[..., bool]) -> Callable[..., bool]:
    def leave_or_skip(self: Any, kind: Any, error: Any, traceback: Any) -> bool:
        if isinstance(error, jaxtyping.TypeCheckError):
            pytest.skip("an annotation refuses the argument first")
        return leave(self, kind, error, traceback)

    return leave_or_skip
