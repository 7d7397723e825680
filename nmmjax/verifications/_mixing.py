"""Three flavors in the coordinates in which papers state their results."""

from jaxtyping import Array

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import Ordering
from nmmjax.three_flavor import LightNeutrinos


def benchmark() -> LowEnergy:
    """With the mixing of NuFIT 6.0."""
    return ThreeFlavor.benchmark().low_energy()


def solar(dm21: float, tan2_theta12: float, sin2_theta13: float) -> Neutrinos:
    """As seen over solar distances, dm21 in 1e-5 eV^2."""
    sin2 = tan2_theta12 / (1.0 + tan2_theta12)
    angles = {"sin2_theta12": sin2, "sin2_theta13": sin2_theta13, "sin2_theta23": 0.5}
    return LightNeutrinos.from_sin2(1e-5 * dm21, 2.5e-3, **angles).neutrinos()


def atmospheric(dm32: float, ordering: Ordering, dm21: float, **others: float | Array) -> Neutrinos:
    """As seen over atmospheric distances, dm32 in 1e-3 eV^2, dm21 in eV^2; others are sin^2 of angles, and a phase."""
    dm3l = 1e-3 * dm32 + dm21 if ordering.sign > 0 else 1e-3 * dm32
    return LightNeutrinos.from_sin2(dm21, dm3l, **others, ordering=ordering).neutrinos()
