"""Whether priors and fixed values fit what a model and its experiments take: checked when a fit is built."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax.low_energy import Nature
from nmmjax.models import Model, arguments, from_function
from nmmjax.parameters import REQUIRED, checked_together
from nmmjax.quantities import Quantity
from nmmjax.space import Space

_ROUNDING = 1e-14
_MODELS = "be a subclass of Model, a classmethod of one or a plain function of named couplings"


def constructor_of(model: Callable[..., Any], nature: Nature | None) -> Callable[..., Model]:
    """The model class or its constructor as it is; a plain function as a class of models."""
    if (isinstance(model, type) and issubclass(model, Model)) or isinstance(getattr(model, "__self__", None), type):
        model_class(model)
        if nature is not None:
            _checks.fail("nature", "be left out beside a class of models, which has its own", f"it is {nature!r}")
        return model
    if not inspect.isfunction(model):
        _checks.fail("model", _MODELS, f"it is {model!r}")
    if nature is not None:
        _checks.check_instance("nature", nature, Nature)
    return from_function(model, nature)


def model_class(model: Callable[..., Model]) -> type[Model]:
    """The class behind a constructor."""
    owner = model if isinstance(model, type) else getattr(model, "__self__", None)
    if not (isinstance(owner, type) and issubclass(owner, Model)):
        _checks.fail("model", _MODELS, f"it is {model!r}")
    return owner


def check(
    model: Callable[..., Model],
    nuisances: Mapping[str, Distribution],
    priors: Mapping[str, Distribution],
    fixed: Mapping[str, Any],
) -> None:
    """Every name is known and given once, and every prior is a distribution inside its domain."""
    taken = arguments(model)
    _check_names(taken, nuisances, priors, fixed)
    needed = {name for name, argument in taken.items() if argument.default is REQUIRED}
    if missing := needed - set(priors) - set(fixed):
        must = f"name every parameter of {model_class(model).__name__} that is not fixed"
        _checks.fail("priors", must, f"{sorted(missing)} lack one")
    for name, prior in priors.items():
        _check_distribution(name, prior)
        if name in taken:
            _check_argument(name, prior, taken[name].quantity, taken[name].kinds)
    for name in nuisances.keys() & {*priors, *fixed}:
        low, high = Space.support_bounds(nuisances[name])
        if name in priors:
            _check_support(name, priors[name], Quantity("", low=low, high=high))
        if name in fixed:
            _checks.check_range(f"fixed[{name!r}]", fixed[name], low=low, high=high)
    _check_together(model, priors, fixed)


def _check_together(model: Callable[..., Model], priors: Mapping[str, Distribution], fixed: Mapping[str, Any]) -> None:
    """What must fit together does so at the ends of all priors: the sign of a splitting, and the ordering."""
    for part, names in checked_together(model).items():
        for side in (0, 1):
            ends = {name: _end(priors[name], side) for name in names if name in priors}
            part(**{name: fixed[name] for name in names if name in fixed}, **ends)


def _end(prior: Distribution, side: int) -> Any:
    """One end of the support of a prior; a draw where it has none."""
    end = Space.support_bounds(prior)[side]
    draw = prior.sample(jax.random.PRNGKey(0))
    return jnp.full(jnp.shape(draw), end) if np.isfinite(end) else draw


def _check_names(taken: Mapping[str, Any], nuisances: Mapping, priors: Mapping, fixed: Mapping) -> None:
    for argument, names in (("priors", priors), ("fixed", fixed)):
        for name in names:
            _checks.check_known(argument, name, (*taken, *nuisances))
    if twice := set(priors) & set(fixed):
        _checks.fail("fixed", "name no parameter that has a prior", f"it names {sorted(twice)}")
    if not {**nuisances, **priors}.keys() - fixed.keys():
        _checks.fail("priors", "leave something to sample", "everything is fixed")


def _check_distribution(name: str, prior: Distribution) -> None:
    if not isinstance(prior, Distribution):
        _checks.fail(f"priors[{name!r}]", "be a numpyro distribution", f"it is {prior!r}")
    if prior.is_discrete:
        _checks.fail(f"priors[{name!r}]", "be continuous", f"{type(prior).__name__} is discrete")
    low, high = getattr(prior, "low", None), getattr(prior, "high", None)
    if low is not None and high is not None and np.any(np.asarray(low) >= np.asarray(high)):
        _checks.fail(f"priors[{name!r}]", "rise from a lower to a higher number", f"its ends are {low} and {high}")


def _check_argument(name: str, prior: Distribution, quantity: Quantity | None, kinds: tuple[type, ...]) -> None:
    """Shape, type and support of what the model takes; a function takes any where it declares nothing."""
    if kinds:
        _checks.fail("priors", f"leave `{name}` to `fixed`: an object of the class {kinds[0].__name__}", "it has one")
    if quantity is None:
        return
    shape = prior.batch_shape + prior.event_shape
    if shape != quantity.shape:
        must = f"have shape {quantity.shape}" if quantity.shape else "be that of one number"
        _checks.fail(f"priors[{name!r}]", must, f"its shape is {shape}")
    if Space({name: prior}).complex_names and not quantity.is_complex:
        _checks.fail(f"priors[{name!r}]", "be real", "it is one of complex numbers")
    _check_support(name, prior, quantity)


def _check_support(name: str, prior: Distribution, quantity: Quantity) -> None:
    """The support of a prior lies inside the domain of its parameter."""
    low, high = Space.support_bounds(prior)
    if not low < high:
        _checks.fail(f"priors[{name!r}]", "rise from a lower to a higher number", f"its ends are {low:g} and {high:g}")
    if _below(low, quantity.low, high - low) or _below(-high, -quantity.high, high - low):
        domain = f"[{quantity.low:g}, {quantity.high:g}]{quantity.unit and ' ' + quantity.unit}"
        _checks.fail(f"priors[{name!r}]", f"have its support inside {domain}", f"that is [{low:g}, {high:g}]")


def _below(end: float, limit: float, width: float) -> bool:
    """Whether the end of a support lies below a limit by more than rounding."""
    rounding = _ROUNDING * max(abs(end), width if np.isfinite(width) else 0.0)
    return end < limit - (rounding if np.isfinite(rounding) else 0.0)
