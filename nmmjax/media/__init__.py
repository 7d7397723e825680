"""What neutrinos pass through: models of the Earth and of the Sun."""

from nmmjax.media.earth import EarthModel
from nmmjax.media.sun import SolarModel

__all__ = ["EarthModel", "SolarModel"]
