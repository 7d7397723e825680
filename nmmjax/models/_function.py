"""A plain function of named couplings as a model."""

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn, Self

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.low_energy import LowEnergy, Nature, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Argument, arguments, call

_RESULT = "return `Neutrinos`, a `LowEnergy`, or a mass matrix [eV] beside `nature=` of the fit"


class FunctionModel(Model):
    """Abstract: a model whose couplings are the arguments of a function; `from_function` makes its classes.

    **Fields:** `values` of the arguments, by name.
    """

    function: ClassVar[Callable[..., Any]]
    nature: ClassVar[Nature | None]
    """Of a function that returns a mass matrix; None where it returns neutrinos."""

    values: dict[str, Any]

    def __init__(self, **values: Any):
        taken = self.own_arguments()
        self.values = {name: taken[name].checked(name, value) for name, value in values.items()}

    @classmethod
    def own_arguments(cls) -> Mapping[str, Argument]:
        """Those of the function."""
        return arguments(cls.function)

    def low_energy(self) -> LowEnergy:
        """What the function returns; beside a mass matrix the moments of the loop of W and charged leptons."""
        made = call(type(self).function, self.values)
        if isinstance(made, LowEnergy | Neutrinos):
            if self.nature is not None:
                _checks.fail("nature", "be left out where a model makes its own neutrinos", f"it is {self.nature!r}")
            return made if isinstance(made, LowEnergy) else LowEnergy(made)
        if not isinstance(made, jax.Array | np.ndarray) or made.ndim != 2:
            self._refuse(f"it returns {made!r}")
        if self.nature is None:
            self._refuse(f"it returns an array of shape {made.shape}, and no `nature=` is given")
        return LowEnergy(Neutrinos(jnp.asarray(made), nature=self.nature))

    def _refuse(self, but: str) -> NoReturn:
        _checks.fail("model", _RESULT, f"of {type(self).__name__}, {but}")

    @classmethod
    def default_priors(cls) -> dict[str, Distribution]:
        """None: a function says nothing of them."""
        return {}

    @classmethod
    def benchmark(cls) -> Self:
        """The point of all defaults."""
        return cls()


@public
@functools.cache
def from_function(function: Callable[..., Any], nature: Nature | None = None) -> type[FunctionModel]:
    """A class of models whose couplings are the named arguments of a function; the same class for the same function.

    **Arguments:** a function that returns `Neutrinos`, a `LowEnergy`, or a mass matrix (n, n) [eV] in the flavor basis
    together with `nature`. Its name, and the first line of its docstring, stand in reports.
    """
    if not inspect.isroutine(function):
        _checks.fail("function", "be a function", f"it is {_checks.shown(function)}")
    for argument in inspect.signature(function).parameters.values():
        if argument.kind not in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
            _checks.fail("model", "be a function of named arguments", f"`{argument}` is none")
    name, doc = function.__name__, inspect.getdoc(function)
    members: dict[str, Any] = {"__doc__": doc, "__module__": function.__module__, "__qualname__": name}
    members |= {"reference": (doc or name).splitlines()[0], "function": staticmethod(function), "nature": nature}
    return types.new_class(name, (FunctionModel,), exec_body=lambda body: body.update(members))
