"""What stars feel of neutrinos: plasmons that decay, the energy they carry off, and a scalar that holds them back."""

from nmmjax.stars.core import Core, horizontal_branch, red_giant, white_dwarf
from nmmjax.stars.light_scalar import mass_in_medium, mass_in_star
from nmmjax.stars.plasma import electron_density, plasma_frequency, scalar_density
from nmmjax.stars.plasmons import (
    charge_decay_rate,
    magnetic_energy_loss,
    millicharge_energy_loss,
    moment_decay_rate,
    plasmon_decay_rate,
)
from nmmjax.stars.red_giants import core_mass_shift, tip_shift
from nmmjax.stars.sphere import HALF_OF_MASS, Sphere

__all__ = [
    "HALF_OF_MASS",
    "Core",
    "Sphere",
    "charge_decay_rate",
    "core_mass_shift",
    "electron_density",
    "horizontal_branch",
    "magnetic_energy_loss",
    "mass_in_medium",
    "mass_in_star",
    "millicharge_energy_loss",
    "moment_decay_rate",
    "plasma_frequency",
    "plasmon_decay_rate",
    "red_giant",
    "scalar_density",
    "tip_shift",
    "white_dwarf",
]
