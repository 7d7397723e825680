"""Masses, ratios and couplings as arrays; errors before anything is compiled."""

from nmmjax import _checks
from nmmjax.numerics.arrays import RealArray, RealLike


def ratio(argument: str, value: RealLike, *, positive: bool = False) -> RealArray:
    """Check a dimensionless ratio of squared masses, not negative or positive, and return it as an array."""
    value = _checks.as_array(argument, value, float)
    _checks.check_range(argument, value, low=0.0, open_low=positive)
    return value


def masses(*, positive: tuple[str, ...] = (), **values: RealLike) -> list[RealArray]:
    """Check masses [GeV], not negative, those named `positive` above zero, and return them as arrays."""
    arrays = {argument: _checks.as_array(argument, value, float) for argument, value in values.items()}
    for argument, value in arrays.items():
        _checks.check_range(argument, value, low=0.0, open_low=argument in positive, unit="GeV")
    return list(arrays.values())


def numbers(**values: RealLike) -> list[RealArray]:
    """Check real couplings and charges, and return them as arrays."""
    arrays = {argument: _checks.as_array(argument, value, float) for argument, value in values.items()}
    for argument, value in arrays.items():
        _checks.check_range(argument, value)
    return list(arrays.values())


def not_both_zero(**values: RealArray) -> None:
    """Raise where two masses vanish together: such a loop diverges at zero momentum."""
    (name, value), (other_name, other) = values.items()
    one, two = _checks.concrete(value), _checks.concrete(other)
    if one is not None and two is not None and ((one == 0.0) & (two == 0.0)).any():
        _checks.fail(name, f"be positive where `{other_name}` is zero", "both are zero")
