"""What a fit has found: the posterior with its diagnostics, a verdict, and the files that keep them.

The only room that knows ArviZ. Intervals are equal-tailed at 90 %; those of a phase lie around its circular mean.
"""

from nmmjax.results._conclusion import Result, Row, conclude, energy_information, reach
from nmmjax.results._files import Saved, load, profiles, save

__all__ = ["Result", "Row", "Saved", "conclude", "energy_information", "load", "profiles", "reach", "save"]
