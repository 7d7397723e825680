"""Priors of published Markov chains, in the words in which collaborations write them beside their chains."""

import math
import re
from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.numerics.arrays import RealArray

ANGLES = ("Theta13", "Theta23")
_OF_ANGLES = {
    "x": (lambda x: x, jnp.ones_like),
    "sin(x)": (jnp.sin, jnp.cos),
    "cos(x)": (jnp.cos, jnp.sin),
    "sin^2(x)": (lambda x: jnp.sin(x) ** 2, lambda x: jnp.sin(2.0 * x)),
    "cos^2(x)": (lambda x: jnp.cos(x) ** 2, lambda x: jnp.sin(2.0 * x)),
    "cos^4(x)": (lambda x: jnp.cos(x) ** 4, lambda x: 4.0 * jnp.cos(x) ** 3 * jnp.sin(x)),
    "2x": (lambda x: 2.0 * x, lambda x: jnp.full_like(x, 2.0)),
    "sin(2x)": (lambda x: jnp.sin(2.0 * x), lambda x: 2.0 * jnp.cos(2.0 * x)),
    "sin^2(2x)": (lambda x: jnp.sin(2.0 * x) ** 2, lambda x: 2.0 * jnp.sin(4.0 * x)),
    "cos(2x)": (lambda x: jnp.cos(2.0 * x), lambda x: 2.0 * jnp.sin(2.0 * x)),
}
"""Functions of an angle, and their slopes up to the sign."""
_OF_SPLITTINGS = {"x": _OF_ANGLES["x"], "abs(x)": (jnp.abs, jnp.ones_like)}
_OF_PHASES = {"x": _OF_ANGLES["x"]}
"""No other has a density that vanishes nowhere on the circle."""
_NUMBERS = {"Uniform": (0,), "Gaussian": (2,), "BimodalGaussian": (4, 5), "Step": (1, 2)}
"""How many numbers each form takes."""
_GRAMMAR = re.compile(r"(?P<form>\w+)(\((?P<numbers>[^)]*)\))?:(?P<function>.+)")


class ChainPrior(eqx.Module):
    """The prior of one parameter of a chain, up to a factor: a form in a function of the parameter.

    `Uniform:f`, `Gaussian(mean, sigma):f`, `BimodalGaussian(mean, sigma, mean, sigma, share):f` and
    `Step(share, boundary):f`, the share that of the first peak and of what lies below the boundary (zero unless it is
    given), a number up to one or in per cent; f is a function of the parameter, such as `sin^2(Theta23)` [the file
    format of NuMCMCTools, doi:10.5281/zenodo.13947181].
    """

    numbers: Float[Array, " k"]
    form: str = eqx.field(static=True)
    function: str = eqx.field(static=True)
    parameter: str = eqx.field(static=True)

    @classmethod
    def read(cls, parameter: str, words: object) -> Self:
        """The prior of `parameter` that is written in words.

        **Raises:** `ValueError` for words that are not understood.
        """
        argument, found = (
            f"priors[{parameter!r}]",
            _GRAMMAR.fullmatch(words.replace(" ", "")) if isinstance(words, str) else None,
        )
        if found is None:
            _checks.fail(
                argument, "be written as 'Uniform:f' or 'Gaussian(mean, sigma):f'", f"it is {_checks.shown(words)}"
            )
        form, function = found["form"], found["function"].replace(parameter, "x")
        _checks.check_known(argument, form, _NUMBERS)
        _checks.check_known(argument, function, _functions(parameter))
        numbers = _numbers(argument, found["numbers"] or "")
        if len(numbers) not in _NUMBERS[form]:
            wanted = " or ".join(map(str, _NUMBERS[form]))
            _checks.fail(argument, f"have {wanted} numbers in `{form}`", f"it has {len(numbers)}")
        if parameter == "DeltaCP" and form != "Uniform":
            _checks.fail(argument, "be uniform, as only that is periodic", f"it is {words!r}")
        if form in ("Gaussian", "BimodalGaussian") and min(numbers[1:4:2]) <= 0.0:
            _checks.fail(argument, "have positive widths", f"it is {words!r}")
        return cls(on_device(np.asarray(numbers, float)), form, function, parameter)

    def slope(self, x: RealArray) -> RealArray:
        """|df / dx| at values x of the parameter."""
        return jnp.abs(_functions(self.parameter)[self.function][1](x))

    def log_density(self, x: RealArray) -> RealArray:
        """ln of the prior density of the parameter, up to a constant."""
        value = _functions(self.parameter)[self.function][0](x)
        return self._log_form(value) + jnp.log(self.slope(x))

    def _log_form(self, value: RealArray) -> RealArray:
        n = self.numbers
        if self.form == "Gaussian":
            return -0.5 * ((value - n[0]) / n[1]) ** 2
        if self.form == "BimodalGaussian":
            share = _share(n[4]) if len(n) > 4 else jnp.asarray(0.5)
            peaks = [-0.5 * ((value - n[i]) / n[i + 1]) ** 2 - jnp.log(n[i + 1]) for i in (0, 2)]
            return jnp.logaddexp(peaks[0] + jnp.log(share), peaks[1] + jnp.log1p(-share))
        if self.form == "Step":
            share, boundary = _share(n[0]), n[1] if len(n) > 1 else 0.0
            return jnp.where(value >= boundary, jnp.log1p(-share), jnp.log(share))
        return jnp.zeros_like(value)


def _functions(parameter: str) -> dict:
    if parameter in ANGLES:
        return _OF_ANGLES
    return _OF_PHASES if parameter == "DeltaCP" else _OF_SPLITTINGS


def _share(number: Float[Array, ""]) -> Float[Array, ""]:
    return jnp.where(number > 1.0, 0.01 * number, number)


def _numbers(argument: str, words: str) -> list[float]:
    try:
        numbers = [float(word) for word in words.split(",") if word]
    except ValueError:
        _checks.fail(argument, "hold numbers between its brackets", f"it holds {words!r}")
    if not all(map(math.isfinite, numbers)):
        _checks.fail(argument, "hold finite numbers", f"it holds {words!r}")
    return numbers
