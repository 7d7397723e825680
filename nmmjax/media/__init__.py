"""What neutrinos pass through: models of the Earth and of the Sun, and the paths of neutrinos."""

from nmmjax.media.earth import EarthModel, ThroughEarth
from nmmjax.media.path import InOrder, Layers, Path, Uniform
from nmmjax.media.profiles import Arch, Constant, Exponential, Linear, PowerLaw, Profile, Steps, Tabulated
from nmmjax.media.stretch import Matter, Stretch
from nmmjax.media.sun import B23, FromSun, SolarModel

__all__ = [
    "B23",
    "Arch",
    "Constant",
    "EarthModel",
    "Exponential",
    "FromSun",
    "InOrder",
    "Layers",
    "Linear",
    "Matter",
    "Path",
    "PowerLaw",
    "Profile",
    "SolarModel",
    "Steps",
    "Stretch",
    "Tabulated",
    "ThroughEarth",
    "Uniform",
]
