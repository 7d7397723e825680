"""Priors in words, as a command line gives them: `name=LogUniform(1e-12, 1e-10)`. Nothing of it is run as code."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpyro.distributions as dist
from numpyro.distributions import Distribution

from nmmjax import _checks, priors

_ARGUMENT = "--prior"
_KNOWN = (
    *("AsymmetricLaplace", "Beta", "BetaProportion", "Cauchy", "Chi2", "Exponential", "Gamma", "Gompertz", "Gumbel"),
    *("HalfCauchy", "HalfNormal", "InverseGamma", "Kumaraswamy", "Laplace", "LogNormal", "LogUniform", "Logistic"),
    *("Normal", "Pareto", "SoftLaplace", "StudentT", "TruncatedCauchy", "TruncatedNormal", "Uniform", "VonMises"),
    "Weibull",
)
"""Of numpyro, those of one continuous number."""
_OWN = ("ComplexLogUniform", "ComplexNormal", "FlatInSquare", "SoftLogUniform", "UniformPhase")
"""Of `nmmjax.priors`."""
_SAMPLE = 'be NAME=DISTRIBUTION(NUMBERS), as "moment=LogUniform(1e-12, 1e-10)"'


def parsed(text: str) -> tuple[str, Distribution]:
    """The name of a parameter and its prior.

    **Raises:** `ValueError` that names the argument, for anything but a name, one distribution of a single real or
    complex number that is known, and numbers in its domain.
    """
    name, equals, words = text.partition("=")
    if not equals or not name.strip():
        _checks.fail(_ARGUMENT, _SAMPLE, f"it is {text!r}")
    try:
        call = ast.parse(words.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        _checks.fail(_ARGUMENT, _SAMPLE, f"it is {text!r}")
    numbers = [_number(node, text) for node in call.args]
    named = {str(word.arg): _number(word.value, text) for word in call.keywords}
    return name.strip(), made(call.func.id, numbers, named)


def made(kind: str, numbers: Sequence[Any], named: Mapping[str, Any]) -> Distribution:
    """A distribution by its name and numbers. Raises as `parsed` does."""
    _checks.check_known(_ARGUMENT, kind, (*_KNOWN, *_OWN))
    maker: Callable[..., Any] = getattr(priors if kind in _OWN else dist, kind)
    shown = f"{kind}({', '.join([*map(str, numbers), *(f'{k}={v}' for k, v in named.items())])})"
    checked = {} if kind in _OWN else {"validate_args": True}
    try:
        found = maker(*numbers, **named, **checked)
    except Exception as error:  # distributions raise anything
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        _checks.fail(_ARGUMENT, "have numbers that its distribution takes", f"{shown} is refused: {why}")
    if not _ascends(found):
        _checks.fail(_ARGUMENT, "have a support", f"that of {shown} is empty")
    return found


def _ascends(prior: Distribution) -> bool:
    """Whether the ends of a prior that has two are in their order."""
    low, high = (getattr(prior, end, None) for end in ("low", "high"))
    return low is None or high is None or bool(jnp.all(jnp.asarray(high) > jnp.asarray(low)))


def _number(node: ast.expr, text: str) -> float:
    """A literal, with its sign."""
    sign = 1.0
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, node = -sign if isinstance(node.op, ast.USub) else sign, node.operand
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        _checks.fail(_ARGUMENT, _SAMPLE, f"{ast.unparse(node)!r} in {text!r} is no number")
    try:
        value = sign * float(node.value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        _checks.fail(_ARGUMENT, "have finite numbers", f"{text!r} has {value}")
    return value
