"""Masses, ratios and couplings as arrays; errors before anything is compiled."""

from jaxtyping import Array, Float

from nmmjax import _checks

Real = Float[Array, "..."]


def ratio(argument: str, value: Real | float, *, positive: bool = False) -> Real:
    """A dimensionless ratio of squared masses, not negative, or positive."""
    value = _checks.as_array(argument, value, float)
    _checks.check_range(argument, value, low=0.0, open_low=positive)
    return value


def masses(*, positive: tuple[str, ...] = (), **values: Real | float) -> list[Real]:
    """Masses [GeV], not negative, and those that are named positive."""
    arrays = {argument: _checks.as_array(argument, value, float) for argument, value in values.items()}
    for argument, value in arrays.items():
        _checks.check_range(argument, value, low=0.0, open_low=argument in positive, unit="GeV")
    return list(arrays.values())


def numbers(**values: Real | float) -> list[Real]:
    """Real couplings and charges."""
    arrays = {argument: _checks.as_array(argument, value, float) for argument, value in values.items()}
    for argument, value in arrays.items():
        _checks.check_range(argument, value)
    return list(arrays.values())


def not_both_zero(**values: Real) -> None:
    """A loop of two massless particles diverges at zero momentum."""
    (name, value), (other_name, other) = values.items()
    one, two = _checks.concrete(value), _checks.concrete(other)
    if one is not None and two is not None and ((one == 0.0) & (two == 0.0)).any():
        _checks.fail(name, f"be positive where `{other_name}` is zero", "both are zero")
