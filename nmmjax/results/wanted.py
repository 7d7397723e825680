"""What an analysis wants to see of a fit, beyond its parameters."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from nmmjax import _checks
from nmmjax.infer import LEVEL
from nmmjax.low_energy import LowEnergy
from nmmjax.quantities import Quantity


@dataclasses.dataclass(frozen=True)
class Published:
    """What others have found, to stand beside what a fit finds in its table and in a figure. It enters no likelihood.

    **Arguments:** who; and for each quantity (sampled or derived) the value with its errors upwards and downwards, in
    the unit of the quantity.
    """

    label: str
    values: tuple[tuple[str, float, float, float], ...]

    def __init__(self, label: str, values: Mapping[str, tuple[float, float, float]]):
        for name, numbers in values.items():
            if not isinstance(numbers, tuple | list) or len(numbers) != 3:
                _checks.fail(f"values[{name!r}]", "be (value, error upwards, error downwards)", f"it is {numbers!r}")
            _checks.check_range(f"values[{name!r}]", numbers[0])
            _checks.check_range(f"values[{name!r}]", numbers[1:], low=0.0, open_low=True)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "values", tuple((name, *map(float, numbers)) for name, numbers in values.items()))


@dataclasses.dataclass(frozen=True)
class Derived:
    """A quantity of one's own: a function of the low-energy theory, reported for every draw in tables and figures.

    **Arguments:** a function that JAX can trace, of a `LowEnergy`, with one number as value; its symbol in TeX without
    dollar signs, and its unit; `circular` for a phase [rad].
    """

    function: Callable[[LowEnergy], Any]
    symbol: str
    unit: str = ""
    circular: bool = False

    @property
    def quantity(self) -> Quantity:
        """Symbol and unit."""
        return Quantity(self.symbol, self.unit, circular=self.circular)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a result is to show: by `nmmjax.analysis.Analysis`, whose docstring explains each."""

    level: float = LEVEL
    derived: Mapping[str, Derived] = dataclasses.field(default_factory=dict)
    corner: tuple[str, ...] = ()
    published: Published | None = None
