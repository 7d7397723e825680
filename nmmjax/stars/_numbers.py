"""Numbers of stars: checked, and in natural units."""

import math

import jax.numpy as jnp

from nmmjax import _checks
from nmmjax.constants import CM_PER_FM, EV_PER_GEV, EV_PER_MEV, Constants
from nmmjax.numerics.arrays import Real, RealLike


def not_negative(name: str, value: RealLike, *, open_low: bool = False, high: float = math.inf, unit: str = "") -> Real:
    """The value as an array, if it holds numbers that are not negative; else raise."""
    _checks.check_double_precision(name)
    value = _checks.as_array(name, value, float)
    _checks.check_range(name, value, low=0.0, open_low=open_low, high=high, unit=unit)
    return jnp.asarray(value)


def magneton_squared(constants: Constants) -> float:
    """mu_B^2 = pi alpha / m_e^2 [1/eV^2]."""
    return math.pi * constants.fine_structure / electron_mass(constants) ** 2


def electron_mass(constants: Constants) -> float:
    """Mass of the electron [eV]."""
    return EV_PER_GEV * constants.electron_mass


def centimeters_ev(constants: Constants) -> float:
    """Length of one inverse eV, hbar c [eV cm]."""
    return constants.hbar_c * EV_PER_MEV * CM_PER_FM


def natural(density: Real, constants: Constants) -> Real:
    """Number density [1/cm^3] in natural units [eV^3]."""
    return density * centimeters_ev(constants) ** 3
